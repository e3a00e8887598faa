"""The decision once more, written to be read and not to be fast, straight from the policy's plain values.

It shares no line with rules/decision.py: what both say the same of is most likely what was meant.
"""

from datetime import timedelta
from typing import Any

PROVING = {"practical_exam", "practice_evaluation", "workplace_encounter", "simulated_case", "entrustment"}
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
    parts = node.get("all") or node.get("any") or node["of"]
    wanted = len(parts) if "all" in node else 1 if "any" in node else node["at_least"]
    return [met(part, policy, evidence, on, held) for part in parts].count(True) >= wanted


def leaf(node: dict[str, Any], policy: dict[str, Any], evidence: list[dict[str, Any]], on: Any) -> bool:
    """Whether one requirement is met."""
    good = []
    for one in evidence:
        if one["on_day"] > on or (one["valid_until"] and one["valid_until"] < on):
            continue
        if node.get("within_days") is not None and one["on_day"] + timedelta(days=node["within_days"]) < on:
            continue
        if node.get("technique") and one["technique"] != node["technique"]:
            continue
        if node.get("no_critical_failure") and one["critical_failure"]:
            continue
        if fits(node, policy, one):
            good.append(one)
    assessors = {one["assessor"] for one in good} - {None}
    if len(assessors) < (node.get("distinct_assessors") or 0):
        return False
    if node["kind"] in MARKED:
        return len(good) >= (node.get("count") or 1)
    if node["kind"] in ("simulation_hours", "education_hours", "rotation_days"):
        return sum(one["value"] for one in good) >= node["min"]
    return len(good) >= node["min"]


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
    marks = [wanted["min"] for wanted in requirements(policy) if wanted["kind"] == one["kind"]]
    return bool(marks) and bool(one["value"] >= min(marks))


def requirements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """All leaves of all trees."""
    found, left = [], [star["requires"] for star in policy["stars"]]
    while left:
        node = left.pop()
        if "kind" in node:
            found.append(node)
        left += node.get("all") or node.get("any") or node.get("of") or []
    return found
