"""A curriculum that asks for a course which has gone out of use: what becomes of it, for doctors and for editors."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from courses.curricula.models import Course, CourseVersion, CurriculumDraft, CurriculumVersion
from courses.curricula.rules.tiers import Asked, State, stands, tier_at
from courses.curricula.services import retiring
from courses.enrolment.jobs import assign as work
from courses.enrolment.models import CurriculumAssignment, Enrolment
from courses.enrolment.queries import assign as queries
from lms import clock
from lms.db import act_as, db
from lms.people.models import Person
from tests.factories import curricula, packs

TODAY = date(2026, 11, 22)
TIERS = [TODAY + timedelta(days=100 * n) for n in range(1, 6)]
ADDRESS = "/editor/curricula/gp"


def test_what_nobody_can_begin_is_lifted_and_holds_nothing_up():
    asked = [Asked("a", 1, 1, closed=True), Asked("b", 1, 1, after=("a",)), Asked("c", 2, 1)]
    found = stands(asked, {}, TODAY, TIERS, TODAY)
    assert (found["a"].state, found["a"].due_on) == (State.LIFTED, None)
    assert (found["b"].state, found["b"].blocked_by) == (State.OPEN, ())
    assert tier_at(asked, stands(asked, {"b": Decimal(1)}, TODAY, TIERS, TODAY)) == 2
    # done stays done, and is not overdue after its day
    done = stands(asked, {"a": Decimal(1)}, TODAY, TIERS, TODAY)
    assert done["a"].state is State.DONE
    late = stands(asked, {}, TODAY, TIERS, TIERS[-1] + timedelta(days=1))
    assert late["a"].state is State.LIFTED


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans(), st.integers(0, 1)), min_size=1, max_size=12))
def test_lifting_never_puts_anybody_further_back(drawn):
    """Whatever is lifted, the tier one is in is the same or a later one, and what was done is done."""
    plain = [Asked(str(n), star, 1) for n, (star, _closed, _have) in enumerate(drawn)]
    lifted = [Asked(str(n), star, 1, closed=closed) for n, (star, closed, _have) in enumerate(drawn)]
    have = {str(n): Decimal(have) for n, (_star, _closed, have) in enumerate(drawn)}
    before, after = (stands(asked, have, TODAY, TIERS, TODAY) for asked in (plain, lifted))
    assert tier_at(lifted, after) >= tier_at(plain, before)
    assert {code for code, one in before.items() if one.state is State.DONE} == {
        code for code, one in after.items() if one.state is State.DONE
    }


@pytest.fixture
def retire(as_, world):
    """Take the course out of use, or bring it back."""

    def run(verb=retiring.retire):
        with as_(world.people["editor"]) as actor:
            course = db.session.scalars(sa.select(Course).where(Course.code == "hypertension")).one()
            verb(actor, course, reason="指南更新")

    return run


def begin(session, person_id):
    course = session.scalars(sa.select(Course).where(Course.code == "hypertension")).one()
    version = session.scalars(sa.select(CourseVersion).where(CourseVersion.course_id == course.id)).first()
    home = session.get_one(Person, person_id).institution_id
    session.add(Enrolment(person_id=person_id, institution_id=home, course_id=course.id, version_id=version.id))
    session.commit()


def test_a_doctor_who_has_not_begun_is_not_asked_who_has_begun_goes_on_and_done_stays_done(
    page, world, session, given_to_all, retire
):
    begin(session, world.a.second_doctor)
    curricula.finish_course(session, world.b.doctor)
    session.commit()
    retire()
    soup = page.get("/path", world.a.doctor)
    step = soup.select_one(".step-lifted")
    assert "课程：高血压入门" in step.text
    assert "不作要求" in step.text
    assert not step.select("a")
    assert "先完成" not in soup.select(".tier")[0].text
    assert "0 / 2" in soup.select(".tier")[0].text
    assert "not asked" in page.get("/path", world.a.doctor, language="en").select_one(".step-lifted").text
    # the course says the same: nobody new, and whoever has begun goes on
    page.get("/courses/hypertension", world.a.doctor, expect=404)
    assert "课程已停用；已开始的可以学完" in page.get("/path", world.a.second_doctor).text
    course = page.get("/courses/hypertension", world.a.second_doctor)
    assert "已停用" in course.select_one(".notice").text
    assert page.get("/path", world.a.second_doctor).select_one('a[href="/courses/hypertension"]')
    assert "已完成的仍算完成" in page.get("/path", world.b.doctor).select_one(".step-done").text
    # it is asked again once it is back
    retire(retiring.bring_back)
    assert not page.get("/path", world.a.doctor).select(".step-lifted")


def test_a_version_reopens_no_tier_and_misses_no_day_by_what_nobody_is_asked(
    app, session, world, given_to_all, retire, tmp_path
):
    stricter = curricula.GP.replace(
        "      - {code: rotation,",
        "      - {code: again, kind: course, course: hypertension}\n      - {code: rotation,",
    )
    session.execute(sa.update(CurriculumAssignment).values(due_on=[date(2024, 1, 1)] * 5, begins_on=date(2023, 1, 1)))
    session.commit()
    packs.bring(app, curricula.pack(tmp_path, stricter))
    first, second = session.scalars(sa.select(CurriculumVersion).order_by(CurriculumVersion.number)).all()
    gp, to = first.curriculum_id, second.id
    with app.app_context():
        waiting = queries.under_way(gp, to)

    def excepted():
        with app.app_context():
            act_as(db.session, work.ACTOR)
            return {one.person_id: one.past_due for one in queries.fates(waiting, to, clock.today())}

    begin(session, world.b.doctor)
    assert set(excepted().values()) == {("again",)}
    retire()
    found = excepted()
    assert found.pop(world.b.doctor) == ("again",)
    assert set(found.values()) == {()}
    with app.app_context():
        act_as(db.session, work.ACTOR)
        assert not any(one.begun for one in queries.fates(waiting, to, clock.today()))


def test_editors_see_it_wherever_the_curriculum_is_written_and_put_to_use(
    app, page, world, session, given_to_all, retire, tmp_path
):
    packs.bring(app, curricula.pack(tmp_path, curricula.GP.replace("amount: 90", "amount: 60")))
    page.post(f"{ADDRESS}/draft/begin", world.a.editor, expect=303)
    where = [ADDRESS, f"{ADDRESS}/1", f"{ADDRESS}/draft", f"{ADDRESS}/2/publish"]
    for address in where:
        assert "已停用" not in page.get(address, world.a.editor).text
    retire()
    for address in where:
        said = page.get(address, world.a.editor).select_one(".notice-attention").text
        assert "课程：高血压入门" in said
        assert "未" not in said or "不作要求" in said
        assert "out of use" in page.get(address, world.a.editor, language="en").select_one(".notice-attention").text
    for language, words in (("zh", "含已停用课程"), ("en", "asks for a course out of use")):
        assert words in page.get("/editor/curricula", world.a.editor, language=language).text
        course = page.get("/editor/courses/hypertension", world.a.editor, language=language)
        assert course.select_one(f'.notice a[href="{ADDRESS}"]')


ASKED = {
    "kind": "technique", "code": "cpr-3", "technique": "cpr", "amount": "3", "course": "", "what": "", "percent": "",
    "months": "", "title_zh": "", "title_en": "",
}  # fmt: skip


def test_a_draft_can_still_be_written_and_becomes_a_version_once_the_course_is_out_of_it(
    page, world, session, given_to_all, retire
):
    page.post(f"{ADDRESS}/draft/begin", world.a.editor, expect=303)
    retire()

    def revision():
        session.expire_all()
        return str(session.scalars(sa.select(CurriculumDraft.revision)).one())

    page.post(f"{ADDRESS}/draft/ask?star=1", world.a.editor, expect=303, revision=revision(), **ASKED)
    soup = page.get(f"{ADDRESS}/draft/ask?one=htn", world.a.editor)
    assert soup.select_one("select[name=course] option[selected]")["value"] == "hypertension"
    refused = page.post(f"{ADDRESS}/draft/finish", world.a.editor, expect=422, revision=revision())
    assert "hypertension" in refused.text
    put = ASKED | {"kind": "hours", "code": "htn", "technique": "", "what": "theory", "amount": "6"}
    page.post(f"{ADDRESS}/draft/ask?one=htn", world.a.editor, expect=303, revision=revision(), **put)
    # once it is out, it cannot be put in again
    back = ASKED | {"kind": "course", "code": "again", "technique": "", "course": "hypertension", "amount": ""}
    page.post(f"{ADDRESS}/draft/ask?star=2", world.a.editor, expect=422, revision=revision(), **back)
    page.post(f"{ADDRESS}/draft/finish", world.a.editor, expect=303, revision=revision())
