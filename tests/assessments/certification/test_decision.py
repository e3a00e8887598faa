"""The decision: its properties, and a second implementation that must agree."""

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

import config
from assessments.certification.rules import ladder
from assessments.certification.rules.decision import Evidence, decide, evidence_hash
from assessments.certification.rules.policy import KINDS, PolicyWrong, parse
from tests.assessments.certification import slow

FOLDER = config.CHECKOUT / "content" / "policies"
RAW = {path.stem: YAML(typ="safe").load(path) for path in sorted(FOLDER.glob("*.yaml"))}
TODAY = date(2026, 11, 22)
RESULT_KINDS = sorted({kind for _, kinds in KINDS.values() for kind in kinds})
TECHNIQUES = [None, "cpr-adult", "bp-measurement"]
TITLE = {"zh": "要求", "en": "Requirement"}

results = st.builds(
    Evidence,
    id=st.integers(1, 40),
    kind=st.sampled_from(RESULT_KINDS),
    value=st.decimals(0, 100, places=1),
    on_day=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    valid_until=st.none() | st.dates(date(2025, 1, 1), date(2028, 1, 1)),
    technique=st.sampled_from(TECHNIQUES),
    assessor=st.none() | st.integers(1, 4),
    critical_failure=st.booleans(),
)
bodies = st.lists(results, max_size=25, unique_by=lambda one: one.id)


def leaves(rng: random.Random) -> dict[str, Any]:
    kind = rng.choice(sorted(KINDS))
    return {
        "kind": kind,
        "title": TITLE,
        "min": rng.choice([1, 2, 3, 40, 60]),
        "within_days": rng.choice([None, 30, 365, 700]),
        "count": rng.choice([1, 1, 2, 3]),
        "technique": rng.choice(TECHNIQUES),
        "level": rng.choice([None, 3, 4, 60]),
        "distinct_assessors": rng.choice([None, None, 1, 2]),
        "no_critical_failure": rng.choice([True, False]),
    }


def node(rng: random.Random, star: int, depth: int = 0) -> dict[str, Any]:
    if depth == 2 or rng.random() < 0.4:
        return leaves(rng)
    parts = [node(rng, star, depth + 1) for _ in range(rng.randint(1, 3))]
    if star > 1 and rng.random() < 0.3:
        parts.append({"star": rng.randint(1, star)})
    word = rng.choice(["all", "any", "of"])
    return {"at_least": rng.randint(1, len(parts) + 1), "of": parts} if word == "of" else {word: parts}


def policy(rng: random.Random) -> dict[str, Any]:
    numbers = rng.choice([[1], [1, 2], [1, 2, 3], [1, 3], [2], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]])
    stars = [{"star": n, "title": TITLE, "requires": node(rng, n)} for n in numbers]
    return {"code": "random", "version": 1, "valid_from": "2026-01-01", "title": TITLE, "stars": stars}


def evidence(rng: random.Random, size: int) -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "kind": rng.choice(RESULT_KINDS),
            "value": Decimal(rng.choice([1, 3, 4, 5, 20, 40, 60, 61, 99])),
            "on_day": TODAY + timedelta(days=rng.randint(-800, 60)),
            "valid_until": rng.choice([None, None, TODAY, TODAY + timedelta(days=rng.randint(-300, 300))]),
            "technique": rng.choice(TECHNIQUES),
            "assessor": rng.choice([None, 1, 2, 3]),
            "critical_failure": rng.random() < 0.2,
        }
        for n in range(size)
    ]


def test_two_implementations_agree_on_thousands_of_cases() -> None:
    rng, seen = random.Random(20261122), set()
    for _ in range(6000):
        raw = policy(rng)
        rows = evidence(rng, rng.choice([0, 3, 10, 40, 150]))
        found = decide(parse(raw), [Evidence(**row) for row in rows], TODAY).star
        assert found == slow.stars(raw, rows, TODAY), (raw, rows)
        seen.add(found)
    assert seen == {0, 1, 2, 3, 4, 5}  # else the cases would be too poor to mean anything


@pytest.mark.parametrize("name", sorted(RAW))
def test_two_implementations_agree_on_the_policies_that_are_shipped(name: str) -> None:
    rng, parsed = random.Random(name), parse(RAW[name])
    for _ in range(500):
        rows = evidence(rng, rng.choice([5, 60, 200]))
        for row in rows:
            row["value"] = Decimal(rng.choice([4, 5, 60, 90]))
            row["technique"] = rng.choice([leaf.technique for leaf in parsed.leaves()])
        assert decide(parsed, [Evidence(**row) for row in rows], TODAY).star == slow.stars(RAW[name], rows, TODAY)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(RAW)), bodies, bodies, st.dates(date(2024, 1, 1), date(2028, 1, 1)))
def test_more_evidence_never_lowers_a_star(name: str, some: list[Evidence], more: list[Evidence], on: date) -> None:
    parsed = parse(RAW[name])
    added = [*some, *(one for one in more if one.id not in {s.id for s in some})]
    assert decide(parsed, added, on).star >= decide(parsed, some, on).star


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), bodies, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(seed: int, some: list[Evidence], shuffler: random.Random) -> None:
    parsed = parse(policy(random.Random(seed)))
    once = decide(parsed, some, TODAY)
    mixed = [*some, *some]
    shuffler.shuffle(mixed)
    again = decide(parsed, mixed, TODAY)
    assert again == once
    assert again.as_json() == once.as_json()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), bodies, st.dates())
def test_no_star_is_skipped_and_every_date_is_defined(seed: int, some: list[Evidence], on: date) -> None:
    parsed = parse(policy(random.Random(seed)))
    made = decide(parsed, some, on)
    below = [star for star in made.stars if star.star <= made.star]
    assert [star.star for star in below] == list(range(1, made.star + 1))
    assert all(star.reached and star.requires.met for star in below)
    assert not any(star.reached for star in made.stars if star.star > made.star)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), bodies, st.dates(date(2025, 1, 1), date(2027, 1, 1)))
def test_nothing_changes_before_the_day_that_is_named(seed: int, some: list[Evidence], on: date) -> None:
    parsed = parse(policy(random.Random(seed)))
    made = decide(parsed, some, on)
    until = min(made.changes_on or on + timedelta(days=1000), on + timedelta(days=1000))
    for days in range(0, (until - on).days, 7):
        assert decide(parsed, some, on + timedelta(days=days)).star <= made.star or made.changes_on is None
        assert decide(parsed, some, on + timedelta(days=days)).star == made.star


@given(bodies)
def test_the_hash_of_evidence_sees_every_change(some: list[Evidence]) -> None:
    assert evidence_hash(some) == evidence_hash(reversed(some))
    for one in some:
        others = [two for two in some if two.id != one.id]
        assert evidence_hash(others) != evidence_hash(some)
        changed = Evidence(**{**one.__dict__, "value": one.value + 1})
        assert evidence_hash([*others, changed]) != evidence_hash(some)


def test_it_says_what_is_owed_what_counted_and_what_expired() -> None:
    encounters = [Evidence(n, "workplace_encounter", Decimal(80), TODAY, assessor=n % 2) for n in range(10)]
    old = Evidence(99, "workplace_encounter", Decimal(80), TODAY - timedelta(days=366), assessor=7)
    made = decide(parse(RAW["stars"]), [*encounters, old], TODAY)
    leaf = next(p for p in made.stars[3].requires.parts if p.leaf and p.leaf.kind == "workplace_encounters")
    assert (leaf.have, leaf.needed, leaf.owed) == (10, 12, 2)
    assert (leaf.assessors, leaf.assessors_owed) == (2, 1)
    assert leaf.counted == tuple(range(10))
    assert leaf.expired == (99,)


def test_the_last_day_counts_and_the_next_one_does_not() -> None:
    body = [Evidence(1, "theory_exam", Decimal(60), date(2026, 1, 1), valid_until=date(2026, 6, 30))]
    parsed = parse(RAW["stars-first-way"])
    assert decide(parsed, body, date(2026, 6, 30)).star == 1
    assert decide(parsed, body, date(2026, 6, 30)).changes_on == date(2026, 7, 1)
    assert decide(parsed, body, date(2026, 7, 1)).star == 0
    assert decide(parsed, body, date(2025, 12, 31)).star == 0


def test_at_most_five_rows_and_what_is_begun_first() -> None:
    body = [Evidence(1, "workplace_encounter", Decimal(80), TODAY, assessor=1)]
    explained = decide(parse(RAW["stars"]), body, TODAY).as_json()
    rows = ladder.wants(explained["stars"][3])
    assert len(rows) == 5
    assert (rows[0].kind, rows[0].have, rows[0].need, rows[0].owed) == ("workplace_encounters", 1, 12, 11)
    assert ladder.wants(explained["stars"][4])[0].of == 10


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"stars": []}, ("stars",)),
        ({"version": 0}, ("version",)),
        ({"valid_from": "soon"}, ("valid_from",)),
        ({"certificate": {"number": "always"}}, ("certificate", "number")),
        ({"certificate": {"number": "{secret}"}}, ("certificate", "number")),
        ({"stars": [{"star": 6, "title": TITLE, "requires": {}}]}, ("stars", 0, "star")),
        ({"stars": [{"star": 1, "title": TITLE, "requires": {}}]}, ("stars", 0, "requires")),
        ({"stars": [{"star": 1, "title": TITLE, "requires": {"kind": "luck"}}]}, ("stars", 0, "requires", "kind")),
        ({"stars": RAW["stars"]["stars"][:1] * 2}, ("stars", 1, "star")),
    ],
)
def test_what_is_no_policy_is_refused_at_its_place(change: dict[str, Any], where: tuple[Any, ...]) -> None:
    with pytest.raises(PolicyWrong) as refused:
        parse(RAW["stars-first-way"] | change)
    assert refused.value.where == where
