"""The board as officers narrow it: what waits for somebody, how much there is of it, and who has not uploaded."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assessments.osce.models import CircuitCandidate, CircuitStation
from assessments.osce.queries.sheets import Board
from assessments.osce.rules.judging import Cell

#: What is shown when a sheet lies aside undecided, beside the states of a square.
ASIDE = "aside"
#: States that wait for somebody while a circuit runs.
OPEN = (Cell.MISSING, Cell.AWAITED, Cell.DIFFERENT)


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for on the board; empty words do not narrow."""

    words: str = ""
    show: str = ""


def rows(board: Board, wanted: Wanted) -> list[CircuitCandidate]:
    """The candidates that fit, by number: by name or number, and with a square that stands as asked."""
    return [one for one in board.candidates if _named(one, wanted.words) and _stands(board, one.id, wanted.show)]


def _named(one: CircuitCandidate, words: str) -> bool:
    return not words or words in one.name or words == str(one.number)


def _stands(board: Board, candidate: int, show: str) -> bool:
    if not show:
        return True
    squares = [board.squares[place.id, candidate] for place in board.stations]
    if show == ASIDE:
        return any(square.asides for square in squares)
    return any(square.judged.cell == show for square in squares)


def counts(board: Board) -> dict[str, int]:
    """How many squares stand like this, and how many sheets lie aside."""
    found = Counter(square.judged.cell for square in board.squares.values())
    return {cell: found[cell] for cell in Cell} | {ASIDE: board.asides}


@dataclass(frozen=True)
class Upload:
    """One examiner at one station: what came, what could still be on the tablet, and when it was last heard."""

    station: CircuitStation
    examiner: int
    name: str
    came: int
    missing: int
    heard: datetime | None


def uploads(board: Board, heard: Mapping[int, datetime]) -> list[Upload]:
    """Examiners at stations where sheets are missing, those longest unheard first.

    `came` counts the sheets of the examiner at that station; `missing` are the candidates of the station without one.
    """
    found = []
    for place in board.stations:
        squares = [board.squares[place.id, one.id] for one in board.candidates]
        missing = sum(square.judged.cell in (Cell.MISSING, Cell.AWAITED) for square in squares)
        came = Counter(sheet.examiner_id for square in squares for sheet in square.sheets)
        if not missing:
            continue
        those = {one.examiner_id: one.name for one in place.examiners if one.in_force or came[one.examiner_id]}
        found += [
            Upload(place, number, name, came[number], missing, heard.get(number)) for number, name in those.items()
        ]
    return sorted(found, key=lambda one: (one.heard is not None, one.heard or 0, one.station.position))
