"""A sign-off from the mentor's signature to the evidence, and every way of not coming there."""

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import orm

from assessments.results.models import ResultKind
from assessments.signoff import queries, services
from assessments.signoff.models import Signature, SignOff
from assessments.signoff.rules import Side, agreed_level, differing
from courses.mentoring.models import Pairing
from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.techniques.models import Technique
from tests.factories.mentoring import ago
from tests.factories.signoff import Ward, seen
from tests.factories.world import World
from tests.pages import Page


def test_two_signatures_of_one_level_are_evidence_once(ward: Ward, world: World) -> None:
    made = ward.asked()
    assert ward.row(made).state == "open"
    assert ward.sign(world.a.second_examiner, made) == 4
    assert (ward.row(made).state, ward.row(made).level) == ("signed", 4)
    ward.deliver()
    ward.deliver()
    (result,) = ward.results()
    assert (result.kind, result.person_id, result.technique_id) == (
        ResultKind.ENTRUSTMENT,
        world.a.doctor,
        ward.technique,
    )
    assert (result.value, result.assessor_id) == (Decimal(4), world.a.second_examiner)
    assert (result.source_kind, result.source_id, result.on_day) == ("sign_off", str(made), clock.today())
    with pytest.raises(NotAllowed):
        ward.sign(world.a.second_examiner, made)


def test_differing_levels_stay_open_until_one_signs_anew(ward: Ward, session: orm.Session, world: World) -> None:
    made = ward.asked(level=4)
    assert ward.sign(world.a.second_examiner, made, level=3) is None
    assert ward.row(made).state == "open"
    ward.deliver()
    assert ward.results() == []
    assert ward.sign(world.a.examiner, made, level=3) == 3
    ward.deliver()
    assert [result.value for result in ward.results()] == [Decimal(3)]
    kept = session.execute(sa.select(Signature.side, Signature.version, Signature.level).order_by(Signature.id)).all()
    assert kept == [("mentor", 1, 4), ("assessor", 1, 3), ("mentor", 2, 3)], "what was signed first stays readable"


def test_the_assessor_does_not_sign_and_says_why(ward: Ward, world: World) -> None:
    made = ward.asked()
    with pytest.raises(Invalid):
        ward.do(world.a.second_examiner, SignOff, made, services.decline, reason=" ")
    ward.do(world.a.second_examiner, SignOff, made, services.decline, reason="导联接反两次")
    assert ward.row(made).state == "declined"
    with ward.as_(world.a.doctor):
        shown = queries.decision(db.session.get_one(SignOff, made))
        assert shown is not None
        assert shown.reason == "导联接反两次"
    again = ward.ask()
    assert again != made


def test_the_mentor_takes_it_back_while_it_is_open(ward: Ward, world: World) -> None:
    made = ward.asked()
    ward.do(world.a.examiner, SignOff, made, services.cancel, reason="选错了技术")
    assert ward.row(made).state == "cancelled"
    with pytest.raises(NotAllowed):
        ward.sign(world.a.second_examiner, made)


def test_an_officer_withdraws_and_the_evidence_gets_a_new_version(ward: Ward, world: World) -> None:
    made = ward.asked()
    ward.sign(world.a.second_examiner, made)
    ward.deliver()
    for who in (world.a.examiner, world.a.second_examiner, world.a.manager):
        with pytest.raises(NotAllowed):
            ward.do(who, SignOff, made, services.withdraw, reason="x")
    ward.do(world.a.exam_officer, SignOff, made, services.withdraw, reason="评价时无患者")
    first, second = ward.results()
    assert (second.value, second.version, second.supersedes_id, second.reason) == (None, 2, first.id, "评价时无患者")
    assert ward.row(made).state == "withdrawn"
    with pytest.raises(Conflict):
        ward.do(world.a.exam_officer, SignOff, made, services.withdraw, reason="又一次")


def test_withdrawn_before_anybody_heard_is_never_evidence(ward: Ward, world: World) -> None:
    made = ward.asked()
    ward.sign(world.a.second_examiner, made)
    ward.do(world.a.exam_officer, SignOff, made, services.withdraw, reason="签错人")
    ward.deliver()
    assert ward.results() == []


def test_neither_the_doctor_nor_the_mentor_is_the_assessor(ward: Ward, world: World) -> None:
    made = ward.ask()
    for who in (world.a.doctor, world.a.examiner, world.a.manager, 987_654_321):
        with pytest.raises(Invalid):
            ward.do(world.a.examiner, SignOff, made, services.assign, assessor=who)
    ward.do(world.a.exam_officer, SignOff, made, services.assign, assessor=world.b.examiner)
    assert ward.row(made).assessor_institution_id == world.b.hospital, "from another county, and shown"
    assert ward.sign(world.b.examiner, made) == 4


def test_after_the_assessor_has_signed_nobody_else_is_chosen(ward: Ward, world: World) -> None:
    made = ward.asked(level=4)
    ward.sign(world.a.second_examiner, made, level=2)
    with pytest.raises(Conflict):
        ward.do(world.a.examiner, SignOff, made, services.assign, assessor=world.b.examiner)


def test_assessors_are_searched_in_all_counties(ward: Ward, world: World) -> None:
    made = ward.ask()
    with ward.as_(world.a.examiner):
        shown = db.session.get_one(SignOff, made)
        found = [row.id for row in queries.assessors(shown, "")]
        assert found[0] == world.a.second_examiner, "of the mentor's own hospital first"
        assert set(found) == {world.a.second_examiner, world.b.examiner, world.b.second_examiner}
        assert [row.id for row in queries.assessors(shown, "b县人民")] == [world.b.examiner, world.b.second_examiner]


def test_one_technique_is_signed_off_once_at_a_time(ward: Ward) -> None:
    ward.ask()
    with pytest.raises(Conflict):
        ward.ask()


@pytest.mark.parametrize(
    "changed",
    [
        {"level": 0},
        {"level": 6},
        {"note": " "},
        {"note": "a\x00"},
        {"note": "姓名：王小明，心电图导联正确"},
        {"observed_on": ago(-1)},
        {"observed_on": ago(61)},
    ],
)
def test_what_cannot_have_been_seen_is_refused(ward: Ward, session: orm.Session, changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        ward.ask(**changed)
    assert session.scalar(sa.select(sa.func.count()).select_from(SignOff)) == 0


def test_only_the_mentor_of_a_running_pair_asks(ward: Ward, session: orm.Session, world: World) -> None:
    for who in (world.a.doctor, world.a.manager):
        with pytest.raises(NotAllowed), ward.as_(who) as actor:
            services.ask(
                actor,
                db.session.get_one(Pairing, ward.pairing),
                technique=db.session.get_one(Technique, ward.technique),
                seen=seen(),
            )
    row = session.get_one(Pairing, ward.pairing)
    row.ended_on, row.ended_why = clock.today(), "外派"
    with pytest.raises(NotAllowed):
        ward.ask()


def test_a_stranger_finds_nothing(ward: Ward, world: World, page: Page) -> None:
    made = ward.ask()
    for who in (world.a.second_examiner, world.a.second_doctor, world.b.exam_officer, world.b.manager, world.b.doctor):
        page.get(f"/signoffs/{made}", who, expect=404)
    page.get(f"/signoffs/{made}", expect=302)


def test_the_whole_way_on_pages(ward: Ward, session: orm.Session, world: World, page: Page) -> None:
    mentor, assessor, doctor = world.a.examiner, world.a.second_examiner, world.a.doctor
    page.get(f"/mentoring/pairs/{ward.pairing}", mentor)
    page.get(f"/signoffs/ask/{ward.pairing}", mentor, language="en")
    page.post(f"/signoffs/ask/{ward.pairing}", mentor, expect=422, technique=ward.technique)
    said = {"technique": ward.technique, "level": 4, "observed_on": str(clock.today()), "note": "做得好"}
    page.post(f"/signoffs/ask/{ward.pairing}", mentor, expect=303, **said)
    made = session.scalars(sa.select(SignOff.id)).one()
    assert "周敏" in page.get(f"/signoffs/{made}?q=周", mentor).get_text()
    page.post(f"/signoffs/{made}/assign", mentor, expect=303, assessor=assessor)
    assert "王小明" in page.get("/", assessor).get_text()
    assert "王小明" in page.get("/signoffs/assessing", assessor).get_text()
    assert page.get(f"/signoffs/{made}", doctor, language="en").select("#sign") == []
    page.post(f"/signoffs/{made}/sign", assessor, expect=422, level=9)
    page.post(f"/signoffs/{made}/sign", assessor, expect=303, **said | {"level": 3})
    assert "不一致" in page.get(f"/signoffs/{made}", doctor).get_text()
    assert "不一致" in page.get("/signoffs/assessing", mentor).get_text()
    page.post(f"/signoffs/{made}/sign", assessor, expect=303, **said)
    ward.deliver()
    assert "已签认" in page.get("/signoffs/mine", doctor).get_text()
    assert page.get(f"/mentoring/pairs/{ward.pairing}", doctor).select("#signoffs .row-item")
    assert "已签认 1 项技术" in page.get("/mentoring", mentor).get_text()
    for language in ("zh", "en"):
        page.get(f"/signoffs?state=signed&q={'王'}", world.a.exam_officer, language=language)
        page.get(f"/signoffs/{made}", world.a.exam_officer, language=language)
    page.get("/signoffs?export=xlsx", world.a.exam_officer)
    assert page.answer.data[:2] == b"PK"
    page.post(f"/signoffs/{made}/withdraw", world.a.exam_officer, expect=303, reason="无患者")
    assert "已撤销" in page.get(f"/signoffs/{made}", doctor).get_text()


def test_the_list_asks_as_often_for_one_as_for_many(
    ward: Ward, session: orm.Session, world: World, page: Page, queries: list[str]
) -> None:
    first = ward.ask()
    row = ward.row(first)
    page.get("/signoffs", world.a.exam_officer)
    queries.clear()
    page.get("/signoffs", world.a.exam_officer)
    few = len(queries)
    same = {
        name: getattr(row, name)
        for name in ("person_id", "institution_id", "pairing_id", "technique_id", "doctor_name", "mentor_id")
    }
    session.add_all(SignOff(**same, mentor_name="陈建国", state="cancelled") for _ in range(20))
    session.commit()
    queries.clear()
    page.get("/signoffs", world.a.exam_officer)
    assert len(queries) == few


def test_signatures_are_never_changed(ward: Ward, world: World) -> None:
    ward.ask()
    with ward.as_(world.a.exam_officer), pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        db.session.execute(sa.update(Signature).values(level=5))


LEVELS = st.dictionaries(st.sampled_from([*Side]), st.integers(1, 5))


@given(LEVELS)
def test_a_level_stands_only_when_both_name_it(latest: dict[str, int]) -> None:
    found = agreed_level(latest)
    assert (found is not None) == (len(latest) == 2 and len(set(latest.values())) == 1)
    assert differing(latest) == (len(set(latest.values())) == 2)
    assert found is None or set(latest.values()) == {found}
