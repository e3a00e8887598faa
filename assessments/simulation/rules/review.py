"""The doctor's way beside the expert's: what was right, missed, needless, dangerous, and why. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assessments.simulation.rules.scoring import Section, Worth


class Verdict(StrEnum):
    """What is said of one act in a report, gravest first."""

    DANGEROUS = "dangerous"
    MISSED = "missed"
    NEEDLESS = "needless"
    RIGHT = "right"
    OPTIONAL = "optional"


_ORDER = list(Verdict)


@dataclass(frozen=True)
class Line:
    """One act that was done, or should have been."""

    code: str
    text: str
    found: str
    verdict: Verdict
    essential: bool
    why: str


@dataclass(frozen=True)
class Step:
    """One step of the expert's way."""

    code: str
    section: Section
    text: str
    why: str
    essential: bool
    done: bool


@dataclass(frozen=True)
class Review:
    """A whole report."""

    sections: tuple[tuple[Section, tuple[Line, ...]], ...]
    way: tuple[Step, ...]
    minutes: int
    expert_minutes: int

    def count(self, verdict: Verdict) -> int:
        """How many acts are of this verdict."""
        return sum(line.verdict is verdict for _section, lines in self.sections for line in lines)


def review(scene: Mapping[str, Any], key: Mapping[str, Any], done: Sequence[str]) -> Review:
    """Set what was done beside what the case says; `done` without what was taken back."""
    did = set(done)
    whys = {step["act"]: step["why"] for step in key["expert"]}
    acts = {act["code"]: (Section(part["section"]), act) for part in scene["sections"] for act in part["acts"]}
    sections = tuple(
        (Section(part["section"]), _lines(part["acts"], key["acts"], did, whys)) for part in scene["sections"]
    )
    way = tuple(
        Step(code, acts[code][0], acts[code][1]["text"], why, key["acts"][code]["essential"], code in did)
        for code, why in whys.items()
    )
    spent = {code: act["minutes"] for code, (_section, act) in acts.items()}
    return Review(sections, way, sum(spent[code] for code in did), sum(spent[code] for code in whys))


def _lines(
    acts: Sequence[Mapping[str, Any]], key: Mapping[str, Any], did: set[str], whys: Mapping[str, str]
) -> tuple[Line, ...]:
    lines = [
        Line(
            code=act["code"],
            text=act["text"],
            found=key[act["code"]].get("found") or act.get("found", ""),
            verdict=verdict,
            essential=key[act["code"]]["essential"],
            why=key[act["code"]]["danger"] or key[act["code"]]["why"] or whys.get(act["code"], ""),
        )
        for act in acts
        if (verdict := _verdict(key[act["code"]], act["code"] in did)) is not None
    ]
    return tuple(sorted(lines, key=lambda line: (_ORDER.index(line.verdict), not line.essential)))


def _verdict(said: Mapping[str, Any], done: bool) -> Verdict | None:
    """None for what was rightly left alone."""
    if not done:
        return Verdict.MISSED if said["worth"] == Worth.NEEDED else None
    if said["danger"]:
        return Verdict.DANGEROUS
    return {Worth.NEEDED: Verdict.RIGHT, Worth.OPTIONAL: Verdict.OPTIONAL}.get(Worth(said["worth"]), Verdict.NEEDLESS)
