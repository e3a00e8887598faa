"""Backups: what was acknowledged comes back, to the moment asked for; what is damaged or missing is named."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from lms import clock
from lms.postgres import EmbeddedServer, folders, processes
from lms.postgres.backup_archive import Archive
from lms.postgres.backup_base import take
from lms.postgres.backup_restore import restore
from lms.postgres.backup_source import Source, now
from lms.postgres.backup_store import BackupRefused, Line, Store
from tests.lms.postgres.asking import CHECKOUT, connect
from tests.lms.postgres.conftest import passable_folder
from tests.waiting import wait_until

PROGRAMS = os.environ.get("LMS_TEST_PROGRAMS")
INSTALLED = Path(PROGRAMS) if PROGRAMS else None


def made(home: Path, **settings: str) -> EmbeddedServer:
    """A server that is not yet started, of the release that is tried."""
    return EmbeddedServer(home, settings=settings, installed=INSTALLED)


@contextmanager
def archiving(store: Store, source: Source, programs: Path, told: list[str] | None = None) -> Iterator[None]:
    """The archive, running meanwhile."""
    stop, words = threading.Event(), told if told is not None else []
    archive = Archive(store, source, programs, words.append)
    thread = threading.Thread(target=archive.run, args=(stop, 0.1))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def reached(line: Line, moment: datetime) -> bool:
    """Whether the archive holds everything until then."""
    reach = line.reach()
    return reach is not None and reach.at >= moment


def write(server: EmbeddedServer, word: str) -> datetime:
    """Acknowledge a word; the moment at which it is."""
    with connect(server) as session:
        session.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        session.execute("INSERT INTO kept VALUES (%s)", [word])
        return now(session)


def words(server: EmbeddedServer) -> list[str]:
    """What is there."""
    with connect(server) as session:
        return [row[0] for row in session.execute("SELECT word FROM kept ORDER BY word")]


@dataclass
class Kept:
    """Backups of a server, and what happened to it: three words, an accident, a fourth word."""

    ground: Path
    store: Store
    source: Source
    programs: Path
    line: Line
    moments: dict[str, datetime] = field(default_factory=dict)

    def copy(self, ground: Path) -> Store:
        """Backups of one's own, to be damaged."""
        shutil.copytree(self.store.folder, ground / "backups", copy_function=_copied)
        folders.give(ground / "backups", folders.server_account())
        os.chown(ground / "backups", os.geteuid(), -1)
        return Store(ground / "backups")


def _copied(source: str, target: str) -> str:
    return str(shutil.copy2(source, target))


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    """The base backup holds A; B and C came after it; the accident came between C and D."""
    with passable_folder() as ground:
        server = made(ground / "home")
        server.start()
        with connect(server) as session:
            session.execute("CREATE ROLE lms_app LOGIN PASSWORD 'of the app'")
            session.execute("CREATE ROLE lms_backup LOGIN REPLICATION PASSWORD 'of the backup'")
        store = Store(ground / "backups")
        # The role that docs/backup.md asks for, and no more.
        source = Source.at(server.url("postgres", "lms_backup", "of the backup"))
        write(server, "A")
        with archiving(store, source, server.programs()):
            line, base, _ = take(store, source, server.programs())
            moments = {"base": base.ended_at, "B": write(server, "B"), "C": write(server, "C")}
            with connect(server) as session:
                session.execute("DROP TABLE kept")
            moments["D"] = write(server, "D")
            with connect(server) as session:
                session.execute("SELECT pg_switch_wal()")
            moments["E"] = write(server, "E")
            wait_until(lambda: reached(line, moments["E"]))
        for process in processes.holders(server.data):
            os.kill(process, 9)
        yield Kept(ground, store, source, server.programs(), line, moments)


@pytest.fixture
def home(ground: Path) -> Iterator[EmbeddedServer]:
    """An empty place for a restored server."""
    server = made(ground / "restored")
    yield server
    server.stop()


# ---- restoring ---------------------------------------------------------------------------------


def test_the_last_moment_holds_everything_that_was_acknowledged(kept: Kept, home: EmbeddedServer) -> None:
    done = restore(kept.store, home.home, installed=INSTALLED)
    assert words(home) == ["D", "E"]
    assert done.until >= kept.moments["E"]
    assert done.seconds < 60


def test_a_moment_before_the_accident_brings_back_what_it_took(kept: Kept, home: EmbeddedServer) -> None:
    restore(kept.store, home.home, kept.moments["B"], installed=INSTALLED)
    assert words(home) == ["A", "B"]


def test_a_restored_server_is_a_server(kept: Kept, home: EmbeddedServer) -> None:
    restore(kept.store, home.home, kept.moments["C"], installed=INSTALLED)
    write(home, "after")
    home.stop()
    home.start()
    assert words(home) == ["A", "B", "C", "after"]
    with connect(home) as session:
        settings = dict(session.execute("SELECT name, setting FROM pg_settings").fetchall())
        rows = session.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
    assert (settings["restore_command"], settings["recovery_target_time"]) == ("", "")
    assert rows == [("scram-sha-256",)]
    with psycopg.connect(home.url("postgres", "lms_app", "of the app").replace("+psycopg", "")) as session:
        assert session.execute("SELECT current_user").fetchone() == ("lms_app",)


def test_nobody_comes_in_while_the_log_is_replayed(kept: Kept, home: EmbeddedServer) -> None:
    """The doors of the replay: only who restores, and without a password nobody else's name."""
    restore(kept.store, home.home, installed=INSTALLED)
    home.stop()
    told = {name: str(home.home / f"restore-{name.partition('_')[0]}.conf") for name in ("hba_file", "ident_file")}
    half_open = made(home.home, **told)
    half_open.start()
    for role, password in (("lms_app", "of the app"), ("lms_backup", "of the backup")):
        with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
            psycopg.connect(half_open.url("postgres", role, password).replace("+psycopg", ""))


def test_a_moment_without_work_can_be_restored_to(kept: Kept, home: EmbeddedServer) -> None:
    """Nobody worked between the last word and the reach: the archive's marks are what tells the moments apart."""
    reach = kept.line.reach()
    assert reach is not None
    restore(kept.store, home.home, reach.at, installed=INSTALLED)
    assert words(home) == ["D", "E"]


# ---- refusals ----------------------------------------------------------------------------------


def test_a_moment_that_is_not_held_is_refused_with_those_that_are(kept: Kept, home: EmbeddedServer) -> None:
    with pytest.raises(BackupRefused, match="the archive reaches until 20"):
        restore(kept.store, home.home, clock.now() + timedelta(days=1), installed=INSTALLED)
    with pytest.raises(BackupRefused, match="the oldest base backup ended at 20"):
        restore(kept.store, home.home, kept.moments["base"] - timedelta(seconds=1), installed=INSTALLED)
    with pytest.raises(BackupRefused, match="no base backup called X"):
        restore(kept.store, home.home, name="X", installed=INSTALLED)


def test_a_home_with_a_database_is_left_alone(kept: Kept, home: EmbeddedServer) -> None:
    home.start()
    write(home, "mine")
    with pytest.raises(folders.PostgresRefused, match="holds a database already"):
        restore(kept.store, home.home, installed=INSTALLED)
    assert words(home) == ["mine"]


def test_a_changed_byte_in_a_base_backup_is_named(kept: Kept, ground: Path, home: EmbeddedServer) -> None:
    store = kept.copy(ground)
    (base,) = store.lines()[0].bases()
    file = max((base.data / "base").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    flip(file, 5000)
    with pytest.raises(BackupRefused, match=f'pg_verifybackup.*"{file.relative_to(base.data)}"'):
        restore(store, home.home, installed=INSTALLED)
    assert not home.data.exists()


def test_a_missing_segment_is_named(kept: Kept, ground: Path, home: EmbeddedServer) -> None:
    store = kept.copy(ground)
    line, (base,) = store.lines()[0], store.lines()[0].bases()
    gone = line.segments.name(base.first)
    (line.wal / gone).unlink()
    with pytest.raises(BackupRefused, match=f"1 segments of the log are missing.*{gone}"):
        restore(store, home.home, installed=INSTALLED)


def test_a_changed_byte_in_the_log_does_not_pass_for_its_end(kept: Kept, ground: Path, home: EmbeddedServer) -> None:
    store = kept.copy(ground)
    line, (base,) = store.lines()[0], store.lines()[0].bases()
    flip(line.wal / line.segments.name(base.first + 1), 400)  # a base backup ends its segment
    with pytest.raises(BackupRefused, match=r"could not be replayed.*a segment in it is damaged"):
        restore(store, home.home, installed=INSTALLED)
    assert not home.data.exists()


def flip(file: Path, place: int) -> None:
    """Change one byte."""
    with file.open("r+b") as opened:
        opened.seek(place)
        (byte,) = opened.read(1)
        opened.seek(place)
        opened.write(bytes([byte ^ 0xFF]))


# ---- keeping -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedServer]:
    """A server that is backed up into many folders, one after the other."""
    with passable_folder() as ground:
        server = made(ground / "home")
        server.start()
        yield server
        server.stop()


def source_of(server: EmbeddedServer) -> Source:
    return Source.at(server.superuser_url())


def test_the_archive_goes_on_after_the_server_was_away(running: EmbeddedServer, ground: Path) -> None:
    store, source, told = Store(ground / "backups"), source_of(running), list[str]()
    with archiving(store, source, running.programs(), told):
        line, base, _ = take(store, source, running.programs())
        wait_until(lambda: reached(line, base.ended_at))
        running.stop()
        running.start()
        moment = write(running, "after")
        wait_until(lambda: reached(line, moment))
    assert line.missing(base) == []
    assert len(store.lines()) == 1
    assert [words for words in told if "went away" in words or "the receiver ended" in words]


def test_a_killed_archive_takes_its_receiver_along_and_is_begun_again_without_a_gap(
    running: EmbeddedServer, ground: Path
) -> None:
    store, source = Store(ground / "backups"), source_of(running)
    line, base, _ = take(store, source, running.programs())
    code = (
        "import sys, threading; from pathlib import Path; from lms.postgres.backup_archive import Archive;"
        "from lms.postgres.backup_source import Source; from lms.postgres.backup_store import Store;"
        "a = sys.argv; Archive(Store(Path(a[1])), Source.at(a[2]), Path(a[3]), print).run(threading.Event(), 0.1)"
    )
    words = [str(store.folder), running.superuser_url(), str(running.programs())]
    process = subprocess.Popen([sys.executable, "-c", code, *words], cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    first = write(running, "first")
    wait_until(lambda: reached(line, first))
    with pytest.raises(BackupRefused, match="another process does this in"):
        Archive(store, source, running.programs(), print).run(threading.Event())
    process.kill()
    process.wait()
    wait_until(lambda: not active(running))

    with connect(running) as session:
        session.execute("SELECT pg_switch_wal()")
    second = write(running, "second")
    with archiving(store, source, running.programs()):
        wait_until(lambda: reached(line, second))
    assert line.missing(base) == []


def active(server: EmbeddedServer) -> bool:
    with connect(server) as session:
        return session.execute("SELECT 1 FROM pg_replication_slots WHERE active").fetchone() is not None


def test_a_slot_that_lost_what_it_promised_begins_a_new_line(home: EmbeddedServer, ground: Path) -> None:
    """Nothing reads the archive, and the server writes more than it may hold back."""
    running = made(home.home, max_slot_wal_keep_size="32MB")
    running.start()
    store, source = Store(ground / "backups"), source_of(running)
    first, _, _ = take(store, source, running.programs())
    with connect(running) as session:
        for number in range(6):
            session.execute(f"CREATE TABLE filler_{number} AS SELECT 1")
            session.execute("SELECT pg_switch_wal()")
        session.execute("CHECKPOINT")
        status = session.execute("SELECT wal_status FROM pg_replication_slots").fetchone()
    assert status == ("lost",)

    second, base, _ = take(store, source, running.programs())
    assert second.path != first.path
    with archiving(store, source, running.programs()):
        wait_until(lambda: reached(second, base.ended_at))
    assert second.missing(base) == []
    with connect(running) as session:
        assert session.execute("SELECT slot_name FROM pg_replication_slots").fetchall() == [(second.slot,)]


def test_a_restored_server_begins_a_new_line_and_both_can_be_restored(
    kept: Kept, ground: Path, home: EmbeddedServer
) -> None:
    store = kept.copy(ground)
    restore(store, home.home, kept.moments["B"], installed=INSTALLED)
    with archiving(store, source_of(home), home.programs()):
        line, _, _ = take(store, source_of(home), home.programs())
        moment = write(home, "on the new line")
        wait_until(lambda: reached(line, moment))
    assert (line.system, line.segments.timeline) == (kept.line.system, 2)
    home.stop()

    for name, to, expected in (
        ("newest", None, ["A", "B", "on the new line"]),
        ("older", kept.moments["C"], ["A", "B", "C"]),
    ):
        again = made(ground / name)
        restore(store, again.home, to, installed=INSTALLED)
        assert words(again) == expected
        again.stop()


def test_what_no_promised_moment_needs_is_forgotten(
    kept: Kept, running: EmbeddedServer, ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, source = Store(ground / "backups"), source_of(running)
    with archiving(store, source, running.programs()):
        line, first, _ = take(store, source, running.programs())
        with connect(running) as session:
            session.execute("SELECT pg_switch_wal()")
        later = clock.now() + timedelta(days=1)
        monkeypatch.setattr(clock, "now", lambda: later)
        _, second, none = take(store, source, running.programs(), keep_days=30)
        monkeypatch.setattr(clock, "now", lambda: later + timedelta(days=40))
        _, third, forgotten = take(store, source, running.programs(), keep_days=30)
    assert (none, forgotten) == ([], [first.name, second.name])
    assert third in line.bases()
    assert not first.path.exists()
    assert min(number for name in line.log() if (number := line.segments.number(name)) is not None) > first.first


def test_a_role_that_may_not_replicate_is_told_so(running: EmbeddedServer, ground: Path) -> None:
    with connect(running) as session:
        session.execute("CREATE ROLE lms_app LOGIN PASSWORD 'x'")
    source = Source.at(running.url("postgres", "lms_app", "x"))
    with pytest.raises(BackupRefused, match=r"does not let us replicate.*docs/backup\.md"):
        take(Store(ground / "backups"), source, running.programs())


def test_an_interrupted_backup_leaves_nothing_that_looks_whole(
    running: EmbeddedServer, ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lms.postgres import backup_base

    def fails(*_: object) -> None:
        raise BackupRefused("pg_verifybackup failed")

    monkeypatch.setattr(backup_base, "verify", fails)
    store = Store(ground / "backups")
    with pytest.raises(BackupRefused):
        take(store, source_of(running), running.programs())
    (line,) = store.lines()
    assert line.bases() == []
    assert list((line.path / "base").iterdir()) == []


def test_the_password_is_in_no_command_line_and_in_no_file(kept: Kept) -> None:
    assert "of the backup" not in kept.source.conninfo
    texts = [path.read_text(errors="replace") for path in kept.line.path.glob("*") if path.is_file()]
    assert not [text for text in texts if "of the backup" in text]


def test_backups_are_closed_to_others(kept: Kept) -> None:
    places = [kept.line.path, kept.line.wal, kept.line.path / "base"]
    assert [path.stat().st_mode & 0o077 for path in places] == [0, 0, 0]
