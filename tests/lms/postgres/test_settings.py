"""The settings that are in force, and who gets in."""

import psycopg
import pytest

from lms.postgres import (
    EmbeddedServer,
    PostgresRefused,
)
from tests.lms.postgres.asking import connect
from tests.waiting import wait_until


@pytest.mark.parametrize("password", [None, "wrong", ""])
def test_nobody_gets_in_without_the_password(shared, password):
    url = shared.url("postgres", "postgres", password).replace("+psycopg", "")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url)


def test_the_address_survives_a_password_of_signs(shared):
    with connect(shared) as session:
        session.execute("CREATE ROLE clerk LOGIN PASSWORD 'p@ss/w:rd?&=% 1'")
    url = shared.url("postgres", "clerk", "p@ss/w:rd?&=% 1").replace("+psycopg", "")
    with psycopg.connect(url) as session:
        assert session.execute("SELECT current_user").fetchone() == ("clerk",)


def test_the_settings_are_in_force(shared):
    with connect(shared) as session:
        rows = session.execute("SELECT name, setting FROM pg_settings").fetchall()
        place = session.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale, datcollate"
            " FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
    found = dict(rows)
    expected = {
        "listen_addresses": "",
        "max_connections": "200",
        "shared_buffers": str(256 * 1024 // 8),
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "jit": "off",
        "logging_collector": "on",
        "log_rotation_age": "1440",
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
    }
    assert {name: found[name] for name in expected} == expected
    assert place == ("UTF8", "b", "C.UTF-8", "C")


def test_only_the_password_opens_every_line_of_the_access_file(shared):
    with connect(shared) as session:
        methods = session.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
    assert methods == [("scram-sha-256",)]


def test_the_extensions_we_build_on_are_there(shared):
    with connect(shared) as session:
        for name in ("ltree", "btree_gist", "pg_trgm", "citext", "unaccent"):
            session.execute(f"CREATE EXTENSION {name}")


def test_a_refused_row_leaves_no_value_in_the_log(shared):
    with connect(shared) as session:
        session.execute("CREATE TABLE person (number text PRIMARY KEY)")
        session.execute("INSERT INTO person VALUES ('530302199001011234')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            session.execute("INSERT INTO person VALUES ('530302199001011234')")
    wait_until(lambda: "duplicate key" in shared.log.read_text())  # the server writes its log by a process of its own
    assert "530302199001011234" not in shared.log.read_text()


def test_settings_of_a_campaign_come_last(ground):
    server = EmbeddedServer(ground / "home", settings={"max_connections": "20", "fsync": "off"})
    server.start()
    with connect(server) as session:
        assert session.execute("SHOW max_connections").fetchone() == ("20",)
        assert session.execute("SHOW fsync").fetchone() == ("off",)
    server.stop()


def test_a_setting_that_does_not_exist_is_named(ground):
    server = EmbeddedServer(ground / "home", settings={"no_such_thing": "1"})
    with pytest.raises(PostgresRefused, match="no_such_thing"):
        server.start()
