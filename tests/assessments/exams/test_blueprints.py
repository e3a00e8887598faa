"""Pages where a paper is asked for: the table of cells, pools and forms, and an example of what a candidate gets."""

import pytest

from assessments.exams.models import (
    Exam,
)
from tests.assessments.exams.conftest import all_of
from tests.factories import exams as made

LANGUAGES = ["zh", "en"]
CELL = '["测量", "", "single"]'


def sent(**changed):
    """A form for a new exam; the table asks for one single question on each topic."""
    return {
        "title": "抽题考试",
        "opens_at": "2026-12-01 09:00",
        "closes_at": "2026-12-01 11:00",
        "minutes": "30",
        "pass_percent": "60",
        "shuffled": "y",
        "multiple": "exact",
        "way": "draw",
        "by": ["topic", "kind"],
        "bank": ["small"],
        "cell": [CELL, '["测量", "", "multiple"]', '["分级", "", "single"]', '["分级", "", "multiple"]'],
        "count": ["１", "", "1", ""],
        "pool": ["2", "", "", ""],
        "points": ["3", "1", "2", "1"],
    } | changed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_shows_what_the_bank_has_and_the_draft_what_was_asked_for(world, page, session, language):
    officer = world.a.exam_officer
    made.bank(session)
    table = page.get("/exams/new", officer, language=language)
    assert [row["data-there"] for row in table.select(".cells tbody tr")] == ["2", "1", "2", "1"]
    by_level = page.get("/exams/new?by=level", officer, language=language)
    assert [row["data-there"] for row in by_level.select(".cells tbody tr")] == ["6"]
    page.post("/exams/new", officer, expect=303, institution=world.a.commission, **sent())
    exam = all_of(session, Exam)[0]
    assert [(c["topic"], c["count"], c["pool"], c["points"]) for c in exam.paper.blueprint] == [
        ("测量", 1, 2, 3),
        ("分级", 1, 2, 2),
    ]
    assert len(exam.paper.items) == 4
    shown = page.get(f"/exams/{exam.id}/paper", officer, language=language)
    assert len(shown.select("ol.paper-items > li")) == 4
    example = page.get(f"/exams/{exam.id}/paper/example", officer, language=language)
    assert len(example.select("section[data-kind]")) == 2
    again = page.get(f"/exams/{exam.id}/paper/draw", officer, language=language)
    assert [one["value"] for one in again.select("input[name=count]")] == ["1", "", "1", ""]
    assert again.select_one("input[name=way][checked]")["value"] == "draw"


def test_a_cell_that_is_refused_is_marked_and_what_was_typed_stays(world, page, session):
    officer = world.a.exam_officer
    made.bank(session)
    asked = sent(count=["1", "5", "", ""], way="same", institution=world.a.commission)
    refused = page.post("/exams/new", officer, expect=422, **asked)
    assert "5" in refused.select_one("[role=alert]").get_text()
    assert refused.select_one("tr.cell-wrong input[name=count]")["value"] == "5"
    assert refused.select_one("input[name=title]")["value"] == "抽题考试"
    for wrong in ({"count": ["x", "", "", ""]}, {"points": ["1.5", "1", "1", "1"]}, {"way": "forms", "forms": "99"}):
        page.post("/exams/new", officer, expect=422, **(asked | wrong))
    page.post("/exams/new", officer, expect=422, **(asked | {"count": ["1"]}))
    other_table = page.post("/exams/new", officer, expect=200, **(asked | {"show": "1", "by": ["topic"]}))
    assert [row["data-there"] for row in other_table.select(".cells tbody tr")] == ["3", "3"]
    assert other_table.select_one("input[name=title]")["value"] == "抽题考试"
    assert all_of(session, Exam) == []
    page.get("/exams/new", world.a.doctor, expect=403)


@pytest.mark.parametrize("language", LANGUAGES)
def test_equivalent_forms_are_shown_one_by_one(world, page, session, language):
    officer = world.a.exam_officer
    made.bank(session)
    asked = sent(way="forms", forms="2", count=["1", "", "1", ""], institution=world.a.commission)
    page.post("/exams/new", officer, expect=303, **asked)
    exam_id = all_of(session, Exam)[0].id
    shown = page.get(f"/exams/{exam_id}/paper", officer, language=language)
    assert len(shown.select("a[href*='form=']")) == 2
    stems = [
        {
            one.get_text()
            for one in page.get(f"/exams/{exam_id}/paper/example?form={n}", officer).select(".question-stem")
        }
        for n in (1, 2)
    ]
    assert [len(one) for one in stems] == [2, 2]
    assert not stems[0] & stems[1]
    page.post(f"/exams/{exam_id}/paper/draw", officer, expect=303, **sent(way="same", count=["2", "", "", ""]))
    session.expire_all()
    assert session.get_one(Exam, exam_id).paper.forms is None
    page.post(f"/exams/{exam_id}/paper/draw", officer, expect=422, **sent(way="same", count=["9", "", "", ""]))
    for url in ("paper/example", "paper/draw"):
        page.get(f"/exams/{exam_id}/{url}", world.b.exam_officer, expect=404)
        page.get(f"/exams/{exam_id}/{url}", world.a.manager, expect=403)


def test_who_sits_it_sees_neither_paper_nor_example(office, officers, world, page):
    exam_id = office.draft(officers[1], world.a.commission)
    office.seat(officers[1], exam_id, world.a.exam_officer)
    for url in ("paper", "paper/example", "paper/draw"):
        page.get(f"/exams/{exam_id}/{url}", world.a.exam_officer, expect=403)
