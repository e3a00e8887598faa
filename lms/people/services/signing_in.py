"""Signing in and out, and ending what is signed in elsewhere."""

from datetime import timedelta

import sqlalchemy as sa

from lms import clock, ids, passwords
from lms.authz import Actor, Open
from lms.db import Everything, db
from lms.errors import Invalid
from lms.i18n import _
from lms.people import queries
from lms.people.models import CodeGenerator, PasswordReset, Person, SignIn
from lms.people.policy import People
from lms.people.rules.sessions import IDLE, LONGEST, Ended
from lms.service import service, tell

#: How long an ended sign-in is remembered; the audit log remembers it anyway.
KEPT = timedelta(days=90)


@service(needs=Open.EVERYONE)
def sign_in(actor: Actor, account: str, *, password: str, browser: str, network: str, instead_of: str | None) -> str:
    """The token of a new signed-in browser, for whoever knows the password.

    What is wrong is never said, and an account that does not exist is refused as slowly as any other.
    """
    person = db.session.scalars(queries.by_account(account)).one_or_none()
    right = passwords.fits(person.password_hash if person else None, password)
    if person is None or not right or not person.active:
        raise Invalid(_("This account and password do not go together."))
    if passwords.weak(person.password_hash or ""):
        person.password_hash = passwords.protect(password)
    if instead_of is not None:
        _end(SignIn.token_hash == queries.hash_of(instead_of), Ended.REPLACED)
    token = ids.token()
    made = SignIn(
        person_id=person.id,
        institution_id=person.institution_id,
        token_hash=queries.hash_of(token),
        browser=browser[:60],
        network=network[:50],
    )
    db.session.add(made)
    tell(person=person.id, browser=browser)
    return token


@service(needs=People.END_SIGN_IN, tells=("why",))
def end_sign_in(actor: Actor, sign_in: SignIn, *, why: Ended) -> None:
    """End one signed-in browser: its next request is a stranger's."""
    tell(person=sign_in.person_id)
    _end(SignIn.id == sign_in.id, why)


@service(needs=People.END_SIGN_IN, tells=("why",))
def end_sign_ins(actor: Actor, person: Person, *, why: Ended, but: int | None = None) -> None:
    """End all signed-in browsers of a person, or all but the one that asks."""
    db.session.execute(queries.ending_sign_ins([person.id], why, but=but), execution_options=Everything)


@service(needs=Open.EVERYONE)
def sign_out(actor: Actor, token: str) -> None:
    """End the browser that shows this token, however far it had come."""
    _end(SignIn.token_hash == queries.hash_of(token), Ended.SIGNED_OUT)


@service(needs=People.SWEEP)
def sweep(actor: Actor, on: None) -> int:
    """End sign-ins whose time is up; forget those long over, links not used and apps never confirmed."""
    now = clock.now()
    ended = sa.or_(SignIn.last_seen_at < now - IDLE, SignIn.created_at < now - LONGEST)
    count = _end(ended, Ended.TIMED_OUT)
    for model, old in (
        (SignIn, SignIn.ended_at < now - KEPT),
        (PasswordReset, PasswordReset.expires_at < now - timedelta(days=1)),
        (CodeGenerator, sa.and_(CodeGenerator.confirmed_at.is_(None), CodeGenerator.created_at < now - LONGEST)),
    ):
        db.session.execute(sa.delete(model).where(old), execution_options=Everything)
    tell(ended=count)
    return count


def _end(which: sa.ColumnElement[bool], why: Ended) -> int:
    ended = (
        sa.update(SignIn)
        .where(which, SignIn.ended_at.is_(None))
        .values(ended_at=sa.func.clock_timestamp(), ended_why=why.value)
        .returning(SignIn.id)
    )
    return len(db.session.scalars(ended, execution_options=Everything).all())
