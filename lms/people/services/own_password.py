"""Choosing a password, having one issued, and getting back in without one."""

from datetime import timedelta

import sqlalchemy as sa

from lms import clock, ids, jobs, passwords
from lms.authz import Actor, Open
from lms.db import Everything, db
from lms.errors import Invalid, NotAllowed
from lms.i18n import _, _l
from lms.people import queries
from lms.people.models import PasswordReset, Person
from lms.people.policy import People
from lms.people.rules import accounts, sessions, strength
from lms.people.rules.sessions import Ended
from lms.people.rules.strength import Weakness
from lms.service import service, tell

#: How long the link in a letter works.
RESET_WITHIN = timedelta(minutes=30)

_WORDS = {
    Weakness.TOO_SHORT: _l("Use at least 10 characters. A short sentence is easy to remember."),
    Weakness.TOO_LONG: _l("Use at most 200 characters."),
    Weakness.ONES_OWN: _l("This is mostly your own name, account or number. Choose something others do not know."),
    Weakness.COMMON: _l("This is one of the passwords that are tried first. Choose another."),
}


@service(needs=People.CHANGE_PASSWORD)
def change_password(actor: Actor, person: Person, *, current: str, new: str, here: int | None) -> None:
    """Replace one's own password; every other signed-in browser is signed out."""
    if not passwords.fits(person.password_hash, current):
        raise Invalid(_("This is not your present password."), field="current")
    if current == new:
        raise Invalid(_("This is the password you have already."), field="new")
    _set(person, new, must_change=False, but=here)


@service(needs=People.ISSUE_PASSWORD)
def issue_password(actor: Actor, person: Person) -> str:
    """A password drawn at random, to be handed over and changed at the first sign-in.

    Not for those who decide about others: whoever issued it could act in their name.
    """
    roles = {grant.role for grant in queries.actor_for(person.id).grants}
    if sessions.deciding(roles) and actor.person_id is not None:
        raise NotAllowed(_("Whoever decides about others gets a new password by their own mail only."))
    drawn = strength.drawn()
    _set(person, drawn, must_change=True)
    return drawn


@service(needs=People.ISSUE_PASSWORD)
def set_password(actor: Actor, person: Person, *, new: str, must_change: bool) -> None:
    """Set a given password (from the command line, by who runs the installation)."""
    if actor.person_id is not None:
        raise NotAllowed
    _set(person, new, must_change=must_change)


@service(needs=Open.EVERYONE)
def ask_for_reset(actor: Actor, account: str) -> None:
    """Have a letter sent, if there is such an account: asking is the same work whether there is or not."""
    jobs.request("people.send_reset", account=accounts.normal(account))


@service(needs=People.SEND_RESET)
def begin_reset(actor: Actor, account: str) -> tuple[Person, str] | None:
    """The person and the token for the link, if the account can get a letter; earlier links stop working."""
    person = db.session.scalars(queries.by_account(account)).one_or_none()
    if person is None or not person.active or not person.email:
        return None
    unused = sa.delete(PasswordReset).where(PasswordReset.person_id == person.id, PasswordReset.used_at.is_(None))
    db.session.execute(unused, execution_options=Everything)
    token = ids.token()
    made = PasswordReset(
        person_id=person.id,
        institution_id=person.institution_id,
        token_hash=queries.hash_of(token),
        expires_at=clock.now() + RESET_WITHIN,
    )
    db.session.add(made)
    tell(person=person.id)
    return person, token


@service(needs=Open.EVERYONE)
def reset_password(actor: Actor, token: str, *, new: str) -> None:
    """Set a new password by the link in the letter: once, in time, and every browser is signed out."""
    now = clock.now()
    used = (
        sa.update(PasswordReset)
        .where(
            PasswordReset.token_hash == queries.hash_of(token),
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > now,
        )
        .values(used_at=now)
        .returning(PasswordReset.person_id)
    )
    person_id = db.session.scalar(used, execution_options=Everything)
    person = db.session.get(Person, person_id, execution_options=Everything) if person_id else None
    if person is None or not person.active:
        raise Invalid(_("This link has been used or is too old. Ask for a new one."))
    tell(person=person.id)
    _set(person, new, must_change=False)


def _set(person: Person, new: str, *, must_change: bool, but: int | None = None) -> None:
    own = (person.account, person.name, person.phone, person.identity_number)
    weakness = strength.weakness(new, own)
    if weakness is not None:
        raise Invalid(_WORDS[weakness], field="new")
    person.password_hash = passwords.protect(new)
    person.password_changed_at = clock.now()
    person.must_change_password = must_change
    db.session.execute(
        queries.ending_sign_ins([person.id], Ended.PASSWORD_CHANGED, but=but), execution_options=Everything
    )
