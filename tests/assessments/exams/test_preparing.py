"""Preparing: everybody's attempt beforehand, once; what stands from then on; and what the lot gave them."""

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from assessments.bank.models import QuestionVersion, SharedStem, SharedStemVersion
from assessments.exams import jobs
from assessments.exams.models import Attempt, Candidate, Exam, PaperVersion
from assessments.exams.queries import attempts
from assessments.exams.queries import exams as queries
from assessments.exams.rules.papers import SERIES, Cell
from assessments.exams.services import making, placing, preparing, seating, sitting
from lms import clock
from lms import jobs as work
from lms.db import Everything, db
from lms.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.people.models import Category, Person, SignIn
from lms.people.queries import hash_of
from tests.factories import exams as made


@pytest.fixture
def crowd(session, world):
    """Nine people of county A."""
    people = [
        Person(account=f"p-{n}", name=f"考生{n}", category=Category.NURSE, institution_id=world.a.township)
        for n in range(9)
    ]
    session.add_all(people)
    session.commit()
    return [one.id for one in people]


@pytest.fixture
def large(session, office):
    """A bank of three topics: twelve single questions, six multiple, and two series of three."""
    for n in range(12):
        made.question(session, f"l-{n}", topic=("测量", "分级", "用药")[n % 3], bank="large")
    for n in range(6):
        made.question(session, f"k-{n}", kind="multiple", right="AB", bank="large")
    for name in "xy":
        series(session, name)
    session.commit()


def series(session, name):
    """Three questions under one case; the bank holds them in the wrong order."""
    stem = SharedStem(code=f"case-{name}")
    session.add(stem)
    session.flush()
    text = SharedStemVersion(shared_stem_id=stem.id, version=1, text=f"病例{name}", content_hash=name.encode() * 32)
    session.add(text)
    session.flush()
    for place in (3, 1, 2):
        made.question(session, f"z-{name}-{9 - place}", topic="病例", bank="large", series=(text.id, place))


POOL = (
    Cell("测量", "", "single", count=2, points=1, pool=4),
    Cell("分级", "", "single", count=1, points=2, pool=3),
    Cell("测量", "", "multiple", count=2, points=3),
    Cell("病例", "", SERIES, count=3, points=1, pool=6),
)
FORMS = (Cell("测量", "", "single", count=2), Cell("病例", "", SERIES, count=3))


def pooled(**changed):
    return made.blueprint(bank="large", **({"cells": POOL} | changed))


def attempts_of(session, exam_id):
    session.expire_all()
    query = sa.select(Attempt).join(Candidate, Candidate.id == Attempt.candidate_id)
    return session.scalars(query.where(Attempt.exam_id == exam_id).order_by(Attempt.person_id)).all()


def prepare(office, officer, exam_id, **details):
    return office.do(officer, exam_id, lambda a, e: preparing.prepare(a, e, **details))


def version_of(session, exam_id):
    session.expire_all()
    return session.get_one(PaperVersion, session.get_one(Exam, exam_id).paper_version_id)


def test_everybody_gets_a_draw_worth_the_same(office, officers, world, large, crowd, session):
    exam_id = office.ready(officers, world.a.commission, *crowd, paper=pooled())
    items = {one.id: one for one in office.items(exam_id)}
    assert len(items) == 4 + 3 + 2 + 6
    size = office.do(officers[0], exam_id, lambda _a, e: queries.paper_size(e.paper_version_id))
    assert size == (8, 2 + 2 + 6 + 3)
    assert prepare(office, officers[0], exam_id) == 0
    attempts = attempts_of(session, exam_id)
    assert len(attempts) == len(crowd)
    assert len({frozenset(one.items) for one in attempts}) > 1
    for one in attempts:
        assert Counter(items[i].cell for i in one.items) == {0: 2, 1: 1, 2: 2, 3: 3}
        assert sum(items[i].points for i in one.items) == 13
        assert set(one.options) == {str(i) for i in one.items}
        assert all(sorted(keys) == list("ABCD") for keys in one.options.values())
        places = [items[i].question.series_place for i in one.items if items[i].cell == 3]
        assert places == [1, 2, 3]
        at = [n for n, i in enumerate(one.items) if items[i].cell == 3]
        assert at == list(range(at[0], at[0] + 3))
        assert len({items[i].question.shared_stem_version_id for i in one.items if items[i].cell == 3}) == 1


def test_preparing_again_makes_none_twice_and_in_steps_all_of_them(office, officers, world, crowd, session):
    exam_id = office.ready(officers, world.a.commission, *crowd)
    assert prepare(office, officers[0], exam_id, most=4) == 5
    assert session.get_one(Exam, exam_id).prepared_at is None
    first = {one.id: one.items for one in attempts_of(session, exam_id)}
    assert prepare(office, officers[0], exam_id) == 0
    assert prepare(office, officers[1], exam_id) == 0
    attempts = attempts_of(session, exam_id)
    assert len(attempts) == 9
    assert first.items() <= {one.id: one.items for one in attempts}.items()
    assert all(one.started_at is one.deadline is None for one in attempts)
    exam = session.get_one(Exam, exam_id)
    assert exam.prepared_at is not None
    assert exam.state == "approved"
    begun = office.start(crowd[0], exam_id)
    assert begun in {one.id for one in attempts}
    assert office.attempt(begun).items == next(one.items for one in attempts if one.id == begun)


def test_beginning_what_is_prepared_is_one_small_change(office, officers, world, crowd, session, queries):
    exam_id = office.ready(officers, world.a.commission, *crowd)
    prepare(office, officers[0], exam_id)
    office.start(crowd[0], exam_id)
    queries.clear()
    office.start(crowd[1], exam_id)
    changed = [one for one in queries if "INSERT INTO exam" in one or "UPDATE exam" in one]
    assert len(changed) == 1
    assert "UPDATE exam_attempt" in changed[0]
    assert not [one for one in queries if "question" in one], "the paper is not read"


def open_and_prepared(office, officers, world, session, *people):
    exam_id = office.ready(officers, world.a.commission, *people)
    prepare(office, officers[0], exam_id)
    with office.as_(jobs.ACTOR) as actor:
        sitting.sweep(actor, None)
    assert session.get_one(Exam, exam_id, populate_existing=True).state == "open"
    return exam_id


def test_a_thousand_begin_by_one_statement_each_with_the_deadline_that_the_rule_gives(
    office, officers, world, crowd, session, queries
):
    exam_id = open_and_prepared(office, officers, world, session, *crowd[:3])
    minutes = session.get_one(Exam, exam_id).minutes
    session.execute(
        sa.update(Candidate)
        .where(Candidate.person_id == crowd[1])
        .values(extra_minutes=7)
        .execution_options(**Everything)
    )
    queries.clear()
    first = office.start(crowd[0], exam_id)
    assert not [one for one in queries if one.startswith("SELECT exam_attempt")], "nothing is looked up beforehand"
    plain, extra = office.attempt(first), office.attempt(office.start(crowd[1], exam_id))
    assert plain.deadline - plain.started_at == timedelta(minutes=minutes)
    assert extra.deadline - extra.started_at == timedelta(minutes=minutes + 7)
    assert office.start(crowd[0], exam_id) == first
    assert office.attempt(first).started_at == plain.started_at


def test_an_ended_sign_in_begins_nothing(office, officers, world, crowd, session):
    exam_id = open_and_prepared(office, officers, world, session, crowd[0])
    told = {"person_id": crowd[0], "institution_id": world.a.township, "token_hash": hash_of("x")}
    row = SignIn(**told, ended_at=clock.now(), ended_why="signed_out")
    session.add(row)
    session.flush()
    ended = row.id
    session.commit()
    with office.as_(crowd[0]) as actor:
        assert sitting.begin(actor, attempts.seat(exam_id), sign_in=ended) is None
    assert attempts_of(session, exam_id)[0].started_at is None
    session.commit()
    assert office.start(crowd[0], exam_id)


def test_outside_its_window_and_for_strangers_nothing_begins(office, officers, world, crowd, session):
    exam_id = open_and_prepared(office, officers, world, session, crowd[0])
    for stranger in (crowd[1], world.b.doctor, world.b.exam_officer):
        with office.as_(stranger) as actor, pytest.raises(NotFound):
            sitting.begin(actor, attempts.seat(exam_id))
    exam = session.get_one(Exam, exam_id)
    exam.closes_at = clock.now() - timedelta(seconds=1)
    session.commit()
    with pytest.raises(Conflict):
        office.start(crowd[0], exam_id)


def test_forms_go_to_neighbours_in_turn_and_are_equally_long(office, officers, world, large, crowd, session):
    exam_id = office.ready(officers, world.a.commission, *crowd, paper=pooled(cells=FORMS, forms=2))
    office.do(officers[0], exam_id, lambda a, e: placing.add_room(a, e, name="大厅", seats=20))
    office.do(officers[0], exam_id, placing.seat_everybody)
    prepare(office, officers[0], exam_id)
    version = version_of(session, exam_id)
    assert [len(form) for form in version.forms] == [5, 5]
    assert not set(version.forms[0]) & set(version.forms[1])
    positions = {one.id: one.position for one in office.items(exam_id)}
    seat = dict(session.execute(sa.select(Candidate.id, Candidate.seat)).all())
    got = sorted(
        (seat[one.candidate_id], sorted(positions[i] for i in one.items)) for one in attempts_of(session, exam_id)
    )
    assert [form == version.forms[0] for _seat, form in got] in (
        [True, False] * 4 + [True],
        [False, True] * 4 + [False],
    )
    assert all(form in version.forms for _seat, form in got)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"cells": (Cell("测量", "", "single", count=9),)}, "测量.*9.*4"),
        ({"cells": (Cell("测量", "", "single", count=2, pool=9),)}, "测量.*9.*4"),
        ({"cells": (Cell("测量", "analyse", "", count=1),)}, "测量.*1.*0"),
        ({"cells": (Cell("没有", "", "", count=1),)}, "没有.*1.*0"),
        ({"cells": (Cell("病例", "", SERIES, count=4),)}, "病例.*4.*3 / 6"),
        ({"cells": (Cell("病例", "", SERIES, count=4, pool=6),)}, "病例.*6"),
        ({"cells": (Cell("测量", "", "single", count=3),), "forms": 2}, "测量.*2.*6.*4"),
        ({"cells": (Cell("测量"), Cell("", "", "single"))}, "测量"),
        ({"cells": (Cell("测量", "", "single", count=3, pool=2),)}, "测量.*3"),
        ({"cells": (Cell("测量", "", "single", points=0),)}, "100"),
        ({"cells": (Cell("测量", "", "single", count=-1),)}, "."),
        ({"cells": (Cell("测量", "", "single", pool=3),), "forms": 2}, "."),
        ({"cells": (Cell("测量", "", "single"),), "forms": 11}, "10"),
        ({"cells": (), "forms": 2}, "."),
    ],
)
def test_a_blueprint_that_cannot_be_met_is_refused_and_writes_nothing(
    office, officers, world, large, session, changed, words
):
    with pytest.raises(Invalid, match=words):
        office.draft(officers[0], world.a.commission, paper=pooled(**changed))
    assert session.scalar(sa.select(sa.func.count()).select_from(PaperVersion)) == 0


def test_several_banks_are_one_pool(office, officers, world, large, session):
    cells = (Cell("分级", "", "single", count=5),)
    with pytest.raises(Invalid):
        office.draft(officers[0], world.a.commission, paper=pooled(cells=cells))
    exam_id = office.draft(officers[0], world.a.commission, paper=pooled(cells=cells, others=("small",)))
    assert {one.question.question.bank for one in office.items(exam_id)} == {"large", "small"}


def test_another_draw_of_a_draft_needs_two_new_approvals(office, officers, world, large, session):
    exam_id = office.draft(officers[0], world.a.commission, paper=pooled())
    office.approve(exam_id, officers[0])
    first = version_of(session, exam_id)
    before = first.id, first.content_hash
    office.do(officers[1], exam_id, lambda a, e: making.draw_again(a, e, blueprint=pooled(cells=FORMS, forms=2)))
    again = version_of(session, exam_id)
    assert (again.version, again.paper_id) == (2, first.paper_id)
    assert again.content_hash != before[1]
    assert session.get_one(PaperVersion, before[0]).content_hash == before[1], "the older one is untouched"
    office.approve(exam_id, officers[1])
    assert session.get_one(Exam, exam_id).state == "drafted"
    office.approve(exam_id, officers[0])
    with pytest.raises(Conflict):
        office.do(officers[1], exam_id, lambda a, e: making.draw_again(a, e, blueprint=pooled()))


def test_a_paper_that_is_not_what_its_hash_says_is_not_approved(office, officers, world, large, session):
    exam_id = office.draft(officers[0], world.a.commission, paper=pooled())
    version = version_of(session, exam_id)
    told = {"blueprint": [cell | {"count": cell["count"] + 1} for cell in version.blueprint]}
    broken = PaperVersion(
        institution_id=version.institution_id,
        paper_id=version.paper_id,
        version=7,
        multiple=version.multiple,
        content_hash=version.content_hash,
        made_by_id=version.made_by_id,
        **told,
    )
    session.add(broken)
    session.flush()
    session.get_one(Exam, exam_id).paper_version_id = broken.id
    session.commit()
    with pytest.raises(Invalid):
        office.approve(exam_id, officers[0])


def test_what_is_prepared_stands(office, officers, world, crowd, session):
    exam_id = office.ready(officers, world.a.commission, *crowd[:2])
    prepare(office, officers[0], exam_id)

    def amend(**changed):
        plan = made.plan(**changed)
        office.do(officers[0], exam_id, lambda a, e: making.amend(a, e, plan=plan))

    for changed in ({"minutes": 20}, {"pass_percent": 50}, {"shuffled": False}):
        with pytest.raises(Conflict):
            amend(**changed)
    amend(title="改期")
    with pytest.raises(Conflict):
        office.do(officers[0], exam_id, placing.seat_everybody)
    with pytest.raises(Conflict):
        office.do(
            officers[0],
            exam_id,
            lambda a, e: placing.add_window(a, e, opens_at=e.opens_at, closes_at=e.opens_at + timedelta(minutes=5)),
        )

    def remove(actor, exam):
        seating.remove_candidate(
            actor, db.session.scalars(sa.select(Candidate).where(Candidate.exam_id == exam.id)).first()
        )

    with pytest.raises(Conflict):
        office.do(officers[0], exam_id, remove)
    assert len(attempts_of(session, exam_id)) == 2
    assert office.do(officers[0], exam_id, preparing.undo_preparing) == 2
    assert attempts_of(session, exam_id) == []
    amend(minutes=20)
    office.do(officers[0], exam_id, remove)


def test_who_is_added_to_a_prepared_exam_is_prepared_or_not_added(office, officers, world, crowd, session):
    exam_id = office.ready(officers, world.a.commission, *crowd[:2])
    office.do(officers[0], exam_id, lambda a, e: placing.add_room(a, e, name="大厅", seats=3))
    office.do(officers[0], exam_id, placing.seat_everybody)
    prepare(office, officers[0], exam_id)
    office.seat(officers[0], exam_id, crowd[2])
    assert len(attempts_of(session, exam_id)) == 3
    with pytest.raises(Conflict):
        office.seat(officers[0], exam_id, crowd[3])
    assert session.scalar(sa.select(sa.func.count()).select_from(Candidate)) == 3


def test_nothing_is_prepared_too_early_too_late_or_without_seats(office, officers, world, crowd, session):
    exam_id = office.draft(officers[0], world.a.commission)
    office.seat(officers[0], exam_id, *crowd[:2])
    with pytest.raises(Conflict):
        prepare(office, officers[0], exam_id)
    office.approve(exam_id, *officers)
    office.do(officers[0], exam_id, lambda a, e: placing.add_room(a, e, name="小间", seats=1))
    for verb in (preparing.prepare, preparing.ask_to_prepare):
        with pytest.raises(Conflict, match="2"):
            office.do(officers[0], exam_id, verb)
    office.do(officers[0], exam_id, lambda a, e: placing.add_room(a, e, name="小间", seats=2))
    office.do(officers[0], exam_id, placing.seat_everybody)
    prepare(office, officers[0], exam_id)
    office.start(crowd[0], exam_id)
    with pytest.raises(Conflict):
        office.do(officers[0], exam_id, preparing.undo_preparing)
    office.do(officers[0], exam_id, lambda a, e: sitting.close(a, e, reason="over"))
    with pytest.raises(Conflict):
        prepare(office, officers[0], exam_id)
    empty = office.ready(officers, world.a.commission)
    with pytest.raises(Conflict):
        prepare(office, officers[0], empty)


def test_who_sits_it_does_not_prepare_it_and_the_next_county_cannot(office, officers, world, session):
    exam_id = office.ready((world.people["exam_officer"], world.a.exam_officer), world.a.commission)
    office.do(world.people["exam_officer"], exam_id, lambda a, e: placing.add_room(a, e, name="x", seats=3))
    other = office.draft(world.people["exam_officer"], world.a.commission)
    office.seat(world.people["exam_officer"], other, world.a.exam_officer)
    deciding = (
        lambda a, e: making.amend(a, e, plan=made.plan(pass_percent=1)),
        lambda a, e: making.draw_again(a, e, blueprint=made.blueprint()),
    )
    for verb in (preparing.prepare, preparing.ask_to_prepare, preparing.undo_preparing, *deciding):
        with pytest.raises(NotAllowed):
            office.do(world.a.exam_officer, other, verb)
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            office.do(world.b.exam_officer, exam_id, verb)


def test_many_are_prepared_in_the_background_in_steps(office, officers, world, crowd, session, monkeypatch):
    exam_id = office.ready(officers, world.a.commission, *crowd)
    job = office.do(officers[0], exam_id, preparing.ask_to_prepare)
    assert office.do(officers[1], exam_id, preparing.ask_to_prepare) == job, "one work at a time"
    row = session.get_one(work.Job, job)
    assert (row.name, row.state, row.requested_by) == ("exams.prepare", "queued", officers[0])
    steps = []
    monkeypatch.setattr(jobs, "STEP", 4)
    with office.as_(officers[0]):
        outcome = jobs.prepare(lambda done, total: steps.append((done, total)), **row.arguments)
    assert outcome == {"prepared": 9}
    assert steps == [(4, 9), (8, 9), (9, 9)]
    assert len(attempts_of(session, exam_id)) == 9


def test_preparing_takes_as_many_statements_for_many(office, officers, world, crowd, queries):
    counts = []
    for people in (crowd[:2], crowd):
        exam_id = office.ready(officers, world.a.commission, *people)
        queries.clear()
        prepare(office, officers[0], exam_id)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_questions_that_are_put_in_order_never_lie_in_their_order_by_rule(office, officers, world, session):
    """Even where all get the same order, an ordering question's options are mixed; true or false keeps its two."""
    made.question(session, "o-1", kind="ordering", right={"order": list("ABCDEFGH")}, options="ABCDEFGH", bank="odd")
    made.question(session, "t-1", kind="true_false", right="A", options="AB", bank="odd")
    session.commit()
    exam_id = office.ready(
        officers, world.a.commission, world.a.doctor, paper=made.blueprint(bank="odd"), shuffled=False
    )
    ordering, true_false = (one.id for one in office.items(exam_id))
    attempt = office.attempt(office.start(world.a.doctor, exam_id))
    assert attempt.items == [ordering, true_false]
    assert attempt.options[str(true_false)] == ["A", "B"]
    assert sorted(attempt.options[str(ordering)]) == list("ABCDEFGH")
    assert attempt.options[str(ordering)] != list("ABCDEFGH"), "one in 40320"
    assert session.scalars(sa.select(QuestionVersion.kind).where(QuestionVersion.topic == "测量")).all()
