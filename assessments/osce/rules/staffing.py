"""Who examines at which post and who goes to which track, so that nobody is examined by whom they must not be.

One mixed-integer program, solved by HiGHS (scipy.optimize.milp): z[e,t] = 1 where examiner e sits in track t, x[e,s,t]
at station s (integral of itself once z is, being a bipartite matching), n[g,t] candidates of the group g that share
their barred examiners. For a pair that must not meet, n[g,t] ≤ N_g (1 − z[e,t]) + u: the sum of u, weighed, is made
least. Examiners stay where they are all day; for a pair that still meets, drawing.py looks for a stand-in for the one
turn.

Claimed: when the solver says so, the fewest pairs that meet, then the fewest examiners away from a station that was
theirs. Within its time limit it may stop with a plan that is feasible and not proven best; which pairs meet is counted
anew in either case.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import numpy as np
import scipy

from assessments.osce.rules.rotation import Cannot, Impossible

#: Seconds after which the best plan found so far is taken.
SECONDS = 2.0
#: What costs so much is not done.
FAR = 1e6


class Bar(StrEnum):
    """Why somebody does not examine somebody."""

    APPRENTICE = "apprentice"
    INSTITUTION = "institution"


@dataclass(frozen=True)
class Pair:
    """An examiner and a candidate who must not meet, and why."""

    examiner: int
    candidate: int
    why: Bar


@dataclass(frozen=True)
class Judge:
    """Somebody who can examine; `only` ties them to one station, `homes` are those where they may mark already."""

    id: int
    only: int | None = None
    homes: frozenset[int] = frozenset()

    def cost_at(self, station: int) -> float:
        """What it costs to seat them there: nothing at home, much too much where they are not to sit."""
        if self.only is not None:
            return 0.0 if station == self.only else FAR
        return 0.0 if not self.homes or station in self.homes else 1.0


Seat = tuple[int, int]  # track from 1, station id


@dataclass(frozen=True)
class Seating:
    """Who sits where, which track everybody goes to; `met` are the pairs that meet all the same."""

    seats: Mapping[Seat, tuple[int, ...]]
    tracks: Mapping[int, int]
    met: tuple[Pair, ...]


@dataclass(frozen=True)
class Task:
    """What is to be staffed; `capacity` is the number of candidates that a track takes."""

    stations: tuple[int, ...]
    tracks: int
    capacity: int
    per_post: int
    judges: tuple[Judge, ...]
    candidates: tuple[int, ...]
    pairs: tuple[Pair, ...]
    allowed: frozenset[Bar] = frozenset()

    def weight(self, why: Bar) -> float:
        """How bad it is that a pair meets: the own apprentice worse, what was not allowed worst."""
        return (1000.0 if why is Bar.APPRENTICE else 100.0) * (1.0 if why in self.allowed else 100.0)


def staff(task: Task) -> Seating:
    """Seat examiners and send candidates to tracks; raises Impossible where the seats cannot be filled."""
    _enough(task)
    seated, shares = _Program(task).solve()
    seats = {(track, at): who for track in seated for at, who in _places(task, seated[track]).items()}
    tracks = _spread(task, shares)
    return Seating(seats, tracks, meeting(task.pairs, seats, tracks))


def meeting(
    pairs: Sequence[Pair], seats: Mapping[Seat, tuple[int, ...]], tracks: Mapping[int, int]
) -> tuple[Pair, ...]:
    """The pairs that meet by these seats and tracks: counted anew, whatever a solver says."""
    sitting: dict[int, set[int]] = defaultdict(set)
    for (track, _), seated in seats.items():
        sitting[track] |= set(seated)
    return tuple(
        pair for pair in pairs if pair.candidate in tracks and pair.examiner in sitting[tracks[pair.candidate]]
    )


def _enough(task: Task) -> None:
    """Raise where there are fewer examiners than seats, or a station whose seats nobody can take."""
    wanted = len(task.stations) * task.tracks * task.per_post
    if len(task.judges) < wanted:
        raise Impossible(Cannot.TOO_FEW_EXAMINERS, wanted=wanted, there=len(task.judges))
    columns = [station for station in task.stations for _ in range(task.tracks * task.per_post)]
    cost = np.array([[judge.cost_at(station) for station in columns] for judge in task.judges])
    rows, taken = scipy.optimize.linear_sum_assignment(cost)
    short = [columns[column] for row, column in zip(rows, taken, strict=True) if cost[row, column] >= FAR]
    if short:
        raise Impossible(Cannot.STATION_UNMANNED, station=short[0], wanted=task.tracks * task.per_post)


def _places(task: Task, seated: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Which of those of a track sits at which station: at home, if it can be."""
    judges = {judge.id: judge for judge in task.judges}
    columns = [station for station in task.stations for _ in range(task.per_post)]
    cost = np.array([[judges[one].cost_at(at) for at in columns] for one in seated])
    at: dict[int, list[int]] = defaultdict(list)
    for row, column in zip(*scipy.optimize.linear_sum_assignment(cost), strict=True):
        at[columns[column]].append(seated[row])
    return {station: tuple(at[station]) for station in task.stations}


def _spread(task: Task, shares: Mapping[tuple[int, ...], Mapping[int, int]]) -> dict[int, int]:
    """Each candidate's track, in the order of the list within those who share their barred examiners."""
    tracks: dict[int, int] = {}
    for key, members in sorted(_alike(task).items()):
        queue = iter(members)
        for track, count in sorted(shares[key].items()):
            tracks |= {next(queue): track for _ in range(count)}
    return tracks


def _alike(task: Task) -> dict[tuple[int, ...], list[int]]:
    """Candidates by the examiners whom they must not meet, as far as these are there at all."""
    there = {judge.id for judge in task.judges}
    barred: dict[int, set[int]] = defaultdict(set)
    for pair in task.pairs:
        if pair.examiner in there:
            barred[pair.candidate].add(pair.examiner)
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for candidate in task.candidates:
        alike[tuple(sorted(barred[candidate]))].append(candidate)
    return alike


class _Program:
    """The program as rows and columns."""

    def __init__(self, task: Task) -> None:
        self.task, self.alike = task, _alike(task)
        self.tracks = range(1, task.tracks + 1)
        self.cost: list[float] = []
        self.whole: list[int] = []
        self.upper: list[float] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self.z = {(judge.id, track): self._column(0.0, 1, whole=1) for judge in task.judges for track in self.tracks}
        self.n = {
            (key, track): self._column(0.0, len(members), whole=1)
            for key, members in self.alike.items()
            for track in self.tracks
        }
        self._seats()
        self._candidates()
        self._apart()

    def _column(self, cost: float, upper: float, *, whole: int = 0) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.cost) - 1

    def _row(self, terms: dict[int, float], low: float, high: float) -> None:
        self.rows.append((terms, low, high))

    def _seats(self) -> None:
        """Every seat is filled, nobody sits in two tracks, and who sits at a station may."""
        task = self.task
        for judge in task.judges:
            self._row({self.z[judge.id, track]: 1.0 for track in self.tracks}, 0, 1)
        for track in self.tracks:
            if any(judge.only is not None or judge.homes for judge in task.judges):
                self._stations(track)
            else:
                seats = float(len(task.stations) * task.per_post)
                self._row({self.z[judge.id, track]: 1.0 for judge in task.judges}, seats, seats)

    def _stations(self, track: int) -> None:
        task = self.task
        x = {
            (judge.id, station): self._column(judge.cost_at(station), 1)
            for judge in task.judges
            for station in task.stations
            if judge.cost_at(station) < FAR
        }
        for judge in task.judges:
            terms = {column: 1.0 for (who, _), column in x.items() if who == judge.id}
            self._row(terms | {self.z[judge.id, track]: -1.0}, 0, 0)
        for station in task.stations:
            terms = {column: 1.0 for (_, at), column in x.items() if at == station}
            self._row(terms, task.per_post, task.per_post)

    def _candidates(self) -> None:
        """Everybody goes somewhere, no track is too full, and the tracks are about as full as each other."""
        for key, members in self.alike.items():
            self._row({self.n[key, track]: 1.0 for track in self.tracks}, len(members), len(members))
        fullest = self._column(0.01, self.task.capacity)
        for track in self.tracks:
            terms = {self.n[key, track]: 1.0 for key in self.alike}
            self._row(terms | {fullest: -1.0}, -np.inf, 0)

    def _apart(self) -> None:
        """Who must not meet goes to different tracks, or costs dearly."""
        worst: dict[tuple[int, int], float] = defaultdict(float)
        for pair in self.task.pairs:
            held = (pair.examiner, pair.candidate)
            worst[held] = max(worst[held], self.task.weight(pair.why))
        for (key, members), track in product(self.alike.items(), self.tracks):
            most = float(min(len(members), self.task.capacity))
            for examiner in key:
                u = self._column(max(worst[examiner, one] for one in members), most)
                self._row({self.n[key, track]: 1.0, self.z[examiner, track]: most, u: -1.0}, -np.inf, most)

    def solve(self) -> tuple[dict[int, list[int]], dict[tuple[int, ...], dict[int, int]]]:
        """Who sits in which track, and how many of which candidates go there."""
        table = scipy.sparse.dok_array((len(self.rows), len(self.cost)))
        for number, (terms, _, _) in enumerate(self.rows):
            for column, factor in terms.items():
                table[number, column] = factor
        low, high = np.array([row[1] for row in self.rows]), np.array([row[2] for row in self.rows])
        found = scipy.optimize.milp(
            np.array(self.cost),
            integrality=np.array(self.whole),
            bounds=scipy.optimize.Bounds(0, np.array(self.upper)),
            constraints=scipy.optimize.LinearConstraint(table.tocsr(), low, high),
            options={"time_limit": SECONDS, "mip_rel_gap": 1e-3},
        )
        if found.x is None:
            raise Impossible(Cannot.UNSOLVED)
        value = np.rint(found.x).astype(int)
        judges = [judge.id for judge in self.task.judges]
        seated = {track: [one for one in judges if value[self.z[one, track]]] for track in self.tracks}
        shares = {key: {track: int(value[self.n[key, track]]) for track in self.tracks} for key in self.alike}
        return seated, shares
