"""Who sees which flag, answers it, takes the answer back, and reads what came after."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy import orm

from assessments.stall.models import Flag, FlagAnswer
from lms import clock
from lms.authz import Role
from lms.errors import Invalid, NotAllowed
from lms.events import OutboxEvent
from lms.people.models import Category
from tests.assessments.stall.conftest import FALLING, Ward
from tests.factories import world as worlds
from tests.factories.world import World
from tests.pages import Page


@pytest.fixture
def flag(ward: Ward, world: World) -> Flag:
    """One flag of a doctor with a mentor, and one alike next door."""
    ward.pair(world.a.examiner, world.a.doctor)
    ward.pair(world.b.examiner, world.b.doctor)
    ward.marks(world.a.doctor, FALLING)
    ward.marks(world.b.doctor, FALLING)
    return next(one for one in ward.night() if one.person_id == world.a.doctor)


def text(page: Page, url: str, who: int, **more: object) -> str:
    return page.get(url, who, **more).select_one("main").get_text(" ", strip=True)  # type: ignore[arg-type, union-attr]


def test_the_mentor_reads_who_what_since_when_why_and_what_to_do(page: Page, flag: Flag, world: World) -> None:
    said = text(page, "/flags", world.a.examiner)
    since = clock.today() - timedelta(days=320)
    assert "王小明 · 心电图" in said
    assert f"{since.year}年{since.month}月{since.day}日 起没有进步" in said
    assert "最近三次成绩没有上升：72、71、70 分" in said
    assert "已经 140 天没有练习" in said
    assert "30 天内在带教下完成一次操作，达到" in said
    assert said.count("答复 王小明") == 1, "the neighbour's is not there"
    english = text(page, "/flags", world.a.examiner, language="en")
    assert "The last three marks did not rise: 72, 71, 70" in english
    assert "Within 30 days one supervised performance" in english


def test_the_drawing_says_its_marks_in_words(page: Page, flag: Flag, world: World) -> None:
    drawing = page.get(f"/flags/{flag.id}", world.a.examiner).select_one("figure.spark svg")
    assert drawing is not None
    assert drawing["role"] == "img"
    assert drawing["aria-label"] == "历次成绩（从早到晚）：80、72、71、70"
    line = drawing.select_one("polyline.spark-before")
    assert line is not None
    assert len(str(line["points"]).split()) == 4


@pytest.mark.parametrize(
    ("who", "reads", "answers"),
    [
        ("a.examiner", 200, 422),
        ("a.second_examiner", 404, 404),
        ("a.doctor", 404, 404),
        ("a.manager", 200, 403),
        ("a.exam_officer", 403, 403),
        ("b.examiner", 404, 404),
        ("b.manager", 404, 404),
    ],
)
def test_who_may(page: Page, flag: Flag, world: World, who: str, reads: int, answers: int) -> None:
    county, name = who.split(".")
    person = getattr(getattr(world, county), name)
    page.get(f"/flags/{flag.id}", person, expect=reads)
    page.post(f"/flags/{flag.id}/answer", person, expect=answers)


@pytest.mark.parametrize(("who", "sees"), [("a.examiner", True), ("b.examiner", False), ("a.second_examiner", False)])
def test_each_list_holds_ones_own(page: Page, flag: Flag, world: World, who: str, sees: bool) -> None:
    county, name = who.split(".")
    said = page.get("/flags", getattr(getattr(world, county), name))
    assert bool(said.select(f"#flag-{flag.id}")) is sees


def test_when_the_pair_is_over_the_flag_is_out_of_reach(
    page: Page, flag: Flag, world: World, session: orm.Session, ward: Ward
) -> None:
    session.execute(sa.text("UPDATE pairing SET ended_on = :on, ended_why = '调离'"), {"on": clock.today()})
    page.get(f"/flags/{flag.id}", world.a.examiner, expect=404)
    assert "没有带教老师" in text(page, "/flags?mentor=none", world.a.manager)
    with pytest.raises(NotAllowed):
        ward.answer(world.a.manager, flag, "handled", note="我来")


def test_a_doctor_without_a_mentor_stands_in_the_managers_list(page: Page, ward: Ward, world: World) -> None:
    ward.marks(world.a.second_doctor, FALLING)
    (flag,) = ward.night()
    shown = page.get("/flags", world.a.manager)
    assert shown.select(f"#flag-{flag.id}")
    assert "安排带教老师" in shown.get_text()
    assert "没有带教老师，无人能答复" in text(page, f"/flags/{flag.id}", world.a.manager)
    assert not page.get("/flags", world.b.manager).select(f"#flag-{flag.id}")


def test_answering_and_taking_back(page: Page, flag: Flag, world: World, session: orm.Session, ward: Ward) -> None:
    address = f"/flags/{flag.id}/answer"
    page.post(address, world.a.examiner, expect=422, said="accepted")
    page.post(address, world.a.examiner, expect=422, said="not_a_problem", note="  ")
    page.post(address, world.a.examiner, expect=422, said="solved", note="x")
    page.post(address, world.a.examiner, expect=303, said="accepted", plan="visit", note="周五去")
    page.post(address, world.a.examiner, expect=303, said="accepted", plan="visit", note="周五去")
    said = text(page, f"/flags/{flag.id}", world.a.examiner)
    assert "已接手" in said
    assert "上门带教" in said
    assert "周五去" in said
    assert not page.get("/flags", world.a.examiner).select(f"#flag-{flag.id}")
    assert page.get("/flags?state=answered", world.a.examiner).select(f"#flag-{flag.id}")

    page.post(address, world.a.examiner, expect=303, said="not_a_problem", plan="call", note="换了评分表")
    rows = session.execute(
        sa.select(FlagAnswer.answer, FlagAnswer.plan, FlagAnswer.note, FlagAnswer.by_id).order_by(FlagAnswer.id)
    ).all()
    assert rows == [
        ("accepted", "visit", "周五去", world.a.examiner),
        ("not_a_problem", None, "换了评分表", world.a.examiner),
    ]
    assert "以前的答复" in text(page, f"/flags/{flag.id}", world.a.examiner)
    told = session.scalars(sa.select(OutboxEvent.payload).where(OutboxEvent.kind == "FlagAnswered")).all()
    assert [one["answer"] for one in told] == ["accepted", "not_a_problem"]


@pytest.mark.parametrize("note", ["x" * 401, "a\x00b", "a\ud800b"])
def test_what_cannot_be_kept_is_refused(ward: Ward, flag: Flag, world: World, note: str) -> None:
    with pytest.raises(Invalid):
        ward.answer(world.a.examiner, flag, "handled", note=note)


def test_the_doctor_is_told_once_a_mentor_has_taken_it_up(page: Page, ward: Ward, flag: Flag, world: World) -> None:
    assert "需要巩固的技能" not in text(page, "/", world.a.doctor)
    ward.answer(world.a.examiner, flag, "not_a_problem", note="换了评分表")
    assert "需要巩固的技能" not in text(page, "/", world.a.doctor)
    ward.answer(world.a.examiner, flag, "accepted", plan="call", note="只给同事看")
    said = text(page, "/", world.a.doctor)
    assert "需要巩固的技能" in said
    assert "陈建国 已知道并会帮助您" in said
    assert "只给同事看" not in said
    assert "需要巩固的技能" not in text(page, "/", world.b.doctor)


def test_the_home_page_of_the_mentor_names_who_waits(page: Page, ward: Ward, flag: Flag, world: World) -> None:
    home = page.get("/", world.a.examiner)
    assert home.select(f'a[href="/flags/{flag.id}"]')
    assert not page.get("/", world.b.examiner).select(f'a[href="/flags/{flag.id}"]')
    ward.answer(world.a.examiner, flag, "accepted", plan="call")
    assert not page.get("/", world.a.examiner).select(f'a[href="/flags/{flag.id}"]')


def test_beside_the_pair_stands_what_has_stopped_rising(page: Page, flag: Flag, world: World) -> None:
    assert page.get("/mentoring", world.a.examiner).select(f'a[href="/flags/{flag.id}"]')
    assert not page.get("/mentoring", world.a.doctor).select(f'a[href="/flags/{flag.id}"]')


@pytest.mark.parametrize(("mark", "words"), [(88, "已回升"), (71, "还没有回升")])
def test_whether_it_helped(page: Page, ward: Ward, flag: Flag, world: World, mark: int, words: str) -> None:
    ward.answer(world.a.examiner, flag, "handled", note="一起做了三例")
    assert "此后还没有成绩" in text(page, f"/flags/{flag.id}", world.a.examiner)
    with time_machine.travel(clock.now() + timedelta(days=20), tick=False):
        ward.marks(world.a.doctor, ((1, mark),))
        ward.session.commit()
        assert f"此后 1 次成绩，平均 {mark} 分：{words}" in text(page, f"/flags/{flag.id}", world.a.examiner)


def test_marks_that_rose_by_themselves_need_no_answer(page: Page, ward: Ward, flag: Flag, world: World) -> None:
    with time_machine.travel(clock.now() + timedelta(days=20), tick=False):
        ward.marks(world.a.doctor, ((1, 90),))
        ward.session.commit()
        assert not page.get("/flags", world.a.examiner).select(f"#flag-{flag.id}")
        assert page.get("/flags?state=risen", world.a.examiner).select(f"#flag-{flag.id}")


@pytest.mark.parametrize("address", ["/flags", "/flags?state=answered", "/flags?state=nonsense&page=99"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_empty_lists_say_how_flags_come_to_be(page: Page, world: World, address: str, language: str) -> None:
    assert page.get(address, world.a.examiner, language=language).select(".empty")
    assert page.get(address, world.a.manager, language=language).select(".empty")


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    page: Page, ward: Ward, world: World, queries: list[str]
) -> None:
    counted = []
    for size in (1, 8):
        for number in range(len(counted) * 8, len(counted) * 8 + size):
            role = (Role.DOCTOR, world.a.township)
            person = worlds.person(
                ward.session, f"many-{number}", f"医师{number}", Category.NURSE, world.a.township, role
            )
            ward.marks(person, FALLING)
            ward.pair(world.a.examiner, person)
        flags = ward.night()
        queries.clear()
        shown = page.get("/flags", world.a.examiner)
        assert len(shown.select("section[id^=flag-]")) == min(len(flags), 5)
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_search_by_name(page: Page, flag: Flag, world: World) -> None:
    assert page.get("/flags?q=王小", world.a.manager).select(f"#flag-{flag.id}")
    assert not page.get("/flags?q=李", world.a.manager).select(f"#flag-{flag.id}")
