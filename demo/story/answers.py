"""What the mentors make of the warnings: most are answered, in each of the three ways; the shown mentor's wait."""

import random

import sqlalchemy as sa

from assessments.stall.models import Answer, Flag, FlagAnswer, Plan
from assessments.stall.services import answer
from courses.mentoring.queries import mentored_by
from demo.cast import SEED
from demo.cohort.seats import MENTOR
from demo.story.cohort import Cohort
from demo.story.stage import Stage
from lms.db import db

#: One in four stays open.
_WAYS = (
    (Answer.ACCEPTED, Plan.VISIT, "下周现场带教一次"),
    (Answer.ACCEPTED, Plan.CALL, ""),
    (Answer.HANDLED, "", "已当面带教，复测合格（模拟数据）"),
    (Answer.NOT_A_PROBLEM, "", "近期在外进修，回来后再看（模拟数据）"),
)
_ANSWERED = 0.75


def give(stage: Stage, cohort: Cohort) -> None:
    """Let every mentor but the shown one answer; what has been answered stays."""
    for account in sorted({pair.mentor for pair in cohort.city.pairs.values()} - {MENTOR}):
        draw = random.Random(f"{SEED}:flags:{account}")
        with stage.acting(account) as actor:
            answered = sa.exists().where(FlagAnswer.flag_id == Flag.id)
            own = Flag.person_id.in_(mentored_by(stage.person(account)))
            open_ones = sa.select(Flag).where(own, ~answered).order_by(Flag.person_id, Flag.technique_id)
            for flag in db.session.scalars(open_ones).all():
                way, plan, note = draw.choice(_WAYS)
                if draw.random() < _ANSWERED:
                    answer(actor, flag, said=way, plan=plan, note=note)
