"""Keeping the message catalogues complete: one per feature, taken from the code and the templates."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOTS = ("lms", "courses", "assessments")
LANGUAGE = "zh_Hans_CN"
_KEYWORDS: Any = {"_": None, "_l": None, "_n": (1, 2), "gettext": None, "ngettext": (1, 2)}
_METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]

Message = str | tuple[str, ...]


def folder(checkout: Path) -> Path:
    """Where the Chinese catalogues lie."""
    return checkout / "lms" / "translations" / LANGUAGE / "LC_MESSAGES"


def extracted(checkout: Path) -> dict[Message, set[str]]:
    """Every message in the code with the features that use it."""
    found: dict[Message, set[str]] = defaultdict(set)
    for root in ROOTS:
        options = {"**/templates/**.html": {"trimmed": "true", "extensions": "jinja2.ext.i18n"}}
        for name, _line, message, _comments, _context in extract_from_dir(
            checkout / root, method_map=_METHODS, options_map=options, keywords=_KEYWORDS
        ):
            found[tuple(message) if isinstance(message, tuple) else message].add(_feature(name))
    return dict(found)


def _feature(name: str) -> str:
    """The catalogue a file belongs to: its feature's folder, `web` for the plumbing."""
    first, _, rest = name.partition("/")
    return first if rest and first != "db" else "web"


def translated(checkout: Path) -> dict[Message, str]:
    """Every message that has a Chinese text, with the catalogue that holds it."""
    have: dict[Message, str] = {}
    for path in sorted(folder(checkout).glob("*.po")):
        for message in _read(path):
            if message.id and all(_strings(message)) and not message.fuzzy:
                have[_key(message.id)] = path.stem
    return have


def missing(checkout: Path) -> dict[str, str]:
    """Messages without a Chinese text, and where they are used."""
    have = translated(checkout)
    return {_first(m): ", ".join(sorted(w)) for m, w in sorted(extracted(checkout).items(), key=str) if m not in have}


def update(checkout: Path) -> dict[str, tuple[int, int]]:
    """Write each feature's new messages into its catalogue and drop those no longer used; counts of both."""
    wanted, have = extracted(checkout), translated(checkout)
    counts = {}
    for name in sorted({min(w) for w in wanted.values()} | set(have.values())):
        path = folder(checkout) / f"{name}.po"
        old = _read(path) if path.exists() else Catalog(locale=LANGUAGE)
        kept = [m for m in old if m.id and _key(m.id) in wanted]
        known = {_key(m.id) for m in kept}
        new = [m for m, w in wanted.items() if min(w) == name and m not in have and m not in known]
        counts[name] = (len(new), len([m for m in old if m.id]) - len(kept))
        _write(path, kept, new)
    return counts


def _write(path: Path, kept: list[Any], new: list[Message]) -> None:
    fresh = Catalog(locale=LANGUAGE, project="clinical-skills", charset="utf-8")
    for message in kept:
        fresh.add(message.id, message.string, flags=message.flags - {"fuzzy"})
    for one in new:
        fresh.add(one, flags=["python-format"] if "%(" in _first(one) else [])
    with path.open("wb") as file:
        write_po(file, fresh, omit_header=False, sort_output=True, no_location=True, width=110)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def _key(identity: Any) -> Message:
    return tuple(identity) if isinstance(identity, list | tuple) else identity


def _strings(message: Any) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def _first(message: Message) -> str:
    return message if isinstance(message, str) else message[0]
