"""What may be asked: whole banks for papers, counts of what there is to draw from, and what is for practice."""

from collections import Counter
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.bank.models import Question, QuestionVersion
from assessments.bank.queries.standing import usable_ids
from assessments.bank.rules.kinds import Use
from lms.db import db
from lms.techniques.models import Technique


def newest_ids() -> sa.Select[int]:
    """The ids of the version of every question that may be asked now: the newest ready one."""
    return usable_ids()


def _usable(use: Use) -> sa.Select[QuestionVersion]:
    return (
        sa.select(QuestionVersion)
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(Technique, Technique.id == QuestionVersion.technique_id)
        .where(QuestionVersion.id.in_(usable_ids(use)))
        .options(orm.contains_eager(QuestionVersion.question), orm.contains_eager(QuestionVersion.technique))
        .order_by(Question.code)
    )


def of_bank(bank: str) -> list[QuestionVersion]:
    """The newest ready versions of one bank with their keys: what a paper is made of, and nothing meant for practice.

    A series is there only whole: all its questions ready under one version of their case.
    """
    query = _usable(Use.EXAM).where(Question.bank == bank).options(orm.undefer(QuestionVersion.key))
    return _whole_series(db.session.scalars(query).all())


def for_practice() -> list[QuestionVersion]:
    """What doctors may practise with, without the keys; none of it is ever on a paper."""
    return _whole_series(db.session.scalars(_usable(Use.PRACTICE)).all())


def _whole_series(found: Sequence[QuestionVersion]) -> list[QuestionVersion]:
    here = Counter(one.shared_stem_version_id for one in found if one.shared_stem_version_id is not None)
    if not here:
        return list(found)
    case = QuestionVersion.shared_stem_version_id
    members = sa.select(case, sa.func.count(QuestionVersion.question_id.distinct())).where(case.in_(list(here)))
    whole = {number for number, count in db.session.execute(members.group_by(case)) if here[number or 0] == count}
    return [one for one in found if one.shared_stem_version_id in {None, *whole}]


def topics_of(bank: str) -> list[tuple[str, int]]:
    """The topics of one bank, in the order of their first question, and how many questions each has."""
    return list(Counter(found.topic for found in of_bank(bank)).items())


def pool(bank: str, **narrow: str) -> int:
    """How many questions of a bank there are to draw from, by `topic`, `level`, `kind` or `technique` (its code)."""
    return sum(_fits(one, narrow) for one in of_bank(bank))


def _fits(version: QuestionVersion, narrow: Mapping[str, str]) -> bool:
    has = {"topic": version.topic, "level": version.level, "kind": version.kind, "technique": version.technique.code}
    return all(has[name] == value for name, value in narrow.items())
