"""Long work: a row that says what is to be done and how far it is, carried by a durable queue.

The row is the truth; the queue (huey, in PostgreSQL or Redis) only wakes a worker. A job is requested in the
transaction of the verb that wants it, so that none is lost and none runs early; a sweep wakes what a crash
left lying. Jobs are therefore written to be safe to repeat.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
import structlog
from huey import Huey, PostgresHuey, RedisHuey, crontab
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms import clock, ids
from lms.db import Everything, Model, after_commit, db, utc
from lms.errors import Refused

log = structlog.get_logger("jobs")
#: The schema that holds huey's own tables; made by the owner, left out of migrations.
QUEUE_SCHEMA = "queue"


class Job(Model):
    """One piece of long work."""

    __tablename__ = "job"
    __table_args__ = (
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state_known"),
        sa.CheckConstraint("done >= 0 AND total >= 0", name="progress_not_negative"),
        sa.Index(None, "state", postgresql_where=sa.text("state IN ('queued', 'running')")),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    name: orm.Mapped[str]
    key: orm.Mapped[str | None] = orm.mapped_column(unique=True)
    arguments: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    requested_by: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    requested_at: orm.Mapped[utc]
    state: orm.Mapped[str] = orm.mapped_column(server_default="queued")
    done: orm.Mapped[int] = orm.mapped_column(server_default="0")
    total: orm.Mapped[int] = orm.mapped_column(server_default="0")
    outcome: orm.Mapped[dict[str, Any] | None] = orm.mapped_column(pg.JSONB)
    ended_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))

    @property
    def percent(self) -> int:
        """How far the work is, 0–100."""
        return 100 if self.state == "done" else 100 * self.done // self.total if self.total else 0


Work = Callable[..., dict[str, Any] | None]


@dataclass(frozen=True)
class Periodic:
    """Work that begins by the clock."""

    name: str
    due: Callable[[datetime], bool]


WORK: dict[str, Work] = {}
PERIODIC: dict[str, Periodic] = {}


def register(name: str, work: Work, every: Callable[[datetime], bool] | None = None) -> None:
    """Say how the jobs of this name are done: `work(progress, **arguments) -> outcome` (called in wiring.py)."""
    WORK[name] = work
    if every is not None:
        PERIODIC[name] = Periodic(name, every)


def request(name: str, *, by: int | None = None, key: str | None = None, **arguments: Any) -> UUID:
    """Ask for work, inside the running verb; a second request with the same key is the first one."""
    if name not in WORK:
        raise LookupError(f"no work is registered as {name!r}")
    job_id = ids.uuid7()
    row = {"id": job_id, "name": name, "key": key, "arguments": arguments, "requested_by": by}
    insert = pg.insert(Job).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(Job.id)
    if db.session.scalar(insert, execution_options=Everything) is None:
        return db.session.scalars(sa.select(Job.id).where(Job.key == key).execution_options(**Everything)).one()
    after_commit(db.session, lambda: _wake(job_id))
    return job_id


def asked_for(key: str) -> Job | None:
    """The work that was asked for under this key."""
    return db.session.scalar(sa.select(Job).where(Job.key == key), execution_options=Everything)


#: Wakes a worker for a job id; the app puts the queue here.
NUDGE: list[Callable[[UUID], None]] = []


def _wake(job_id: UUID) -> None:
    for nudge in NUDGE:
        nudge(job_id)


class Progress:
    """How a job says how far it is: written at once and apart from the job's own transaction."""

    def __init__(self, connection: sa.Connection, job_id: UUID) -> None:
        self._connection = connection
        self._job_id = job_id

    def __call__(self, done: int, total: int) -> None:
        """Record `done` of `total`."""
        self.write(done=done, total=total)

    def write(self, **values: Any) -> None:
        """Change the job's row now."""
        self._connection.execute(sa.update(Job).where(Job.id == self._job_id).values(**values))


def run(engine: sa.Engine, job_id: UUID) -> bool:
    """Do a job now, unless it is done or another worker is at it; True when it was done here."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        lock = sa.select(sa.func.pg_try_advisory_lock(_lock_number(job_id)))
        if not connection.scalar(lock):
            return False
        try:
            return _run_locked(connection, job_id)
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_lock_number(job_id))))


def _run_locked(connection: sa.Connection, job_id: UUID) -> bool:
    row = connection.execute(sa.select(Job.name, Job.arguments, Job.state).where(Job.id == job_id)).first()
    if row is None or row.state in ("done", "failed"):
        return False
    progress = Progress(connection, job_id)
    progress.write(state="running")
    try:
        outcome = WORK[row.name](progress, **row.arguments)
    except Exception as wrong:
        log.exception("job failed", job=row.name, id=str(job_id))
        reason = str(wrong) if isinstance(wrong, Refused) else type(wrong).__name__
        progress.write(state="failed", outcome={"reason": reason}, ended_at=clock.now())
        return True
    progress.write(state="done", outcome=outcome, ended_at=clock.now())
    return True


def _lock_number(job_id: UUID) -> int:
    return job_id.int % (1 << 63)


def unfinished(limit: int = 200) -> list[UUID]:
    """Jobs that wait or that a dead worker left, oldest first (the lock tells which are being done)."""
    query = sa.select(Job.id).where(Job.state.in_(["queued", "running"])).order_by(Job.requested_at).limit(limit)
    return list(db.session.scalars(query.execution_options(**Everything)))


class JsonSerializer(Serializer):
    """Messages in the queue are JSON, never pickle."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Any:
        value = json.loads(data)
        return Message(*value) if isinstance(value, list) and len(value) == len(Message._fields) else value


def queue(url: str) -> Huey:
    """The durable queue at this address: PostgreSQL (the database itself) or Redis."""
    options = {"results": False, "utc": True, "serializer": JsonSerializer()}
    if url.startswith(("redis://", "rediss://")):
        return RedisHuey("clinical-skills", url=url, **options)
    return PostgresHuey("clinical-skills", connection=lambda: _connect(url), create_tables=False, **options)


def _connect(url: str) -> psycopg.Connection[Any]:
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, options=f"-c search_path={QUEUE_SCHEMA}")


def queue_ddl() -> list[str]:
    """The statements that make the queue's tables (run by the owner, in their own schema)."""
    made = PostgresHuey("clinical-skills", connection=lambda: None, create_tables=False)
    return list(made.storage.ddl)


def hourly(minute: int) -> Callable[[datetime], bool]:
    """Due once an hour."""
    return crontab(minute=str(minute))  # type: ignore[no-any-return]


def daily(hour: int, minute: int = 0) -> Callable[[datetime], bool]:
    """Due once a day, by UTC."""
    return crontab(hour=str(hour), minute=str(minute))  # type: ignore[no-any-return]


def every_minute() -> Callable[[datetime], bool]:
    """Due once a minute."""
    return crontab()  # type: ignore[no-any-return]
