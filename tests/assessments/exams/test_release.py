"""The gate before a release: a wrong key is caught, and every word that lets it through stands by name."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from assessments.exams.models import (
    AnswerKey,
    Attempt,
    Exam,
    ExamScore,
    Feedback,
    ItemRuling,
    LateEvent,
    Ruling,
    ScoreRun,
)
from assessments.exams.queries import gate, scores
from assessments.exams.queries.exams import last_run
from assessments.exams.rules.second import Second
from assessments.exams.services import late, marking, releasing, rulings, sitting
from assessments.results.models import Result
from lms import ids
from lms.errors import Conflict, Invalid, NotAllowed
from tests.factories import cohorts
from tests.factories import exams as made

WRONG = 3


@pytest.fixture
def large(office, officers, world, session):
    """An exam of 20 questions, sat by 60, whose third key is wrong: closed and marked."""

    def make(count=60, wrong=(WRONG,)):
        cohorts.bank(session, wrong=wrong)
        exam_id = office.ready(officers, world.a.commission, paper=made.blueprint(bank=cohorts.BANK))
        cohorts.cohort(session, world, exam_id, count)
        office.do(officers[0], exam_id, lambda a, e: sitting.close(a, e, reason="over"))
        office.do(officers[0], exam_id, marking.mark)
        return exam_id

    return make


def standing(office, officers, exam_id):
    return office.do(officers[0], exam_id, lambda a, e: gate.standing(e, last_run(e)))


def release(office, who, exam_id):
    def act(actor, exam):
        return releasing.release(actor, exam, input_hash=last_run(exam).input_hash)

    return office.do(who, exam_id, act)


def rule(office, who, exam_id, item, ruling, reason="看过题目与指南", key=None):
    return office.do(
        who, exam_id, lambda a, e: rulings.rule(a, e, item=item, ruling=ruling, reason=reason, key=key).version
    )


def percents(session, run):
    query = sa.select(ExamScore.person_id, ExamScore.percent).join(ScoreRun).where(ScoreRun.version == run)
    return dict(session.execute(query).all())


def test_a_wrong_key_stops_the_release_until_it_is_corrected(large, office, officers, session):
    exam_id = large()
    wrong = office.items(exam_id)[WRONG - 1].id
    found = standing(office, officers, exam_id)
    assert wrong in found.unruled
    assert found.can_tell
    with pytest.raises(Conflict):
        release(office, officers[1], exam_id)
    assert rule(office, officers[0], exam_id, wrong, Ruling.CORRECTED, "指南第三章", ["A"]) == 2
    assert wrong not in standing(office, officers, exam_id).flagged
    session.expire_all()
    assert session.scalars(sa.select(AnswerKey.version).order_by(AnswerKey.id)).all() == [1, 2]
    assert session.get_one(Exam, exam_id).key.version == 2
    before, after = percents(session, 1), percents(session, 2)
    assert sum(after.values()) > sum(before.values())
    for item in standing(office, officers, exam_id).unruled:  # sound ones that stood out by chance
        rule(office, officers[0], exam_id, item, Ruling.STANDS)
    with pytest.raises(Conflict):
        release(office, officers[0], exam_id)
    assert release(office, officers[1], exam_id) == 60
    assert session.scalar(sa.select(sa.func.count()).select_from(ExamScore)) == 120, "both runs stay"
    with pytest.raises(Conflict):
        rule(office, officers[0], exam_id, wrong, Ruling.STANDS)


def test_a_ruling_by_name_lets_a_key_stand(large, office, officers, session):
    exam_id = large()
    for item in standing(office, officers, exam_id).unruled:
        with pytest.raises(Invalid):
            rule(office, officers[0], exam_id, item, Ruling.STANDS, " ")
        assert rule(office, officers[0], exam_id, item, Ruling.STANDS) == 1
    assert standing(office, officers, exam_id).unruled == []
    assert {row.ruled_by_id for row in session.scalars(sa.select(ItemRuling))} == {officers[0]}
    assert release(office, officers[1], exam_id) == 60


def test_a_dropped_question_costs_nobody(large, office, officers, session):
    exam_id = large()
    wrong = office.items(exam_id)[WRONG - 1].id
    assert rule(office, officers[0], exam_id, wrong, Ruling.DROPPED) == 2
    before, after = percents(session, 1), percents(session, 2)
    assert all(after[person] >= before[person] for person in before)
    assert {row.maximum for row in session.scalars(sa.select(ExamScore))} == {20}
    found = standing(office, officers, exam_id)
    assert wrong not in found.flagged
    assert found.differ == []
    dropped = session.scalars(sa.select(ExamScore).join(ScoreRun).where(ScoreRun.version == 2)).first()
    assert [one["points"] for one in dropped.items if one["item"] == wrong] == ["1"]
    assert sum(bool(one.get("dropped")) for one in dropped.items) == 1
    with pytest.raises(Invalid):
        rule(office, officers[0], exam_id, wrong, Ruling.STANDS)


def test_under_sixty_candidates_nothing_is_told(large, office, officers, page):
    exam_id = large(59)
    found = standing(office, officers, exam_id)
    assert (found.can_tell, found.flagged) == (False, [])
    assert "60" in page.get(f"/exams/{exam_id}/review", officers[1]).select_one("#gate").get_text()
    assert release(office, officers[1], exam_id) == 59


@pytest.fixture
def small(office, officers, world, session):
    """Six questions, sat by some; marked."""

    def make(right=1, wrong=0, **changed):
        exam_id = office.ready(officers, world.a.commission, **changed)
        key = office.right_answers(exam_id)
        people = cohorts.persons(session, world, right + wrong, f"e{exam_id}")
        cohorts.sit(session, exam_id, {one: key if n < right else {} for n, one in enumerate(people)})
        office.do(officers[0], exam_id, lambda a, e: sitting.close(a, e, reason="over"))
        office.do(officers[0], exam_id, marking.mark)
        return exam_id

    return make


def test_a_second_scorer_that_differs_stops_everything(small, office, officers, session, monkeypatch):
    exam_id = small(2)
    monkeypatch.setattr(scores, "second", lambda *_: Second({}, "0.000"))
    assert len(standing(office, officers, exam_id).differ) == 2
    with pytest.raises(Conflict):
        release(office, officers[1], exam_id)
    assert session.scalar(sa.select(sa.func.count()).select_from(Result)) == 0
    monkeypatch.undo()
    assert release(office, officers[1], exam_id) == 2


def test_what_the_second_scorer_said_at_the_marking_is_on_the_page(small, office, officers, page, monkeypatch):
    monkeypatch.setattr(scores, "second", lambda *_: Second({}, "0.000"))
    exam_id = small(2)
    monkeypatch.undo()
    shown = page.get(f"/exams/{exam_id}/review", officers[1], language="en").select_one("#gate").get_text()
    assert "other marks for 2 attempts" in shown


def test_a_pass_rate_far_off_needs_a_word_about_this_marking(small, office, officers):
    exam_id = small(0, 15)
    found = standing(office, officers, exam_id)
    assert (found.far_off, found.explained) == (True, False)
    with pytest.raises(Conflict):
        release(office, officers[1], exam_id)
    with pytest.raises(Invalid):
        office.do(officers[0], exam_id, lambda a, e: rulings.explain_passes(a, e, reason=""))
    office.do(officers[0], exam_id, lambda a, e: rulings.explain_passes(a, e, reason="首次考试，未组织培训"))
    item = office.items(exam_id)[0].id
    assert rule(office, officers[0], exam_id, item, Ruling.DROPPED) == 2
    assert not standing(office, officers, exam_id).explained, "another marking, another word"
    office.do(officers[0], exam_id, lambda a, e: rulings.explain_passes(a, e, reason="同上"))
    assert release(office, officers[1], exam_id) == 15


def test_what_is_expected_is_settled_before_the_release(small, office, officers, page):
    exam_id = small(0, 15)
    address = f"/exams/{exam_id}/results"
    page.get(address, officers[0])
    wrong = {"feedback": "items", "appeal_days": "10", "low": "50", "high": "10"}
    page.post(address, officers[0], expect=422, **wrong)
    page.post(address, officers[0], expect=422, **wrong | {"low": "nan"})
    page.post(address, officers[0], expect=422, **wrong | {"low": "0", "appeal_days": "366"})
    page.post(address, officers[0], expect=303, **wrong | {"low": "0", "high": "100"})
    assert release(office, officers[1], exam_id) == 15
    settle = {"feedback": Feedback.TOPICS, "appeal_days": 1, "low": Decimal(0), "high": Decimal(9)}
    with pytest.raises(Conflict):
        office.do(officers[0], exam_id, lambda a, e: releasing.settle_release(a, e, **settle))
    assert page.get(address, officers[0]).select(f'form[action="{address}"]') == []


@pytest.fixture
def drawn(office, officers, world, session):
    """An exam that is a pool: two candidates with everything right, one of whom sat the second half of it only."""

    def make(*, same):
        exam_id = office.ready(officers, world.a.commission, pass_percent=Decimal(90))
        items = {item.id: item.points for item in office.items(exam_id)}
        single = [item for item, points in items.items() if points == 1]
        draws = [single[:2], single[2:] if same else single[2:3]]
        key = office.right_answers(exam_id)
        people = cohorts.persons(session, world, 2)
        attempts = cohorts.sit(session, exam_id, dict.fromkeys(people, key))
        for one, draw in zip(people, draws, strict=True):
            session.execute(sa.update(Attempt).where(Attempt.id == attempts[one]).values(items=draw))
        session.commit()
        office.do(officers[0], exam_id, lambda a, e: sitting.close(a, e, reason="over"))
        office.do(officers[0], exam_id, marking.mark)
        return exam_id, draws

    return make


def test_everybody_is_marked_by_what_they_drew(drawn, office, officers, session):
    exam_id, draws = drawn(same=True)
    rows = session.scalars(sa.select(ExamScore).order_by(ExamScore.person_id)).all()
    assert [sorted(one["item"] for one in row.items) for row in rows] == [sorted(draw) for draw in draws]
    assert {(row.percent, row.maximum) for row in rows} == {(Decimal(100), 2)}
    assert standing(office, officers, exam_id).missing == []
    assert release(office, officers[1], exam_id) == 2


def test_unequal_draws_are_not_released(drawn, office, officers):
    exam_id, _draws = drawn(same=False)
    assert standing(office, officers, exam_id).missing == ["maximum"]
    with pytest.raises(Conflict):
        release(office, officers[1], exam_id)


def test_late_answers_are_decided_first_and_counted_by_both_scorers(small, office, officers, session):
    exam_id = small(0, 1)
    office.do(officers[0], exam_id, marking.mark)
    attempt = session.scalars(sa.select(ExamScore.attempt_id)).one()
    item = next(one.id for one in office.items(exam_id) if one.question.kind == "single")
    answer = office.right_answers(exam_id)[item]
    event = LateEvent(id=ids.uuid7(), attempt_id=attempt, item_id=item, seq=1, epoch=1, answer=answer, why="deadline")
    session.add(event)
    session.flush()
    number = event.id
    with pytest.raises(Conflict):
        release(office, officers[1], exam_id)
    office.do(officers[0], exam_id, lambda a, e: late.decide_late(a, e, late=[number], counted=True, reason="断网"))
    office.do(officers[0], exam_id, marking.mark)
    assert standing(office, officers, exam_id).differ == []
    assert release(office, officers[1], exam_id) == 1
    assert session.scalars(sa.select(Result.value)).one() == Decimal("12.500")


def test_the_corrector_of_a_key_is_not_the_one_who_releases(small, office, officers, world, session):
    exam_id = small(2)
    item = office.items(exam_id)[0].id
    rule(office, officers[1], exam_id, item, Ruling.CORRECTED, key=["B"])
    with pytest.raises(Conflict):
        release(office, officers[1], exam_id)
    assert release(office, officers[0], exam_id) == 2


@pytest.mark.parametrize("key", [None, [], ["Z"], ["A", "B"], {"pairs": {}}, "the old one"])
def test_a_key_that_cannot_be_or_is_the_old_one_is_refused(small, office, officers, session, key):
    exam_id = small()
    item = next(one.id for one in office.items(exam_id) if one.question.kind == "single")
    key = office.right_answers(exam_id)[item] if key == "the old one" else key
    with pytest.raises(Invalid):
        rule(office, officers[0], exam_id, item, Ruling.CORRECTED, key=key)
    with pytest.raises(Invalid):
        rule(office, officers[0], exam_id, 0, Ruling.STANDS)
    assert session.scalar(sa.select(sa.func.count()).select_from(AnswerKey)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(ItemRuling)) == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_puts_what_waits_first_and_takes_the_ruling(large, office, officers, world, page, language):
    exam_id = large()
    wrong = office.items(exam_id)[WRONG - 1]
    address = f"/exams/{exam_id}/review"
    shown = page.get(address, officers[0], language=language)
    first = shown.select_one(".reviewed-item")
    assert first["id"] == f"question-{wrong.id}"
    assert first.select_one("details[open] form")
    assert not shown.select('form[action$="/release"]')
    form = {"item": wrong.id, f"q{wrong.id}-ruling": "corrected", f"q{wrong.id}-key": "Z", f"q{wrong.id}-reason": "错"}
    refused = page.post(f"/exams/{exam_id}/rule", officers[0], expect=422, **form)
    assert refused.select_one("[role=alert]")
    page.post(f"/exams/{exam_id}/rule", officers[0], expect=422, **form | {f"q{wrong.id}-reason": ""})
    for other in (world.b.exam_officer,):
        page.post(f"/exams/{exam_id}/rule", other, expect=404, **form)
        page.post(f"/exams/{exam_id}/passes", other, expect=404)
        page.get(f"/exams/{exam_id}/results", other, expect=404)
    page.post(f"/exams/{exam_id}/rule", world.a.manager, expect=403, **form)
    reason = "<b>第三章</b> A 项正确"
    page.post(
        f"/exams/{exam_id}/rule",
        officers[0],
        expect=303,
        **form | {f"q{wrong.id}-key": "a", f"q{wrong.id}-reason": reason},
    )
    after = page.get(address, officers[0], language=language)
    assert reason in after.select_one(f"#question-{wrong.id} .words").get_text()
    other = page.get(f"{address}?item={office.items(exam_id)[0].id}", officers[0], language=language)
    assert other.select_one(f"#rule-{office.items(exam_id)[0].id}")


def test_an_officer_who_sat_it_says_nothing_about_it(office, officers, world, session):
    exam_id = office.ready((officers[1], officers[0]), world.a.commission)
    cohorts.sit(session, exam_id, {world.a.exam_officer: {}})
    office.do(officers[1], exam_id, lambda a, e: sitting.close(a, e, reason="over"))
    office.do(officers[1], exam_id, marking.mark)
    with pytest.raises(NotAllowed):
        rule(office, officers[0], exam_id, office.items(exam_id)[0].id, Ruling.STANDS)


def test_the_page_asks_as_much_for_few_as_for_many(small, officers, page, queries):
    counts = []
    for exam_id in (small(2), small(40)):
        page.get(f"/exams/{exam_id}/review", officers[1])
        queries.clear()
        page.get(f"/exams/{exam_id}/review", officers[1])
        counts.append(len(queries))
    assert counts[0] == counts[1]
