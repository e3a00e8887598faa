"""Papers of every kind of question with their keys, and answers to them, sensible and not."""

from typing import Any

from hypothesis import strategies as st

from assessments.bank.rules.kinds import Kind
from assessments.bank.rules.marking import Multiple
from assessments.exams.rules.scoring import Event, Item, Paper

OPTIONS = tuple("ABCDE")
PROMPTS = ("1", "2", "3")
WORDS = ("窦性心律", "sinus rhythm", "Ｓｉｎｕｓ  Rhythm", "房颤", "x")
NUMBERS = (
    "12.5",
    "12",
    "13",
    "１２．５",
    "-3",
    "−3",
    "0",
    "1e1",
    "1e309",
    "nan",
    "12.50",
    "",
    "abc",
    "0.1",
    ".1",
    "7_0",
)
UNITS = ("mmHg", "MMHG", "毫米汞柱", "kPa")

_part = st.sampled_from(["1", "1/2", "2/3", "0.25"])
_spot = st.integers(0, 1000)
_areas = st.one_of(
    st.tuples(_spot, _spot, st.integers(1, 400)).map(lambda n: {"circle": list(n)}),
    st.tuples(st.integers(0, 499), st.integers(0, 499), st.integers(500, 1000), st.integers(500, 1000)).map(
        lambda n: {"rect": list(n)}
    ),
    st.lists(st.tuples(_spot, _spot).map(list), min_size=3, max_size=6).map(lambda n: {"polygon": n}),
)
KEYS: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.SINGLE: st.sampled_from(OPTIONS).map(lambda one: [one]),
    Kind.TRUE_FALSE: st.sampled_from("AB").map(lambda one: [one]),
    Kind.MULTIPLE: st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=4, unique=True).map(sorted),
    Kind.MATCHING: st.tuples(*[st.sampled_from(OPTIONS)] * 3).map(
        lambda said: {"pairs": dict(zip(PROMPTS, said, strict=True))}
    ),
    Kind.ORDERING: st.permutations(OPTIONS).map(lambda order: {"order": list(order)}),
    Kind.SHORT: st.dictionaries(st.sampled_from([WORDS[0], WORDS[1], WORDS[3]]), _part, max_size=2).map(
        lambda accepted: {"accepted": {**accepted, "x": "1"}}
    ),
    Kind.NUMERIC: st.builds(
        lambda value, tolerance, units: {"value": value, "tolerance": tolerance, **({"units": units} if units else {})},
        st.sampled_from(["12.5", "-3", "0", "10", "0.10"]),
        st.sampled_from(["0", "0.5", "1e0"]),
        st.lists(st.sampled_from(UNITS), max_size=2, unique=True),
    ),
    Kind.HOTSPOT: st.lists(_areas, min_size=1, max_size=3).map(lambda areas: {"areas": areas}),
}
_letters = st.lists(st.sampled_from(OPTIONS), max_size=6).map(tuple)
_coordinate = st.one_of(_spot.map(str), st.sampled_from(["431.5", "-1", "x", "", "1e2"]))
ANSWERS: dict[Kind, st.SearchStrategy[tuple[str, ...]]] = {
    Kind.SINGLE: _letters,
    Kind.TRUE_FALSE: _letters,
    Kind.MULTIPLE: _letters,
    Kind.MATCHING: st.lists(
        st.builds("{}{}{}".format, st.sampled_from((*PROMPTS, "9")), st.sampled_from("=="), st.sampled_from(OPTIONS))
        | st.sampled_from(["1A", "=", "2=A=B"]),
        max_size=4,
    ).map(tuple),
    Kind.ORDERING: st.permutations(OPTIONS).map(tuple) | _letters,
    Kind.SHORT: st.sampled_from(WORDS).map(lambda one: (one,)),
    Kind.NUMERIC: st.lists(st.sampled_from(NUMBERS + UNITS), min_size=1, max_size=2).map(tuple),
    Kind.HOTSPOT: st.tuples(_coordinate, _coordinate).map(lambda xy: (f"{xy[0]},{xy[1]}",)) | st.just(("500",)),
}


def right_answer(kind: str, key: Any) -> tuple[str, ...]:
    """An answer that earns everything."""
    if kind == Kind.MATCHING:
        return tuple(f"{prompt}={option}" for prompt, option in key["pairs"].items())
    if kind == Kind.ORDERING:
        return tuple(key["order"])
    if kind == Kind.SHORT:
        return (next(words for words, part in key["accepted"].items() if part == "1"),)
    if kind == Kind.NUMERIC:
        return (key["value"], *key.get("units", [])[:1])
    if kind == Kind.HOTSPOT:
        ((shape, numbers),) = key["areas"][0].items()
        return (f"{numbers[0]},{numbers[1]}",) if shape != "polygon" else ()
    return tuple(key)


@st.composite
def sittings(draw: st.DrawFn) -> tuple[Paper, dict[int, Any], list[Event]]:
    """A paper of any kinds, its key, and events of a candidate, some of them to items that are not on it."""
    items, key, events = [], {}, []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(list(Kind)))
        key[number] = draw(KEYS[kind])
        options = OPTIONS[:2] if kind == Kind.TRUE_FALSE else OPTIONS
        items.append(Item(number, kind, draw(st.integers(1, 5)), draw(st.sampled_from("xy")), options))
        for _ in range(draw(st.integers(0, 2))):
            answer = draw(ANSWERS[kind] | st.just(right_answer(kind, key[number])) | st.just(()))
            where = draw(st.integers(1, 3)), draw(st.integers(1, 9))
            events.append(Event(str(draw(st.uuids(version=4))), number, where[1], where[0], answer))
    return Paper("ab" * 32, tuple(items), draw(st.sampled_from(list(Multiple)))), key, events
