"""Planning: a doctor gets a place on a range of days, gets other days, or the plan is cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from courses.rotations.events import RotationPlanned, RotationStopped
from courses.rotations.models import Rotation, RotationDepartment, RotationSeat
from courses.rotations.policy import Rotations
from courses.rotations.queries import places
from courses.rotations.rules import GRACE, MOST_DAYS, Place, State, Stay, first_full, next_free
from courses.rotations.services.offering import locked
from courses.rotations.services.placing import fits, hold, place, seat_among
from courses.rotations.services.written import kept, step
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell

#: How far ahead a free period is looked for when the wished one is full.
AHEAD = timedelta(days=2 * 366)


@dataclass(frozen=True)
class Wish:
    """From which day until which last day, and what is to be learned."""

    begins_on: date
    last_on: date
    goal: str = ""

    @property
    def stay(self) -> Stay:
        """Its days."""
        return Stay(self.begins_on, self.last_on)


@service(needs=Rotations.PLAN)
def plan(actor: Actor, doctor: Person, *, department: RotationDepartment, wish: Wish) -> Rotation:
    """Give a doctor a place at a department; raises Conflict, with what is free instead, where it is full."""
    locked(department)
    _check_days(wish.stay)
    fits(doctor, department, wish.begins_on)
    seat = _seat_for(department, wish.stay, 0)
    made = place(actor, doctor, department, seat=seat, stay=wish.stay, goal=kept(wish.goal, "goal", 1000))
    step(actor, made, "planned")
    publish(RotationPlanned(made.id))
    tell(rotation=made.id, person=doctor.id, department=department.id)
    tell(begins=str(made.begins_on), last=str(made.last_on))
    return made


@service(needs=Rotations.PLAN, tells=("reason",))
def amend(actor: Actor, stay: Rotation, *, wish: Wish, reason: str) -> None:
    """Give a planned rotation other days, or one under way another last day; the place is asked for anew."""
    db.session.refresh(stay, with_for_update=True)
    department = locked(stay.department)
    if stay.state not in (State.PLANNED, State.UNDER_WAY):
        raise Conflict(_("This rotation is over; its days are what they were."))
    if stay.state == State.UNDER_WAY and (wish.begins_on != stay.begins_on or wish.last_on < clock.today()):
        raise Invalid(_("It is under way: only a last day from today on can be chosen."), field="last_on")
    _check_days(wish.stay)
    seat = _seat_for(department, wish.stay, stay.id)
    stay.begins_on, stay.last_on, stay.planned_last_on = wish.begins_on, wish.last_on, wish.last_on
    stay.seat_id, stay.seat_opens_on, stay.seat_closes_on = seat.id, seat.opens_on, seat.closes_on
    hold()
    step(actor, stay, "amended", kept(reason, "reason", 400, needed=True))
    publish(RotationPlanned(stay.id, changed=True))
    tell(rotation=stay.id, begins=str(stay.begins_on), last=str(stay.last_on))


@service(needs=Rotations.STOP, tells=("reason",))
def cancel(actor: Actor, stay: Rotation, *, reason: str) -> None:
    """Take a plan back before the doctor has come; its place is free again."""
    db.session.refresh(stay, with_for_update=True)
    if stay.state != State.PLANNED:
        raise Conflict(_("Only a rotation that has not begun is cancelled; one under way is interrupted."))
    stay.reason = kept(reason, "reason", 400, needed=True)
    stay.state = State.CANCELLED
    db.session.flush()
    step(actor, stay, "cancelled", stay.reason)
    publish(RotationStopped(stay.id))
    tell(rotation=stay.id, person=stay.person_id)


def _check_days(stay: Stay) -> None:
    if not 1 <= stay.days <= MOST_DAYS:
        raise Invalid(_("The last day comes after the first, within three years."), field="last_on")
    if stay.last_on < clock.today() - GRACE:
        words = _(
            "It ended more than %(days)s days ago. Whoever receives there records it afterwards.", days=GRACE.days
        )
        raise Invalid(words, field="last_on")


def _seat_for(department: RotationDepartment, stay: Stay, moving: int) -> RotationSeat:
    """A place for these days; raises Conflict, with what is free instead, where there is none."""
    there = places.places(department.id, stay.begins_on)
    others = places.stays(department.id, stay.begins_on, without=moving)
    seat = seat_among(stay, there, others)
    if seat is None:
        raise Conflict(_full(department, stay, [other for other, _seat in others], there))
    return places.seats(department.id)[seat]


def _full(department: RotationDepartment, stay: Stay, others: Sequence[Stay], there: Sequence[Place]) -> str:
    """Why there is no room, and from when there is."""
    full = first_full(stay, others, there)
    if full is None:
        words = _("%(department)s has no place that is free on all of these days.", department=department.name)
    else:
        words = _(
            "%(department)s is full from %(first)s to %(last)s: %(taken)s of %(places)s places are taken.",
            department=department.name,
            first=full.begins_on,
            last=full.last_on,
            taken=full.taken,
            places=full.places,
        )
    later = next_free(stay, others, there, stay.begins_on + AHEAD)
    instead = _("As long a stay has room from %(day)s on.", day=later) if later else _("Choose another department.")
    return f"{words} {instead}"
