"""The application does not start with secrets that are missing or weak, or on a database that is not safe."""

import base64
from typing import Any

import pytest
import sqlalchemy as sa

from config import Settings, SettingsRefused
from lms.db import grants, guard
from tests import databases

GOOD: dict[str, Any] = databases.SECRETS | {
    "database_url": "postgresql://lms_app:x@127.0.0.1:1/lms",
    "public_url": "http://127.0.0.1:5000",
}
NEEDED = ("database_url", "secret_key", "data_keys", "index_key", "public_url")


def refused(**changed: Any) -> str:
    """The words of a refusal to read settings that are good but for these (None: missing)."""
    given = {name: value for name, value in (GOOD | changed).items() if value is not None}
    with pytest.raises(SettingsRefused) as caught:
        Settings.load(_env_file=None, **given)
    return str(caught.value)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the environment helps out."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LMS_{name.upper()}", raising=False)


def test_good_settings_are_taken() -> None:
    assert Settings.load(_env_file=None, **GOOD).secret_key == GOOD["secret_key"]


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_missing_is_named(name: str) -> None:
    assert refused(**{name: None}) == f"LMS_{name.upper()}: Field required"


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsRefused) as caught:
        Settings.load(_env_file=None)
    assert str(caught.value).splitlines() == [f"LMS_{name.upper()}: Field required" for name in NEEDED]


@pytest.mark.parametrize("name", ["secret_key", "index_key"])
@pytest.mark.parametrize(
    "weak", ["", "a" * 64, "ab" * 32, "changeme" * 8, "1234567890" * 4, "abcdefghijklmnopqrstuvwxyz012345"]
)
def test_a_weak_secret_is_refused(name: str, weak: str) -> None:
    assert refused(**{name: weak}) == f"LMS_{name.upper()}: too weak: use at least 32 random characters"


@pytest.mark.parametrize("keys", ["", "k1:", "k1:c2hvcnQ=", "k1:not base64", base64.b64encode(b"x" * 32).decode()])
def test_a_data_key_of_another_length_or_without_a_name_is_refused(keys: str) -> None:
    assert refused(data_keys=keys).startswith("LMS_DATA_KEYS: give name:base64 of 32 random bytes")


def test_another_database_and_an_open_address_are_refused() -> None:
    assert refused(database_url="sqlite:///lms.db").startswith("LMS_DATABASE_URL: only PostgreSQL")
    assert "https:// is needed" in refused(public_url="http://skills.example.org")


RIGHTS = {
    "UPDATE ON answer_event": "may change or delete rows of answer_event",
    "UPDATE (item_id) ON answer_event": "may change or delete rows of answer_event",
    "DELETE ON audit_event": "may change or delete rows of audit_event",
    "TRUNCATE ON result": "may change or delete rows of result",
    "CREATE ON SCHEMA public": "may create tables in schema public",
}
POWERS = ("SUPERUSER", "CREATEROLE", "CREATEDB", "BYPASSRLS", "REPLICATION")


def reasons(engine: sa.Engine) -> str:
    """Why the guard refuses this connection; nothing where it does not."""
    try:
        guard.check(engine)
    except guard.DatabaseRefused as caught:
        return str(caught)
    return ""


def test_a_right_or_a_power_too_many_is_named(live: databases.Live) -> None:
    """The start asks the same guard: `test_the_guard_refuses_what_the_campaign_noticed` starts a command."""
    app = live.engine(grants.APP)
    assert reasons(app) == ""
    assert "owns tables" in reasons(live.engine())
    for right, words in RIGHTS.items():
        with live.engine().begin() as owner:
            owner.exec_driver_sql(f"GRANT {right} TO {grants.APP}")
        assert words in reasons(app), right
        with live.engine().begin() as owner:
            owner.exec_driver_sql(f"REVOKE {right} FROM {grants.APP}")
    mighty = f"mighty_{live.database.name}"  # a role of its own: the one of all tests keeps its rights
    url = sa.make_url(live.database.url()).set(username=mighty, password="x")
    for power in POWERS:
        live.database.server.run(f"CREATE ROLE {mighty} LOGIN {power} PASSWORD 'x'")
        try:
            said = reasons(sa.create_engine(url, poolclass=sa.NullPool))
        finally:
            live.database.server.run(f"DROP ROLE {mighty}")
        assert guard._POWERS[f"rol{power.lower().replace('superuser', 'super')}"] in said


def test_a_commit_that_could_be_lost_is_named(live: databases.Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server says about one setting is turned to off."""
    app, told = live.engine(grants.APP), sa.Connection.scalar
    for name in ("fsync", "full_page_writes", "synchronous_commit"):

        def turned(of: sa.Connection, statement: Any, *more: Any, asked: str = f"SHOW {name}", **options: Any) -> Any:
            return "off" if str(statement) == asked else told(of, statement, *more, **options)

        monkeypatch.setattr(sa.Connection, "scalar", turned)
        assert reasons(app) == f"{name} is off: an acknowledged answer could be lost; set it to on"
    monkeypatch.setattr(sa.Connection, "scalar", told)
