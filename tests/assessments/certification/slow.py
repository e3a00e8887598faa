"""The decision once more, written to be read and not to be fast, straight from the policy's plain values.

It shares no line with rules/decision.py: what both say the same of is most likely what was meant.
"""

from fractions import Fraction
from math import floor
from typing import Any

PROVING = {"practical_exam", "practice_evaluation", "workplace_encounter", "simulated_case", "entrustment"}
FAILING = {"practical_exam", "practice_evaluation", "workplace_encounter", "simulated_case"}
MARKED = {"theory_exam", "practical_exam", "practice_evaluation"}
CALLED = {"education_hours": "theory_hours", "workplace_encounters": "workplace_encounter"}


def stars(policy: dict[str, Any], evidence: list[dict[str, Any]], on: Any) -> int:
    """How many stars: the highest one of which it and every one below are met."""
    held = 0
    by_number = {star["star"]: star for star in policy["stars"]}
    while held + 1 in by_number and met(by_number[held + 1]["requires"], policy, evidence, on, held):
        held += 1
    return held


def met(node: dict[str, Any], policy: dict[str, Any], evidence: list[dict[str, Any]], on: Any, held: int) -> bool:
    """Whether one node of the tree is met."""
    if "kind" in node:
        return leaf(node, policy, evidence, on)
    if "star" in node:
        return held >= node["star"]
    if "weighted" in node:
        points = [
            Fraction(str(part["weight"])) * share(part["requires"], policy, evidence, on, held) for part in node["of"]
        ]
        return sum(points) >= Fraction(str(node["weighted"]))
    parts = node.get("all") or node.get("any") or node["of"]
    wanted = len(parts) if "all" in node else 1 if "any" in node else node["at_least"]
    return [met(part, policy, evidence, on, held) for part in parts].count(True) >= wanted


def share(node: dict[str, Any], policy: dict[str, Any], evidence: list[dict[str, Any]], on: Any, held: int) -> Fraction:
    """How far a part is reached, from nothing to one: what it gives points for."""
    if "kind" not in node or node["kind"] == "no_open_critical_failure":
        return Fraction(met(node, policy, evidence, on, held))
    good = counting(node, policy, evidence, on)
    if node["kind"] in MARKED:
        wanted = node.get("count") or 1
        marks = sorted((Fraction(one["value"]) for one in good), reverse=True)[:wanted]
        reached = sum(marks, Fraction(0)) / wanted / 100
    else:
        reached = min(Fraction(amount(node, good)) / Fraction(str(node["min"])), Fraction(1))
    if node.get("distinct_assessors"):
        reached *= min(Fraction(len(assessors_in(good)), node["distinct_assessors"]), Fraction(1))
    return reached


def leaf(node: dict[str, Any], policy: dict[str, Any], evidence: list[dict[str, Any]], on: Any) -> bool:
    """Whether one requirement is met."""
    if node["kind"] == "no_open_critical_failure":
        return not any(is_open(one, node, policy, evidence, on) for one in evidence)
    good = counting(node, policy, evidence, on)
    if len(assessors_in(good)) < (node.get("distinct_assessors") or 0):
        return False
    if node["kind"] in MARKED:
        return len(good) >= (node.get("count") or 1)
    return amount(node, good) >= Fraction(str(node["min"]))


def assessors_in(good: list[dict[str, Any]]) -> set[int]:
    """Everybody who assessed any of these."""
    return {one["assessor"] for one in good} - {None}


def amount(node: dict[str, Any], good: list[dict[str, Any]]) -> Fraction:
    """How much there is: hours by the minute (cut to thousandths), days, or how many."""
    if node["kind"] in ("simulation_hours", "education_hours"):
        minutes = sum(floor(Fraction(one["value"]) * 60 + Fraction(1, 2)) for one in good)
        return Fraction(floor(Fraction(minutes, 60) * 1000), 1000)
    if node["kind"] == "rotation_days":
        return sum((Fraction(one["value"]) for one in good), Fraction(0))
    return Fraction(len(good))


def counting(
    node: dict[str, Any], policy: dict[str, Any], evidence: list[dict[str, Any]], on: Any
) -> list[dict[str, Any]]:
    """What counts for one requirement today."""
    good = []
    for one in evidence:
        if one["on_day"] > on or (one["valid_until"] and one["valid_until"] < on):
            continue
        if node.get("within_days") is not None and (on - one["on_day"]).days > node["within_days"]:
            continue
        if node.get("technique") and one["technique"] != node["technique"]:
            continue
        if node.get("no_critical_failure") and one["critical_failure"]:
            continue
        if fits(node, policy, one):
            good.append(one)
    return good


def is_open(
    one: dict[str, Any], node: dict[str, Any], policy: dict[str, Any], evidence: list[dict[str, Any]], on: Any
) -> bool:
    """Whether this is a critical failure that nothing later has made good."""
    if not one["critical_failure"] or one["kind"] not in FAILING or one["on_day"] > on:
        return False
    if node.get("technique") and one["technique"] != node["technique"]:
        return False
    if node.get("within_days") is not None and (on - one["on_day"]).days > node["within_days"]:
        return False
    for other in evidence:
        alike = other["kind"] == one["kind"] and other["technique"] == one["technique"]
        later = one["on_day"] <= other["on_day"] <= on and (other["on_day"], other["id"]) > (one["on_day"], one["id"])
        if alike and later and not other["critical_failure"] and other["value"] >= pass_mark(policy, other["kind"], 0):
            return False
    return True


def fits(node: dict[str, Any], policy: dict[str, Any], one: dict[str, Any]) -> bool:
    """Whether the result is of the kind, and good enough in itself."""
    if node["kind"] == "skill_currency":
        return proves(policy, one)
    if one["kind"] != CALLED.get(node["kind"], node["kind"]):
        return False
    if node["kind"] in MARKED:
        return bool(one["value"] >= node["min"])
    if node["kind"] == "entrustment":
        return bool(node.get("level") and one["value"] >= node["level"])
    return True


def proves(policy: dict[str, Any], one: dict[str, Any]) -> bool:
    """A proof of a skill: of a proving kind, nothing critical failed, and passed if it is a mark."""
    if one["kind"] not in PROVING or one["critical_failure"]:
        return False
    if one["kind"] not in MARKED:
        return True
    return bool(one["value"] >= pass_mark(policy, one["kind"], 101))


def pass_mark(policy: dict[str, Any], kind: str, otherwise: int) -> Any:
    """The lowest mark any requirement wants of a kind; what merely gives points does not say."""
    marks = [wanted["min"] for wanted in requirements(policy) if wanted["kind"] == kind and kind in MARKED]
    return min(marks, default=otherwise)


def requirements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """All leaves of all trees, but those that give points."""
    found, left = [], [star["requires"] for star in policy["stars"]]
    while left:
        node = left.pop()
        if "kind" in node:
            found.append(node)
        left += [] if "weighted" in node else node.get("all") or node.get("any") or node.get("of") or []
    return found
