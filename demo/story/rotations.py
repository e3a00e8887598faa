"""Rotations at the district hospital: one behind the shown doctor, some under way, one planned, one to be judged, and
one from paper that waits for a second person.
"""

import io
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

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
from lms.typesetting import Typesetter

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
#: Whose rotation was kept on paper, before there was this system.
ON_PAPER = _Stay("gp09", "急诊科", 380, 291)
_FORM = Typesetter(Path(__file__).with_name("rotation.typ"))


def send(stage: Stage) -> None:
    """Everything, once."""
    with stage.acting(MANAGER):
        if db.session.scalar(sa.select(RotationDepartment.id).limit(1)) is not None:
            return
    for name, name_en, teaches, number in DEPARTMENTS:
        _offer(stage, name, name_en, teaches, number)
    for one in STAYS:
        _go(stage, one)
    _from_paper(stage, ON_PAPER)


def _offer(stage: Stage, name: str, name_en: str, teaches: str, number: int) -> None:
    with stage.acting(MANAGER) as actor:
        host = stage.institution(HOST)
        made = services.offer_department(actor, host, name=name, name_en=name_en, teaches=teaches)
        services.set_places(actor, made, number=number, valid_from=_ago(400))
        receiver = only(db.session.get(Person, stage.person(MENTOR)))
        services.appoint(actor, made, person=receiver, begins_on=_ago(400))


def _go(stage: Stage, one: _Stay) -> None:
    with stage.acting(MANAGER) as actor:
        at = _department(one)
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


def _from_paper(stage: Stage, one: _Stay) -> None:
    """The receiver writes down what the paper says; the manager has yet to look at it."""
    with stage.acting(MANAGER):
        name = only(db.session.get(Person, stage.person(one.doctor))).name
    with stage.acting(MENTOR) as actor:
        at = _department(one)
        past = services.Past(
            _ago(one.begins), _ago(one.last), 2, "考勤齐全，出科考核合格（模拟数据）", "系统上线前为纸质登记"
        )
        form = io.BytesIO(_FORM.pdf(_on_paper(name, one.department, past)))
        services.record(actor, at, account=one.doctor, name=name, past=past, file=form, named="轮训鉴定表.pdf")


def _on_paper(name: str, department: str, past: services.Past) -> dict[str, object]:
    days = f"{past.begins_on:%Y年%m月%d日} 至 {past.last_on:%Y年%m月%d日}"
    return {
        "title": "基层医师进修轮训鉴定表",
        "simulated": "演示：人员与内容均为模拟数据",
        "rows": [
            ["姓名", name],
            ["轮训科室", department],
            ["起止日期", days],
            ["缺勤天数", str(past.absent_days)],
            ["鉴定意见", past.words],
        ],
        "signed": f"科室（演示，无签章）　{past.last_on:%Y年%m月%d日}",
    }


def _department(one: _Stay) -> RotationDepartment:
    return db.session.scalars(sa.select(RotationDepartment).where(RotationDepartment.name == one.department)).one()


def _ago(days: int) -> date:
    return clock.today() - timedelta(days=days)
