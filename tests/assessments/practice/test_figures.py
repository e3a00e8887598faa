"""Figures imported, a result made of all parts, an appeal and its answer; and who may not."""

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.certification.queries.proposals import appealing
from assessments.practice import queries, services
from assessments.practice.formats.indicators import read_table
from assessments.practice.models import (
    Evaluation,
    EvaluationAppeal,
    EvaluationFormVersion,
    EvaluationResult,
    IndicatorImport,
    IndicatorValue,
    Outcome,
)
from assessments.results.models import Result
from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.people.models import Person
from lms.web.exports import Column, Sheet, workbook
from lms.web.intake import Kind, Taken, take
from tests.conftest import As
from tests.factories import traces
from tests.factories.world import World
from tests.pages import Page

HEADS = ("账号", "姓名", "指标", "期间起", "期间止", "分子", "分母", "来源")
WHOLE = sa.select(EvaluationFormVersion).where(EvaluationFormVersion.form.has(code="hypertension-practice-whole"))


def day(ago: int) -> str:
    return (clock.today() - timedelta(days=ago)).isoformat()


def rows(account: str, name: str = "王小明", **changed: Any) -> list[tuple[Any, ...]]:
    """Four figures of half a year, two of them by the quarter."""
    made = {
        "高血压控制率": [(200, 101, 30, 60), (100, 1, 15, 40)],
        "高血压规范随访率": [(200, 1, 70, 100)],
        "门诊抗菌药使用率": [(200, 1, 60, 150)],
        "患者满意度": [(200, 1, 45, 50)],
    } | changed
    return [
        (account, name, indicator, day(begins), day(ends), numerator, denominator, "公卫系统")
        for indicator, some in made.items()
        for begins, ends, numerator, denominator in some
    ]


def table(*lines: tuple[Any, ...]) -> Taken:
    text = "\n".join(",".join(map(str, line)) for line in (HEADS, *lines)).encode()
    return Taken("figures.csv", text, Kind.TEXT, hashlib.sha256(text).hexdigest())


class Desk:
    """What officers, assessors and doctors do, each in a session of their own."""

    def __init__(self, as_: As, session: orm.Session, world: World) -> None:
        self.as_, self.session, self.world = as_, session, world
        self.account = session.get_one(Person, world.a.doctor).account

    def send(self, taken: Taken, who: int | None = None) -> int:
        """Have a table checked."""
        with self.as_(who or self.world.a.exam_officer) as actor:
            return services.send(actor, None, taken=taken).id

    def apply(self, sent: int, who: int | None = None, plan: str | None = None) -> dict[str, int]:
        """Have what was checked written."""
        with self.as_(who or self.world.a.exam_officer) as actor:
            row = db.session.get_one(IndicatorImport, sent)
            return services.apply(actor, row, plan_hash=plan or row.plan_hash)

    def import_(self, *lines: tuple[Any, ...]) -> dict[str, int]:
        """Both at once."""
        return self.apply(self.send(table(*lines)))

    def values(self) -> int:
        """How many figures have ever been written."""
        self.session.expire_all()
        return self.session.scalar(sa.select(sa.func.count()).select_from(IndicatorValue)) or 0

    def do(self, who: int, evaluation: int, verb: Any, **details: Any) -> Any:
        """Somebody does something with an evaluation."""
        with self.as_(who) as actor:
            return verb(actor, db.session.get_one(Evaluation, evaluation), **details)

    def handed_in(self, lost: int = 0) -> int:
        """An evaluation of the whole of practice, its records scored and handed in."""
        world = self.world
        with self.as_(world.a.exam_officer) as actor:
            made = services.assign(
                actor,
                db.session.get_one(Person, world.a.doctor),
                assessor=db.session.get_one(Person, world.a.examiner),
                version=db.session.scalars(WHOLE).one(),
                period_from=clock.today() - timedelta(days=365),
                period_until=clock.today(),
            ).id
        scores = self.scores(lost)
        with self.as_(world.a.examiner) as actor:
            row = db.session.get_one(Evaluation, made)
            for number in range(1, 11):
                services.score(actor, row, number=number, label=f"病例 {number}", scores=scores)
            services.submit(actor, row)
        return made

    def scores(self, lost: int = 0) -> dict[str, int]:
        """Full points, less some on the first criterion."""
        body = self.session.scalars(WHOLE).one().body
        made = {one["code"]: one["points"] for one in body["criteria"]}
        made[body["criteria"][0]["code"]] -= lost
        return made

    def accept(self, evaluation: int) -> None:
        """An officer lets it stand."""
        with self.as_(self.world.people["exam_officer"]) as actor:
            row = db.session.get_one(Evaluation, evaluation)
            services.accept(actor, row, content_hash=queries.whole_hash(row, queries.records(row)))

    def accepted(self, lost: int = 10) -> int:
        """An evaluation that stands, with all its figures."""
        self.import_(*rows(self.account))
        made = self.handed_in(lost)
        self.accept(made)
        return made

    def appeal(self, evaluation: int, who: int | None = None, reason: str = "第 3 份少给了分") -> int:
        """The doctor appeals."""
        with self.as_(who or self.world.a.doctor) as actor:
            return services.appeal(actor, db.session.get_one(Evaluation, evaluation), reason=reason).id

    def answer(self, appeal: int, who: int | None = None, **details: Any) -> None:
        """An officer answers; the city's, who had no part in it, unless said."""
        with self.as_(who or self.world.people["exam_officer"]) as actor:
            given = {"outcome": Outcome.REJECTED, "reason": "核对无误"} | details
            services.answer(actor, db.session.get_one(EvaluationAppeal, appeal), **given)

    def results(self) -> list[EvaluationResult]:
        """Every version of every result."""
        self.session.expire_all()
        return list(self.session.scalars(sa.select(EvaluationResult).order_by(EvaluationResult.id)))

    def evidence(self) -> list[Result]:
        """What stands in the table of evidence."""
        self.session.expire_all()
        mine = sa.select(Result).where(Result.source_kind == "evaluation")
        return list(self.session.scalars(mine.order_by(Result.id)))


@pytest.fixture
def desk(app: Flask, as_: As, session: orm.Session, world: World) -> Iterator[Desk]:
    traces.load_content(app, "lms.techniques", "assessments.practice")
    yield Desk(as_, session, world)


def test_first_checked_then_all_or_nothing_and_twice_changes_nothing(desk: Desk) -> None:
    sent = desk.send(table(*rows(desk.account)))
    assert desk.values() == 0, "the dry run writes nothing"
    assert desk.apply(sent) == {"created": 5, "changed": 0, "unchanged": 0, "refused": 0}
    with pytest.raises(Conflict):
        desk.apply(sent)
    assert desk.import_(*rows(desk.account)) == {"created": 0, "changed": 0, "unchanged": 5, "refused": 0}
    assert desk.values() == 5
    assert desk.import_(*rows(desk.account, 患者满意度=[(200, 1, 44, 50)]))["changed"] == 1
    assert desk.values() == 6, "the earlier figure stays"


def test_one_refused_row_keeps_everything_out(desk: Desk, world: World, page: Page) -> None:
    sent = desk.send(table(*rows(desk.account), *rows(desk.account, "别人")))
    with pytest.raises(Conflict):
        desk.apply(sent)
    assert desk.values() == 0
    assert "该账号属于王小明" in page.get(f"/practice/figures/import/{sent}?only=refused", world.a.exam_officer).text
    page.get(f"/practice/figures/import/{sent}?export=xlsx", world.a.exam_officer)


def test_what_has_changed_since_the_check_is_not_written(desk: Desk) -> None:
    first, second = desk.send(table(*rows(desk.account))), desk.send(table(*rows(desk.account)))
    with pytest.raises(Conflict):
        desk.apply(first, plan="0" * 64)
    desk.apply(first)
    with pytest.raises(Conflict):
        desk.apply(second)
    assert desk.values() == 5


def test_doctors_of_the_neighbour_are_not_known(desk: Desk, session: orm.Session, world: World, page: Page) -> None:
    other = session.get_one(Person, world.b.doctor)
    sent = desk.send(table(*rows(other.account, other.name)))
    with pytest.raises(Conflict):
        desk.apply(sent)
    for who in (world.b.exam_officer, world.b.manager, world.b.doctor):
        page.get(f"/practice/figures/import/{sent}", who, expect=404)
        page.post(f"/practice/figures/import/{sent}/apply", who, expect=404)
    for who in (world.a.manager, world.a.doctor, world.a.examiner):
        page.get("/practice/figures/import", who, expect=403)
    desk.import_(*rows(desk.account))
    assert "王小明" not in page.get("/practice/figures", world.b.exam_officer).select("main")[0].text
    assert "王小明" in page.get("/practice/figures", world.a.manager).select("main")[0].text


@pytest.mark.parametrize(
    "lines", [[], [("",) * 8], [("a", "b")]], ids=["nothing below the head", "empty rows", "short rows"]
)
def test_tables_with_little_in_them(desk: Desk, lines: list[tuple[str, ...]]) -> None:
    if lines and lines[0][0]:
        sent = desk.send(table(*lines))
        assert desk.session.get_one(IndicatorImport, sent).counts["refused"] == 1
    else:
        with pytest.raises(Invalid):
            desk.send(table(*lines))


def test_the_template_filled_in_is_read(desk: Desk, world: World, page: Page) -> None:
    page.get("/practice/figures/template.xlsx", world.a.exam_officer)
    empty = take(io.BytesIO(page.answer.data), "t.xlsx", kinds=frozenset({Kind.XLSX}), most=1 << 22)
    with pytest.raises(Invalid):
        read_table(empty)
    sheet = Sheet("指标数据", [Column(head) for head in HEADS], rows(desk.account))
    with workbook([sheet]) as file:
        full = take(file, "t.xlsx", kinds=frozenset({Kind.XLSX}), most=1 << 22)
    assert desk.apply(desk.send(full))["created"] == 5


def test_a_result_of_all_its_parts(desk: Desk, world: World, session: orm.Session, page: Page) -> None:
    evaluation = desk.handed_in(lost=10)
    with pytest.raises(Conflict, match="患者满意度"):
        desk.accept(evaluation)
    assert "例数不足" in page.get(f"/practice/{evaluation}", world.a.exam_officer).text
    desk.import_(*rows(desk.account))
    desk.accept(evaluation)
    # records 90; satisfaction 90 of 90; control 45 % of 60, follow-up 70 of 70, antibiotics 20 over 40
    expected = Decimal(60 * 90 + 20 * 100 + 20 * (75 + 100 + 50) / Decimal(3)) / 100
    (result,) = desk.results()
    assert result.percent == expected == session.get_one(Evaluation, evaluation).percent
    assert desk.evidence()[0].value == expected
    soup = page.get(f"/practice/results/{evaluation}", world.a.doctor)
    assert "患者满意度" in soup.text
    assert "高血压控制率" in soup.text


def test_figures_that_came_after_the_page_was_shown_are_not_accepted_unseen(desk: Desk, world: World) -> None:
    desk.import_(*rows(desk.account))
    evaluation = desk.handed_in()
    with desk.as_(world.a.exam_officer):
        row = db.session.get_one(Evaluation, evaluation)
        seen = queries.whole_hash(row, queries.records(row))
    desk.import_(*rows(desk.account, 患者满意度=[(200, 1, 20, 50)]))
    with pytest.raises(Conflict):
        desk.do(world.people["exam_officer"], evaluation, services.accept, content_hash=seen)


def test_an_appeal_with_corrected_points_makes_a_new_version(desk: Desk, world: World, session: orm.Session) -> None:
    evaluation = desk.accepted(lost=10)
    before = desk.results()[0].percent
    appeal = desk.appeal(evaluation)
    desk.answer(appeal, outcome=Outcome.CHANGED, reason="第 3 份确有依据", corrections={3: desk.scores()})
    first, second = desk.results()
    assert (second.version, second.supersedes_id, second.reason) == (2, first.id, "第 3 份确有依据")
    assert second.percent == before + Decimal("0.60"), "ten points of one of ten records, at 60 %"
    assert session.get_one(Evaluation, evaluation).percent == second.percent
    assert [(one.version, one.value) for one in desk.evidence()] == [(1, first.percent), (2, second.percent)]
    with pytest.raises(Conflict):
        desk.answer(appeal)


def test_an_appeal_with_a_corrected_figure(desk: Desk) -> None:
    evaluation = desk.accepted()
    appeal = desk.appeal(evaluation, reason="满意度的份数填错了")
    with pytest.raises(Conflict):
        desk.answer(appeal, outcome=Outcome.CHANGED, reason="已更正")
    desk.import_(*rows(desk.account, 患者满意度=[(200, 1, 27, 50)]))
    desk.answer(appeal, outcome=Outcome.CHANGED, reason="已更正")
    assert desk.results()[1].percent < desk.results()[0].percent


def test_a_rejected_appeal_changes_nothing(desk: Desk, world: World, page: Page) -> None:
    evaluation = desk.accepted()
    desk.answer(desk.appeal(evaluation), reason="评分与规范一致")
    assert len(desk.results()) == len(desk.evidence()) == 1
    soup = page.get(f"/practice/results/{evaluation}", world.a.doctor)
    assert "评分与规范一致" in soup.text
    with pytest.raises(Conflict):
        desk.appeal(evaluation)


def test_who_had_a_part_in_it_does_not_answer(desk: Desk, world: World) -> None:
    appeal = desk.appeal(desk.accepted())
    for who in (world.a.exam_officer, world.a.examiner, world.a.doctor, world.a.manager):
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            desk.answer(appeal, who=who)
    for who in (world.b.exam_officer, world.b.doctor):
        with pytest.raises(sa.exc.NoResultFound):
            desk.answer(appeal, who=who)


def test_an_appeal_in_time_by_the_doctor_once_with_a_reason(desk: Desk, world: World, session: orm.Session) -> None:
    evaluation = desk.handed_in()
    with pytest.raises(NotAllowed):
        desk.appeal(evaluation)
    desk.import_(*rows(desk.account))
    desk.accept(evaluation)
    for reason in ("", "  ", "长" * 1001, "患者王建国，男", "a\x00b"):
        with pytest.raises(Invalid):
            desk.appeal(evaluation, reason=reason)
    for who in (world.a.examiner, world.a.second_doctor, world.b.doctor):
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            desk.appeal(evaluation, who=who)
    desk.appeal(evaluation)
    with pytest.raises(Conflict):
        desk.appeal(evaluation)


def test_after_its_days_it_is_too_late(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluation = desk.accepted()
    later = clock.now() + timedelta(days=15)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Conflict):
        desk.appeal(evaluation)


def test_while_an_appeal_waits_the_certificate_waits(desk: Desk, world: World) -> None:
    appeal = desk.appeal(desk.accepted())

    def waiting() -> set[int]:
        with desk.as_(world.people["certificate_officer"]):
            return appealing([world.a.doctor, world.a.second_doctor])

    assert waiting() == {world.a.doctor}
    desk.answer(appeal)
    assert waiting() == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page(desk: Desk, world: World, page: Page, language: str) -> None:
    officer, city = world.a.exam_officer, world.people["exam_officer"]
    for url in ("/practice/figures", "/practice/figures/import", "/practice/appeals"):
        page.get(url, officer, language=language)
    desk.import_(*rows(desk.account))
    sent = desk.send(table(*rows(desk.account, 患者满意度=[(200, 1, 40, 50), (1, 300, 1, 2)])))
    for url in ("/practice/figures?q=王&indicator=antibiotic-share&sort=doctor", f"/practice/figures/import/{sent}"):
        page.get(url, officer, language=language)
    page.get("/practice/figures?export=csv", officer)
    evaluation = desk.handed_in(lost=5)
    page.get(f"/practice/{evaluation}", officer, language=language)
    desk.accept(evaluation)
    page.get(f"/practice/results/{evaluation}", world.a.doctor, language=language)
    appeal = desk.appeal(evaluation)
    for who in (officer, city):
        page.get(f"/practice/appeals/{appeal}", who, language=language)
        page.get("/", who, language=language)
    desk.answer(appeal, outcome=Outcome.CHANGED, reason="已更正", corrections={1: desk.scores()})
    page.get(f"/practice/appeals/{appeal}", city, language=language)
    page.get("/practice/appeals?state=changed&q=王", city, language=language)
    page.get(f"/practice/{evaluation}", officer, language=language)
    page.get(f"/practice/results/{evaluation}", world.a.doctor, language=language)
    page.get("/practice", officer, language=language)


def test_sent_and_answered_on_the_pages(desk: Desk, world: World, page: Page) -> None:
    data = table(*rows(desk.account)).data
    page.post("/practice/figures/import", world.a.exam_officer, expect=303, file=(io.BytesIO(data), "f.csv"))
    address = page.answer.location
    soup = page.get(address, world.a.exam_officer)
    plan = str(soup.select("input[name=plan]")[0]["value"])
    page.post(f"{address}/apply", world.a.exam_officer, expect=303, plan=plan)
    page.post("/practice/figures/import", world.a.exam_officer, expect=422, file=(io.BytesIO(b"\x00"), "f.csv"))
    evaluation = desk.handed_in(lost=10)
    desk.accept(evaluation)
    page.post(f"/practice/results/{evaluation}/appeal", world.a.doctor, expect=303, reason="第 1 份少给了分")
    appeal = desk.session.scalars(sa.select(EvaluationAppeal.id)).one()
    points = {f"points-{n}-{code}": str(p) for n in range(1, 11) for code, p in desk.scores(10 * (n != 1)).items()}
    url, who = f"/practice/appeals/{appeal}", world.people["exam_officer"]
    page.post(url, who, expect=422, outcome="changed", reason="", **points)
    first = next(iter(points))
    page.post(url, who, expect=422, outcome="changed", reason="更正", **points | {first: "1e309"})
    page.post(url, who, expect=303, outcome="changed", reason="更正", **points)
    assert [one.version for one in desk.results()] == [1, 2]


def test_lists_ask_the_same_number_of_questions(
    desk: Desk, session: orm.Session, world: World, page: Page, queries: list[str]
) -> None:
    desk.import_(*rows(desk.account))
    columns = [one.key for one in sa.inspect(IndicatorValue).columns if one.key not in ("id", "recorded_at")]
    first = session.scalars(sa.select(IndicatorValue).limit(1)).one()
    values = {key: getattr(first, key) for key in columns}

    def cost(count: int) -> int:
        have = desk.values()
        more = [
            values
            | {
                "period_from": clock.today() - timedelta(days=2000 + n),
                "period_until": clock.today() - timedelta(days=2000 + n),
            }
            for n in range(have, count)
        ]
        session.execute(sa.insert(IndicatorValue), more)
        session.commit()
        page.get("/practice/figures", world.a.exam_officer)
        queries.clear()
        page.get("/practice/figures", world.a.exam_officer)
        return len(queries)

    assert cost(10) == cost(500)
