"""Every page in both languages, as those who may see it and as those who may not."""

import io
import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation, ExaminerAssignment, Sheet
from assessments.osce.rules.receipts import receipt
from assessments.stations.models import StationVersion
from lms import clock, ids
from lms.people.models import Person
from lms.people.queries import actor_for
from tests.factories.osce import OURS, Office, Round, sheet_for
from tests.factories.world import World
from tests.pages import Page

LANGUAGES = ["zh", "en"]


def body_of(office: Office, round_: Round, examiner: int, **more: Any) -> dict[str, Any]:
    sheet = {"id": str(ids.uuid7()), "examiner": examiner, "candidate": round_.candidates[0], "supersedes": None}
    return sheet_for(office.body()) | sheet | more


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_officers(office: Office, running: Round, world: World, page: Page, language: str) -> None:
    body, officer = office.body(), world.a.exam_officer
    office.submit(world.a.examiner, running.station, running.candidates[0], sheet_for(body, posture=0))
    office.submit(world.a.second_examiner, running.station, running.candidates[0], sheet_for(body))
    base = f"/osce/circuits/{running.circuit}"
    square = f"{base}/board/{running.candidates[0]}/{running.station}"
    for address in (
        "/osce/circuits",
        "/osce/circuits/new",
        base,
        f"{base}/plan",
        f"{base}/stations",
        f"{base}/stations/{running.station}/examiners",
        f"{base}/candidates",
        f"{base}/candidates/add",
        f"{base}/board",
        square,
        f"{base}/board/{running.candidates[1]}/{running.station}",
    ):
        page.get(address, officer, language=language)
        page.get(address, world.b.exam_officer, expect=200 if address in _SHARED else 404)
        page.get(address, world.b.doctor, expect=403 if address in _SHARED else 404)
        page.get(address, None, expect=302)
    soup = page.get(square, officer, language=language)
    assert len(soup.select("select[name=sheet] option")) == 2


_SHARED = {"/osce/circuits", "/osce/circuits/new"}


def test_the_overview_counts_what_is_there(office: Office, running: Round, world: World, page: Page) -> None:
    body, officer, base = office.body(), world.a.exam_officer, f"/osce/circuits/{running.circuit}"

    def figures() -> list[str]:
        return [found.get_text(strip=True) for found in page.get(base, officer).select(".stat-value")]

    assert figures() == ["1", "2", "0", "0", "0"]
    office.submit(world.a.examiner, running.station, running.candidates[0], sheet_for(body, posture=0))
    assert figures() == ["1", "2", "1", "0", "0"]
    assert page.get(base, officer).select_one("#close") is not None
    office.submit(world.a.second_examiner, running.station, running.candidates[0], sheet_for(body))
    assert figures() == ["1", "2", "1", "1", "0"]
    assert page.get(base, officer).select_one("#close") is None  # settled first
    assert page.get(f"{base}/board", officer).select_one(".notice-attention") is not None


def test_the_officers_way_by_forms(office: Office, world: World, page: Page, session: orm.Session) -> None:
    planned = plans(world, page, session)
    candidates = fills_and_starts(planned, world, page, session)
    marks_and_closes(planned, candidates, office, world, page, session)


def plans(world: World, page: Page, session: orm.Session) -> Round:
    """An officer makes a circuit with one station and changes its title."""
    officer, county = world.a.exam_officer, world.a
    version = session.scalars(sa.select(StationVersion.id).where(OURS)).one()
    session.commit()
    form = {
        "title": "秋季技能考核",
        "title_en": "",
        "on_day": str(clock.today()),
        "institution": county.commission,
        "stations": version,
    }
    page.post("/osce/circuits/new", officer, expect=422, **(form | {"on_day": "tomorrow"}))
    page.post("/osce/circuits/new", officer, expect=422, **(form | {"institution": world.b.commission}))
    page.post("/osce/circuits/new", officer, expect=303, **form)
    made = Round(session.scalars(sa.select(Circuit.id)).one(), session.scalars(sa.select(CircuitStation.id)).one(), [])
    session.commit()
    page.post(f"/osce/circuits/{made.circuit}/plan", officer, expect=303, title="冬季技能考核", on_day=form["on_day"])
    page.post(f"/osce/circuits/{made.circuit}/start", officer, expect=422)
    return made


def fills_and_starts(planned: Round, world: World, page: Page, session: orm.Session) -> dict[int, int]:
    """Candidates, an examiner and a room of one's own county; then it runs. Candidates by person."""
    officer, county, base = world.a.exam_officer, world.a, f"/osce/circuits/{planned.circuit}"
    soup = page.get(f"{base}/candidates/add?q=王", officer)
    assert [box["value"] for box in soup.select("input[name=person]")] == [str(county.doctor)]
    page.post(f"{base}/candidates/add", officer, expect=422, person=world.b.doctor)
    page.post(f"{base}/candidates/add", officer, expect=303, person=[county.doctor, county.second_doctor])
    soup = page.get(f"{base}/stations/{planned.station}/examiners", officer)
    offered = {int(str(box["value"])) for box in soup.select("input[name=person]")}
    assert offered == {county.examiner, county.second_examiner}
    page.post(f"{base}/stations/{planned.station}/examiners", officer, expect=303, person=county.examiner)
    page.post(f"{base}/stations/{planned.station}/room", officer, expect=303, room="3 楼 302")
    page.post(f"{base}/start", officer, expect=303)
    session.expire_all()
    assert session.get_one(Circuit, planned.circuit).state == "running"
    candidates = dict(session.execute(sa.select(CircuitCandidate.person_id, CircuitCandidate.id)).all())
    session.commit()
    page.post(f"{base}/candidates/{candidates[county.second_doctor]}/remove", officer, expect=303)
    return candidates


def marks_and_closes(
    planned: Round, candidates: dict[int, int], office: Office, world: World, page: Page, session: orm.Session
) -> None:
    """One sheet; closed over what was seen, opened again, closed, and released by another officer."""
    officer, county, base = world.a.exam_officer, world.a, f"/osce/circuits/{planned.circuit}"
    assignment = session.scalars(sa.select(ExaminerAssignment.id)).one()
    session.commit()
    sheet = body_of(office, Round(planned.circuit, planned.station, [candidates[county.doctor]]), county.examiner)
    page.send(f"/osce/stations/{planned.station}/sheets", county.examiner, sheet)
    page.post(f"{base}/candidates/{candidates[county.doctor]}/remove", officer, expect=409)
    hashed = str(page.get(base, officer).select_one("input[name=hash]")["value"])  # type: ignore[index]
    page.post(f"{base}/close", officer, expect=422, hash="00")
    page.post(f"{base}/close", officer, expect=303, hash=hashed)
    page.post(f"{base}/release", officer, expect=409, hash=hashed, standard="00")
    page.post(f"{base}/reopen", officer, expect=422, reason="")
    page.post(f"{base}/reopen", officer, expect=303, reason="补传")
    page.post(f"{base}/close", officer, expect=303, hash=hashed)
    second = world.people["exam_officer"]
    soup = page.get(base, second)
    sent = {name: str(soup.select_one(f"input[name={name}]")["value"]) for name in ("hash", "standard")}  # type: ignore[index]
    assert sent["hash"] == hashed
    page.post(f"{base}/release", world.b.exam_officer, expect=404, **sent)
    page.post(f"{base}/release", second, expect=409, **(sent | {"standard": "00"}))
    page.post(f"{base}/release", second, expect=303, **sent)
    page.post(f"{base}/examiners/{assignment}/end", officer, expect=409)


def test_sheets_that_differ_are_settled_on_the_page(office: Office, running: Round, world: World, page: Page) -> None:
    body, officer = office.body(), world.a.exam_officer
    office.submit(world.a.examiner, running.station, running.candidates[0], sheet_for(body, posture=0))
    office.submit(world.a.second_examiner, running.station, running.candidates[0], sheet_for(body))
    address = f"/osce/circuits/{running.circuit}/board/{running.candidates[0]}/{running.station}"
    soup = page.get(address, officer)
    over = soup.select_one("input[name=over]")
    option = soup.select_one("select[name=sheet] option")
    assert over is not None
    assert option is not None
    chosen = {"over": over["value"], "sheet": option["value"]}
    page.post(f"{address}/settle", officer, expect=422, **chosen, reason="")
    page.post(f"{address}/settle", officer, expect=422, **(chosen | {"over": "00"}), reason="看了录像")
    page.post(f"{address}/settle", world.b.exam_officer, expect=404, **chosen, reason="看了录像")
    page.post(f"{address}/settle", world.a.manager, expect=403, **chosen, reason="看了录像")
    page.post(f"{address}/settle", officer, expect=303, **chosen, reason="看了录像")
    assert page.get(address, officer).select_one("input[name=over]") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_station_on_the_tablet(office: Office, running: Round, world: World, page: Page, language: str) -> None:
    soup = page.get(f"/osce/stations/{running.station}", world.a.examiner, language=language)
    assert len(soup.select(".candidate")) == 2
    assert len(soup.select("fieldset.item")) == 12
    assert len(soup.select("fieldset.item[data-critical]")) == 2
    assert len(soup.select("input[name=rating]")) == 5
    assert all(len({cell["name"] for cell in item.select("input")}) == 1 for item in soup.select("fieldset.item"))
    assert soup.select_one("#submit[disabled]") is not None
    assert len(page.get("/osce", world.a.examiner, language=language).select("a.row-link")) == 1
    page.get("/osce", world.b.examiner, language=language)
    home = page.get("/", world.a.examiner, language=language)
    assert home.select_one(f'a[href="/osce/stations/{running.station}"]') is not None
    for stranger, expect in ((world.b.examiner, 404), (world.a.doctor, 403), (world.a.exam_officer, 403)):
        page.get(f"/osce/stations/{running.station}", stranger, expect=expect)
        page.get(f"/osce/stations/{running.station}/standing", stranger, expect=expect)
    page.get(f"/osce/stations/{running.station}", None, expect=302)


def test_a_sheet_is_acknowledged_by_its_number_and_a_proof(
    office: Office, running: Round, world: World, page: Page, session: orm.Session
) -> None:
    examiner = world.a.examiner
    soup = page.get(f"/osce/stations/{running.station}", examiner)
    state = json.loads(str(soup.select_one("#station-state").string))  # type: ignore[union-attr]
    sent, address = body_of(office, running, examiner), f"/osce/stations/{running.station}/sheets"
    for _ in range(2):
        answer = page.send(address, examiner, sent)
        assert answer == {"confirmed": sent["id"], "proof": receipt(bytes.fromhex(state["receipt"]), sent["id"])}
    standing = page.get(f"/osce/stations/{running.station}/standing", examiner)
    assert page.answer.get_json()["sheets"][0]["id"] == sent["id"], standing
    other = page.send(address, examiner, sent | {"rating": "fail"}, expect=409)
    assert other["refused"] == sent["id"]
    second = page.send(address, examiner, sent | {"id": str(ids.uuid7())}, expect=409)
    assert second["where"]["standing"] == sent["id"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Sheet)) == 1


MISFITS: list[tuple[dict[str, Any], int]] = [
    ({"marks": {"posture": 9}}, 422),
    ({"rating": None}, 422),
    ({"candidate": 999_999}, 422),
    ({"candidate": "1"}, 422),
    ({"id": "x"}, 422),
    ({"id": None}, 422),
    ({"supersedes": "x"}, 422),
    ({"examiner": 1}, 403),
]


@pytest.mark.parametrize("misfit", MISFITS)
def test_a_sheet_that_does_not_fit_is_refused(
    office: Office, running: Round, world: World, page: Page, misfit: tuple[dict[str, Any], int]
) -> None:
    change, expect = misfit
    sent = body_of(office, running, world.a.examiner) | change
    page.send(f"/osce/stations/{running.station}/sheets", world.a.examiner, sent, expect=expect)


def test_half_a_letter_in_a_comment_is_refused(office: Office, running: Round, world: World, app: Flask) -> None:
    with app.app_context():
        app.extensions["acting"] = actor_for(world.a.examiner)
    text = json.dumps(body_of(office, running, world.a.examiner) | {"comment": "\ud800"})
    address = f"/osce/stations/{running.station}/sheets"
    assert app.test_client().post(address, data=text, content_type="application/json").status_code == 422


def test_a_sheet_that_is_no_object_is_refused(office: Office, running: Round, world: World, page: Page) -> None:
    for sent in ([1], "x", None, 3):
        page.send(f"/osce/stations/{running.station}/sheets", world.a.examiner, sent, expect=422)


def test_a_late_sheet_is_kept_and_the_page_is_told(office: Office, running: Round, world: World, page: Page) -> None:
    office.close(world.a.exam_officer, running.circuit, reason="缺考")
    sent = body_of(office, running, world.a.examiner)
    answer = page.send(f"/osce/stations/{running.station}/sheets", world.a.examiner, sent, expect=409)
    assert (answer["kept"], answer["why"]) == (sent["id"], "closed")
    page.get(f"/osce/circuits/{running.circuit}/board/{running.candidates[0]}/{running.station}", world.a.exam_officer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_doctor_sees_the_stations_once_released(
    office: Office, running: Round, world: World, page: Page, language: str
) -> None:
    officers = world.a.exam_officer, world.people["exam_officer"]
    body, mine = office.body(), running.candidates[0]
    for candidate in running.candidates:
        sent = sheet_for(body, "fail", "袖带隔着衣服", cuff_size_bare_arm=0, posture=1)
        office.submit(world.a.examiner, running.station, candidate, sent)
    page.get(f"/osce/results/{mine}", world.a.doctor, expect=403)
    page.get("/osce/results", world.a.doctor, language=language)
    office.close(officers[0], running.circuit)
    office.release(officers[1], running.circuit)
    soup = page.get(f"/osce/results/{mine}", world.a.doctor, language=language)
    text = soup.get_text(" ", strip=True)
    assert "袖带隔着衣服" in text
    assert "按臂围选袖带" in text
    assert soup.select_one('a[href="/techniques/bp-measurement"]') is not None
    assert page.get("/", world.a.doctor, language=language).select_one('a[href="/osce/results"]') is not None
    page.get(f"/osce/results/{running.candidates[1]}", world.a.doctor, expect=404)
    for stranger in (world.b.doctor, world.b.exam_officer):
        page.get(f"/osce/results/{mine}", stranger, expect=404)


def test_what_runs_comes_before_what_is_released(office: Office, running: Round, world: World, page: Page) -> None:
    officers = world.a.exam_officer, world.people["exam_officer"]
    office.close(officers[0], running.circuit, reason="未到")
    office.release(officers[1], running.circuit)
    later = office.running(officers[0], world.a.commission, [world.a.doctor], [world.a.examiner])
    soup = page.get("/osce", world.a.examiner)
    shown = [str(link["href"]) for link in soup.select("main a[href^='/osce/stations/']")]
    assert shown == [f"/osce/stations/{later.station}", f"/osce/stations/{running.station}"]
    told = page.get(f"/osce/stations/{running.station}", world.a.examiner, language="zh").get_text()
    assert "成绩已公布；现在提交的评分表会留存" in told


def test_a_settled_conflict_is_seen_by_the_doctor_as_settled(
    office: Office, running: Round, world: World, page: Page, officers: tuple[int, int]
) -> None:
    test_sheets_that_differ_are_settled_on_the_page(office, running, world, page)
    office.submit(world.a.examiner, running.station, running.candidates[1], sheet_for(office.body()))
    office.close(officers[0], running.circuit)
    office.release(officers[1], running.circuit)
    soup = page.get(f"/osce/results/{running.candidates[0]}", world.a.doctor)
    assert len(soup.select("section[id^=station-]")) == 1


def test_lists_go_out_as_files(office: Office, running: Round, world: World, page: Page) -> None:
    from python_calamine import CalamineWorkbook

    page.get("/osce/circuits?export=csv", world.a.exam_officer)
    assert "血压测量考核" in page.answer.text
    page.get("/osce/circuits?export=csv", world.b.exam_officer)
    assert "血压测量考核" not in page.answer.text
    page.get(f"/osce/circuits/{running.circuit}/board?export=xlsx", world.a.exam_officer)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(page.answer.data)).get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    page.get(f"/osce/circuits/{running.circuit}/board?export=xlsx", world.b.exam_officer, expect=404)


def test_lists_send_as_many_statements_for_ten_as_for_a_thousand(
    office: Office, running: Round, world: World, page: Page, queries: list[str]
) -> None:
    addresses = [
        ("/osce/circuits", world.a.exam_officer),
        (f"/osce/circuits/{running.circuit}/board", world.a.exam_officer),
        (f"/osce/circuits/{running.circuit}/candidates", world.a.exam_officer),
        (f"/osce/circuits/{running.circuit}/candidates/add", world.a.exam_officer),
        (f"/osce/stations/{running.station}", world.a.examiner),
        ("/osce/results", world.a.doctor),
    ]

    def counted() -> list[int]:
        numbers = []
        for address, who in addresses:
            queries.clear()
            page.get(address, who)
            numbers.append(len(queries))
        return numbers

    _grow(office.session, running, world, 10)
    few = counted()
    _grow(office.session, running, world, 1000)
    assert counted() == few


def _grow(session: orm.Session, running: Round, world: World, number: int) -> None:
    """So many circuits, persons, candidates and sheets more."""
    people = [
        {"account": f"p{number}-{at}", "name": f"考生{at}", "category": "nurse", "institution_id": world.a.clinic}
        for at in range(number)
    ]
    persons = session.scalars(sa.insert(Person).returning(Person.id), people).all()
    common = {"institution_id": world.a.commission, "circuit_id": running.circuit, "added_by_id": world.a.exam_officer}
    last = session.scalar(sa.select(sa.func.max(CircuitCandidate.number))) or 0
    rows = [common | {"person_id": one, "number": last + at, "name": "考生"} for at, one in enumerate(persons, 1)]
    candidates = session.scalars(sa.insert(CircuitCandidate).returning(CircuitCandidate.id), rows).all()
    session.execute(
        sa.insert(Sheet),
        [
            {
                "id": ids.uuid7(),
                "institution_id": world.a.commission,
                "person_id": one,
                "circuit_station_id": running.station,
                "candidate_id": candidate,
                "examiner_id": world.a.examiner,
                "version": 1,
                "marks": _ALL,
                "rating": "pass",
                "begun_at": clock.now(),
                "own_clock": False,
                "content_hash": ids.uuid7().bytes * 2,
            }
            for one, candidate in zip(persons, candidates, strict=True)
        ],
    )
    circuits = [
        {"institution_id": world.a.commission, "title": f"{at}", "on_day": clock.today(), "made_by_id": persons[0]}
        for at in range(number)
    ]
    made = session.scalars(sa.insert(Circuit).returning(Circuit.id), circuits).all()
    mine = [common | {"circuit_id": one, "person_id": world.a.doctor, "number": 1, "name": "王小明"} for one in made]
    session.execute(sa.insert(CircuitCandidate), mine)
    session.commit()


_ALL = {
    "greet-identify": 1,
    "ask-rest": 2,
    "hand-hygiene-check": 1,
    "posture": 2,
    "cuff-size-bare-arm": 2,
    "cuff-position": 2,
    "both-arms": 2,
    "operate": 1,
    "repeat": 2,
    "heart-rate": 1,
    "honest-record": 2,
    "explain-plan": 2,
}
