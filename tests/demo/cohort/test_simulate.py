"""The simulated learners: the same from the same seed, and true to what was assumed of them."""

import itertools
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.cohort import parameters as p
from demo.cohort.__main__ import cohort
from demo.cohort.simulate import Attempt, History, attendance, default_skills, simulate

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="module")
def histories() -> list[History]:
    return list(simulate(120, 7, UNTIL))


def _paths(histories: list[History]) -> dict[tuple[str, str], list[Attempt]]:
    found: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for history in histories:
        for attempt in history.attempts:
            found[attempt.learner, attempt.skill].append(attempt)
    return found


def test_two_runs_agree_byte_for_byte(tmp_path: Path) -> None:
    def run(name: str, seed: int) -> tuple[bytes, bytes]:
        out, truth = tmp_path / f"{name}.csv", tmp_path / f"{name}-truth.csv"
        told = ["--learners", "12", "--seed", str(seed), "--until", "2026-11-22", "--out", str(out)]
        done = CliRunner().invoke(cohort, ["simulate", *told, "--truth", str(truth)])
        assert done.exit_code == 0, done.output
        return out.read_bytes(), truth.read_bytes()

    first = run("first", 7)
    assert first == run("second", 7)
    assert first != run("third", 8)
    assert first[0].startswith(b"learner,skill,at,score\n")
    assert first[1].startswith(b"learner,skill,began,ended,kind\n")


def test_a_learner_is_the_same_in_a_small_and_in_a_large_cohort(histories: list[History]) -> None:
    assert list(simulate(5, 7, UNTIL)) == histories[:5]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), until=st.dates(date(2022, 1, 1), date(2033, 1, 1)))
def test_marks_are_marks_and_lie_within_the_two_years(seed: int, until: date) -> None:
    for history in simulate(2, seed, until):
        days = [attempt.at for attempt in history.attempts]
        assert days == sorted(days)
        assert len({(attempt.skill, attempt.at) for attempt in history.attempts}) == len(days)
        for attempt in history.attempts:
            assert 0 <= attempt.score <= 100
            assert until - timedelta(days=p.DAYS) <= attempt.at <= until
        for stall in history.stalls:
            assert stall.began <= until
            assert stall.ended is None or stall.began < stall.ended <= until


def test_nothing_is_learned_while_a_path_stands_still(histories: list[History]) -> None:
    paths = _paths(histories)
    compared = 0
    for stall in (stall for history in histories for stall in history.stalls):
        ended = stall.ended or UNTIL
        # The first attempt in a stall still shows what the last one before it taught.
        inside = [a.latent for a in paths[stall.learner, stall.skill] if stall.began <= a.at < ended]
        for before, after in itertools.pairwise(inside):
            assert after <= before + 1e-9
            compared += 1
            if stall.kind == "bad_habit":
                assert after < before
    assert compared > 50


def test_learning_has_diminishing_returns(histories: list[History]) -> None:
    halted = {(stall.learner, stall.skill) for history in histories for stall in history.stalls}
    free = [path for key, path in _paths(histories).items() if key not in halted and len(path) >= 8]
    means = [float(np.mean([path[n].latent for path in free])) for n in range(8)]
    gains = np.diff(means)
    assert gains[0] > 5
    assert gains[0] > gains[2] > gains[6]


def test_what_is_not_practised_fades_faster_where_it_is_an_emergency(histories: list[History]) -> None:
    kinds = {skill.code: skill.kind for skill in default_skills()}
    lost: dict[str, list[bool]] = defaultdict(list)
    for path in _paths(histories).values():
        for before, after in itertools.pairwise(path):
            if (after.at - before.at).days > 150:
                lost[kinds[before.skill]].append(after.latent < before.latent)
    assert np.mean(lost[p.SkillKind.EMERGENCY]) > np.mean(lost[p.SkillKind.KNOWLEDGE]) + 0.1


def test_the_first_marks_are_as_low_as_the_sources_say(histories: list[History]) -> None:
    first = [path[0].score >= 60 for path in _paths(histories).values()]
    assert 0.28 < np.mean(first) < 0.46


def test_some_stall_and_some_of_them_recover(histories: list[History]) -> None:
    stalls = [stall for history in histories for stall in history.stalls]
    share = len({(stall.learner, stall.skill) for stall in stalls}) / len(_paths(histories))
    assert 0.1 < share < 0.3
    assert {stall.kind for stall in stalls} == {"plateau", "bad_habit"}
    assert 0.1 < np.mean([stall.ended is not None for stall in stalls]) < 0.6


def test_hardly_anybody_practises_at_spring_festival(histories: list[History]) -> None:
    days = [attempt.at for path in _paths(histories).values() for attempt in path]
    feast = sum(date(2026, 2, 10) <= day <= date(2026, 2, 25) for day in days)
    spring = sum(date(2026, 4, 10) <= day <= date(2026, 4, 25) for day in days)
    assert feast < spring / 3
    assert attendance(date(2026, 2, 17)) < attendance(date(2026, 1, 20)) < attendance(date(2026, 4, 20))


def test_nobody_practises_before_joining_or_during_a_pause(histories: list[History]) -> None:
    first = UNTIL - timedelta(days=p.DAYS)
    for history in histories:
        for attempt in history.attempts:
            day = (attempt.at - first).days
            assert day >= history.learner.joined
            assert not history.learner.away(day)
