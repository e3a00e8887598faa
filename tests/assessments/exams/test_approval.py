"""Two officers over one hash: what they cannot approve, and what makes their yes worthless."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from assessments.exams.models import AnswerKey, Candidate, Exam, ExamDecision, ScoreRun
from assessments.exams.rules import papers
from assessments.exams.services import making, marking, releasing, seating, sitting
from assessments.results.models import Result
from lms.errors import Conflict, Invalid, NotAllowed
from tests.assessments.exams.conftest import Writer
from tests.factories import exams as made


def state(session, exam_id):
    session.expire_all()
    return session.get_one(Exam, exam_id).state


def count(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_the_same_officer_twice_is_one(office, officers, world, session):
    exam_id = office.draft(officers[0], world.a.commission)
    office.approve(exam_id, officers[0])
    with pytest.raises(Conflict):
        office.approve(exam_id, officers[0])
    assert state(session, exam_id) == "drafted"
    assert count(session, ExamDecision) == 1


def test_a_third_yes_is_refused(office, officers, world):
    exam_id = office.ready(officers, world.a.commission)
    with pytest.raises(Conflict):
        office.approve(exam_id, officers[0])


def test_only_officers_of_the_area_approve(office, officers, world):
    exam_id = office.draft(officers[0], world.a.commission)
    for stranger in (world.b.exam_officer, world.a.doctor, world.a.manager):
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            office.approve(exam_id, stranger)


@pytest.mark.parametrize("wrong", [[], ["Z"], ["A", "B"], ["待定"]])
def test_a_key_that_cannot_be_is_refused(office, officers, world, session, wrong):
    exam_id = office.draft(officers[0], world.a.commission)
    exam = session.get_one(Exam, exam_id)
    single = next(item for item in office.items(exam_id) if item.question.kind == "single")
    keys = {**exam.key.keys, str(single.id): wrong}
    spoil(session, exam, keys)
    with pytest.raises(Invalid, match=str(single.position)):
        office.approve(exam_id, officers[0])
    assert count(session, ExamDecision) == 0


def spoil(session, exam, keys):
    """Give the exam another key, whose hash is right."""
    right = {int(item): frozenset(one) for item, one in keys.items()}
    key = AnswerKey(
        institution_id=exam.institution_id,
        paper_version_id=exam.paper_version_id,
        version=2,
        keys=keys,
        content_hash=papers.key_hash(exam.paper.content_hash, right),
        made_by_id=exam.made_by_id,
    )
    session.add(key)
    session.flush()
    exam.key_id = key.id
    session.commit()


def test_a_missing_or_a_strange_key_is_refused(office, officers, world, session):
    exam_id = office.draft(officers[0], world.a.commission)
    exam = session.get_one(Exam, exam_id)
    keys = dict(exam.key.keys)
    spoil(session, exam, {item: keys[item] for item in list(keys)[1:]})
    with pytest.raises(Invalid):
        office.approve(exam_id, officers[0])


def test_another_key_after_the_first_yes_needs_two_new_ones(office, officers, world, session):
    exam_id = office.draft(officers[0], world.a.commission)
    office.approve(exam_id, officers[0])
    shown = papers.seal  # what the second officer's page showed was the first key
    exam = session.get_one(Exam, exam_id)
    before = shown(exam.paper.content_hash, exam.key.content_hash, exam.minutes, exam.pass_percent)
    single = next(item for item in office.items(exam_id) if item.question.kind == "single")
    spoil(session, exam, {**exam.key.keys, str(single.id): ["D"]})
    with pytest.raises(Conflict):
        office.do(officers[1], exam_id, lambda a, e: making.approve(a, e, content_hash=before))
    office.approve(exam_id, officers[1])
    assert state(session, exam_id) == "drafted"
    office.approve(exam_id, officers[0])
    assert state(session, exam_id) == "approved"


def test_another_cut_makes_an_approved_exam_a_draft_again_another_window_does_not(office, officers, world, session):
    exam_id = office.ready(officers, world.a.commission)
    moved = made.plan(title="改期")
    office.do(officers[0], exam_id, lambda a, e: making.amend(a, e, plan=moved))
    assert state(session, exam_id) == "approved"
    easier = made.plan(pass_percent=Decimal(50))
    office.do(officers[0], exam_id, lambda a, e: making.amend(a, e, plan=easier))
    assert state(session, exam_id) == "drafted"
    assert session.get_one(Exam, exam_id).approved_hash is None


def test_nothing_is_amended_once_somebody_has_begun(office, open_exam, officers, world):
    office.start(world.a.doctor, open_exam)
    with pytest.raises(Conflict):
        office.do(officers[0], open_exam, lambda a, e: making.amend(a, e, plan=made.plan()))


def test_who_decides_does_not_sit_and_who_sits_does_not_decide(office, officers, world, session):
    exam_id = office.draft(officers[0], world.a.commission)
    with pytest.raises(Invalid):
        office.seat(officers[1], exam_id, officers[0])
    other = office.draft(officers[1], world.a.commission)
    office.seat(officers[1], other, officers[0])
    with pytest.raises(NotAllowed):
        office.approve(other, officers[0])


def test_a_paper_of_another_bank_or_too_many_is_refused(office, officers, world, session):
    for blueprint in (
        made.blueprint(bank="none"),
        made.blueprint(topics={"测量": 9}),
        made.blueprint(topics={"没有": 1}),
        made.blueprint(points={"single": 0, "multiple": 1}),
        made.blueprint(points={"single": 101, "multiple": 1}),
    ):
        with pytest.raises(Invalid):
            office.draft(officers[0], world.a.commission, paper=blueprint)
    assert count(session, Exam) == 0
    with pytest.raises(NotAllowed):
        office.draft(officers[0], world.b.commission)


@pytest.fixture
def marked(office, open_exam, officers, world, page):
    attempt_id = office.start(world.a.doctor, open_exam)
    hand = Writer(page, world.a.doctor, attempt_id)
    item = office.items(open_exam)[0].id
    hand.choose(item, office.right_answers(open_exam)[item])
    hand.post("hand-in", {})
    office.do(officers[0], open_exam, lambda a, e: sitting.close(a, e, reason="over"))
    office.do(officers[0], open_exam, marking.mark)
    return open_exam


def test_who_marked_cannot_release(office, marked, officers, session):
    digest = session.scalars(sa.select(ScoreRun.input_hash)).one()
    with pytest.raises(Conflict):
        office.do(officers[0], marked, lambda a, e: releasing.release(a, e, input_hash=digest))
    with pytest.raises(Conflict):
        office.do(officers[1], marked, lambda a, e: releasing.release(a, e, input_hash=b"\0" * 32))
    assert count(session, Result) == 0
    assert office.do(officers[1], marked, lambda a, e: releasing.release(a, e, input_hash=digest)) == 1
    with pytest.raises(Conflict):
        office.do(officers[1], marked, lambda a, e: releasing.release(a, e, input_hash=digest))
    assert count(session, Result) == 1


def test_marking_again_is_the_run_that_stands(office, marked, officers, session):
    office.do(officers[1], marked, marking.mark)
    assert count(session, ScoreRun) == 1


def test_what_comes_after_the_end_does_not_change_the_marks(office, marked, officers, session, page, world):
    attempt_id = office.start(world.a.doctor, marked)
    item = office.items(marked)[1]
    event = {"id": "01890000-0000-7000-8000-000000000001", "item": item.id, "seq": 9, "epoch": 1}
    said = page.send(f"/attempts/{attempt_id}/answers", world.a.doctor, {"events": [event | {"answer": ["B"]}]})
    assert said["late"] == [event["id"]]
    office.do(officers[0], marked, marking.mark)
    assert count(session, ScoreRun) == 1


def test_another_key_makes_a_second_run_beside_the_first(office, marked, officers, session):
    exam = session.get_one(Exam, marked)
    single = next(item for item in office.items(marked) if item.question.kind == "single")
    spoil(session, exam, {**exam.key.keys, str(single.id): ["D"]})
    office.do(officers[1], marked, marking.mark)
    assert session.scalars(sa.select(ScoreRun.version).order_by(ScoreRun.version)).all() == [1, 2]


def test_marking_waits_for_the_end(office, open_exam, officers):
    with pytest.raises(Conflict):
        office.do(officers[0], open_exam, marking.mark)


def test_somebody_who_moved_away_is_named_and_nothing_is_released(office, marked, officers, session, world):
    from lms.people.models import Person

    session.get_one(Person, world.a.doctor).institution_id = world.b.township
    session.commit()
    office.do(officers[1], marked, marking.mark)
    digest = session.scalars(sa.select(ScoreRun.input_hash)).one()
    third = another_officer(session, world)
    with pytest.raises(Conflict, match="王小明"):
        office.do(third, marked, lambda a, e: releasing.release(a, e, input_hash=digest))
    assert count(session, Result) == 0
    office.do(officers[1], marked, lambda a, e: releasing.release(a, e, input_hash=digest))
    assert count(session, Result) == 1, "the authority above both reaches him"


def another_officer(session, world):
    from lms.authz import Role
    from lms.people.models import Category
    from tests.factories.world import person

    made = person(
        session, "a-third", "丙", Category.ADMINISTRATOR, world.a.commission, (Role.EXAM_OFFICER, world.a.commission)
    )
    session.commit()
    return made


def test_a_candidate_with_extra_time_stays_on_the_list(office, open_exam, officers, world, session):
    def give(actor, _exam):
        from lms.db import db

        candidate = db.session.scalars(sa.select(Candidate).where(Candidate.person_id == world.a.doctor)).one()
        seating.give_time(actor, candidate, minutes=5, reason="x")
        with pytest.raises(Conflict):
            seating.remove_candidate(actor, candidate)

    office.do(officers[0], open_exam, give)


WRONG_KEYS = {
    "true_false": ("AB", "A", [[], ["A", "B"], ["C"], ["待定"]]),
    "multiple": ("ABCD", "AB", [[], ["A", "B", "C", "D"], ["Z"], ["A", "A"]]),
    "ordering": ("ABC", {"order": ["B", "A", "C"]}, [{}, {"order": ["A", "B"]}, {"order": ["A", "A", "B"]}, ["A"]]),
    "short": (
        "",
        {"accepted": {"收缩压": "1", "高压": "1/2"}},
        [{}, {"accepted": {}}, {"accepted": {"x": "0"}}, {"accepted": {"": "1"}}, {"accepted": {"x": "1/2"}}],
    ),
    "numeric": (
        "",
        {"value": "140", "tolerance": "0.5"},
        [{}, {"value": "待定"}, {"value": "NaN"}, {"value": "1e309"}, {"value": "140", "tolerance": "-1"}],
    ),
}


@pytest.mark.parametrize("kind", WRONG_KEYS)
def test_no_kind_of_question_is_approved_with_a_key_that_cannot_mark_it(office, officers, world, session, kind):
    options, right, wrongs = WRONG_KEYS[kind]
    made.question(session, f"w-{kind}", kind=kind, right=right, options=options, bank="one")
    session.commit()
    exam_id = office.draft(officers[0], world.a.commission, paper=made.blueprint(bank="one"))
    first = session.get_one(Exam, exam_id).key_id
    item = str(office.items(exam_id)[0].id)
    for number, wrong in enumerate(wrongs, 2):
        replace_key(session, exam_id, {item: wrong}, number)
        with pytest.raises(Invalid):
            office.approve(exam_id, officers[0])
    replace_key(session, exam_id, {}, 90)
    with pytest.raises(Invalid):
        office.approve(exam_id, officers[0])
    assert count(session, ExamDecision) == 0
    session.get_one(Exam, exam_id).key_id = first
    session.commit()
    office.approve(exam_id, *officers)
    assert state(session, exam_id) == "approved"


def replace_key(session, exam_id, keys, version):
    """Give the exam just this key, with the hash of just this."""
    session.expire_all()
    exam = session.get_one(Exam, exam_id)
    key = AnswerKey(
        institution_id=exam.institution_id,
        paper_version_id=exam.paper_version_id,
        version=version,
        keys=keys,
        content_hash=papers.key_hash(exam.paper.content_hash, {int(item): one for item, one in keys.items()}),
        made_by_id=exam.made_by_id,
    )
    session.add(key)
    session.flush()
    exam.key_id = key.id
    session.commit()
