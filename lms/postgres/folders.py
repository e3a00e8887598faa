"""Where a server lives, who owns it, and whether that is safe."""

import hashlib
import os
import pwd
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
# sun_path holds 108 bytes with its end mark on Linux, 104 on macOS.
SOCKET_LIMIT = 103
# Root's server runs as the first of these that exists.
UNPRIVILEGED = ("clinical-skills", "nobody")


class PostgresRefused(Exception):
    """The embedded server cannot run safely; the reason says what to do."""


@dataclass(frozen=True)
class Account:
    """The system user that the server's processes run as."""

    name: str
    uid: int
    gid: int

    @property
    def borrowed(self) -> bool:
        """Whether this is another user than the one who asks, which only root can arrange."""
        return self.uid != os.geteuid()

    def for_subprocess(self) -> dict[str, Any]:
        """The arguments that make `subprocess` run a program as this user."""
        if not self.borrowed:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account() -> Account:
    """Who the server runs as: oneself, or for root somebody without rights."""
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid())
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise PostgresRefused(
        "PostgreSQL does not run as root and there is no user 'nobody': "
        "make one with 'useradd --system clinical-skills'"
    )


def default_home(checkout: Path, name: str) -> Path:
    """Where the server called `name` of this checkout keeps everything it owns."""
    if os.geteuid() != 0:
        return checkout / "var" / name
    digest = hashlib.sha256(os.fsencode(checkout.resolve())).hexdigest()[:12]
    return Path("/var/lib/clinical-skills") / digest / name


def socket_folder(home: Path, account: Account) -> Path:
    """The folder of the socket: inside home, or a short one where home's name would not do."""
    inside = home / "socket"
    fits = len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_LIMIT
    # A comma would mean two hosts to a client; quotes and backslashes need not be understood.
    if fits and not re.search(r"[,\"'\\]", str(inside)):
        return inside
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    # Not tempfile.gettempdir(): every process must find the same folder, whatever its TMPDIR.
    return Path("/tmp") / f"clinical-skills-{account.uid}-{digest}"  # noqa: S108


def prepare_home(home: Path, account: Account) -> None:
    """Make home if it is missing; refuse one that is not ours alone."""
    missing = [folder for folder in (home, *home.parents) if not folder.exists()]
    for folder in reversed(missing):
        # Root's home may be passed through (not listed) by the server's own user.
        mode = 0o755 if folder != home else 0o711 if account.borrowed else 0o700
        try:
            folder.mkdir()
        except FileExistsError:  # another start made it between the look and the deed
            continue
        except OSError as error:
            raise PostgresRefused(f"cannot make {folder}: {error.strerror}") from error
        folder.chmod(mode)
    _must_be(home, owner=os.geteuid(), closed=0o022 if account.borrowed else 0o077)
    if account.borrowed:
        _must_be_passable(home, account)


def private_folder(folder: Path, account: Account) -> None:
    """Make a folder that only the server's user can enter; refuse one that others can."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        os.chown(folder, account.uid, account.gid)
    _must_be(folder, owner=account.uid, closed=0o077)


def give(folder: Path, account: Account) -> None:
    """Make the account the owner of a folder and of all that is in it."""
    if not account.borrowed:
        return
    for place, _, files in os.walk(folder):
        for name in ("", *files):
            os.chown(Path(place, name), account.uid, account.gid, follow_symlinks=False)


def _must_be(folder: Path, *, owner: int, closed: int) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise PostgresRefused(f"{folder} is not a folder: move it away")
    if found.st_uid != owner:
        raise PostgresRefused(
            f"{folder} belongs to user {found.st_uid}, not {owner}: "
            f"run as that user, or 'chown {owner}' it if it is yours"
        )
    if found.st_mode & closed:
        raise PostgresRefused(
            f"{folder} is open to other users (mode {stat.S_IMODE(found.st_mode):04o}): "
            f"see who changed it, then 'chmod {stat.S_IMODE(found.st_mode) & ~closed:04o}' it"
        )


def _must_be_passable(home: Path, account: Account) -> None:
    for folder in (home.resolve(), *home.resolve().parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise PostgresRefused(
                f"{folder} is closed to user {account.name}, who runs the server for root: "
                "choose a home below /var/lib, or run as an ordinary user"
            )
