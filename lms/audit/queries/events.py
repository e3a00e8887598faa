"""Selects for the auditor's pages, and the words for the ledger's verification."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from lms import clock
from lms.audit.models import COLUMNS, AuditEvent
from lms.db import Everything
from lms.ledger.queries import Erased, Kept, Keys, Opened, Proof, open_words
from lms.ledger.queries import proof as prove
from lms.ledger.rules import commitment
from lms.vault import CannotOpen

#: The kind of the ledger's entries that stand for deeds.
KIND: Final = "audit.deed"
PAGE: Final = 50
#: An export is for reading in a spreadsheet, not for copying the log: `ledger export` does that.
MOST: Final = 20_000

_person = sa.table("person", sa.column("id", sa.BigInteger), sa.column("name"), sa.column("account"))
_institution = sa.table(
    "institution", sa.column("id", sa.BigInteger), sa.column("name"), sa.column("name_en"), sa.column("path")
)


@dataclass(frozen=True)
class Filters:
    """What an auditor asks for; days are those of the institutions' calendar, both included."""

    who: str | None = None
    area: str | None = None
    where: str | None = None
    since: date | None = None
    until: date | None = None
    text: str | None = None
    thing: tuple[str, str] | None = None

    @property
    def asked(self) -> bool:
        """Whether anything is narrowed at all."""
        return self != Filters()


@dataclass(frozen=True)
class Name:
    """What a person or an institution is called, in Chinese and English."""

    zh: str
    en: str | None = None


@dataclass(frozen=True)
class Line:
    """One event with the names that belong to its ids."""

    event: AuditEvent
    actor: Name | None
    institution: Name | None
    thing: Name | None


@dataclass(frozen=True)
class Listing:
    """One page of the log."""

    lines: list[Line]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


def listing(session: orm.Session, filters: Filters, number: int = 1) -> Listing:
    """One page, newest first, in a constant number of statements."""
    total = count(session, filters)
    number = min(max(1, number), max(1, -(-total // PAGE)))
    return Listing(lines(session, filters, PAGE, (number - 1) * PAGE), total, number)


def count(session: orm.Session, filters: Filters) -> int:
    """How many events there are."""
    return session.scalar(_narrowed(sa.select(sa.func.count()).select_from(AuditEvent), filters)) or 0


def lines(session: orm.Session, filters: Filters, limit: int = MOST, offset: int = 0) -> list[Line]:
    """Events with names, newest first."""
    query = _narrowed(sa.select(AuditEvent), filters).order_by(AuditEvent.id.desc())
    return named(session, list(session.scalars(query.limit(limit).offset(offset))))


def named(session: orm.Session, events: list[AuditEvent]) -> list[Line]:
    """Events with the names of their actors, things and institutions: two statements more."""
    persons = _names(session, _person, {e.actor_person_id for e in events} | _things(events, "person"))
    institutions = _names(session, _institution, {e.institution_id for e in events} | _things(events, "institution"))
    by_type = {"person": persons, "institution": institutions}

    def thing(event: AuditEvent) -> Name | None:
        return by_type.get(event.on_type or "", {}).get(_number(event.on_id))

    return [
        Line(e, persons.get(e.actor_person_id or 0), institutions.get(e.institution_id or 0), thing(e)) for e in events
    ]


def _things(events: Iterable[AuditEvent], on_type: str) -> set[int | None]:
    return {_number(event.on_id) for event in events if event.on_type == on_type}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def _names(session: orm.Session, table: sa.TableClause, ids: set[int | None]) -> dict[int, Name]:
    """Names over the fence: whoever may read an event may read who did it."""
    second = table.c.name_en if "name_en" in table.c else sa.null()
    query = sa.select(table.c.id, table.c.name, second).where(table.c.id.in_(ids - {None}))
    return {one: Name(zh, en) for one, zh, en in session.execute(query, execution_options=Everything)}


def _narrowed(query: sa.Select[Any], filters: Filters) -> sa.Select[Any]:
    event = AuditEvent
    if filters.who:
        query = query.where(_by(filters.who))
    if filters.area:
        query = query.where(event.permission.startswith(f"{filters.area}:", autoescape=True))
    if filters.where:
        query = query.where(_below(filters.where))
    if filters.since:
        query = query.where(event.at >= _begin(filters.since))
    if filters.until:
        query = query.where(event.at < _begin(filters.until + timedelta(days=1)))
    if filters.thing:
        query = query.where(event.on_type == filters.thing[0], event.on_id == filters.thing[1])
    if filters.text:
        query = query.where(_about(filters.text))
    return query


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), clock.zone())


def _by(text: str) -> sa.ColumnElement[bool]:
    """Done by a person of this name or account, or by a job of this name."""
    who = sa.select(_person.c.id).where(
        sa.or_(_person.c.name.icontains(text, autoescape=True), _person.c.account == text.lower())
    )
    return sa.or_(AuditEvent.actor_person_id.in_(who), AuditEvent.actor_job.icontains(text, autoescape=True))


def _below(text: str) -> sa.ColumnElement[bool]:
    """In an institution of this name, or anywhere below it."""
    top, low = _institution.alias("top"), _institution.alias("low")
    under = low.c.path.op("<@", is_comparison=True)(top.c.path)
    named = sa.select(low.c.id).join(top, under).where(top.c.name.icontains(text, autoescape=True))
    return AuditEvent.institution_id.in_(named)


def _about(text: str) -> sa.ColumnElement[bool]:
    """The verb, the number of the thing, of the request or of the ledger's entry."""
    event = AuditEvent
    ways = [
        event.verb.icontains(text.replace(" ", "_"), autoescape=True),
        event.on_id == text,
        event.request_id == text.lower(),
    ]
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 19:
        ways.append(event.ledger_index == int(number))
    return sa.or_(*ways)


class Words(StrEnum):
    """How the words of an event stand."""

    OPEN = "open"
    ERASED = "erased"
    ALTERED = "altered"


@dataclass(frozen=True)
class Shown:
    """One event opened: its words, and the proof that they are those recorded."""

    line: Line
    words: Words
    opened: Opened | None
    proof: Proof

    @property
    def told(self) -> dict[str, Any]:
        """What the verb told, and from which network it came."""
        said = self.opened.document["words"] if self.opened else {}
        address = {"address": said["address"]} if said.get("address") else {}
        return {**said.get("told", {}), **address}

    @property
    def proven(self) -> bool:
        """Whether the words, the columns and the place in the ledger all agree."""
        return self.proof.holds and self.words is not Words.ALTERED


def shown(session: orm.Session, event: AuditEvent) -> Shown:
    """One event with everything that can be said about it."""
    (line,) = named(session, [event])
    proof = prove(session, event.ledger_index)
    try:
        opened = open_words(session, KIND, event.ledger_index, event.sealed)
    except CannotOpen:
        return Shown(line, Words.ALTERED, None, proof)
    if opened is None:
        return Shown(line, Words.ERASED, None, proof)
    said = opened.document["words"]
    agrees = commitment(opened.salt, opened.text) == proof.commitment
    agrees = agrees and all(said.get(name) == value for name, value in event.columns.items())
    return Shown(line, Words.OPEN if agrees else Words.ALTERED, opened, proof)


def details(session: orm.Session, events: Iterable[AuditEvent]) -> dict[int, dict[str, Any]]:
    """What the verbs told, by event; nothing for words that were erased or altered."""
    keys, found = Keys(session), dict[int, dict[str, Any]]()
    listed = list(events)
    keys.load_for(event.sealed for event in listed)
    for event in listed:
        try:
            found[event.id] = keys.open(KIND, event.ledger_index, event.sealed).document["words"]["told"]
        except (Erased, CannotOpen):
            found[event.id] = {}
    return found


def sealed_words(session: orm.Session, first: int, end: int) -> Iterator[Kept]:
    """The words of deeds for the ledger's verification, with the columns that must say the same."""
    event = AuditEvent
    columns = [getattr(event, name) for name in COLUMNS]
    query = sa.select(event.ledger_index, event.sealed, event.at, *columns)
    for index, sealed, at, *values in session.execute(
        query.where(event.ledger_index >= first, event.ledger_index < end)
    ):
        yield Kept(index, sealed, at, dict(zip(COLUMNS, values, strict=True)))
