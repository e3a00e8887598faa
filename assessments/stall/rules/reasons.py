"""Why a pair is flagged: facts that are true and weigh in the model, strongest first; and what would remove them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assessments.stall.rules.parameters import Parameters

MOST = 3
#: Days in which the way out asks for something.
DAYS_TO_MEND = 30


class Code(StrEnum):
    """The facts that can be given as a reason."""

    LAST_THREE = "last_three"
    PAUSE = "pause"
    RARE = "rare"
    BELOW_BEST = "below_best"
    NO_NEW_BEST = "no_new_best"
    NOT_YET = "not_yet"
    UNEVEN = "uneven"
    MANY_TRIES = "many_tries"
    NO_GAIN = "no_gain"
    BEHIND_OWN = "behind_own"
    BEHIND_PEERS = "behind_peers"
    OTHERS_TOO = "others_too"
    QUIET = "quiet"
    SKILL = "skill"
    PATTERN = "pattern"


class WayOut(StrEnum):
    """What would remove a flag."""

    SUPERVISED = "supervised"
    PRACTISE = "practise"
    REGULAR = "regular"


@dataclass(frozen=True)
class Case:
    """One pair at a cutoff: its marks, oldest first, and the figures that the model saw, by name."""

    marks: tuple[float, ...]
    figures: Mapping[str, float]
    parameters: Parameters
    probability: float | None = None
    base_rate: float | None = None

    @property
    def level(self) -> float:
        """Where it stands, newer marks weighing more."""
        return self.figures["level"]

    @property
    def target(self) -> int:
        """What a mark must reach for the flag to go."""
        return target(self.level, self.parameters)


Numbers = dict[str, Any]


def target(level: float, parameters: Parameters) -> int:
    """The whole number of points that counts as risen, or as mastery kept."""
    return math.ceil(round(min(level + parameters.gain, parameters.mastery), 6))


def whole_percent(share: float) -> int:
    """A probability as it is said to people: no model is sure, so never 0 and never 100."""
    return min(max(_points(100 * share), 1), 99)


def _points(value: float) -> int:
    return math.floor(value + 0.5)


def _whole(logarithm: float) -> int:
    return round(math.expm1(logarithm))


def _last_three(case: Case) -> Numbers | None:
    last = case.marks[-3:]
    return {"marks": [_points(mark) for mark in last]} if len(last) == 3 and last[2] <= last[0] else None


def _pause(case: Case) -> Numbers | None:
    days = _whole(case.figures["days_since_last"])
    return {"days": days} if days >= 45 else None


def _rare(case: Case) -> Numbers | None:
    count = _whole(case.figures["recent_180"])
    return {"count": count, "days": 180} if count <= 2 else None


def _below_best(case: Case) -> Numbers | None:
    best = max(case.marks)
    return {"best": _points(best), "now": _points(case.level)} if best - case.level >= 5 else None


def _no_new_best(case: Case) -> Numbers | None:
    days = _whole(case.figures["days_since_best"])
    return {"days": days, "best": _points(max(case.marks))} if days >= 90 else None


def _not_yet(case: Case) -> Numbers | None:
    missing = case.parameters.mastery - case.level
    return {"now": _points(case.level), "wanted": _points(case.parameters.mastery)} if missing >= 2 else None


def _uneven(case: Case) -> Numbers | None:
    last = case.marks[-5:]
    return {"low": _points(min(last)), "high": _points(max(last))} if max(last) - min(last) >= 12 else None


def _many_tries(case: Case) -> Numbers | None:
    count, first = len(case.marks), sum(case.marks[:3]) / 3
    rose = case.level - first
    return {"count": count, "first": _points(first), "now": _points(case.level)} if count >= 6 and rose <= 5 else None


def _no_gain(case: Case) -> Numbers | None:
    gain = case.figures["gain_180"]
    if math.isnan(gain) or gain > case.parameters.gain:
        return None
    return {"then": _points(case.level - gain), "now": _points(case.level), "days": 180}


def _behind(figure: str) -> Callable[[Case], Numbers | None]:
    def tell(case: Case) -> Numbers | None:
        ahead = case.figures[figure]
        known = not math.isnan(ahead) and ahead >= 5
        return {"theirs": _points(case.level + ahead), "now": _points(case.level)} if known else None

    return tell


def _others_too(case: Case) -> Numbers | None:
    gain = case.figures["others_gain"]
    return None if math.isnan(gain) or gain > case.parameters.gain else {"gain": round(gain, 1), "days": 180}


def _quiet(case: Case) -> Numbers | None:
    count = _whole(case.figures["others_recent"]) + _whole(case.figures["recent_90"])
    return {"count": count, "days": 90} if count <= 2 else None


def _skill(case: Case) -> Numbers | None:
    rate = case.figures["skill_rate"]
    return None if math.isnan(rate) or rate < 0.25 else {"percent": _points(100 * rate)}


#: Per fact: whether it is true of a case (its numbers, else None), and the features that speak through it.
FACTS: dict[Code, tuple[Callable[[Case], Numbers | None], tuple[str, ...]]] = {
    Code.LAST_THREE: (_last_three, ("slope_three", "last_surprise")),
    Code.PAUSE: (_pause, ("days_since_last",)),
    Code.RARE: (_rare, ("recent_90", "recent_180", "spacing")),
    Code.BELOW_BEST: (_below_best, ("below_best",)),
    Code.NO_NEW_BEST: (_no_new_best, ("days_since_best",)),
    Code.NOT_YET: (_not_yet, ("level", "above")),
    Code.UNEVEN: (_uneven, ("unevenness",)),
    Code.MANY_TRIES: (_many_tries, ("marks", "slope_all")),
    Code.NO_GAIN: (_no_gain, ("gain_180",)),
    Code.BEHIND_OWN: (_behind("others_ahead"), ("others_ahead",)),
    Code.BEHIND_PEERS: (_behind("peers_ahead"), ("peers_ahead",)),
    Code.OTHERS_TOO: (_others_too, ("others_gain",)),
    Code.QUIET: (_quiet, ("others_recent",)),
    Code.SKILL: (_skill, ("skill_rate",)),
}
#: What the plain rule looks at, in this order.
PLAIN = (Code.LAST_THREE, Code.PAUSE, Code.BELOW_BEST, Code.NO_GAIN, Code.NOT_YET)


def strongest(case: Case, contributions: Mapping[str, float]) -> list[Numbers]:
    """The facts that are true and raise the probability, strongest first; never more than three, never none."""
    found = []
    for code, (tell, features) in FACTS.items():
        weight = sum(contributions[name] for name in features)
        numbers = tell(case) if weight > 0 else None
        if numbers is not None:
            found.append((weight, {"code": code.value, **numbers}))
    found.sort(key=lambda one: (-one[0], one[1]["code"]))
    reasons = [reason for _, reason in found[:MOST]]
    return reasons if len(reasons) == MOST else [*reasons, _pattern(case)]


def plainly(case: Case) -> list[Numbers]:
    """What the plain rule has to say of a case that it flags."""
    told = ((code, FACTS[code][0](case)) for code in PLAIN)
    return [{"code": code.value, **numbers} for code, numbers in told if numbers is not None][:MOST]


def _pattern(case: Case) -> Numbers:
    """What is always true of a scored case: how often cases like it stall, and how often others do."""
    said, usual = case.probability or 0.0, case.base_rate or 0.0
    return {"code": Code.PATTERN.value, "percent": whole_percent(said), "usual": whole_percent(usual)}


_WAYS = {
    Code.PAUSE: WayOut.PRACTISE,
    Code.RARE: WayOut.PRACTISE,
    Code.QUIET: WayOut.PRACTISE,
    Code.UNEVEN: WayOut.REGULAR,
    Code.BELOW_BEST: WayOut.REGULAR,
}


def ways_out(reasons: list[Numbers], level: float, parameters: Parameters) -> list[Numbers]:
    """What would remove the flag: a supervised performance that counts as risen, and what the reasons ask for."""
    asked = {"code": WayOut.SUPERVISED.value, "days": DAYS_TO_MEND, "target": target(level, parameters)}
    more = dict.fromkeys(_WAYS[Code(one["code"])] for one in reasons if Code(one["code"]) in _WAYS)
    return [asked, *({"code": way.value, "days": DAYS_TO_MEND, "count": 2} for way in more)]
