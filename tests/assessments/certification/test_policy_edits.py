"""Policies as plain values: edits leave the old one whole, say what differs, and name requirements by their numbers."""

import copy
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.certification import content as packs
from assessments.certification.rules import policies as plain
from assessments.certification.rules import titles
from assessments.certification.rules.lint import errors, lint
from assessments.certification.rules.policy import KINDS, Weighted, leaves_of, parse
from tests.assessments.certification.cases import TITLE, policy
from tests.assessments.certification.test_decision import RAW

SEEDS = st.integers(0, 2**32 - 1)


def places(node: Any, at: plain.Place) -> list[plain.Place]:
    """All places below and at a node."""
    below = [places(part, (*at, n)) for n, part in enumerate(plain.parts_of(node))]
    return [at, *(place for some in below for place in some)]


def random_place(rng: random.Random, content: Any) -> plain.Place:
    """Any place of any star."""
    return rng.choice([place for star in content["stars"] for place in places(star["requires"], (star["star"],))])


def hours(number: int) -> Any:
    """A requirement that no random policy holds."""
    return {"kind": "rotation_days", "min": number, "title": TITLE}


@given(SEEDS)
def test_an_edit_is_in_its_place_and_nothing_else_moves(seed: int) -> None:
    rng = random.Random(seed)
    old = policy(rng)
    kept = copy.deepcopy(old)
    place = random_place(rng, old)
    new = plain.replaced(old, place, hours(7777))
    assert old == kept
    assert plain.node_at(new, place) == hours(7777)
    assert plain.replaced(new, place, plain.node_at(old, place), plain.weight_at(old, place)) == old


@given(SEEDS)
def test_what_is_added_can_be_taken_out_again(seed: int) -> None:
    rng = random.Random(seed)
    old = policy(rng)
    groups = [
        place
        for star in old["stars"]
        for place in places(star["requires"], (star["star"],))
        if plain.word_of(plain.node_at(old, place)) in plain.GROUPS
    ]
    if not groups:
        return
    group = rng.choice(groups)
    new = plain.added(old, group, hours(7777))
    last = (*group, len(plain.parts_of(plain.node_at(old, group))))
    assert plain.node_at(new, last) == hours(7777)
    assert plain.removed(new, last) == old


@given(SEEDS)
def test_the_same_differs_in_nothing_and_an_edit_in_something(seed: int) -> None:
    rng = random.Random(seed)
    old = policy(rng)
    assert plain.differences(old, copy.deepcopy(old)) == []
    place = random_place(rng, old)
    found = plain.differences(old, plain.replaced(old, place, hours(7777)))
    assert {one.star for one in found} == {place[0]}
    assert any(one.after and one.after.get("min") == 7777 for one in found)


@given(SEEDS)
def test_a_random_policy_is_the_same_through_the_schema_of_a_pack(seed: int) -> None:
    made = policy(random.Random(seed)) | {"code": "x", "sources": ["default-policy-2026"]}
    for star in made["stars"]:
        for place in places(star["requires"], (star["star"],)):
            node = plain.node_at(made, place)
            if node.get("technique"):
                node["technique"] = "cpr-adult"
    kept = packs.PolicyFile.model_validate(made).plain()
    assert packs.PolicyFile.model_validate(kept).plain() == kept
    assert parse(kept).stars == parse(made).stars


def test_differences_name_what_is_new_dropped_and_changed() -> None:
    old = RAW["stars"]
    leaf = plain.node_at(old, (1, 1))
    new = plain.replaced(old, (1, 1), leaf | {"min": 60})
    new = plain.removed(new, (4, 1))
    new = plain.added(new, (2,), hours(30))
    found = [(one.star, one.what) for one in plain.differences(old, new | {"valid_from": "2027-01-01"})]
    assert found == [(None, "changed"), (1, "changed"), (2, "added"), (4, "removed")]


def test_holding_parts_together_in_another_way_keeps_them() -> None:
    old = {"stars": [{"star": 1, "title": TITLE, "requires": {"all": [hours(1), hours(2)]}}]}
    points = plain.regrouped(old, (1,), "weighted", 15)
    assert [part["weight"] for part in points["stars"][0]["requires"]["of"]] == [10, 10]
    heavier = plain.replaced(points, (1, 1), hours(2), 40)
    assert plain.weight_at(heavier, (1, 1)) == 40
    back = plain.regrouped(heavier, (1,), "all")
    assert back == old
    assert plain.regrouped(old, (1,), "at_least", 1)["stars"][0]["requires"] == {
        "at_least": 1,
        "of": [hours(1), hours(2)],
    }


def test_stars_come_and_go_at_the_top() -> None:
    old = RAW["stars-first-way"]
    new = plain.with_star(old)
    assert new["stars"][-1] == {
        "star": 3,
        "title": {"zh": "三星", "en": "Three stars"},
        "requires": {"all": [{"star": 2}]},
    }
    assert plain.without_star(new) == old
    with pytest.raises(plain.NoSuchPlace):
        plain.with_star(RAW["stars"])
    with pytest.raises(plain.NoSuchPlace):
        plain.without_star(plain.without_star(plain.without_star(new)))


@pytest.mark.parametrize("text", ["", "x", "1..2", "-1", "1.x", "9", "1.99", "2.0.0", "1." * 20 + "1", "99999"])
def test_no_place_is_no_place(text: str) -> None:
    with pytest.raises(plain.NoSuchPlace):
        plain.node_at(RAW["stars"], plain.read_place(text))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_title_out_of_the_numbers_says_the_numbers(kind: str) -> None:
    node = {"kind": kind, "min": 45, "level": 4, "within_days": 90, "technique": "cpr-adult", "count": 3}
    title = titles.of_requirement(node | {"distinct_assessors": 2}, {"zh": "心肺复苏", "en": "CPR"})
    assert "90" in title["en"]
    assert title["zh"] != title["en"]
    assert titles.disagrees(node | {"title": title}) is None
    if KINDS[kind][0] not in ("proofs", "clear"):
        changed = node | {"min": 46, "level": 5, "title": title}
        assert titles.disagrees(changed) in ("46", "5")


def test_the_numbers_of_the_mission_stand_in_the_default_policy() -> None:
    default = parse(RAW["stars"])
    first = {leaf.kind: leaf for leaf in leaves_of(default.stars[0].requires)}
    assert first["simulation_hours"].min == 50
    assert first["rotation_days"].min == 90
    assert (first["education_hours"].min, first["education_hours"].within_days) == (Decimal(40), 365)
    third = next(node for node in default.stars[2].requires.parts if isinstance(node, Weighted))  # type: ignore[union-attr]
    assert (third.needed, third.most) == (Decimal(75), Decimal(100))
    assert {leaf.kind for leaf in leaves_of(third)} == {"theory_exam", "practical_exam", "practice_evaluation"}
    assert [star.star for star in default.stars] == [1, 2, 3, 4, 5]
    assert errors(lint(default)) == []
    assert (default.certainty, default.second_look) == (Decimal(90), True)


def test_what_gives_points_sets_no_pass_mark() -> None:
    floor = {"kind": "theory_exam", "min": 1, "title": TITLE}
    points = {"weighted": 50, "of": [{"weight": 100, "requires": floor}]}
    raw = RAW["stars-first-way"]
    lower = plain.replaced(raw, (2, 2), points)
    assert parse(lower).pass_marks["theory_exam"] == 60
