"""The pages of rulings, results, revisions and appeals in both languages, and that the neighbour finds none of them."""

import io

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitAppealAnswer, CircuitScore, Sheet, SheetRuling
from lms.people.models import Person
from tests.factories.osce_deciding import Desk
from tests.factories.world import World
from tests.pages import Page

LANGUAGES = ["zh", "en"]


@pytest.fixture
def released(held: Desk, world: World) -> Desk:
    """Released, with everything that can stand on a result: a void, an absence, a critical miss, a comment."""
    held.mark(world.a.examiner, 0, 0, comment="手法稳", posture=1)
    held.miss(1, 0, held_missed())
    held.mark(world.a.examiner, 0, 1)
    held.mark(world.a.examiner, 1, 1, "fail", comment="没有喊离开", all_clear=0)
    held.close()
    held.release(world.people["exam_officer"])
    return held


def held_missed():  # type: ignore[no-untyped-def]
    from assessments.osce.rules.judging import Missed

    return Missed.LEFT_OUT


def over(soup: BeautifulSoup, name: str) -> str:
    found = soup.select_one(f"input[name={name}]")
    assert found is not None, f"no {name} on the page"
    return str(found["value"])


def address(desk: Desk, station: int, candidate: int) -> str:
    return f"/osce/circuits/{desk.circuit}/board/{desk.candidates[candidate]}/{desk.stations[station]}"


def test_a_ruling_by_its_form_and_back(held: Desk, world: World, page: Page, session: orm.Session) -> None:
    officer, neighbour = world.a.exam_officer, world.b.exam_officer
    sheet = held.mark(world.a.examiner, 0, 0, posture=1)
    here = address(held, 0, 0)
    soup = page.get(here, officer)
    form = {"move-over": over(soup, "move-over"), "move-sheets": str(sheet), "move-to": held.candidates[1]}
    page.post(f"{here}/move", officer, expect=422, **form)
    page.post(f"{here}/move", neighbour, expect=404, **form)
    page.post(f"{here}/move", world.a.manager, expect=403, **form)
    page.post(f"{here}/move", officer, expect=422, **(form | {"move-over": "00", "move-reason": "写错"}))
    page.post(f"{here}/move", officer, expect=422, **(form | {"move-reason": "x" * 1_000_000}))
    page.post(f"{here}/move", officer, expect=303, **(form | {"move-reason": "照片不符"}))
    moved = page.get(address(held, 0, 1), officer)
    assert "照片不符" in moved.get_text()
    number = session.scalars(sa.select(SheetRuling.id)).one()
    session.commit()
    undo = f"/osce/circuits/{held.circuit}/rulings/{number}/undo"
    page.post(undo, neighbour, expect=404, **{f"undo{number}-reason": "核对"})
    page.post(undo, officer, expect=303, **{f"undo{number}-reason": " "})
    assert session.scalar(sa.select(sa.func.count()).select_from(SheetRuling)) == 1
    session.commit()
    page.post(undo, officer, expect=303, **{f"undo{number}-reason": "核对"})
    assert session.scalar(sa.select(sa.func.count()).select_from(SheetRuling)) == 2


def test_who_was_not_there_and_what_does_not_count(held: Desk, world: World, page: Page, session: orm.Session) -> None:
    officer, here = world.a.exam_officer, address(held, 0, 0)
    soup = page.get(here, officer)
    miss = {"miss-over": over(soup, "miss-over"), "miss-missed": "excused", "miss-reason": "出诊未回"}
    page.post(f"{here}/miss", officer, expect=422, **(miss | {"miss-missed": "lost"}))
    page.post(f"{here}/miss", world.b.exam_officer, expect=404, **miss)
    page.post(f"{here}/miss", officer, expect=303, **miss)
    soup = page.get(here, officer)
    void = {"void-over": over(soup, "void-over"), "void-reason": "血压计故障"}
    page.post(f"{here}/void", world.b.exam_officer, expect=404, **void)
    page.post(f"{here}/void", officer, expect=303, **void)
    every = f"/osce/circuits/{held.circuit}/board/stations/{held.stations[1]}"
    soup = page.get(every, officer)
    whole = {"over": over(soup, "over"), "reason": "火警"}
    page.get(every, world.b.exam_officer, expect=404)
    page.get(every, world.a.doctor, expect=403)
    page.post(f"{every}/void", world.b.exam_officer, expect=404, **whole)
    page.post(f"{every}/void", officer, expect=422, **(whole | {"over": "00"}))
    page.post(f"{every}/void", officer, expect=303, **whole)
    for language in LANGUAGES:
        shown = page.get(every, officer, language=language)
        assert shown.select_one("#void") is None
        page.get(f"/osce/circuits/{held.circuit}/board?show=voided", officer, language=language)
    assert session.scalar(sa.select(sa.func.count()).select_from(SheetRuling)) == 3


def test_a_sheet_kept_aside_is_decided_on_the_page(held: Desk, world: World, page: Page, session: orm.Session) -> None:
    officer = world.a.exam_officer
    held.close("缺考")
    held.mark(world.a.examiner, 0, 0, comment="迟到的评分表")
    aside = held.aside()
    base = f"/osce/circuits/{held.circuit}/asides/{aside}"
    for language in LANGUAGES:
        soup = page.get(address(held, 0, 0), officer, language=language)
        assert "迟到的评分表" in soup.get_text()
        assert soup.select_one(f"button[formaction='{base}/accept']") is None, "what is frozen stays frozen"
    held.office.reopen(officer, held.circuit)
    soup = page.get(address(held, 0, 0), officer)
    form = {f"aside{aside}-over": over(soup, f"aside{aside}-over"), f"aside{aside}-reason": "补传"}
    for act in ("accept", "refuse"):
        page.post(f"{base}/{act}", world.b.exam_officer, expect=404, **form)
        page.post(f"{base}/{act}", world.a.manager, expect=403, **form)
    page.post(f"{base}/accept", officer, expect=303, **(form | {f"aside{aside}-over": "00"}))
    assert session.scalar(sa.select(sa.func.count()).select_from(Sheet)) == 0
    session.commit()
    page.post(f"{base}/accept", officer, expect=303, **form)
    assert session.scalar(sa.select(sa.func.count()).select_from(Sheet)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_results_revision_and_appeal_page_by_page(
    released: Desk, world: World, page: Page, session: orm.Session, language: str
) -> None:
    officer, base = world.a.exam_officer, f"/osce/circuits/{released.circuit}"
    soup = page.get(f"{base}/results", officer, language=language)
    assert len(soup.select("tbody tr")) == 2
    for way in ("sort=percent", "sort=-s" + str(released.stations[0]), "show=critical", "q=2", "show=voided"):
        page.get(f"{base}/results?{way}", officer, language=language)
    page.get(f"{base}/results?q=没有这个人", officer, language=language)
    page.get(base, officer, language=language)
    number = released.appeal(world.a.second_doctor, 1)
    page.get("/osce/appeals", officer, language=language)
    shown = page.get(f"/osce/appeals/{number}", officer, language=language)
    assert len(shown.select("tbody tr")) == 2
    page.get("/", officer, language=language)
    page.post(f"{base}/revisions", officer, expect=422, **{"revision-reason": " "}, appeal=number)
    page.post(f"{base}/revisions", world.b.exam_officer, expect=404, **{"revision-reason": "重评"}, appeal=number)
    page.post(f"{base}/revisions", officer, expect=303, **{"revision-reason": "第二站设备故障"}, appeal=number)
    revision = f"{base}/revisions/{_newest(session, 'circuit_revision')}"
    page.get(revision, officer, language=language)
    released.void(1, 1)
    second = world.people["exam_officer"]
    soup = page.get(revision, second, language=language)
    page.get(f"{revision}?export=csv", second)
    page.get(address(released, 1, 1), officer, language=language)
    sent = over(soup, "hash")
    page.post(f"{revision}/release", world.b.exam_officer, expect=404, hash=sent)
    page.post(f"{revision}/release", officer, expect=409, hash=sent)
    page.post(f"{revision}/release", second, expect=303, hash=sent)
    page.get(revision, officer, language=language)
    for stranger, expect in ((world.b.exam_officer, 404), (world.a.second_doctor, 403)):
        for where in (f"{base}/results", revision, f"/osce/appeals/{number}"):
            if stranger == world.a.second_doctor and where == revision:
                continue
            page.get(where, stranger, expect=expect)
    answer = session.scalars(sa.select(CircuitAppealAnswer)).one()
    assert answer.outcome == "revised"
    session.commit()
    mine = page.get(f"/osce/results/{released.candidates[1]}", world.a.second_doctor, language=language).get_text()
    assert mine.count("第二站设备故障") == 2, "beside the corrected result and as the answer"


def _newest(session: orm.Session, table: str) -> int:
    number = int(session.scalar(sa.select(sa.func.max(sa.column("id"))).select_from(sa.table(table))) or 0)
    session.commit()
    return number


def test_an_appeal_and_its_rejection_by_forms(released: Desk, world: World, page: Page, session: orm.Session) -> None:
    mine = f"/osce/results/{released.candidates[1]}"
    soup = page.get(mine, world.a.second_doctor)
    assert soup.select_one(f"form[action='{mine}/appeal']") is not None
    page.post(f"{mine}/appeal", world.a.doctor, expect=404, reason="替他申诉")
    page.post(f"{mine}/appeal", world.b.doctor, expect=404, reason="替他申诉")
    page.post(f"{mine}/appeal", world.a.second_doctor, expect=303, reason="x" * 1_000_000)
    page.post(f"{mine}/appeal", world.a.second_doctor, expect=303, reason="我喊了“离开”")
    number = _newest(session, "circuit_appeal")
    page.post(f"{mine}/appeal", world.a.second_doctor, expect=409, reason="再说一次")
    desk = f"/osce/appeals/{number}"
    page.post(desk, world.b.exam_officer, expect=404, reason="不")
    page.post(desk, world.a.manager, expect=403, reason="不")
    page.post(desk, world.a.exam_officer, expect=422, reason=" ")
    page.post(desk, world.a.exam_officer, expect=303, reason="录像中没有")
    text = page.get(mine, world.a.second_doctor, language="zh").get_text()
    assert "录像中没有" in text
    assert page.get(mine, world.a.second_doctor).select_one(f"form[action='{mine}/appeal']") is None
    page.get("/osce/appeals?state=rejected", world.a.exam_officer)
    page.get("/osce/appeals?q=没有", world.a.exam_officer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_doctor_reads_every_kind_of_station(released: Desk, world: World, page: Page, language: str) -> None:
    first = page.get(f"/osce/results/{released.candidates[0]}", world.a.doctor, language=language)
    assert len(first.select(".profile-row")) == 2
    text = first.get_text(" ", strip=True)
    assert "手法稳" in text
    assert "未到场" in text
    second = page.get(f"/osce/results/{released.candidates[1]}", world.a.second_doctor, language=language)
    told = second.get_text(" ", strip=True)
    assert "没有喊离开" in told
    assert "陈建国" not in told, "examiners are not named"
    assert second.select_one('a[href="/techniques/cpr-adult"]') is not None
    page.get("/osce/results", world.a.doctor, language=language)


def test_examiners_are_named_where_the_circuit_says_so(held: Desk, world: World, page: Page) -> None:
    officer, base = world.a.exam_officer, f"/osce/circuits/{held.circuit}"
    page.get(f"{base}/after", officer)
    page.get(f"{base}/after", world.b.exam_officer, expect=404)
    page.post(f"{base}/after", officer, expect=422, appeal_days="400")
    page.post(f"{base}/after", world.a.manager, expect=403, appeal_days="3")
    page.post(f"{base}/after", officer, expect=303, appeal_days="0", examiners_named="y")
    held.mark(world.a.examiner, 0, 0, comment="手法稳", posture=1)
    held.close("缺")
    held.release(world.people["exam_officer"])
    soup = page.get(f"/osce/results/{held.candidates[0]}", world.a.doctor)
    name = held.office.session.get_one(Person, world.a.examiner).name
    assert name in soup.get_text()
    assert soup.select_one("#appeal") is None, "no days, no appeal"


def test_earlier_exams_stand_beside_this_one(released: Desk, world: World, page: Page) -> None:
    from tests.factories.osce_deciding import desk

    again = desk(released.office, world.a.exam_officer, world.a.commission, [world.a.doctor], [world.a.examiner], 1)
    again.mark(world.a.examiner, 0, 0)
    again.close()
    again.release(world.people["exam_officer"])
    soup = page.get(f"/osce/results/{again.candidates[0]}", world.a.doctor)
    assert len(soup.select(".sittings-dot")) == 2
    assert soup.select_one(f"a[href='/osce/results/{released.candidates[0]}']") is not None


def test_the_list_goes_out_as_a_file(released: Desk, world: World, page: Page) -> None:
    from python_calamine import CalamineWorkbook

    page.get(f"/osce/circuits/{released.circuit}/results?export=xlsx", world.a.exam_officer)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(page.answer.data)).get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    assert rows[2][-1] == pytest.approx(92, abs=8)
    page.get(f"/osce/circuits/{released.circuit}/results?export=csv", world.b.exam_officer, expect=404)


def test_what_would_stand_is_shown_before_the_release(held: Desk, world: World, page: Page) -> None:
    held.mark_all(world.a.examiner)
    base = f"/osce/circuits/{held.circuit}/results"
    assert page.get(base, world.a.exam_officer).select_one("tbody") is None
    held.close()
    soup = page.get(base, world.a.exam_officer)
    assert len(soup.select("tbody tr")) == 2
    assert soup.select_one(".notice-attention") is not None


def test_the_board_and_the_results_send_the_same_statements_for_many(
    released: Desk, world: World, page: Page, session: orm.Session, queries: list[str]
) -> None:
    officer = world.a.exam_officer
    addresses = [f"/osce/circuits/{released.circuit}/{side}" for side in ("results", "board")]
    addresses += [f"/osce/circuits/{released.circuit}", "/osce/appeals"]

    def counted() -> list[int]:
        found = []
        for one in addresses:
            page.get(one, officer)
            queries.clear()
            page.get(one, officer)
            found.append(len(queries))
        return found

    few = counted()
    grow(session, released, world, 120)
    assert counted() == few


def grow(session: orm.Session, desk: Desk, world: World, number: int) -> None:
    """So many candidates with a result like the first one's."""
    from assessments.osce.models import CircuitCandidate

    like = session.scalars(sa.select(CircuitScore).order_by(CircuitScore.id)).first()
    assert like is not None
    kept = {
        column.key: getattr(like, column.key)
        for column in CircuitScore.__table__.columns
        if column.key not in ("id", "at", "candidate_id", "person_id")
    }
    place = session.get_one(Circuit, desk.circuit).institution_id
    people = [
        {"account": f"r{at}", "name": f"考生{at}", "category": "nurse", "institution_id": place} for at in range(number)
    ]
    persons = session.scalars(sa.insert(Person).returning(Person.id), people).all()
    common = {"institution_id": place, "circuit_id": desk.circuit, "added_by_id": world.a.exam_officer}
    rows = [common | {"person_id": one, "number": at, "name": "考生"} for at, one in enumerate(persons, 10)]
    candidates = session.scalars(sa.insert(CircuitCandidate).returning(CircuitCandidate.id), rows).all()
    session.execute(
        sa.insert(CircuitScore),
        [kept | {"candidate_id": one, "person_id": who} for one, who in zip(candidates, persons, strict=True)],
    )
    session.commit()
