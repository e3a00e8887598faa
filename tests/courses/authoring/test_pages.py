"""The writers' pages: everything a course needs can be typed, seen and sent, in both languages."""

import pytest

from courses.authoring.models import CourseDraft, DraftLesson
from courses.authoring.services import files
from tests.courses.authoring.conftest import written
from tests.films import COURSES

LESSON = {
    "zh": "止血",
    "en": "Bleeding",
    "minutes": "8",
    "body": "## 先看\r\n\r\n**按压**",
    "q0-stem": "先做什么？",
    "q0-option": ["", "按压", "冲洗"],
    "q0-right": "1",
    "q0-explanation": "先止血。",
    "q1-stem": "",
    "q1-option": ["", ""],
    "q1-explanation": "",
}


@pytest.fixture
def draft(as_, world):
    """A draft without flaws: its id and its lesson's."""
    with as_(world.a.editor) as actor:
        made = written(actor)
        return made.id, made.lessons[0].id


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens_in_both_languages(page, world, draft, second, language):
    id, lesson = draft
    for address in (
        "/editor/drafts",
        "/editor/drafts/new",
        "/editor/packages",
        f"/editor/drafts/{id}",
        f"/editor/drafts/{id}/about",
        f"/editor/drafts/lessons/{lesson}",
        f"/editor/drafts/lessons/{lesson}/preview",
    ):
        page.get(address, world.a.editor, language=language)
    page.post(f"/editor/drafts/{id}/send", world.a.editor, expect=303)
    assert page.get(f"/editor/drafts/{id}", second, language=language).select("form[action$=approve]")
    assert not page.get(f"/editor/drafts/{id}", world.a.editor, language=language).select("form[action$=approve]")


def test_a_whole_course_by_hand(page, world, second, session):
    page.post("/editor/drafts/new", world.a.editor, expect=422, zh="", en="x", code="Not Right")
    page.post("/editor/drafts/new", world.a.editor, expect=303, zh="伤口处理", en="Wound care", code="wound-care")
    id = session.query(CourseDraft.id).scalar()
    about = {"zh": "伤口处理", "en": "Wound care", "summary": "一节", "categories": "nurse", "hours_kind": "theory"}
    works = {"work-code": ["", ""], "work-title": ["创面指南", ""], "work-year": ["2023", ""], "work-where": ["", ""]}
    page.post(f"/editor/drafts/{id}/about", world.a.editor, expect=303, base=1, take="guide", **about, **works)
    lesson = session.query(DraftLesson.id).scalar()
    page.post(f"/editor/drafts/lessons/{lesson}", world.a.editor, expect=303, base=1, sources="work-1", **LESSON)
    session.expire_all()
    entry = session.get_one(DraftLesson, lesson).entry
    assert entry["self_check"] == [
        {"stem": "先做什么？", "options": ["按压", "冲洗"], "right": [0], "explanation": "先止血。"}
    ]
    assert entry["body"] == "## 先看\n\n**按压**"
    assert [work["code"] for work in session.get_one(CourseDraft, id).works] == ["work-1", "guide"]
    page.post(f"/editor/drafts/{id}/send", world.a.editor, expect=303)
    soup = page.get(f"/editor/drafts/{id}", second)
    digest = soup.select_one("form[action$=approve] input[name=digest]")["value"]
    page.post(f"/editor/drafts/{id}/give-back", second, expect=422, digest=digest)
    page.post(f"/editor/drafts/{id}/approve", second, expect=303, digest=digest, **{"approve-note": "很好"})
    page.post(f"/editor/drafts/{id}/publish", world.a.editor, expect=303)
    assert "第 1 版" in page.get(f"/editor/drafts/{id}", world.a.editor).text
    assert "伤口处理" in page.get("/courses", world.a.doctor).text


def test_a_script_saves_and_is_told_of_a_clash(page, world, draft, app):
    _id, lesson = draft
    client = app.test_client()
    page.get("/editor/drafts", world.a.editor)
    sent = {**LESSON, "base": "2", "sources": "work-1"}
    script = {"Accept": "application/json"}
    answer = client.post(f"/editor/drafts/lessons/{lesson}", data=sent, headers=script)
    assert (answer.status_code, answer.get_json()) == (200, {"revision": 3})
    answer = client.post(f"/editor/drafts/lessons/{lesson}", data={**sent, "zh": "别的"}, headers=script)
    assert (answer.status_code, answer.get_json()["revision"]) == (409, 3)
    assert "别人" in answer.get_json()["refused"]
    answer = client.post(
        f"/editor/drafts/lessons/{lesson}", data={**sent, "base": "3", "zh": "字" * 121}, headers=script
    )
    assert answer.status_code == 422


def test_the_live_view_is_the_one_sanitiser(page, world):
    told = page.send("/editor/preview", world.a.editor, {"text": "**好**<script>alert(1)</script> [x](javascript:y)"})
    assert "<strong>好</strong>" in told["html"]
    assert "<script" not in told["html"]
    assert "javascript:" not in told["html"].replace("(javascript:y)", "")
    page.send("/editor/preview", world.a.editor, {"text": 5}, expect=422)
    page.send("/editor/preview", world.a.editor, {"text": "x" * 300_000}, expect=422)


def test_a_preview_shows_the_lesson_and_records_nothing(page, world, draft):
    soup = page.get(f"/editor/drafts/lessons/{draft[1]}/preview", world.a.editor)
    assert "按压止血" in soup.text
    assert "创面处理指南" in soup.text
    assert not soup.select("[data-module*=reader]")


def test_the_list_asks_as_often_for_many_as_for_few(page, world, as_, queries):
    with as_(world.a.editor) as actor:
        written(actor, "course-a")
    page.get("/editor/drafts", world.a.editor)
    queries.clear()
    page.get("/editor/drafts", world.a.editor)
    few = len(queries)
    with as_(world.a.editor) as actor:
        for number in range(12):
            written(actor, f"course-{number}")
    queries.clear()
    page.get("/editor/drafts", world.a.editor)
    assert len(queries) == few


def test_a_film_with_its_captions_is_previewed_as_doctors_see_it(page, as_, world, draft, tmp_path):
    film = COURSES / "cpr-and-shock" / "attachments" / "compressions.webm"
    with as_(world.a.editor) as actor:
        held = files.db.session.get_one(CourseDraft, draft[0])
        for one in (film, film.with_suffix(".vtt")):
            copy = tmp_path / "sent"
            copy.write_bytes(one.read_bytes())
            files.attach(actor, held, file=copy, name=one.name, lesson=held.lessons[0])
    shown = page.get(f"/editor/drafts/lessons/{draft[1]}/preview", world.a.editor)
    [track] = shown.select("video > track[kind=captions]")
    assert not shown.select("a[download][href$='.vtt']"), "captions are on the film, not a file to save"
    page.get(track["src"], world.a.editor)
    assert page.answer.data.startswith(b"WEBVTT")
    page.get(track["src"], world.a.manager, expect=403)
    page.get(shown.select_one("video")["src"], world.b.doctor, expect=403)
