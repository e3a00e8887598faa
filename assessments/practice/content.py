"""Forms of evaluation out of a content pack: practice/*.yaml."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field

from assessments.practice.models import EvaluationForm, EvaluationFormVersion, Indicator, IndicatorVersion
from assessments.practice.models import Kind as Indicators
from assessments.practice.rules.parts import Better, Unit
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, names, refers
from lms.content.versions import Versioned
from lms.db import db
from lms.techniques.content import TechniqueRef
from lms.techniques.models import Technique

_Code = Annotated[str, Field(pattern=CODE, max_length=80)]

IndicatorRef = Annotated[str, refers("indicator")]


class CriterionEntry(Strict):
    """One thing that a record is looked at for."""

    code: _Code
    text: str = Field(min_length=1, max_length=400)
    points: int = Field(ge=1, le=100)


class IndicatorFile(Strict):
    """One indicator: what is counted, in which direction it is better, where it should be."""

    code: Annotated[_Code, names("indicator")]
    title: Title
    kind: Indicators = Indicators.INDICATOR
    unit: Unit
    #: what a mean is counted in: minutes, points
    unit_words: str = Field(default="", max_length=20)
    better: Better
    target: Decimal = Field(gt=0, le=100_000, decimal_places=2)
    least_count: int = Field(ge=1, le=10_000)
    counts: str = Field(min_length=1, max_length=400)
    sources: list[SourceRef] = Field(min_length=1)
    retired: bool = False

    def body(self) -> dict[str, Any]:
        """The indicator as a version keeps it."""
        return {
            "title": self.title.model_dump(),
            "unit": self.unit.value,
            "unit_words": self.unit_words,
            "better": self.better.value,
            "target": str(self.target),
            "least_count": self.least_count,
            "counts": self.counts,
        }


def check_indicators(_pack: Pack, files: list[File[IndicatorFile]]) -> Iterable[Fault]:
    """A share cannot aim above everything."""
    for file in files:
        if file.value.unit is Unit.PERCENT and file.value.target > 100:
            yield file.fault("a share is at most 100 percent", "target")


def load_indicators(pack: Pack, files: list[File[IndicatorFile]]) -> Tally:
    """Bring the indicators to what the pack says: another definition is a new version, nothing is removed."""

    def about(entry: IndicatorFile) -> dict[str, Any]:
        return {
            "title": entry.title.zh,
            "title_en": entry.title.en,
            "kind": entry.kind.value,
            "retired": entry.retired,
        }

    return Versioned(Indicator, IndicatorVersion, "indicator_id").bring(pack, files, about)


class WeightsEntry(Strict):
    """How much each part counts, in percent of the whole."""

    records: int = Field(ge=1, le=100)
    satisfaction: int = Field(ge=0, le=100)
    indicators: int = Field(ge=0, le=100)


class FormFile(Strict):
    """One form."""

    code: Annotated[_Code, names("evaluation_form")]
    title: Title
    technique: TechniqueRef | None = None
    records_required: int = Field(ge=10, le=200)
    criteria: list[CriterionEntry] = Field(min_length=1, max_length=40)
    pass_percent: Decimal = Field(gt=0, le=100, decimal_places=2)
    weights: WeightsEntry | None = None
    satisfaction: IndicatorRef | None = None
    indicators: list[IndicatorRef] = Field(default=[], max_length=20)
    appeal_days: int | None = Field(default=None, ge=0, le=365)
    sources: list[SourceRef] = Field(min_length=1)
    retired: bool = False

    def body(self) -> dict[str, Any]:
        """The form as a version keeps it."""
        return {
            "title": self.title.model_dump(),
            "technique": self.technique,
            "records_required": self.records_required,
            "criteria": [one.model_dump() for one in self.criteria],
            "pass_percent": str(self.pass_percent),
        } | self._more()

    def _more(self) -> dict[str, Any]:
        """What only some forms say; a form that does not say it keeps the hash it always had."""
        said = {
            "weights": self.weights.model_dump() if self.weights else None,
            "satisfaction": self.satisfaction,
            "indicators": self.indicators or None,
            "appeal_days": self.appeal_days,
        }
        return {name: value for name, value in said.items() if value is not None}


def check(_pack: Pack, files: list[File[FormFile]]) -> Iterable[Fault]:
    """What the schema cannot say: every criterion stands once."""
    for file in files:
        codes = [one.code for one in file.value.criteria]
        for number, code in enumerate(codes):
            if codes.index(code) != number:
                yield file.fault(f"{code}: this criterion is there already", "criteria", number)
        yield from _about_weights(file)


def _about_weights(file: File[FormFile]) -> Iterable[Fault]:
    """The weights make a whole, and what has a weight is named."""
    value = file.value
    weights = value.weights or WeightsEntry(records=100, satisfaction=0, indicators=0)
    if weights.records + weights.satisfaction + weights.indicators != 100:
        yield file.fault("the weights must be 100 together", "weights")
    if bool(weights.satisfaction) != bool(value.satisfaction):
        yield file.fault("satisfaction needs an indicator and a weight, or neither", "weights", "satisfaction")
    if bool(weights.indicators) != bool(value.indicators):
        yield file.fault("indicators need a list and a weight, or neither", "weights", "indicators")
    codes = [*value.indicators, *([value.satisfaction] if value.satisfaction else [])]
    for code in {one for one in codes if codes.count(one) > 1}:
        yield file.fault(f"{code}: this indicator is there already", "indicators")


def load(pack: Pack, files: list[File[FormFile]]) -> Tally:
    """Bring the forms to what the pack says: other content is a new version, nothing is changed or removed."""
    techniques = {code: number for number, code in db.session.execute(sa.select(Technique.id, Technique.code))}

    def about(entry: FormFile) -> dict[str, Any]:
        return {
            "title": entry.title.zh,
            "title_en": entry.title.en,
            "technique_id": techniques[entry.technique] if entry.technique else None,
            "retired": entry.retired,
        }

    return Versioned(EvaluationForm, EvaluationFormVersion, "form_id").bring(pack, files, about)


KINDS = (
    Kind("indicator", "indicators/*.yaml", IndicatorFile, load_indicators, check_indicators),
    Kind("evaluation_form", "practice/*.yaml", FormFile, load, check),
)
