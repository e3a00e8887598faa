"""Forms of evaluation out of a content pack: practice/*.yaml."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field

from assessments.practice.models import EvaluationForm, EvaluationFormVersion
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, names
from lms.content.versions import Versioned
from lms.db import db
from lms.techniques.content import TechniqueRef
from lms.techniques.models import Technique

_Code = Annotated[str, Field(pattern=CODE, max_length=80)]


class CriterionEntry(Strict):
    """One thing that a record is looked at for."""

    code: _Code
    text: str = Field(min_length=1, max_length=400)
    points: int = Field(ge=1, le=100)


class FormFile(Strict):
    """One form."""

    code: Annotated[_Code, names("evaluation_form")]
    title: Title
    technique: TechniqueRef | None = None
    records_required: int = Field(ge=1, le=200)
    criteria: list[CriterionEntry] = Field(min_length=1, max_length=40)
    pass_percent: Decimal = Field(gt=0, le=100, decimal_places=2)
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
        }


def check(_pack: Pack, files: list[File[FormFile]]) -> Iterable[Fault]:
    """What the schema cannot say: every criterion stands once."""
    for file in files:
        codes = [one.code for one in file.value.criteria]
        for number, code in enumerate(codes):
            if codes.index(code) != number:
                yield file.fault(f"{code}: this criterion is there already", "criteria", number)


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


KINDS = (Kind("evaluation_form", "practice/*.yaml", FormFile, load, check),)
