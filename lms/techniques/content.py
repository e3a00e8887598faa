"""Techniques out of a content pack: techniques/<category>.yaml."""

from collections.abc import Iterable
from typing import Annotated

import sqlalchemy as sa
from pydantic import Field

from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, names, refers
from lms.db import db
from lms.people.models import Category
from lms.techniques.models import Technique, TechniqueKind

#: A mention of a technique, for the schemas of other features.
TechniqueRef = Annotated[str, refers("technique")]


class TechniqueEntry(Strict):
    """One technique and its standard."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("technique")]
    title: Title
    kind: TechniqueKind
    core: bool
    summary: str = Field(min_length=1)
    standard: str = Field(min_length=1)
    sources: list[SourceRef] = Field(min_length=1)
    retired: bool = False


class TechniqueFile(Strict):
    """The techniques of one professional category; `also` are those that another file describes and it shares."""

    category: Category
    also: list[TechniqueRef] = []
    techniques: list[TechniqueEntry] = Field(min_length=1)


def check(_pack: Pack, files: list[File[TechniqueFile]]) -> Iterable[Fault]:
    """What the schema cannot say: a technique is given to a category once."""
    given: set[tuple[Category, str]] = set()
    for file in files:
        given |= {(file.value.category, entry.code) for entry in file.value.techniques}
    for file in files:
        for number, code in enumerate(file.value.also):
            if (file.value.category, code) in given:
                yield file.fault(f"also: {code} is given to {file.value.category} already", "also", number)
            given.add((file.value.category, code))


def categories(files: list[File[TechniqueFile]]) -> dict[str, list[str]]:
    """Whom each technique is for, in the order in which categories are always named."""
    wanted: dict[str, set[Category]] = {}
    for file in files:
        for code in [entry.code for entry in file.value.techniques] + file.value.also:
            wanted.setdefault(code, set()).add(file.value.category)
    return {code: [one.value for one in Category if one in fitting] for code, fitting in wanted.items()}


def load(pack: Pack, files: list[File[TechniqueFile]]) -> Tally:
    """Bring the catalogue to what the pack says; techniques are updated in place, never removed."""
    tally = Tally()
    known = {technique.code: technique for technique in db.session.scalars(sa.select(Technique))}
    fitting = categories(files)
    for file in files:
        for entry in file.value.techniques:
            _bring(pack, entry, fitting[entry.code], known, tally)
    db.session.flush()
    return tally


def _bring(pack: Pack, entry: TechniqueEntry, fitting: list[str], known: dict[str, Technique], tally: Tally) -> None:
    values = {
        "title": entry.title.zh,
        "title_en": entry.title.en,
        "kind": entry.kind.value,
        "core": entry.core,
        "categories": fitting,
        "summary": entry.summary,
        "standard": entry.standard,
        "sources": [pack.source(code) for code in entry.sources],
        "retired": entry.retired,
    }
    row = known.get(entry.code)
    if row is None:
        db.session.add(Technique(code=entry.code, **values))
    elif changes := {name: value for name, value in values.items() if getattr(row, name) != value}:
        for name, value in changes.items():
            setattr(row, name, value)
        row.updated_at = sa.func.clock_timestamp()
        tally.note(changed=True)
        return
    tally.note(created=row is None)


KINDS = (Kind("technique", "techniques/*.yaml", TechniqueFile, load, check),)
