"""For whom a sheet counts: rulings move it, let it count or not, and never lose one."""

from hypothesis import given
from hypothesis import strategies as st

from assessments.osce.rules.judging import (
    Cell,
    Handed,
    Judged,
    Kept,
    Missed,
    Ruled,
    Ruling,
    alone,
    in_force,
    judge,
    placed,
    ruled,
    whole_hash,
)

STATIONS, CANDIDATES = st.integers(1, 2), st.integers(1, 3)


@st.composite
def archives(draw: st.DrawFn) -> list[Kept]:
    """Sheets, some of which correct an earlier one that was written in the same place."""
    found: list[Kept] = []
    for number in range(draw(st.integers(0, 8))):
        free = [one for one in found if one.id not in {other.supersedes for other in found}]
        if free and draw(st.booleans()):
            earlier = draw(st.sampled_from(free))
            found.append(Kept(f"{number}", earlier.station, earlier.candidate, earlier.id))
        else:
            found.append(Kept(f"{number}", draw(STATIONS), draw(CANDIDATES)))
    return found


@st.composite
def moves(draw: st.DrawFn, sheets: list[Kept]) -> list[Ruling]:
    chosen = draw(st.lists(st.sampled_from(sheets), unique=True, max_size=4)) if sheets else []
    return [
        Ruling(at, Ruled.MOVED, one.station, one.candidate, one.id, draw(CANDIDATES))
        for at, one in enumerate(chosen, 1)
    ]


@given(st.data())
def test_every_sheet_counts_somewhere_or_is_corrected_by_one_about_the_same_candidate(data: st.DataObject) -> None:
    sheets = data.draw(archives())
    rulings = data.draw(moves(sheets))
    found = placed(sheets, rulings, frozenset())
    where = {number: place for place, numbers in found.items() for number in numbers}
    assert sum(map(len, found.values())) == len(where), "no sheet counts twice"
    to = {one.sheet: one.to for one in rulings}
    for one in sheets:
        about = (one.station, to.get(one.id) or one.candidate)
        if one.id in where:
            assert where[one.id] == about
        else:
            later = next(other for other in sheets if other.supersedes == one.id)
            assert (later.station, to.get(later.id) or later.candidate) == about


@given(st.data())
def test_undoing_every_ruling_leads_back(data: st.DataObject) -> None:
    sheets = data.draw(archives())
    rulings = data.draw(moves(sheets))
    undone = [Ruling(100 + one.id, Ruled.UNDONE, one.station, one.candidate, undoes=one.id) for one in rulings]
    assert in_force([*rulings, *undone]) == []
    assert placed(sheets, in_force([*rulings, *undone]), frozenset()) == placed(sheets, [], frozenset())
    assert in_force(rulings) == rulings


@given(archives(), st.sets(st.integers(0, 8).map(str)))
def test_what_once_lay_aside_counts_only_while_it_is_accepted(sheets: list[Kept], aside: set[str]) -> None:
    counted = {number for numbers in placed(sheets, [], aside).values() for number in numbers}
    assert not counted & aside
    accepted = [
        Ruling(at, Ruled.ACCEPTED, one.station, one.candidate, one.id)
        for at, one in enumerate((one for one in sheets if one.id in aside), 1)
    ]
    assert placed(sheets, accepted, aside) == placed(sheets, [], frozenset())


def handed(number: str, examiner: int = 1, points: int = 1) -> Handed:
    return Handed(number, examiner, {"a": points}, "pass", number.encode() * 32)


EMPTY = judge([], {})


def test_a_void_holds_whatever_comes() -> None:
    void = [Ruling(1, Ruled.VOIDED, 1)]
    for sheets in ([], [handed("a")], [handed("a"), handed("b", 2, 0)]):
        assert ruled(judge(sheets, {}), void).cell is Cell.VOIDED
        assert ruled(judge(sheets, {}), void).counts is None


def test_a_word_about_an_absent_candidate_holds_until_a_sheet_comes() -> None:
    for missed, cell in ((Missed.EXCUSED, Cell.AWAITED), (Missed.FAILED, Cell.ABSENT), (Missed.LEFT_OUT, Cell.VOIDED)):
        said = [Ruling(1, Ruled.MISSED, 1, 1, missed=missed, over=EMPTY.over)]
        assert ruled(EMPTY, said).cell is cell
        assert ruled(judge([handed("a")], {}), said).cell is Cell.MARKED


def test_the_last_word_about_an_absent_candidate_counts() -> None:
    said = [
        Ruling(1, Ruled.MISSED, 1, 1, missed=Missed.EXCUSED, over=EMPTY.over),
        Ruling(2, Ruled.MISSED, 1, 1, missed=Missed.FAILED, over=EMPTY.over),
    ]
    assert ruled(EMPTY, said).cell is Cell.ABSENT


def test_a_sheet_accepted_in_place_of_the_others_counts_alone() -> None:
    sheets = [handed("a"), handed("b", 2, 0)]
    said = [Ruling(1, Ruled.ACCEPTED, 1, 1, "b", alone=True)]
    assert judge(alone(sheets, said), {}).counts == "b"
    assert judge(alone(sheets, []), {}).cell is Cell.DIFFERENT
    assert alone(sheets, [Ruling(1, Ruled.ACCEPTED, 1, 1, "gone", alone=True)]) == sheets


def test_hashes_without_rulings_are_what_they_were() -> None:
    judged = judge([handed("a")], {})
    assert whole_hash([(1, 2, judged)]) == whole_hash([(1, 2, Judged(judged.cell, judged.counts, judged.over))])
    assert whole_hash([(1, 2, judged)]).hex() == KNOWN
    assert whole_hash([(1, 2, ruled(judged, [Ruling(1, Ruled.VOIDED, 1)]))]).hex() != KNOWN


#: Made before there were rulings: the name of something already decided does not change.
KNOWN = "c1d4b042ccad30cfc7a46c90d7a8f059e1c0dbbb23511e140fab358f63ba98f7"
