"""How a question comes to be asked: written, reviewed by another, ready; edited, sent back, retired, brought back."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from assessments.bank import queries
from assessments.bank.models import Question, QuestionStatus, QuestionVersion
from assessments.bank.queries.standing import history, statuses
from assessments.bank.queries.texts import Text, text_of
from assessments.bank.rules.content import Content
from assessments.bank.rules.standing import Status, may_follow
from assessments.bank.services import standing, writing
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.techniques.models import Technique
from tests.factories import bank as made
from tests.factories import exams

SOURCE = {"code": "guide", "title": "一份指南", "year": "2025", "where": "第一章"}


def content(**changed):
    """A choice that can be asked."""
    values = {
        "kind": "single",
        "level": "apply",
        "topic": "测量",
        "technique": "bp-measurement",
        "stem": "怎样量？",
        "options": (("A", "坐着"), ("B", "跑着"), ("C", "站着")),
        "key": ("A",),
        "explanation": "坐着才准。",
        "source": "guide",
        "passage": "第一章",
    }
    return Content(**(values | changed))


@pytest.fixture
def desk(session, as_, world):
    """Verbs on the bank, each as somebody, in a request of their own."""
    exams.technique(session)
    session.commit()

    class Desk:
        author, reviewer = world.a.editor, world.b.exam_officer

        def write(self, code="new-1", who=None, bank="written", use="exam", **changed):
            with as_(who or self.author) as actor:
                technique = db.session.scalars(sa.select(Technique)).first()
                text = Text(content(**changed), SOURCE)
                return writing.write(actor, technique, code=code, bank=bank, use=use, text=text).id

        def revise(self, number, base, who=None, **changed):
            with as_(who or self.author) as actor:
                version = db.session.get_one(QuestionVersion, number)
                text = Text(replace(text_of(version).content, **changed), SOURCE)
                entry, technique = version.question, version.technique
                return writing.revise(actor, entry, base=base, technique=technique, text=text).id

        def do(self, who, verb, number, **said):
            with as_(who) as actor:
                version = db.session.get_one(QuestionVersion, number)
                on = version if verb in (standing.review, standing.give_back, standing.make_ready) else version.question
                verb(actor, on, **said)

        def publish(self, number):
            self.do(self.reviewer, standing.review, number)
            self.do(self.author, standing.make_ready, number)

        def usable(self, bank="written"):
            with as_(self.author):
                return [(one.question.code, one.version) for one in queries.of_bank(bank)]

        def status(self, number):
            with as_(self.author):
                return statuses([number])[number]

    return Desk()


def test_a_question_is_asked_when_another_has_reviewed_it_and_it_is_ready(desk):
    number = desk.write()
    assert (desk.status(number), desk.usable()) == ("draft", [])
    with pytest.raises(Conflict):
        desk.do(desk.author, standing.review, number)
    with pytest.raises(Conflict):
        desk.do(desk.author, standing.make_ready, number)
    desk.do(desk.reviewer, standing.review, number, note="核对过")
    assert (desk.status(number), desk.usable()) == ("reviewed", [])
    desk.do(desk.author, standing.make_ready, number)
    assert (desk.status(number), desk.usable()) == ("ready", [("new-1", 1)])
    with pytest.raises(Conflict):
        desk.do(desk.reviewer, standing.review, number)


def test_an_edit_is_a_draft_while_the_ready_one_goes_on_being_asked(desk, session):
    first = desk.write()
    desk.publish(first)
    second = desk.revise(first, 1, stem="怎样量才准？")
    assert desk.usable() == [("new-1", 1)]
    with pytest.raises(Conflict):
        desk.revise(first, 1, stem="又一种问法？")
    with pytest.raises(Conflict):
        desk.revise(second, 2)
    desk.publish(second)
    assert desk.usable() == [("new-1", 2)]
    assert session.scalar(sa.select(QuestionVersion.stem).where(QuestionVersion.id == first)) == "怎样量？"


def test_who_wrote_the_newest_version_cannot_review_it_but_its_first_author_can(desk, world):
    first = desk.write()
    second = desk.revise(first, 1, who=world.b.editor, stem="别的问法？")
    with pytest.raises(Conflict):
        desk.do(world.b.editor, standing.review, second)
    desk.do(desk.author, standing.review, second)
    assert desk.status(second) == "reviewed"


def test_what_is_sent_back_is_not_asked_and_no_older_one_in_its_place(desk):
    first = desk.write()
    desk.publish(first)
    second = desk.revise(first, 1, stem="怎样量才准？")
    desk.publish(second)
    with pytest.raises(Invalid):
        desk.do(desk.reviewer, standing.give_back, second, note=" ")
    desk.do(desk.reviewer, standing.give_back, second, note="指南改了")
    assert (desk.status(second), desk.usable()) == ("draft", [])
    desk.publish(second)
    assert desk.usable() == [("new-1", 2)]


def test_retired_and_brought_back_with_reasons(desk, as_):
    number = desk.write()
    desk.publish(number)
    desk.do(desk.author, standing.retire, number, reason="过时")
    assert (desk.status(number), desk.usable()) == ("retired", [])
    with pytest.raises(Conflict):
        desk.do(desk.author, standing.retire, number, reason="过时")
    with pytest.raises(Conflict):
        desk.revise(number, 1, stem="改")
    desk.do(desk.author, standing.bring_back, number, reason="又适用了")
    assert (desk.status(number), desk.usable()) == ("ready", [("new-1", 1)])
    with as_(desk.author):
        question = db.session.scalars(sa.select(Question.id).where(Question.code == "new-1")).one()
        said = history(question)
    assert [word.status for word in said] == ["ready", "retired", "ready", "reviewed"]
    assert [word.note for word in said][:2] == ["又适用了", "过时"]
    assert all(word.name for word in said)


def test_what_a_pack_brought_is_ready_and_anybody_may_review_its_next_version(desk, session):
    first = exams.question(session, "pack-1", bank="written").id
    session.commit()
    assert (desk.status(first), desk.usable()) == ("ready", [("pack-1", 1)])
    second = desk.revise(first, 1, stem="改过的？")
    assert desk.usable() == [("pack-1", 1)]
    desk.publish(second)
    assert desk.usable() == [("pack-1", 2)]


def test_a_change_is_taken_back_by_writing_the_older_version_again(desk, as_, session):
    first = desk.write()
    second = desk.revise(first, 1, stem="改坏了？")
    with as_(desk.author) as actor:
        again = writing.write_again(actor, db.session.get_one(QuestionVersion, first))
        number, stem, hashed = again.version, again.stem, again.content_hash
    assert (number, stem) == (3, "怎样量？")
    assert hashed == session.scalar(sa.select(QuestionVersion.content_hash).where(QuestionVersion.id == first))
    with pytest.raises(Conflict), as_(desk.author) as actor:
        writing.write_again(actor, db.session.get_one(QuestionVersion, first))
    assert second


def test_a_guideline_that_changed_sends_back_all_that_rests_on_it(desk, as_, session):
    ready, draft = desk.write("q-1"), desk.write("q-2")
    desk.publish(ready)
    other = desk.write("q-3", source="other")
    with as_(desk.reviewer) as actor:
        assert standing.doubt(actor, None, code="guide", reason="2026 版已发布") == 1
    assert [desk.status(one) for one in (ready, draft, other)] == ["draft"] * 3
    assert desk.usable() == []
    with pytest.raises(Conflict), as_(desk.reviewer) as actor:
        standing.doubt(actor, None, code="guide", reason="2026 版已发布")


def test_practice_and_exam_are_two_heaps(desk, as_):
    one, other = desk.write("p-1", use="practice"), desk.write("e-1", use="exam")
    desk.publish(one)
    desk.publish(other)
    with as_(desk.author):
        assert [found.question.code for found in queries.for_practice()] == ["p-1"]
        assert queries.pool("written", topic="测量", kind="single", technique="bp-measurement") == 1
        assert queries.pool("written", level="recall") == 0
    assert desk.usable() == [("e-1", 1)]


def test_a_series_is_drawn_only_whole(desk, as_, session):
    case = made.case(session)
    first, second = (made.question(session, kind, series=(case, at)) for at, kind in enumerate(("single", "short"), 1))
    number = second.id
    session.commit()
    assert desk.usable("kinds") == [("short-2", 1), ("single-1", 1)]
    desk.do(desk.reviewer, standing.give_back, number, note="答案有误")
    assert desk.usable("kinds") == []
    assert first


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"key": ()}, "key"),
        ({"key": ("D",)}, "key"),
        ({"key": ("A", "B")}, "key"),
        ({"options": (("A", "一样"), ("B", "一样"), ("C", "不同"))}, "options"),
        ({"kind": "numeric", "options": (), "key": {"value": "NaN"}}, "value"),
        ({"kind": "numeric", "options": (), "key": {"value": "1e309"}}, "value"),
        ({"kind": "numeric", "options": (), "key": {"value": "1", "units": ["mmHg"]}}, "units"),
        ({"kind": "short", "options": (), "key": {"accepted": {"半": "1/2"}}}, "accepted"),
        ({"kind": "hotspot", "options": (), "key": {"areas": [{"circle": [5, 5, 5]}]}}, "areas"),
        ({"body": {"picture": "0" * 64, "alt": "一张图"}}, "picture"),
        ({"body": {"picture": "0" * 64}}, "alt"),
    ],
)
def test_what_cannot_be_marked_is_refused_by_field_and_nothing_is_half_written(desk, session, changed, field):
    with pytest.raises(Invalid) as refused:
        desk.write(**changed)
    assert refused.value.where["field"] == field
    assert session.scalar(sa.select(sa.func.count()).select_from(Question)) == 0


def test_a_code_is_given_once(desk):
    desk.write()
    with pytest.raises(Conflict):
        desk.write()


def test_who_may(desk, world):
    number = desk.write()
    for place in (world.a, world.b):
        for who in (place.doctor, place.manager, place.auditor):
            for verb, said in ((standing.review, {}), (standing.give_back, {"note": "x"}), (standing.make_ready, {})):
                with pytest.raises(NotAllowed):
                    desk.do(who, verb, number, **said)
            with pytest.raises(NotAllowed):
                desk.write("by-" + str(who), who=who)
        with pytest.raises(NotAllowed):
            desk.write("by-officer", who=place.exam_officer)
        with pytest.raises(NotAllowed):
            desk.do(place.exam_officer, standing.retire, number, reason="x")
    desk.do(world.b.editor, standing.review, number)
    assert desk.status(number) == "reviewed", "the bank is shared: the neighbour county's editor reviews"


def test_words_about_a_version_are_never_taken_back(desk, session):
    desk.publish(desk.write())
    for statement in ("UPDATE question_status SET status = 'draft'", "DELETE FROM question_status"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), session.begin_nested():
            session.execute(sa.text(statement))
    assert session.scalar(sa.select(sa.func.count()).select_from(QuestionStatus)) == 2


@given(st.lists(st.sampled_from(list(Status)), max_size=12))
def test_nothing_becomes_ready_without_a_review_after_it_was_sent_back(wanted):
    now, reviewed, before = Status.DRAFT, False, Status.DRAFT
    for then in wanted:
        if not may_follow(now, then) or (now is Status.RETIRED and then is not before):
            continue
        before = now if then is Status.RETIRED else before
        now = then
        reviewed = reviewed or now is Status.REVIEWED
        reviewed = reviewed and now is not Status.DRAFT
        assert now is not Status.READY or reviewed
