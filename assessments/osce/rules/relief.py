"""Who sits on the seat of an examiner who is not there, or who must not examine the one who comes.

A vacant seat: first a minimum-cost matching (scipy linear_sum_assignment) of those who sit and those in reserve to the
seats of that time: staying costs nothing, calling in a reserve 1, moving somebody 2, and nobody sits where somebody
comes whom they must not examine. For one vacant seat that changes the fewest seats. Where nobody can sit there for the
whole time, reserves take turns with the fewest handovers (dynamic programming over the turns). Several vacant seats are
filled one after another; that another order could not have done with fewer changes is not claimed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import scipy

from assessments.osce.rules.events import Event, Known, since_when, split
from assessments.osce.rules.rotation import Cannot, Impossible
from assessments.osce.rules.staffing import FAR, Judge, Pair
from assessments.osce.rules.timetable import Booking, Bound, Plan, Visit


def relieved(plan: Plan, event: Event, known: Known) -> Plan:
    """The plan without an examiner from a moment on, their seats taken by others."""
    since = since_when(plan, event, known)
    if event.person not in {judge.id for judge in known.judges} | {b.person for b in plan.bookings if b.person}:
        raise Impossible(Cannot.NOT_THERE)
    kept, vacant = split(plan.bookings, lambda b: b.kind is Bound.EXAMINER and b.person == event.person, since)
    free = replace(plan, bookings=tuple(kept), away=plan.away | {event.person or 0})
    for seat in sorted(vacant, key=lambda b: (b.begins, b.track, b.position)):
        free = _Vacancy(free, seat, event, known).filled()
    return free


class _Vacancy:
    """A vacant seat, and who could sit there for its time."""

    def __init__(self, plan: Plan, seat: Booking, event: Event, known: Known) -> None:
        self._plan, self._seat, self._barred = plan, seat, known.barred
        seated = [b for b in plan.bookings if b.kind is Bound.EXAMINER]
        self._sitting = [b for b in seated if b.begins <= seat.begins and b.ends >= seat.ends]
        self._used = {b.person for b in seated}
        busy = {b.person for b in seated if b.begins < seat.ends and b.ends > seat.begins}
        free = [judge.id for judge in known.judges if judge.id not in busy | plan.away]
        #: those who are nowhere during that time; or only the one whom the officer names
        self._reserve = free if event.substitute is None else [one for one in free if one == event.substitute]
        self._judges = {judge.id: judge for judge in known.judges}

    def filled(self) -> Plan:
        """The plan with somebody on the seat: from the reserve, if need be by others moving up."""
        vacant = self._seat
        seats = [vacant, *self._sitting]
        people = [b.person or 0 for b in self._sitting] + self._reserve
        if self._reserve:
            comes = [{visit.candidate for visit in self._visits(seat)} for seat in seats]
            cost = np.array(
                [[self._cost(seat, who, to) for who in people] for seat, to in zip(seats, comes, strict=True)]
            )
            rows, columns = scipy.optimize.linear_sum_assignment(cost)
            if cost[rows, columns].max() < FAR:
                taken = {seats[row]: people[column] for row, column in zip(rows, columns, strict=True)}
                return self._with({seat: who for seat, who in taken.items() if seat is vacant or seat.person != who})
        if self._reserve and (relay := self._relay()):
            return replace(self._plan, bookings=(*self._plan.bookings, *relay))
        if any((b.track, b.position) == (vacant.track, vacant.position) for b in self._sitting):
            return self._plan  # the second examiner of the post goes on alone
        raise Impossible(
            Cannot.NOBODY_FREE,
            track=vacant.track,
            station=vacant.station,
            begins=vacant.begins,
            free=tuple(self._reserve),
        )

    def _relay(self) -> list[Booking]:
        """Reserves one after another on the seat, so that nobody meets whom they must not; [] where that cannot be."""
        seat = self._seat
        comes = {visit.begins: visit.candidate for visit in self._visits(seat)}
        starts = sorted({seat.begins, *(t.begins for t in self._plan.turns if seat.begins < t.begins < seat.ends)})
        best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
        for at in starts:
            could = [one for one in self._reserve if self._may(one, comes.get(at))]
            best = {
                one: min(
                    ((cost + (last != one), [*way, one]) for last, (cost, way) in best.items()), key=lambda b: b[0]
                )
                for one in could
            }
        way = min(best.values(), key=_spent)[1] if best else []
        made: list[Booking] = []
        for at, until, who in zip(starts, [*starts[1:], seat.ends], way, strict=False):
            if made and made[-1].person == who:
                made[-1] = replace(made[-1], ends=until)
            else:
                made.append(replace(seat, person=who, key=str(who), label=str(who), begins=at, ends=until))
        return made

    def _may(self, who: int, candidate: int | None) -> bool:
        judge = self._judges[who]
        return (who, candidate) not in self._barred and judge.cost_at(self._seat.station or 0) < FAR

    def _cost(self, seat: Booking, who: int, comes: Collection[int]) -> float:
        """0 to stay, much too much where they must not sit, else 1 for a reserve and 2 for whoever has to move."""
        if seat.person == who and seat is not self._seat:
            return 0.0
        at = self._judges[who].cost_at(seat.station or 0) if who in self._judges else 0.0
        if at >= FAR or any((who, candidate) in self._barred for candidate in comes):
            return FAR
        return at * 0.5 + (2.0 if who in self._used else 1.0)

    def _visits(self, seat: Booking) -> list[Visit]:
        """Who comes to a seat during the time of the vacancy."""
        span, at = self._seat, (seat.track, seat.position)
        visits = [visit for visit in self._plan.visits if (visit.track, visit.position) == at]
        return [visit for visit in visits if visit.begins < span.ends and visit.ends > span.begins]

    def _with(self, moves: dict[Booking, int]) -> Plan:
        """The plan with others on these seats for that time; before and after it everybody is where they were."""
        span = self._seat
        bookings = [b for b in self._plan.bookings if b not in moves]
        for seat, who in moves.items():
            bookings.append(replace(seat, person=who, key=str(who), label=str(who), begins=span.begins, ends=span.ends))
            if seat.begins < span.begins:
                bookings.append(replace(seat, ends=span.begins))
            if seat.ends > span.ends:
                bookings.append(replace(seat, begins=span.ends))
        return replace(self._plan, bookings=tuple(bookings))


def _spent(way: tuple[float, list[int]]) -> float:
    return way[0]


def stood_in(plan: Plan, reserve: Sequence[Judge], pairs: Sequence[Pair], met: Sequence[Pair]) -> Plan:
    """The plan with somebody of the reserve on the seat for each turn in which a pair would meet that must not.

    Turn by turn a matching of reserves to these seats; raises Impossible with the pairs that nobody can keep apart.
    """
    if not met:
        return plan
    barred = {(pair.examiner, pair.candidate) for pair in pairs}
    kept = {(pair.examiner, pair.candidate): pair for pair in met}
    sits = [b for b in plan.bookings if b.kind is Bound.EXAMINER]
    clashes: dict[int, list[tuple[Booking, Visit]]] = defaultdict(list)
    for visit in plan.visits:
        for b in sits:
            if (b.track, b.position) == (visit.track, visit.position) and (b.person, visit.candidate) in kept:
                clashes[visit.turn].append((b, visit))
    stands: dict[Booking, dict[int, int]] = defaultdict(dict)  # seat: turn: who
    left: list[Pair] = []
    for turn, here in clashes.items():
        cost = np.array(
            [
                [FAR if (one.id, v.candidate) in barred else one.cost_at(b.station or 0) for one in reserve]
                for b, v in here
            ]
        ).reshape(len(here), len(reserve))
        rows, columns = scipy.optimize.linear_sum_assignment(cost)
        found = {r: reserve[c].id for r, c in zip(rows, columns, strict=True) if cost[r, c] < FAR}
        for row, (seat, visit) in enumerate(here):
            if row in found:
                stands[seat][turn] = found[row]
            else:
                left.append(kept[seat.person or 0, visit.candidate])
    if left:
        raise Impossible(Cannot.BARRED, pairs=left)
    bookings = [b for b in plan.bookings if b not in stands]
    for seat, by_turn in stands.items():
        bookings += _with_stand_ins(plan, seat, by_turn)
    return replace(plan, bookings=tuple(bookings))


def _with_stand_ins(plan: Plan, seat: Booking, by_turn: Mapping[int, int]) -> Iterable[Booking]:
    """A seat's booking in pieces: somebody else for these turns."""
    at, who = seat.begins, seat.person
    for turn, after in zip(plan.turns, [*(t.begins for t in plan.turns[1:]), seat.ends], strict=True):
        sits = by_turn.get(turn.number, seat.person)
        if sits != who:
            if turn.begins > at:
                yield replace(seat, person=who, key=str(who), label=str(who), begins=at, ends=turn.begins)
            at, who = turn.begins, sits
        if after == seat.ends:
            yield replace(seat, person=who, key=str(who), label=str(who), begins=at, ends=after)
