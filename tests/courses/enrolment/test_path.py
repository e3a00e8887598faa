"""The way through a curriculum: its rules, its page, and the pages on which a version is put to use."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from courses.curricula.models import CurriculumVersion
from courses.curricula.rules.tiers import Asked, State, cycle, differ, due, months_later, stands, tier_at
from courses.enrolment.jobs import assign as work
from courses.enrolment.models import CurriculumAssignment
from lms import clock
from tests.factories import curricula, packs

TODAY = date(2026, 11, 22)
TIERS = [TODAY + timedelta(days=100 * n) for n in range(1, 6)]


def stand(asked, have=None, today=TODAY, tiers=TIERS):
    return stands([asked] if isinstance(asked, Asked) else asked, have or {}, TODAY, tiers, today)


def test_states():
    one = Asked("a", 1, 2)
    assert stand(one)["a"].state is State.OPEN
    assert stand(one, {"a": Decimal(1)})["a"].state is State.UNDER_WAY
    assert stand(one, {"a": Decimal(2)})["a"].state is State.DONE
    assert stand(one, today=TIERS[0] - timedelta(days=30))["a"].state is State.DUE
    assert stand(one, today=TIERS[0] + timedelta(days=1))["a"].state is State.OVERDUE
    both = [one, Asked("b", 2, 1, after=("a",))]
    assert stand(both)["b"].state is State.BLOCKED
    assert stand(both)["b"].blocked_by == ("a",)
    assert stand(both, {"a": Decimal(2)})["b"].state is State.OPEN


def test_days():
    assert due(Asked("a", 2, 1), TODAY, TIERS, TODAY) == TIERS[1]
    assert due(Asked("a", 2, 1, months=1), TODAY, TIERS, TODAY) == date(2026, 12, 22)
    assert due(Asked("a", 1, 1, months=200), TODAY, TIERS, TODAY) == TIERS[0]
    assert due(Asked("a", 5, 40, yearly=True), TODAY, TIERS, TODAY) == date(2026, 12, 31)
    assert months_later(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_later(date(2025, 12, 31), 2) == date(2026, 2, 28)


def test_the_tier_one_is_in_is_the_first_with_something_left_and_no_yearly_thing_holds_it_up():
    asked = [Asked("a", 1, 1), Asked("year", 1, 40, yearly=True), Asked("b", 2, 1)]
    assert tier_at(asked, stand(asked)) == 1
    assert tier_at(asked, stand(asked, {"a": Decimal(1)})) == 2
    assert tier_at(asked, stand(asked, {"a": Decimal(1), "b": Decimal(1)})) == 2


def test_what_differs():
    made = differ({"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 2, "d": 1})
    assert (made.new, made.changed, made.gone) == (("d",), ("b",), ("c",))


@given(st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=3), max_size=8))
def test_a_circle_is_named_exactly_where_there_is_one(drawn):
    after = {str(key): [str(one) for one in wanted] for key, wanted in drawn.items()}
    found = cycle(after)
    left = dict(after)
    while free := [key for key, wanted in left.items() if not set(wanted) & set(left)]:
        for key in free:
            del left[key]
    assert bool(found) == bool(left)
    if found:
        assert found[0] == found[-1]
        assert all(second in after[first] for first, second in pairwise(found))


def test_a_long_chain_is_walked():
    assert cycle({str(n): [str(n + 1)] for n in range(5000)}) == []
    assert len(cycle({str(n): [str((n + 1) % 5000)] for n in range(5000)})) == 5001


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(1, 240))
def test_months_are_counted_as_the_database_counts_them(day, months):
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


def test_a_doctor_sees_the_way_in_both_languages(page, world, session, given_to_all):
    soup = page.get("/path", world.a.doctor)
    assert "课程：高血压入门" in soup.text
    assert "先完成：课程：高血压入门" in soup.text
    assert soup.select_one(".tier[aria-current=step] .tier-title").text == "打基础"
    assert soup.select_one('a[href="/courses/hypertension"]')
    english = page.get("/path", world.a.doctor, language="en")
    assert "40 hours of learning a year" in english.text
    curricula.finish_course(session, world.a.doctor)
    session.commit()
    assert "先完成" not in page.get("/path", world.a.doctor).select(".tier")[0].text
    assert page.get("/", world.a.doctor).select_one('a[href="/path"]')


def test_whoever_has_no_curriculum_is_told_how_one_comes(page, world):
    for language in ("zh", "en"):
        assert page.get("/path", world.a.doctor, language=language).select_one(".empty")


def test_who_looks_after_a_doctor_sees_the_way_and_the_neighbour_does_not(page, world, given_to_all):
    for who in (world.a.doctor, world.a.manager, world.a.auditor):
        page.get(f"/people/{world.a.doctor}/path", who)
    page.get(f"/people/{world.a.doctor}/path", world.a.manager, language="en")
    for who in (world.b.manager, world.b.doctor, world.a.second_doctor):
        page.get(f"/people/{world.a.doctor}/path", who, expect=404)


def test_the_page_asks_as_often_for_two_hundred_requirements_as_for_ten(
    app, page, world, queries, given_to_all, tmp_path, session
):
    page.get("/path", world.a.doctor)
    queries.clear()
    page.get("/path", world.a.doctor)
    few = len(queries)
    long = curricula.GP
    for star in range(1, 6):
        more = "".join(
            f"      - {{code: more-{star}-{n}, kind: hours, what: theory, amount: {n + 1}}}\n" for n in range(38)
        )
        long = (
            long.replace(f"  - star: {star + 1}\n", f"{more}  - star: {star + 1}\n")
            if star < 5
            else long.replace("assign:\n", f"{more}assign:\n")
        )
    packs.bring(app, curricula.pack(tmp_path, long))
    new = session.scalars(sa.select(CurriculumVersion).order_by(CurriculumVersion.number.desc())).first()
    session.execute(sa.update(CurriculumAssignment).values(version_id=new.id))
    session.commit()
    queries.clear()
    soup = page.get("/path", world.a.doctor)
    assert len(soup.select(".tier-steps > li")) == 199
    assert len(queries) == few


STRICTER = curricula.GP.replace(
    "      - {code: year,", "      - {code: cpr-3, kind: technique, technique: cpr, amount: 3}\n      - {code: year,"
)


LATEST = "SELECT max(id) FROM curriculum_version_preview"


def finish(session):
    """What the worker notes when a job is done."""
    session.execute(sa.text("UPDATE job SET state = 'done' WHERE name = 'enrolment.preview_version'"))
    session.commit()


def test_a_version_is_put_to_use_after_a_look_at_whom_it_moves(app, page, world, session, given_to_all, tmp_path):
    session.execute(
        sa.update(CurriculumAssignment)
        .where(CurriculumAssignment.person_id == world.a.doctor)
        .values(begins_on=date(2024, 1, 1), due_on=[date(2024, 7, 1), *[date(2030, 1, 1)] * 4])
    )
    session.commit()
    packs.bring(app, curricula.pack(tmp_path, STRICTER))
    address = "/editor/curricula/gp/2/publish"
    for language in ("zh", "en"):
        page.get("/editor/curricula/gp/2", world.a.editor, language=language)
        assert page.get(address, world.a.editor, language=language).select_one(".empty")
    page.post("/editor/curricula/gp/2/preview", world.a.editor, expect=303)
    with app.app_context():
        work.preview(lambda done, total: None, preview_id=session.scalar(sa.text(LATEST)))
    finish(session)
    for language in ("zh", "en"):
        soup = page.get(address, world.a.editor, language=language)
    assert soup.select_one("#moves-everybody").text == "3"
    assert soup.select_one("#excepted-everybody").text == "1"
    assert "王小明" in soup.select_one("#excepted").text
    # the neighbour's editor sees the count and no name of county a
    assert "王小明" not in page.get(address, world.b.editor).text
    page.post(address, world.a.editor, moving="", expect=422)
    page.post(address, world.a.editor, moving="everybody", expect=303)
    page.post(address, world.a.editor, moving="everybody", expect=422)
    number = session.scalar(sa.text("SELECT max(id) FROM curriculum_publication"))
    with app.app_context():
        work.move(lambda done, total: None, publication_id=number)
    soup = page.get(f"/editor/curricula/publications/{number}", world.a.editor)
    page.get(f"/editor/curricula/publications/{number}", world.a.editor, language="en")
    assert "王小明" in soup.select_one("#excepted").text
    settle = soup.select_one("form.act-form[action*=settle]")["action"]
    page.post(settle, world.b.editor, moved="yes", expect=404)
    page.post(settle, world.a.editor, moved="yes", expect=303)
    page.post(settle, world.a.editor, moved="yes", expect=409)
    page.get(f"/editor/curricula/publications/{number}/state", world.a.editor)
    assert page.answer.get_json()["state"] in ("queued", "done")


def test_the_desk_of_people_applies_the_rules(page, world, session, given_to_all):
    for language in ("zh", "en"):
        page.get("/editor/curricula/people", world.a.editor, language=language)
    page.post("/editor/curricula/people/give", world.a.editor, expect=303)
    assert "正在" in page.get("/editor/curricula/people", world.a.editor).text
    for who in (world.a.doctor, world.a.manager):
        page.get("/editor/curricula/people", who, expect=403)
        page.post("/editor/curricula/people/give", who, expect=403)
    assert session.scalar(sa.text("SELECT count(*) FROM job WHERE name = 'enrolment.give_curricula'")) == 1
    assert clock.today() == session.scalar(sa.select(sa.func.max(CurriculumAssignment.begins_on)))
