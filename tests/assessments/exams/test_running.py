"""Pages around a sitting: rooms, preparing, the live board and what is done from it, incidents."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from assessments.exams.models import (
    Attempt,
    Candidate,
    Exam,
    ExamRoom,
    ExamWindow,
    ExtraTime,
    Incident,
    IncidentCandidate,
)
from assessments.exams.services import incidents, placing, preparing, sitting
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.people.models import Category, Person
from tests.assessments.exams.conftest import Writer, all_of, seat_of

LANGUAGES = ["zh", "en"]


@pytest.fixture
def exam_id(office, officers, world):
    """An approved exam with two candidates and a room."""
    exam = office.ready(officers, world.a.commission, world.a.doctor, world.a.second_doctor)
    office.do(officers[0], exam, lambda a, e: placing.add_room(a, e, name="一号考场", seats=5))
    office.do(officers[0], exam, placing.seat_everybody)
    return exam


# ---- rooms and preparing


@pytest.mark.parametrize("language", LANGUAGES)
def test_windows_rooms_and_places_by_the_pages(office, officers, world, page, session, language):
    officer = officers[0]
    exam_id = office.ready(officers, world.a.commission, world.a.doctor, world.a.second_doctor)
    url = f"/exams/{exam_id}"
    page.get(f"{url}/rooms", officer, language=language)
    page.post(f"{url}/rooms/add", officer, expect=303, name="一号考场", seats="1")
    page.post(f"{url}/rooms/add", officer, expect=422, name="", seats="1")
    page.post(f"{url}/rooms/add", officer, expect=422, name="二号考场", seats="0")
    refused = page.post(f"{url}/seat", officer, expect=409)
    assert "2" in refused.select_one("[role=alert]").get_text(), "one seat, two people"
    page.post(f"{url}/rooms/add", officer, expect=303, name="一号考场", seats="3")
    page.post(f"{url}/seat", officer, expect=303)
    assert {one.seat for one in all_of(session, Candidate)} == {1, 2}
    candidate = seat_of(session, world.a.doctor)
    room = all_of(session, ExamRoom)[0].id
    place = f"{url}/candidates/{candidate.id}/place"
    page.get(place, officer, language=language)
    page.post(place, officer, expect=303, room=room, seat="3")
    assert seat_of(session, world.a.doctor).seat == 3
    page.post(place, officer, expect=422, room=room, seat="9")
    door = page.get(f"{url}/rooms/sheet", officer, language=language)
    assert [cell.get_text() for cell in door.select("tbody td.number:first-child")] in (["1", "3"], ["2", "3"])
    exam = session.get_one(Exam, exam_id)
    times = {"opens_at": exam.opens_at.strftime("%Y-%m-%d %H:%M"), "closes_at": "2020-01-01 00:00"}
    page.post(f"{url}/windows", officer, expect=422, **times)
    page.post(f"{url}/rooms/{room}/drop", officer, expect=303)
    assert all_of(session, ExamRoom) == []
    assert {one.seat for one in all_of(session, Candidate)} == {None}


def test_a_window_by_its_page(office, officers, world, page, session):
    opens = "2026-12-01 09:00"
    exam_id = office.draft(
        officers[0], world.a.commission, opens_at=moment(opens), closes_at=moment("2026-12-01 12:00")
    )
    office.seat(officers[0], exam_id, world.a.doctor)
    url = f"/exams/{exam_id}"
    page.post(f"{url}/windows", officers[0], expect=303, opens_at=opens, closes_at="2026-12-01 10:00")
    page.post(f"{url}/windows", officers[0], expect=422, opens_at=opens, closes_at="2026-12-01 10:00")
    window = all_of(session, ExamWindow)[0]
    page.post(f"{url}/seat", officers[0], expect=303)
    assert seat_of(session, world.a.doctor).window_id == window.id
    shown = page.get(f"{url}/candidates", officers[0])
    assert "2026-12-01 09:00 – 10:00" in shown.get_text()
    page.post(f"{url}/windows/{window.id}/drop", officers[0], expect=303)
    assert seat_of(session, world.a.doctor).window_id is None


def moment(text):
    from lms.web.written import read_moment

    return read_moment(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_preparing_by_the_page_at_once_or_in_the_background(exam_id, officers, page, session, language, monkeypatch):
    url = f"/exams/{exam_id}"
    asked = page.get(url, officers[0], language=language)
    assert asked.select_one(f"form[action='{url}/prepare']")
    page.post(f"{url}/prepare", officers[0], expect=303)
    assert len(all_of(session, Attempt)) == 2
    assert page.get(url, officers[0], language=language).select_one(f"form[action='{url}/prepare/undo']")
    page.post(f"{url}/prepare/undo", officers[0], expect=303)
    assert all_of(session, Attempt) == []
    monkeypatch.setattr(preparing, "AT_ONCE", 1)
    page.post(f"{url}/prepare", officers[0], expect=303)
    assert page.get(url, officers[0], language=language).select_one("section.job")
    page.get(f"{url}/prepare/state", officers[0])
    assert page.answer.get_json()["state"] == "queued"


# ---- the live board


@pytest.fixture
def sat(office, officers, exam_id, world, page):
    """The doctor is in and has answered one question; the second doctor is not."""
    attempt = office.start(world.a.doctor, exam_id)
    hand = Writer(page, world.a.doctor, attempt)
    hand.choose(office.items(exam_id)[0].id, ["A"])
    hand.post("beat", {"epoch": 1, "unsaved": 2})
    return hand


def names(board):
    return [cell.get_text(strip=True) for cell in board.select(".board-name")]


def test_the_board_narrows_and_sorts(sat, office, officers, exam_id, world, page, session):
    url = f"/exams/{exam_id}/board"
    doctor, second = (session.get_one(Person, p).name for p in (world.a.doctor, world.a.second_doctor))
    room = all_of(session, ExamRoom)[0].id
    for query, found in {
        "": {doctor, second},
        f"room={room}": {doctor, second},
        "room=999999": set(),
        "stand=not_in": {second},
        "stand=writing": {doctor},
        "stand=silent": set(),
        "unsaved=1": {doctor},
        "stand=nonsense": {doctor, second},
        f"q={second}": {second},
    }.items():
        assert set(names(page.get(f"{url}?{query}", officers[0]))) == found, query
    assert names(page.get(f"{url}?sort=-unsaved", officers[0]))[0] == doctor
    assert names(page.get(f"{url}?sort=unsaved", officers[0]))[-1] == doctor
    session.execute(sa.text("UPDATE attempt_beat SET heard_at = heard_at - interval '5 minutes'"))
    session.execute(sa.text("UPDATE exam_attempt SET started_at = started_at - interval '5 minutes'"))
    session.commit()
    assert names(page.get(f"{url}?stand=silent", officers[0])) == [doctor]
    figures = [one.get_text(strip=True) for one in page.get(url, officers[0]).select(".board-figure b")]
    assert figures == ["2", "1", "0", "1", "0", "0", "1"]


def steer(page, officer, exam_id, expect=303, query="", **told):
    return page.post(f"/exams/{exam_id}/board/steer{query}", officer, expect=expect, **told)


def test_time_for_one_for_the_ticked_and_for_a_room(sat, office, officers, exam_id, world, page, session):
    doctor, second = (seat_of(session, p).id for p in (world.a.doctor, world.a.second_doctor))
    before = office.attempt(sat.attempt_id).deadline
    steer(page, officers[0], exam_id, one=f"time:{doctor}", minutes="5", reason="鼠标坏了")
    steer(page, officers[0], exam_id, do="time", candidate=[doctor, second], minutes="５", what="power")
    room = all_of(session, ExamRoom)[0].id
    back = steer(
        page, officers[0], exam_id, query=f"?room={room}&sort=name", do="time", whom="shown", minutes="1", reason="x"
    )
    assert back is not None
    assert page.answer.location.endswith(f"/board?room={room}&sort=name")
    assert office.attempt(sat.attempt_id).deadline == before + timedelta(minutes=11)
    assert [one.extra_minutes for one in all_of(session, Candidate)] == [11, 6]
    assert {one.reason for one in all_of(session, ExtraTime)} >= {"鼠标坏了", "x"}
    for wrong in (
        {"do": "time", "minutes": "5", "reason": "nobody is ticked"},
        {"do": "time", "candidate": [doctor], "minutes": "5"},
        {"do": "time", "candidate": [doctor], "minutes": "x", "reason": "y"},
        {"do": "nonsense", "candidate": [doctor]},
        {"candidate": [doctor]},
    ):
        shown = steer(page, officers[0], exam_id, expect=422, **wrong)
        assert shown.select_one("[role=alert]").get_text(strip=True)
    assert [one.extra_minutes for one in all_of(session, Candidate)] == [11, 6]


def test_a_pause_and_its_end_from_the_board(sat, office, officers, exam_id, world, page, session):
    doctor = seat_of(session, world.a.doctor).id
    steer(page, officers[0], exam_id, one=f"pause:{doctor}", reason="停电")
    assert office.attempt(sat.attempt_id).paused_at is not None
    shown = page.get(f"/exams/{exam_id}/board?stand=paused", officers[0])
    assert len(names(shown)) == 1
    assert shown.select_one(f"button[value='resume:{doctor}']")
    steer(page, officers[0], exam_id, do="resume", whom="shown", reason="来电")
    assert office.attempt(sat.attempt_id).paused_at is None


def test_an_incident_from_the_board_gives_the_time_back(sat, office, officers, exam_id, world, page, session):
    doctor = seat_of(session, world.a.doctor).id
    room = all_of(session, ExamRoom)[0].id
    before = office.attempt(sat.attempt_id).deadline
    told = {"do": "incident", "candidate": [doctor], "minutes": "7", "what": "power", "reason": "跳闸七分钟"}
    steer(page, officers[0], exam_id, query=f"?room={room}", **told)
    assert office.attempt(sat.attempt_id).deadline == before + timedelta(minutes=7)
    incident = all_of(session, Incident)[0]
    assert (incident.what, incident.words, incident.minutes, incident.room_id) == ("power", "跳闸七分钟", 7, room)
    assert incident.by_id == officers[0]
    assert [one.candidate_id for one in all_of(session, IncidentCandidate)] == [doctor]
    for language in LANGUAGES:
        log = page.get(f"/exams/{exam_id}/incidents", officers[1], language=language)
        assert "跳闸七分钟" in log.get_text()
        assert "跳闸七分钟" in page.get(f"/exams/{exam_id}/board", officers[1], language=language).get_text()
    steer(page, officers[0], exam_id, expect=422, **(told | {"what": ""}))
    assert len(all_of(session, Incident)) == 1
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(sa.text("UPDATE exam_incident SET words = 'x'"))


def test_what_an_incident_must_say(sat, office, officers, exam_id, world, session):
    doctor = seat_of(session, world.a.doctor).id

    def report(**changed):
        told = {"what": "other", "words": "桌子倒了", "candidates": [doctor]} | changed
        return office.do(officers[0], exam_id, lambda a, e: incidents.report(a, e, **told).id)

    future = session.get_one(Exam, exam_id).closes_at + timedelta(days=9)
    for wrong in (
        {"what": "aliens"},
        {"words": " "},
        {"candidates": [doctor, 999_999]},
        {"candidates": [], "minutes": 5},
        {"happened_at": future},
        {"minutes": 601},
    ):
        with pytest.raises(Invalid):
            report(**wrong)
    assert all_of(session, Incident) == []
    report(candidates=[])
    elsewhere = office.draft(officers[0], world.a.commission)
    with pytest.raises(Conflict):
        office.do(officers[0], elsewhere, lambda a, e: incidents.report(a, e, what="other", words="x"))
    office.do(officers[0], elsewhere, lambda a, e: placing.add_room(a, e, name="别处", seats=3))
    other = session.scalars(sa.select(ExamRoom).where(ExamRoom.exam_id == elsewhere)).one().id
    with pytest.raises(Invalid):
        office.do(
            officers[0],
            exam_id,
            lambda a, e: incidents.report(a, e, what="other", words="x", room=db.session.get_one(ExamRoom, other)),
        )
    office.do(officers[0], exam_id, lambda a, e: sitting.close(a, e, reason="over"))
    report(minutes=0)
    with pytest.raises(Conflict):
        report(minutes=5)


def test_who_sits_it_does_not_steer_it_and_the_next_county_finds_nothing(
    sat, office, officers, exam_id, world, page, session
):
    doctor = seat_of(session, world.a.doctor).id
    room = all_of(session, ExamRoom)[0].id
    other = office.ready(
        (world.people["exam_officer"], another(session, world)), world.a.commission, world.a.exam_officer
    )
    mine = seat_of(session, world.a.exam_officer).id
    for act in ("time", "pause"):
        steer(page, world.a.exam_officer, other, expect=403, one=f"{act}:{mine}", minutes="9", reason="me")
    with pytest.raises(NotAllowed):
        office.do(world.a.exam_officer, other, lambda a, e: incidents.report(a, e, what="other", words="x"))
    stranger = world.b.exam_officer
    for url in ("board", "incidents", "rooms", "rooms/sheet", "prepare/state", f"candidates/{doctor}/place"):
        page.get(f"/exams/{exam_id}/{url}", stranger, expect=404)
        page.get(f"/exams/{exam_id}/{url}", world.a.doctor, expect=403)
    for url in (
        "board/steer",
        "rooms/add",
        f"rooms/{room}/drop",
        "windows",
        "seat",
        "prepare",
        "prepare/undo",
        f"candidates/{doctor}/place",
        "paper/draw",
    ):
        page.post(f"/exams/{exam_id}/{url}", stranger, expect=404)
        page.post(f"/exams/{exam_id}/{url}", world.a.manager, expect=403)
    for who in (world.a.manager, world.a.auditor):
        board = page.get(f"/exams/{exam_id}/board", who)
        assert not board.select("form.board-form button, input[name=candidate]")
    assert seat_of(session, world.a.exam_officer).extra_minutes == 0


def another(session, world):
    from tests.assessments.exams.test_approval import another_officer

    return another_officer(session, world)


def test_a_stray_number_reaches_no_other_exam(sat, office, officers, exam_id, world, page, session):
    elsewhere = office.ready(officers, world.a.commission, world.a.doctor)
    theirs = session.scalars(sa.select(Candidate.id).where(Candidate.exam_id == elsewhere)).one()
    steer(page, officers[0], exam_id, one=f"time:{theirs}", minutes="9", reason="stray")
    session.expire_all()
    assert session.get_one(Candidate, theirs).extra_minutes == 0
    room = all_of(session, ExamRoom)[0].id
    page.post(f"/exams/{elsewhere}/rooms/{room}/drop", officers[0], expect=404)


def test_the_board_needs_as_many_statements_for_many(sat, office, officers, exam_id, world, page, session, queries):
    office.do(officers[0], exam_id, lambda a, e: placing.add_room(a, e, name="一号考场", seats=300))
    urls = [f"/exams/{exam_id}/{side}" for side in ("board", "rooms", "rooms/sheet", "candidates", "incidents")]

    def counts():
        found = []
        for url in urls:
            queries.clear()
            page.get(url, officers[0])
            found.append(len(queries))
        return found

    few = counts()
    people = [
        Person(account=f"b-{n}", name=f"考生{n}", category=Category.NURSE, institution_id=world.a.township)
        for n in range(120)
    ]
    session.add_all(people)
    session.commit()
    office.seat(officers[0], exam_id, *[one.id for one in people])
    session.commit()
    steer(page, officers[0], exam_id, do="incident", whom="shown", what="network", reason="断网", minutes="2")
    assert counts() == [few[0], *few[1:]]


# ---- what candidates see of it


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_candidate_sees_their_own_window_and_seat_and_begins_what_is_prepared(
    office, officers, exam_id, world, page, session, language
):
    now, later = ((0, 30), (60, 120))
    for begins, ends in (now, later):
        office.do(
            officers[0],
            exam_id,
            lambda a, e, b=begins, u=ends: placing.add_window(
                a, e, opens_at=e.opens_at + timedelta(minutes=b), closes_at=e.opens_at + timedelta(minutes=u)
            ),
        )
    start = f"/exams/{exam_id}/start"
    assert not page.get(start, world.a.doctor, language=language).select("main form"), "no window, no beginning"
    page.post(start, world.a.doctor, expect=409)
    office.do(officers[0], exam_id, lambda a, e: placing.seat_everybody(a, e, anew=True))
    windows = all_of(session, ExamWindow)
    for person, window in zip((world.a.doctor, world.a.second_doctor), windows, strict=True):
        place = f"/exams/{exam_id}/candidates/{seat_of(session, person).id}/place"
        told = {"window": window.id, "room": seat_of(session, person).room_id}
        page.post(place, officers[0], expect=303, **told)
    page.post(f"/exams/{exam_id}/prepare", officers[0], expect=303)
    shown = page.get(start, world.a.doctor, language=language)
    assert f"一号考场 · {seat_of(session, world.a.doctor).seat}" in shown.get_text()
    assert shown.select("main form"), "prepared is not begun"
    assert not page.get(start, world.a.second_doctor, language=language).select("main form")
    page.post(start, world.a.second_doctor, expect=409)
    mine = page.get("/my/exams", world.a.second_doctor, language=language)
    assert not mine.select(f"a.next-step[href='{start}']")
    page.post(start, world.a.doctor, expect=303)
    attempt = session.scalars(sa.select(Attempt).where(Attempt.person_id == world.a.doctor)).one()
    assert attempt.deadline == windows[0].closes_at
    assert page.get(start, world.a.doctor).select(f"a[href='/attempts/{attempt.id}']")
