"""The receiving side says how it went, confirms hours of practice, and documents are attached."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import IO, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from courses.hours.policy import Hours
from courses.hours.rules import HoursKind
from courses.hours.services import Earned, credit, holder
from courses.rotations.events import PracticeConfirmed, RotationEnded
from courses.rotations.models import Rotation, RotationEvaluation, RotationFile, RotationPractice
from courses.rotations.policy import Rotations
from courses.rotations.rules import TO_EVALUATE, Outcome, State, Stay, days_of
from courses.rotations.services.written import kept, name_of, step
from lms import clock
from lms.authz import Actor
from lms.db import Everything, act_as, db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.service import service, tell
from lms.web import pictures
from lms.web.intake import Kind, take

BOOKKEEPER: Final = Actor.job("rotations", Hours.CREDIT)
#: What hours of practice on one day of a rotation are called by their source.
SOURCE: Final = "rotation_day"
MOST_BYTES: Final = 10 << 20
MOST_FILES: Final = 20


@dataclass(frozen=True)
class Found:
    """What is said of a rotation that is over."""

    outcome: Outcome
    absent_days: int
    words: str


@service(needs=Rotations.HOST)
def evaluate(actor: Actor, stay: Rotation, *, found: Found, reason: str = "") -> RotationEvaluation:
    """Say how a rotation went that is over; saying it again corrects it and needs a reason."""
    db.session.refresh(stay, with_for_update=True)
    if stay.state not in (*TO_EVALUATE, State.EVALUATED):
        raise Conflict(_("A rotation is evaluated once it is over."))
    first = stay.started_on or stay.begins_on
    days = Stay(first, stay.last_on).days
    if not 0 <= found.absent_days <= days:
        raise Invalid(_("It lasted %(days)s days.", days=days), field="absent_days")
    corrects = stay.state == State.EVALUATED
    made = RotationEvaluation(
        person_id=stay.person_id,
        institution_id=stay.institution_id,
        rotation_id=stay.id,
        version=1 + (_newest(stay) if corrects else 0),
        first_on=first,
        last_on=stay.last_on,
        absent_days=found.absent_days,
        outcome=found.outcome.value,
        words=kept(found.words, "words", 2000, needed=True),
        reason=kept(reason, "reason", 400, needed=True) if corrects else "",
        by_id=actor.person_id,
        by_name=name_of(actor),
    )
    db.session.add(made)
    stay.present_days, stay.outcome, stay.state = days - found.absent_days, found.outcome.value, State.EVALUATED
    db.session.flush()
    step(actor, stay, "corrected" if corrects else "evaluated", made.reason)
    publish(RotationEnded(stay.id, made.id))
    tell(rotation=stay.id, person=stay.person_id, days=stay.present_days, outcome=made.outcome, version=made.version)
    return made


def _newest(stay: Rotation) -> int:
    query = sa.select(sa.func.max(RotationEvaluation.version)).where(RotationEvaluation.rotation_id == stay.id)
    return db.session.scalar(query) or 0


@dataclass(frozen=True)
class Practice:
    """The same hours on some weekdays of a period; Monday is 0."""

    first_on: date
    last_on: date
    weekdays: tuple[int, ...]
    minutes_a_day: int
    done: str


@service(needs=Rotations.HOST)
def confirm_practice(actor: Actor, stay: Rotation, *, practice: Practice) -> RotationPractice:
    """Stand by hours of practice on days the doctor was there; each becomes an entry of the hours ledger, once."""
    db.session.refresh(stay, with_for_update=True)
    _check(stay, practice)
    made = RotationPractice(
        person_id=stay.person_id,
        institution_id=stay.institution_id,
        rotation_id=stay.id,
        first_on=practice.first_on,
        last_on=practice.last_on,
        weekdays=sorted(set(practice.weekdays)),
        minutes_a_day=practice.minutes_a_day,
        done=kept(practice.done, "done", 1000, needed=True),
        by_id=actor.person_id,
        by_name=name_of(actor),
    )
    db.session.add(made)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except sa.exc.IntegrityError:
        raise Conflict(_("Some of these days have been confirmed already.")) from None
    publish(PracticeConfirmed(made.id))
    tell(rotation=stay.id, person=stay.person_id, first=str(made.first_on), last=str(made.last_on))
    return made


def _check(stay: Rotation, practice: Practice) -> None:
    if stay.started_on is None:
        raise Conflict(_("The doctor has not come yet."))
    first, last = stay.started_on, min(stay.last_on, clock.today())
    if not first <= practice.first_on <= practice.last_on <= last:
        raise Invalid(_("Choose days from %(first)s to %(last)s.", first=first, last=last), field="first_on")
    if (practice.last_on - practice.first_on).days > 30:
        raise Invalid(_("At most 31 days at once."), field="last_on")
    if not 15 <= practice.minutes_a_day <= 720:
        raise Invalid(_("A day has at most 12 hours of practice."), field="hours")
    if not any(days_of(practice.first_on, practice.last_on, practice.weekdays)):
        raise Invalid(_("None of these weekdays lies in that period."), field="weekdays")


def enter_hours(event: dict[str, object]) -> None:
    """Hear of confirmed practice and enter each of its days into the ledger of hours."""
    act_as(db.session, BOOKKEEPER)
    made = db.session.get_one(RotationPractice, event["practice_id"])
    department, host = made.rotation.department, made.rotation.department.institution
    evidence = {
        "title": f"{host.name} · {department.name}",
        "title_en": f"{host.name_en or host.name} · {department.name_en or department.name}",
        "rotation": made.rotation_id,
        "practice": made.id,
        "done": made.done,
    }
    person = holder(made.person_id)
    for day in days_of(made.first_on, made.last_on, made.weekdays):
        earned = Earned(
            HoursKind.PRACTICE, made.minutes_a_day, day, SOURCE, f"{made.rotation_id}:{day}", evidence, made.by_id
        )  # fmt: skip
        credit(BOOKKEEPER, person, earned=earned)


@service(needs=Rotations.ATTACH)
def attach(actor: Actor, stay: Rotation, *, file: IO[bytes], name: str) -> RotationFile:
    """Attach a document (PDF or picture, at most 10 MB) that proves it; the same file twice is one."""
    taken = take(file, name, kinds=frozenset({Kind.PDF}) | pictures.KINDS, most=MOST_BYTES)
    content, media_type = taken.data, "application/pdf"
    if taken.kind is not Kind.PDF:
        drawn = pictures.draw(taken.data)
        content, media_type = drawn.data, drawn.media_type
    if len(list(_hashes(stay))) >= MOST_FILES:
        raise Conflict(_("At most %(most)s documents.", most=MOST_FILES))
    sha256 = hashlib.sha256(content).digest()
    values = {
        "person_id": stay.person_id,
        "institution_id": stay.institution_id,
        "rotation_id": stay.id,
        "name": taken.name,
        "media_type": media_type,
        "sha256": sha256,
        "content": content,
        "by_id": actor.person_id,
        "by_name": name_of(actor),
    }
    insert = pg.insert(RotationFile).values(values).on_conflict_do_nothing(index_elements=["rotation_id", "sha256"])
    db.session.execute(insert, execution_options=Everything)
    tell(rotation=stay.id, file=taken.name, sha256=sha256.hex())
    query = sa.select(RotationFile).where(RotationFile.rotation_id == stay.id, RotationFile.sha256 == sha256)
    return db.session.scalars(query).one()


def _hashes(stay: Rotation) -> sa.ScalarResult[bytes]:
    return db.session.scalars(sa.select(RotationFile.sha256).where(RotationFile.rotation_id == stay.id))
