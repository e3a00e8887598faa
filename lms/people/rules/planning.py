"""What a roster would do to the directory: row by row created, changed, unchanged or refused, and why."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from lms.people.rules.identity import masked
from lms.people.rules.roster import SECRETS, Entry, Problem

#: What a roster may change of somebody who is there already. A blank cell leaves it as it is.
CHANGEABLE = (
    "name",
    "identity_number",
    "category",
    "title",
    "licence_number",
    "phone",
    "email",
    "begins_on",
    "practising_since",
    "account",
)
MOST_NAMED = 3


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Known:
    """A person who is in the directory already."""

    id: int
    account: str
    name: str
    category: str
    institution_id: int
    institution: str
    within_reach: bool
    active: bool
    identity_number: str | None
    licence_number: str | None
    phone: str | None
    email: str | None
    practising_since: date | None
    post_id: int | None
    title: str | None
    begins_on: date | None


@dataclass(frozen=True)
class Directory:
    """What must be known of the directory to judge a roster; hashes are blind indexes."""

    #: Institutions within reach by every way of writing them; more than one id where a name is not unique.
    places: Mapping[str, frozenset[int]]
    by_identity: Mapping[str, Known]
    by_account: Mapping[str, Known]
    by_licence: Mapping[str, Known]


@dataclass(frozen=True)
class Decided:
    """What becomes of one row. `changes` are (old, new) with secrets masked."""

    entry: Entry
    outcome: Outcome
    institution_id: int | None = None
    person_id: int | None = None
    post_id: int | None = None
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A whole roster judged."""

    rows: tuple[Decided, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome."""
        counted = Counter(one.outcome for one in self.rows)
        return {outcome.value: counted[outcome] for outcome in Outcome}

    @property
    def acceptable(self) -> bool:
        """Whether it can be carried out: nothing is refused."""
        return self.counts[Outcome.REFUSED] == 0

    @property
    def digest(self) -> str:
        """A hash of everything it would do, to see whether it would still do the same later."""
        said = [
            [o.entry.sheet, o.entry.row, o.outcome, o.institution_id, o.person_id, sorted(o.changes.items()),
             [[p.code, p.column] for p in o.problems]]
            for o in self.rows
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def make(understood: Sequence[tuple[Entry, list[Problem]]], directory: Directory) -> Plan:
    """Judge every row against the others and against the directory."""
    doubles = _doubles([entry for entry, _ in understood])
    return Plan(tuple(_decide(entry, problems, directory, doubles) for entry, problems in understood))


Doubles = Mapping[tuple[str, str], list[Entry]]


def _doubles(entries: Iterable[Entry]) -> Doubles:
    """Rows that share what only one person can have."""
    found: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        for column in ("identity_number", "licence_number", "account"):
            value = getattr(entry, column)
            if value:
                found[column, value].append(entry)
    return {key: rows for key, rows in found.items() if len(rows) > 1}


def _decide(entry: Entry, problems: Sequence[Problem], directory: Directory, doubles: Doubles) -> Decided:
    found = [*problems]
    if not any(one.column == "institution" for one in found):
        found += _about_place(entry, directory)
    found += _about_doubles(entry, doubles)
    wrong_number = any(one.column == "identity_number" and not one.code.startswith("double") for one in found)
    known = None if wrong_number else directory.by_identity.get(entry.identity_number)
    named = directory.by_account.get(entry.account or "")
    if known is None and named is not None and _is_same(entry, named, directory):
        known = named
    found += _about_known(entry, known, directory)
    if found:
        return Decided(entry, Outcome.REFUSED, problems=tuple(found))
    (place,) = directory.places[place_key(entry.institution)]
    if known is None:
        return Decided(entry, Outcome.CREATED, place)
    changes = dict(_changes(entry, known))
    outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
    return Decided(entry, outcome, place, known.id, known.post_id, changes)


def place_key(text: str) -> str:
    """How an institution is looked up: blanks, brackets' width and capitals do not matter."""
    plain = "".join(text.split()).replace("（", "(").replace("）", ")").lower()
    return plain.removesuffix("(演示)")


def _about_place(entry: Entry, directory: Directory) -> list[Problem]:
    meant = directory.places.get(place_key(entry.institution), frozenset())
    if not meant:
        return [Problem("unknown_institution", "institution", {"typed": entry.institution[:60]})]
    if len(meant) > 1:
        return [Problem("ambiguous_institution", "institution", {"typed": entry.institution[:60]})]
    return []


def _about_doubles(entry: Entry, doubles: Doubles) -> list[Problem]:
    found = []
    for column in ("identity_number", "licence_number", "account"):
        rows = doubles.get((column, getattr(entry, column) or ""), [])
        others = [one for one in rows if one is not entry]
        if others:
            where = "、".join(f"{one.sheet}!{one.row}" for one in others[:MOST_NAMED])
            found.append(Problem(f"double_{column}", column, {"where": where}))
    return found


def _is_same(entry: Entry, named: Known, directory: Directory) -> bool:
    """Somebody without an identity number is recognised by account, name and institution together."""
    at = directory.places.get(place_key(entry.institution), frozenset())
    return (
        named.identity_number is None
        and named.within_reach
        and named.name == entry.name
        and at == {named.institution_id}
    )


def _about_known(entry: Entry, known: Known | None, directory: Directory) -> list[Problem]:
    found = []
    at = directory.places.get(place_key(entry.institution), frozenset())
    if known is not None and not known.within_reach:
        found.append(Problem("person_elsewhere", "identity_number"))
    elif known is not None and len(at) == 1 and known.institution_id not in at:
        found.append(Problem("person_at", "institution", {"institution": known.institution}))
    elif known is not None and not known.active:
        found.append(Problem("person_inactive", "identity_number"))
    for column, holders in (("account", directory.by_account), ("licence_number", directory.by_licence)):
        holder = holders.get(getattr(entry, column) or "")
        if holder is not None and (known is None or holder.id != known.id):
            found.append(Problem(f"taken_{column}", column))
    return found


def _changes(entry: Entry, known: Known) -> Iterable[tuple[str, tuple[str, str]]]:
    for column in CHANGEABLE:
        new, old = getattr(entry, column), getattr(known, column)
        if new is not None and new != old:
            yield column, (shown(column, old), shown(column, new))


def shown(column: str, value: Any) -> str:
    """A value as a plan may show it."""
    if value is None:
        return ""
    return masked(str(value)) if column in SECRETS else str(value)
