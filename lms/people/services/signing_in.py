"""Signing in and out, and ending what is signed in elsewhere."""

import sqlalchemy as sa

from lms import ids, passwords
from lms.authz import Actor, Open
from lms.db import Everything, db
from lms.errors import Invalid
from lms.i18n import _
from lms.people.models import Person, SignIn
from lms.people.policy import People
from lms.people.queries import hash_of
from lms.people.rules import accounts
from lms.people.rules.sessions import Ended
from lms.service import service, tell


@service(needs=Open.EVERYONE)
def sign_in(actor: Actor, account: str, *, password: str, browser: str, network: str, instead_of: str | None) -> str:
    """The token of a new signed-in browser, for whoever knows the password.

    What is wrong is never said, and an account that does not exist is refused as slowly as any other.
    """
    person = _by_account(account)
    right = passwords.fits(person.password_hash if person else None, password)
    if person is None or not right or not person.active:
        raise Invalid(_("This account and password do not go together."))
    if passwords.weak(person.password_hash or ""):
        person.password_hash = passwords.protect(password)
    if instead_of is not None:
        _end(SignIn.token_hash == hash_of(instead_of), Ended.REPLACED)
    token = ids.token()
    made = SignIn(
        person_id=person.id,
        institution_id=person.institution_id,
        token_hash=hash_of(token),
        browser=browser[:60],
        network=network[:50],
    )
    db.session.add(made)
    tell(person=person.id, browser=browser)
    return token


@service(needs=People.END_SIGN_IN, tells=("why",))
def end_sign_in(actor: Actor, sign_in: SignIn, *, why: Ended) -> None:
    """End one signed-in browser: its next request is a stranger's."""
    _end(SignIn.id == sign_in.id, why)


@service(needs=Open.EVERYONE)
def sign_out(actor: Actor, token: str) -> None:
    """End the browser that shows this token, however far it had come."""
    _end(SignIn.token_hash == hash_of(token), Ended.SIGNED_OUT)


def _by_account(account: str) -> Person | None:
    query = sa.select(Person).where(Person.account == accounts.normal(account))
    return db.session.scalars(query.execution_options(**Everything)).one_or_none()


def _end(which: sa.ColumnElement[bool], why: Ended) -> None:
    ended = (
        sa.update(SignIn)
        .where(which, SignIn.ended_at.is_(None))
        .values(ended_at=sa.func.clock_timestamp(), ended_why=why.value)
    )
    db.session.execute(ended, execution_options=Everything)
