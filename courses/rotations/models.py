"""Departments with numbered places, and rotations that hold one of them for a range of days.

That no day has more doctors than places is a matter of constraints: each rotation holds one place, a place is held by
one rotation a day, and only on days on which the place is there.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from courses.rotations.rules import MOST_DAYS, OPEN_END, Opens, Outcome, State, Stay
from lms import clock
from lms.db import InScope, Model, Personal, day, one_of, utc
from lms.institutions.models import Institution

#: The constraint that holds capacity; verbs that move several rotations at once let it be asked at their end.
ONE_A_PLACE = "one_doctor_a_place_a_day"


class RotationPolicy(Model):
    """What is asked of doctors from a day on; shared by all institutions, and what was asked before stays known."""

    __tablename__ = "rotation_policy"
    __append_only__ = True
    __database_fills__ = ("set_at",)
    __table_args__ = (
        sa.CheckConstraint("stay_years BETWEEN 1 AND 10", name="years_of_a_period"),
        sa.CheckConstraint("stay_days BETWEEN 1 AND 366 * stay_years", name="days_within_the_period"),
        sa.CheckConstraint("consortium_days BETWEEN 0 AND 366", name="days_of_a_year"),
        sa.CheckConstraint("star_days BETWEEN 0 AND 1098", name="days_before_certification"),
    )

    stay_days: orm.Mapped[int]
    stay_years: orm.Mapped[int]
    consortium_days: orm.Mapped[int]
    star_days: orm.Mapped[int]
    valid_from: orm.Mapped[date] = orm.mapped_column(index=True)
    set_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    set_at: orm.Mapped[utc]


class RotationDepartment(Model):
    """A department that takes doctors. Shared: whoever plans must know what places there are; no person stands here."""

    __tablename__ = "rotation_department"
    __table_args__ = (
        sa.CheckConstraint("name <> ''", name="named"),
        sa.CheckConstraint(one_of("opens_to", Opens), name="opens_known"),
        sa.UniqueConstraint("institution_id", "name"),
        sa.UniqueConstraint("id", "institution_id"),
    )

    institution_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"))
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    name_en: orm.Mapped[str] = orm.mapped_column(sa.String(120), server_default="")
    teaches: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    opens_to: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=Opens.COUNTY)
    created_at: orm.Mapped[utc]

    institution: orm.Mapped[Institution] = orm.relationship()


class RotationSeat(Model):
    """One numbered place of a department, there from a day until a last day."""

    __tablename__ = "rotation_seat"
    __table_args__ = (
        sa.CheckConstraint("number BETWEEN 1 AND 500", name="number_from_1"),
        sa.CheckConstraint("closes_on >= opens_on", name="closes_after_opening"),
        sa.UniqueConstraint("id", "department_id", "opens_on", "closes_on"),
        pg.ExcludeConstraint(
            ("department_id", "="),
            ("number", "="),
            (sa.text("daterange(opens_on, closes_on, '[]')"), "&&"),
            name="one_place_of_a_number",
        ),
    )

    department_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("rotation_department.id"))
    number: orm.Mapped[int]
    opens_on: orm.Mapped[day]
    closes_on: orm.Mapped[day] = orm.mapped_column(server_default=OPEN_END.isoformat())


class RotationReceiver(InScope, Model):
    """Who receives doctors at a department, from a day until before another. `institution` is the receiving one."""

    __tablename__ = "rotation_receiver"
    __table_args__ = (
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= begins_on", name="ends_after_beginning"),
        pg.ExcludeConstraint(
            ("department_id", "="),
            ("person_id", "="),
            (sa.text("daterange(begins_on, ends_on, '[)')"), "&&"),
            name="named_once_at_a_time",
        ),
    )

    department_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("rotation_department.id"), index=True)
    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    begins_on: orm.Mapped[day]
    ends_on: orm.Mapped[date | None]
    named_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))

    department: orm.Mapped[RotationDepartment] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own terms."""
        return [cls.person_id == person_id]


def receiving(person_id: int) -> sa.Select[int]:
    """Ids of the departments at which a person receives doctors today (columns of the table: no fence)."""
    named, today = RotationReceiver.__table__.c, clock.today()
    still = sa.or_(named.ends_on.is_(None), named.ends_on > today)
    return sa.select(named.department_id).where(named.person_id == person_id, named.begins_on <= today, still)


def _received_by(person_id: int) -> sa.Select[int]:
    """Ids of the rotations at these departments."""
    stays = Rotation.__table__.c
    return sa.select(stays.id).where(stays.department_id.in_(receiving(person_id)))


class Rotation(Personal, Model):
    """One doctor at a department on a range of days. `institution` is the doctor's own, `host` the receiving one."""

    __tablename__ = "rotation"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["department_id", "host_id"],
            ["rotation_department.id", "rotation_department.institution_id"],
            name="fk_rotation_department_of_its_host",
        ),
        # A place that closes earlier takes its rotations along, and the next CHECK refuses it while one is left out.
        sa.ForeignKeyConstraint(
            ["seat_id", "department_id", "seat_opens_on", "seat_closes_on"],
            ["rotation_seat.id", "rotation_seat.department_id", "rotation_seat.opens_on", "rotation_seat.closes_on"],
            name="fk_rotation_seat_of_its_department",
            onupdate="CASCADE",
        ),
        sa.CheckConstraint(
            "state = 'cancelled' OR (begins_on >= seat_opens_on AND last_on <= seat_closes_on)",
            name="only_while_the_place_is_there",
        ),
        sa.CheckConstraint(f"last_on - begins_on BETWEEN 0 AND {MOST_DAYS - 1}", name="days_in_order"),
        sa.CheckConstraint(one_of("state", State), name="state_known"),
        sa.CheckConstraint("(state IN ('planned', 'cancelled')) = (started_on IS NULL)", name="started_unless_planned"),
        sa.CheckConstraint("started_on BETWEEN begins_on AND last_on", name="started_within_its_days"),
        sa.CheckConstraint("state NOT IN ('cancelled', 'interrupted') OR reason <> ''", name="stopped_with_a_reason"),
        sa.CheckConstraint("(state = 'evaluated') = (present_days IS NOT NULL)", name="evaluated_with_days"),
        sa.CheckConstraint("(state = 'evaluated') = (outcome IS NOT NULL)", name="evaluated_with_an_outcome"),
        sa.CheckConstraint(one_of("outcome", Outcome), name="outcome_known"),
        sa.CheckConstraint("present_days BETWEEN 0 AND last_on - started_on + 1", name="present_no_longer_than_there"),
        # What was kept on paper waits as 'recorded', and comes to count by a second person's word or not at all.
        sa.CheckConstraint(
            "(state <> 'recorded' OR recorded_at IS NOT NULL)"
            " AND (recorded_at IS NULL OR state IN ('recorded', 'evaluated', 'cancelled'))",
            name="recorded_ones_wait_or_count",
        ),
        sa.CheckConstraint(
            "recorded_at IS NULL OR state <> 'evaluated' OR (planned_by_id IS NOT NULL AND confirmed_by_id IS NOT NULL"
            " AND confirmed_by_id NOT IN (planned_by_id, person_id) AND planned_by_id <> person_id)",
            name="a_second_person_confirms_what_was_recorded",
        ),
        pg.ExcludeConstraint(
            ("seat_id", "="),
            (sa.text("daterange(begins_on, last_on, '[]')"), "&&"),
            where=sa.text("state <> 'cancelled'"),
            name=ONE_A_PLACE,
            deferrable=True,
            initially="IMMEDIATE",
        ),
        pg.ExcludeConstraint(
            ("person_id", "="),
            (sa.text("daterange(begins_on, last_on, '[]')"), "&&"),
            where=sa.text("state <> 'cancelled'"),
            name="one_rotation_at_a_time",
        ),
        sa.Index(None, "department_id", "last_on"),
    )

    department_id: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    host_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    seat_id: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    seat_opens_on: orm.Mapped[day]
    seat_closes_on: orm.Mapped[day]
    #: the consortium in which both institutions are on the first day
    consortium_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("consortium.id"), index=True)
    #: the name as it was: the receiving side does not reach the doctor's own row
    doctor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    begins_on: orm.Mapped[day]
    last_on: orm.Mapped[day]
    planned_last_on: orm.Mapped[day]
    started_on: orm.Mapped[date | None]
    state: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=State.PLANNED)
    goal: orm.Mapped[str] = orm.mapped_column(sa.String(1000), server_default="")
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    #: the newest evaluation in short, for counting; what it rests on is `RotationEvaluation`
    present_days: orm.Mapped[int | None]
    outcome: orm.Mapped[str | None] = orm.mapped_column(sa.String(20))
    planned_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    planned_at: orm.Mapped[utc]
    #: of one kept on paper: when whoever receives (`planned_by`) wrote it down, and who else stands by it
    recorded_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    confirmed_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)

    department: orm.Mapped[RotationDepartment] = orm.relationship(
        primaryjoin="Rotation.department_id == RotationDepartment.id",
        foreign_keys="Rotation.department_id",
        viewonly=True,
    )

    @property
    def stay(self) -> Stay:
        """The days it holds its place."""
        return Stay(self.begins_on, self.last_on, self.id or 0)

    @property
    def days(self) -> int:
        """How many days it lasts, or lasted from the day the doctor came."""
        return Stay(self.started_on or self.begins_on, self.last_on).days

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own, and those at the departments where one receives doctors today."""
        return [cls.person_id == person_id, cls.department_id.in_(receiving(person_id))]


class _OfRotation(Personal):
    """Something about a rotation: seen by the doctor and by whoever receives there today."""

    @orm.declared_attr
    def rotation_id(cls) -> orm.Mapped[int]:
        """Which rotation."""
        return orm.mapped_column(sa.ForeignKey("rotation.id"), index=True)

    @orm.declared_attr
    def rotation(cls) -> orm.Mapped[Rotation]:
        """The same, loaded."""
        return orm.relationship(Rotation, viewonly=True)

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """The doctor, and the receiving side."""
        return [cls.person_id == person_id, cls.rotation_id.in_(_received_by(person_id))]


class RotationStep(_OfRotation, Model):
    """One thing that was done with a rotation, by whom, and what the days were after it."""

    __tablename__ = "rotation_step"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.CheckConstraint("what <> ''", name="says_what"),)

    what: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    begins_on: orm.Mapped[day]
    last_on: orm.Mapped[day]
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    by_name: orm.Mapped[str] = orm.mapped_column(sa.String(80), server_default="")
    at: orm.Mapped[utc]


class RotationEvaluation(_OfRotation, Model):
    """What the receiving side says of a rotation that is over; a correction is the next version, with its reason."""

    __tablename__ = "rotation_evaluation"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("rotation_id", "version"),
        sa.CheckConstraint("version >= 1", name="versions_from_1"),
        sa.CheckConstraint("(version = 1) = (reason = '')", name="corrections_say_why"),
        sa.CheckConstraint(one_of("outcome", Outcome), name="outcome_known"),
        sa.CheckConstraint("last_on >= first_on", name="days_in_order"),
        sa.CheckConstraint("absent_days BETWEEN 0 AND last_on - first_on + 1", name="absent_no_longer_than_there"),
        sa.CheckConstraint("words <> ''", name="says_how_it_went"),
        sa.CheckConstraint("by_id <> person_id", name="nobody_evaluates_oneself"),
    )

    version: orm.Mapped[int]
    first_on: orm.Mapped[day]
    last_on: orm.Mapped[day]
    absent_days: orm.Mapped[int]
    outcome: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    words: orm.Mapped[str] = orm.mapped_column(sa.String(2000))
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    by_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    at: orm.Mapped[utc]

    @property
    def present_days(self) -> int:
        """Days on which the doctor was there."""
        return Stay(self.first_on, self.last_on).days - self.absent_days

    def record(self) -> dict[str, Any]:
        """The evaluation as plain values, for the hash that evidence keeps of it."""
        said = {
            "rotation": self.rotation_id,
            "department": self.rotation.department_id,
            "host": self.rotation.host_id,
            "version": self.version,
            "from": self.first_on.isoformat(),
            "until": self.last_on.isoformat(),
            "absent": self.absent_days,
            "outcome": self.outcome,
            "words": self.words,
            "by": self.by_id,
        }
        afterwards = {"recorded_afterwards": True, "confirmed_by": self.rotation.confirmed_by_id}
        return said | (afterwards if self.rotation.recorded_at else {})


class RotationPractice(_OfRotation, Model):
    """Hours of practice on the same weekdays of a range of days, as the receiving side confirms them; a day once."""

    __tablename__ = "rotation_practice"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint("minutes_a_day BETWEEN 15 AND 720", name="minutes_of_a_day"),
        sa.CheckConstraint("last_on - first_on BETWEEN 0 AND 30", name="at_most_a_month_at_once"),
        sa.CheckConstraint("cardinality(weekdays) BETWEEN 1 AND 7", name="some_weekdays"),
        sa.CheckConstraint("done <> ''", name="says_what_was_done"),
        sa.CheckConstraint("by_id <> person_id", name="nobody_confirms_oneself"),
        pg.ExcludeConstraint(
            ("rotation_id", "="),
            (sa.text("daterange(first_on, last_on, '[]')"), "&&"),
            name="a_day_is_confirmed_once",
        ),
    )

    first_on: orm.Mapped[day]
    last_on: orm.Mapped[day]
    #: Monday is 0
    weekdays: orm.Mapped[list[int]] = orm.mapped_column(pg.ARRAY(sa.Integer))
    minutes_a_day: orm.Mapped[int]
    done: orm.Mapped[str] = orm.mapped_column(sa.String(1000))
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    by_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    at: orm.Mapped[utc]


class RotationFile(_OfRotation, Model):
    """A document that proves a rotation: a certificate of attendance, a log book, an evaluation on paper."""

    __tablename__ = "rotation_file"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("rotation_id", "sha256"),
        sa.CheckConstraint("octet_length(sha256) = 32", name="sha256_is_whole"),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 10485760", name="size_of_a_document"),
    )

    name: orm.Mapped[str] = orm.mapped_column(sa.String(100))
    media_type: orm.Mapped[str] = orm.mapped_column(sa.String(40))
    sha256: orm.Mapped[bytes]
    content: orm.Mapped[bytes] = orm.mapped_column(deferred=True)
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    by_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    at: orm.Mapped[utc]
