"""Star policies out of a content pack: policies/<name>.yaml. A version once loaded is never edited."""

from collections.abc import Iterable
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field, model_validator

from assessments.certification.models import PolicyVersion
from assessments.certification.rules.lint import lint
from assessments.certification.rules.policy import PolicyWrong, content_hash, parse
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, names
from lms.db import db
from lms.errors import Conflict
from lms.ledger import services as ledger
from lms.techniques.content import TechniqueRef

POLICY = "certification.policy"


class Requires(Strict):
    """A node of the tree: a group, a lower star, or a requirement; which one, the rules say."""

    all: "list[Requires] | None" = None
    any: "list[Requires] | None" = None
    at_least: int | None = Field(default=None, ge=1)
    of: "list[Requires] | None" = None
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


class PolicyFile(Strict):
    """One version of a policy."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("policy")]
    version: int = Field(ge=1)
    valid_from: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    title: Title
    profile: str | None = None
    sources: list[SourceRef] = Field(min_length=1)
    certificate: CertificateEntry | None = None
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
        for finding in lint(policy):
            place = [n for n, star in enumerate(file.value.stars) if star.star == finding.star]
            yield file.fault(f"{finding.rule}: {finding.subject}: {finding.message}", "stars", *place)


def load(_pack: Pack, files: list[File[PolicyFile]]) -> Tally:
    """Add the versions that are new; raises Conflict for one that is there with another content."""
    tally = Tally()
    for file in files:
        content = file.value.plain()
        digest = content_hash(content)
        query = sa.select(PolicyVersion.content_hash)
        query = query.where(PolicyVersion.code == file.value.code, PolicyVersion.version == file.value.version)
        held = db.session.scalar(query)
        if held is not None and held != digest:
            raise Conflict(f"{file.name}: version {file.value.version} is in use: a change needs a higher version")
        if held is None:
            _add(file.value, content, digest)
        tally.note(created=held is None)
    return tally


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


KINDS = (Kind("policy", "policies/*.yaml", PolicyFile, load, check),)
