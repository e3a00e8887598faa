"""What guidelines ask of measured skills, out of a content pack: traces/*.yaml."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field

from assessments.traces.models import TraceTarget, TraceTargetVersion
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, names
from lms.content.versions import Versioned
from lms.db import db
from lms.techniques.content import TechniqueRef
from lms.techniques.models import Technique

_Code = Annotated[str, Field(pattern=CODE, max_length=80)]
_Share = Annotated[int, Field(ge=0, le=100)]


class DepthEntry(Strict):
    """How deep, in mm; no upper end where the guideline states none."""

    low_mm: int = Field(ge=5, le=150)
    high_mm: int | None = Field(ge=5, le=150)


class RateEntry(Strict):
    """How often, a minute."""

    low: int = Field(ge=40, le=200)
    high: int = Field(ge=40, le=200)


class RecoilEntry(Strict):
    """When a chest is released, and how many compressions may be leaned on."""

    within_mm: int = Field(ge=1, le=30)
    leaning_most_percent: _Share


class PausesEntry(Strict):
    """What a pause is, and how long one may be, in seconds."""

    from_s: Decimal = Field(gt=Decimal("0.5"), le=5, decimal_places=1)
    longest_s: int = Field(ge=1, le=60)


class FractionEntry(Strict):
    """The share of time with compressions: what is enough, and what is better."""

    least_percent: _Share
    better_percent: _Share


class TargetFile(Strict):
    """One set of targets."""

    code: Annotated[_Code, names("trace_target")]
    title: Title
    technique: TechniqueRef | None = None
    depth: DepthEntry
    rate: RateEntry
    recoil: RecoilEntry
    pauses: PausesEntry
    fraction: FractionEntry
    counts_from_mm: int = Field(ge=3, le=30)
    evidence_from_s: int = Field(ge=30, le=600)
    sources: list[SourceRef] = Field(min_length=1)
    retired: bool = False

    def body(self) -> dict[str, Any]:
        """The targets as a version keeps them."""
        parts = ("depth", "rate", "recoil", "fraction")
        return {
            "title": self.title.model_dump(),
            "technique": self.technique,
            **{name: getattr(self, name).model_dump() for name in parts},
            "pauses": {"from_s": str(self.pauses.from_s), "longest_s": self.pauses.longest_s},
            "counts_from_mm": self.counts_from_mm,
            "evidence_from_s": self.evidence_from_s,
        }


def check(_pack: Pack, files: list[File[TargetFile]]) -> Iterable[Fault]:
    """What the schema cannot say: every range begins below its end."""
    for file in files:
        value = file.value
        if value.depth.high_mm is not None and value.depth.high_mm <= value.depth.low_mm:
            yield file.fault("high_mm must be above low_mm", "depth", "high_mm")
        if value.rate.high <= value.rate.low:
            yield file.fault("high must be above low", "rate", "high")
        if value.fraction.better_percent < value.fraction.least_percent:
            yield file.fault("better_percent must not be below least_percent", "fraction", "better_percent")
        if value.counts_from_mm >= value.depth.low_mm:
            yield file.fault("counts_from_mm must be below depth.low_mm", "counts_from_mm")


def load(pack: Pack, files: list[File[TargetFile]]) -> Tally:
    """Bring the targets to what the pack says: other numbers are a new version, nothing is changed or removed."""
    techniques = {code: number for number, code in db.session.execute(sa.select(Technique.id, Technique.code))}

    def about(entry: TargetFile) -> dict[str, Any]:
        return {
            "title": entry.title.zh,
            "title_en": entry.title.en,
            "technique_id": techniques[entry.technique] if entry.technique else None,
            "retired": entry.retired,
        }

    return Versioned(TraceTarget, TraceTargetVersion, "target_id").bring(pack, files, about)


KINDS = (Kind("trace_target", "traces/*.yaml", TargetFile, load, check),)
