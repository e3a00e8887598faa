"""Stations and blueprints out of a content pack: stations/*.yaml, blueprints/*.yaml."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field

from assessments.stations.models import Blueprint, BlueprintVersion, Station, StationVersion
from assessments.stations.rules import Kind, steps_for
from assessments.stations.rules.flaws import flaws
from assessments.stations.rules.skills import Skill
from assessments.stations.rules.words import english
from lms.content import formats
from lms.content.formats import CODE, Fault, File, Pack, SourceRef, Strict, Tally, Title, digest, names, refers
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
    optional: bool = False

    def body(self) -> dict[str, Any]:
        """As a version keeps it; `optional` is said only where it is so, for bodies are named by their hash."""
        kept = self.model_dump(exclude=set() if self.optional else {"optional"})
        return kept | {"steps": self.steps or list(steps_for(self.points, self.critical))}


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
    """One station, or one form of workplace assessment (which may fit any technique)."""

    code: Annotated[_Code, names("station")]
    kind: Kind = Kind.STATION
    title: Title
    skill: Skill | None = None
    technique: TechniqueRef | None = None
    minutes: int = Field(ge=1, le=60)
    candidate: _Text
    examiner: _Text
    patient: str = Field(default="", max_length=6000)
    equipment: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(default=[], max_length=60)
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
            "items": [one.body() for one in self.items],
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
        for flaw in flaws(file.value.kind, file.value.body()):
            yield file.fault(english(flaw), *flaw.at)
        orders = [level.order for level in file.value.rating.levels]
        if len(set(orders)) < len(orders):
            yield file.fault("two levels have the same order", "rating", "levels")


def load(pack: Pack, files: list[File[StationFile]]) -> Tally:
    """Bring the stations to what the pack says: other content is a new version, nothing is changed or removed.

    A station that somebody has edited here keeps the edit until the pack says something that it never said before.
    """
    techniques = {code: number for number, code in db.session.execute(sa.select(Technique.id, Technique.code))}

    def about(entry: StationFile) -> dict[str, Any]:
        return {
            "kind": entry.kind,
            "skill": entry.skill,
            "title": entry.title.zh,
            "title_en": entry.title.en,
            "technique_id": techniques[entry.technique] if entry.technique else None,
            "retired": entry.retired,
        }

    said = _said_before_an_edit()
    news = [file for file in files if digest(file.value.body()) not in said.get(file.value.code, ())]
    tally = Versioned(Station, StationVersion, "station_id").bring(pack, news, about)
    tally.unchanged += len(files) - len(news)
    return tally


def _said_before_an_edit() -> dict[str, set[bytes]]:
    """By station whose newest version somebody wrote here: the hashes of what packs have said about it."""
    query = (
        sa.select(Station.code, StationVersion.content_hash, StationVersion.made_by_id)
        .join(Station, Station.id == StationVersion.station_id)
        .order_by(StationVersion.station_id, StationVersion.version)
    )
    said: dict[str, set[bytes]] = {}
    edited: dict[str, bool] = {}
    for code, hashed, author in db.session.execute(query):
        edited[code] = author is not None
        if author is None:
            said.setdefault(code, set()).add(hashed)
    return {code: hashes for code, hashes in said.items() if edited[code]}


class PostEntry(Strict):
    """One post of a blueprint: what kind of station is asked, which ones are meant first, for how many marks."""

    code: _Code
    title: Title
    skill: Skill | None = None
    stations: list[Annotated[str, refers("station")]] = []
    marks: int = Field(ge=1, le=1000)
    minutes: int | None = Field(default=None, ge=1, le=60)


class PartEntry(Strict):
    """Posts that belong together, and the minutes they have together."""

    title: Title
    minutes: int = Field(ge=1, le=600)
    posts: list[PostEntry] = Field(min_length=1, max_length=40)


class BlueprintFile(Strict):
    """A template of a practical exam."""

    code: Annotated[_Code, names("blueprint")]
    title: Title
    summary: _Text
    total: int = Field(ge=1, le=10000)
    pass_marks: int = Field(ge=1, le=10000)
    parts: list[PartEntry] = Field(min_length=1, max_length=12)
    sources: list[SourceRef] = Field(min_length=1)
    retired: bool = False

    def body(self) -> dict[str, Any]:
        """The blueprint as a version keeps it."""
        return self.model_dump(mode="json", include={"title", "summary", "total", "pass_marks", "parts"})


def check_blueprints(pack: Pack, files: list[File[BlueprintFile]]) -> Iterable[Fault]:
    """What the schema cannot say: marks that make the whole, minutes that fit, posts that something can fill."""
    used = {file.value.code: file.value.kind for file in pack.files("station")}
    for file in files:
        whole, posts = file.value, [post for part in file.value.parts for post in part.posts]
        if sum(post.marks for post in posts) != whole.total:
            yield file.fault(
                f"the marks of the posts come to {sum(p.marks for p in posts)}, not {whole.total}", "total"
            )
        if whole.pass_marks > whole.total:
            yield file.fault(f"{whole.pass_marks} of {whole.total} cannot be reached", "pass_marks")
        if len({post.code for post in posts}) < len(posts) or len(posts) > 40:
            yield file.fault("each post has a code of its own, and there are at most 40", "parts")
        for number, part in enumerate(whole.parts):
            yield from _part_faults(file, number, part, used)


def _part_faults(file: File[BlueprintFile], number: int, part: PartEntry, used: dict[str, Kind]) -> Iterable[Fault]:
    if sum(post.minutes or 0 for post in part.posts) > part.minutes:
        yield file.fault(f"the posts need more than {part.minutes} minutes", "parts", number, "minutes")
    for at, post in enumerate(part.posts):
        if post.skill is None and not post.stations:
            yield file.fault(f"{post.code}: say a skill or stations", "parts", number, "posts", at)
        for code in post.stations:
            if used.get(code, Kind.STATION) != Kind.STATION:
                yield file.fault(f"{post.code}: {code} is a form of the workplace", "parts", number, "posts", at)


def load_blueprints(pack: Pack, files: list[File[BlueprintFile]]) -> Tally:
    """Bring the blueprints to what the pack says; a version that circuits were made from never changes."""

    def about(entry: BlueprintFile) -> dict[str, Any]:
        return {"title": entry.title.zh, "title_en": entry.title.en, "retired": entry.retired}

    return Versioned(Blueprint, BlueprintVersion, "blueprint_id").bring(pack, files, about)


KINDS = (
    formats.Kind("station", "stations/*.yaml", StationFile, load, check),
    formats.Kind("blueprint", "blueprints/*.yaml", BlueprintFile, load_blueprints, check_blueprints),
)
