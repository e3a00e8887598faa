"""What the cohort would write: the same rows for the same seed, in order, and within what the tables allow."""

import hashlib
from datetime import date, timedelta

import pytest

from assessments.results.models import ResultKind
from courses.hours.rules import HoursKind
from demo.cast import HOME, Casting, Part
from demo.cohort import deeds
from demo.cohort import parameters as p
from demo.cohort.seats import DOCTOR, MENTOR, Seat, missing, pair, seat
from demo.cohort.simulate import simulate

UNTIL = date(2026, 11, 22)
HOMES = [f"{HOME}{n}" for n in range(101, 105)]
TOWNS = [*HOMES, "530303101", "530304101"]
HOSPITALS = ["530300-H", "530302-H", "530303-H", "530304-H"]
LESSONS = ["one", "two", "three"]


def told(learners: int, seed: int) -> tuple[list[Seat], list[Part], deeds.City]:
    """The people and what they need to know, as the story has them."""
    histories = list(simulate(learners, seed, UNTIL))
    casting = Casting()
    parts = casting.parts(HOMES)
    playing = [part for part in parts if part.category in p.CATEGORIES]
    teaching = [*casting.mentors(HOSPITALS, 12), *(part for part in parts if part.account == MENTOR)]
    seats = seat(histories, [*playing, *casting.cohort(missing(histories, playing), TOWNS)])
    near: dict[str, tuple[str, ...]] = {}
    for one in teaching:
        near[one.county] = (*near.get(one.county, ()), one.account)
    pairs = {one.apprentice: one for one in pair(seats, teaching, seed, UNTIL)}
    return seats, teaching, deeds.City(seed, UNTIL, near, pairs)


def rows(seats: list[Seat], city: deeds.City) -> list[object]:
    """Everything that would be written."""
    return [
        row
        for one in seats
        for row in (
            *deeds.results(one, city),
            *deeds.hours(one, city),
            deeds.lessons(one, city, LESSONS),
            *deeds.sessions(one, city),
        )
    ]


def digest(learners: int, seed: int) -> str:
    seats, _teaching, city = told(learners, seed)
    return hashlib.sha256(repr([seats, rows(seats, city)]).encode()).hexdigest()


@pytest.fixture(scope="module")
def cohort() -> tuple[list[Seat], list[Part], deeds.City]:
    return told(90, 7)


def test_two_cities_of_one_seed_agree_to_the_last_row() -> None:
    assert digest(30, 7) == digest(30, 7)
    assert digest(30, 7) != digest(30, 8)


def test_everybody_has_a_seat_of_their_category(cohort) -> None:
    seats, *_ = cohort
    assert len({one.account for one in seats}) == len(seats) == 90
    assert all(one.part.category == one.history.learner.category for one in seats)
    clinics = [one for one in seats if one.part.category == "village_doctor"]
    assert all("-V" in one.part.place for one in clinics)


def test_the_shown_doctor_has_trouble_and_the_shown_mentor_apprentices(cohort) -> None:
    seats, _teaching, city = cohort
    doctor = next(one for one in seats if one.account == DOCTOR)
    others = [one for one in seats if one.history.learner.mentored and one.part.category == doctor.part.category]
    assert doctor.troubled() == max(one.troubled() for one in others) > 5
    assert city.pairs[DOCTOR].mentor == MENTOR
    assert sum(one.mentor == MENTOR for one in city.pairs.values()) >= 3


def test_pairs_run_today_and_within_one_county_or_from_the_city(cohort) -> None:
    seats, teaching, city = cohort
    places = {one.account: one.part.county for one in seats} | {one.account: one.county for one in teaching}
    assert {one.account for one in seats if one.history.learner.mentored} == city.pairs.keys()
    for one in city.pairs.values():
        assert one.agreed_from <= UNTIL - timedelta(days=60) < UNTIL < one.agreed_until
        assert places[one.mentor] in (places[one.apprentice], "530300")


def test_results_are_of_known_kinds_once_each_and_not_in_the_future(cohort) -> None:
    seats, _teaching, city = cohort
    made = [row for one in seats for row in deeds.results(one, city)]
    assert len({row.number for row in made}) == len(made) > 5000
    assert {row.kind for row in made} <= set(ResultKind)
    assert {"simulated_case", "workplace_encounter", "theory_exam", "entrustment", "rotation_days"} <= {
        row.kind for row in made
    }
    for row in made:
        assert UNTIL - timedelta(days=p.DAYS) <= row.on_day <= UNTIL
        assert row.value >= 0
        assert row.person != row.assessor
        if row.kind == "entrustment":
            assert row.value in (3, 4, 5)
            assert row.assessor == city.pairs[row.person].mentor
        elif row.technique is not None:
            assert row.value <= 100


def test_no_hour_is_evidence_twice(cohort) -> None:
    seats, _teaching, city = cohort
    assert not {row.kind for one in seats for row in deeds.results(one, city) if row.kind.endswith("_hours")}


def test_hours_are_possible_and_somebody_confirmed_what_is_done(cohort) -> None:
    seats, _teaching, city = cohort
    made = [row for one in seats for row in deeds.hours(one, city)]
    assert len({row.number for row in made}) == len(made)
    assert {row.kind for row in made} == set(HoursKind)
    for row in made:
        assert 0 < row.minutes <= 1440
        assert row.on_day <= UNTIL
        assert (row.confirmed_by is None) == (row.kind == HoursKind.THEORY)


def test_sessions_lie_within_their_pair(cohort) -> None:
    seats, _teaching, city = cohort
    made = [row for one in seats for row in deeds.sessions(one, city)]
    assert len({row.number for row in made}) == len(made) > 300
    for row in made:
        assert row.pair.agreed_from <= row.on_day <= UNTIL
        assert 5 <= row.minutes <= 720
        assert "模拟" in row.done


def test_some_finish_the_course_some_are_on_the_way_some_never_began(cohort) -> None:
    seats, _teaching, city = cohort
    far = [None if row is None else len(row.finished) for row in (deeds.lessons(one, city, LESSONS) for one in seats)]
    assert {None, 1, 3} <= set(far)
