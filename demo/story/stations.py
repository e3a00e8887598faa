"""One round of practical stations that has been held and released, one that runs today."""

import random

import sqlalchemy as sa

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation
from assessments.osce.queries import sheets, standards
from assessments.osce.services import deciding, marking, planning, releasing
from assessments.stations.models import StationVersion
from demo.cast import HOME, SEED
from demo.story.stage import Stage
from lms import clock, ids
from lms.db import db

HELD, TODAY = "血压测量考站（第一轮）", "血压测量考站（第二轮）"
HELD_FOR = ("gp01", "gp02", "gp03", "gp04", "gp05", "gp07", "gp08")
TODAY_FOR = ("doctor", "village", "gp06", "gp11")
STATION = "bp-measurement-station"


def hold(stage: Stage) -> None:
    """Hold the first round, start the second; what is there already stays as it is."""
    if not _there(stage, HELD):
        circuit = _make(stage, HELD, "Blood-pressure station (first round)", HELD_FOR)
        for number in range(len(HELD_FOR)):
            _mark(stage, circuit, number, good=0.97 - 0.05 * number)
        _finish(stage, circuit)
    if not _there(stage, TODAY):
        _make(stage, TODAY, "Blood-pressure station (second round)", TODAY_FOR)


def _there(stage: Stage, title: str) -> bool:
    with stage.acting("exam"):
        return db.session.scalar(sa.select(Circuit.id).where(Circuit.title == title)) is not None


def _make(stage: Stage, title: str, title_en: str, candidates: tuple[str, ...]) -> int:
    with stage.acting("exam") as actor:
        plan = planning.Plan(title, title_en, clock.today())
        circuit = planning.create(actor, stage.institution(HOME), plan=plan, stations=[_version()])
        planning.add_candidates(actor, circuit, persons=[stage.person(account) for account in candidates])
        planning.place_station(actor, circuit.stations[0], room="技能中心 1 号房")
        planning.assign(actor, circuit.stations[0], persons=[stage.person("examiner")])
        planning.start(actor, circuit)
        return circuit.id


def _version() -> int:
    newest = sa.select(sa.func.max(StationVersion.id)).where(StationVersion.station.has(code=STATION))
    return int(db.session.scalar(newest) or 0)


def _mark(stage: Stage, circuit: int, number: int, good: float) -> None:
    """The examiner marks one candidate, as well as the candidate did."""
    drawn = random.Random(f"{SEED}:{number}")
    with stage.acting("examiner") as actor:
        station = db.session.scalars(sa.select(CircuitStation).where(CircuitStation.circuit_id == circuit)).one()
        people = sa.select(CircuitCandidate).where(CircuitCandidate.circuit_id == circuit)
        candidate = db.session.scalars(people.order_by(CircuitCandidate.number)).all()[number]
        marks = {
            item["code"]: item["points"] if item["critical"] or drawn.random() < good else item["points"] // 2
            for item in station.version.body["items"]
        }
        sent = {
            "marks": marks,
            "rating": "good" if good > 0.85 else "pass",
            "comment": "操作规范，沟通自然。" if good > 0.85 else "袖带位置和复测间隔要再练。",
            "begun_at": clock.now().isoformat(),
            "own_clock": False,
        }
        marking.submit(actor, station, sheet=ids.uuid7(), candidate=candidate.id, sent=sent)


def _finish(stage: Stage, circuit_id: int) -> None:
    with stage.acting("exam") as actor:
        circuit = db.session.get_one(Circuit, circuit_id)
        deciding.close(actor, circuit, content_hash=sheets.board(circuit).hash)
    with stage.acting("exam2") as actor:
        circuit = db.session.get_one(Circuit, circuit_id)
        releasing.release(
            actor, circuit, content_hash=circuit.closed_hash or b"", standard=standards.cuts_of(circuit).hash
        )
