"""Forms of evaluation out of a content pack: practice/*.yaml."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.dialects import postgresql as pg

from assessments.practice.models import EvaluationForm, EvaluationFormVersion
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, digest, names
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
    tally = Tally()
    known = {form.code: form for form in db.session.scalars(sa.select(EvaluationForm))}
    row = EvaluationFormVersion
    newest = sa.select(row).ext(pg.distinct_on(row.form_id)).order_by(row.form_id, row.version.desc())
    last = {version.form_id: version for version in db.session.scalars(newest)}
    techniques = {code: number for number, code in db.session.execute(sa.select(Technique.id, Technique.code))}
    for file in files:
        entry, before = file.value, known.get(file.value.code)
        form, renamed = _form(entry, before, techniques)
        fresh = _version(pack, entry, form, last.get(form.id))
        tally.note(created=before is None, changed=renamed or fresh)
    db.session.flush()
    return tally


def _form(entry: FormFile, form: EvaluationForm | None, techniques: dict[str, int]) -> tuple[EvaluationForm, bool]:
    """The row under which the versions stand, and whether it is called something else now."""
    values = {
        "title": entry.title.zh,
        "title_en": entry.title.en,
        "technique_id": techniques[entry.technique] if entry.technique else None,
        "retired": entry.retired,
    }
    if form is None:
        form = EvaluationForm(code=entry.code, **values)
        db.session.add(form)
        db.session.flush()
        return form, False
    renamed = {name: value for name, value in values.items() if getattr(form, name) != value}
    for name, value in renamed.items():
        setattr(form, name, value)
    if renamed:
        form.updated_at = sa.func.clock_timestamp()
    return form, bool(renamed)


def _version(pack: Pack, entry: FormFile, form: EvaluationForm, before: EvaluationFormVersion | None) -> bool:
    """Add a version where the content is another than the newest version's; whether it is."""
    body = entry.body()
    hashed = digest(body)
    if before is not None and before.content_hash == hashed:
        return False
    made = EvaluationFormVersion(
        form_id=form.id,
        version=before.version + 1 if before else 1,
        body=body,
        sources=[pack.source(code) for code in entry.sources],
        content_hash=hashed,
    )
    db.session.add(made)
    return True


KINDS = (Kind("evaluation_form", "practice/*.yaml", FormFile, load, check),)
