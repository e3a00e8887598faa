"""Asking for a sign-off, choosing the assessor, signing, and what ends it otherwise."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from assessments.results.models import Result, ResultKind
from assessments.results.policy import Results
from assessments.results.services import Evidence, record
from assessments.signoff import queries
from assessments.signoff.events import SignedOff
from assessments.signoff.models import Signature, SignOff, SignOffDecision, State
from assessments.signoff.policy import SignOffs
from assessments.signoff.rules import HIGHEST, LOWEST, RULES, Side, agreed_level
from courses.mentoring.models import Pairing
from lms import clock
from lms.authz import Actor
from lms.db import act_as, db
from lms.digests import digest
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.people.services.patients import unnamed
from lms.service import service, tell
from lms.techniques.models import Technique
from lms.texts import can_be_kept

#: On whose behalf two signatures become evidence.
RECORDER = Actor.job("signoff.record", Results.RECORD)
SOURCE = "sign_off"
LONGEST = {"note": 2000, "reason": 400}


@dataclass(frozen=True)
class Seen:
    """What a signature says: the level that was seen, when, and what was observed."""

    level: int
    observed_on: date
    note: str


@service(needs=SignOffs.ASK)
def ask(actor: Actor, pairing: Pairing, *, technique: Technique, seen: Seen) -> SignOff:
    """As the mentor, sign for a technique at a level one has seen; a third person then signs or does not."""
    made = SignOff(
        person_id=pairing.person_id,
        institution_id=pairing.institution_id,
        pairing_id=pairing.id,
        technique_id=technique.id,
        doctor_name=pairing.apprentice_name,
        mentor_id=pairing.mentor_id,
        mentor_name=pairing.mentor_name,
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except sa.exc.IntegrityError:
        raise Conflict(_("A sign-off of this technique is open already.")) from None
    _sign(actor, made, Side.MENTOR, seen)
    tell(sign_off=made.id, person=made.person_id, technique=technique.code)
    return made


@service(needs=SignOffs.ASSIGN)
def assign(actor: Actor, sign_off: SignOff, *, assessor: int) -> None:
    """Choose who assesses: any mentor, of any hospital, who is neither the doctor nor the doctor's mentor."""
    _lock(sign_off)
    if Side.ASSESSOR in queries.signatures([sign_off.id]).get(sign_off.id, {}):
        raise Conflict(_("The assessor has signed already. Cancel the sign-off to ask somebody else."))
    found = queries.assessor(sign_off, assessor)
    if found is None:
        raise Invalid(_("Choose a mentor who is neither the doctor nor the doctor's own mentor."), field="assessor")
    sign_off.assessor_id = found.id
    sign_off.assessor_name = found.name
    sign_off.assessor_institution_id = found.institution_id
    db.session.flush()
    tell(sign_off=sign_off.id, person=sign_off.person_id, assessor=found.id)


@service(needs=SignOffs.SIGN)
def sign(actor: Actor, sign_off: SignOff, *, seen: Seen) -> int | None:
    """Sign for a level one has seen oneself; the level that stands once both have named the same, else None."""
    _lock(sign_off)
    side = Side.MENTOR if actor.person_id == sign_off.mentor_id else Side.ASSESSOR
    _sign(actor, sign_off, side, seen)
    found = agreed_level(queries.levels(queries.signatures([sign_off.id])[sign_off.id]))
    if found is not None:
        sign_off.state, sign_off.level, sign_off.signed_on = State.SIGNED, found, clock.today()
        db.session.flush()
        publish(SignedOff(sign_off.id))
    return found


def _sign(actor: Actor, sign_off: SignOff, side: Side, seen: Seen) -> None:
    if not LOWEST <= seen.level <= HIGHEST:
        raise Invalid(_("The level is a number from 1 to 5."), field="level")
    if not sign_off.pairing.agreed_from <= seen.observed_on <= clock.today():
        raise Invalid(_("This must have been seen since the pair began, and not in days to come."), field="observed_on")
    note = unnamed(_kept(seen.note, "note"), "note")
    before = queries.signatures([sign_off.id]).get(sign_off.id, {}).get(side)
    version = before.version + 1 if before else 1
    content = {
        "sign_off": sign_off.id,
        "technique": sign_off.technique_id,
        "person": sign_off.person_id,
        "side": side.value,
        "signer": actor.person_id,
        "level": seen.level,
        "observed_on": seen.observed_on.isoformat(),
        "note": note,
        "version": version,
    }
    row = Signature(
        person_id=sign_off.person_id,
        institution_id=sign_off.institution_id,
        sign_off_id=sign_off.id,
        side=side,
        version=version,
        signer_id=actor.person_id,
        signer_name=sign_off.mentor_name if side is Side.MENTOR else sign_off.assessor_name,
        level=seen.level,
        observed_on=seen.observed_on,
        note=note,
        content_hash=digest(content),
    )
    db.session.add(row)
    db.session.flush()
    tell(
        sign_off=sign_off.id, person=sign_off.person_id, side=side.value, level=seen.level, hash=row.content_hash.hex()
    )


@service(needs=SignOffs.DECLINE, tells=("reason",))
def decline(actor: Actor, sign_off: SignOff, *, reason: str) -> None:
    """As the assessor, do not sign, and say why; the mentor may ask anew."""
    _end(actor, sign_off, State.DECLINED, reason)


@service(needs=SignOffs.CANCEL, tells=("reason",))
def cancel(actor: Actor, sign_off: SignOff, *, reason: str) -> None:
    """As the mentor, take the request back while it is open."""
    _end(actor, sign_off, State.CANCELLED, reason)


@service(needs=SignOffs.WITHDRAW, tells=("reason",))
def withdraw(actor: Actor, sign_off: SignOff, *, reason: str) -> None:
    """Withdraw what both had signed: the evidence gets a new version without a value, and the reason stays."""
    _end(actor, sign_off, State.WITHDRAWN, reason)
    if _recorded(sign_off):
        person = db.session.get(Person, sign_off.person_id)
        if person is None:
            raise Conflict(_("The doctor works outside your area now. Ask the exam officer of the level above."))
        record(actor, person, evidence=_evidence(sign_off, withdrawn=reason.strip()))


def _end(actor: Actor, sign_off: SignOff, state: State, reason: str) -> None:
    _lock(sign_off, State.SIGNED if state is State.WITHDRAWN else State.OPEN)
    sign_off.state = state
    row = SignOffDecision(
        person_id=sign_off.person_id,
        institution_id=sign_off.institution_id,
        sign_off_id=sign_off.id,
        decided=state,
        reason=_kept(reason, "reason"),
        by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    tell(sign_off=sign_off.id, person=sign_off.person_id)


def _lock(sign_off: SignOff, wanted: State = State.OPEN) -> None:
    db.session.refresh(sign_off, with_for_update=True)
    if sign_off.state != wanted:
        raise Conflict(_("This sign-off has changed since you opened the page. Look at it again."))


def _kept(text: str, field: str) -> str:
    clean = text.strip()
    if not clean:
        raise Invalid(_("This must not be empty."), field=field)
    if len(clean) > LONGEST[field] or not can_be_kept(clean):
        raise Invalid(_("This text is too long or holds signs that cannot be kept."), field=field)
    return clean


def _recorded(sign_off: SignOff) -> bool:
    mine = sa.select(Result.id).where(Result.source_kind == SOURCE, Result.source_id == str(sign_off.id))
    return db.session.scalar(mine.limit(1)) is not None


def _evidence(sign_off: SignOff, withdrawn: str = "") -> Evidence:
    latest = queries.signatures([sign_off.id])[sign_off.id]
    assert sign_off.level is not None  # a CHECK says so
    assert sign_off.signed_on is not None
    source: dict[str, Any] = {
        "sign_off": sign_off.id,
        "technique": sign_off.technique_id,
        "level": sign_off.level,
        "mentor": sign_off.mentor_id,
        "assessor": sign_off.assessor_id,
        "signatures": {side.value: latest[side].content_hash.hex() for side in Side},
        "rules": RULES,
    }
    return Evidence(
        kind=ResultKind.ENTRUSTMENT,
        on_day=sign_off.signed_on,
        source_kind=SOURCE,
        source_id=str(sign_off.id),
        source=source | ({"withdrawn": withdrawn} if withdrawn else {}),
        value=None if withdrawn else Decimal(sign_off.level),
        technique_id=sign_off.technique_id,
        assessor_id=sign_off.assessor_id,
        reason=withdrawn,
    )


def record_result(event: dict[str, Any]) -> None:
    """Hear that both have signed and write the evidence down; not what has been withdrawn in the meantime."""
    act_as(db.session, RECORDER)
    query = sa.select(SignOff).where(SignOff.id == event["sign_off_id"]).with_for_update()
    sign_off = db.session.scalars(query).one()
    if sign_off.state == State.SIGNED:
        record(RECORDER, db.session.get_one(Person, sign_off.person_id), evidence=_evidence(sign_off))
