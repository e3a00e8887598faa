"""What if, and the shortest way: rules, and the pages for doctor and mentor."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import orm

from assessments.certification.rules import ladder
from assessments.certification.rules.decision import Evidence, decide
from assessments.certification.rules.policy import Policy, leaves_of, parse
from assessments.certification.rules.supposing import Supposed, suppose
from assessments.results.models import ResultKind
from courses.mentoring.models import Pairing
from lms import clock
from lms.authz import Role
from lms.people.models import Category
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.test_decision import RAW, TITLE, TODAY, bodies
from tests.factories import world
from tests.pages import Page


def policy(requires: dict[str, Any]) -> Policy:
    return parse(RAW["stars-first-way"] | {"stars": [{"star": 1, "title": TITLE, "requires": requires}]})


def leaf(kind: str, least: float = 60, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "title": {"zh": kind, "en": kind}, "min": least, **more}


def way_of(parsed: Policy, *body: Evidence) -> list[str]:
    made = decide(parsed, body, TODAY).as_json()
    return [step.kind for step in ladder.shortest_way(made["stars"][0]) or []]


def hours(number: int, value: int) -> Evidence:
    return Evidence(number, "simulation_hours", Decimal(value), TODAY)


def test_of_a_choice_the_way_takes_what_is_furthest_along() -> None:
    choice = policy({"any": [leaf("rotation_days", 90), leaf("simulation_hours", 50)]})
    assert way_of(choice, hours(1, 10)) == ["simulation_hours"]
    two = policy({"any": [leaf("theory_exam"), {"all": [leaf("rotation_days", 90), leaf("simulation_hours", 50)]}]})
    assert way_of(two, hours(1, 49)) == ["theory_exam"]  # one requirement is shorter than two


def test_points_are_made_up_with_as_few_parts_as_can_be() -> None:
    parts = [{"weight": n, "requires": leaf(k, 50)} for n, k in ((20, "simulation_hours"), (70, "rotation_days"))]
    assert way_of(policy({"weighted": 60, "of": parts})) == ["rotation_days"]
    assert sorted(way_of(policy({"weighted": 80, "of": parts}))) == ["rotation_days", "simulation_hours"]


def test_what_is_missing_besides_is_who_assesses() -> None:
    wanted = policy(leaf("workplace_encounters", 2, distinct_assessors=3))
    made = decide(wanted, [Evidence(n, "workplace_encounter", Decimal(80), TODAY, assessor=1) for n in (1, 2)], TODAY)
    (step,) = ladder.shortest_way(made.as_json()["stars"][0]) or []
    assert (step.owed, step.assessors) == (0, 2)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(RAW)), bodies)
def test_who_walks_the_shortest_way_arrives(name: str, some: list[Evidence]) -> None:
    """What the way names is enough: supposed in whole, it gives the next star."""
    parsed = parse(RAW[name])
    made = decide(parsed, some, TODAY)
    if made.next is None:
        return
    following = made.as_json()["stars"][made.star]
    steps = ladder.shortest_way(following)
    if steps is None or any(step.kind == "no_open_critical_failure" for step in steps):
        return
    told = list(ladder.leaves_of(following["requires"]))
    first = sum(len(list(leaves_of(star.requires))) for star in parsed.stars if star.star < following["star"])
    wishes = {first + n: amount(step) for n, one in enumerate(told) for step in steps if step.leaf is one}
    assert len(wishes) == len(steps)
    assert decide(parsed, [*some, *suppose(parsed, wishes, TODAY)], TODAY).star > made.star


def amount(step: ladder.Step) -> Supposed:
    return Supposed(max(Decimal(str(step.owed)), Decimal(step.assessors)))


@settings(max_examples=80, deadline=None)
@given(bodies, st.dictionaries(st.integers(0, 60), st.integers(1, 20), max_size=4))
def test_supposing_never_lowers_a_star(some: list[Evidence], wishes: dict[int, int]) -> None:
    parsed = parse(RAW["stars-first-way"])
    more = suppose(parsed, {n: Supposed(Decimal(many)) for n, many in wishes.items()}, TODAY)
    assert all(one.id < 0 for one in more)
    assert len({one.id for one in more}) == len(more)
    assert decide(parsed, [*some, *more], TODAY).star >= decide(parsed, some, TODAY).star


# ---- pages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_doctor_tries_what_would_come_of_it(way: Way, page: Page, language: str) -> None:
    doctor = way.world.a.doctor
    way.result(doctor, ResultKind.THEORY_EXAM, 72)
    soup = page.get("/stars/what-if", doctor, language=language)
    assert len(soup.select(".what-if-row")) == 2
    assert len(soup.select(".way-step")) == 2
    soup = page.get("/stars/what-if?n1=1&m1=85&n2=1", doctor, language=language)
    assert not soup.select(".way-step")
    assert ("届时您是" if language == "zh" else "You would have") in soup.get_text()
    assert len(way.proposals(doctor)) == 1  # that of the one star there is: nothing is written down


def test_what_if_knows_what_expires(way: Way, page: Page) -> None:
    doctor, today = way.world.a.doctor, clock.today()
    way.result(doctor, ResultKind.THEORY_EXAM, 72, valid_until=today + timedelta(days=9))
    soup = page.get(f"/stars/what-if?on={today + timedelta(days=10)}", doctor)
    assert "届时部分依据已过期" in soup.get_text()


@pytest.mark.parametrize(
    "asked", ["n1=x", "n1=-3", "n1=1e400", "n1=NaN", "on=soon", "on=9999-12-31", "n999=5", "m1=-1&n1=1"]
)
def test_what_makes_no_sense_is_left_out(way: Way, page: Page, asked: str) -> None:
    page.get(f"/stars/what-if?{asked}", way.world.a.doctor)


def test_mentors_try_it_for_their_apprentices_and_others_do_not(way: Way, page: Page, session: orm.Session) -> None:
    a, b = way.world.a, way.world.b
    address = f"/stars/{a.doctor}/what-if"
    mentor, former = (
        world.person(session, name, name, Category.SPECIALIST, b.hospital, (Role.MENTOR, b.hospital))
        for name in ("mentor", "former")
    )
    session.commit()
    page.get(address, mentor, expect=404)
    pair(session, way, mentor, a.doctor, date.max)
    pair(session, way, former, a.second_doctor, clock.today())
    assert "王小明" in page.get(address, mentor).get_text()
    page.get(f"/stars/{a.second_doctor}/what-if", former, expect=404)
    for stranger in (former, b.certificate_officer, a.second_doctor):
        page.get(address, stranger, expect=404)
    page.get(address, a.certificate_officer)


def pair(session: orm.Session, way: Way, mentor: int, apprentice: int, until: date) -> None:
    """Somebody's mentor: until a day that is still to come, or until yesterday."""
    today = clock.today()
    session.add(
        Pairing(
            person_id=apprentice,
            institution_id=way.world.a.township,
            mentor_id=mentor,
            mentor_institution_id=way.world.a.hospital,
            apprentice_name="王小明",
            mentor_name="陈建国",
            agreed_from=today - timedelta(days=100),
            agreed_until=min(until, today + timedelta(days=600)),
            ended_on=None,
        )
    )
    session.commit()
