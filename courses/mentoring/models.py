"""Who may be taught by whom, agreements between two people, and the sessions both of them stand by."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms import clock
from lms.db import InScope, Model, Personal, day, one_of, utc
from lms.people.models import Person

_when = sa.DateTime(timezone=True)


class MentoringPolicy(Model):
    """The numbers and duties that hold from a day on; shared by all institutions, and what held before stays known."""

    __tablename__ = "mentoring_policy"
    __append_only__ = True
    __database_fills__ = ("set_at",)
    __table_args__ = (
        sa.CheckConstraint("sessions_a_year BETWEEN 1 AND 366", name="sessions_of_a_year"),
        sa.CheckConstraint("teaching_minutes BETWEEN 60 AND 60000", name="minutes_of_a_year"),
        sa.CheckConstraint(
            "shortest_years BETWEEN 1 AND usual_years AND usual_years <= longest_years AND longest_years <= 10",
            name="terms_in_order",
        ),
    )

    sessions_a_year: orm.Mapped[int]
    teaching_minutes: orm.Mapped[int]
    shortest_years: orm.Mapped[int]
    usual_years: orm.Mapped[int]
    longest_years: orm.Mapped[int]
    apprentice_duties: orm.Mapped[str]
    apprentice_duties_en: orm.Mapped[str]
    mentor_duties: orm.Mapped[str]
    mentor_duties_en: orm.Mapped[str]
    valid_from: orm.Mapped[date] = orm.mapped_column(index=True)
    set_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    set_at: orm.Mapped[utc]


class MentorOffer(Personal, Model):
    """How many apprentices a mentor takes at once, from a day until before another; one offer at a time."""

    __tablename__ = "mentor_offer"
    __table_args__ = (
        sa.CheckConstraint("capacity BETWEEN 1 AND 20", name="capacity_from_1_to_20"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= begins_on", name="ends_after_beginning"),
        pg.ExcludeConstraint(
            ("person_id", "="),
            (sa.text("daterange(begins_on, ends_on, '[)')"), "&&"),
            name="one_offer_at_a_time",
        ),
    )

    capacity: orm.Mapped[int]
    begins_on: orm.Mapped[day]
    ends_on: orm.Mapped[date | None]
    note: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    recorded_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    recorded_at: orm.Mapped[utc]

    person: orm.Mapped[Person] = orm.relationship(foreign_keys="MentorOffer.person_id")


class Pairing(Personal, Model):
    """One mentor and one apprentice for a term. `person` is the apprentice, `institution` the apprentice's own.

    It runs on the days from `agreed_from` until before `agreed_until`, or before `ended_on` where it ended early.
    """

    __tablename__ = "pairing"
    __table_args__ = (
        sa.CheckConstraint("mentor_id <> person_id", name="nobody_mentors_oneself"),
        sa.CheckConstraint("agreed_until > agreed_from", name="ends_after_beginning"),
        sa.CheckConstraint("ended_on BETWEEN agreed_from AND agreed_until", name="ended_within_the_term"),
        sa.CheckConstraint("(ended_on IS NULL) = (ended_why = '')", name="ended_with_a_reason"),
        pg.ExcludeConstraint(
            ("person_id", "="),
            (sa.text("daterange(agreed_from, LEAST(agreed_until, ended_on), '[)')"), "&&"),
            name="one_mentor_at_a_time",
        ),
        sa.Index(None, "mentor_id", "agreed_from"),
        sa.UniqueConstraint("source_kind", "source_id"),
    )

    mentor_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    mentor_institution_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    #: names as they were: the two may not reach each other's own rows
    apprentice_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    mentor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    agreed_from: orm.Mapped[day]
    agreed_until: orm.Mapped[day]
    apprentice_duties: orm.Mapped[str] = orm.mapped_column(server_default="")
    mentor_duties: orm.Mapped[str] = orm.mapped_column(server_default="")
    apprentice_agreed_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    mentor_agreed_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    ended_on: orm.Mapped[date | None]
    ended_why: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    ended_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    made_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]
    #: where an agreement made elsewhere (on paper, in another system) comes from; NULL: made here
    source_kind: orm.Mapped[str | None] = orm.mapped_column(sa.String(40))
    source_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))

    person: orm.Mapped[Person] = orm.relationship(foreign_keys="Pairing.person_id")
    mentor: orm.Mapped[Person] = orm.relationship(foreign_keys="Pairing.mentor_id")

    @property
    def over_on(self) -> date:
        """The first day on which it no longer runs."""
        return min(self.agreed_until, self.ended_on or self.agreed_until)

    def is_over(self, at: date) -> bool:
        """Whether it does not run any more, or was ended before it ever ran."""
        return self.over_on <= max(at, self.agreed_from)

    def runs_on(self, at: date) -> bool:
        """Whether the two are mentor and apprentice on a day."""
        return self.agreed_from <= at < self.over_on

    @property
    def agreed(self) -> bool:
        """Whether both sides have agreed to dates and duties."""
        return self.apprentice_agreed_at is not None and self.mentor_agreed_at is not None

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Both of the two, for good: what they agreed and did is their own history."""
        return [cls.person_id == person_id, cls.mentor_id == person_id]


def not_over(pair: Any, on: date) -> sa.ColumnElement[bool]:
    """The condition that a pair runs or is still to begin; `pair` is `Pairing`, or its table's columns (no fence)."""
    return sa.func.least(pair.agreed_until, pair.ended_on) > sa.func.greatest(sa.cast(on, sa.Date), pair.agreed_from)


def running(on: date) -> sa.ColumnElement[bool]:
    """The condition that a pair runs on a day."""
    last = sa.func.least(Pairing.agreed_until, Pairing.ended_on)
    return sa.and_(Pairing.agreed_from <= on, last > on)


def mentored_by(person_id: int) -> sa.Select[int]:
    """Ids of those whose mentor a person is today, for `within_reach` of others: `cls.person_id.in_(mentored_by(id))`.

    Named columns of the table itself, so that the fence of pairs is not laid inside the fence of something else.
    """
    pair, today = Pairing.__table__.c, clock.today()
    last = sa.func.least(pair.agreed_until, pair.ended_on)
    return sa.select(pair.person_id).where(pair.mentor_id == person_id, pair.agreed_from <= today, last > today)


class Decided(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class PairingRun(InScope, Model):
    """One search for pairs over the subtree of an institution, with what it found."""

    __tablename__ = "pairing_run"
    __append_only__ = True
    __database_fills__ = ("made_at",)

    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]
    rules: orm.Mapped[int]
    doctors: orm.Mapped[int]
    places: orm.Mapped[int]
    proposed: orm.Mapped[int]
    benefit: orm.Mapped[int]


class PairingProposal(InScope, Model):
    """One pair that a run proposes, why, and what an administrator made of it. `institution` is the run's."""

    __tablename__ = "pairing_proposal"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "apprentice_id"),
        sa.UniqueConstraint("pairing_id"),
        sa.CheckConstraint("mentor_id <> apprentice_id", name="nobody_mentors_oneself"),
        sa.CheckConstraint(one_of("decided", Decided), name="decision_known"),
        sa.CheckConstraint("(decided = 'accepted') = (pairing_id IS NOT NULL)", name="accepted_makes_a_pair"),
        sa.CheckConstraint("(decided = 'declined') = (reason <> '')", name="declined_with_a_reason"),
        sa.CheckConstraint(
            "(decided = 'open') = (decided_at IS NULL) AND (decided = 'open') = (decided_by_id IS NULL)",
            name="decided_by_somebody_at_a_time",
        ),
    )

    run_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("pairing_run.id"))
    apprentice_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    mentor_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    apprentice_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    mentor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    benefit: orm.Mapped[int]
    #: why: the shape is courses.mentoring.rules.Because's
    because: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    decided: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=Decided.OPEN)
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    decided_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    decided_at: orm.Mapped[datetime | None] = orm.mapped_column(_when)
    pairing_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("pairing.id"))

    run: orm.Mapped[PairingRun] = orm.relationship()


class Settled(StrEnum):
    """What became of a logged session."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class MentoringSession(Personal, Model):
    """A session as one side says it was; it counts once the other side confirms it. `person` is the apprentice."""

    __tablename__ = "mentoring_session"
    __append_only__ = True
    __database_fills__ = ("logged_at",)
    __table_args__ = (
        sa.UniqueConstraint("source_kind", "source_id"),
        sa.UniqueConstraint("replaces_id"),
        sa.CheckConstraint("minutes BETWEEN 5 AND 720", name="minutes_of_a_session"),
        sa.CheckConstraint("done <> ''", name="says_what_was_done"),
        sa.CheckConstraint("logged_by_id IN (person_id, mentor_id)", name="logged_by_one_of_the_two"),
        sa.Index(None, "pairing_id", "on_day"),
        sa.Index(None, "mentor_id", "on_day"),
        sa.Index("ix_mentoring_session_techniques", "technique_ids", postgresql_using="gin"),
    )

    pairing_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("pairing.id"))
    mentor_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    on_day: orm.Mapped[day]
    minutes: orm.Mapped[int]
    on_site: orm.Mapped[bool]
    #: technique.id of what was practised
    technique_ids: orm.Mapped[list[int]] = orm.mapped_column(pg.ARRAY(sa.BigInteger))
    done: orm.Mapped[str]
    next_step: orm.Mapped[str] = orm.mapped_column(server_default="")
    logged_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    #: the rejected session that this one puts right
    replaces_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("mentoring_session.id"))
    #: 'page' and an id the page was given, so that a form sent twice is one session; 'paper' and the log's own number …
    source_kind: orm.Mapped[str] = orm.mapped_column(sa.String(40))
    source_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    logged_at: orm.Mapped[utc]

    pairing: orm.Mapped[Pairing] = orm.relationship()
    decision: orm.Mapped["SessionDecision | None"] = orm.relationship(back_populates="session", uselist=False)

    @property
    def settled(self) -> Settled | None:
        """What became of it; None while the other side has not spoken."""
        return Settled(self.decision.decided) if self.decision else None

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Both of the two."""
        return [cls.person_id == person_id, cls.mentor_id == person_id]


class SessionDecision(Personal, Model):
    """The last word on a logged session: confirmed or rejected by the other side, or withdrawn by its own."""

    __tablename__ = "mentoring_session_decision"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("session_id"),
        sa.CheckConstraint(one_of("decided", Settled), name="decision_known"),
        sa.CheckConstraint("decided <> 'rejected' OR reason <> ''", name="a_rejection_has_a_reason"),
    )

    session_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("mentoring_session.id"))
    decided: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    at: orm.Mapped[utc]

    session: orm.Mapped[MentoringSession] = orm.relationship(back_populates="decision")

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Both of the two."""
        table = MentoringSession.__table__
        taught = sa.select(table.c.id).where(table.c.mentor_id == person_id)
        return [cls.person_id == person_id, cls.session_id.in_(taught)]
