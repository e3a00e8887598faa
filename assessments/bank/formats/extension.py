"""What a format has no word for, carried beside what it has, where other systems do not look.

The extension is one line of plain JSON: what a reader of the format's own words would not know (`rest`), and a hash of
what it would (`seen`). If the words are still the same when the file comes back, both together are exactly the question
that left. If somebody has changed the words in another system, the words win and the rest is taken from here.
"""

import json
from collections.abc import Mapping
from typing import Any

from assessments.bank.formats.document import Done, Item, Notes, Report, entry
from lms.digests import digest

#: Between a case and the question under it, in formats where every question must stand alone.
BETWEEN = "\n\n"


def rest(told: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    """What a reader who sees only `seen` does not know of this question; None says that there is no such thing."""
    missing = {name: value for name, value in told.items() if name not in seen or seen[name] != value}
    return missing | {name: None for name in seen if name not in told}


def line(told: Mapping[str, Any], seen: Mapping[str, Any]) -> str:
    """The extension of a question: one line of ASCII."""
    carried = {"seen": _digest(seen), "rest": rest(told, seen)}
    return json.dumps(carried, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def whole(seen: Mapping[str, Any], extension: str, notes: Notes) -> dict[str, Any]:
    """The question out of the format's own words and its extension ("" where there is none)."""
    if not extension:
        return dict(seen)
    carried = _parsed(extension)
    if carried is None:
        notes.left_out("extension", "broken_extension")
        return dict(seen)
    if carried["seen"] == _digest(seen):
        told = dict(seen) | carried["rest"]
    else:
        notes.changed("extension", "changed_elsewhere")
        told = carried["rest"] | _alone(seen, carried["rest"])
    return {name: value for name, value in told.items() if value is not None}


def item(seen: Mapping[str, Any], extension: str, said: Notes, pictures: Mapping[str, bytes]) -> Item:
    """One item of a file; what its own words left open (`said`) counts where the extension does not answer it."""
    notes = Notes(said.place, said.name) if extension else said
    told = whole(seen, extension, notes)
    if extension and (notes.reports or "kind" not in told):
        for report in said.reports:
            if report.done is not Done.REFUSED or "kind" not in told:
                notes.say(report.element, report.done, report.why)
    made = None if notes.refused else entry(told, pictures, notes)
    if made is None and not notes.refused:
        notes.refuse("question", "no_question")
    return Item(notes.place, notes.name or str(told.get("code", "")), made, notes.reports)


def unseen(told: Mapping[str, Any], seen: Mapping[str, Any], place: str) -> list[Report]:
    """What other systems will not see of this question, by name."""
    names = sorted(name for name, value in rest(told, seen).items() if value not in (None, ""))
    return [Report(place, str(told["code"]), name, Done.EXTENSION, "only_here") for name in names]


def _alone(seen: Mapping[str, Any], carried: Mapping[str, Any]) -> dict[str, Any]:
    """What was seen, its stem without the case that stood before it."""
    series, stem = carried.get("series"), seen.get("stem")
    case = f"{series.get('text')}{BETWEEN}" if isinstance(series, Mapping) else ""
    if case and isinstance(stem, str) and stem.startswith(case):
        return dict(seen) | {"stem": stem.removeprefix(case)}
    return dict(seen)


def _parsed(extension: str) -> dict[str, Any] | None:
    try:
        carried = json.loads(extension)
    except (ValueError, RecursionError):
        return None
    fine = isinstance(carried, dict) and isinstance(carried.get("rest"), dict) and isinstance(carried.get("seen"), str)
    return carried if fine else None


def _digest(seen: Mapping[str, Any]) -> str:
    return digest(dict(seen)).hex()[:32]
