"""A small model of an attempt, and random walks in which the real one must say the same."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

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
from assessments.exams.queries import late as late_queries
from assessments.exams.rules import scoring
from assessments.exams.services import answers, late, preparing, seating, sitting
from lms import ids
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotFound
from tests.factories.exams import Office
from tests.factories.world import World

LATE = timedelta(seconds=-1)
#: None, one, some and all of the options.
ANSWERS = st.sampled_from(["", "A", "C", "BD", "ABC", "ABCD"]).map(list)


@dataclass
class Model:
    """What must hold of one attempt, in the plainest words."""

    epoch: int = 0
    ended: str | None = None
    extra: int = 0
    #: the extra minutes there were when the time ran out: more of them, and there is time again
    ran_out: int | None = None
    paused: bool = False
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    #: late answers that somebody decided about: whether they count
    decided: dict[str, bool] = field(default_factory=dict)
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)

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
        self.seen[event["id"]] = event
        return "late"

    def answers(self) -> dict[int, list[str]]:
        """The answer that is current for each item."""
        return self._newest([self.held.values()])

    def marked(self) -> dict[int, list[str]]:
        """The answer that is marked for each item: the current one, unless an officer let a late one count."""
        return self._newest([self.held.values(), [self.seen[one] for one, counts in self.decided.items() if counts]])

    def _newest(self, groups: list[Any]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for group in groups:
            for event in sorted(group, key=lambda e: (e["epoch"], e["seq"], e["id"])):
                found[event["item"]] = event["answer"]
        return found


class Sitting(RuleBasedStateMachine):
    """One candidate, two pages, a clock that can run out."""

    events = Bundle("events")
    enter: Callable[[], Any]

    @initialize(prepare=st.booleans())
    def begin(self, prepare: bool) -> None:
        self.stack = self.enter()
        self.office, self.world, self.exam_id, self.items = self.stack.__enter__()
        self.person, self.officer = self.world.a.doctor, self.world.a.exam_officer
        waiting = self.prepare() if prepare else None
        self.attempt_id = self.office.start(self.person, self.exam_id)
        assert waiting in (None, self.attempt_id), "what was prepared is what is begun"
        self.model = Model()
        self.seq = 0

    def prepare(self) -> Any:
        """The attempt is made beforehand; nothing can be saved in it before it has begun."""
        self.office.do(self.officer, self.exam_id, preparing.prepare)
        self.office.session.expire_all()
        mine = sa.select(Attempt.id).where(Attempt.exam_id == self.exam_id, Attempt.person_id == self.person)
        waiting = self.office.session.scalars(mine).one()
        self.office.session.commit()
        early = {"id": str(ids.uuid7()), "item": self.items[0], "seq": 1, "epoch": 0, "answer": ["A"]}
        with pytest.raises(NotFound):
            self.act(self.person, lambda a: answers.save(a, queries.Pen(waiting, self.person), events=[early]))
        return waiting

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

    @rule(target=events, item=st.integers(0, 2), answer=ANSWERS, old=st.booleans())
    def choose(self, item: int, answer: list[str], old: bool) -> Any:
        self.seq += 1
        epoch = self.model.epoch - 1 if old and self.model.epoch else self.model.epoch
        return {
            "id": str(ids.uuid7()),
            "item": self.items[item],
            "seq": self.seq,
            "epoch": epoch,
            "answer": answer,
        }

    @rule(target=events, item=st.integers(0, 2), answer=ANSWERS, again=st.booleans())
    def choose_and_send(self, item: int, answer: list[str], again: bool) -> Any:
        """As a page does: at once, and once more where the acknowledgement was lost."""
        event = self.choose(item, answer, old=False)
        for _ in range(1 + again):
            self.send([event])
        return event

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
        assert said.paused == self.model.paused

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
        """The clock passes the deadline; in a pause it cannot."""
        if self.model.over or self.model.ended or self.model.paused:
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
    def pause(self) -> None:
        stopped = self.office.do(self.officer, self.exam_id, lambda a, exam: sitting.pause(a, exam, reason="x"))
        may = not (self.model.ended or self.model.over or self.model.paused)
        assert stopped == int(may)
        self.model.paused = self.model.paused or may

    @rule()
    def time_goes_by_in_a_pause(self) -> None:
        """Longer than the exam lasts; it makes no difference."""
        if not self.model.paused or self.model.ended:
            return
        attempt = self.office.attempt(self.attempt_id)
        for name in ("started_at", "deadline", "paused_at"):
            setattr(attempt, name, getattr(attempt, name) - timedelta(hours=2))
        self.office.session.commit()

    @rule()
    def resume(self) -> None:
        went_on = self.office.do(self.officer, self.exam_id, lambda a, exam: sitting.resume(a, exam, reason="y"))
        assert went_on == int(self.model.paused and not self.model.ended)
        if not self.model.ended:
            self.model.paused = False

    @rule(event=events, counted=st.booleans())
    def decide(self, event: dict[str, Any], counted: bool) -> None:
        """An officer's word on one answer: only late ones are decided about."""

        def word(actor: Actor, exam: Exam) -> int:
            return late.decide_late(actor, exam, late=[UUID(event["id"])], counted=counted, reason="x")

        try:
            assert self.office.do(self.officer, self.exam_id, word) == 1
        except Invalid:
            assert event["id"] not in self.model.aside
            return
        assert event["id"] in self.model.aside
        self.model.decided[event["id"]] = counted

    @rule()
    def look_at_what_is_marked(self) -> None:
        def marked(_actor: Actor, exam: Exam) -> Any:
            events = late_queries.events_that_count(exam).get(self.attempt_id, ())
            return {item: list(event.answer) for item, event in scoring.current(events).items()}

        assert self.office.do(self.officer, self.exam_id, marked) == self.model.marked()

    @rule()
    def hand_in(self) -> None:
        said = self.act(self.person, lambda a: sitting.hand_in(a, self.pen))
        self.model.ended = self.model.ended or ("deadline" if self.model.over else "handed_in")
        assert said == self.model.ended

    @rule()
    def sweep(self) -> None:
        ended = self.act(ACTOR, lambda a: sitting.sweep(a, None))["ended"]
        due = self.model.over and not self.model.ended and not self.model.paused
        assert ended == int(due)
        if due:
            self.model.ended = "deadline"

    @rule()
    def look(self) -> None:
        def stand(_actor: Actor) -> Any:
            return queries.answers_of(self.attempt_id)

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
            max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
