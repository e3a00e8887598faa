"""Codes from an app on the phone, recovery codes, and what happens when the phone is lost."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from lms import clock, vault
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.i18n import _
from lms.people import queries
from lms.people.models import CodeGenerator, Passkey, Person, RecoveryCode, SignIn
from lms.people.policy import People
from lms.people.rules import codes, sessions
from lms.people.rules.sessions import Ended
from lms.service import service, tell


@service(needs=People.ENROL)
def begin_generator(actor: Actor, person: Person) -> None:
    """Draw a secret for an app; where one waits to be confirmed already, it stays."""
    row = {"person_id": person.id, "institution_id": person.institution_id, "secret": codes.new_secret()}
    insert = pg.insert(CodeGenerator).values(row).on_conflict_do_nothing(index_elements=["person_id"])
    db.session.execute(insert, execution_options=Everything)


@service(needs=People.ENROL)
def confirm_generator(actor: Actor, person: Person, *, code: str, here: int | None) -> list[str]:
    """Put the app into force, once it has shown that it makes the right codes; fresh recovery codes."""
    found = _generator(person.id)
    if found is None or found.confirmed_at is not None:
        raise Conflict(_("There is nothing to confirm. Begin again."))
    _use_code(found, code)
    found.confirmed_at = clock.now()
    db.session.execute(queries.factor_passed(here), execution_options=Everything)
    return _new_recovery_codes(person)


@service(needs=People.PASS_SECOND_FACTOR)
def pass_code(actor: Actor, sign_in: SignIn, *, code: str) -> None:
    """Prove a sign-in by a code from the app or by a recovery code; neither works twice."""
    found = _generator(sign_in.person_id)
    if codes.looks_like_recovery(code):
        _use_recovery_code(sign_in.person_id, code)
        tell(by="recovery code")
    elif found is not None and found.confirmed_at is not None:
        _use_code(found, code)
    else:
        raise _wrong_code()
    db.session.execute(queries.factor_passed(sign_in.id), execution_options=Everything)


@service(needs=People.KEEP_ACCOUNT)
def renew_recovery_codes(actor: Actor, person: Person) -> list[str]:
    """Fresh recovery codes; the old ones stop working."""
    if not db.session.scalar(queries.factors(person.id), execution_options=Everything):
        raise Conflict(_("Recovery codes are for accounts with a second factor."))
    return _new_recovery_codes(person)


@service(needs=People.KEEP_ACCOUNT)
def remove_generator(actor: Actor, person: Person) -> None:
    """Take the app for codes away from one's own account."""
    found = _generator(person.id)
    if found is None or found.confirmed_at is None:
        raise NotFound
    _keep_one(actor, person.id)
    db.session.delete(found)


@service(needs=People.KEEP_ACCOUNT)
def remove_passkey(actor: Actor, passkey: Passkey) -> None:
    """Take one passkey away from one's own account."""
    _keep_one(actor, passkey.person_id)
    tell(label=passkey.label)
    db.session.delete(passkey)


@service(needs=People.RESET_SECOND_FACTOR, tells=("reason",))
def reset_second_factor(actor: Actor, person: Person, *, reason: str) -> None:
    """Take all second factors away from somebody who has lost them: they enrol anew at their next sign-in."""
    if actor.person_id == person.id:
        raise NotAllowed(_("Nobody resets their own second factor."))
    for model in (CodeGenerator, Passkey, RecoveryCode):
        db.session.execute(sa.delete(model).where(model.person_id == person.id), execution_options=Everything)
    ending = queries.ending_sign_ins([person.id], Ended.SECOND_FACTOR_CHANGED)
    db.session.execute(ending, execution_options=Everything)


def _generator(person_id: int) -> CodeGenerator | None:
    """Locked until the verb ends: two browsers cannot use one code at the same moment."""
    return db.session.scalars(
        sa.select(CodeGenerator).where(CodeGenerator.person_id == person_id).with_for_update()
    ).one_or_none()


def _use_code(found: CodeGenerator, typed: str) -> None:
    step = codes.matching_step(found.secret, codes.plain(typed), clock.now(), after=found.last_step)
    if step is None:
        raise _wrong_code()
    found.last_step = step


def _use_recovery_code(person_id: int, typed: str) -> None:
    same = (RecoveryCode.person_id == person_id, RecoveryCode.code_hash == _hashed(person_id, typed))
    use = sa.update(RecoveryCode).where(*same, RecoveryCode.used_at.is_(None)).values(used_at=clock.now())
    if db.session.scalar(use.returning(RecoveryCode.id), execution_options=Everything) is None:
        raise _wrong_code()


def _new_recovery_codes(person: Person) -> list[str]:
    old = sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id)
    db.session.execute(old, execution_options=Everything)
    drawn = codes.new_recovery_codes()
    rows = [
        {"person_id": person.id, "institution_id": person.institution_id, "code_hash": _hashed(person.id, one)}
        for one in drawn
    ]
    db.session.execute(sa.insert(RecoveryCode).values(rows), execution_options=Everything)
    return drawn


def _hashed(person_id: int, code: str) -> bytes:
    return vault.current().blind_index(f"recovery:{person_id}:{codes.plain(code)}")


def _wrong_code() -> Invalid:
    return Invalid(_("This code is not right, or it has been used. Wait for the next one."), field="code")


def _keep_one(actor: Actor, person_id: int) -> None:
    """Whoever decides about others keeps at least one second factor."""
    last = db.session.scalar(queries.factors(person_id), execution_options=Everything) == 1
    if last and sessions.deciding(actor.roles):
        raise Conflict(_("Your role needs a second factor. Add another one before you remove this one."))
