"""Rotations that were kept on paper: who records them, who stands by them, and when they count."""

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import orm

from assessments.results.models import Result
from courses.rotations import services
from courses.rotations.models import Rotation, RotationDepartment, RotationEvaluation, RotationFile, RotationStep
from courses.rotations.queries import owing, stays
from courses.rotations.rules import GRACE, PAPER, State, Stay, on_paper
from lms import clock
from lms.audit.models import AuditEvent
from lms.db import db, unfenced
from lms.errors import Conflict, Invalid, NotAllowed
from lms.people.models import Person
from tests.conftest import As
from tests.courses.rotations.test_stays import hear, marks
from tests.factories.rotations import Hospital, ago
from tests.factories.telling import hear as tell_all
from tests.factories.telling import told
from tests.factories.world import World
from tests.pages import Page

PDF = b"%PDF-1.4 stamped"
SECOND = {"account": "a-doctor2", "name": "李小红"}
WORDS = "考勤齐全，出科考核合格"


def record(hospital: Hospital, who: int, department: int, first: date, last: date, **more: Any) -> int:
    """One rotation from paper; whose, unless said, is the doctor of county A."""
    absent, content = more.pop("absent", 0), more.pop("content", PDF)
    past = services.Past(first, last, absent, WORDS, "系统上线前为纸质登记")
    doctor = {"account": "a-doctor", "name": "王小明"} | more
    number: int = hospital.do(
        who, RotationDepartment, department, services.record, past=past, file=io.BytesIO(content), named="证明.pdf",
        **doctor,
    )  # fmt: skip
    return number


def test_it_counts_once_a_second_person_has_confirmed_it(
    hospital: Hospital, department: int, app: Flask, as_: As, session: orm.Session, world: World
) -> None:
    a = world.a
    number = record(hospital, a.examiner, department, ago(500), ago(411), absent=4)
    hear(app, session)
    row = session.get_one(Rotation, number)
    assert (row.state, row.present_days, row.planned_by_id, row.recorded_at is not None) == (
        State.RECORDED, None, a.examiner, True,
    )  # fmt: skip
    assert marks(session) == []
    with as_(a.doctor):
        assert owing.owed(db.session.get_one(Person, a.doctor))[0].have == 0
    for who in (a.doctor, a.examiner):
        with as_(who) as actor, pytest.raises((NotAllowed, Conflict)):
            services.confirm(actor, db.session.get_one(Rotation, number))
    hospital.do(a.manager, Rotation, number, services.confirm)
    hear(app, session)
    row = session.get_one(Rotation, number)
    assert (row.state, row.present_days, row.outcome, row.confirmed_by_id) == (
        State.EVALUATED, 86, "passed", a.manager,
    )  # fmt: skip
    assert marks(session) == [(Decimal(86), 1, str(number))]
    with as_(a.doctor):
        assert owing.owed(db.session.get_one(Person, a.doctor))[0].have == 86
    steps = list(session.execute(sa.select(RotationStep.what, RotationStep.by_id).order_by(RotationStep.id)))
    assert steps == [("recorded", a.examiner), ("confirmed", a.manager)]
    with pytest.raises(Conflict):
        hospital.do(a.manager, Rotation, number, services.confirm)


def test_evidence_says_that_it_was_recorded_afterwards(
    hospital: Hospital, department: int, as_: As, session: orm.Session, world: World
) -> None:
    a = world.a
    number = record(hospital, a.examiner, department, ago(500), ago(411))
    hospital.do(a.manager, Rotation, number, services.confirm)
    usual = hospital.been(a.manager, a.examiner, a.doctor, department, ago(60), ago(2))
    hospital.evaluate(a.examiner, usual)
    with as_(a.manager):
        of = {one.rotation_id: one.record() for one in db.session.scalars(sa.select(RotationEvaluation))}
    assert (of[number]["recorded_afterwards"], of[number]["confirmed_by"]) == (True, a.manager)
    assert "recorded_afterwards" not in of[usual]  # what was evidence before keeps its hash


def test_what_was_confirmed_wrongly_is_taken_back_and_stays_readable(
    hospital: Hospital, department: int, app: Flask, session: orm.Session, world: World
) -> None:
    a = world.a
    number = record(hospital, a.examiner, department, ago(500), ago(411))
    hospital.do(a.manager, Rotation, number, services.confirm)
    hear(app, session)
    for who in (a.examiner, a.doctor, world.b.manager):
        with hospital.as_(who) as actor, unfenced(db.session), pytest.raises(NotAllowed):
            services.annul(actor, db.session.get_one(Rotation, number), reason="x")
    with pytest.raises(Invalid):
        hospital.do(a.manager, Rotation, number, services.annul, reason=" ")
    hospital.do(a.manager, Rotation, number, services.annul, reason="医院查无此人考勤")
    hear(app, session)
    assert [value for value, _version, _source in marks(session)] == [Decimal(90), None]
    row = session.get_one(Rotation, number)
    assert (row.state, row.reason) == (State.CANCELLED, "医院查无此人考勤")
    reasons = session.scalars(sa.select(Result.reason).where(Result.kind == "rotation_days").order_by(Result.id)).all()
    assert reasons[-1] == "医院查无此人考勤"
    assert record(hospital, a.examiner, department, ago(500), ago(411))  # its days are free again


def test_a_rotation_lived_here_is_not_taken_back_that_way(hospital: Hospital, department: int, world: World) -> None:
    number = hospital.been(world.a.manager, world.a.examiner, world.a.doctor, department, ago(60), ago(2))
    hospital.evaluate(world.a.examiner, number)
    with pytest.raises(Conflict):
        hospital.do(world.a.manager, Rotation, number, services.annul, reason="x")
    with pytest.raises(Conflict):
        hospital.do(world.a.manager, Rotation, number, services.refuse, reason="x")


def test_a_struck_out_one_never_counts_and_leaves_its_days(
    hospital: Hospital, department: int, app: Flask, session: orm.Session, world: World
) -> None:
    a = world.a
    number = record(hospital, a.examiner, department, ago(500), ago(411))
    with pytest.raises(Invalid):
        hospital.do(a.manager, Rotation, number, services.refuse, reason="")
    hospital.do(a.manager, Rotation, number, services.refuse, reason="证明上没有公章")
    hear(app, session)
    assert marks(session) == []
    with pytest.raises(Conflict):
        hospital.do(a.manager, Rotation, number, services.confirm)
    again = record(hospital, a.examiner, department, ago(500), ago(411))
    hospital.do(a.examiner, Rotation, again, services.refuse, reason="日期录错")  # the recorder's own mistake


def test_only_who_receives_there_today_records_and_nobody_for_oneself(
    hospital: Hospital, department: int, as_: As, session: orm.Session, world: World
) -> None:
    a, b = world.a, world.b
    hospital.name(a.manager, department, a.second_examiner, ago(90), ago(30))
    for who in (a.second_examiner, a.doctor, a.manager, a.exam_officer, b.examiner, b.manager):
        with pytest.raises(NotAllowed):
            record(hospital, who, department, ago(500), ago(411))
    assert session.scalar(sa.select(sa.func.count()).select_from(Rotation)) == 0
    with pytest.raises(Invalid):
        record(hospital, a.examiner, department, ago(500), ago(411), account="a-examiner", name="陈建国")


@pytest.mark.parametrize(
    "who",
    [
        {"account": "a-doctor", "name": "李红"},
        {"account": "nobody", "name": "王小明"},
        {"account": "", "name": ""},
    ],
)
def test_whose_it_is_is_said_by_account_and_name_together(
    hospital: Hospital, department: int, world: World, who: dict[str, str]
) -> None:
    with pytest.raises(Invalid, match=r"账号|account"):
        record(hospital, world.a.examiner, department, ago(500), ago(411), **who)


def test_the_account_may_be_typed_as_people_type(hospital: Hospital, department: int, world: World) -> None:
    assert record(
        hospital, world.a.examiner, department, ago(500), ago(411), account=" Ａ-Doctor", name="王小明 "
    )  # fmt: skip


def test_a_doctor_of_a_county_the_department_does_not_serve_is_refused(
    hospital: Hospital, department: int, world: World
) -> None:
    with pytest.raises(Conflict):
        record(hospital, world.a.examiner, department, ago(500), ago(411), account="b-doctor")


def test_there_is_no_recording_without_a_document_that_is_one(
    hospital: Hospital, department: int, session: orm.Session, world: World
) -> None:
    for content in (b"", b"MZ no document"):
        with pytest.raises(Invalid):
            record(hospital, world.a.examiner, department, ago(500), ago(411), content=content)
    assert session.scalar(sa.select(sa.func.count()).select_from(Rotation)) == 0
    record(hospital, world.a.examiner, department, ago(500), ago(411))
    assert session.scalar(sa.select(sa.func.count()).select_from(RotationFile)) == 1


@pytest.mark.parametrize(
    ("first", "last", "absent"),
    [(90, 90, 0), (120, 60, 0), (400, 500, 0), (1300, 1200, 0), (500, 411, 90), (500, 411, -1)],
)
def test_days_that_are_not_for_paper_are_refused(
    hospital: Hospital, department: int, world: World, first: int, last: int, absent: int
) -> None:
    with pytest.raises(Invalid):
        record(hospital, world.a.examiner, department, ago(first), ago(last), absent=absent)


@given(st.integers(0, 2000), st.integers(1, 400))
def test_paper_begins_where_the_usual_way_ends(back: int, days: int) -> None:
    today = date(2026, 11, 22)
    last = today - timedelta(days=back)
    stay = Stay(last - timedelta(days=days - 1), last)
    usual = last >= today - GRACE
    assert not (usual and on_paper(stay, today))
    assert usual or on_paper(stay, today) or last < today - PAPER


def test_paper_takes_no_more_room_than_there_was(
    hospital: Hospital, department: int, world: World, session: orm.Session
) -> None:
    a = world.a
    record(hospital, a.examiner, department, ago(500), ago(411))
    other = hospital.department(a.manager, a.hospital, a.examiner, name="急诊科")
    with pytest.raises(Conflict):  # nobody was at two departments
        record(hospital, a.examiner, other, ago(420), ago(400))
    with pytest.raises(Conflict):  # one place
        record(hospital, a.examiner, department, ago(420), ago(400), **SECOND)
    two = {"number": 2, "valid_from": ago(1000)}
    hospital.do(a.manager, RotationDepartment, department, services.set_places, **two)
    assert record(hospital, a.examiner, department, ago(420), ago(400), **SECOND)
    with pytest.raises(Conflict):  # before the department had places
        record(hospital, a.examiner, department, ago(1060), ago(1010))


def test_a_manager_who_receives_there_is_no_second_person(
    hospital: Hospital, department: int, world: World, session: orm.Session
) -> None:
    a = world.a
    hospital.name(a.manager, department, a.manager)
    number = record(hospital, a.examiner, department, ago(500), ago(411))
    with pytest.raises(Conflict):
        hospital.do(a.manager, Rotation, number, services.confirm)
    mine = record(hospital, a.manager, department, ago(400), ago(391))
    with pytest.raises(Conflict):
        hospital.do(a.manager, Rotation, mine, services.confirm)
    hospital.do(world.people["manager"], Rotation, mine, services.confirm)
    with hospital.as_(world.b.manager) as actor, unfenced(db.session), pytest.raises(NotAllowed):
        services.confirm(actor, db.session.get_one(Rotation, number))


def test_the_database_holds_the_second_person_against_whoever_goes_around_the_verbs(
    hospital: Hospital, department: int, world: World, session: orm.Session
) -> None:
    a = world.a
    number = record(hospital, a.examiner, department, ago(500), ago(411))
    counts = {"state": "evaluated", "present_days": 90, "outcome": "passed"}
    for second in (None, a.examiner, a.doctor):
        wrong = sa.update(Rotation).where(Rotation.id == number).values(**counts, confirmed_by_id=second)
        with pytest.raises(sa.exc.IntegrityError, match="a_second_person_confirms"), session.begin_nested():
            session.execute(wrong)
    for values in ({"recorded_at": None}, {"state": "ended"}):
        wrong = sa.update(Rotation).where(Rotation.id == number).values(**values)
        with pytest.raises(sa.exc.IntegrityError, match="recorded_ones_wait_or_count"), session.begin_nested():
            session.execute(wrong)
    right = sa.update(Rotation).where(Rotation.id == number).values(**counts, confirmed_by_id=a.manager)
    session.execute(right)


def test_both_sides_and_the_nearest_managers_are_told(
    hospital: Hospital, department: int, app: Flask, session: orm.Session, world: World, page: Page
) -> None:
    a = world.a
    number = record(hospital, a.examiner, department, ago(500), ago(411))
    tell_all(app, session)
    facts = told(session, "rotations.recorded")
    assert {who: one["side"] for who, one in facts.items()} == {a.doctor: "doctor", a.manager: "second"}
    assert "等您确认" in page.get("/notifications", a.manager).get_text()
    hospital.do(a.manager, Rotation, number, services.confirm)
    tell_all(app, session)
    assert set(told(session, "rotations.evaluated")) == {a.doctor}
    said = session.scalars(sa.select(AuditEvent).where(AuditEvent.verb.in_(["record", "confirm"]))).all()
    assert {(one.verb, one.actor_person_id) for one in said} == {("record", a.examiner), ("confirm", a.manager)}


def test_from_paper_to_the_word_on_pages(
    hospital: Hospital, department: int, session: orm.Session, world: World, page: Page
) -> None:
    a = world.a
    address = f"/rotations/departments/{department}/record"
    for who, expect in ((a.manager, 403), (a.doctor, 403), (world.b.examiner, 403), (None, 302)):
        page.get(address, who, expect=expect)
    assert page.get("/rotations/receiving", a.examiner).select(f'a[href="{address}"]')
    for language in ("zh", "en"):
        page.get(address, a.examiner, language=language)
    sent = {
        "account": "a-doctor", "name": "王小明", "begins_on": str(ago(500)), "last_on": str(ago(411)),
        "absent_days": "2", "words": WORDS, "reason": "系统上线前为纸质登记",
    }  # fmt: skip
    page.post(address, a.examiner, expect=422, **sent)
    soup = page.post(address, a.examiner, expect=422, **(sent | {"name": "别人", "file": (io.BytesIO(PDF), "证.pdf")}))
    assert "账号" in soup.select_one("#account-error, .field-error, .invalid-feedback, [role=alert]").get_text()  # type: ignore[union-attr]
    page.post(address, a.examiner, expect=303, **(sent | {"file": (io.BytesIO(PDF), "证.pdf")}))
    number = session.scalars(sa.select(Rotation.id)).one()
    here = f"/rotations/{number}"
    for who in (a.doctor, a.examiner, a.manager, a.auditor):
        for language in ("zh", "en"):
            assert ("补录" if language == "zh" else "ecorded afterwards") in page.get(
                here, who, language=language
            ).get_text()
    page.get(here, world.b.manager, expect=404)
    assert page.get("/", a.manager).select('a[href="/rotations/desk?state=recorded"]')
    assert not page.get(here, a.examiner).select(f'form[action="{here}/confirm"]')
    assert page.get(here, a.manager).select(f'form[action="{here}/confirm"]')
    page.post(f"{here}/confirm", a.doctor, expect=403)
    page.post(f"{here}/confirm", a.examiner, expect=403)
    page.post(f"{here}/refuse", a.manager, expect=422, **{"refuse-reason": ""})
    page.post(f"{here}/confirm", a.manager, expect=303)
    page.post(f"{here}/confirm", a.manager, expect=409)
    assert not page.get("/", a.manager).select('a[href="/rotations/desk?state=recorded"]')
    assert "补录" in page.get("/rotations/desk?written=after", a.manager).select_one("main table").get_text()  # type: ignore[union-attr]
    assert page.get("/rotations/desk?written=then", a.manager).select(".table-none")
    page.get("/rotations/desk?written=after&export=csv", a.auditor)
    assert str(clock.today()) in page.answer.text
    page.post(f"{here}/annul", a.manager, expect=422, **{"annul-reason": ""})
    page.post(f"{here}/annul", a.manager, expect=303, **{"annul-reason": "医院查无此人考勤"})
    for language in ("zh", "en"):
        assert "医院查无此人考勤" in page.get(here, a.doctor, language=language).get_text()
    assert page.get(here, a.auditor).select('a[href^="/rotations/files/"]')


def test_accounts_of_other_houses_cannot_be_guessed_for_long(
    hospital: Hospital, department: int, session: orm.Session, world: World, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("courses.rotations.views.past.PER_HOUR", 2)
    sent = {
        "account": "a-doctor", "begins_on": str(ago(500)), "last_on": str(ago(411)), "absent_days": "0",
        "words": WORDS, "reason": "纸质",
    }  # fmt: skip
    address = f"/rotations/departments/{department}/record"
    for name in ("张伟", "李伟", "王小明"):  # the third is right, and nobody learns it
        soup = page.post(address, world.a.examiner, expect=422, name=name, file=(io.BytesIO(PDF), "证.pdf"), **sent)
    assert "操作太频繁" in soup.get_text()
    assert session.scalar(sa.select(sa.func.count()).select_from(Rotation)) == 0


def test_the_second_person_learns_how_many_the_same_recorder_wrote_and_whether_it_could_have_been_planned(
    hospital: Hospital, department: int, as_: As, session: orm.Session, world: World
) -> None:
    a = world.a
    one = record(hospital, a.examiner, department, ago(500), ago(411))
    record(hospital, a.examiner, department, ago(400), ago(391))
    with as_(a.manager) as actor:
        assert stays.to_confirm(actor) == 2
        known = stays.recorder(db.session.get_one(Rotation, one))
        assert known is not None
        assert (known.lately, known.could_be_planned, known.name) == (2, False, "陈建国")
    session.execute(sa.update(RotationDepartment).values(created_at=sa.func.now() - timedelta(days=600)))
    session.commit()
    with as_(a.manager):
        known = stays.recorder(db.session.get_one(Rotation, one))
        assert known is not None
        assert known.could_be_planned
    for who in (a.examiner, world.b.manager):
        with as_(who) as actor:
            assert stays.to_confirm(actor) == 0
