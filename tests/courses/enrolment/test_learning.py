"""Learning on the real database: events, completion, credit, assignment, and who may."""

import json
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from courses.curricula.models import Course, CoursePublication, CourseTechnique, CourseVersion, Lesson
from courses.curricula.queries import current_of
from courses.enrolment.models import CourseCompletion, Enrolment, LessonCompletion, LessonEvent
from courses.enrolment.queries import reading
from courses.enrolment.services import assign, enrol
from courses.hours.models import HoursEntry
from lms import clock, ids
from lms.authz import Actor
from lms.db import act_as, db
from lms.errors import NotAllowed
from lms.events import OutboxEvent, deliver, subscribers_of
from lms.institutions.models import Institution
from lms.techniques.models import Technique
from tests.factories import packs

MEASURE = "/courses/hypertension/lessons/measure"
DIAGNOSE = "/courses/hypertension/lessons/diagnose"


@pytest.fixture(autouse=True)
def small(app, tmp_path):
    """The small pack."""
    packs.bring(app, packs.write(tmp_path))


def event(kind, **more):
    return {"id": str(ids.uuid7()), "kind": kind, **more}


def read_all():
    """What the page tells of somebody who reads to the end and answers right."""
    checks = [event("self_check", question=0, chosen=[1]), event("self_check", question=1, chosen=[2, 0])]
    return [event("opened"), event("position", anchor="b3"), *checks, event("finished")]


@pytest.fixture
def ago(monkeypatch):
    """Minutes by which opening a lesson lies in the past, by its code: only the database's clock sets times."""
    minutes: dict[str, int] = {}
    original = reading._happening

    def shifted(row, lesson):
        made = original(row, lesson)
        late = timedelta(minutes=minutes.get(lesson.code, 0)) if made.kind == "opened" else timedelta(0)
        return replace(made, received_at=made.received_at - late)

    monkeypatch.setattr(reading, "_happening", shifted)
    return minutes


@pytest.fixture
def learn(page, world):
    """Send events of a lesson as somebody (the doctor of county a)."""

    def act(address=MEASURE, events=None, *, who=None, expect=200):
        sent = {"events": read_all() if events is None else events}
        return page.send(f"{address}/events", who or world.a.doctor, sent, expect=expect)

    return act


@pytest.fixture
def begun(page, world):
    """The doctor of county a has begun the course."""
    page.post("/courses/hypertension/join", world.a.doctor, expect=303)


def told(session, kind):
    return session.scalars(sa.select(OutboxEvent).where(OutboxEvent.kind == kind).order_by(OutboxEvent.id)).all()


def hear(app, session, kind):
    """Deliver what was told, as the worker does, in a session of its own for each."""
    for one in told(session, kind):
        for name in subscribers_of_kind(app, one.id):
            with app.app_context():
                deliver(one.id, name)


def subscribers_of_kind(app, event_id):
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        return subscribers_of(event_id)


def test_beginning_twice_is_beginning_once(page, world, session, begun):
    assert page.answer.headers["Location"] == MEASURE
    page.post("/courses/hypertension/join", world.a.doctor, expect=303)
    assert session.scalar(sa.select(sa.func.count()).select_from(Enrolment)) == 1


def test_events_are_kept_once_and_acknowledged_by_name(learn, session, begun):
    events = read_all()
    first = learn(events=events)
    assert sorted(first["acknowledged"]) == sorted(one["id"] for one in events)
    again = learn(events=[*events, *reversed(events)])
    assert set(again["acknowledged"]) == {one["id"] for one in events}
    assert session.scalar(sa.select(sa.func.count()).select_from(LessonEvent)) == len(events)


def test_a_lesson_read_too_fast_waits_and_is_complete_when_the_time_has_passed(learn, ago, session, begun):
    hasty = learn()["stand"]
    assert hasty["reached_end"]
    assert hasty["check_passed"]
    assert not hasty["complete"]
    assert 170 <= hasty["wait"] <= 180
    ago["measure"] = 4
    later = learn(events=[event("position", anchor="b1")])["stand"]
    assert later["complete"]
    assert later["minutes"] == 4
    assert session.scalars(sa.select(LessonCompletion.minutes)).all() == [4]


def test_replays_and_more_reading_never_count_again(learn, ago, session, begun):
    ago["measure"] = 60
    events = read_all()
    for _ in range(3):
        assert learn(events=events)["stand"]["minutes"] == 9
    learn()
    assert session.scalars(sa.select(LessonCompletion.minutes)).all() == [9]
    assert len(told(session, "LessonCompleted")) == 1


def test_minutes_become_hours_once_however_often_they_are_told(app, learn, ago, session, begun, page, world):
    ago["measure"] = 12
    learn()
    hear(app, session, "LessonCompleted")
    hear(app, session, "LessonCompleted")
    session.expire_all()
    entry = session.scalars(sa.select(HoursEntry)).one()
    assert (entry.minutes, entry.kind, entry.person_id) == (9, "theory", world.a.doctor)
    assert entry.evidence["title"] == "高血压入门：量准血压"
    assert "高血压入门：量准血压" in page.get("/hours", world.a.doctor).text


def test_two_lessons_open_at_once_share_the_time(learn, ago, session, begun):
    ago.update(measure=10, diagnose=10)
    learn(MEASURE)
    learn(DIAGNOSE)
    assert session.scalars(sa.select(LessonCompletion.minutes).order_by(LessonCompletion.id)).all() == [9, 1]


def test_the_last_lesson_completes_the_course(learn, ago, session, begun, page, world):
    ago.update(measure=9, diagnose=6)
    learn(MEASURE)
    assert session.scalar(sa.select(CourseCompletion.id)) is None
    learn(DIAGNOSE)
    assert session.scalars(sa.select(CourseCompletion.person_id)).all() == [world.a.doctor]
    assert [one.payload["person_id"] for one in told(session, "CourseCompleted")] == [world.a.doctor]
    assert "已学完" in page.get("/courses", world.a.doctor).text
    page.get(MEASURE, world.a.doctor)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"events": "x"},
        {"events": [{"id": "1", "kind": "opened"}]},
        {"events": [{"id": str(uuid4()), "kind": "opened"}]},
        {"events": [event("credited")]},
        {"events": [event("opened", minutes=600)]},
        {"events": [event("self_check")]},
        {"events": [event("opened", question=1, chosen=[1])]},
        {"events": [event("position", anchor="main")]},
        {"events": [event("opened", ago="NaN")]},
        {"events": [event("opened") for _ in range(201)]},
    ],
)
def test_what_no_page_sends_is_refused(page, world, begun, session, body):
    page.send(f"{MEASURE}/events", world.a.doctor, body, expect=422)
    assert session.scalar(sa.select(LessonEvent.id)) is None


def test_a_clock_set_back_or_far_ahead_does_no_harm(learn, begun, session):
    learn(events=[event("opened", ago=-500), event("position", anchor="b2", ago=10**12)])
    assert sorted(session.scalars(sa.select(LessonEvent.ago_seconds))) == [0, 90 * 86400]


def test_a_question_that_is_not_there_counts_for_nothing(learn, ago, begun):
    ago["measure"] = 30
    made = learn(events=[event("opened"), event("finished"), event("self_check", question=40, chosen=[])])
    assert made["stand"]["passed"] == []


def test_somebody_elses_events_are_not_acknowledged_as_mine(page, world, learn, begun, session):
    page.post("/courses/hypertension/join", world.b.doctor, expect=303)
    mine = event("opened")
    learn(events=[mine])
    assert learn(events=[mine], who=world.b.doctor)["acknowledged"] == []
    assert session.scalars(sa.select(LessonEvent.person_id)).all() == [world.a.doctor]


def test_the_app_cannot_change_what_was_told(learn, begun, session):
    learn()
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        session.execute(sa.update(LessonEvent).values(received_at=sa.func.now()))


def test_one_goes_on_where_one_stopped(learn, begun, page, world):
    learn(events=[event("opened"), event("position", anchor="b4"), event("position", anchor="b2", ago=600)])
    shown = page.get(MEASURE, world.a.doctor).select_one("article")
    assert json.loads(shown["data-stand"])["anchor"] == "b4"
    learn(DIAGNOSE, events=[event("opened")])
    home = page.get("/", world.a.doctor)
    assert home.select_one("a.next-step")["href"] == DIAGNOSE


def test_pages_before_and_after_beginning(page, world, begun):
    card = page.get("/courses", world.b.doctor).select_one(".course")
    assert "高血压入门" in card.text
    assert page.get("/courses/hypertension", world.b.doctor).select_one("form[action$=join]")
    page.get(MEASURE, world.b.doctor, expect=303)
    for language in ("zh", "en"):
        for address in ("/courses", "/courses/hypertension", MEASURE, DIAGNOSE):
            page.get(address, world.a.doctor, language=language)
    page.get("/courses/nothing", world.a.doctor, expect=404)
    page.get("/courses/hypertension/lessons/nothing", world.a.doctor, expect=404)


def test_who_may_tell(page, world, begun, learn):
    learn(who=world.b.doctor, expect=404)
    learn(who=world.a.manager, expect=404)
    page.send(f"{MEASURE}/events", None, {"events": []}, expect=401)
    for address in ("/courses", "/courses/hypertension", MEASURE):
        page.get(address, None, expect=302)


def test_the_home_page_offers_what_fits_and_then_what_is_due(page, world, session, begun):
    assert page.get("/", world.b.doctor).select_one("a.next-step")["href"] == "/courses/hypertension"
    assert page.get("/", world.b.village_doctor).select_one("a.next-step") is None
    session.execute(sa.update(Enrolment).values(due_on=clock.today() - timedelta(days=1)))
    session.commit()
    assert "已逾期" in page.get("/", world.a.doctor).text
    assert page.get("/", world.a.manager).select_one("a.next-step") is None


def test_a_manager_gives_a_course_to_a_category_in_a_subtree(page, world, session, begun):
    values = {"institution": world.a.commission, "category": "general_practitioner", "due_on": "2026-12-31"}
    page.get("/courses/hypertension/assign", world.a.manager)
    page.post("/courses/hypertension/assign", world.a.manager, expect=303, **values)
    found = session.scalars(sa.select(Enrolment).order_by(Enrolment.person_id)).all()
    assert [one.person_id for one in found] == [world.a.doctor, world.a.second_doctor]
    assert {one.due_on for one in found} == {date(2026, 12, 31)}
    page.post("/courses/hypertension/assign", world.a.manager, expect=303, **values)
    assert [one.payload["enrolled"] for one in told(session, "CourseAssigned")] == [1, 0]
    page.post("/courses/hypertension/assign", world.a.manager, expect=422, **(values | {"due_on": "morgen"}))


def test_nobody_gives_a_course_to_the_neighbours(page, world, as_, session):
    values = {"institution": world.b.commission, "category": "general_practitioner", "due_on": ""}
    page.post("/courses/hypertension/assign", world.a.manager, expect=422, **values)
    for who in (world.a.doctor, world.a.examiner, world.a.auditor):
        page.get("/courses/hypertension/assign", who, expect=403)
    for who in (world.a.manager, world.a.editor, world.a.doctor):
        with as_(who) as actor:
            there, version = db.session.get_one(Institution, world.b.township), current_of("hypertension")
            with pytest.raises(NotAllowed):
                assign(actor, there, version=version, category="nurse", due_on=None)
    assert session.scalar(sa.select(Enrolment.id)) is None


def test_a_course_that_comes_first_must_be_finished(app, as_, world, session, tmp_path, learn, ago, page):
    after = packs.COURSE.replace("code: hypertension", "code: after").replace(
        "prerequisites: []", "prerequisites: [hypertension]"
    )
    after = after.replace("[01-measure.md, 02-diagnose.md]", "[01-next.md]").replace("高血压入门", "高血压进阶")
    lesson = packs.LESSON.format(code="next", zh="进阶", en="Next", minutes=6, attachments="", body="。")
    changes = {"courses/after/course.yaml": after, "courses/after/lessons/01-next.md": lesson}
    packs.bring(app, packs.write(tmp_path, changes))
    page.post("/courses/after/join", world.a.doctor, expect=409)
    page.post("/courses/hypertension/join", world.a.doctor, expect=303)
    ago.update(measure=9, diagnose=6)
    learn(MEASURE)
    learn(DIAGNOSE)
    page.post("/courses/after/join", world.a.doctor, expect=303)


def test_whoever_has_begun_stays_in_their_version(app, page, world, session, tmp_path, begun):
    name = "courses/hypertension/lessons/01-measure.md"
    packs.bring(app, packs.write(tmp_path, {name: packs.SMALL[name].replace("不要聊天", "不要看手机")}))
    page.post("/editor/courses/hypertension/2/publish", world.a.editor, expect=303)
    page.post("/courses/hypertension/join", world.b.doctor, expect=303)
    assert "不要聊天" in page.get(MEASURE, world.a.doctor).text
    assert "不要看手机" in page.get(MEASURE, world.b.doctor).text


def test_the_shelf_needs_as_many_statements_for_a_thousand_as_for_ten(page, world, session, queries, begun):
    page.get("/courses", world.a.doctor)
    queries.clear()
    page.get("/courses", world.a.doctor)
    few = len(queries)
    course = session.scalars(sa.select(CourseVersion)).one()
    _many_courses(session, course, 1000)
    queries.clear()
    page.get("/courses", world.a.doctor)
    assert len(queries) == few


def test_the_page_of_a_course_needs_as_many_statements_for_many_techniques(page, world, session, queries, begun):
    course = session.scalars(sa.select(CourseVersion)).one()
    known = set(session.scalars(sa.select(CourseTechnique.technique_id)))
    page.get(f"/courses/{course.course.code}", world.a.doctor)
    queries.clear()
    page.get(f"/courses/{course.course.code}", world.a.doctor)
    few = len(queries)
    named = ("title", "title_en", "kind", "core", "categories", "summary", "standard", "sources", "updated_at")
    like = session.scalars(sa.select(Technique).where(Technique.id.in_(known))).first()
    more = [Technique(code=f"more-{n}", **{name: getattr(like, name) for name in named}) for n in range(30)]
    session.add_all(more)
    session.flush()
    session.add_all(CourseTechnique(version_id=course.id, technique_id=one.id) for one in more)
    session.flush()
    queries.clear()
    soup = page.get(f"/courses/{course.course.code}", world.a.doctor)
    assert len(soup.select("a[href^='/techniques/more-']")) == 30
    assert len(queries) == few


def _many_courses(session, like, count):
    courses = [Course(code=f"c{n}") for n in range(count)]
    session.add_all(courses)
    session.flush()
    same = ("title", "title_en", "summary", "categories", "hours_kind", "prerequisites", "sources", "digest")
    made = [
        CourseVersion(course_id=one.id, number=1, **{name: getattr(like, name) for name in same}) for one in courses
    ]
    session.add_all(made)
    session.flush()
    session.add_all(CoursePublication(course_id=one.course_id, version_id=one.id) for one in made)
    digest = like.lessons[0].digest
    for one in made:
        values = {"title": "课", "title_en": "L", "minutes": 5, "body": "。", "self_check": [], "sources": []}
        session.add(Lesson(version_id=one.id, position=1, code="a", digest=digest, **values))
    session.commit()


def test_joining_is_for_people(as_):
    with as_(Actor.PUBLIC) as actor, pytest.raises(NotAllowed):
        enrol(actor, None)


def test_the_page_one_reads_needs_few_statements(page, world, queries, begun):
    queries.clear()
    page.get(MEASURE, world.a.doctor)
    assert len([one for one in queries if one.startswith("SELECT")]) <= 14  # the frame's own are among them
