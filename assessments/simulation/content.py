"""Simulated cases out of a content pack: cases/*.yaml."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field

from assessments.simulation.models import CaseVersion, SimulatedCase
from assessments.simulation.rules import REVOCABLE, Section, Worth
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, names
from lms.content.versions import Versioned
from lms.db import db
from lms.people.models import Category
from lms.techniques.content import TechniqueRef
from lms.techniques.models import Technique

_Code = Annotated[str, Field(pattern=CODE, max_length=80)]
_Line = Annotated[str, Field(min_length=1, max_length=200)]
_Text = Annotated[str, Field(min_length=1, max_length=2000)]


class ActEntry(Strict):
    """One thing that can be done: what is found (in an order: what came of it), and what it is worth here."""

    code: _Code
    text: _Line
    found: _Text
    worth: Worth
    essential: bool = False
    #: how it can harm; nothing where it cannot
    danger: _Text | None = None
    #: why it is needless, or why it may be done
    why: _Text | None = None
    minutes: int = Field(default=0, ge=0, le=240)

    def fault(self) -> str | None:
        """What does not go together."""
        if self.danger and self.worth is not Worth.NEEDLESS:
            return f"{self.code}: what can harm is not {self.worth}"
        if self.essential and self.worth is not Worth.NEEDED:
            return f"{self.code}: what is essential is needed"
        return None


class SectionEntry(Strict):
    """One part of the consultation; `nothing_needed` says that here the right thing is to do nothing."""

    weight: int = Field(default=1, ge=1, le=10)
    nothing_needed: bool = False
    acts: list[ActEntry] = Field(min_length=4, max_length=40)


class SectionsEntry(Strict):
    """All five parts."""

    ask: SectionEntry
    examine: SectionEntry
    test: SectionEntry
    decide: SectionEntry
    refer: SectionEntry

    def each(self) -> Iterator[tuple[Section, SectionEntry]]:
        """The parts in their order."""
        for section in Section:
            yield section, getattr(self, section.value)


class SignEntry(Strict):
    """One vital sign at the door."""

    name: _Line
    value: _Line


class OpeningEntry(Strict):
    """Who comes, what they say, what is measured at the door."""

    who: _Line
    says: _Text
    signs: list[SignEntry] = Field(min_length=1, max_length=10)


class StepEntry(Strict):
    """One step of the expert's way, and why."""

    act: _Code
    why: _Text


class PointEntry(Strict):
    """One thing to take home, and on what it rests."""

    text: _Text
    source: SourceRef


class CaseFile(Strict):
    """One case."""

    code: Annotated[_Code, names("case")]
    title: Title
    categories: list[Category] = Field(min_length=1)
    technique: TechniqueRef
    also: list[TechniqueRef] = []
    minutes: int = Field(ge=3, le=60)
    place: _Line
    opening: OpeningEntry
    sections: SectionsEntry
    danger_cap: Decimal = Field(default=Decimal(40), ge=0, lt=100, decimal_places=2)
    expert: list[StepEntry] = Field(min_length=1, max_length=60)
    explanation: _Text
    teaching: list[PointEntry] = Field(min_length=1, max_length=12)
    sources: list[SourceRef] = Field(min_length=1)
    retired: bool = False

    def body(self) -> dict[str, Any]:
        """The case as a version keeps it."""
        return {"scene": self._scene(), "key": self._key()}

    def _scene(self) -> dict[str, Any]:
        """What a player may see: no worth of anything, and not what comes of an order."""
        return {
            "title": self.title.model_dump(),
            "place": self.place,
            "minutes": self.minutes,
            "opening": self.opening.model_dump(),
            "sections": [
                {"section": section.value, "acts": [_seen(section, act) for act in part.acts]}
                for section, part in self.sections.each()
            ],
        }

    def _key(self) -> dict[str, Any]:
        acts = {act.code: _worth(section, act) for section, part in self.sections.each() for act in part.acts}
        return {
            "technique": self.technique,
            "weights": {section.value: part.weight for section, part in self.sections.each()},
            "danger_cap": str(self.danger_cap),
            "acts": acts,
            "expert": [step.model_dump() for step in self.expert],
            "explanation": self.explanation,
            "teaching": [point.model_dump() for point in self.teaching],
        }


def _seen(section: Section, act: ActEntry) -> dict[str, Any]:
    seen: dict[str, Any] = {"code": act.code, "text": act.text, "minutes": act.minutes}
    return seen if section in REVOCABLE else seen | {"found": act.found}


def _worth(section: Section, act: ActEntry) -> dict[str, Any]:
    kept = {"section": section.value} | act.model_dump(mode="json", include={"worth", "essential", "danger", "why"})
    return kept | {"found": act.found} if section in REVOCABLE else kept


def check(_pack: Pack, files: list[File[CaseFile]]) -> Iterable[Fault]:
    """What the schema cannot say: codes once, sections with something to choose, an expert's way that is complete."""
    for file in files:
        yield from _acts_faults(file)
        yield from _sections_faults(file)
        yield from _expert_faults(file)
        if file.value.technique in file.value.also:
            yield file.fault(f"{file.value.technique}: this is the main technique already", "also")


def _acts_faults(file: File[CaseFile]) -> Iterator[Fault]:
    seen: set[str] = set()
    for section, part in file.value.sections.each():
        for number, act in enumerate(part.acts):
            at = ("sections", section.value, "acts", number)
            if act.code in seen:
                yield file.fault(f"{act.code}: this act is there already", *at)
            if wrong := act.fault():
                yield file.fault(wrong, *at)
            seen.add(act.code)


def _sections_faults(file: File[CaseFile]) -> Iterator[Fault]:
    for section, part in file.value.sections.each():
        needed = any(act.worth is Worth.NEEDED for act in part.acts)
        if needed and part.nothing_needed:
            yield file.fault(
                f"{section}: it says that nothing is needed, and there is a needed act", "sections", section
            )
        if not needed and not part.nothing_needed:
            yield file.fault(f"{section}: no act is needed; say nothing_needed if that is right", "sections", section)
        if all(act.worth is not Worth.NEEDLESS for act in part.acts):
            yield file.fault(f"{section}: nothing is needless, so there is nothing to choose", "sections", section)


def _expert_faults(file: File[CaseFile]) -> Iterator[Fault]:
    worth = {act.code: act.worth for _section, part in file.value.sections.each() for act in part.acts}
    way = [step.act for step in file.value.expert]
    for number, code in enumerate(way):
        at = ("expert", number)
        if code not in worth:
            yield file.fault(f"{code}: there is no such act", *at)
        elif worth[code] is Worth.NEEDLESS:
            yield file.fault(f"{code}: the expert does nothing needless", *at)
        if way.index(code) != number:
            yield file.fault(f"{code}: the expert has done this already", *at)
    for code in sorted(code for code, is_worth in worth.items() if is_worth is Worth.NEEDED and code not in way):
        yield file.fault(f"{code} is needed and missing in the expert's way", "expert")


def load(pack: Pack, files: list[File[CaseFile]]) -> Tally:
    """Bring the cases to what the pack says: other content is a new version, nothing is changed or removed."""
    techniques = {code: number for number, code in db.session.execute(sa.select(Technique.id, Technique.code))}

    def about(entry: CaseFile) -> dict[str, Any]:
        return {
            "title": entry.title.zh,
            "title_en": entry.title.en,
            "technique_id": techniques[entry.technique],
            "also": list(entry.also),
            "categories": [category.value for category in entry.categories],
            "retired": entry.retired,
        }

    return Versioned(SimulatedCase, CaseVersion, "case_id", columns=lambda body: body).bring(pack, files, about)


KINDS = (Kind("case", "cases/*.yaml", CaseFile, load, check),)
