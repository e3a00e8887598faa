"""Many people who have sat an exam, written straight into the tables: as many rows as their pages would have made."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.exams.models import AnswerEvent, Attempt, AttemptClose, Candidate, Exam, PaperItem
from lms import ids
from lms.institutions.rules.pinyin import person_key
from lms.people.models import Category, Person, Post
from tests.factories.exams import question
from tests.factories.world import BEGINS, World

BANK = "large"
Answers = Mapping[int, Sequence[str]]


def bank(session: orm.Session, count: int = 20, wrong: Sequence[int] = ()) -> None:
    """Single choices whose right answer is A; the key of those named by their number says B."""
    for number in range(1, count + 1):
        question(session, f"c-{number:02}", right="B" if number in wrong else "A", bank=BANK)
    session.commit()


def persons(session: orm.Session, world: World, count: int, prefix: str = "sat") -> list[int]:
    """So many doctors of county A."""
    place = {"institution_id": world.a.township, "category": Category.GENERAL_PRACTITIONER}
    made = [Person(account=f"{prefix}-{number}", name=f"考生{number:03}", **place) for number in range(count)]
    for one in made:
        one.sort_key = person_key(one.name)
    session.add_all(made)
    session.flush()
    session.add_all(
        Post(person_id=one.id, institution_id=one.institution_id, begins_on=BEGINS, main=True) for one in made
    )
    numbers = [one.id for one in made]
    session.commit()
    return numbers


def sit(session: orm.Session, exam_id: int, who: Mapping[int, Answers]) -> dict[int, Any]:
    """These persons sat the exam and answered so; their attempts."""
    exam = session.get_one(Exam, exam_id)
    items = session.scalars(
        sa.select(PaperItem).where(PaperItem.paper_version_id == exam.paper_version_id).order_by(PaperItem.position)
    ).all()
    options = {str(item.id): list(item.question.option_keys) for item in items}
    here = {"institution_id": exam.institution_id, "exam_id": exam_id}
    seats = [Candidate(**here, person_id=person_id, added_by_id=exam.made_by_id) for person_id in who]
    session.add_all(seats)
    session.flush()
    at = exam.opens_at + timedelta(minutes=1)
    attempts = [
        Attempt(
            **here,
            id=ids.uuid7(),
            person_id=seat.person_id,
            candidate_id=seat.id,
            items=[item.id for item in items],
            options=options,
            started_at=at,
            deadline=at + timedelta(minutes=exam.minutes),
            closed_at=at + timedelta(minutes=20),
            epoch=1,
        )
        for seat in seats
    ]
    session.add_all(attempts)
    session.flush()
    session.add_all(AttemptClose(id=one.id, ending="handed_in", closed_at=one.closed_at) for one in attempts)
    session.add_all(
        AnswerEvent(id=ids.uuid7(), attempt_id=one.id, item_id=item, seq=seq, epoch=1, answer=list(answer))
        for one in attempts
        for seq, (item, answer) in enumerate(who[one.person_id].items(), 1)
    )
    made = {one.person_id: one.id for one in attempts}
    session.commit()
    return made


def able(items: Sequence[int], right: Callable[[int], str], seed: int, ability: float) -> dict[int, list[str]]:
    """The answers of somebody of this ability (logits) to items of mixed difficulty whose right answers are these."""
    drawn = random.Random(seed)
    found = {}
    for number, item in enumerate(items):
        chance = 1 / (1 + 2.718281828 ** (-(ability + 1.2 - 2.4 * number / len(items)) * 1.4))
        wrong = [key for key in "ABCD" if key != right(item)]
        found[item] = [right(item) if drawn.random() < chance else drawn.choice(wrong)]
    return found


def cohort(session: orm.Session, world: World, exam_id: int, count: int, seed: int = 7) -> dict[int, Any]:
    """So many doctors of mixed ability sat an exam whose right answers are all A; their attempts."""
    drawn = random.Random(seed)
    exam = session.get_one(Exam, exam_id)
    query = sa.select(PaperItem.id).where(PaperItem.paper_version_id == exam.paper_version_id)
    items = list(session.scalars(query.order_by(PaperItem.position)))
    people = persons(session, world, count)
    return sit(session, exam_id, {one: able(items, lambda _: "A", one, drawn.gauss(0.4, 1)) for one in people})
