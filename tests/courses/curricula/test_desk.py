"""The editor's desk: what is in use, what waits, and that only editors decide."""

import pytest
import sqlalchemy as sa

from courses.curricula.models import CoursePublication, LessonAttachment
from courses.curricula.rules import compare
from lms.events import OutboxEvent, deliver
from lms.search.models import SearchDocument
from tests.factories import packs

LESSON = "courses/hypertension/lessons/01-measure.md"


@pytest.fixture(autouse=True)
def two_versions(app, tmp_path):
    """A course in use and a newer version that waits."""
    packs.bring(app, packs.write(tmp_path))
    packs.bring(app, packs.write(tmp_path, {LESSON: packs.SMALL[LESSON].replace("不要聊天", "不要看手机")}))


def test_what_differs_is_said_lesson_by_lesson():
    made = compare({"a": b"1", "b": b"1", "c": b"1"}, {"a": b"1", "b": b"2", "d": b"1"})
    assert (made.new, made.changed, made.gone) == (("d",), ("b",), ("c",))
    assert made.any
    assert not compare({"a": b"1"}, {"a": b"1"}).any


def test_a_newer_version_waits_and_says_what_it_changes(page, world):
    assert "新版待启用" in page.get("/editor/courses", world.a.editor).text
    soup = page.get("/editor/courses/hypertension", world.a.editor)
    assert "改动 1 课" in soup.text
    assert soup.select_one("form.confirm-sheet")["action"] == "/editor/courses/hypertension/2/publish"
    for language in ("zh", "en"):
        page.get("/editor/courses", world.a.editor, language=language)
        page.get("/editor/courses/hypertension", world.a.editor, language=language)
        page.get("/editor/courses/hypertension/2/measure", world.a.editor, language=language)


def test_a_preview_shows_the_right_answers_and_records_nothing(page, world):
    soup = page.get("/editor/courses/hypertension/2/measure", world.a.editor)
    assert "不要看手机" in soup.text
    assert soup.text.count("正确") >= 3
    assert not soup.select("[data-module*=reader]")


def test_publishing_gives_the_new_version_to_whoever_begins(app, page, world, session):
    page.post("/editor/courses/hypertension/2/publish", world.a.editor, expect=303)
    page.post("/editor/courses/hypertension/2/publish", world.a.editor, expect=409)
    by = session.scalars(sa.select(CoursePublication.by_id).order_by(CoursePublication.id)).all()
    assert by == [None, world.a.editor]
    told = session.scalars(sa.select(OutboxEvent).where(OutboxEvent.kind == "CoursePublished")).one()
    with app.app_context():
        deliver(told.id, "search.courses")
    session.expire_all()
    body = session.scalars(sa.select(SearchDocument.body).where(SearchDocument.key == "hypertension/measure")).one()
    assert "不要看手机" in body
    page.post("/editor/courses/hypertension/1/publish", world.a.editor, expect=303)


def test_only_editors_have_a_desk(page, world):
    for who in (world.a.doctor, world.a.manager, world.a.exam_officer):
        for address in ("/editor/courses", "/editor/courses/hypertension", "/editor/courses/hypertension/1/measure"):
            page.get(address, who, expect=403)
        page.post("/editor/courses/hypertension/2/publish", who, expect=403)
    page.get("/editor/courses", None, expect=302)
    for address in ("/editor/courses/none", "/editor/courses/hypertension/9/measure"):
        page.get(address, world.a.editor, expect=404)
    page.get("/editor/courses/hypertension/99999999999999999999/measure", world.a.editor, expect=404)


def test_a_file_is_given_to_be_kept_and_never_runs_as_a_page_of_ours(page, world, session):
    one = session.scalars(sa.select(LessonAttachment).order_by(LessonAttachment.id)).first()
    page.get(f"/lessons/files/{one.id}/card.svg", world.b.doctor)
    assert page.answer.data.startswith(b"<svg")
    assert page.answer.headers["Content-Disposition"] == 'attachment; filename="card.svg"'
    assert "sandbox" in page.answer.headers["Content-Security-Policy"]
    assert page.answer.headers["Cache-Control"].startswith("private")
    page.get(f"/lessons/files/{one.id}/other.svg", world.b.doctor, expect=404)
    page.get(f"/lessons/files/{one.id}/card.svg", None, expect=302)


def test_files_of_a_version_nobody_was_given_are_for_editors(page, world, session):
    waiting = session.scalars(sa.select(LessonAttachment).order_by(LessonAttachment.id.desc())).first()
    page.get(f"/lessons/files/{waiting.id}/card.svg", world.a.doctor, expect=404)
    page.get(f"/lessons/files/{waiting.id}/card.svg", world.a.editor)


def test_a_technique_names_the_courses_that_teach_it(page, world):
    soup = page.get("/techniques/bp", world.a.doctor)
    assert soup.select_one('a[href="/courses/hypertension"]').text == "高血压入门"
    assert not page.get("/techniques/cpr", world.a.doctor).select('a[href="/courses/hypertension"]')
