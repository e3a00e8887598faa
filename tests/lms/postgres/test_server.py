"""The embedded server is durable and comes back from every state it can be left in."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from lms.postgres import (
    EmbeddedServer,
    PostgresRefused,
    default_home,
    folders,
    processes,
)
from tests.lms.postgres.asking import CHECKOUT, START, connect, postmaster, read_the_row, write_a_row


def test_a_new_home_gives_a_server_and_a_second_start_changes_nothing(server):
    write_a_row(server)
    first = postmaster(server)

    server.start()
    EmbeddedServer(server.home).start()

    assert postmaster(server) == first
    assert read_the_row(server) == "县医院"


def test_data_outlives_stop_and_start(server):
    write_a_row(server)

    server.stop()
    assert not server.running()
    with pytest.raises(psycopg.OperationalError):
        connect(server)
    server.start()

    assert server.running()
    assert read_the_row(server) == "县医院"


def test_stopping_what_does_not_run_is_no_fault(ground):
    server = EmbeddedServer(ground / "never")

    server.stop()

    assert not server.running()
    assert not server.home.exists()


def test_kill_9_loses_nothing_that_was_committed(server):
    write_a_row(server)
    with closing(connect(server)):
        os.kill(postmaster(server), signal.SIGKILL)
        server.start()  # at once: the killed process may still be in the list
        assert read_the_row(server) == "县医院"


def test_a_mark_whose_number_went_to_another_program_is_no_server(server):
    write_a_row(server)
    os.kill(postmaster(server), signal.SIGKILL)
    mark = server.data / "postmaster.pid"
    _, _, rest = mark.read_text().partition("\n")
    mark.write_text(f"{os.getpid()}\n{rest}")
    assert not server.running()

    server.start()

    assert postmaster(server) != os.getpid()
    assert read_the_row(server) == "县医院"


def run_start(home: Path) -> "subprocess.Popen[str]":
    """Another process that starts the server of this home."""
    code = START + "E(Path(sys.argv[1])).start()"
    command = [sys.executable, "-W", "error", "-c", code, str(home)]
    return subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)


def test_several_processes_starting_at_once_get_one_server(ground):
    home = ground / "home"
    starters = [run_start(home) for _ in range(4)]

    errors = [starter.communicate(timeout=120)[1] for starter in starters]

    assert errors == ["", "", "", ""]
    server = EmbeddedServer(home)
    masters = [pid for pid in processes.holders(server.data) if pid == postmaster(server)]
    assert server.running()
    assert len(masters) == 1
    server.stop()


def test_an_interrupted_initialisation_is_repeated(ground):
    server = EmbeddedServer(ground / "home")
    folders.prepare_home(server.home, folders.server_account())
    (server.home / "data-unfinished").mkdir()
    (server.home / "data-unfinished" / "PG_VERSION").write_text("18\n")

    server.start()

    assert server.running()
    assert not (server.home / "data-unfinished").exists()
    server.stop()


def test_files_that_are_no_database_are_not_overwritten(server):
    server.stop()
    (server.data / "PG_VERSION").unlink()
    with pytest.raises(PostgresRefused, match="holds files but no PostgreSQL data"):
        server.start()


def test_data_of_another_release_is_refused(server):
    server.stop()
    (server.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(PostgresRefused, match="made by PostgreSQL 15"):
        server.start()


@pytest.mark.parametrize("name", ["x" * 90, "with, comma", "有 空格 的 目录", "it's"])
def test_the_name_of_home_does_not_matter(ground, name):
    server = EmbeddedServer(ground / name)
    server.start()
    write_a_row(server)
    assert read_the_row(server) == "县医院"
    server.stop()
    if server._socket.parent != server.home:
        server._socket.rmdir()


def test_each_checkout_and_name_has_a_home_of_its_own(tmp_path):
    homes = {default_home(tmp_path / checkout, name) for checkout in ("one", "two") for name in ("demo", "test")}
    assert len(homes) == 4
