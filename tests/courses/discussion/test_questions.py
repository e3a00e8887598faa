"""Asking, answering, what helped; every version kept; what is hidden; who may."""

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.discussion import services
from courses.discussion.models import Entry, EntryFollow, EntryReport, EntryUseful, EntryVersion
from courses.discussion.policy import Discussion
from courses.discussion.queries import desk, threads
from courses.discussion.rules import Why
from courses.discussion.services.writing import Recognisable
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.courses.discussion.conftest import Talk
from tests.factories import packs
from tests.factories.world import World


def test_asked_answered_and_it_helped(talk: Talk, world: World) -> None:
    question = talk.ask(world.a.doctor, body="昨天一位老人。")
    answer = talk.answer(world.a.examiner, question)
    talk.do(world.a.doctor, question, services.accept, answer_id=answer)
    row = talk.row(question)
    assert (row.answers, row.accepted_id, row.written_as) == (1, answer, "learner")
    assert talk.row(answer).written_as == "mentor"
    assert (row.institution_id, talk.row(answer).institution_id) == (world.a.township, world.a.township)
    talk.do(world.a.doctor, question, services.accept, answer_id=None)
    assert talk.row(question).accepted_id is None


def test_an_answer_to_another_question_cannot_be_what_helped(talk: Talk, world: World) -> None:
    first, second = talk.ask(world.a.doctor), talk.ask(world.a.doctor, "另一个问题")
    answer = talk.answer(world.a.second_doctor, second)
    with pytest.raises(NotFound):
        talk.do(world.a.doctor, first, services.accept, answer_id=answer)
    with pytest.raises(sa.exc.IntegrityError, match="accepted_answers_this_question"):
        talk.session.execute(sa.update(Entry).where(Entry.id == first).values(accepted_id=answer))


def test_who_asks_and_who_answers_is_told_of_what_comes_after(talk: Talk, world: World) -> None:
    question = talk.ask(world.a.doctor)
    talk.answer(world.a.second_doctor, question)
    following = sa.select(EntryFollow.person_id).where(EntryFollow.question_id == question)
    assert set(talk.session.scalars(following)) == {world.a.doctor, world.a.second_doctor}
    talk.do(world.a.second_doctor, question, services.follow, on=False)
    talk.do(world.b.doctor, question, services.follow, on=True)
    talk.do(world.b.doctor, question, services.follow, on=True)
    assert set(talk.session.scalars(following)) == {world.a.doctor, world.b.doctor}


def test_every_version_is_kept_and_nothing_newer_is_overwritten(talk: Talk, world: World) -> None:
    question = talk.ask(world.a.doctor, "第一版")
    talk.do(world.a.doctor, question, services.edit, title="第二版", body="加一句", number=1)
    with pytest.raises(Conflict):
        talk.do(world.a.doctor, question, services.edit, title="别的窗口", body="", number=1)
    talk.do(world.a.doctor, question, services.edit, title="第二版", body="加一句", number=2)  # as it was: no version
    kept = sa.select(EntryVersion.number, EntryVersion.title).where(EntryVersion.entry_id == question)
    assert talk.session.execute(kept.order_by(EntryVersion.number)).all() == [(1, "第一版"), (2, "第二版")]
    assert (talk.row(question).number, talk.row(question).edited_at is not None) == (2, True)


@pytest.mark.parametrize(
    ("title", "body", "sure", "refused"),
    [
        ("病人王小明，女，怎么用药？", "", False, True),
        ("怎么用药？", "住院号：20260312000012", False, True),
        ("怎么用药？", "住院号：20260312000012", True, False),
        ("怎么用药？", "身份证 11010519491231002X", True, True),
        ("怎么用药？", "老人，血压 152/94", False, False),
    ],
)
def test_a_patient_is_not_named_unless_the_writer_is_sure(
    talk: Talk, world: World, title: str, body: str, sure: bool, refused: bool
) -> None:
    if refused:
        with pytest.raises(Recognisable):
            talk.ask(world.a.doctor, title, body, sure=sure)
        assert talk.session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 0
    else:
        assert talk.ask(world.a.doctor, title, body, sure=sure)


def test_an_edit_is_looked_over_as_well(talk: Talk, world: World) -> None:
    question = talk.ask(world.a.doctor)
    answer = talk.answer(world.a.examiner, question)
    with pytest.raises(Recognisable):
        talk.do(world.a.examiner, answer, services.edit, title="", body="患者：李红", number=1)
    with pytest.raises(Invalid):
        talk.do(world.a.examiner, answer, services.edit, title="", body="  ", number=1)


def test_who_may_and_the_next_county_may_not(talk: Talk, world: World) -> None:
    a, b = world.a, world.b
    question = talk.ask(a.doctor)
    answer = talk.answer(b.doctor, question)  # has begun the course: the same doubt is answered once for all
    for who in (a.village_doctor, b.village_doctor, b.examiner, b.editor, a.exam_officer):
        with pytest.raises(NotAllowed):
            talk.answer(who, question)
    for who in (a.examiner, b.examiner):
        with pytest.raises(NotAllowed):
            talk.ask(who)
    for who in (b.doctor, a.second_doctor, a.editor):
        with pytest.raises(NotAllowed):
            talk.do(who, question, services.accept, answer_id=answer)
        with pytest.raises(NotAllowed):
            talk.do(who, question, services.edit, title="别人的话", body="", number=1)
    for who in (b.editor, b.manager, a.examiner, a.doctor):
        with pytest.raises(NotAllowed):
            talk.do(who, answer, services.hide, reason="不对")
    talk.do(a.editor, answer, services.hide, reason="写得不清楚")
    assert talk.row(answer).hidden


def test_what_is_hidden_is_read_by_its_writer_and_those_who_look_after_it(talk, world, as_):
    a, b = world.a, world.b
    question = talk.ask(a.doctor)
    answer = talk.answer(b.doctor, question)
    talk.do(a.doctor, question, services.accept, answer_id=answer)
    talk.do(a.manager, answer, services.hide, reason="剂量写错了，会伤人")
    assert (talk.row(question).answers, talk.row(question).accepted_id) == (0, None)

    def reads(who):
        with as_(who):
            return threads.entry(answer) is not None

    assert {name: reads(who) for name, who in a.people.items() if reads(who)}.keys() == {
        "exam_officer", "certificate_officer", "second_certificate_officer", "manager", "editor", "auditor",
        "administrator",
    }  # fmt: skip
    assert [name for name, who in b.people.items() if reads(who)] == ["doctor"]
    talk.do(a.editor, answer, services.restore, reason="改好了")
    assert reads(b.second_doctor)
    assert talk.row(question).answers == 1
    with as_(b.doctor):
        assert threads.last_ruling(threads.entry(answer)).reason == "改好了"


def test_versions_and_reports_are_not_read_by_the_next_county(talk, world, as_):
    a, b = world.a, world.b
    question = talk.ask(a.doctor)
    talk.do(b.doctor, question, services.report, why=Why.WRONG, note="看一下")
    for who, expected in ((a.doctor, (1, 0)), (a.editor, (1, 1)), (b.editor, (0, 0)), (a.second_doctor, (0, 0))):
        with as_(who):
            entry = threads.entry(question)
            assert (len(threads.versions(entry)), len(desk.reports_of(entry))) == expected


def test_a_report_is_open_until_it_is_decided(talk, world, as_):
    question = talk.ask(world.a.doctor)
    talk.do(world.a.second_doctor, question, services.report, why=Why.RUDE)
    talk.do(world.a.second_doctor, question, services.report, why=Why.RUDE)

    def waiting(who):
        with as_(who) as actor:
            return [(row.Entry.id, row.reports) for row in db.session.execute(desk.reported(actor)).all()]

    assert talk.session.scalar(sa.select(sa.func.count()).select_from(EntryReport)) == 1
    assert (waiting(world.a.editor), waiting(world.b.editor)) == ([(question, 1)], [])
    talk.do(world.a.editor, question, services.keep, reason="可以这样问")
    assert waiting(world.a.editor) == []
    talk.do(world.a.second_doctor, question, services.report, why=Why.RUDE)
    assert waiting(world.a.editor) == [(question, 1)]


def test_a_hidden_question_takes_no_answers_and_no_reports(talk: Talk, world: World) -> None:
    question = talk.ask(world.a.doctor)
    with pytest.raises(Invalid):
        talk.do(world.a.editor, question, services.hide, reason="  ")
    talk.do(world.a.editor, question, services.hide, reason="广告")
    with pytest.raises(Conflict):
        talk.answer(world.a.doctor, question)
    with pytest.raises(Conflict):
        talk.do(world.a.doctor, question, services.report, why=Why.RUDE)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["second_doctor", "examiner", "editor"]), st.booleans()), max_size=8))
def test_useful_is_how_many_say_so(talk: Talk, world: World, said: list[tuple[str, bool]]) -> None:
    question = talk.ask(world.a.doctor)
    now: set[str] = set()
    for who, on in said:
        talk.do(getattr(world.a, who), question, services.rate, on=on)
        now = now | {who} if on else now - {who}
    rows = sa.select(sa.func.count()).where(EntryUseful.entry_id == question)
    assert talk.row(question).useful == len(now) == talk.session.scalar(rows)


def test_nobody_praises_oneself(talk: Talk, world: World) -> None:
    with pytest.raises(Conflict):
        talk.do(world.a.doctor, talk.ask(world.a.doctor), services.rate, on=True)


def test_a_new_version_of_the_course_keeps_the_questions(talk, world, app, tmp_path):
    question = talk.ask(world.a.doctor)
    before = packs.SMALL["courses/hypertension/lessons/01-measure.md"]
    changed = {"courses/hypertension/lessons/01-measure.md": before.replace("不要凑整", "切勿凑整")}
    packs.bring(app, packs.write(tmp_path / "second", changed))
    with talk.as_(world.a.doctor):
        place = threads.place("hypertension", "measure")
        assert [row.id for row in db.session.scalars(threads.at_lesson(place.course_id, "measure"))] == [question]


def test_only_the_job_reminds(talk: Talk, world: World) -> None:
    with talk.as_(world.a.editor) as actor, pytest.raises(NotAllowed):
        services.remind(actor, None)
    with talk.as_(Actor.job("t", Discussion.REMIND)) as actor:
        assert services.remind(actor, None) == 0
