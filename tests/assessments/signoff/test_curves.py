"""Learning curves: what passes and failures in their order prove, how sure that is, and who sees it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.proficiency.rules import Proof, Way
from assessments.results.models import Result, ResultKind
from assessments.signoff.rules import curves
from assessments.signoff.rules.curves import curve
from courses.mentoring.models import Pairing
from lms import clock, ids
from lms.people.models import Person
from tests.factories.signoff import Ward
from tests.factories.world import World
from tests.pages import Page

TODAY = clock.today()
DEEDS = st.lists(st.tuples(st.sampled_from([Way.DEED, Way.EXAM]), st.integers(0, 100), st.booleans()), max_size=40)


def proof(number: int, value: int, way: Way = Way.DEED, critical: bool = False) -> Proof:
    return Proof(way, Decimal(value), TODAY - timedelta(days=100 - number), critical)


def curve_of(*values: int):
    found = curve([proof(n, value) for n, value in enumerate(values)])
    assert found is not None
    return found


# ---- the rule ----


def test_seven_passes_in_a_row_prove_it_and_each_brings_it_nearer():
    assert [curve_of(*[80] * n).to_go for n in range(1, 8)] == [6, 5, 4, 3, 2, 1, 0]
    assert [curve_of(*[80] * n).share for n in (1, 4, 7)] == [14, 57, 100]
    assert curve_of(*[80] * 6).proved_on is None
    assert curve_of(*[80] * 9).proved_by == 7


def test_a_failure_takes_four_passes_back_but_nothing_that_was_not_there():
    assert curve_of(80, 80, 80, 80, 80, 59).to_go == 7
    assert curve_of(0, 0, 0, 0, 80).to_go == 6


def test_what_came_after_the_proof_stays_in_sight():
    found = curve_of(*[80] * 7, 40, 70)
    assert (found.proved_by, found.proved_on) == (7, found.deeds[6].on)
    assert [deed.passed for deed in found.since] == [False, True]
    assert found.failed_since == 1


def test_sixty_passes_and_a_critical_error_never_does():
    assert curve_of(60).deeds[0].passed
    assert not curve_of(59).deeds[0].passed
    critical = curve([proof(0, 95, critical=True)])
    assert critical is not None
    assert not critical.deeds[0].passed


def test_only_what_was_seen_done_counts():
    assert curve([proof(0, 90, Way.THEORY), proof(1, 4, Way.ENTRUSTMENT)]) is None
    assert curve([]) is None


def test_within_a_day_the_worst_comes_last():
    """No order of arrival flatters anybody."""
    day = [Proof(Way.DEED, Decimal(value), TODAY) for value in (20, 90)]
    assert [deed.passed for deed in curve_of_proofs(day).deeds] == [True, False]
    assert curve_of_proofs(day) == curve_of_proofs(day[::-1])


def curve_of_proofs(proofs):
    found = curve(proofs)
    assert found is not None
    return found


@given(DEEDS)
def test_what_is_missing_is_what_proves(deeds):
    """As many passes more as it says, and not one fewer, end with enough evidence."""
    proofs = [proof(n, value, way, critical) for n, (way, value, critical) in enumerate(deeds)]
    found = curve(proofs)
    if found is None:
        assert not deeds
        return
    assert found.to_go <= 7
    assert (found.share == 100) == (found.to_go == 0)
    if found.to_go:
        more = [proof(len(deeds) + n, 100) for n in range(found.to_go)]
        assert curve_of_proofs([*proofs, *more]).to_go == 0
        assert curve_of_proofs([*proofs, *more[1:]]).to_go == (1 if found.to_go > 1 else found.to_go)


def chance(failing: float, times: int) -> float:
    """How likely it is that somebody who fails so often is proved within so many times: every way there, added up."""
    steps = curves.learning_curve([True], p0=curves.WELL_ENOUGH, delta=curves.MORE, h=curves.ENOUGH)
    sums, proved = {0.0: 1.0}, 0.0
    for _ in range(times):
        following: dict[float, float] = {}
        for before, weight in sums.items():
            for step, share in ((steps.w_success, 1 - failing), (steps.w_failure, failing)):
                now = max(0.0, round(before + step, 9))
                if now >= curves.ENOUGH:
                    proved += weight * share
                else:
                    following[now] = following.get(now, 0.0) + weight * share
        sums = following
    return proved


@pytest.mark.parametrize(
    ("failing", "within_12", "within_24"), [(0.05, 87, 100), (0.1, 72, 97), (0.2, 42, 77), (0.3, 21, 46), (0.4, 8, 21)]
)
def test_how_often_it_is_right_as_the_documentation_says(failing, within_12, within_24):
    assert [round(100 * chance(failing, times)) for times in (12, 24)] == [within_12, within_24]


# ---- who sees it ----


@pytest.fixture
def marks(ward: Ward) -> Callable[..., None]:
    """Give a doctor marks in the technique of the ward, the last one today."""

    def give(person: int, *values: int, critical: bool = False) -> None:
        place = ward.session.get_one(Person, person).institution_id
        for ago, value in enumerate(reversed(values)):
            ward.session.add(
                Result(
                    person_id=person,
                    institution_id=place,
                    kind=ResultKind.WORKPLACE_ENCOUNTER,
                    technique_id=ward.technique,
                    value=Decimal(value),
                    critical_failure=critical,
                    on_day=TODAY - timedelta(days=ago),
                    source_kind="test",
                    source_id=str(ids.uuid7()),
                    source_hash=b"x" * 32,
                )
            )
        ward.session.commit()

    return give


def panel_of(page: Page, ward: Ward, who: int) -> str:
    found = page.get(f"/mentoring/pairs/{ward.pairing}", who, language="en").select_one("#curves")
    return "" if found is None else found.get_text(" ", strip=True)


def test_mentor_and_apprentice_see_the_curve_on_the_page_of_the_pair(ward, marks, page, world: World):
    marks(world.a.doctor, 80, 75, 40, 82)
    for who in (world.a.examiner, world.a.doctor):
        assert "6 more passes in a row would prove it." in panel_of(page, ward, who)


def test_the_mentor_goes_from_the_curve_to_the_signature_and_the_apprentice_does_not(ward, marks, page, world: World):
    marks(world.a.doctor, *[90] * 7)
    address = f"/mentoring/pairs/{ward.pairing}"
    ways = [one["href"] for one in page.get(address, world.a.examiner).select("#curves a")]
    assert ways == [f"/signoffs/ask/{ward.pairing}?technique={ward.technique}"]
    chosen = page.get(ways[0], world.a.examiner).select_one("select[name=technique] option[selected]")
    assert chosen is not None
    assert chosen["value"] == str(ward.technique)
    assert not page.get(address, world.a.doctor).select("#curves a")


def test_officers_see_the_pair_without_the_marks_and_the_neighbours_see_neither(ward, marks, page, world: World):
    marks(world.a.doctor, 80)
    assert panel_of(page, ward, world.a.manager) == ""
    for who in (world.b.manager, world.b.examiner, world.b.doctor):
        page.get(f"/mentoring/pairs/{ward.pairing}", who, expect=404)


def test_a_mentor_whose_pair_has_ended_sees_no_marks(ward, marks, page, session, world: World):
    marks(world.a.doctor, 80)
    pair = session.get_one(Pairing, ward.pairing)
    pair.ended_on, pair.ended_why, pair.ended_by_id = TODAY, "换了带教", world.a.manager
    session.commit()
    assert panel_of(page, ward, world.a.examiner) == ""
    assert panel_of(page, ward, world.a.doctor) != ""


def test_without_marks_there_is_no_panel(ward, page, world: World):
    assert panel_of(page, ward, world.a.examiner) == ""
    assert page.get("/signoffs/mine", world.a.doctor).select_one("#curves") is None


@pytest.mark.parametrize(("language", "words"), [("zh", ("，合格", "，不合格")), ("en", (", passed", ", not passed"))])
def test_a_doctor_sees_the_own_times_in_their_order_and_nobody_else_s(ward, marks, page, world: World, language, words):
    marks(world.a.doctor, *[90] * 7, 40)
    marks(world.a.second_doctor, 10)
    found = page.get("/signoffs/mine", world.a.doctor, language=language).select("#curves .run li")
    said = [one.get_text(strip=True).replace(", ", "，" if language == "zh" else ", ") for one in found]
    assert [one.endswith(words[0]) for one in said] == [True] * 7 + [False]
    assert said[7].endswith(words[1])


def test_of_many_times_the_newest_twenty_are_drawn_and_all_count(ward, marks, page, world: World):
    marks(world.a.doctor, *[90] * 8, *[10] * 17)
    found = page.get("/signoffs/mine", world.a.doctor, language="en").select_one("#curves")
    assert len(found.select(".run li")) == 20
    assert found.select_one(".run")["start"] == "6"
    assert "by time 7. 18 times since then, 17 failed." in found.get_text(" ", strip=True)


def test_however_many_marks_the_statements_are_as_many(ward, marks, page, queries, world: World):
    marks(world.a.doctor, 80)
    queries.clear()
    page.get("/signoffs/mine", world.a.doctor)
    few = len(queries)
    marks(world.a.doctor, *[70] * 30)
    queries.clear()
    page.get("/signoffs/mine", world.a.doctor)
    assert len(queries) == few
