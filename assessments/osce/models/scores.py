"""What candidates came to, release by release: never overwritten, a later version stands beside the first."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.osce.models.circuits import Circuit, CircuitCandidate
from lms.db import InScope, Model, Personal, utc

_SHA256 = "octet_length({}) = 32"


class CircuitRun(InScope, Model):
    """One counting of a circuit that was released: by which cuts, over which sheets; a revision is the next one."""

    __tablename__ = "circuit_run"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("circuit_id", "version"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
        sa.CheckConstraint("version >= 1", name="versions_from_1"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"))
    version: orm.Mapped[int]
    rules_version: orm.Mapped[int]
    #: {"stations": {"<station>": "60.00"}, "exam": "58.50" | null, "least_stations": 6, "words": "…", "why": "…"}
    cuts: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: over every sheet that counts, every ruling, and the cuts
    content_hash: orm.Mapped[bytes]
    made_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: orm.Mapped[utc]

    circuit: orm.Mapped[Circuit] = orm.relationship()


class CircuitScore(Personal, Model):
    """What one candidate came to in a circuit, station by station; the highest version stands."""

    __tablename__ = "circuit_score"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("candidate_id", "version"),
        sa.UniqueConstraint("run_id", "candidate_id"),
        sa.UniqueConstraint("supersedes_id"),
        sa.CheckConstraint("percent IS NULL OR percent BETWEEN 0 AND 100", name="percent_in_bounds"),
        sa.CheckConstraint("cut IS NULL OR cut BETWEEN 0 AND 100", name="cut_in_bounds"),
        sa.CheckConstraint("NOT passed OR percent IS NOT NULL", name="passed_with_a_mark"),
        sa.CheckConstraint("stations_passed BETWEEN 0 AND stations_counted", name="passed_of_those_that_count"),
        sa.CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="later_versions_supersede"),
        sa.CheckConstraint("(version = 1) = (reason = '')", name="a_later_version_has_a_reason"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
        sa.CheckConstraint("jsonb_typeof(stations) = 'array'", name="station_by_station"),
    )

    run_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_run.id"))
    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"), index=True)
    candidate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_candidate.id"))
    version: orm.Mapped[int]
    supersedes_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("circuit_score.id"))
    #: why there is a later version, in words that the candidate reads
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    percent: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(5, 2))
    #: what was asked over all stations that count; NULL where nothing was
    cut: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(5, 2))
    passed: orm.Mapped[bool]
    stations_passed: orm.Mapped[int]
    stations_counted: orm.Mapped[int]
    stations_needed: orm.Mapped[int]
    #: why the whole was not passed: words of rules.outcome.Short
    why: orm.Mapped[list[str]] = orm.mapped_column(pg.JSONB)
    #: [{"station", "stand", "percent", "cut", "passed", "why": […], "said": "…"}, …] in the circuit's order
    stations: orm.Mapped[list[dict[str, Any]]] = orm.mapped_column(pg.JSONB)
    #: {"<station>": {"sheets": ["<id>", …], "counts": "<id>" | null, "over": "<hash>"}}: what each mark rests on
    rests_on: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: over all of the above: two versions with the same hash say the same
    content_hash: orm.Mapped[bytes]
    at: orm.Mapped[utc]

    run: orm.Mapped[CircuitRun] = orm.relationship()
    candidate: orm.Mapped[CircuitCandidate] = orm.relationship()
