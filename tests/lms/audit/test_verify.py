"""What the owner of the database changes in the audit log is named by `ledger verify`."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from lms import vault
from lms.audit import services
from lms.audit.policy import Audit
from lms.audit.queries import KIND, sealed_words
from lms.authz import Actor
from lms.db import act_as, grants
from lms.institutions.models import Institution
from lms.ledger import queries, verifier
from lms.ledger import services as ledger
from lms.ledger.formats import read_heads
from lms.ledger.queries import SOURCES, Finding
from lms.people.models import Person
from lms.service import Deed
from tests import databases


class Log:
    """Ten deeds in a database of their own, and its untrustworthy owner."""

    def __init__(self, live: databases.Live) -> None:
        self.live, self.world = live, live.world
        self._app, self._owner = live.engine(grants.APP), live.engine()
        keys = vault.keys_from(databases.SECRETS["data_keys"])
        vault.configure(vault.Vault(keys, databases.SECRETS["index_key"].encode()))

    def write(self, *verbs: str, on: tuple[type, int] | None = None) -> None:
        with orm.Session(self._app) as session:
            act_as(session, Actor.job("test"))
            thing = session.get(*on) if on else None
            actor = Actor(self.world.a.manager)
            services.write_down(session, [Deed(actor, Audit.READ, verb, thing, {"note": verb}) for verb in verbs])
            session.commit()

    def erase(self, person: int) -> None:
        with orm.Session(self._app) as session:
            act_as(session, Actor.job("test"))
            assert ledger.destroy_key(session, session.get_one(Person, person).ledger_subject)
            session.commit()

    def meddle(self, statement: str) -> None:
        with self._owner.begin() as connection:
            assert connection.execute(sa.text(statement)).rowcount

    @property
    def witness(self) -> Path:
        return Path(self.live.environment["LMS_LEDGER_WITNESS_PATH"])

    def verify(self) -> Finding:
        with orm.Session(self._app) as session:
            act_as(session, Actor.job("test"))
            return queries.verify(session, read_heads(self.witness), chunk=4)

    def head(self) -> dict[str, Any]:
        with orm.Session(self._app) as session:
            act_as(session, Actor.job("test"))
            return ledger.witness(session, self.witness)

    def command(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        done = self.live.flask("ledger", *arguments, "--json", check=False)
        assert not done.stderr, done.stderr
        return done.returncode, json.loads(done.stdout)


@pytest.fixture
def log(live: databases.Live, monkeypatch: pytest.MonkeyPatch) -> Log:
    monkeypatch.setitem(SOURCES, KIND, sealed_words)
    monkeypatch.setitem(SOURCES, ledger.KEY_DESTROYED, queries.destroyed_keys)
    made = Log(live)
    made.write("v0", "v1")
    made.write("v2", "v3", on=(Person, live.world.a.doctor))
    assert made.head() == {"size": 4, "new": True}
    made.write("v4", on=(Institution, live.world.a.township))
    made.write("v5", "v6", on=(Person, live.world.b.doctor))
    made.write("v7", "v8", "v9")
    assert made.head() == {"size": 10, "new": True}
    return made


def test_an_untouched_log_holds_and_can_be_taken_away(log: Log, tmp_path: Path) -> None:
    found = log.verify()
    assert found == Finding(True, 10, opened=10, erased=0, heads=2, witnessed=2, root=found.root)
    assert log.command("verify") == (0, found.as_json())
    assert log.command("head") == (0, {"size": 10, "new": False})
    said = log.live.flask("ledger", "verify").stdout
    assert said.startswith("It holds: 10 entries, 10 opened, 0 erased; 2 heads here and 2 kept elsewhere agree.")
    witness = str(log.witness)
    out = tmp_path / "ledger.jsonl"
    assert log.command("export", str(out), "--words") == (0, {"entries": 10, "file": str(out)})
    checked = verifier.check_ledger(str(out), [witness])
    assert (checked["opened"], checked["heads"]) == (10, 4)
    proof = tmp_path / "proof.json"
    proof.write_text(log.live.flask("ledger", "prove", "6", "--words", "--json").stdout, encoding="utf-8")
    assert verifier.check_proof(str(proof), [witness]) == {
        "holds": True,
        "index": 6,
        "opened": True,
        "witnessed": True,
    }
    assert json.loads(json.loads(proof.read_text())["text"])["words"]["verb"] == "v6"


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


def test_the_command_says_it_and_fails(log: Log) -> None:
    log.meddle("UPDATE audit_event SET verb = 'harmless' WHERE ledger_index = 5")
    code, found = log.command("verify")
    assert (code, found["holds"], found["index"], found["why"]) == (1, False, 5, "verb was altered")
    done = log.live.flask("ledger", "verify", check=False)
    assert (done.returncode, done.stdout) == (1, "BROKEN at entry 5 (audit.deed): verb was altered\n")


def test_a_tail_that_was_cut_everywhere_is_known_outside(log: Log) -> None:
    log.meddle("DELETE FROM ledger_head WHERE size > 4")
    log.meddle("DELETE FROM audit_event WHERE ledger_index >= 7")
    log.meddle("DELETE FROM ledger_entry WHERE index >= 7")
    found = log.verify()
    assert found.index == 7
    assert found.why == "the rest is missing: the head of 10 (witness.jsonl, line 2) knows 10 entries"
    refused = log.live.flask("ledger", "head", check=False)
    assert refused.returncode == 1
    assert refused.stderr == "the ledger has 7 entries, but 10 were witnessed\n"


def test_an_erased_person_leaves_the_log_whole(log: Log) -> None:
    log.erase(log.world.b.doctor)
    found = log.verify()
    assert (found.holds, found.entries, found.opened, found.erased) == (True, 11, 9, 2)


def test_what_is_no_head_is_a_refusal(log: Log, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("x", encoding="utf-8")
    done = log.live.flask("ledger", "verify", "--witness", str(bad), check=False)
    assert (done.returncode, done.stderr) == (1, "file bad.jsonl: line 1: this is not a head of the ledger\n")


def test_a_proof_of_what_is_not_there(log: Log) -> None:
    done = log.live.flask("ledger", "prove", "10", check=False)
    assert (done.returncode, done.stderr) == (1, "the ledger has no entry 10\n")


def test_files_are_checked_without_database_or_settings(live: databases.Live, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text("", encoding="utf-8")
    live.environment = {name: value for name, value in live.environment.items() if not name.startswith("LMS_")}
    done = live.flask("ledger", "check", str(path), "--json")
    assert json.loads(done.stdout)["entries"] == 0
    path.write_text("x", encoding="utf-8")
    assert live.flask("ledger", "check", str(path), check=False).returncode == 2
