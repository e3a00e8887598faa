"""An evaluation of practice from its assignment to the doctor's result, and every way of refusing."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.practice import queries, services
from assessments.practice.models import Evaluation, EvaluationFormVersion, EvaluationRecord, State
from assessments.results.models import Result, ResultKind
from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.people.models import Person
from tests.conftest import As
from tests.factories import traces
from tests.factories.world import World
from tests.pages import Page

#: The form that counts records only.
OURS = sa.select(EvaluationFormVersion).where(EvaluationFormVersion.form.has(code="hypertension-chart-review"))


class Desk:
    """What officers and assessors do, each in a session of their own."""

    def __init__(self, as_: As, session: orm.Session, world: World) -> None:
        self.as_, self.session, self.world = as_, session, world

    def assign(self, officer: int, doctor: int, assessor: int, days: int = 365) -> int:
        self.session.commit()
        with self.as_(officer) as actor:
            version = db.session.scalars(OURS).one()
            made = services.assign(
                actor,
                db.session.get_one(Person, doctor),
                assessor=db.session.get_one(Person, assessor),
                version=version,
                period_from=clock.today() - timedelta(days=days),
                period_until=clock.today(),
            )
            return made.id

    def do(self, who: int, evaluation: int, verb: Any, **details: Any) -> Any:
        self.session.commit()
        with self.as_(who) as actor:
            return verb(actor, db.session.get_one(Evaluation, evaluation), **details)

    def scores(self, lost: int = 0) -> dict[str, int]:
        """Full points, less some on the first criterion."""
        body = self.session.scalars(OURS).one().body
        made = {one["code"]: one["points"] for one in body["criteria"]}
        made[body["criteria"][0]["code"]] -= lost
        return made

    def score_all(self, evaluation: int, lost: int = 0) -> None:
        scores = self.scores(lost)
        self.session.commit()
        with self.as_(self.world.a.examiner) as actor:
            row = db.session.get_one(Evaluation, evaluation)
            for number in range(1, 11):
                services.score(actor, row, number=number, label=f"2026-03 病例 {number}", scores=scores)

    def label(self, evaluation: int, number: int, label: str) -> None:
        """Score one record under this label."""
        details = {"number": number, "label": label, "scores": self.scores()}
        self.do(self.world.a.examiner, evaluation, services.score, **details)

    def hash(self, evaluation: int) -> bytes:
        with self.as_(self.world.a.exam_officer):
            row = db.session.get_one(Evaluation, evaluation)
            return queries.whole_hash(row, queries.records(row))

    def state(self, evaluation: int) -> str:
        self.session.expire_all()
        return self.session.get_one(Evaluation, evaluation).state


@pytest.fixture
def desk(app: Flask, as_: As, session: orm.Session, world: World) -> Iterator[Desk]:
    traces.load_content(app, "lms.techniques", "assessments.practice")
    yield Desk(as_, session, world)


@pytest.fixture
def evaluation(desk: Desk, world: World) -> int:
    return desk.assign(world.a.exam_officer, world.a.doctor, world.a.examiner)


def test_the_whole_way(desk: Desk, evaluation: int, session: orm.Session, world: World, page: Page) -> None:
    assert desk.state(evaluation) == State.ASSIGNED
    page.get(f"/practice/results/{evaluation}", world.a.doctor, expect=403)

    desk.score_all(evaluation, lost=2)
    desk.do(world.a.examiner, evaluation, services.submit)
    assert desk.state(evaluation) == State.SUBMITTED

    desk.do(world.a.exam_officer, evaluation, services.give_back, reason="第 3 份的标签请改")
    assert desk.state(evaluation) == State.RETURNED
    corrected = {"number": 3, "label": "2026-03 病例 三", "scores": desk.scores()}
    desk.do(world.a.examiner, evaluation, services.score, **corrected)
    desk.do(world.a.examiner, evaluation, services.submit)

    desk.do(world.a.exam_officer, evaluation, services.accept, content_hash=desk.hash(evaluation))
    assert desk.state(evaluation) == State.ACCEPTED
    result = session.scalars(sa.select(Result).where(Result.source_kind == "evaluation")).one()
    assert (result.kind, result.person_id, result.assessor_id) == (
        ResultKind.PRACTICE_EVALUATION,
        world.a.doctor,
        world.a.examiner,
    )
    assert result.value == Decimal("98.200")  # nine records lost 2 of 100 points, the mended one none
    page.get(f"/practice/results/{evaluation}", world.a.doctor)
    kept = session.scalars(sa.select(EvaluationRecord).where(EvaluationRecord.number == 3)).all()
    assert sorted(row.version for row in kept) == [1, 2], "the earlier scores stay readable"


def test_scoring_the_same_again_changes_nothing(
    desk: Desk, evaluation: int, session: orm.Session, world: World
) -> None:
    for _ in range(2):
        desk.do(world.a.examiner, evaluation, services.score, number=1, label="病例一", scores=desk.scores())
    assert session.scalar(sa.select(sa.func.count()).select_from(EvaluationRecord)) == 1


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ("530302197001010019", "identity number"),
        ("电话 13800138000", "telephone"),
        ("患者王建国", "name"),
        ("", "label"),
    ],
)
def test_a_label_that_gives_the_patient_away_is_refused(
    desk: Desk, evaluation: int, world: World, label: str, why: str
) -> None:
    if why == "identity number":
        from lms.people.rules.identity import check_character

        label = label[:17] + check_character(label[:17])
    with pytest.raises(Invalid):
        desk.do(world.a.examiner, evaluation, services.score, number=1, label=label, scores=desk.scores())


@pytest.mark.parametrize("points", [-1, 1000, 1.5, "3", None, float("nan"), True])
def test_points_that_cannot_be_are_refused(desk: Desk, evaluation: int, world: World, points: Any) -> None:
    scores = desk.scores() | {next(iter(desk.scores())): points}
    with pytest.raises(Invalid):
        desk.do(world.a.examiner, evaluation, services.score, number=1, label="病例一", scores=scores)


@pytest.mark.parametrize("number", [0, 11])
def test_a_record_beyond_the_form_is_refused(desk: Desk, evaluation: int, world: World, number: int) -> None:
    with pytest.raises(Invalid):
        desk.do(world.a.examiner, evaluation, services.score, number=number, label="病例", scores=desk.scores())


@pytest.mark.parametrize("label", ["A\x00B", "病" * 61, "\ud800"])
def test_a_label_that_cannot_be_kept_is_refused(desk: Desk, evaluation: int, world: World, label: str) -> None:
    with pytest.raises(Invalid):
        desk.label(evaluation, 1, label)


def test_one_record_is_not_scored_under_two_numbers(desk: Desk, evaluation: int, world: World) -> None:
    desk.label(evaluation, 1, "病历 A")
    with pytest.raises(Invalid):
        desk.label(evaluation, 2, "病历 A")
    desk.label(evaluation, 1, "病历 A")  # its own number may be scored again


def test_nine_records_are_not_enough(desk: Desk, evaluation: int, world: World) -> None:
    for number in range(1, 10):
        desk.do(
            world.a.examiner, evaluation, services.score, number=number, label=f"病例{number}", scores=desk.scores()
        )
    with pytest.raises(Conflict):
        desk.do(world.a.examiner, evaluation, services.submit)


def test_what_was_handed_in_is_not_changed(desk: Desk, evaluation: int, world: World) -> None:
    desk.score_all(evaluation)
    desk.do(world.a.examiner, evaluation, services.submit)
    with pytest.raises(Conflict):
        desk.do(world.a.examiner, evaluation, services.score, number=1, label="病例", scores=desk.scores(3))
    with pytest.raises(Conflict):
        desk.do(world.a.examiner, evaluation, services.submit)


def test_only_what_was_shown_is_accepted(desk: Desk, evaluation: int, world: World) -> None:
    desk.score_all(evaluation)
    desk.do(world.a.examiner, evaluation, services.submit)
    with pytest.raises(Conflict):
        desk.do(world.a.exam_officer, evaluation, services.accept, content_hash=b"x" * 32)
    with pytest.raises(NotAllowed):
        desk.do(world.a.examiner, evaluation, services.accept, content_hash=desk.hash(evaluation))


def test_an_assessor_of_the_same_house_or_oneself_is_refused(desk: Desk, world: World) -> None:
    with pytest.raises(Invalid):
        desk.assign(world.a.exam_officer, world.a.doctor, world.a.doctor)
    with pytest.raises(Invalid):
        desk.assign(world.a.exam_officer, world.a.doctor, world.a.second_doctor)


def test_the_same_evaluation_is_assigned_once(desk: Desk, evaluation: int, world: World) -> None:
    with pytest.raises(Conflict):
        desk.assign(world.a.exam_officer, world.a.doctor, world.a.examiner)


def test_the_neighbour_finds_nothing(desk: Desk, evaluation: int, world: World, page: Page) -> None:
    for who in (world.b.exam_officer, world.b.manager, world.b.examiner, world.b.doctor, world.a.second_examiner):
        page.get(f"/practice/{evaluation}", who, expect=404)
        page.get(f"/practice/{evaluation}/records", who, expect=404)
        page.post(f"/practice/{evaluation}/accept", who, expect=404)


def test_the_right_of_an_assessor_ends_sixty_days_after_the_period(
    desk: Desk, evaluation: int, session: orm.Session, world: World, page: Page
) -> None:
    page.get(f"/practice/{evaluation}/records", world.a.examiner)
    row = session.get_one(Evaluation, evaluation)
    row.period_until = clock.today() - timedelta(days=61)
    session.commit()
    page.get(f"/practice/{evaluation}/records", world.a.examiner, expect=404)


def test_what_waits_for_the_assessor_comes_first(desk: Desk, evaluation: int, world: World, page: Page) -> None:
    desk.score_all(evaluation)
    desk.do(world.a.examiner, evaluation, services.submit)
    waiting = desk.assign(world.a.exam_officer, world.a.second_doctor, world.a.examiner, days=100)
    soup = page.get("/practice/assessing", world.a.examiner)
    shown = [str(link["href"]) for link in soup.select("main a[href^='/practice/']")]
    assert shown == [f"/practice/{one}/records" for one in (waiting, evaluation)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page(desk: Desk, evaluation: int, world: World, page: Page, language: str) -> None:
    officer, assessor, doctor = world.a.exam_officer, world.a.examiner, world.a.doctor
    page.get("/practice", officer, language=language)
    page.get("/practice/new", officer, language=language)
    page.get("/practice/assessing", assessor, language=language)
    page.get(f"/practice/{evaluation}/records", assessor, language=language)
    page.get(f"/practice/{evaluation}/records/1", assessor, language=language)
    page.get(f"/practice/{evaluation}", officer, language=language)
    page.get("/practice/results", doctor, language=language)
    desk.score_all(evaluation)
    page.get(f"/practice/{evaluation}/records", assessor, language=language)
    desk.do(assessor, evaluation, services.submit)
    page.get(f"/practice/{evaluation}", officer, language=language)
    desk.do(officer, evaluation, services.accept, content_hash=desk.hash(evaluation))
    page.get(f"/practice/{evaluation}", officer, language=language)
    page.get(f"/practice/results/{evaluation}", doctor, language=language)
    page.get("/", doctor, language=language)


def test_a_record_is_scored_on_its_page(desk: Desk, evaluation: int, world: World, page: Page) -> None:
    fields = {f"points-{code}": str(points) for code, points in desk.scores().items()}
    page.post(f"/practice/{evaluation}/records/1", world.a.examiner, expect=303, label="病例一", **fields)
    assert page.answer.location.endswith("/records/2")
    soup = page.post(f"/practice/{evaluation}/records/2", world.a.examiner, expect=422, label="患者李小红", **fields)
    assert "李小红" in str(soup), "what was typed is still there"
    soup = page.post(
        f"/practice/{evaluation}/records/2",
        world.a.examiner,
        expect=422,
        label="病例",
        **fields | {next(iter(fields)): "1e309"},
    )
    assert "1e309" in str(soup)


def test_the_list_asks_the_same_number_of_questions(
    desk: Desk, session: orm.Session, world: World, page: Page, queries: list[str]
) -> None:
    def cost(rows: int) -> int:
        version = session.scalars(OURS).one().id
        have = session.scalar(sa.select(sa.func.count()).select_from(Evaluation)) or 0
        session.execute(
            sa.insert(Evaluation),
            [
                {
                    "person_id": world.a.doctor,
                    "institution_id": world.a.township,
                    "form_version_id": version,
                    "assessor_id": world.a.examiner,
                    "assessor_institution_id": world.a.hospital,
                    "doctor_name": "王小明",
                    "assessor_name": "陈建国",
                    "period_from": clock.today() - timedelta(days=1000 + number),
                    "period_until": clock.today(),
                    "assigned_by_id": world.a.exam_officer,
                }
                for number in range(have, rows)
            ],
        )
        session.commit()
        page.get("/practice", world.a.exam_officer)
        queries.clear()
        page.get("/practice", world.a.exam_officer)
        return len(queries)

    assert cost(10) == cost(1000)
