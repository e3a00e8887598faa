"""What the cohort did in two years, row by row, before any database: marks, hours, lessons, sessions. Pure.

People are named by account, techniques by code, so that two installations agree; every row says that it is simulated.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from demo.cohort import parameters as p
from demo.cohort.seats import DOCTOR, Pair, Seat
from demo.cohort.simulate import Attempt, attendance

SOURCE = "simulated-history"
_MARKS, _TRUST, _HOURS, _LESSONS, _SESSIONS = range(1, 6)
_ZONE = ZoneInfo("Asia/Shanghai")

#: A mark below this may come from something that must not happen, by this chance.
CRITICAL_BELOW, CRITICAL_CHANCE = 45.0, 0.35
#: An expected mark from which a mentor entrusts at a level, and how sure a mentor's eye is.
ENTRUSTED, MENTOR_EYE, SEEN_OFTEN = ((92.0, 5), (85.0, 4), (76.0, 3)), 3.0, 5
#: Minutes: of one case with the unrecorded practice around it, of one encounter, of lectures in a month.
CASE, ENCOUNTER, LECTURES = 75, 60, 190.0
ROTATES, ROTATION = 0.45, (92, 120)
ENROLS, FINISHES = 0.75, 0.7
#: Days between sessions, on average; minutes of one.
BETWEEN, MINUTES, ON_SITE = 26, (40, 121), 0.75
TALK = (
    ("一起看了三位慢病患者，讨论用药调整", "下次带两份自己的病历来"),
    ("在模拟人上练习，逐条对照操作标准", "每周自己再练两遍"),
    ("现场跟诊半天，重点看病史采集", "把问诊提纲写下来再用一次"),
    ("复盘上次考核失分的地方", "两周后在床旁再看一次"),
    ("远程一起读了五份心电图", "每天读两份，拿不准的发过来"),
    ("检查急救箱，演练一次院前处置", "组织科里再演练一次"),
)


@dataclass(frozen=True)
class Row:
    """One result: the words of `Evidence`, with accounts and codes."""

    person: str
    kind: str
    value: Decimal
    on_day: date
    number: str
    technique: str | None = None
    assessor: str | None = None
    standard_error: Decimal | None = None
    critical: bool = False

    def source(self) -> dict[str, Any]:
        """What the result rests on, as it is hashed."""
        words = {"simulated": True, "person": self.person, "kind": self.kind, "value": str(self.value)}
        return words | {"on_day": self.on_day.isoformat(), "technique": self.technique, "number": self.number}


@dataclass(frozen=True)
class Hours:
    """Minutes of one kind in one month."""

    person: str
    kind: str
    minutes: int
    on_day: date
    number: str
    confirmed_by: str | None


@dataclass(frozen=True)
class Lessons:
    """The lessons of a course that somebody finished."""

    person: str
    finished: dict[str, datetime] = field(hash=False)


@dataclass(frozen=True)
class Session:
    """One hour of a mentor with an apprentice."""

    pair: Pair
    on_day: date
    minutes: int
    on_site: bool
    techniques: tuple[str, ...]
    done: str
    next_step: str
    number: str


@dataclass(frozen=True)
class City:
    """What the deeds need to know besides the learners."""

    seed: int
    until: date
    mentors: dict[str, tuple[str, ...]]
    pairs: dict[str, Pair]

    def near(self, one: Seat) -> tuple[str, ...]:
        """The mentors of somebody's county."""
        return self.mentors[one.part.county]


def results(one: Seat, city: City) -> list[Row]:
    """Everything that was marked, entrusted or counted about one person."""
    return [*_marks(one, city), *_trust(one, city), *_rotated(one, city)]


def _marks(one: Seat, city: City) -> Iterator[Row]:
    draw, near = one.draw(city.seed, _MARKS), city.near(one)
    for number, attempt in enumerate(one.history.attempts, 1):
        which, chance = int(draw.integers(len(near))), draw.random()
        yield Row(
            person=one.account,
            kind=attempt.assessment.name,
            value=Decimal(str(attempt.score)),
            on_day=attempt.at,
            number=f"{one.history.learner.code}-m{number}",
            technique=attempt.skill,
            assessor=None if attempt.assessment is p.THEORY else near[which],
            standard_error=Decimal(str(attempt.assessment.error)),
            critical=attempt.assessment is not p.THEORY and attempt.score < CRITICAL_BELOW and chance < CRITICAL_CHANCE,
        )


def _trust(one: Seat, city: City) -> Iterator[Row]:
    """A mentor entrusts what was seen often enough and goes well; the eye of a mentor errs a little."""
    pair = city.pairs.get(one.account)
    if pair is None:
        return
    draw = one.draw(city.seed, _TRUST)
    paths: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in one.history.attempts:
        paths[attempt.skill].append(attempt)
    for number, (skill, path) in enumerate(sorted(paths.items()), 1):
        seen, days = path[-1].latent + float(draw.normal(0, MENTOR_EYE)), int(draw.integers(1, 15))
        level = next((level for least, level in ENTRUSTED if seen >= least), None)
        day = min(city.until, path[-1].at + timedelta(days=days))
        if level is not None and len(path) >= SEEN_OFTEN and day >= pair.agreed_from:
            mark = f"{one.history.learner.code}-t{number}"
            yield Row(one.account, "entrustment", Decimal(level), day, mark, skill, pair.mentor)


def _rotated(one: Seat, city: City) -> Iterator[Row]:
    """A rotation for some; the shown doctor's is told day by day, by whoever planned and received it.

    Hours are no rows of their own here: they become evidence from the ledger of hours.
    """
    draw = one.draw(city.seed, _HOURS + 10)
    if draw.random() < ROTATES and one.account != DOCTOR:
        day = city.until - timedelta(days=int(draw.integers(10, p.DAYS - 150)))
        days = Decimal(int(draw.integers(*ROTATION)))
        yield Row(one.account, "rotation_days", days, day, f"{one.history.learner.code}-r1")


def hours(one: Seat, city: City) -> Iterator[Hours]:
    """Minutes of lectures, of simulation and of practice, month by month."""
    draw, near, learner = one.draw(city.seed, _HOURS), city.near(one), one.history.learner
    spent: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for attempt in one.history.attempts:
        month = spent[attempt.at.year, attempt.at.month]
        if attempt.assessment.name == "simulated_case":
            month["simulation"] += CASE
        elif attempt.assessment.name == "workplace_encounter":
            month["practice"] += ENCOUNTER
    eager = learner.rate / p.RATE_MEAN
    for first in _months(city.until - timedelta(days=p.DAYS - learner.joined), city.until):
        month = spent[first.year, first.month]
        lectures = int(draw.gamma(1.5, LECTURES / 1.5) * attendance(first) * (0.6 + 0.4 * eager))
        confirmed = near[int(draw.integers(len(near)))]
        day = min(city.until, _last(first))
        for kind, minutes in (("theory", lectures // 5 * 5), *sorted(month.items())):
            if minutes >= 15:
                mark = f"{learner.code}-{kind[0]}{first:%Y%m}"
                by = None if kind == "theory" else confirmed
                yield Hours(one.account, kind, min(minutes, 1440), day, mark, by)


def _months(begins: date, ends: date) -> Iterator[date]:
    at = begins.replace(day=1)
    while at <= ends:
        yield at
        at = _last(at) + timedelta(days=1)


def _last(at: date) -> date:
    return (at.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def lessons(one: Seat, city: City, codes: Sequence[str]) -> Lessons | None:
    """How far somebody came in a course of these lessons; None for who never began."""
    draw = one.draw(city.seed, _LESSONS)
    begins, whole, some = draw.random(), draw.random(), int(draw.integers(1, len(codes) + 1))
    day = city.until - timedelta(days=int(draw.integers(15, 400)))
    if begins > ENROLS:
        return None
    done = len(codes) if whole < FINISHES else some - 1
    finished = {}
    for number, code in enumerate(codes[:done]):
        at = min(city.until - timedelta(days=1), day + timedelta(days=2 * number))
        finished[code] = datetime.combine(at, time(20, number), _ZONE)
    return Lessons(one.account, finished)


def sessions(one: Seat, city: City) -> Iterator[Session]:
    """What mentor and apprentice did together, about once a month, less often at busy times."""
    pair = city.pairs.get(one.account)
    if pair is None:
        return
    draw = one.draw(city.seed, _SESSIONS)
    skills = sorted({attempt.skill for attempt in one.history.attempts})
    day, number = pair.agreed_from, 0
    while skills:
        day += timedelta(days=1 + int(draw.gamma(4, BETWEEN / 4) / attendance(day) ** 0.5))
        if day > min(city.until, pair.agreed_until - timedelta(days=1)):
            return
        number += 1
        chosen = draw.choice(len(skills), size=min(2, len(skills)), replace=False)
        done, following = TALK[int(draw.integers(len(TALK)))]
        yield Session(
            pair=pair,
            on_day=day,
            minutes=int(draw.integers(*MINUTES)) // 5 * 5,
            on_site=bool(draw.random() < ON_SITE),
            techniques=tuple(sorted(skills[int(n)] for n in chosen)),
            done=f"{done}（模拟数据）",
            next_step=following,
            number=f"{one.history.learner.code}-s{number}",
        )
