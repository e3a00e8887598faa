"""Random policies and evidence of every shape there is, and the three evaluators asked the same."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from assessments.certification.rules import cohort
from assessments.certification.rules.decision import Evidence, decide
from assessments.certification.rules.policy import KINDS, Policy, parse
from tests.assessments.certification import slow

TODAY = date(2026, 11, 22)
TITLE = {"zh": "要求", "en": "Requirement"}
RESULT_KINDS = sorted({kind for _, kinds in KINDS.values() for kind in kinds})
#: What may give points.
GIVING = sorted(KINDS.keys() - {"no_open_critical_failure"})
TECHNIQUES = [None, "cpr-adult", "bp-measurement"]
#: As the table of techniques would number them.
NUMBERS = {"cpr-adult": 7, "bp-measurement": 3}
VALUES = [Decimal(one) for one in ("1", "3", "4", "5", "20", "40", "59.999", "60", "60.5", "61", "99", "0.833", "12.5")]

Case = tuple[dict[str, Any], list[dict[str, Any]]]


def leaf(rng: random.Random, kinds: Sequence[str] = tuple(sorted(KINDS))) -> dict[str, Any]:
    kind = rng.choice(kinds)
    return {
        "kind": kind,
        "title": TITLE,
        "min": rng.choice([1, 2, 3, 40, 60, 60.5]),
        "within_days": rng.choice([None, 30, 365, 700, 10**7]),
        "count": rng.choice([1, 1, 2, 3]),
        "technique": rng.choice(TECHNIQUES),
        "level": rng.choice([None, 3, 4, 60]),
        "distinct_assessors": rng.choice([None, None, 1, 2]),
        "no_critical_failure": rng.choice([True, False]),
    }


def node(rng: random.Random, star: int, depth: int = 0) -> dict[str, Any]:
    if depth == 2 or rng.random() < 0.4:
        return leaf(rng)
    parts = [node(rng, star, depth + 1) for _ in range(rng.randint(1, 3))]
    if star > 1 and rng.random() < 0.3:
        parts.append({"star": rng.randint(1, star)})
    word = rng.choice(["all", "any", "of", "weighted"])
    if word == "weighted":
        giving = [leaf(rng, GIVING) if part.get("kind") == "no_open_critical_failure" else part for part in parts]
        shares = [{"weight": rng.choice([10, 12.5, 30, 33.3]), "requires": part} for part in giving]
        return {"weighted": rng.choice([5, 12.5, 20, 31.25, 60]), "of": shares}
    return {"at_least": rng.randint(1, len(parts) + 1), "of": parts} if word == "of" else {word: parts}


def policy(rng: random.Random) -> dict[str, Any]:
    numbers = rng.choice([[1], [1, 2], [1, 2, 3], [1, 3], [2], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]])
    stars = [{"star": n, "title": TITLE, "requires": node(rng, n)} for n in numbers]
    return {"code": "random", "version": 1, "valid_from": "2026-01-01", "title": TITLE, "stars": stars}


def evidence(rng: random.Random, size: int, first: int = 1) -> list[dict[str, Any]]:
    return [
        {
            "id": first + n,
            "kind": rng.choice(RESULT_KINDS),
            "value": rng.choice(VALUES),
            "on_day": TODAY + timedelta(days=rng.choice([0, -30, -31, -365, -366, rng.randint(-800, 60)])),
            "valid_until": rng.choice([None, None, TODAY, TODAY + timedelta(days=rng.randint(-300, 300))]),
            "technique": rng.choice(TECHNIQUES),
            "assessor": rng.choice([None, 1, 2, 3]),
            "critical_failure": rng.random() < 0.2,
        }
        for n in range(size)
    ]


def columns(bodies: Sequence[Sequence[dict[str, Any]]]) -> cohort.Columns:
    """The evidence of many, the way the database packs it; persons are numbered from 1, and rows come mixed."""
    rows = [(person, one) for person, body in enumerate(bodies, 1) for one in body]
    random.Random(len(rows)).shuffle(rows)

    def column(value: Any) -> Any:
        return np.array([value(one) for _, one in rows], np.int64)

    return cohort.Columns(
        person=np.array([person for person, _ in rows], np.int64),
        id=column(lambda one: one["id"]),
        kind=column(lambda one: cohort.RESULT_KINDS.index(one["kind"])),
        technique=column(lambda one: NUMBERS.get(one["technique"], cohort.NOTHING)),
        value=column(lambda one: int(one["value"] * 1000)),
        on_day=column(lambda one: one["on_day"].toordinal()),
        until=column(lambda one: one["valid_until"].toordinal() if one["valid_until"] else cohort.EVER),
        assessor=column(lambda one: cohort.NOTHING if one["assessor"] is None else one["assessor"]),
        critical=column(lambda one: one["critical_failure"]).astype(np.bool_),
    )


def set_based(parsed: Policy, bodies: Sequence[Sequence[dict[str, Any]]], on: date = TODAY) -> cohort.Verdicts:
    """What the evaluator over columns says of everybody."""
    return cohort.evaluate(parsed, columns(bodies), np.arange(1, len(bodies) + 1), NUMBERS, on)


def differences(rng: random.Random, persons: int) -> list[str]:
    """One random policy, so many persons, three evaluators: where they do not say the same, if anywhere."""
    raw = policy(rng)
    parsed = parse(raw)
    bodies = [evidence(rng, rng.choice([0, 3, 12, 40]), 1000 * n + 1) for n in range(persons)]
    fast = set_based(parsed, bodies)
    found = []
    for n, body in enumerate(bodies):
        made = decide(parsed, [Evidence(**row) for row in body], TODAY)
        told = (int(fast.star[n]), date_of(fast.changes_on[n]))
        if told != (made.star, made.changes_on) or made.star != slow.stars(raw, body, TODAY):
            found.append(f"set-based {told}, plain {(made.star, made.changes_on)}, slow {slow.stars(raw, body, TODAY)}")
        leaves = [leaf for star in made.stars for leaf in star.requires.leaves()]
        if [int(have[n]) for have in fast.have] != [int(leaf.have * 1000) for leaf in leaves]:
            found.append(f"other numbers: {raw} {body}")
    return found


def date_of(ordinal: Any) -> date | None:
    """The day, or None for never."""
    return None if ordinal >= cohort.EVER else date.fromordinal(int(ordinal))
