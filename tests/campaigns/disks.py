"""A disk that runs full: sixteen megabytes of memory under the answers' tables, for those who may mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import databases
from tests.campaigns.ground import Ground

SIZE_MB = 16
_TABLES = ("answer_event", "late_event")


class NoDisk(Exception):
    """This user cannot mount a small disk; the words say so."""


@contextmanager
def small(ground: Ground, live: databases.Live) -> Iterator[Path]:
    """Put the tables of answers and their indexes on a small disk of their own; its folder."""
    folder = ground.embedded.home / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        raise NoDisk("a small disk is mounted by root alone")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0777", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        raise NoDisk("this container may not mount")
    try:
        _move(ground, live, folder)
        yield folder
    finally:
        ground.embedded.stop()  # nothing may hold the disk; the database on it ends with it
        subprocess.run(["umount", str(folder)], check=True)
        ground.embedded.start()


def _move(ground: Ground, live: databases.Live, folder: Path) -> None:
    inside = folder / "tables"
    inside.mkdir(mode=0o700)
    account = ground.embedded._account
    os.chown(inside, account.uid, account.gid)
    server = live.database.server
    server.run(f"CREATE TABLESPACE small LOCATION '{inside}'")
    indexes = f"""SELECT format('ALTER INDEX %I SET TABLESPACE small', indexname) FROM pg_indexes
                  WHERE tablename IN {_TABLES!r}"""
    engine = live.engine()
    with engine.connect() as connection:
        moves = list(connection.exec_driver_sql(indexes.replace("%I", "%%I")).scalars())
    engine.dispose()
    server.run(*(f"ALTER TABLE {t} SET TABLESPACE small" for t in _TABLES), *moves, database=live.database.name)


def fill(folder: Path, leave: int) -> Path:
    """Fill the disk but for so many bytes; removing the file empties it again."""
    free = os.statvfs(folder)
    filler = folder / "filler"
    filler.write_bytes(b"\0" * (free.f_bavail * free.f_frsize - leave))
    return filler
