"""Slots for stations that a candidate has still to do: in positions that are free, else in turns after the last.

For one candidate the choice of turns is a minimum-cost matching of stations to turns (scipy linear_sum_assignment): as
early as can be, in the own track where it makes no difference. Several candidates are served one after another in their
order; that the last of them could not have been done earlier by another order is not claimed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import scipy

from assessments.osce.rules.rotation import DAY, Cannot, Impossible, Turn, clear_of
from assessments.osce.rules.timetable import Booking, Bound, Plan, Visit

_FAR = 1e6
Cell = tuple[int, int]  # track, position


def make_up(plan: Plan, wants: Mapping[int, Sequence[int]], since: int, barred: Collection[tuple[int, int]]) -> Plan:
    """The plan with these stations of these candidates placed in turns that begin at `since` or later."""
    ready = [turn for turn in plan.turns if turn.begins >= since]
    times = ready + _after(plan, since, sum(len(stations) for stations in wants.values()))
    board = _Board(plan, barred)
    placed = [visit for candidate, stations in wants.items() for visit in board.place(candidate, stations, times)]
    last = max((visit.turn for visit in placed), default=0)
    turns = plan.turns + tuple(turn for turn in times if plan.turns[-1].number < turn.number <= last)
    longer = replace(plan, turns=turns, visits=plan.visits + tuple(placed))
    return lasting(longer, max(plan.ends, turns[-1].begins + plan.cycle))


def lasting(plan: Plan, ends: int) -> Plan:
    """The plan with what lasts until the end of its day lasting until another end."""
    was = plan.ends
    return replace(plan, bookings=tuple(replace(b, ends=ends) if b.ends == was else b for b in plan.bookings))


def _after(plan: Plan, since: int, most: int) -> list[Turn]:
    """Turns after the last one, as many as could be needed and as the day has."""
    made: list[Turn] = []
    last = plan.turns[-1]
    at = max(last.begins + plan.cycle + plan.change, since)
    while len(made) < most:
        at = clear_of(plan.breaks, at, plan.cycle)
        if at + plan.cycle > DAY:
            break
        made.append(Turn(last.number + len(made) + 1, last.wave + 1, at))
        at += plan.cycle + plan.change
    return made


class _Board:
    """Which posts are free in which turn, and who examines there."""

    def __init__(self, plan: Plan, barred: Collection[tuple[int, int]]) -> None:
        self._plan, self._barred = plan, barred
        self._taken = {(visit.turn, visit.track, visit.position) for visit in plan.visits}
        self._busy = {(visit.turn, visit.candidate) for visit in plan.visits if not visit.missed}
        self._bound: dict[tuple[Bound, Cell], list[Booking]] = defaultdict(list)
        for booking in plan.bookings:
            self._bound[booking.kind, (booking.track, booking.position)].append(booking)
        self._cells: dict[int, list[Cell]] = defaultdict(list)
        for track in range(1, plan.tracks + 1):
            for place in plan.places:
                if place.station is not None:
                    self._cells[place.station].append((track, place.position))
        self._track = {
            candidate: Counter(visit.track for visit in plan.visits if visit.candidate == candidate).most_common(1)[0][
                0
            ]
            for candidate in {visit.candidate for visit in plan.visits}
        }

    def _there(self, kind: Bound, cell: Cell, at: int) -> list[Booking]:
        """What is bound to a post at a moment; what lasts until the end of the day lasts on."""
        return [b for b in self._bound[kind, cell] if b.begins <= at and (at < b.ends or b.ends == self._plan.ends)]

    def _open(self, candidate: int, cell: Cell, turn: Turn) -> bool:
        if (turn.number, *cell) in self._taken or not self._there(Bound.ROOM, cell, turn.begins):
            return False
        seated = self._there(Bound.EXAMINER, cell, turn.begins)
        return bool(seated) and not any((b.person, candidate) in self._barred for b in seated)

    def _choices(self, candidate: int, station: int, turn: Turn) -> list[Cell]:
        """The posts of a station that are free for a candidate in a turn, the own track first."""
        own = self._track.get(candidate, 1)
        cells = sorted(self._cells[station], key=lambda cell: (cell[0] != own, cell))
        return [cell for cell in cells if self._open(candidate, cell, turn)]

    def place(self, candidate: int, stations: Sequence[int], times: Sequence[Turn]) -> list[Visit]:
        """Visits of these stations, one in a turn; raises Impossible where a station has no free post."""
        if not stations:
            return []
        open_at = {(s, t.number): self._choices(candidate, s, t) for s in stations for t in times}
        cost = np.array([[self._cost(candidate, open_at[s, t.number], t) for t in times] for s in stations])
        if not times or cost.min(axis=1).max() >= _FAR or len(times) < len(stations):
            short = next((s for s in stations if not any(open_at[s, t.number] for t in times)), stations[0])
            raise Impossible(Cannot.NO_PLACE, candidate=candidate, station=short)
        made = []
        for row, column in zip(*scipy.optimize.linear_sum_assignment(cost), strict=True):
            if cost[row, column] >= _FAR:
                raise Impossible(Cannot.NO_PLACE, candidate=candidate, station=stations[row])
            turn = times[column]
            made.append(self._take(candidate, stations[row], turn, open_at[stations[row], turn.number][0]))
        return made

    def _cost(self, candidate: int, cells: Sequence[Cell], turn: Turn) -> float:
        if not cells or (turn.number, candidate) in self._busy:
            return _FAR
        return turn.number + (0.0 if cells[0][0] == self._track.get(candidate, cells[0][0]) else 0.25)

    def _take(self, candidate: int, station: int, turn: Turn, cell: Cell) -> Visit:
        self._taken.add((turn.number, *cell))
        self._busy.add((turn.number, candidate))
        minutes = self._plan.places[cell[1] - 1].minutes
        return Visit(candidate, turn.number, *cell, station, turn.begins, turn.begins + minutes)
