"""Two versions compared: nothing is invented, nothing left out."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assessments.stations.rules.changes import between, items, lines
from tests.assessments.stations.test_flaws import LEVELS, item

TEXTS = st.lists(st.sampled_from(["甲", "乙", "丙", "", "戊 己"]), max_size=8).map("\n".join)
CHECKLISTS = st.lists(
    st.builds(item, st.sampled_from("abcdef"), points=st.integers(1, 3), key=st.booleans()),
    max_size=6,
    unique_by=lambda one: one["code"],
)


@given(TEXTS, TEXTS)
def test_the_pieces_of_a_text_make_both_sides(old: str, new: str) -> None:
    found = lines(old, new)
    assert "\n".join(one.text for one in found if one.kind != "new") == old
    assert "\n".join(one.text for one in found if one.kind != "gone") == new


@given(CHECKLISTS, CHECKLISTS)
def test_every_item_that_differs_is_named_once(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    found = items(old, new)
    before, after = {one["code"]: one for one in old}, {one["code"]: one for one in new}
    named = [(one.after or one.before or {})["code"] for one in found]
    assert len(named) == len(set(named))
    of = {kind: {code for code, one in zip(named, found, strict=True) if one.kind == kind} for kind in _KINDS}
    assert of["gone"] == before.keys() - after.keys()
    assert of["new"] == after.keys() - before.keys()
    assert of["changed"] == {code for code in before.keys() & after.keys() if before[code] != after[code]}
    stayed = [code for code in after if code in before and code not in of["moved"] | of["changed"]]
    assert stayed == [code for code in before if code in set(stayed)]


_KINDS = ("gone", "new", "moved", "changed")


@given(CHECKLISTS)
def test_what_is_the_same_has_no_changes(checklist: list[dict[str, Any]]) -> None:
    one = whole(checklist)
    found = between(one, copy.deepcopy(one))
    assert not found.any
    assert set(found.same) >= {"title", "candidate", "levels", "items"}


def test_the_words_of_a_change() -> None:
    old, new = whole([item("a"), item("b")]), whole([item("b", points=3, steps=[0, 3]), item("a"), item("c")])
    new["candidate"] = "先问\n再查"
    new["key_rule"] = {"at_least": 2, "of": 3, "with_keys": 0}
    found = between(old, new)
    assert set(found.texts) == {"candidate", "key_rule"}
    assert [(one.kind, (one.after or {}).get("code"), one.fields) for one in found.items] == [
        ("changed", "b", ("points", "steps")),
        *[("moved", "a", ())] * ([one.kind for one in found.items].count("moved")),
        ("new", "c", ()),
    ]


def whole(checklist: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": {"zh": "题", "en": "Title"},
        "technique": None,
        "minutes": 8,
        "candidate": "先问",
        "examiner": "看",
        "patient": "",
        "equipment": ["表"],
        "items": checklist,
        "key_rule": None,
        "pass_percent": "60",
        "levels": LEVELS,
    }
