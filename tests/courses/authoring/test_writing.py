"""From an empty draft to a version doctors read: saved, sent, reviewed by another, published, out of use."""

import pytest
import sqlalchemy as sa

from courses.authoring.models import CourseDraft, CourseReview, DraftLesson
from courses.authoring.services import drafting, reviewing
from courses.curricula.models import Course, CourseVersion
from courses.curricula.queries import current_of
from courses.curricula.services import retiring
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from tests.courses.authoring.conftest import BODY, published, written


def test_a_course_goes_all_the_way_and_doctors_read_it(as_, page, world, second, session):
    id = published(as_, world.a.editor, second)
    version = session.get_one(CourseVersion, id)
    assert (version.number, version.title, version.lessons[0].body) == (1, "伤口处理", BODY)
    assert version.sources == [{"code": "work-1", "title": "创面处理指南", "year": "2023", "where": "第二章"}]
    page.post("/courses/wound-care/join", world.a.doctor, expect=303)
    assert "按压止血" in page.get(f"/courses/wound-care/lessons/{version.lessons[0].code}", world.a.doctor).text
    review = session.scalars(sa.select(CourseReview)).one()
    assert (review.verdict, review.by_id) == ("approved", second)


def test_whoever_wrote_in_it_cannot_review_it_and_the_table_says_so_too(as_, world, second, session):
    with as_(world.a.editor) as actor:
        draft = written(actor)
        reviewing.send(actor, draft)
        with pytest.raises(Conflict):
            reviewing.approve(actor, draft, digest=draft.digest.hex())
        id = draft.id
    with pytest.raises(sa.exc.IntegrityError, match="reviewed_by_another"):
        session.execute(
            sa.update(CourseDraft).where(CourseDraft.id == id).values(state="approved", reviewed_by_id=world.a.editor)
        )


def test_a_review_is_over_what_was_read(as_, world, second):
    with as_(world.a.editor) as actor:
        draft = written(actor)
        reviewing.send(actor, draft)
        id, seen = draft.id, draft.digest.hex()
        reviewing.take_back(actor, draft)
        lesson = draft.lessons[0]
        drafting.save_lesson(actor, lesson, base=lesson.revision, changes={"body": "另一段"})
        reviewing.send(actor, draft)
    with as_(second) as actor:
        draft = db.session.get(CourseDraft, id)
        with pytest.raises(Conflict):
            reviewing.approve(actor, draft, digest=seen)
        reviewing.give_back(actor, draft, digest=draft.digest.hex(), note="第二节要写清剂量")
        assert draft.state == "writing"
        assert draft.reviewed_by_id is None


def test_only_what_was_approved_can_be_published(as_, world, second, session):
    with as_(world.a.editor) as actor:
        draft = written(actor)
        with pytest.raises(Conflict):
            reviewing.publish(actor, draft)
        reviewing.send(actor, draft)
        id, seen = draft.id, draft.digest.hex()
        with pytest.raises(Conflict):
            drafting.save_lesson(actor, draft.lessons[0], base=1, changes={"body": "x"})
    with as_(second) as actor:
        reviewing.approve(actor, db.session.get(CourseDraft, id), digest=seen)
    session.execute(sa.update(DraftLesson).values(entry=DraftLesson.entry.concat({"body": "偷换"})))
    session.commit()
    with as_(world.a.editor) as actor, pytest.raises(Conflict):
        reviewing.publish(actor, db.session.get(CourseDraft, id))


def test_nobody_saves_over_another_unawares(as_, world, second):
    with as_(world.a.editor) as actor:
        draft = written(actor)
        lesson, base = draft.lessons[0], draft.lessons[0].revision
        drafting.save_lesson(actor, lesson, base=base, changes={"body": "甲写的"})
        with pytest.raises(Conflict) as clash:
            drafting.save_lesson(actor, lesson, base=base, changes={"body": "乙写的"})
        assert clash.value.where == {"revision": base + 1}
        assert lesson.entry["body"] == "甲写的"
        assert drafting.save_lesson(actor, lesson, base=base, changes={"body": "甲写的"}) == base + 1
        assert drafting.save_lesson(actor, lesson, base=base + 1, changes={"minutes": 9}) == base + 2
        assert lesson.entry["body"] == "甲写的"


def test_what_is_missing_is_named_before_it_is_sent(as_, world):
    with as_(world.a.editor) as actor:
        draft = drafting.begin(actor, None, code="empty", zh="空", en="Empty")
        with pytest.raises(Invalid) as wrong:
            reviewing.send(actor, draft)
        places = {flaw.at for flaw in wrong.value.where["problems"]}
        assert {
            ("summary",),
            ("categories",),
            ("sources",),
            ("lesson", 0, "body"),
            ("lesson", 0, "self_check"),
        } <= places
        assert draft.state == "writing"


def test_one_draft_of_a_course_at_a_time(as_, world):
    with as_(world.a.editor) as actor:
        written(actor)
        with pytest.raises(Conflict):
            drafting.begin(actor, None, code="wound-care", zh="又一个", en="Again")
        with pytest.raises(Conflict):
            drafting.begin(actor, None, code="hypertension", zh="已有", en="There")


def test_lessons_are_added_moved_and_removed_in_order(as_, world):
    with as_(world.a.editor) as actor:
        draft = written(actor)
        first = draft.lessons[0]
        second_, third = drafting.add_lesson(actor, draft), drafting.add_lesson(actor, draft)
        assert len({one.entry["code"] for one in draft.lessons}) == 3
        drafting.move_lesson(actor, third, by=-1)
        db.session.refresh(draft, ["lessons"])
        assert [one.id for one in draft.lessons] == [first.id, third.id, second_.id]
        drafting.remove_lesson(actor, first)
        db.session.refresh(draft, ["lessons"])
        assert [(one.id, one.position) for one in draft.lessons] == [(third.id, 1), (second_.id, 2)]


def test_the_next_version_begins_with_what_is_there_and_says_what_changed(as_, page, world, second, session):
    with as_(world.a.editor) as actor:
        draft = drafting.go_on(actor, current_of("hypertension"))
        with pytest.raises(Conflict, match="1"):
            reviewing.send(actor, draft)
        lesson = draft.lessons[1]
        drafting.save_lesson(actor, lesson, base=lesson.revision, changes={"body": "两周内三次。"})
        id = draft.id
    assert "改动 1 课" in page.get(f"/editor/drafts/{id}", world.a.editor).text
    made = published(as_, world.a.editor, second, id)
    version = session.get_one(CourseVersion, made)
    assert version.number == 2
    assert [one.code for one in version.lessons] == ["measure", "diagnose"]
    assert version.lessons[0].attachments[0].content.startswith(b"<svg")


def test_a_retired_course_is_begun_by_nobody_and_can_come_back(as_, page, world, session):
    page.post("/courses/hypertension/join", world.a.doctor, expect=303)
    page.post("/editor/courses/hypertension/retire", world.a.editor, expect=303, note="指南已更新")
    assert "高血压入门" not in page.get("/courses", world.b.doctor).text
    page.get("/courses/hypertension/lessons/measure", world.a.doctor)
    with as_(world.a.editor) as actor:
        course = db.session.scalars(sa.select(Course).where(Course.code == "hypertension")).one()
        with pytest.raises(Conflict):
            retiring.retire(actor, course, reason="再来")
        with pytest.raises(Invalid):
            retiring.bring_back(actor, course, reason=" ")
        retiring.bring_back(actor, course, reason="还能用")
    assert "高血压入门" in page.get("/courses", world.b.doctor).text


def test_only_editors_write(as_, page, world, second):
    with as_(world.a.editor) as actor:
        draft = written(actor)
        id, lesson = draft.id, draft.lessons[0].id
    for who in (world.a.doctor, world.a.manager, world.b.doctor, world.b.manager):
        for address in (
            "/editor/drafts",
            f"/editor/drafts/{id}",
            f"/editor/drafts/lessons/{lesson}",
            "/editor/packages",
        ):
            page.get(address, who, expect=403)
        page.post(f"/editor/drafts/{id}/discard", who, expect=403)
        page.send("/editor/preview", who, {"text": "x"}, expect=403)
    with as_(world.a.doctor) as actor, pytest.raises(NotAllowed):
        drafting.begin(actor, None, code="x", zh="x", en="x")
    page.get(f"/editor/drafts/{id}", second)
    page.get("/editor/drafts", None, expect=302)
