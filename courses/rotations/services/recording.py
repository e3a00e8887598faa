"""Rotations that were kept on paper: recorded by who receives there, counted once a second person stands by them."""

from dataclasses import dataclass
from datetime import date
from typing import IO

from courses.rotations.events import RotationEnded, RotationRecorded, RotationStopped
from courses.rotations.models import Rotation, RotationDepartment, RotationEvaluation, RotationSeat
from courses.rotations.policy import Rotations, second
from courses.rotations.queries import places
from courses.rotations.queries.stays import evaluations
from courses.rotations.rules import GRACE, MOST_DAYS, PAPER, Outcome, State, Stay, on_paper
from courses.rotations.services.judging import attach
from courses.rotations.services.offering import locked
from courses.rotations.services.placing import fits, place, seat_among
from courses.rotations.services.written import kept, name_of, step
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell


@dataclass(frozen=True)
class Past:
    """What the paper says: the days, how many of them were missed, how it went; and why it is recorded only now."""

    begins_on: date
    last_on: date
    absent_days: int
    words: str
    reason: str

    @property
    def stay(self) -> Stay:
        """Its days."""
        return Stay(self.begins_on, self.last_on)


@service(needs=Rotations.RECORD)
def record(
    actor: Actor, department: RotationDepartment, *, account: str, name: str, past: Past, file: IO[bytes], named: str
) -> Rotation:
    """Write down a passed rotation that was kept on paper, with a document that proves it; it does not count yet.

    Whose it is is said by account and name, both exactly: whoever receives does not look into other houses' lists.
    """
    locked(department)
    doctor = places.doctor_called(account, name)
    if doctor is None or doctor.id == actor.person_id:
        raise Invalid(_("No other doctor has this account and this name. Ask the doctor for both."), field="account")
    _check(past)
    fits(doctor, department, clock.today())
    made = _written(actor, doctor, department, past)
    step(actor, made, "recorded", kept(past.reason, "reason", 400, needed=True))
    attach(actor, made, file=file, name=named)
    publish(RotationRecorded(made.id))
    tell(rotation=made.id, person=doctor.id, department=department.id)
    tell(begins=str(made.begins_on), last=str(made.last_on))
    return made


def _check(past: Past) -> None:
    days = past.stay.days
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(_("The last day comes after the first, within three years."), field="last_on")
    if not on_paper(past.stay, clock.today()):
        words = _(
            "Only what ended more than %(days)s days and less than %(years)s years ago is recorded afterwards.",
            days=GRACE.days,
            years=PAPER.days // 366,
        )
        raise Invalid(words, field="last_on")
    if not 0 <= past.absent_days < days:
        raise Invalid(_("It lasted %(days)s days.", days=days), field="absent_days")


def _written(actor: Actor, doctor: Person, department: RotationDepartment, past: Past) -> Rotation:
    seat = _seat(department, past.stay)
    afterwards = {"started_on": past.begins_on, "state": State.RECORDED, "recorded_at": clock.now()}
    made = place(actor, doctor, department, seat=seat, stay=past.stay, **afterwards)
    _say(actor, made, Outcome.PASSED, past.words, absent=past.absent_days)
    return made


def _seat(department: RotationDepartment, stay: Stay) -> RotationSeat:
    """A place that was there and free: what is recorded afterwards takes no more room than there was."""
    there = places.places(department.id, stay.begins_on)
    seat = seat_among(stay, there, places.stays(department.id, stay.begins_on))
    if seat is None:
        words = _(
            "%(department)s had no free place on all of these days, as far as is known here."
            " Where it had more, its hospital's manager says so with the day from which they were there.",
            department=department.name,
        )
        raise Conflict(words)
    return places.seats(department.id)[seat]


def _say(actor: Actor, stay: Rotation, outcome: Outcome, words: str, *, absent: int, reason: str = "") -> int:
    said = evaluations(stay)
    made = RotationEvaluation(
        person_id=stay.person_id,
        institution_id=stay.institution_id,
        rotation_id=stay.id,
        version=1 + (said[0].version if said else 0),
        first_on=stay.begins_on,
        last_on=stay.last_on,
        absent_days=absent,
        outcome=outcome.value,
        words=kept(words, "words", 2000, needed=True),
        reason=reason,
        by_id=actor.person_id,
        by_name=name_of(actor),
    )
    db.session.add(made)
    db.session.flush()
    return made.id


def _second(actor: Actor, stay: Rotation) -> None:
    if not second(actor, stay):
        raise Conflict(_("Somebody else looks at it: neither the doctor nor anybody who receives at that department."))


@service(needs=Rotations.CONFIRM)
def confirm(actor: Actor, stay: Rotation) -> None:
    """Stand by a recorded rotation after a look at its documents: from now on its days count."""
    db.session.refresh(stay, with_for_update=True)
    if stay.state != State.RECORDED:
        raise Conflict(_("This does not wait for anybody's word."))
    _second(actor, stay)
    said = evaluations(stay)[0]
    stay.confirmed_by_id, stay.state = actor.person_id, State.EVALUATED
    stay.present_days, stay.outcome = said.present_days, said.outcome
    db.session.flush()
    step(actor, stay, "confirmed")
    publish(RotationEnded(stay.id, said.id))
    tell(rotation=stay.id, person=stay.person_id, days=stay.present_days, recorded_by=stay.planned_by_id)


@service(needs=Rotations.STOP, tells=("reason",))
def refuse(actor: Actor, stay: Rotation, *, reason: str) -> None:
    """Strike a recorded rotation out before it counts: it was not so, or was typed wrongly."""
    db.session.refresh(stay, with_for_update=True)
    if stay.state != State.RECORDED:
        raise Conflict(_("This does not wait for anybody's word."))
    _strike(actor, stay, "refused", reason)


@service(needs=Rotations.CONFIRM, tells=("reason",))
def annul(actor: Actor, stay: Rotation, *, reason: str) -> None:
    """Take a confirmed one back that turned out not to be so: its days no longer count, what was said stays."""
    db.session.refresh(stay, with_for_update=True)
    if stay.state != State.EVALUATED or stay.recorded_at is None:
        raise Conflict(_("Only what was recorded afterwards and confirmed is taken back."))
    _second(actor, stay)
    said = kept(reason, "reason", 400, needed=True)
    newest = _say(actor, stay, Outcome.FAILED, said, absent=evaluations(stay)[0].absent_days, reason=said)
    _strike(actor, stay, "annulled", said)
    publish(RotationEnded(stay.id, newest))


def _strike(actor: Actor, stay: Rotation, what: str, reason: str) -> None:
    stay.reason = kept(reason, "reason", 400, needed=True)
    stay.state, stay.started_on, stay.present_days, stay.outcome = State.CANCELLED, None, None, None
    db.session.flush()
    step(actor, stay, what, stay.reason)
    publish(RotationStopped(stay.id))
    tell(rotation=stay.id, person=stay.person_id)
