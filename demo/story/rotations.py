"""Rotations at the district hospital: one behind the shown doctor, some under way, one planned, one to be judged."""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from courses.rotations import services
from courses.rotations.models import Rotation, RotationDepartment
from courses.rotations.rules import Outcome, State
from demo.cast import HOME
from demo.cohort.seats import DOCTOR, MENTOR
from demo.story.stage import Stage
from lms import clock
from lms.authz import only
from lms.db import db
from lms.people.models import Person

MANAGER, HOST = "manager", f"{HOME}-H"
#: Departments: name, English name, what can be learned, places.
DEPARTMENTS = (
    ("心内科", "Cardiology", "高血压、胸痛、心电图", 3),
    ("急诊科", "Emergency", "急救、心肺复苏、转诊", 2),
)


@dataclass(frozen=True)
class _Stay:
    """One rotation: who, where, from how many days ago to how many days ago (less than nothing: still to come)."""

    doctor: str
    department: str
    begins: int
    last: int
    goal: str = ""
    evaluated: bool = False


#: The shown doctor's ninety days are what the first star asks for.
STAYS = (
    _Stay(DOCTOR, "心内科", 112, 15, "独立处理高血压和胸痛初诊", evaluated=True),
    _Stay("gp04", "心内科", 60, -30, "心电图判读"),
    _Stay("gp05", "心内科", 20, -69, "慢病管理"),
    _Stay("gp06", "急诊科", 95, 4, "院前急救"),
    _Stay("gp08", "急诊科", -14, -103, "急救与转诊"),
)


def send(stage: Stage) -> None:
    """Everything, once."""
    with stage.acting(MANAGER):
        if db.session.scalar(sa.select(RotationDepartment.id).limit(1)) is not None:
            return
    for name, name_en, teaches, number in DEPARTMENTS:
        _offer(stage, name, name_en, teaches, number)
    for one in STAYS:
        _go(stage, one)


def _offer(stage: Stage, name: str, name_en: str, teaches: str, number: int) -> None:
    with stage.acting(MANAGER) as actor:
        host = stage.institution(HOST)
        made = services.offer_department(actor, host, name=name, name_en=name_en, teaches=teaches)
        services.set_places(actor, made, number=number, valid_from=_ago(400))
        receiver = only(db.session.get(Person, stage.person(MENTOR)))
        services.appoint(actor, made, person=receiver, begins_on=_ago(400))


def _go(stage: Stage, one: _Stay) -> None:
    with stage.acting(MANAGER) as actor:
        at = db.session.scalars(sa.select(RotationDepartment).where(RotationDepartment.name == one.department)).one()
        wish = services.Wish(_ago(one.begins), _ago(one.last), one.goal)
        doctor = only(db.session.get(Person, stage.person(one.doctor)))
        number = services.plan(actor, doctor, department=at, wish=wish).id
    if one.begins < 0:
        return
    with stage.acting(MENTOR) as actor:
        stay = db.session.get_one(Rotation, number)
        services.start(actor, stay, on=stay.begins_on)
        first = stay.begins_on
        week = services.Practice(
            first, first + timedelta(days=13), (0, 1, 2, 3, 4), 420, "病房管床与门诊随诊（模拟数据）"
        )
        services.confirm_practice(actor, stay, practice=week)
        if one.last >= 0:
            services.end(actor, stay, last_on=stay.last_on)
        if stay.state == State.ENDED and one.evaluated:
            found = services.Found(Outcome.PASSED, 2, "能独立判读常见心电图，高血压随访规范（模拟数据）")
            services.evaluate(actor, stay, found=found)


def _ago(days: int) -> date:
    return clock.today() - timedelta(days=days)
