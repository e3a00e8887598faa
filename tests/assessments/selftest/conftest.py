"""A small bank with questions for practice and one for exams, and hands to practise."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.bank.models import Question, QuestionVersion
from assessments.selftest import services
from assessments.selftest.formats import SentAnswer
from assessments.selftest.models import SelfTest, SelfTestAnswer, SelfTestCard, SelfTestItem
from assessments.selftest.rules import Felt
from lms import ids
from lms.authz import Actor
from lms.db import db
from lms.people.models import Person
from tests.conftest import As
from tests.factories.exams import question

TOPICS = ("测量", "分级", "转诊")
#: per topic
MANY = 5


class Desk:
    """What doctors do with self-tests, each act in a session of its own."""

    def __init__(self, as_: As, session: orm.Session) -> None:
        self.as_, self.session = as_, session

    def inside(self, who: int) -> AbstractContextManager[Actor]:
        """A session of somebody's own; the test's lets go of its savepoint first."""
        self.session.commit()
        return self.as_(who)

    def begin(self, who: int, **how: Any) -> int:
        """Begin; the self-test's id."""
        with self.inside(who) as actor:
            return services.begin(actor, db.session.get_one(Person, who), **how).id

    def send(self, who: int, test: int, sent: Sequence[SentAnswer]) -> list[str]:
        """What the page's script sends."""
        with self.inside(who) as actor:
            return services.answer(actor, db.session.get_one(SelfTest, test), sent=sent)

    def answer(
        self, who: int, test: int, *places: int, answer: Sequence[str] = ("A",), **more: Any
    ) -> list[SentAnswer]:
        """Answer the questions of these places alike; every question's right answer is A."""
        items = self.items(test)
        sent = [
            SentAnswer(id=ids.uuid7(), item=items[place - 1].id, answer=tuple(answer), **({"felt": Felt.FAIR} | more))
            for place in places
        ]
        self.send(who, test, sent)
        return sent

    def all(self, who: int, test: int, *, answer: Sequence[str] = ("A",), **more: Any) -> None:
        """Answer everything alike."""
        self.answer(who, test, *range(1, len(self.items(test)) + 1), answer=answer, **more)

    def items(self, test: int) -> list[SelfTestItem]:
        """The questions of a self-test, in order."""
        self.session.expire_all()
        query = sa.select(SelfTestItem).where(SelfTestItem.test_id == test).order_by(SelfTestItem.place)
        return list(self.session.scalars(query))

    def codes(self, test: int) -> list[str]:
        """The codes of its questions."""
        return [item.version.question.code for item in self.items(test)]

    def answers(self, who: int) -> list[SelfTestAnswer]:
        """All answers of somebody, in the order in which they were given."""
        self.session.expire_all()
        query = sa.select(SelfTestAnswer).where(SelfTestAnswer.person_id == who)
        return list(self.session.scalars(query.order_by(SelfTestAnswer.answered_at, SelfTestAnswer.id)))

    def cards(self, who: int) -> dict[str, SelfTestCard]:
        """What somebody has of each question, by its code."""
        self.session.expire_all()
        query = sa.select(SelfTestCard).where(SelfTestCard.person_id == who)
        return {card.question.code: card for card in self.session.scalars(query)}

    def exam_version(self) -> QuestionVersion:
        """The question that is for exams."""
        query = sa.select(QuestionVersion).join(Question, Question.id == QuestionVersion.question_id)
        return self.session.scalars(query.where(Question.use == "exam")).one()


@pytest.fixture
def desk(as_: As, session: orm.Session) -> Desk:
    """Five questions for practice in each of three topics, and one for exams in the first."""
    for topic in TOPICS:
        for number in range(1, MANY + 1):
            question(session, f"{topic}-{number}", topic=topic, bank="practice", use="practice")
    question(session, "for-exams", topic=TOPICS[0])
    session.commit()
    return Desk(as_, session)
