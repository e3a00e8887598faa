"""Stations out of a content pack: stations/*.yaml."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field

from assessments.osce.models import Station, StationVersion
from assessments.osce.rules import steps_for
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, names
from lms.content.versions import Versioned
from lms.db import db
from lms.techniques.content import TechniqueRef
from lms.techniques.models import Technique

_Code = Annotated[str, Field(pattern=CODE, max_length=80)]
_Text = Annotated[str, Field(min_length=1, max_length=6000)]


class ItemEntry(Strict):
    """One line of the checklist; without `steps` none, half (where whole) or all points can be given."""

    code: _Code
    text: str = Field(min_length=1, max_length=400)
    points: int = Field(ge=1, le=100)
    critical: bool
    key: bool
    steps: list[int] | None = None

    def fault(self) -> str | None:
        """What is wrong with the steps."""
        if self.steps is None:
            return None
        rising = all(low < high for low, high in zip(self.steps, self.steps[1:], strict=False))
        if not (rising and 2 <= len(self.steps) <= 5 and self.steps[0] == 0 and self.steps[-1] == self.points):
            return f"{self.code}: steps rise from 0 to {self.points}, two to five of them"
        if self.critical and len(self.steps) > 2:
            return f"{self.code}: a critical item is done or not done; it has no step between"
        return None


class KeyRuleEntry(Strict):
    """So many items fully done, with so many key items among them."""

    at_least: int = Field(ge=1)
    of: int = Field(ge=1)
    with_keys: int = Field(ge=0)


class LevelEntry(Strict):
    """One word of the global rating."""

    code: _Code
    title: Title
    order: int = Field(ge=1, le=9)
    borderline: bool


class RatingEntry(Strict):
    """The global rating, apart from the checklist."""

    levels: list[LevelEntry] = Field(min_length=3, max_length=7)


class StationFile(Strict):
    """One station."""

    code: Annotated[_Code, names("station")]
    title: Title
    technique: TechniqueRef
    minutes: int = Field(ge=1, le=60)
    candidate: _Text
    examiner: _Text
    patient: str = Field(default="", max_length=6000)
    equipment: list[Annotated[str, Field(min_length=1, max_length=200)]] = []
    items: list[ItemEntry] = Field(min_length=1, max_length=60)
    key_rule: KeyRuleEntry | None = None
    pass_percent: Decimal = Field(gt=0, le=100, decimal_places=2)
    rating: RatingEntry
    sources: list[SourceRef] = Field(min_length=1)
    retired: bool = False

    def body(self) -> dict[str, Any]:
        """The station as a version keeps it, complete with the steps that were left to the rule."""
        return {
            "title": self.title.model_dump(),
            "technique": self.technique,
            "minutes": self.minutes,
            "candidate": self.candidate,
            "examiner": self.examiner,
            "patient": self.patient,
            "equipment": self.equipment,
            "items": [
                one.model_dump() | {"steps": one.steps or list(steps_for(one.points, one.critical))}
                for one in self.items
            ],
            "key_rule": self.key_rule.model_dump() if self.key_rule else None,
            "pass_percent": str(self.pass_percent),
            "levels": [
                one.model_dump(include={"code", "title", "borderline"})
                for one in sorted(self.rating.levels, key=lambda level: level.order)
            ],
        }


def check(_pack: Pack, files: list[File[StationFile]]) -> Iterable[Fault]:
    """What the schema cannot say: codes once, steps that can be given, a key rule that can be met."""
    for file in files:
        station, codes = file.value, [item.code for item in file.value.items]
        for number, item in enumerate(station.items):
            if codes.index(item.code) != number:
                yield file.fault(f"{item.code}: this item is there already", "items", number)
            if wrong := item.fault():
                yield file.fault(wrong, "items", number)
        if wrong := _key_rule_fault(station):
            yield file.fault(wrong, "key_rule")
        levels = station.rating.levels
        if len({level.code for level in levels}) < len(levels) or len({level.order for level in levels}) < len(levels):
            yield file.fault("two levels have the same code or order", "rating", "levels")
        if sum(level.borderline for level in levels) != 1:
            yield file.fault("exactly one level is the borderline", "rating", "levels")


def _key_rule_fault(station: StationFile) -> str | None:
    rule = station.key_rule
    if rule is None:
        return None
    keys = sum(item.key for item in station.items)
    if rule.of != len(station.items):
        return f"the rule speaks of {rule.of} items, there are {len(station.items)}"
    if rule.at_least > rule.of:
        return f"{rule.at_least} of {rule.of} cannot be reached"
    if rule.with_keys > keys:
        return f"{rule.with_keys} key items are asked for, there are {keys}"
    return None


def load(pack: Pack, files: list[File[StationFile]]) -> Tally:
    """Bring the stations to what the pack says: other content is a new version, nothing is changed or removed."""
    techniques = {code: number for number, code in db.session.execute(sa.select(Technique.id, Technique.code))}

    def about(entry: StationFile) -> dict[str, Any]:
        return {
            "title": entry.title.zh,
            "title_en": entry.title.en,
            "technique_id": techniques[entry.technique],
            "retired": entry.retired,
        }

    return Versioned(Station, StationVersion, "station_id").bring(pack, files, about)


KINDS = (Kind("station", "stations/*.yaml", StationFile, load, check),)
