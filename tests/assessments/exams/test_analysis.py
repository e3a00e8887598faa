"""The analysis page: what it says of sound and of wrong keys, in both languages, for whom it should, and as a file."""

import io
import json
import random
from datetime import timedelta

import plotly.graph_objects as go
import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from assessments.exams import charts
from assessments.exams.models import Attempt, Candidate, Exam, ExamScore, ScoreRun, State
from assessments.exams.queries import analysis
from assessments.psychometrics.rules.information import Place
from lms import clock, ids
from lms.people.models import Category, Person

LANGUAGES = ["zh", "en"]


def people(session, world, count):
    """So many candidates of county A."""
    made = [
        Person(account=f"sat-{n}", name=f"考生{n}", category=Category.NURSE, institution_id=world.a.township)
        for n in range(count)
    ]
    session.add_all(made)
    session.flush()
    return made


def marked(office, officers, world, session, count, *, wrong=None, skipped=()):
    """A marked exam of so many candidates, the better ones earlier; `wrong`: the item whose key is wrong."""
    exam_id = office.draft(officers[0], world.a.commission)
    key = office.right_answers(exam_id)
    items = office.items(exam_id)
    chance = random.Random(11)
    exam = session.get_one(Exam, exam_id)
    run = ScoreRun(
        institution_id=world.a.commission, exam_id=exam_id, version=1, key_id=exam.key_id, rules_version=1,
        input_hash=bytes(32), figures={"candidates": count, "items": []}, made_by_id=officers[0],
    )  # fmt: skip
    session.add(run)
    session.flush()
    for number, person in enumerate(people(session, world, count)):
        score = [
            _answered(item, key[item.id], chance.random() < 1 - 0.8 * number / count, item.position == wrong)
            for item in items
            if (item.position, number % 2) not in skipped
        ]
        _score(session, world, exam_id, run, person, score)
    exam.state, exam.approved_hash = State.SCORED, bytes(32)
    session.commit()
    return exam_id


def _answered(item, right, knows, wrong):
    false = [one for one in "ABCD" if one not in right][:1]
    answer = right if knows else false
    earns = (answer == false) if wrong else knows
    return {"item": item.id, "answer": answer, "points": str(item.points if earns else 0), "of": item.points}


def _score(session, world, exam_id, run, person, score):
    candidate = Candidate(
        exam_id=exam_id, person_id=person.id, institution_id=world.a.commission, added_by_id=world.a.exam_officer
    )
    session.add(candidate)
    session.flush()
    attempt = Attempt(
        id=ids.uuid7(), candidate_id=candidate.id, exam_id=exam_id, person_id=person.id,
        institution_id=world.a.commission, items=[one["item"] for one in score], options={},
        started_at=clock.now(), deadline=clock.now() + timedelta(days=9999), closed_at=clock.now(),
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    earned, of = sum(int(one["points"]) for one in score), sum(one["of"] for one in score)
    session.add(
        ExamScore(
            institution_id=world.a.commission, person_id=person.id, run_id=run.id, attempt_id=attempt.id,
            percent=round(100 * earned / of, 3), maximum=of, passed=earned * 10 >= of * 6, items=score,
            input_hash=bytes(32),
        )
    )  # fmt: skip


def figures(soup):
    """Every plot of the page, by its section."""
    return {one["id"]: json.loads(one.select_one("script").string) for one in soup.select("section[id]:has(script)")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_key_is_named_and_plotly_takes_every_plot(office, officers, world, session, page, language):
    exam_id = marked(office, officers, world, session, 80, wrong=2)
    soup = page.get(f"/exams/{exam_id}/analysis", officers[1], language=language)
    drawn = figures(soup)
    assert set(drawn) == {"map", "options", "scores", "information"}
    for figure in drawn.values():
        go.Figure(figure)
    looked_at = [trace for trace in drawn["map"]["data"] if trace["marker"]["symbol"] == "x"]
    assert [trace["text"] for trace in looked_at] == [["2"]]
    assert soup.select_one("#options .notice"), "the suspected question is the one shown"
    assert "2" in soup.select_one("#options-title").get_text()
    rows = soup.select("#map tbody tr")
    assert len(rows) == 6
    assert [bool(row.select(".shape-attention")) for row in rows] == [n == 1 for n in range(6)]
    assert sum(int(row.select("td")[1].get_text()) for row in soup.select("#scores tbody tr")) == 80
    assert sum(drawn["scores"]["data"][0]["y"]) == 80
    for item in office.items(exam_id):
        shown = page.get(f"/exams/{exam_id}/analysis?item={item.id}", officers[1], language=language)
        assert str(item.position) in shown.select_one("#options-title").get_text()


def test_sorting_goes_by_the_address(office, officers, world, session, page):
    exam_id = marked(office, officers, world, session, 60, wrong=4)
    for sort, first in (("r", "4"), ("-item", "6"), ("nonsense", "1"), ("-p", None), ("d", None), ("flags", "4")):
        rows = page.get(f"/exams/{exam_id}/analysis?sort={sort}", officers[0]).select("#map tbody tr")
        assert len(rows) == 6
        assert first is None or rows[0].select_one("b").get_text() == first, sort
    page.get(f"/exams/{exam_id}/analysis?item=999999", officers[0], expect=302)


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_few_it_says_that_it_cannot_tell(office, officers, world, session, page, language):
    exam_id = marked(office, officers, world, session, 20, wrong=2)
    soup = page.get(f"/exams/{exam_id}/analysis", officers[0], language=language)
    assert "60" in soup.select_one(".plain-words").get_text()
    assert not soup.select("#map .shape-attention")
    assert "information" not in figures(soup), "no model for twenty"


def test_nothing_to_analyse_is_said(office, officers, world, session, page):
    exam_id = office.draft(officers[0], world.a.commission)
    assert page.get(f"/exams/{exam_id}/analysis", officers[0]).select(".empty")
    nobody = marked(office, officers, world, session, 0)
    assert page.get(f"/exams/{nobody}/analysis", officers[0]).select(".empty")


def test_questions_of_a_pool_are_judged_by_who_had_them(office, officers, world, session):
    exam_id = marked(office, officers, world, session, 80, skipped=((3, 0), (4, 1)))
    number = session.scalars(sa.select(ScoreRun.id)).one()
    office.do(officers[0], exam_id, lambda _a, exam: _check_pool(analysis.of_run(exam, _run(number))))


def _run(number):
    from lms.db import db

    return db.session.get_one(ScoreRun, number)


def _check_pool(found):
    assert [row.found.n for row in found.rows] == [80, 80, 40, 40, 80, 80]
    assert found.test.percent
    assert [row.untold for row in found.rows] == [False, False, True, True, False, False]
    assert sum(one.chosen for one in found.options(found.rows[2])) >= 40


def test_the_file_holds_every_table(office, officers, world, session, page):
    exam_id = marked(office, officers, world, session, 70, wrong=1)
    page.get(f"/exams/{exam_id}/analysis?export=xlsx", officers[0])
    data = page.answer.data
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert len(sheets) == 5
    whole, questions, options, scores, information = sheets.values()
    assert [row[0] for row in questions[1:]] == [1, 2, 3, 4, 5, 6]
    assert questions[1][-1], "the wrong key stands there in words"
    assert len(options) == 1 + 6 * 4
    assert sum(row[2] for row in scores[1:]) == 70
    assert len(information) > 10
    assert whole[3][1] == 70


def test_who_may_not(office, officers, world, session, page):
    exam_id = marked(office, officers, world, session, 5)
    url = f"/exams/{exam_id}/analysis"
    page.get(url, world.b.exam_officer, expect=404)
    page.get(f"{url}?export=xlsx", world.b.exam_officer, expect=404)
    page.get(url, world.a.manager, expect=403)
    page.get(url, expect=302)
    session.add(
        Candidate(exam_id=exam_id, person_id=officers[1], institution_id=world.a.commission, added_by_id=officers[0])
    )
    session.commit()
    page.get(url, officers[1], expect=403)
    page.get(url, officers[0])


def test_as_many_statements_for_many_as_for_few(office, officers, world, session, page, queries):
    few: list[int] = []
    many: list[int] = []
    exam_id = marked(office, officers, world, session, 10)
    for found in (few, many):
        queries.clear()
        page.get(f"/exams/{exam_id}/analysis", officers[0])
        found.append(len(queries))
        if found is few:
            run = session.scalars(sa.select(ScoreRun)).one()
            items = session.scalars(sa.select(ExamScore.items)).first()
            extra = [
                Person(account=f"more-{n}", name=f"更多{n}", category=Category.NURSE, institution_id=world.a.township)
                for n in range(60)
            ]
            session.add_all(extra)
            session.flush()
            for person in extra:
                _score(session, world, exam_id, run, person, items)
            session.commit()
    assert few == many


def test_bands_hold_everybody_once():
    found = charts.bands([0, 4.999, 5, 59.999, 60, 99.9, 100])
    assert sum(count for _low, count in found) == 7
    assert dict(found)[0] == 2
    assert dict(found)[95] == 2


def test_information_is_drawn_with_the_cut():
    from decimal import Decimal

    places = [Place(step, 50 + 10 * step, 4 - step * step, 5) for step in (-1.0, 0.0, 1.0)]
    figure = charts.information(places, Decimal(60))
    go.Figure(figure)
    assert figure["data"][1]["x"][:2] == [60, 60]
