"""What came late is kept, shown beside what counts, and decided by a person before the release."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from assessments.exams.models import Exam, LateDecision, LateEvent, State
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import late as late_queries
from assessments.exams.queries import marking as marking_queries
from assessments.exams.rules import scoring
from assessments.exams.rules.late import counted, made_at
from assessments.exams.services import late, marking, sitting
from lms import ids
from lms.errors import Conflict, Invalid, NotAllowed
from tests.assessments.exams.conftest import Writer

FIRST, SECOND = 0, 1


@pytest.fixture
def attempt_id(office, open_exam, world):
    return office.start(world.a.doctor, open_exam)


@pytest.fixture
def hand(page, world, attempt_id):
    return Writer(page, world.a.doctor, attempt_id)


@pytest.fixture
def items(office, open_exam):
    return [item.id for item in office.items(open_exam)]


@pytest.fixture
def tardy(office, hand, items, attempt_id, session):
    """B is the answer to the first question; after the deadline A arrives for it, and C for the second."""
    hand.choose(items[FIRST], ["B"])
    waiting = [hand.event(items[FIRST], ["A"]), hand.event(items[SECOND], ["C"])]
    deadline = session.scalars(sa.select(sa.func.clock_timestamp())).one() - timedelta(seconds=90)
    office.deadline(attempt_id, deadline)
    assert sorted(hand.save(*waiting)["late"]) == sorted(event["id"] for event in waiting)
    return [UUID(event["id"]) for event in waiting]


@pytest.fixture
def say(office, officers, open_exam):
    """An officer's word: `say(True, [ids])`."""

    def decide(counted, numbers, *, reason="交换机故障", who=officers[0]):
        def word(actor, exam):
            return late.decide_late(actor, exam, late=numbers, counted=counted, reason=reason)

        return office.do(who, open_exam, word)

    return decide


def answers(office, officers, open_exam):
    """The answers that count, by item, as marking will see them."""

    def read(_actor, exam):
        found = late_queries.events_that_count(exam)
        return {item: list(e.answer) for events in found.values() for item, e in scoring.current(events).items()}

    return office.do(officers[0], open_exam, read)


def close(office, officers, open_exam):
    office.do(officers[0], open_exam, lambda a, exam: sitting.close(a, exam, reason="x"))


def test_nothing_late_counts_until_somebody_says_so(tardy, say, office, officers, open_exam, items):
    assert answers(office, officers, open_exam) == {items[FIRST]: ["B"]}
    assert say(False, tardy[:1]) == 1
    assert answers(office, officers, open_exam) == {items[FIRST]: ["B"]}
    assert say(True, tardy) == 2
    assert answers(office, officers, open_exam) == {items[FIRST]: ["A"], items[SECOND]: ["C"]}


def test_the_last_word_holds_and_every_word_stays(tardy, say, office, officers, open_exam, items, session, world):
    say(True, tardy, reason="断网")
    say(False, tardy[:1], reason="看错了", who=officers[1])
    assert answers(office, officers, open_exam) == {items[FIRST]: ["B"], items[SECOND]: ["C"]}
    rows = session.execute(
        sa.select(LateDecision.late_id, LateDecision.counted, LateDecision.reason, LateDecision.decided_by_id)
        .where(LateDecision.late_id == tardy[0])
        .order_by(LateDecision.id)
    ).all()
    assert [tuple(row)[1:] for row in rows] == [
        (True, "断网", world.a.exam_officer),
        (False, "看错了", world.people["exam_officer"]),
    ]
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(sa.text("UPDATE late_decision SET counted = true"))


def test_an_answer_from_an_overtaken_page_counts_over_the_newer_ones_when_an_officer_says_so(
    hand, items, page, world, attempt_id, say, office, officers, open_exam
):
    second = Writer(page, world.a.doctor, attempt_id, seen=1)
    second.choose(items[FIRST], ["B"])
    event = hand.event(items[FIRST], ["D"])
    hand.save(event)
    say(True, [UUID(event["id"])])
    assert answers(office, officers, open_exam) == {items[FIRST]: ["D"]}


def test_marking_takes_the_word_and_a_changed_word_asks_for_marking_again(
    tardy, say, office, officers, open_exam, items, session
):
    close(office, officers, open_exam)
    say(True, tardy)
    office.do(officers[0], open_exam, marking.mark)
    session.expire_all()
    assert session.get_one(Exam, open_exam).state == State.SCORED
    say(True, tardy, reason="再看一遍，仍计分")
    session.expire_all()
    assert session.get_one(Exam, open_exam).state == State.SCORED, "nothing changed by it"
    say(False, tardy[:1])
    session.expire_all()
    assert session.get_one(Exam, open_exam).state == State.CLOSED


def test_the_marks_rest_on_what_counts(tardy, say, office, officers, open_exam, items, session):
    close(office, officers, open_exam)
    say(True, tardy)
    office.do(officers[0], open_exam, marking.mark)

    def chosen(_actor, exam):
        run = exam_queries.last_run(exam)
        return {one["item"]: one["answer"] for one in marking_queries.scores_of(run)[0].items if one["answer"]}

    assert office.do(officers[0], open_exam, chosen) == {items[FIRST]: ["A"], items[SECOND]: ["C"]}


def test_what_is_refused(tardy, say, office, officers, open_exam, session, world):
    with pytest.raises(Invalid):
        say(True, tardy, reason="  ")
    with pytest.raises(Invalid):
        say(True, [])
    with pytest.raises(Invalid):
        say(True, [*tardy, ids.uuid7()])
    assert session.scalar(sa.select(sa.func.count()).select_from(LateDecision)) == 0, "nothing half-written"
    for person in (world.a.doctor, world.a.manager):
        with pytest.raises(NotAllowed):
            say(True, tardy, who=person)
    with pytest.raises(sa.exc.NoResultFound):
        say(True, tardy, who=world.b.exam_officer)
    session.execute(sa.update(Exam).values(state="released"))
    with pytest.raises(Conflict):
        say(True, tardy)


def test_an_answer_of_another_exam_is_not_decided_here(tardy, office, officers, world):
    other = office.ready(officers, world.a.commission, world.a.village_doctor)
    office.start(world.a.village_doctor, other)
    with pytest.raises(Invalid):
        office.do(officers[0], other, lambda a, exam: late.decide_late(a, exam, late=tardy, counted=True, reason="x"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_each_beside_what_counts_now(tardy, page, officers, open_exam, language):
    seen = page.get(f"/exams/{open_exam}/late", officers[0], language=language)
    rows = seen.select("tbody tr")
    assert len(rows) == 2
    cells = [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in rows]
    words = " ".join(cells[FIRST])
    assert "B 选项B" in cells[FIRST][3]
    assert "A 选项A" in cells[FIRST][4]
    assert "1:3" in words, "how long after the deadline"
    assert cells[SECOND][3] == {"zh": "未作答", "en": "not answered"}[language]


def test_an_officer_decides_on_the_page(tardy, page, officers, open_exam, session, office, items):
    where = f"/exams/{open_exam}/late"
    refused = page.post(where, officers[0], expect=422, late=[str(tardy[0])], counted="yes", reason="")
    assert refused.select_one(f'input[value="{tardy[0]}"]').has_attr("checked"), "what was chosen stays chosen"
    page.post(where, officers[0], expect=422, late=["x"], counted="yes", reason="断网")
    page.post(where, officers[0], expect=303, late=[str(one) for one in tardy], counted="no", reason="断网不足一分钟")
    assert session.scalars(sa.select(LateDecision.counted)).all() == [False, False]
    assert not page.get(where, officers[0]).select("tbody input")
    everything = page.get(where + "?all=1", officers[0])
    assert len(everything.select("tbody input")) == 2
    assert "断网不足一分钟" in everything.get_text()


def test_who_sees_the_page(tardy, page, open_exam, world):
    for person, status in (
        (world.a.doctor, 403),
        (world.a.manager, 403),
        (world.b.exam_officer, 404),
        (world.b.doctor, 404),
        (None, 302),
    ):
        page.get(f"/exams/{open_exam}/late", person, expect=status)


def test_the_page_asks_as_often_for_two_as_for_many(tardy, page, officers, open_exam, hand, items, queries):
    page.get(f"/exams/{open_exam}/late", officers[0])
    queries.clear()
    page.get(f"/exams/{open_exam}/late", officers[0])
    few = len(queries)
    hand.save(*[hand.event(items[n % 6], ["A"]) for n in range(40)])
    queries.clear()
    page.get(f"/exams/{open_exam}/late", officers[0])
    assert len(queries) == few


def test_the_page_says_when_there_is_nothing(page, officers, open_exam, world, office):
    office.start(world.a.doctor, open_exam)
    assert "没有迟到的答案" in page.get(f"/exams/{open_exam}/late", officers[0]).get_text()


def test_when_the_device_made_an_answer_is_read_from_its_name():
    made = made_at(ids.uuid7())
    assert made is not None
    assert abs(made - datetime.now(UTC)) < timedelta(minutes=1)
    assert made_at(uuid4()) is None
    assert made_at(UUID(int=(0xFFFFFFFFFFFF << 80) | (7 << 76) | (2 << 62))) is None, "a device may say the year 10889"


def test_a_counted_late_answer_comes_after_every_other():
    event = scoring.Event("x", 1, 3, 0, ("A",))
    newest = scoring.Event("y", 1, 999, (1 << 31) - 1, ("B",))
    assert scoring.current([counted(event), newest]) == {1: counted(event)}


def test_the_count_of_what_waits(tardy, say, office, officers, open_exam, session):
    def tally(_actor, exam):
        return late_queries.tally(exam)

    assert office.do(officers[0], open_exam, tally) == late_queries.Tally(2, 2)
    say(False, tardy[:1])
    assert office.do(officers[0], open_exam, tally) == late_queries.Tally(2, 1)
    assert session.scalar(sa.select(sa.func.count()).select_from(LateEvent)) == 2
