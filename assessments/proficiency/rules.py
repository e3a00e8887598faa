"""From everything that was proved about one person and one technique to a level on the entrustment scale. Pure.

The scale is ten Cate's: 1 may observe, 2 under direct supervision, 3 with help on call, 4 alone, 5 may teach others.

- Only an **entrustment**, two people's signed judgement, gives its level, up to 5, while it is in date.
- **Marks** of what somebody did give at most 3, because a mark is not a mandate. The newest three that are in date
  together decide: a single workplace encounter reaches G = .31 (nine reach .8), three of them about .57. Their mean
  must reach 60, the pass mark of the practising physician's practical examination, and they must be at least two,
  or one of them a practical examination. Else the level is 2: it was done under somebody's eyes.
- A **critical failure** caps at 2, an entrustment too, until a later mark passes or somebody entrusts anew.
- A **theory** examination alone gives 1: whoever knows how it goes may watch.

A proof stays current 90 days for emergencies, 180 for procedures, 365 for knowledge (half of a gain is lost after
6.5 to 13 months, and 66 % fail resuscitation after three), or until the day it names itself, whichever comes first.
Faded proofs are not forgotten: the level stays readable, with the day on which it ended.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import islice

#: Days a proof stays current, by the kind of technique (the words of `lms.techniques`).
CURRENT_DAYS = {"emergency": 90, "procedure": 180, "knowledge": 365}
PASS_MARK = Decimal(60)
NEWEST = 3
MOST_BY_MARKS, MOST_AFTER_CRITICAL, KNOWS, HIGHEST = 3, 2, 1, 5


class Way(StrEnum):
    """How something was proved."""

    THEORY = "theory"
    DEED = "deed"
    EXAM = "exam"
    ENTRUSTMENT = "entrustment"


@dataclass(frozen=True)
class Proof:
    """One standing result about one person and technique: percent for marks, a level for an entrustment."""

    way: Way
    value: Decimal
    on_day: date
    critical_failure: bool = False
    valid_until: date | None = None


@dataclass(frozen=True)
class Level:
    """Where somebody stands: since when, and until when the proof is or was current."""

    level: int
    since: date
    valid_until: date

    def current(self, on: date) -> bool:
        """Whether the proof is in date on a day."""
        return on <= self.valid_until


def conclude(proofs: Iterable[Proof], kind: str, on: date) -> Level | None:
    """The level that follows on a day; None where nothing has been proved.

    What is in date comes before what has faded, an entrustment before marks, marks before theory.
    """
    days = CURRENT_DAYS[kind]
    known = [
        Proof(proof.way, proof.value, proof.on_day, proof.critical_failure, _until(proof, days))
        for proof in proofs
        if proof.on_day <= on
    ]
    deeds = sorted((p for p in known if p.way in (Way.DEED, Way.EXAM)), key=_cautiously)
    entrusted = sorted((p for p in known if p.way is Way.ENTRUSTMENT), key=lambda p: (p.on_day, -p.value))
    by_deeds = _walk(_by_deeds(entrusted), deeds)
    by_trust = None if _overturned(entrusted, deeds) else _walk(_by_trust, entrusted)
    done = [level for level in (by_trust, by_deeds) if level is not None]
    current = [level for level in done if level.current(on)]
    if current or done:
        return current[0] if current else max(done, key=lambda level: level.valid_until)
    theory = sorted((p for p in known if p.way is Way.THEORY), key=_cautiously)
    return _walk(_by_theory, theory)


def _until(proof: Proof, days: int) -> date:
    own = proof.on_day + timedelta(days=days)
    return min(own, proof.valid_until) if proof.valid_until else own


def _ends(proof: Proof) -> date:
    return proof.valid_until or proof.on_day


def _cautiously(proof: Proof) -> tuple[object, ...]:
    """The order of time; within a day the worst comes last, so that no order of arrival flatters anybody."""
    return proof.on_day, proof.critical_failure, -proof.value, proof.way, _ends(proof)


Judge = Callable[[Sequence[Proof]], Level]


def _walk(judge: Judge, proofs: Sequence[Proof]) -> Level | None:
    """Judge after each proof; `since` is the first day of the unbroken run at the level of today."""
    last: Level | None = None
    for number, proof in enumerate(proofs, 1):
        made = judge(proofs[:number])
        if last is not None and last.level == made.level and last.current(proof.on_day):
            made = replace(made, since=last.since)
        last = made
    return last


def _by_deeds(entrusted: Sequence[Proof]) -> Judge:
    def judge(deeds: Sequence[Proof]) -> Level:
        newest = deeds[-1]
        trusted = [proof for proof in entrusted if proof.on_day <= newest.on_day]
        in_date = (proof for proof in reversed(deeds) if _ends(proof) >= newest.on_day)
        window = list(islice(in_date, NEWEST))
        passes = [proof for proof in window if proof.value >= PASS_MARK]
        if passes and _suffices(window) and _critical(deeds, trusted) is None:
            return Level(MOST_BY_MARKS, newest.on_day, max(_ends(proof) for proof in passes))
        return Level(MOST_AFTER_CRITICAL, newest.on_day, _ends(newest))

    return judge


def _suffices(window: Sequence[Proof]) -> bool:
    enough = len(window) > 1 or any(proof.way is Way.EXAM for proof in window)
    return enough and sum(proof.value for proof in window) >= PASS_MARK * len(window)


def _by_trust(entrusted: Sequence[Proof]) -> Level:
    newest = entrusted[-1]
    return Level(min(HIGHEST, max(1, int(newest.value))), newest.on_day, _ends(newest))


def _by_theory(theory: Sequence[Proof]) -> Level:
    return Level(KNOWS, theory[-1].on_day, max(_ends(proof) for proof in theory))


def _critical(deeds: Sequence[Proof], entrusted: Sequence[Proof]) -> Proof | None:
    """The critical failure that nothing has made good since."""
    for proof in reversed(deeds):
        if proof.critical_failure:
            trusted_since = any(one.on_day > proof.on_day for one in entrusted)
            return None if trusted_since else proof
        if proof.value >= PASS_MARK:
            return None
    return None


def _overturned(entrusted: Sequence[Proof], deeds: Sequence[Proof]) -> bool:
    """Whether something critical went wrong after the newest entrustment, and nothing has made it good."""
    failed = _critical(deeds, ())
    if failed is None or not entrusted or entrusted[-1].value <= MOST_AFTER_CRITICAL:
        return False
    return failed.on_day >= entrusted[-1].on_day
