"""Curricula out of a content pack: curricula/<name>.yaml; and the one way in which a version is written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field, model_validator

from courses.curricula.content.courses import CourseRef
from courses.curricula.models import (
    AssignmentRule,
    Course,
    Curriculum,
    CurriculumPublication,
    CurriculumRequirement,
    CurriculumTier,
    CurriculumVersion,
)
from courses.curricula.rules.tiers import GRAMMAR, STARS, Begins, Moving, Wrong, cycle, wrong
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, digest, names
from lms.db import db
from lms.people.models import Category
from lms.techniques.content import TechniqueRef
from lms.techniques.models import Technique

Code = Annotated[str, Field(pattern=CODE, max_length=80)]
MOST_IN_A_TIER = 60


class Requirement(Strict):
    """One thing a tier asks."""

    code: Code
    kind: str
    title: Title | None = None
    course: CourseRef | None = None
    technique: TechniqueRef | None = None
    what: str = ""
    amount: int | None = Field(default=None, ge=1)
    percent: int | None = Field(default=None, ge=1, le=100)
    yearly: bool = False
    months: int | None = Field(default=None, ge=1, le=240)
    after: list[str] = []

    @model_validator(mode="after")
    def _as_its_kind_wants(self) -> "Requirement":
        grammar = GRAMMAR.get(self.kind)
        if grammar is None:
            raise ValueError(f"kind: there is no {self.kind}; known are {', '.join(GRAMMAR)}")
        given = [name for name in ("course", "technique", "percent", "yearly") if getattr(self, name)]
        found = wrong(self.kind, given, self.what, self.amount)
        if found is not None:
            field, why = found
            said = {
                Wrong.MISSING: f"a requirement of the kind {self.kind} must name it",
                Wrong.STRANGE: f"means nothing for a requirement of the kind {self.kind}",
                Wrong.NOT_OF_THESE: f"one of {', '.join(grammar.what)}",
                Wrong.NOT_IN_RANGE: f"a number from 1 to {grammar.most}",
            }
            raise ValueError(f"{field}: {said[why]}")
        return self

    @property
    def asked(self) -> int | None:
        """The amount, or the one its kind has where none is given."""
        return self.amount if self.amount is not None else GRAMMAR[self.kind].amount


class Tier(Strict):
    """What leads to one star."""

    star: int = Field(ge=1, le=5)
    title: Title
    requirements: list[Requirement] = Field(min_length=1, max_length=MOST_IN_A_TIER)


class CurriculumBody(Strict):
    """What a version of a curriculum says."""

    title: Title
    summary: str = Field(min_length=1, max_length=2000)
    tiers: list[Tier] = Field(min_length=5, max_length=5)

    @model_validator(mode="after")
    def _hangs_together(self) -> "CurriculumBody":
        if [tier.star for tier in self.tiers] != list(STARS):
            raise ValueError("tiers: one for each star, from 1 to 5 in order")
        after = {one.code: one.after for tier in self.tiers for one in tier.requirements}
        if len(after) < sum(len(tier.requirements) for tier in self.tiers):
            codes = [one.code for tier in self.tiers for one in tier.requirements]
            raise ValueError(f"tiers: {next(c for c in codes if codes.count(c) > 1)} stands there twice")
        for code, wanted in after.items():
            if unknown := [one for one in wanted if one not in after]:
                raise ValueError(f"tiers: {code} comes after {unknown[0]}, which is not there")
        if circle := cycle(after):
            raise ValueError(f"tiers: what must come first goes in a circle: {' → '.join(circle)}")
        return self


class RuleEntry(Strict):
    """Who gets the curriculum, and how fast."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("assignment rule")]
    title: Title
    joined_from: date | None = None
    joined_until: date | None = None
    posts: list[Annotated[str, Field(min_length=1, max_length=40)]] = []
    begins: Begins
    months: list[Annotated[int, Field(ge=1, le=240)]] = Field(min_length=5, max_length=5)

    @model_validator(mode="after")
    def _in_order(self) -> "RuleEntry":
        if self.months != sorted(self.months):
            raise ValueError("months: a later tier cannot be due earlier")
        if self.joined_from and self.joined_until and self.joined_from > self.joined_until:
            raise ValueError("joined_until: before joined_from")
        return self


class CurriculumFile(CurriculumBody):
    """A curriculum of one category, and who gets it."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("curriculum")]
    category: Category
    sources: list[SourceRef] = Field(min_length=1)
    assign: list[RuleEntry] = []


def check(_pack: Pack, files: list[File[CurriculumFile]]) -> Iterator[Fault]:
    """One curriculum for a category."""
    seen: dict[Category, str] = {}
    for file in files:
        if file.value.category in seen:
            yield file.fault(f"category: {seen[file.value.category]} is for {file.value.category} already", "category")
        seen.setdefault(file.value.category, file.value.code)


def load(pack: Pack, files: list[File[CurriculumFile]]) -> Tally:
    """New curricula hold at once; a changed one becomes a new version that waits. Rules that are there stay theirs."""
    tally = Tally()
    for file in files:
        value = file.value
        curriculum = db.session.scalar(sa.select(Curriculum).where(Curriculum.code == value.code))
        if curriculum is None:
            curriculum = Curriculum(code=value.code, category=value.category.value)
            db.session.add(curriculum)
            db.session.flush()
        body = CurriculumBody.model_validate(value.model_dump(include={"title", "summary", "tiers"}))
        last = newest(curriculum.id)
        made = write(curriculum, body, [pack.source(code) for code in value.sources])
        if made is not None and last is None:
            db.session.add(
                CurriculumPublication(curriculum_id=curriculum.id, version_id=made.id, moving=Moving.NOBODY.value)
            )
        ruled = _bring_rules(curriculum, value.assign)
        tally.note(created=last is None, changed=made is not None or ruled)
    db.session.flush()
    return tally


def newest(curriculum_id: int) -> CurriculumVersion | None:
    """The version that was written last, whether it holds or waits."""
    query = sa.select(CurriculumVersion).where(CurriculumVersion.curriculum_id == curriculum_id)
    return db.session.scalar(query.order_by(CurriculumVersion.number.desc()).limit(1))


def write(
    curriculum: Curriculum, body: CurriculumBody, sources: Sequence[Mapping[str, str]], by_id: int | None = None
) -> CurriculumVersion | None:
    """A new version with its rows; None where the newest says the same."""
    content = body.model_dump(mode="json")
    signs = digest([content, [dict(one) for one in sources]])
    last = newest(curriculum.id)
    if last is not None and last.digest == signs:
        return None
    made = CurriculumVersion(
        curriculum_id=curriculum.id,
        number=last.number + 1 if last else 1,
        digest=signs,
        title=body.title.zh,
        title_en=body.title.en,
        summary=body.summary,
        sources=[dict(one) for one in sources],
        content=content,
        by_id=by_id,
    )
    db.session.add(made)
    db.session.flush()
    _write_tiers(made, body)
    return made


def _write_tiers(version: CurriculumVersion, body: CurriculumBody) -> None:
    courses = dict(db.session.execute(sa.select(Course.code, Course.id)).all())
    techniques = dict(db.session.execute(sa.select(Technique.code, Technique.id)).all())
    for tier in body.tiers:
        row = CurriculumTier(version_id=version.id, star=tier.star, title=tier.title.zh, title_en=tier.title.en)
        db.session.add(row)
        db.session.flush()
        for position, one in enumerate(tier.requirements, 1):
            named = {"course_id": courses.get(one.course or ""), "technique_id": techniques.get(one.technique or "")}
            db.session.add(_row(row, position, one, named))
    db.session.flush()


def _row(tier: CurriculumTier, position: int, one: Requirement, named: dict[str, Any]) -> CurriculumRequirement:
    return CurriculumRequirement(
        tier_id=tier.id,
        version_id=tier.version_id,
        star=tier.star,
        position=position,
        code=one.code,
        kind=one.kind,
        title=one.title.zh if one.title else "",
        title_en=one.title.en if one.title else "",
        what=one.what,
        amount=one.asked,
        percent=one.percent if one.percent is not None else GRAMMAR[one.kind].percent,
        yearly=one.yearly,
        months=one.months,
        after=one.after,
        **named,
    )


def _bring_rules(curriculum: Curriculum, entries: Sequence[RuleEntry]) -> bool:
    """Rules that are not there yet, after those that are; what officers have made of the others holds."""
    known = set(db.session.scalars(sa.select(AssignmentRule.code)))
    last = db.session.scalar(sa.select(sa.func.max(AssignmentRule.priority))) or 0
    fresh = [one for one in entries if one.code not in known]
    for number, one in enumerate(fresh, 1):
        values = one.model_dump(mode="python", exclude={"title", "begins"})
        rule = AssignmentRule(
            curriculum_id=curriculum.id, priority=last + 10 * number, begins=one.begins.value, **values
        )
        rule.title, rule.title_en = one.title.zh, one.title.en
        db.session.add(rule)
    return bool(fresh)


KINDS = (Kind("curriculum", "curricula/*.yaml", CurriculumFile, load, check),)
