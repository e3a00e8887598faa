"""Deciding about many at once, who is to be decided about again, and the second look at what is borderline."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification import jobs, models
from assessments.certification.queries import cohort, decisions, evidence, looks, policies, proposals, standings
from assessments.certification.rules.decision import Decision, decide
from assessments.certification.services import deciding, looking
from assessments.results.models import ResultKind
from lms import clock
from lms.db import act_as, db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.ledger.models import LedgerEntry
from lms.people.queries import actor_for
from lms.techniques.models import Technique
from tests.assessments.certification.conftest import Way, load_policy
from tests.factories import mentoring
from tests.pages import Page

SECOND_LOOK = {"certainty": 95, "second_look": True}


def about(way: Way, act: Callable[[], Any]) -> Any:
    """Something done as the job does it."""
    with way.app.app_context():
        act_as(db.session, jobs.ACTOR)
        return act()


def decide_many(way: Way, *people: int) -> deciding.Decided:
    return about(way, lambda: deciding.decide_many(jobs.ACTOR, None, person_ids=people))


def stale(way: Way, **later: int) -> list[int]:
    def find() -> list[int]:
        version = policies.in_force(db.session, clock.today())
        assert version is not None
        return list(db.session.scalars(standings.stale(version, clock.today() + timedelta(**later))))

    return about(way, find)


def rows(way: Way, model: type[Any]) -> int:
    return about(way, lambda: db.session.scalar(sa.select(sa.func.count()).select_from(model)))


def unheard(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results come in, and nobody decides."""
    monkeypatch.setattr(Way, "decide", lambda *_: None)


def test_many_are_decided_as_each_would_be(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = way.world.a, way.world.b
    unheard(way, monkeypatch)
    for person in (a.doctor, a.second_doctor, b.doctor):
        way.result(person, ResultKind.THEORY_EXAM, 72)
    way.result(a.doctor, ResultKind.PRACTICAL_EXAM)
    way.result(a.doctor, ResultKind.PRACTICE_EVALUATION)
    before = rows(way, LedgerEntry)
    made = decide_many(way, a.doctor, a.second_doctor, b.doctor)
    stars = {one: about(way, lambda one=one: decisions.latest(db.session, one).star) for one in made.rows}
    assert stars == {a.doctor: 2, a.second_doctor: 1, b.doctor: 1}
    assert made.moves == {a.doctor: (0, 2), a.second_doctor: (0, 1), b.doctor: (0, 1)}
    assert [one.star for one in way.proposals(a.doctor)] == [2]
    assert rows(way, LedgerEntry) == before + 3 + 3 + 1 + 1  # decisions, proposals, and a line of audit for either
    again = decide_many(way, a.doctor, a.second_doctor, b.doctor)
    assert (again.written, again.moves) == (0, {})
    assert rows(way, models.StarDecision) == 3
    kept = about(way, lambda: decisions.explained(decisions.latest(db.session, a.doctor)))
    assert (kept["star"], [one["reached"] for one in kept["stars"]]) == (2, [True, True])


def test_many_cost_hardly_more_statements_than_a_few(
    way: Way, queries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = way.world.a, way.world.b
    unheard(way, monkeypatch)
    people = [a.doctor, a.second_doctor, b.doctor, b.second_doctor]
    for person in people:
        way.result(person, ResultKind.SIMULATION_HOURS, 3)
    queries.clear()
    decide_many(way, *people[:1])
    few, _ = len(queries), queries.clear()
    decide_many(way, *people[1:])
    assert len(queries) == few


def test_many_proposals_cost_hardly_more_statements_than_a_few(
    way: Way, queries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a = way.world.a
    unheard(way, monkeypatch)
    people = [a.doctor, a.second_doctor, a.certificate_officer, a.second_certificate_officer]
    for mark in (70, 80):  # with cases that are overtaken the second time
        for person in people:
            way.result(person, ResultKind.THEORY_EXAM, mark)
        queries.clear()
        decide_many(way, *people[:1])
        few, _ = len(queries), queries.clear()
        decide_many(way, *people[1:])
        assert len(queries) <= few + 1, "one more institution to look up the authority of"
    for person in people:
        first, second = way.proposals(person)
        assert second.decision_id > first.decision_id
        assert about(way, lambda one=first: proposals.state_of(db.session, one.id)) == "superseded"


def test_whoever_is_not_up_to_date_is_found_without_any_event(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    a = way.world.a
    way.result(a.doctor, ResultKind.THEORY_EXAM, 72, valid_until=clock.today() + timedelta(days=9))
    assert stale(way) == []
    assert stale(way, days=10) == [a.doctor]
    unheard(way, monkeypatch)
    way.result(a.second_doctor, ResultKind.THEORY_EXAM, 72)
    assert stale(way) == [a.second_doctor]
    done = about(way, lambda: jobs.decide_everybody(lambda *_: None))
    assert done == {"persons": 1, "written": 1, "up": 1, "down": 0}
    assert stale(way) == []
    load_policy(way.app, version=2)
    assert stale(way) == sorted([a.doctor, a.second_doctor])
    done = about(way, lambda: jobs.decide_everybody(lambda *_: None))
    assert done == {"persons": 2, "written": 2, "up": 0, "down": 0}


def test_a_correction_makes_a_decision_stale(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = way.world.a.doctor
    way.result(doctor, ResultKind.THEORY_EXAM, 72, source_id="one")
    unheard(way, monkeypatch)
    way.result(doctor, ResultKind.THEORY_EXAM, 40, source_id="one", n=2, reason="重新评分")
    assert stale(way) == [doctor]
    assert decide_many(way, doctor).moves == {doctor: (1, 0)}


def test_a_decision_kept_in_the_old_shape_stays_and_closes_no_case(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was decided before decisions said how sure they are is not decided again because they do now."""
    doctor = way.world.a.doctor
    with monkeypatch.context() as before:
        before.setattr(Decision, "kept", lambda made: without(made.as_json()))
        proposal = way.two_stars(doctor)
    count = rows(way, models.StarDecision)
    assert way.decide(doctor) is not None
    assert rows(way, models.StarDecision) == count
    assert [one.id for one in way.proposals(doctor)][-1] == proposal.id
    kept = about(way, lambda: decisions.explained(decisions.latest(db.session, doctor)))
    assert kept["stars"][1]["reached"]


def without(node: Any) -> Any:
    """As shape 1 was written."""
    if isinstance(node, list):
        return [without(one) for one in node]
    later = {"over", "chance", "margin", "certainty", "consistency", "borderline", "narrow"}
    return {key: without(one) for key, one in node.items() if key not in later} if isinstance(node, dict) else node


def test_the_database_packs_what_the_plain_decision_reads(way: Way, session: orm.Session) -> None:
    a, b = way.world.a, way.world.b
    technique = session.get_one(Technique, mentoring.techniques(session, 1)[0])
    session.commit()
    today = clock.today()
    for n, person in enumerate([a.doctor, a.second_doctor, b.doctor]):
        way.result(person, ResultKind.THEORY_EXAM, Decimal("59.999") + n, standard_error=Decimal("3.5"))
        way.result(person, ResultKind.SIMULATION_HOURS, "0.833", valid_until=today)
        way.result(person, ResultKind.ENTRUSTMENT, 4, technique_id=technique.id, assessor_id=a.manager)
        way.result(person, ResultKind.WORKPLACE_ENCOUNTER, 80, critical_failure=n == 1, on_day=today - timedelta(9))
        way.result(person, ResultKind.PRACTICAL_EXAM, 90, source_id=f"p{n}")
    way.result(a.doctor, ResultKind.PRACTICAL_EXAM, None, source_id="p0", n=2, reason="作废")
    way.result(b.doctor, ResultKind.PRACTICAL_EXAM, 30, source_id="p2", n=2, reason="重新评分")
    people = [a.doctor, a.second_doctor, b.doctor, b.second_doctor]

    def both() -> tuple[Any, dict[int, int], dict[int, int]]:
        packed = cohort.columns(db.session, people)
        found = evidence.of_persons(db.session, people)
        version = policies.in_force(db.session, today)
        policy = policies.policy_of(version)
        plainly = {one: decide(policy, found.get(one, ()), today).star for one in people}
        names = dict(db.session.execute(sa.select(Technique.id, Technique.code)).all())
        told = {
            (int(i), cohort.RESULT_KINDS[k], Decimal(int(v)) / 1000, int(d), int(u), names.get(int(t)), int(s), bool(c))
            for i, k, v, d, u, t, s, c in zip(
                packed.id,
                packed.kind,
                packed.value,
                packed.on_day,
                packed.until,
                packed.technique,
                packed.assessor,
                packed.critical,
                strict=True,
            )
        }
        read = {
            (
                one.id, one.kind, one.value, one.on_day.toordinal(),
                one.valid_until.toordinal() if one.valid_until else cohort.EVER, one.technique, one.assessor or -1,
                one.critical_failure,
            )
            for body in found.values()
            for one in body
        }  # fmt: skip
        return told ^ read, cohort.stars(db.session, policy, people, today), plainly

    other, fast, plainly = about(way, both)
    assert other == set()
    assert fast == plainly
    assert fast[a.second_doctor] == 1
    assert about(way, lambda: cohort.columns(db.session, [])).person.dtype == np.int64


# ---- the second look ---------------------------------------------------------------------------


@pytest.fixture
def close(way: Way) -> models.StarDecision:
    """A doctor's star that is borderline, under a policy that wants a second look."""
    load_policy(way.app, version=2, decision=SECOND_LOOK)
    way.result(way.world.a.doctor, ResultKind.THEORY_EXAM, 62, standard_error=Decimal(4))
    return about(way, lambda: decisions.latest(db.session, way.world.a.doctor))


def look(way: Way, officer: int, decision: models.StarDecision, *, confirmed: bool = True, reason: str = "ok") -> None:
    with way.app.app_context():
        actor = actor_for(officer)
        act_as(db.session, actor)
        row = db.session.get_one(models.StarDecision, decision.id)
        looking.look_again(actor, row, confirmed=confirmed, reason=reason)


def test_what_is_borderline_waits_until_an_officer_looked_again(way: Way, close: models.StarDecision) -> None:
    a = way.world.a
    assert (close.star, close.borderline, close.certainty) == (1, True, Decimal("0.6915"))
    assert way.proposals(a.doctor) == []
    way.decide(a.doctor)
    assert way.proposals(a.doctor) == []
    look(way, a.certificate_officer, close)
    about(way, lambda: jobs.looked_at({"decision_id": close.id, "person_id": a.doctor, "confirmed": True}))
    assert [one.star for one in way.proposals(a.doctor)] == [1]
    with pytest.raises(Conflict):
        look(way, a.second_certificate_officer, close)


def test_what_an_officer_did_not_find_right_is_not_proposed_until_there_is_more(
    way: Way, close: models.StarDecision
) -> None:
    a = way.world.a
    look(way, a.certificate_officer, close, confirmed=False)
    way.decide(a.doctor)
    assert way.proposals(a.doctor) == []
    way.result(a.doctor, ResultKind.THEORY_EXAM, 80, standard_error=Decimal(4))
    assert [one.star for one in way.proposals(a.doctor)] == [1]


def test_a_second_look_needs_a_reason_the_right_and_a_decision_that_waits(way: Way, close: models.StarDecision) -> None:
    a, b = way.world.a, way.world.b
    with pytest.raises(Invalid):
        look(way, a.certificate_officer, close, reason="  ")
    for nobody in (a.doctor, a.manager, b.certificate_officer):
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            look(way, nobody, close)
    way.result(a.doctor, ResultKind.THEORY_EXAM, 90)
    with pytest.raises(Conflict):
        look(way, a.certificate_officer, close)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_the_second_look(way: Way, page: Page, close: models.StarDecision, language: str) -> None:
    a, b = way.world.a, way.world.b
    address = f"/certificates/looks/{close.id}"
    listed = page.get("/certificates/looks", a.certificate_officer, language=language)
    assert listed.select(f"a[href='{address}']")
    assert not page.get("/certificates/looks", b.certificate_officer, language=language).select(f"a[href='{address}']")
    page.get(address, b.certificate_officer, expect=404)
    page.get(address, a.doctor, expect=403)
    shown = page.get(address, a.certificate_officer, language=language)
    assert "69" in shown.get_text()
    page.post(f"{address}/answer", a.certificate_officer, expect=422, **{"l-answer": "right", "l-reason": ""})
    found = {"l-answer": "right", "l-reason": "已核对原始成绩"}
    page.post(f"{address}/answer", a.certificate_officer, expect=303, **found)
    assert "已核对原始成绩" in page.get(address, a.certificate_officer, language=language).get_text()
    assert not page.get("/certificates/looks", a.certificate_officer).select(f"a[href='{address}']")
    mine = page.get("/stars", a.doctor, language=language).get_text()
    assert "69" in mine
    assert ("误差" if language == "zh" else "error of measurement") in mine


def test_the_list_of_second_looks_asks_as_often_for_one_as_for_many(
    way: Way, page: Page, close: models.StarDecision, queries: list[str]
) -> None:
    a = way.world.a
    page.get("/certificates/looks", a.certificate_officer)
    queries.clear()
    page.get("/certificates/looks", a.certificate_officer)
    few = len(queries)
    way.result(a.second_doctor, ResultKind.THEORY_EXAM, 61, standard_error=Decimal(4))
    queries.clear()
    page.get("/certificates/looks", a.certificate_officer)
    assert len(queries) == few
    assert about(way, lambda: looks.page(db.session).total) == 2
