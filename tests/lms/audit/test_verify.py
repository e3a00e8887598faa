"""What the owner of the database changes in the audit log is named by `ledger verify`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from config import Settings
from lms.audit import services
from lms.audit.policy import Audit
from lms.audit.queries import KIND, sealed_words
from lms.authz import Actor
from lms.db import Model, act_as, grants
from lms.errors import Conflict
from lms.institutions.models import Institution
from lms.ledger import queries, verifier
from lms.ledger import services as ledger
from lms.ledger.formats import read_heads
from lms.ledger.queries import SOURCES, Finding
from lms.people.models import Person
from lms.service import Deed
from tests import databases
from tests.factories.world import World
from tests.lms.ledger.conftest import configure_vault, owned


class Log:
    """Ten deeds, and the owner of the database, who is not to be trusted."""

    def __init__(self, app: sa.Engine | sa.Connection, owner: sa.Engine | sa.Connection, world: World, witness: Path):
        self._app, self._owner, self.world, self.witness = app, owner, world, witness
        configure_vault()
        self.write("v0", "v1")
        self.write("v2", "v3", on=(Person, world.a.doctor))
        assert self.head() == {"size": 4, "new": True}
        self.write("v4", on=(Institution, world.a.township))
        self.write("v5", "v6", on=(Person, world.b.doctor))
        self.write("v7", "v8", "v9")
        assert self.head() == {"size": 10, "new": True}

    @contextmanager
    def session(self) -> Iterator[orm.Session]:
        with orm.Session(self._app, join_transaction_mode="create_savepoint") as session:
            act_as(session, Actor.job("test"))
            yield session
            session.commit()

    def write(self, *verbs: str, on: tuple[type[Model], int] | None = None) -> None:
        with self.session() as session:
            thing = session.get(*on) if on else None
            actor = Actor(self.world.a.manager)
            services.write_down(session, [Deed(actor, Audit.READ, verb, thing, {"note": verb}) for verb in verbs])

    def erase(self, person: int) -> None:
        with self.session() as session:
            assert ledger.destroy_key(session, session.get_one(Person, person).ledger_subject)

    def meddle(self, statement: str) -> None:
        if isinstance(self._owner, sa.Engine):
            with self._owner.begin() as connection:
                assert connection.execute(sa.text(statement)).rowcount
        else:
            assert self._owner.execute(sa.text(statement)).rowcount

    def verify(self) -> Finding:
        with self.session() as session:
            return queries.verify(session, read_heads(self.witness), chunk=4)

    def head(self) -> dict[str, Any]:
        with self.session() as session:
            return ledger.witness(session, self.witness)


@pytest.fixture(autouse=True)
def _sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOURCES, KIND, sealed_words)
    monkeypatch.setitem(SOURCES, ledger.KEY_DESTROYED, queries.destroyed_keys)


@pytest.fixture
def log(settings: Settings, world: World, tmp_path: Path) -> Iterator[Log]:
    """On one connection that is rolled back."""
    with owned(settings) as connection:
        yield Log(connection, connection, world, tmp_path / "witness.jsonl")


class Commands(Log):
    """The same in a database of its own, on which the commands are run."""

    def __init__(self, live: databases.Live) -> None:
        self.live = live
        witness = Path(live.environment["LMS_LEDGER_WITNESS_PATH"])
        super().__init__(live.engine(grants.APP), live.engine(), live.world, witness)

    def run(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        done = self.live.flask("ledger", *arguments, "--json", check=False)
        assert not done.stderr, done.stderr
        return done.returncode, json.loads(done.stdout)

    def refused(self, *arguments: str) -> tuple[int, str]:
        done = self.live.flask("ledger", *arguments, check=False)
        return done.returncode, done.stderr


@pytest.fixture
def commands(live: databases.Live) -> Commands:
    return Commands(live)


def test_an_untouched_log_holds(log: Log) -> None:
    found = log.verify()
    assert found == Finding(True, 10, opened=10, erased=0, heads=2, witnessed=2, root=found.root)


def test_the_commands_say_so_and_give_it_away(commands: Commands, tmp_path: Path) -> None:
    assert commands.run("verify") == (0, commands.verify().as_json())
    said = commands.live.flask("ledger", "verify").stdout
    assert said.startswith("It holds: 10 entries, 10 opened, 0 erased; 2 heads here and 2 kept elsewhere agree, ")
    assert commands.run("head") == (0, {"size": 10, "new": False})
    out, witness = tmp_path / "ledger.jsonl", str(commands.witness)
    assert commands.run("export", str(out), "--words") == (0, {"entries": 10, "file": str(out)})
    checked = verifier.check_ledger(str(out), [witness])
    assert (checked["opened"], checked["heads"]) == (10, 4)
    code, line = commands.run("prove", "6", "--words")
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(line), encoding="utf-8")
    expected = {"holds": True, "index": 6, "opened": True, "witnessed": True}
    assert (code, verifier.check_proof(str(proof), [witness])) == (0, expected)
    assert json.loads(line["text"])["words"]["verb"] == "v6"


TAMPERED: list[tuple[str, int, str]] = [
    ("UPDATE audit_event SET verb = 'harmless' WHERE ledger_index = 5", 5, "verb was altered"),
    ("UPDATE audit_event SET actor_person_id = 1 WHERE ledger_index = 5", 5, "actor_person_id was altered"),
    (
        "UPDATE audit_event SET actor_person_id = NULL, actor_job = 'x' WHERE ledger_index = 5",
        5,
        "actor_person_id was altered",
    ),
    ("UPDATE audit_event SET permission = 'x' WHERE ledger_index = 5", 5, "permission was altered"),
    ("UPDATE audit_event SET on_id = '1' WHERE ledger_index = 5", 5, "on_id was altered"),
    ("UPDATE audit_event SET on_type = 'x' WHERE ledger_index = 5", 5, "on_type was altered"),
    ("UPDATE audit_event SET institution_id = NULL WHERE ledger_index = 5", 5, "institution_id was altered"),
    ("UPDATE audit_event SET request_id = 'x' WHERE ledger_index = 5", 5, "request_id was altered"),
    ("UPDATE audit_event SET at = at - interval '1 day' WHERE ledger_index = 5", 5, "its time was altered"),
    (
        "UPDATE audit_event SET sealed = sealed || '\\x00' WHERE ledger_index = 5",
        5,
        "its words were altered and do not open",
    ),
    ("DELETE FROM audit_event WHERE ledger_index = 5", 5, "its words are missing"),
    (
        "UPDATE audit_event a SET sealed = b.sealed FROM audit_event b"
        " WHERE (a.ledger_index, b.ledger_index) IN ((5, 6), (6, 5))",
        5,
        "its words were altered and do not open",
    ),
    (
        "UPDATE audit_event a SET (verb, on_id) = (b.verb, b.on_id) FROM audit_event b"
        " WHERE (a.ledger_index, b.ledger_index) IN ((5, 6), (6, 5))",
        5,
        "verb was altered",
    ),
    (
        "UPDATE ledger_entry SET commitment = sha256('x') WHERE index = 5",
        5,
        "the entry is not the one whose hashes stand in the tree",
    ),
    (
        "WITH gone AS (DELETE FROM audit_event WHERE ledger_index >= 8) DELETE FROM ledger_head WHERE size > 8",
        8,
        "its words are missing",
    ),
]


@pytest.mark.parametrize(("statement", "index", "why"), TAMPERED)
def test_a_change_by_the_owner_of_the_database_is_named(log: Log, statement: str, index: int, why: str) -> None:
    log.meddle(statement)
    found = log.verify()
    assert (found.holds, found.index, found.why, found.kind) == (False, index, why, "audit.deed")


def test_the_commands_name_it_and_fail(commands: Commands, tmp_path: Path) -> None:
    commands.meddle("UPDATE audit_event SET verb = 'harmless' WHERE ledger_index = 5")
    code, found = commands.run("verify")
    assert (code, found["holds"], found["index"], found["why"]) == (1, False, 5, "verb was altered")
    done = commands.live.flask("ledger", "verify", check=False)
    assert (done.returncode, done.stdout) == (1, "BROKEN at entry 5 (audit.deed): verb was altered\n")
    assert commands.refused("prove", "10") == (1, "the ledger has no entry 10\n")
    bad = tmp_path / "bad.jsonl"
    bad.write_text("x", encoding="utf-8")
    refusal = "file bad.jsonl: line 1: this is not a head of the ledger\n"
    assert commands.refused("verify", "--witness", str(bad)) == (1, refusal)


def test_a_tail_that_was_cut_everywhere_is_known_outside(log: Log) -> None:
    log.meddle("DELETE FROM ledger_head WHERE size > 4")
    log.meddle("DELETE FROM audit_event WHERE ledger_index >= 7")
    log.meddle("DELETE FROM ledger_entry WHERE index >= 7")
    found = log.verify()
    assert (found.holds, found.index) == (False, 7)
    assert found.why == "the rest is missing: the head of 10 (witness.jsonl, line 2) knows 10 entries"
    with pytest.raises(Conflict, match="the ledger has 7 entries, but 10 were witnessed"):
        log.head()


def test_an_erased_person_leaves_the_log_whole(log: Log) -> None:
    log.erase(log.world.b.doctor)
    found = log.verify()
    assert (found.holds, found.entries, found.opened, found.erased) == (True, 11, 9, 2)


def test_files_are_checked_without_database_or_settings(live: databases.Live, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text("", encoding="utf-8")
    live.environment = {name: value for name, value in live.environment.items() if not name.startswith("LMS_")}
    done = live.flask("ledger", "check", str(path), "--json")
    assert json.loads(done.stdout)["entries"] == 0
    path.write_text("x", encoding="utf-8")
    assert live.flask("ledger", "check", str(path), check=False).returncode == 2
