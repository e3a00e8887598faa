"""Somebody changes what stars rest on: as the application's role, as the owner of the database, in files.

Every act is made in a transaction that is thrown away; in it the database refuses, or `ledger verify` must find it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.certification.queries import policies
from assessments.certification.signer import keys, work
from lms import ids
from lms.app import create_app
from lms.authz import Actor
from lms.db import Model, act_as, db, grants, transaction
from lms.ledger import formats, queries, services
from lms.ledger.models import LedgerSubject
from lms.ledger.queries import Finding, Head
from tests import databases
from tests.assessments.certification.conftest import Way, equip, load_policy

#: Rooms all of whose append-only tables a certificate rests on.
ROOMS = ("assessments.certification.", "assessments.results.", "lms.ledger.", "lms.audit.")
#: Columns that say nothing a star rests on, each with its reason.
INDIFFERENT = {
    "ledger_head_signature.at": "the signed words hold the time of the head; this is when the signer was there",
    "renumber: audit_event": "a deed is named by its place in the ledger, and that is in its words",
    "reorder: audit_event": "the same",
}


@dataclass(frozen=True)
class Act:
    """Something that somebody does to the database, in one transaction."""

    name: str
    statements: tuple[str, ...]


@dataclass
class Outcome:
    """What became of many acts."""

    refused: int = 0
    found: int = 0
    unseen: list[str] = field(default_factory=list)
    #: Tables in which there was nothing to be changed.
    empty: set[str] = field(default_factory=set)
    named: Counter[str] = field(default_factory=Counter)

    @property
    def acts(self) -> int:
        return self.refused + self.found + len(self.unseen)


@dataclass
class Ground:
    """A database with certificates in it, one of them revoked, a signed head, and a witness."""

    app: Flask
    database: databases.Database
    witness: Path
    keys: Path

    @contextmanager
    def connected(self, role: str) -> Iterator[sa.Connection]:
        """A transaction of this role that is thrown away."""
        engine = sa.create_engine(self.database.url(role), poolclass=sa.NullPool)
        with engine.connect() as connection:
            outer = connection.begin()
            yield connection
            outer.rollback()

    def verify(self, connection: sa.Connection, heads: list[Head] | None = None) -> Finding:
        """What `ledger verify` says to what this transaction made of the database."""
        kept = formats.read_heads(self.witness) if heads is None else heads
        with self.app.app_context(), orm.Session(connection, join_transaction_mode="create_savepoint") as session:
            act_as(session, Actor.job("tamper"))
            finding = queries.verify(session, kept)
            gap = queries.gap(session, kept) if finding.holds else None
        return finding if gap is None else Finding(False, index=gap - 1, why="the witness does not know this head")

    def regrow(self, connection: sa.Connection, entries: int) -> None:
        """The application's own code appends so many entries to what this transaction left."""
        with self.app.app_context(), orm.Session(connection, join_transaction_mode="create_savepoint") as session:
            act_as(session, Actor.job("tamper"))
            for _ in range(entries):
                services.destroy_key(session, self._somebody(session))
            session.commit()

    def _somebody(self, session: orm.Session) -> UUID:
        """A new subject whose key can be destroyed, so that there are words for a new entry."""
        subject = ids.uuid7()
        session.execute(sa.insert(LedgerSubject).values(id=subject, sealed_key=b"x"))
        return subject

    def exported(self, path: Path) -> Path:
        """The ledger as a file, with its words."""
        with self.app.app_context():
            act_as(db.session, Actor.job("ledger"))
            formats.export(db.session, path, with_words=True)
        return path

    def do(self, role: str, act: Act, outcome: Outcome) -> None:
        """One act: refused by the database, or found."""
        with self.connected(role) as connection:
            try:
                touched = [connection.exec_driver_sql(statement).rowcount for statement in act.statements]
            except (sa.exc.ProgrammingError, sa.exc.IntegrityError, sa.exc.InternalError) as refusal:
                if role == grants.OWNER:
                    raise AssertionError(f"{act.name}: {refusal}") from refusal
                outcome.refused += 1
                return
            if touched[-1] == 0:
                outcome.empty.add(act.name.split(": ")[1].split(".")[0])
                return
            finding = self.verify(connection)
        if finding.holds:
            outcome.unseen.append(f"{role}: {act.name}")
        else:
            outcome.found += 1
            outcome.named[act.name.split(":")[0]] += finding.index is not None


def sealed_tables() -> list[sa.Table]:
    """The append-only tables of these rooms."""
    models = [m.class_ for m in Model.registry.mappers]
    chosen = [one for one in models if one.__append_only__ and one.__module__.startswith(ROOMS)]
    tables = [one.__table__ for one in chosen]
    return sorted((one for one in tables if isinstance(one, sa.Table)), key=lambda table: table.name)


def _key(table: sa.Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.primary_key.columns)


def _one(table: sa.Table) -> str:
    return f'({_key(table)}) = (SELECT {_key(table)} FROM "{table.name}" ORDER BY {_key(table)} LIMIT 1)'


def loosened(table: sa.Table) -> str:
    """The owner takes every rule off the table first, so that only the ledger is left to see anything."""
    return f"""DO $$ DECLARE rule record; BEGIN
        FOR rule IN SELECT conname, conrelid::regclass AS place FROM pg_constraint
            WHERE (conrelid = '"{table.name}"'::regclass OR confrelid = '"{table.name}"'::regclass)
            AND contype IN ('f', 'c', 'u', 'x')
        LOOP EXECUTE 'ALTER TABLE ' || rule.place || ' DROP CONSTRAINT IF EXISTS '
            || quote_ident(rule.conname) || ' CASCADE';
        END LOOP;
        FOR rule IN SELECT indexrelid::regclass AS name FROM pg_index
            WHERE indrelid = '"{table.name}"'::regclass AND indisunique AND NOT indisprimary
        LOOP EXECUTE 'DROP INDEX ' || rule.name; END LOOP; END $$"""


#: SQL for another value of the same kind.
_OTHERWISE: tuple[tuple[type, str], ...] = (
    (sa.ARRAY, "COALESCE({0}, '{{}}') || ({0})[1:1]"),
    (sa.JSON, "CASE jsonb_typeof({0}) WHEN 'array' THEN {0} || '[7]' ELSE {0} || '{{\"x\": 7}}' END"),
    (sa.LargeBinary, "COALESCE(set_byte({0}, 0, get_byte({0}, 0) # 1), '\\x07')"),
    (sa.Boolean, "NOT COALESCE({0}, false)"),
    (sa.DateTime, "COALESCE({0}, now()) - interval '2 hours'"),
    (sa.Date, "COALESCE({0}, current_date) + 1"),
    (sa.Uuid, "'00000000-0000-7000-8000-000000000007'::uuid"),
    (sa.String, "CASE WHEN length({0}) < 5 THEN {0} || 'x' ELSE COALESCE(reverse({0}), '') || 'x' END"),
    (sa.types.TypeEngine, "COALESCE({0}, 0) + 1"),
)


def _changed(column: sa.Column[object]) -> str:
    kind = getattr(column.type, "impl", column.type)
    return next(words for known, words in _OTHERWISE if isinstance(kind, known)).format(f'"{column.name}"')


def edits(table: sa.Table) -> Iterator[Act]:
    """Every field of one row, each changed by itself."""
    free = loosened(table)
    for column in table.columns:
        if f"{table.name}.{column.name}" not in INDIFFERENT and not column.primary_key:
            widen = f'ALTER TABLE "{table.name}" ALTER COLUMN "{column.name}" TYPE text'
            wider = (widen,) if isinstance(column.type, sa.String) else ()
            change = f'UPDATE "{table.name}" SET "{column.name}" = {_changed(column)} WHERE {_one(table)}'
            yield Act(f"edit: {table.name}.{column.name}", (free, *wider, change))


def others(table: sa.Table) -> Iterator[Act]:
    """A row deleted, its number changed, and a copy put in with an earlier time."""
    free = loosened(table)
    yield Act(f"delete: {table.name}", (free, f'DELETE FROM "{table.name}" WHERE {_one(table)}'))
    key = next(iter(table.primary_key.columns))
    if len(table.primary_key.columns) > 1 or not isinstance(key.type, sa.BigInteger):
        return
    new = f'(SELECT max("{key.name}") + 7 FROM "{table.name}")'
    drop = f'ALTER TABLE "{table.name}" ALTER COLUMN "{key.name}" DROP IDENTITY IF EXISTS'
    move = f'UPDATE "{table.name}" SET "{key.name}" = {new} WHERE {_one(table)}'
    yield Act(f"renumber: {table.name}", (free, drop, move))
    values = [_copied(column, new) for column in table.columns]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    copy = f'INSERT INTO "{table.name}" ({names}) SELECT {", ".join(values)} FROM "{table.name}" WHERE {_one(table)}'
    yield Act(f"back-date: {table.name}", (free, drop, copy))


def _copied(column: sa.Column[object], new: str) -> str:
    if column.primary_key:
        return new
    return f"\"{column.name}\" - interval '2 days'" if isinstance(column.type, sa.DateTime) else f'"{column.name}"'


def reorders(table: sa.Table) -> Iterator[Act]:
    """Two rows change their places."""
    key = next(iter(table.primary_key.columns)).name
    ends = f'SELECT min("{key}") AS a, max("{key}") AS b FROM "{table.name}"'
    drop = f'ALTER TABLE "{table.name}" ALTER COLUMN "{key}" DROP IDENTITY IF EXISTS'
    steps = (
        f"CREATE TEMP TABLE swap ON COMMIT DROP AS {ends}",
        f'UPDATE "{table.name}" SET "{key}" = -7 FROM swap WHERE "{key}" = a',
        f'UPDATE "{table.name}" SET "{key}" = a FROM swap WHERE "{key}" = b AND a <> b',
        f'UPDATE "{table.name}" SET "{key}" = b FROM swap WHERE "{key}" = -7',
    )
    yield Act(f"reorder: {table.name}", (loosened(table), drop, *steps))


def cuts() -> Iterator[Act]:
    """The end of the log is cut off with all that speaks of it: the database agrees with itself."""
    tables = sealed_tables()
    kept = "(SELECT max(index) - 3 FROM ledger_entry)"
    free = tuple(loosened(table) for table in tables if "ledger_index" in table.c)
    free += tuple(loosened(Model.metadata.tables[name]) for name in ("ledger_entry", "ledger_head"))
    mark = f"CREATE TEMP TABLE last_kept ON COMMIT DROP AS SELECT {kept} AS index"
    words = [
        f'DELETE FROM "{table.name}" WHERE ledger_index > (SELECT index FROM last_kept)'
        for table in tables
        if "ledger_index" in table.c
    ]
    gone = (
        "DELETE FROM ledger_row r WHERE NOT EXISTS (SELECT 1 FROM ledger_batch b WHERE b.id = r.batch_id)",
        "DELETE FROM ledger_head_signature WHERE size > (SELECT index + 1 FROM last_kept)",
        "DELETE FROM ledger_head WHERE size > (SELECT index + 1 FROM last_kept)",
        "DELETE FROM ledger_entry WHERE index > (SELECT index FROM last_kept)",
    )
    yield Act("cut: the tail of the log", (*free, mark, *words, *gone))


def named() -> Iterator[Act]:
    """What somebody would really want to do."""
    change = Model.metadata.tables["certificate_change"]
    revoked = "(SELECT id FROM certificate_change WHERE kind = 'revoked' LIMIT 1)"
    yield Act("revocation: removed", (loosened(change), f"DELETE FROM certificate_change WHERE id = {revoked}"))
    key = Model.metadata.tables["signer_key"]
    swap = "UPDATE signer_key SET public_key = sha256('mine')"
    yield Act("key: swapped", (loosened(key), swap))
    head = Model.metadata.tables["ledger_head"]
    yield Act("root: another one", (loosened(head), "UPDATE ledger_head SET root = sha256('x')"))
    row = "INSERT INTO signer_key (key_id, public_key) VALUES ('0123456789abcdef', sha256('mine'))"
    forged = "UPDATE ledger_head_signature SET key_id = '0123456789abcdef'"
    yield Act("key: put in later for a head", (loosened(key), row, forged))


def forgeries() -> Iterator[Act]:
    """What the application's role may insert where it must not: a mark past the verbs, a decision, an approval."""
    for table in sealed_tables():
        model = next(m.class_ for m in Model.registry.mappers if m.local_table is table)
        chosen = [c for c in table.columns if c.identity is None and c.name not in model.__database_fills__]
        names = ", ".join(f'"{column.name}"' for column in chosen)
        copy = f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM "{table.name}" WHERE {_one(table)}'
        yield Act(f"forge: {table.name}", (copy,))
        every = ", ".join(f'"{column.name}"' for column in table.columns)
        dated = [
            f'"{c.name}"' if not isinstance(c.type, sa.DateTime) else f"\"{c.name}\" - interval '2 days'"
            for c in table.columns
        ]
        back = f'INSERT INTO "{table.name}" ({every}) OVERRIDING SYSTEM VALUE SELECT {", ".join(dated)}'
        yield Act(f"forge with a time: {table.name}", (f'{back} FROM "{table.name}" LIMIT 1',))


def acts() -> list[Act]:
    """All that the owner does."""
    made = [*named(), *cuts()]
    for table in sealed_tables():
        made += [*edits(table), *others(table)]
    for name in ("result", "star_decision", "certificate", "certificate_approval", "ledger_entry"):
        made += reorders(Model.metadata.tables[name])
    return [act for act in made if act.name not in INDIFFERENT]


@contextmanager
def prepared(server: databases.Server, template: databases.Database, files: Path) -> Iterator[Ground]:
    """Two doctors with certificates, one revoked, everything committed to, signed and witnessed."""
    with databases.live(server, template, files) as running:
        app = create_app(databases.settings(running.database, files))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        way, world = Way(app, running.world), running.world
        load_policy(app)
        with app.app_context():
            act_as(db.session, Actor.job("test"))
            with transaction(db.session):
                equip(db.session, world)
        policies.configure("first-way")
        keys.make(files / "signing")
        signer = orm.sessionmaker(running.engine(grants.SIGNER))
        made = [_certified(way, doctor, signer, files) for doctor in (world.a.doctor, world.a.second_doctor)]
        asked = way.ask(world.a.certificate_officer, made[1])
        way.answer(world.a.second_certificate_officer, asked)
        ground = Ground(app, running.database, files / "witness.jsonl", files / "signing")
        _witnessed(ground, signer)
        yield ground
        with app.app_context():
            db.engine.dispose()
        app.extensions["queue"].storage.close()


def _certified(way: Way, doctor: int, signer: work.Sessions, files: Path) -> int:
    proposal = way.two_stars(doctor)
    way.approve(way.world.a.certificate_officer, proposal)
    way.approve(way.world.a.second_certificate_officer, proposal)
    made = way.issue(proposal)
    assert work.sign_waiting(signer, keys.read(files / "signing")).signed == (made.number,)
    return made.id


def _witnessed(ground: Ground, signer: work.Sessions) -> None:
    """Commit to every row, write a head down, sign it, tell the witness; all of that an hour ago."""
    with ground.app.app_context():
        act_as(db.session, Actor.job("ledger"))
        services.seal_rows(db.session, whole=True)
        with transaction(db.session):
            services.write_head(db.session)
    hour = timedelta(hours=1)
    with sa.create_engine(ground.database.url(grants.OWNER), poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text("UPDATE ledger_head SET at = at - :hour"), {"hour": hour})
    key = keys.read(ground.keys)[0]
    with signer() as session, session.begin():
        act_as(session, Actor.job("signer"))
        assert services.sign_head(session, ground.keys, key.key_id, key.sign)
    with ground.app.app_context():
        act_as(db.session, Actor.job("ledger"))
        services.witness(db.session, ground.witness)
