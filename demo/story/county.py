"""A practical exam of the county: eight stations after a blueprint, forty candidates, and all that can go otherwise.

An examiner reports sick and the timetable is made anew; two examiners see one candidate differently; each guard of the
standard setting speaks once; a candidate appeals and is marked again. A second exam is planned for tomorrow.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from assessments.osce.models import (
    Bound,
    Circuit,
    CircuitAppeal,
    CircuitCandidate,
    CircuitStation,
    Method,
    Revision,
    SheetAside,
)
from assessments.osce.queries import outlook, revisions, sheets, standards
from assessments.osce.queries.timetable import in_force, plan_of
from assessments.osce.rules.drawing import Post, Wishes
from assessments.osce.rules.events import Event, What
from assessments.osce.rules.rotation import Pace
from assessments.osce.rules.staffing import Judge
from assessments.osce.services import appeals, blueprints, deciding, marking, planning, releasing, rulings
from assessments.osce.services import standards as cutting
from assessments.osce.services import timetable as timetables
from assessments.stations import queries as stations
from demo.cast import HOME, SEED, Casting
from demo.story.people import enter_more
from demo.story.stage import Stage
from lms import clock, ids
from lms.authz import Actor
from lms.db import db

T = TypeVar("T")
HELD, TOMORROW = "县级全科医生技能考核（第一期）", "县级全科医生技能考核（第二期）"
BLUEPRINT, EXAMINERS = "county-gp-exam", 18
CANDIDATES = ("doctor", *(f"gp{n:02}" for n in range(1, 31)), *(f"vd{n:02}" for n in range(1, 10)))
NEXT_TIME = tuple(f"vd{n:02}" for n in range(10, 13)) + tuple(f"gp{n:02}" for n in range(1, 14))
#: Levels of the global rating, worst first.
GRADES = ("fail", "borderline", "pass", "good", "excellent")
#: By place in the blueprint: how a station's examiners rated, so that each guard of the standard setting speaks once.
TWO_GRADES, AGAINST_THE_MARKS, HARDLY = 3, 4, 6
#: The station with two examiners, of whom one overlooks what a candidate did.
TWICE_SEEN, SEEN_OTHERWISE = 1, 3
#: Who appeals, and the station that was filmed.
APPEALS, FILMED = 5, 5


@dataclass(frozen=True)
class _Exam:
    """An exam with the ids of its stations and candidates in their order, and who examines."""

    stage: Stage
    circuit: int
    stations: Sequence[int]
    candidates: Sequence[int]

    def do(self, who: str, act: Callable[[Actor, Circuit], T]) -> T:
        """Something with this exam, as somebody."""
        with self.stage.acting(who) as actor:
            return act(actor, db.session.get_one(Circuit, self.circuit))


def hold(stage: Stage) -> None:
    """Hold one exam to its released results, plan another for tomorrow; what is there already stays as it is."""
    enter_more(stage, Casting(pass_over=900).examiners(f"{HOME}-H", EXAMINERS))
    if not _there(stage, HELD):
        exam = _plan(stage, HELD, "County practical exam for GPs (first)", CANDIDATES, clock.today())
        _draw(exam, reason="")
        _draw(exam, reason="一位考官请病假，由备用考官接替", away=1)
        _examine(exam)
        _decide(exam)
    if not _there(stage, TOMORROW):
        tomorrow = clock.today() + timedelta(days=1)
        exam = _plan(stage, TOMORROW, "County practical exam for GPs (second)", NEXT_TIME, tomorrow)
        _draw(exam, reason="")
        _examiner_away(exam)


def _there(stage: Stage, title: str) -> bool:
    with stage.acting("exam"):
        return db.session.scalar(sa.select(Circuit.id).where(Circuit.title == title)) is not None


def _plan(stage: Stage, title: str, title_en: str, accounts: Sequence[str], on_day: date) -> _Exam:
    """From the blueprint, with the station that is meant first at every post."""
    with stage.acting("exam") as actor:
        blueprint = stations.blueprint(BLUEPRINT)
        assert blueprint is not None
        chosen = {post: versions[0].id for post, versions in stations.fitting(blueprint.body).items()}
        plan = planning.Plan(title, title_en, on_day)
        circuit = blueprints.plan_from(actor, stage.institution(HOME), plan=plan, blueprint=blueprint, stations=chosen)
        planning.add_candidates(actor, circuit, persons=[stage.person(account) for account in accounts])
        number = circuit.id
        places = sa.select(CircuitStation.id).where(CircuitStation.circuit_id == number)
        listed = sa.select(CircuitCandidate.id).where(CircuitCandidate.circuit_id == number)
        return _Exam(
            stage,
            number,
            list(db.session.scalars(places.order_by(CircuitStation.position))),
            list(db.session.scalars(listed.order_by(CircuitCandidate.number))),
        )


def _draw(exam: _Exam, *, reason: str, away: int = 0) -> None:
    """Two tracks side by side; `away` examiners of the list cannot come."""
    names = [f"k{n:02}" for n in range(1 + away, EXAMINERS + 1)]
    rooms = {
        (track, station): Post(f"{'东西'[track - 1]}区 {number} 号房")
        for track in (1, 2)
        for number, station in enumerate(exam.stations, 1)
    }
    judges = tuple(Judge(exam.stage.person(name)) for name in names)
    wishes = Wishes(2, rooms, judges, pace=Pace(begins=8 * 60, latest=20 * 60, change=2, gap=10))
    exam.do("exam", lambda actor, circuit: timetables.generate(actor, circuit, wishes=wishes, reason=reason))


def _examiner_away(exam: _Exam) -> None:
    """For tomorrow: the change that follows from an examiner's absence, as the preview shows it."""

    def change(actor: Actor, circuit: Circuit) -> None:
        timetable = in_force(circuit)
        assert timetable is not None
        seated = {one.person for one in plan_of(timetable).bookings if one.person is not None}
        event = Event(What.EXAMINER_AWAY, person=min(seated))
        seen = outlook.outlook(circuit, timetable, event).hash
        over = timetable.content_hash
        timetables.change(actor, circuit, event=event, over=over, seen=seen, reason="考官临时有急诊手术")

    exam.do("exam", change)


def _examine(exam: _Exam) -> None:
    """Every candidate at every station by the examiner of their track; one station by a second one too."""
    extra = f"k{EXAMINERS:02}"

    def begin(actor: Actor, circuit: Circuit) -> None:
        place = db.session.get_one(CircuitStation, exam.stations[TWICE_SEEN])
        if extra not in _examiners(exam, TWICE_SEEN):
            planning.assign(actor, place, persons=[exam.stage.person(extra)])
        planning.start(actor, circuit)

    exam.do("exam", begin)
    for (station, candidate), examiner in _seats(exam).items():
        _mark(exam, examiner, exam.stations.index(station), exam.candidates.index(candidate))
    _mark(exam, extra, TWICE_SEEN, SEEN_OTHERWISE, overlooks=True)


def _seats(exam: _Exam) -> dict[tuple[int, int], str]:
    """Which examiner meets which candidate at which station, by the timetable in force; in the order of the day."""
    accounts = {exam.stage.person(name): name for name in (f"k{n:02}" for n in range(1, EXAMINERS + 1))}

    def seats(_: Actor, circuit: Circuit) -> dict[tuple[int, int], str]:
        timetable = in_force(circuit)
        assert timetable is not None
        plan = plan_of(timetable)
        return {
            (visit.station, visit.candidate): accounts[
                plan.at_post(Bound.EXAMINER, visit.track, visit.position, visit.begins)[0].person or 0
            ]
            for visit in sorted(plan.visits, key=lambda one: (one.begins, one.station))
            if visit.station is not None
        }

    return exam.do("exam", seats)


def _examiners(exam: _Exam, at: int) -> list[str]:
    """The accounts of those who may mark at a station, the first of the list first."""
    with exam.stage.acting("exam"):
        place = db.session.get_one(CircuitStation, exam.stations[at])
        able = {one.examiner_id for one in place.examiners if one.in_force}
    return [name for name in (f"k{n:02}" for n in range(1, EXAMINERS + 1)) if exam.stage.person(name) in able]


def _mark(exam: _Exam, examiner: str, at: int, candidate: int, *, overlooks: bool = False) -> UUID:
    """One sheet, as well as this candidate does at this station; with a word where something critical was missed."""
    drawn = random.Random(f"{SEED}:{at}:{candidate}")
    ability = 0.97 if candidate == 0 else 0.62 + 0.35 * random.Random(f"{SEED}:{candidate}").random()
    did = min(0.99, max(0.3, drawn.gauss(ability, 0.07)))
    with exam.stage.acting(examiner) as actor:
        place = db.session.get_one(CircuitStation, exam.stations[at])
        items = place.version.body["items"]
        marks = {item["code"]: _points(item, drawn, did, fails=candidate == APPEALS and at == FILMED) for item in items}
        if overlooks:
            marks[items[0]["code"]] = 0
        share = sum(marks.values()) / sum(item["points"] for item in items)
        sent = {
            "marks": marks,
            "rating": _rating(at, share, drawn),
            "comment": _comment(items, marks),
            "begun_at": clock.now().isoformat(),
            "own_clock": False,
        }
        number = ids.uuid7()
        marking.submit(actor, place, sheet=number, candidate=exam.candidates[candidate], sent=sent)
    return number


def _points(item: dict[str, Any], drawn: random.Random, did: float, *, fails: bool) -> int:
    """Critical items are nearly always done; of the others as much as the candidate's day allows."""
    luck = drawn.random()
    if item["critical"]:
        return 0 if fails or luck > did + 0.28 else int(item["points"])
    if luck < did:
        return int(item["points"])
    return int(item["steps"][len(item["steps"]) // 2]) if len(item["steps"]) > 2 else 0


def _rating(at: int, share: float, drawn: random.Random) -> str:
    """The global rating; at three stations not as it should be."""
    if at == TWO_GRADES:
        return "pass" if share < 0.8 else "good"
    error = drawn.gauss(0, 0.16 if at == HARDLY else 0.03)
    level = sum(share + error > cut for cut in (0.58, 0.68, 0.8, 0.92))
    return GRADES[len(GRADES) - 1 - level if at == AGAINST_THE_MARKS else level]


def _comment(items: Sequence[dict[str, Any]], marks: dict[str, int]) -> str:
    missed = [item["text"] for item in items if marks[item["code"]] < item["points"]]
    critical = [item["text"] for item in items if item["critical"] and marks[item["code"]] < item["points"]]
    if critical:
        return f"关键步骤没有做到：{critical[0]}"
    return f"要再练：{missed[0]}" if missed else "操作规范，沟通自然。"


def _decide(exam: _Exam) -> None:
    """Settle, close, set the cuts, release by another officer, answer the appeal."""
    _settle(exam)
    exam.do("exam", lambda a, one: deciding.close(a, one, content_hash=sheets.board(one).hash))
    exam.do("exam", lambda a, one: _cut(exam, a, one))
    exam.do(
        "exam2",
        lambda a, one: releasing.release(
            a, one, content_hash=one.closed_hash or b"", standard=standards.cuts_of(one).hash
        ),
    )
    _appeal(exam)


def _settle(exam: _Exam) -> None:
    """The sheet of the examiner who saw all of it counts."""

    def settle(actor: Actor, circuit: Circuit) -> None:
        station, candidate = exam.stations[TWICE_SEEN], exam.candidates[SEEN_OTHERWISE]
        square = sheets.board(circuit).squares[station, candidate]
        best = max(square.sheets, key=lambda sheet: sum(sheet.marks.values()))
        deciding.settle(
            actor,
            db.session.get_one(CircuitCandidate, candidate),
            station=db.session.get_one(CircuitStation, station),
            sheet=best.id,
            over=square.judged.over,
            reason="回看录像，考生做了这一步",
        )

    exam.do("exam", settle)


def _cut(exam: _Exam, actor: Actor, circuit: Circuit) -> None:
    """Borderline regression where it holds, else a percent somebody answers for; the exam's cut with one error."""
    bad = {exam.stations[TWO_GRADES], exam.stations[AGAINST_THE_MARKS]}
    regressed = {number: Method.BORDERLINE_REGRESSION for number in exam.stations if number not in bad}
    cutting.set_stations(actor, circuit, methods=regressed, reason="边界回归法，专家组 11 月会议同意")
    for number in bad:
        wanted = cutting.Wanted(Method.FIXED, percent=Decimal(60))
        place = db.session.get_one(CircuitStation, number)
        cutting.set_station(actor, place, wanted=wanted, reason="回归不成立，专家组商定 60 分")
    cutting.set_exam(actor, circuit, errors=Decimal(1), least_stations=5, reason="总分加一个测量标准误，至少过 5 站")


def _appeal(exam: _Exam) -> None:
    """Somebody who failed a critical item appeals; a second examiner's sheet takes the place of the first."""
    account, candidate = CANDIDATES[APPEALS], exam.candidates[APPEALS]

    def ask(actor: Actor, _: Circuit) -> int:
        row = db.session.get_one(CircuitCandidate, candidate)
        return appeals.appeal(actor, row, reason="第 6 站的关键步骤我做了，请看录像").id

    appeal = exam.do(account, ask)
    again = _examiners(exam, FILMED)[-1]
    _mark_again(exam, again, candidate)

    def revise(actor: Actor, circuit: Circuit) -> int:
        row = db.session.get_one(CircuitAppeal, appeal)
        revision = releasing.open_revision(actor, circuit, reason="看了录像，第 6 站重评", appeal=row)
        aside = db.session.scalars(sa.select(SheetAside).order_by(SheetAside.id.desc()).limit(1)).one()
        over = sheets.board(circuit, revision).squares[exam.stations[FILMED], candidate].judged.over
        rulings.accept(actor, aside, over=over, reason="以重评为准", alone=True)
        return revision.id

    revision = exam.do("exam", revise)

    def release(actor: Actor, _: Circuit) -> None:
        row = db.session.get_one(Revision, revision)
        releasing.release_revision(actor, row, dry=revisions.dry_run(row).hash)

    exam.do("exam2", release)


def _mark_again(exam: _Exam, examiner: str, candidate: int) -> None:
    """From the film: everything critical was done."""
    with exam.stage.acting(examiner) as actor:
        place = db.session.get_one(CircuitStation, exam.stations[FILMED])
        sent = {
            "marks": {item["code"]: item["points"] for item in place.version.body["items"]},
            "rating": "pass",
            "comment": "看录像重评：关键步骤完成。",
            "begun_at": clock.now().isoformat(),
            "own_clock": False,
        }
        marking.submit(actor, place, sheet=ids.uuid7(), candidate=candidate, sent=sent)
