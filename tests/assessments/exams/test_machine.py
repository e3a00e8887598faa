"""A small model of an attempt, and random walks in which the real one must say the same."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from assessments.exams.jobs import ACTOR
from assessments.exams.models import AnswerEvent, Attempt, AttemptClose, Candidate, Exam, LateEvent
from assessments.exams.queries import attempts as queries
from assessments.exams.services import answers, seating, sitting
from lms import ids
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict
from tests.factories.exams import Office
from tests.factories.world import World

LATE = timedelta(seconds=-1)


@dataclass
class Model:
    """What must hold of one attempt, in the plainest words."""

    epoch: int = 0
    ended: str | None = None
    extra: int = 0
    #: the extra minutes there were when the time ran out: more of them, and there is time again
    ran_out: int | None = None
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether the deadline has passed."""
        return self.ran_out is not None and self.extra <= self.ran_out

    def save(self, event: dict[str, Any]) -> str:
        """Where this event is from now on."""
        if event["id"] in self.held:
            return "held"
        if event["id"] in self.aside:
            return "late"
        why = "closed" if self.ended else "deadline" if self.over else "epoch" if event["epoch"] != self.epoch else None
        if why is None:
            self.held[event["id"]] = event
            return "held"
        self.aside[event["id"]] = why
        return "late"

    def answers(self) -> dict[int, list[str]]:
        """The answer that counts for each item."""
        found: dict[int, dict[str, Any]] = {}
        for event in sorted(self.held.values(), key=lambda e: (e["epoch"], e["seq"], e["id"])):
            found[event["item"]] = event
        return {item: event["answer"] for item, event in found.items()}


class Sitting(RuleBasedStateMachine):
    """One candidate, two pages, a clock that can run out."""

    events = Bundle("events")
    enter: Callable[[], Any]

    @initialize()
    def begin(self) -> None:
        self.stack = self.enter()
        self.office, self.world, self.exam_id, self.items = self.stack.__enter__()
        self.person = self.world.a.doctor
        self.attempt_id = self.office.start(self.person, self.exam_id)
        self.model = Model()
        self.seq = 0

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.__exit__(None, None, None)

    def act(self, who: int | Actor, verb: Callable[[Actor], Any]) -> Any:
        with self.office.as_(who) as actor:
            return verb(actor)

    @property
    def pen(self) -> queries.Pen:
        return queries.Pen(self.attempt_id, self.person)

    @rule()
    def start_again(self) -> None:
        assert self.office.start(self.person, self.exam_id) == self.attempt_id

    @rule(stale=st.booleans())
    def take_over(self, stale: bool) -> None:
        seen = self.model.epoch - 1 if stale and self.model.epoch else self.model.epoch
        may = not (self.model.ended or self.model.over) and seen == self.model.epoch
        try:
            said = self.act(self.person, lambda a: sitting.take_pen(a, self.pen, seen=seen))
        except Conflict:
            assert not may
            return
        assert may
        self.model.epoch += 1
        assert said["epoch"] == self.model.epoch
        assert {int(i): one["answer"] for i, one in said["answers"].items()} == self.model.answers()

    @rule(
        target=events,
        item=st.integers(0, 2),
        answer=st.lists(st.sampled_from("ABCD"), max_size=4, unique=True),
        old=st.booleans(),
    )
    def choose(self, item: int, answer: list[str], old: bool) -> Any:
        self.seq += 1
        epoch = self.model.epoch - 1 if old and self.model.epoch else self.model.epoch
        return {
            "id": str(ids.uuid7()),
            "item": self.items[item],
            "seq": self.seq,
            "epoch": epoch,
            "answer": sorted(answer),
        }

    @rule(sent=st.lists(events, min_size=1, max_size=5))
    def send(self, sent: list[dict[str, Any]]) -> None:
        expected: dict[str, set[str]] = {"held": set(), "late": set()}
        for event in sent:
            expected[self.model.save(event)].add(event["id"])
        said = self.act(self.person, lambda a: answers.save(a, self.pen, events=sent))
        assert set(said.held) == expected["held"]
        assert set(said.late) == expected["late"]
        assert said.epoch == self.model.epoch
        assert said.closed == bool(self.model.ended)

    @rule(target=events, item=st.integers(0, 2))
    def forge(self, item: int) -> Any:
        """An answer to something that is not on this paper is neither held nor kept."""
        self.seq += 1
        stray = {"id": str(ids.uuid7()), "item": 10**9 + item, "seq": self.seq, "epoch": 1, "answer": ["A"]}
        said = self.act(self.person, lambda a: answers.save(a, self.pen, events=[stray]))
        assert said.held == said.late == []
        return multiple()

    @rule()
    def run_out(self) -> None:
        """The clock passes the deadline."""
        if self.model.over or self.model.ended:
            return
        session = self.office.session
        now = session.scalars(sa.select(sa.func.clock_timestamp())).one()
        self.office.deadline(self.attempt_id, now + LATE)
        self.model.ran_out = self.model.extra

    @rule(minutes=st.integers(0, 30))
    def extend(self, minutes: int) -> None:
        def give(actor: Actor) -> None:
            query = sa.select(Candidate).where(Candidate.person_id == self.person, Candidate.exam_id == self.exam_id)
            seating.give_time(actor, db.session.scalars(query).one(), minutes=minutes, reason="x")

        try:
            self.act(self.world.a.exam_officer, give)
        except Conflict:
            assert self.model.ended or self.model.over
            return
        assert not self.model.ended
        self.model.extra = minutes

    @rule()
    def hand_in(self) -> None:
        said = self.act(self.person, lambda a: sitting.hand_in(a, self.pen))
        self.model.ended = self.model.ended or ("deadline" if self.model.over else "handed_in")
        assert said == self.model.ended

    @rule()
    def sweep(self) -> None:
        ended = self.act(ACTOR, lambda a: sitting.sweep(a, None))["ended"]
        due = self.model.over and not self.model.ended
        assert ended == int(due)
        if due:
            self.model.ended = "deadline"

    @rule()
    def look(self) -> None:
        def stand(_actor: Actor) -> Any:
            return queries.answers_of(db.session.get_one(Attempt, self.attempt_id))

        found = {int(item): one["answer"] for item, one in self.act(self.person, stand).items()}
        assert found == self.model.answers()

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        if not hasattr(self, "model"):
            return
        session = self.office.session
        session.expire_all()
        mine = sa.select(AnswerEvent.id).where(AnswerEvent.attempt_id == self.attempt_id)
        assert {str(one) for one in session.scalars(mine)} == set(self.model.held)
        aside = sa.select(LateEvent.id, LateEvent.why).where(LateEvent.attempt_id == self.attempt_id)
        assert {str(one): why for one, why in session.execute(aside)} == self.model.aside
        ending = session.scalar(sa.select(AttemptClose.ending).where(AttemptClose.id == self.attempt_id))
        assert ending == self.model.ended


@pytest.mark.slow
def test_the_model_and_the_real_one_agree(office: Office, officers: tuple[int, int], world: World) -> None:
    """Each walk in a savepoint of its own."""

    @contextmanager
    def fresh() -> Any:
        exam_id = office.ready(officers, world.a.commission, world.a.doctor)
        items = [item.id for item in office.items(exam_id)]
        yield office, world, exam_id, items
        gone = office.session
        gone.rollback()
        gone.execute(sa.update(Exam).where(Exam.id == exam_id).values(state="closed"))
        gone.execute(
            sa.update(Attempt)
            .where(Attempt.exam_id == exam_id, Attempt.closed_at.is_(None))
            .values(closed_at=sa.func.clock_timestamp())
        )
        gone.commit()

    machine = type("Walk", (Sitting,), {"enter": staticmethod(fresh)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
