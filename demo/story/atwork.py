"""What was seen at work between exams: a doctor's year with three assessors, and chest compressions on a manikin."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from assessments.traces import services as traces
from assessments.traces.models import SkillTrace, TraceTarget, TraceTargetVersion
from assessments.traces.rules.synthetic import Person as Compresses
from assessments.traces.rules.synthetic import csv_of, trace_of
from assessments.workplace import services as workplace
from assessments.workplace.models import WorkplaceAssessment, WorkplaceRequest
from assessments.workplace.queries import people
from assessments.workplace.services.requesting import Wish
from courses.mentoring.models import Pairing
from demo.story.stage import Stage
from lms import clock, ids
from lms.db import Everything, db
from lms.people.models import Person
from lms.techniques.models import Technique
from lms.web.intake import Kind, Taken

DOCTOR, ASSESSORS = "doctor", ("mentor", "examiner", "k01")


@dataclass(frozen=True)
class _Visit:
    """One encounter that somebody watched: with which form, at what, how it went."""

    form: str
    technique: str
    assessor: int
    level: int
    about: str


#: What a general practitioner's year asks for but one: the last visit is still owed.
VISITS = (
    _Visit("mini-cex", "hypertension-management", 0, 2, "老年男性，血压控制不好，药没按时吃"),
    _Visit("mini-cex", "hypertension-management", 1, 3, "中年女性，第一次发现血压高"),
    _Visit("mini-cex", "diabetes-management", 2, 3, "老年女性，血糖波动"),
    _Visit("mini-cex", "diabetes-management", 0, 3, "中年男性，体重增加"),
    _Visit("dops", "bp-measurement", 1, 4, "门诊测血压"),
    _Visit("dops", "cpr-adult", 2, 3, "模拟人心肺复苏"),
    _Visit("dops", "ecg-12-lead", 0, 3, "胸闷病人做心电图"),
    _Visit("dops", "ecg-12-lead", 1, 4, "体检做心电图"),
    _Visit("cbd", "hypertension-management", 2, 3, "讨论一份转诊记录"),
    _Visit("cbd", "diabetes-management", 0, 4, "讨论一例低血糖"),
    _Visit("mini-cex", "hypertension-management", 2, 4, "随访调药"),
)
#: Three runs of the same doctor: shallow with a long pause, better, as the guideline asks.
RUNS = (
    Compresses(rate=126, depth=45, compressions=230, left=8, pauses={60: 13, 150: 6}, shake=0.3, seed=1),
    Compresses(rate=117, depth=50, compressions=215, left=3, pauses={30: 5, 90: 6, 150: 5}, fade=4, shake=0.3, seed=2),
    Compresses(rate=110, depth=55, compressions=200, pauses={30: 4, 60: 4, 90: 4, 120: 4, 150: 4}, shake=0.3, seed=3),
)


def watch(stage: Stage) -> None:
    """Tell of both, once."""
    with stage.acting(DOCTOR) as actor:
        seen = db.session.scalar(sa.select(sa.func.count(WorkplaceAssessment.id)))
        measured = db.session.scalar(
            sa.select(sa.func.count(SkillTrace.id)).where(SkillTrace.person_id == actor.person_id)
        )
    for visit in VISITS[seen or 0 :]:
        _visit(stage, visit)
    for number in range(measured or 0, len(RUNS)):
        _compress(stage, number)


def _visit(stage: Stage, visit: _Visit) -> None:
    """The doctor asks, the assessor watches and writes, the doctor reads it."""
    with stage.acting(DOCTOR) as actor:
        form = next(one for one in people.forms() if _fits(one.station.code, visit.form))
        technique = db.session.scalars(sa.select(Technique.id).where(Technique.code == visit.technique)).one()
        wish = Wish(form.station_id, technique, stage.person(ASSESSORS[visit.assessor]), clock.today())
        doctor = db.session.get_one(Person, actor.person_id)
        sent = _written(form.id, form.body["items"], visit)
        asked = workplace.request(actor, doctor, wish=wish).id
    with stage.acting(ASSESSORS[visit.assessor]) as actor:
        row = db.session.get_one(WorkplaceRequest, asked)
        made = workplace.assess(actor, row, sheet=ids.uuid7(), sent=sent).id
    with stage.acting(DOCTOR) as actor:
        words = "记住了，下次先说明再查体。" if visit.level < 3 else ""
        assessment = db.session.get_one(WorkplaceAssessment, made)
        workplace.acknowledge(actor, assessment, agrees=True, text="", reflection=words)


def _fits(code: str, wanted: str) -> bool:
    return code == wanted or code.startswith(f"{wanted}-")


def _written(version: int, items: list[dict[str, Any]], visit: _Visit) -> dict[str, Any]:
    """The sheet: full where it went well, the middle cell where it did not, one domain not seen."""
    marks: dict[str, int | None] = {}
    for number, item in enumerate(items):
        well = visit.level >= 4 or number % 3 or item["critical"]
        marks[item["code"]] = item["steps"][-1] if well else item["steps"][len(item["steps"]) // 2]
    unseen = [item["code"] for item in items if item.get("optional")]
    if unseen:
        marks[unseen[-1]] = None
    return {
        "form": version,
        "marks": marks,
        "rating": f"level-{visit.level}",
        "comment": "",
        "begun_at": clock.now().isoformat(),
        "own_clock": False,
        "observed_on": (clock.today() - timedelta(days=VISITS[::-1].index(visit) * 2)).isoformat(),
        "setting": "outpatient",
        "difficulty": "average",
        "about": visit.about,
        "good": "问诊有条理，听病人说完",
        "improve": "查体前先告诉病人要做什么",
        "action": "下周再看一例，先说明再查",
        "observe_minutes": 15,
        "feedback_minutes": 10,
        "reason": "",
    }


def _compress(stage: Stage, number: int) -> None:
    """Two runs of one's own, the last one under the mentor's eyes where there is a mentor."""
    data = csv_of(trace_of(RUNS[number])).encode()
    file = Taken(f"cpr-{number + 1}.csv", data, Kind.TEXT, hashlib.sha256(data).hexdigest())
    day = clock.today() - timedelta(days=14 * (len(RUNS) - 1 - number))
    pairing, mentor = _mentor(stage)
    last = number == len(RUNS) - 1 and pairing is not None
    with stage.acting(mentor if last else DOCTOR) as actor:
        target = sa.select(TraceTargetVersion).join(TraceTarget).where(TraceTarget.code == "cpr-adult")
        version = db.session.scalars(target.order_by(TraceTargetVersion.version.desc()).limit(1)).one()
        run = traces.Run(file, version, day)
        if last:
            traces.measure(actor, db.session.get_one(Pairing, pairing), run=run)
        else:
            traces.practise(actor, None, run=run)


def _mentor(stage: Stage) -> tuple[int | None, str]:
    """The doctor's pair of today and the mentor's account."""
    with stage.acting(DOCTOR) as actor:
        query = sa.select(Pairing.id, Person.account).join(Person, Person.id == Pairing.mentor_id)
        query = query.where(Pairing.person_id == actor.person_id, Pairing.agreed_until > clock.today())
        row = db.session.execute(query.limit(1), execution_options=Everything).one_or_none()
    return (None, "") if row is None else (row[0], row[1])
