"""Star policies out of a content pack: policies/<name>.yaml.

A pack lays the first version of a policy. What it brings later becomes a draft: two officers change what is in use.
"""

from collections.abc import Iterable
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field, model_validator

from assessments.certification.models import FollowsPolicy, PolicyDraft, PolicyVersion
from assessments.certification.queries import policies
from assessments.certification.rules.follows import Follows
from assessments.certification.rules.lint import errors, lint
from assessments.certification.rules.policy import PolicyWrong, content_hash, parse
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, names
from lms.db import db
from lms.errors import Conflict
from lms.ledger import services as ledger
from lms.techniques.content import TechniqueRef

POLICY = "certification.policy"


class Requires(Strict):
    """A node of the tree: a group, points, a lower star, or a requirement; which one, the rules say."""

    all: "list[Requires] | None" = None
    any: "list[Requires] | None" = None
    at_least: int | None = Field(default=None, ge=1)
    weighted: float | int | None = Field(default=None, gt=0)
    of: "list[Requires] | None" = None
    #: A part of points: its weight, and what is asked for it.
    weight: float | int | None = Field(default=None, gt=0)
    requires: "Requires | None" = None
    star: int | None = None
    kind: str | None = None
    title: Title | None = None
    min: float | int | None = None
    within_days: int | None = None
    count: int | None = None
    technique: TechniqueRef | None = None
    level: int | None = None
    distinct_assessors: int | None = None
    no_critical_failure: bool | None = None


class StarEntry(Strict):
    """One star and what it asks for."""

    star: int = Field(ge=1, le=5)
    title: Title
    requires: Requires


class CertificateEntry(Strict):
    """What is said about the certificates themselves."""

    valid_years: int | None = Field(default=None, ge=1, le=50)
    number: str | None = Field(default=None, max_length=80)
    renew_days: int | None = Field(default=None, ge=0, le=730)
    grace_days: int | None = Field(default=None, ge=0, le=730)
    refreshers: int | None = Field(default=None, ge=0, le=100)
    remind_days: list[Annotated[int, Field(ge=1, le=730)]] | None = Field(default=None, min_length=1, max_length=6)


class DecisionEntry(Strict):
    """How certain a decision must be."""

    certainty: float | int | None = Field(default=None, gt=50, lt=100)
    second_look: bool | None = None


class PolicyFile(Strict):
    """One version of a policy."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("policy")]
    version: int = Field(ge=1)
    valid_from: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    title: Title
    profile: str | None = None
    sources: list[SourceRef] = Field(min_length=1)
    certificate: CertificateEntry | None = None
    decision: DecisionEntry | None = None
    stars: list[StarEntry] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _days_as_text(cls, raw: Any) -> Any:
        """YAML reads a day as a date; in JSON it is text."""
        if isinstance(raw, dict) and hasattr(raw.get("valid_from"), "isoformat"):
            return raw | {"valid_from": raw["valid_from"].isoformat()}
        return raw

    def plain(self) -> dict[str, Any]:
        """As it is kept and hashed: without what is not said."""
        return self.model_dump(mode="json", exclude_none=True)


def check(_pack: Pack, files: list[File[PolicyFile]]) -> Iterable[Fault]:
    """What makes a policy unfair or impossible although it can be read."""
    for file in files:
        try:
            policy = parse(file.value.plain())
        except PolicyWrong as wrong:
            yield file.fault(str(wrong), *wrong.where)
            continue
        for finding in errors(lint(policy)):
            place = [n for n, star in enumerate(file.value.stars) if star.star == finding.star]
            yield file.fault(f"{finding.rule}: {finding.subject}: {finding.message}", "stars", *place)


def load(_pack: Pack, files: list[File[PolicyFile]]) -> Tally:
    """Lay the policies that are new; lay the newer versions of those in use before the officers, as drafts."""
    tally = Tally()
    for file in files:
        content = file.value.plain()
        digest = content_hash(content)
        query = sa.select(PolicyVersion).where(PolicyVersion.code == file.value.code)
        held = list(db.session.scalars(query.order_by(PolicyVersion.version.desc())))
        known = digest in [one.content_hash for one in held] or _offered(digest)
        if not held:
            _add(file.value, content, digest)
        elif not known:
            _offer(held[0], content, digest)
        tally.note(created=not known)
    return tally


def _offered(digest: bytes) -> bool:
    return bool(db.session.scalar(sa.select(sa.exists().where(PolicyDraft.pack_hash == digest))))


def _offer(newest: PolicyVersion, content: dict[str, Any], digest: bytes) -> None:
    """Lay what a pack brings before the officers; raises Conflict where there is nobody to lay it before."""
    tops = policies.tops(db.session)
    if not tops:
        raise Conflict(f"policy {newest.code}: it is in use, and no institution has officers who could approve another")
    row = PolicyDraft(
        institution_id=tops[0].id,
        base_id=newest.id,
        content=content | {"version": newest.version + 1},
        pack_hash=digest,
    )
    db.session.add(row)
    db.session.flush()


def _add(value: PolicyFile, content: dict[str, Any], digest: bytes) -> None:
    words = {"code": value.code, "version": value.version, "hash": digest.hex(), "from": value.valid_from}
    recorded = ledger.append(db.session, POLICY, words)
    row = PolicyVersion(
        code=value.code,
        version=value.version,
        valid_from=parse(content).valid_from,
        content=content,
        content_hash=digest,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()


def load_follows(_pack: Pack, files: list[File[Follows]]) -> Tally:
    """Add the versions of what follows from stars that are new; raises Conflict for one with another content."""
    tally = Tally()
    for file in files:
        value, content = file.value, file.value.plain()
        digest = content_hash(content)
        query = sa.select(FollowsPolicy.content_hash)
        query = query.where(FollowsPolicy.code == value.code, FollowsPolicy.version == value.version)
        held = db.session.scalar(query)
        if held is not None and held != digest:
            raise Conflict(f"{file.name}: version {value.version} is in use: a change needs a higher version")
        if held is None:
            named = {"code": value.code, "version": value.version, "valid_from": value.valid_from}
            db.session.add(FollowsPolicy(**named, content=content, content_hash=digest))
        tally.note(created=held is None)
    db.session.flush()
    return tally


KINDS = (
    Kind("policy", "policies/*.yaml", PolicyFile, load, check),
    Kind("follows", "follows/*.yaml", Follows, load_follows),
)
