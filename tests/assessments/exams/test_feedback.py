"""What a doctor is told beside the mark: how sure it is, by topic, where to go next, no question more than allowed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.exams.models import Exam
from assessments.exams.rules.band import band
from lms.techniques.queries import RELATED, Related, Relation
from tests.assessments.exams.test_regrade import Held

percents = st.decimals(0, 100, places=3)


@given(percents, st.decimals(0, 60, places=3), st.decimals("0.01", 100, places=2))
def test_the_band_holds_the_result_and_stays_within_bounds(percent, error, cut):
    found = band(percent, error, cut)
    assert 0 <= found.low <= found.high <= 100
    slack = Decimal("0.05")
    assert found.low - slack <= percent <= found.high + slack
    assert found.near == (found.low < cut <= found.high)


def test_no_error_no_band():
    found = band(Decimal(50), None, Decimal(60))
    assert not found.told
    assert not found.near
    assert band(Decimal(58), Decimal("5.04"), Decimal(60)).high == Decimal("63.0")


@pytest.fixture
def held(office, officers, world, session):
    return Held(office, officers, world, session)


def shown(held, page, person, feedback, language="zh"):
    held.session.get_one(Exam, held.exam).feedback = feedback
    held.session.commit()
    return page.get(f"/attempts/{held.attempts[person]}/result", person, language=language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_as_much_as_the_exam_lets_be_seen(held, page, language):
    stems = [item.question.stem for item in held.office.items(held.exam)]
    nothing = shown(held, page, held.wrong, "nothing", language)
    assert nothing.select_one("svg.band")
    assert nothing.select(".progress-line") == []
    topics = shown(held, page, held.wrong, "topics", language)
    assert topics.select(".progress-line")
    assert not any(stem in topics.get_text() for stem in stems)
    assert "因为指南这样写" not in page.answer.text
    items = shown(held, page, held.wrong, "items", language)
    assert all(stem in items.get_text() for stem in stems)
    assert "因为指南这样写" in page.answer.text
    assert len(items.select(".own-answer")) == len(stems)


def test_the_techniques_that_cost_most_lead_to_lessons_and_cases(held, page, monkeypatch):
    way = Related("血压课程", "Blood pressure course", "techniques.technique", {"code": "bp-measurement"})
    monkeypatch.setitem(RELATED, "test", Relation("课程", lambda _technique: [way]))
    page_shown = shown(held, page, held.wrong, "topics")
    assert page_shown.select('a[href="/techniques/bp-measurement"]')
    assert "血压课程" in page_shown.get_text()
    assert "血压课程" not in shown(held, page, held.right, "topics").get_text(), "nothing was lost there"
    assert "血压课程" not in shown(held, page, held.wrong, "nothing").get_text()
