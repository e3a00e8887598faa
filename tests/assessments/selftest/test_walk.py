"""Self-tests on a real database: what is asked, what an answer changes, and everything that must not change it."""

from datetime import timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.bank.models import Question, QuestionStatus
from assessments.exams.models import Exam, ExamScore, ScoreRun
from assessments.exams.queries import topics
from assessments.results.models import Result
from assessments.results.queries import BY_TOPIC
from assessments.selftest import queries, rules, services
from assessments.selftest.formats import SentAnswer
from assessments.selftest.models import SelfTest, SelfTestAnswer, SelfTestCard, SelfTestItem
from assessments.selftest.rules import Felt, Rating, Why
from courses.hours.models import HoursEntry
from lms import clock, ids
from lms.db import db, unfenced
from lms.errors import Conflict, NotAllowed, NotFound
from lms.people.models import Person
from lms.techniques.models import Technique
from tests.assessments.selftest.conftest import Desk
from tests.conftest import As
from tests.factories import exams
from tests.factories.exams import question
from tests.factories.world import World


def days_on(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Let the clock go ahead."""
    real = clock.now()
    monkeypatch.setattr(clock, "now", lambda: real + timedelta(days=days))


def test_ten_questions_for_practice_and_none_of_an_exam(desk: Desk, world: World) -> None:
    test = desk.begin(world.a.doctor)
    codes = desk.codes(test)
    assert len(set(codes)) == len(codes) == 10
    assert "for-exams" not in codes
    assert [code.split("-")[0] for code in codes[:4]] == ["测量", "分级", "转诊", "测量"], "topics take turns"
    assert {item.why for item in desk.items(test)} == {Why.NEW}


def test_who_has_one_open_goes_on_with_it(desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    test = desk.begin(world.a.doctor)
    desk.answer(world.a.doctor, test, 1)
    assert desk.begin(world.a.doctor) == test
    assert desk.begin(world.a.second_doctor) != test
    topic = desk.begin(world.a.doctor, topic="分级")
    assert topic != test
    assert {code.split("-")[0] for code in desk.codes(topic)} == {"分级"}
    days_on(monkeypatch, 1)
    assert desk.begin(world.a.doctor) not in (test, topic), "yesterday's is over"


def test_wrong_comes_back_tomorrow_right_later_and_due_comes_first(
    desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = desk.begin(world.a.doctor)
    codes = desk.codes(test)
    desk.answer(world.a.doctor, test, 1, answer=["B"])
    desk.answer(world.a.doctor, test, 2, felt=Felt.EASY)
    desk.answer(world.a.doctor, test, *range(3, 11))
    assert [one.rating for one in desk.answers(world.a.doctor)][:3] == [Rating.AGAIN, Rating.EASY, Rating.GOOD]
    gaps = {code: (card.due_at - card.last_at).days for code, card in desk.cards(world.a.doctor).items()}
    assert (gaps[codes[0]], gaps[codes[1]], gaps[codes[2]]) == (1, 8, 2)
    days_on(monkeypatch, 1)
    again = desk.begin(world.a.doctor)
    items = desk.items(again)
    assert desk.codes(again)[0] == codes[0]
    assert [item.why for item in items] == [Why.DUE] + [Why.NEW] * 5
    desk.answer(world.a.doctor, again, 1)
    card = desk.cards(world.a.doctor)[codes[0]]
    assert (card.reviews, card.lapses) == (2, 1)


def test_the_card_is_what_the_answers_come_to(desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in (0, 1, 3, 9):
        with pytest.MonkeyPatch.context() as patch:
            days_on(patch, day)
            test = desk.begin(world.a.doctor, topic="分级")
            desk.answer(world.a.doctor, test, 1, answer=["A" if day else "C"])
            desk.answer(world.a.doctor, test, 2, felt=Felt.HARD)
    with desk.inside(world.a.doctor):
        reviews = queries.reviews(
            world.a.doctor, [one.question_id for one in db.session.scalars(sa.select(SelfTestCard))]
        )
    made = {question: vars(rules.remembered(some)) for question, some in reviews.items()}
    cards = desk.cards(world.a.doctor).values()
    named = ("stability", "difficulty", "reviews", "lapses")
    for card in cards:
        memory = made[card.question_id]
        assert {name: getattr(card, name) for name in named} == {name: memory[name] for name in named}
        assert (card.due_at, card.last_at) == (memory["due"], memory["last"])
    assert sum(card.reviews for card in cards) == 8


def test_what_is_sent_twice_or_from_a_second_page_changes_nothing(
    desk: Desk, session: orm.Session, world: World
) -> None:
    test = desk.begin(world.a.doctor)
    (first,) = desk.answer(world.a.doctor, test, 1, answer=["B"])
    before = desk.cards(world.a.doctor)
    stood = {code: (card.due_at, card.reviews) for code, card in before.items()}
    for _ in range(3):
        assert desk.send(world.a.doctor, test, [first, first]) == [str(first.id)] * 2
    second = first.model_copy(update={"id": ids.uuid7(), "answer": ("A",)})
    assert desk.send(world.a.doctor, test, [second]) == [str(second.id)], "it need not be sent again"
    (kept,) = desk.answers(world.a.doctor)
    assert (kept.id, kept.answer, kept.share) == (first.id, ["B"], Fraction(0))
    assert {code: (card.due_at, card.reviews) for code, card in desk.cards(world.a.doctor).items()} == stood


def test_an_answer_that_waited_on_the_device_counts_from_when_it_was_given(
    desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = desk.begin(world.a.doctor)
    begun = desk.items(test)[0].test.begun_at
    days_on(monkeypatch, 3)
    hour = 3600
    desk.answer(world.a.doctor, test, 1, ago=hour)
    desk.answer(world.a.doctor, test, 2, ago=2 * 24 * hour)
    desk.answer(world.a.doctor, test, 3, ago=400 * 24 * hour)
    given = {one.item.place: one.answered_at for one in desk.answers(world.a.doctor)}
    now = clock.now()
    assert abs(now - given[1] - timedelta(hours=1)) < timedelta(minutes=1)
    assert abs(now - given[2] - timedelta(days=2)) < timedelta(minutes=1)
    assert given[3] == begun, "not before the questions were fetched"
    assert len({card.due_at for card in desk.cards(world.a.doctor).values()}) == 3


def test_no_answer_is_wrong_and_a_part_is_partly_right(desk: Desk, session: orm.Session, world: World) -> None:
    question(session, "several", kind="multiple", right="ABC", topic="多选", bank="practice", use="practice")
    test = desk.begin(world.a.doctor, topic="多选")
    desk.answer(world.a.doctor, test, 1, answer=["A", "C"], felt=Felt.EASY)
    (kept,) = desk.answers(world.a.doctor)
    assert (kept.share, kept.outcome, kept.rating) == (Fraction(2, 3), "partly", Rating.HARD)
    other = desk.begin(world.a.doctor)
    desk.answer(world.a.doctor, other, 1, answer=[])
    assert desk.answers(world.a.doctor)[-1].outcome == "wrong"


def test_weak_topics_come_first_by_own_answers_and_by_what_an_exam_said(
    desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BY_TOPIC, "test", lambda _person: {"转诊": Fraction(1, 3), "测量": Fraction(9, 10)})
    test = desk.begin(world.a.doctor)
    assert [item.why for item in desk.items(test)][:6] == [Why.WEAK] * 5 + [Why.NEW]
    assert all(code.startswith("转诊") for code in desk.codes(test)[:5])
    desk.all(world.a.doctor, test)
    with desk.inside(world.a.doctor):
        stands = {one.topic: (one.share, one.answers) for one in queries.stands(world.a.doctor)}
    assert stands == {
        "转诊": (1, 5),
        "测量": (1, 3),
    } | {k: v for k, v in stands.items() if k == "分级"}
    topic = desk.begin(world.a.doctor, topic="分级")
    desk.all(world.a.doctor, topic, answer=["D"])
    with desk.inside(world.a.doctor):
        assert [one.topic for one in queries.stands(world.a.doctor) if one.weak] == ["分级"]


def test_questions_for_ones_own_work_come_first(
    desk: Desk, session: orm.Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Technique(
        code="wound-care",
        title="伤口换药",
        title_en="Wound care",
        kind="procedure",
        core=True,
        categories=["nurse"],
        summary="换药",
        standard="无菌。",
        sources=[],
    )
    session.add(other)
    session.flush()
    monkeypatch.setattr(exams, "technique", lambda _session: other)
    exams.question(session, "0-nurse", topic="换药", bank="practice", use="practice")
    assert "0-nurse" not in desk.codes(desk.begin(world.a.doctor))
    session.execute(sa.update(Person).where(Person.id == world.a.second_doctor).values(category="nurse"))
    assert desk.codes(desk.begin(world.a.second_doctor))[0] == "0-nurse"


def test_when_nothing_is_due_one_practises_ahead_only_if_asked(desk: Desk, session: orm.Session, world: World) -> None:
    for _ in range(2):
        desk.all(world.a.doctor, desk.begin(world.a.doctor))
    assert len(desk.cards(world.a.doctor)) == 15
    with pytest.raises(Conflict):
        desk.begin(world.a.doctor)
    assert {item.why for item in desk.items(desk.begin(world.a.doctor, ahead=True))} == {Why.AHEAD}


def test_what_is_withdrawn_is_neither_asked_nor_marked_any_more(desk: Desk, session: orm.Session, world: World) -> None:
    test = desk.begin(world.a.doctor)
    item = desk.items(test)[0]
    sent = SentAnswer(id=ids.uuid7(), item=item.id, answer=("A",))
    for change in ({"retired": True}, {"retired": False, "use": "exam"}):
        session.execute(sa.update(Question).where(Question.id == item.question_id).values(**change))
        assert desk.send(world.a.doctor, test, [sent]) == [str(sent.id)], "the device lets go of it"
        assert desk.answers(world.a.doctor) == []
        number = item.id
        with desk.inside(world.a.doctor):
            assert number not in {one.id for one in queries.items(test)}
    assert desk.codes(test)[0] not in desk.codes(desk.begin(world.a.second_doctor))


def test_a_version_that_is_called_back_is_not_marked_and_a_draft_is_not_asked(
    desk: Desk, session: orm.Session, world: World
) -> None:
    test = desk.begin(world.a.doctor)
    first, second = desk.items(test)[:2]
    desk.answer(world.a.doctor, test, 1)
    for item in (first, second):
        word = QuestionStatus(question_version_id=item.version_id, status="draft", by_id=world.a.editor)
        session.add(word)
    sent = SentAnswer(id=ids.uuid7(), item=second.id, answer=("A",))
    assert desk.send(world.a.doctor, test, [sent]) == [str(sent.id)]
    assert [one.item_id for one in desk.answers(world.a.doctor)] == [first.id]
    codes = desk.codes(test)[:2]
    with desk.inside(world.a.doctor):
        assert [item.place for item in queries.items(test)] == [1, *range(3, 11)], "what was answered stays"
        assert queries.waiting(world.a.doctor).new == 13
    assert not set(codes) & set(desk.codes(desk.begin(world.a.second_doctor)))


def test_released_exams_say_which_topics_are_weak(desk: Desk, session: orm.Session, as_: As, world: World) -> None:
    for number in range(2, 5):
        exams.question(session, f"for-exams-{number}", topic="转诊" if number < 4 else "测量")
    office = exams.Office(as_, session)
    exam = office.ready((world.a.exam_officer, world.people["exam_officer"]), world.a.commission, world.a.doctor)
    assert BY_TOPIC["exams"] is topics.shares
    with desk.inside(world.a.doctor):
        assert dict(topics.shares(world.a.doctor)) == {}
    run = ScoreRun(
        exam_id=exam,
        institution_id=world.a.commission,
        version=1,
        key_id=session.get_one(Exam, exam).key.id,
        rules_version=1,
        input_hash=b"x" * 32,
        figures={},
        made_by_id=world.a.exam_officer,
    )
    session.add(run)
    attempt = office.start(world.a.doctor, exam)
    items = [
        {"item": one.id, "answer": ["A"], "points": "1/2" if one.question.topic == "转诊" else "1", "of": 1}
        for one in office.items(exam)
    ]
    items[-1]["dropped"] = True
    session.flush()
    score = ExamScore(
        person_id=world.a.doctor,
        institution_id=world.a.township,
        run_id=run.id,
        attempt_id=attempt,
        percent=75,
        maximum=4,
        passed=True,
        items=items,
        input_hash=b"x" * 32,
    )
    session.add(score)
    with desk.inside(world.a.doctor):
        assert dict(topics.shares(world.a.doctor)) == {}, "not before the release"
    session.execute(sa.update(Exam).where(Exam.id == exam).values(state="released"))
    with desk.inside(world.a.doctor):
        shares = dict(topics.shares(world.a.doctor))
        assert shares["转诊"] == Fraction(1, 2)
        assert [one.topic for one in queries.stands(world.a.doctor) if one.weak] == ["转诊"]
    with desk.inside(world.a.second_doctor):
        assert dict(topics.shares(world.a.second_doctor)) == {}


def test_another_ones_question_and_an_exams_question_are_not_there(desk: Desk, world: World) -> None:
    test, other = desk.begin(world.a.doctor), desk.begin(world.a.second_doctor)
    for item in (desk.items(other)[0].id, desk.exam_version().id + 10**6, 1 << 62):
        with pytest.raises(NotFound):
            desk.send(world.a.doctor, test, [SentAnswer(id=ids.uuid7(), item=item, answer=("A",))])
    assert desk.answers(world.a.doctor) == []


def test_nothing_of_it_is_evidence_or_hours(desk: Desk, session: orm.Session, world: World) -> None:
    desk.all(world.a.doctor, desk.begin(world.a.doctor))
    for model in (Result, HoursEntry):
        assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


def test_nobody_else_reaches_it(desk: Desk, as_: As, world: World) -> None:
    test = desk.begin(world.a.doctor)
    desk.answer(world.a.doctor, test, 1)
    sent = [SentAnswer(id=ids.uuid7(), item=desk.items(test)[1].id, answer=("A",))]
    desk.session.commit()
    for who in (world.a.second_doctor, world.b.doctor, world.b.manager, world.a.examiner, world.a.editor):
        with as_(who):
            for model in (SelfTest, SelfTestItem, SelfTestAnswer, SelfTestCard):
                assert db.session.scalars(sa.select(model)).all() == []
    for who in (world.a.second_doctor, world.b.doctor, world.a.manager, world.a.exam_officer, world.a.examiner):
        with as_(who) as actor, unfenced(db.session):
            with pytest.raises(NotAllowed):
                services.answer(actor, db.session.get_one(SelfTest, test), sent=sent)
            with pytest.raises((NotAllowed, NotFound)):
                services.begin(actor, db.session.get_one(Person, world.a.doctor))
    assert len(desk.answers(world.a.doctor)) == 1


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"earned": 3}, "share_in_bounds"),
        ({"parts": 0}, "share_in_bounds"),
        ({"felt": "sad"}, "felt_known"),
        ({"rating": "5"}, "rating_known"),
        ({"answer": {"A": 1}}, "answer_is_a_list"),
    ],
)
def test_the_database_keeps_only_what_can_be(
    desk: Desk, session: orm.Session, world: World, change: dict[str, object], refused: str
) -> None:
    item = desk.items(desk.begin(world.a.doctor))[0]
    row = {
        "id": ids.uuid7(),
        "person_id": item.person_id,
        "institution_id": item.institution_id,
        "item_id": item.id,
        "question_id": item.question_id,
        "version_id": item.version_id,
        "answer": ["A"],
        "earned": 1,
        "parts": 1,
        "felt": "fair",
        "rating": "good",
        "answered_at": clock.now(),
    }
    with pytest.raises(sa.exc.IntegrityError, match=refused):
        session.execute(sa.insert(SelfTestAnswer).values(row | change))
