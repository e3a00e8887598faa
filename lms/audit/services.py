"""Writing down: called by the verbs themselves, as the last thing in their transaction."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from lms import vault
from lms.audit import rules
from lms.audit.models import COLUMNS, AuditEvent, AuditWaiting
from lms.audit.policy import Audit
from lms.audit.queries import KIND, MOST, Filters, Line, count, lines
from lms.authz import Actor
from lms.db import Everything, Model, db, transaction
from lms.errors import TooLarge
from lms.i18n import _
from lms.ledger import services as ledger
from lms.service import Deed, service, tell

_person = sa.table(
    "person",
    sa.column("id", sa.BigInteger),
    sa.column("ledger_subject", sa.Uuid),
    sa.column("institution_id", sa.BigInteger),
)
_institution = sa.table("institution", sa.column("id", sa.BigInteger))


class Whence(NamedTuple):
    """Where a request came from."""

    request_id: str | None = None
    address: str | None = None


def _nowhere() -> Whence:
    return Whence()


@dataclass
class Surroundings:
    """What the log must know of the web without knowing the web; filled in wiring.py."""

    whence: Callable[[], Whence] = _nowhere


SURROUNDINGS: Final = Surroundings()


#: What the notes of deeds are sealed for.
_WAITING: Final = b"audit waiting"


@dataclass(frozen=True)
class _Concerned:
    """The person a deed concerns."""

    subject: UUID
    institution_id: int


@service(needs=Audit.EXPORT, tells=("kind",))
def take_out(actor: Actor, on: None, *, filters: Filters, kind: str) -> list[Line]:
    """The events somebody takes out of the system in a file; that they did is itself written down."""
    found = count(db.session, filters)
    if found > MOST:
        raise TooLarge(_("These are %(found)d entries. Narrow the list to %(most)d at most.", found=found, most=MOST))
    tell(entries=found, filters={name: value for name, value in asdict(filters).items() if value})
    return lines(db.session, filters)


def write_down(session: orm.Session, deeds: Sequence[Deed]) -> None:
    """Write down all deeds of a transaction: their words here, sealed, and their hashes in the ledger.

    Where every one of them may wait, only a note is left; `write_down_waiting` does the rest.
    """
    session.flush()
    if not deeds or _idle(session, deeds):
        return
    whence = SURROUNDINGS.whence()
    notes = [_note(deed, whence) for deed in deeds]
    if all(deed.later for deed in deeds):
        _leave(session, notes)
    else:
        _enter(session, notes)


def write_down_waiting(session: orm.Session, most: int = 500) -> int:
    """Write down what was left for later, in its order, each with the moment it was done; how many those were.

    Safe to repeat and to run twice at once: a note goes in the same transaction in which its deed is written down.
    """
    with transaction(session):
        held = sa.select(AuditWaiting).order_by(AuditWaiting.id).limit(most).with_for_update(skip_locked=True)
        waiting = list(session.scalars(held))
        if waiting:
            _enter(session, [_opened(one) for one in waiting])
            session.execute(sa.delete(AuditWaiting).where(AuditWaiting.id.in_([one.id for one in waiting])))
    return len(waiting)


@dataclass(frozen=True)
class _Note:
    """What is to be written down of one deed; an institution that only the person's row knows is not in it yet."""

    columns: dict[str, Any]
    person: int | None
    address: str | None
    told: dict[str, Any]


def _note(deed: Deed, whence: Whence) -> _Note:
    person = _person_in(deed)
    return _Note(_columns(deed, person, whence.request_id), person, whence.address, rules.told(deed.told))


def _leave(session: orm.Session, notes: Sequence[_Note]) -> None:
    rows = [{"sealed": vault.current().seal(json.dumps(asdict(note)).encode(), _WAITING)} for note in notes]
    session.execute(sa.insert(AuditWaiting), rows)


def _opened(waiting: AuditWaiting) -> _Note:
    note = _Note(**json.loads(vault.current().open(waiting.sealed, _WAITING)))
    return replace(note, told=note.told | {"at": waiting.at.isoformat()})


def _enter(session: orm.Session, notes: Sequence[_Note]) -> None:
    persons = {person for note in notes for person in (note.person, note.columns["actor_person_id"])}
    known = _concerned(session, {person for person in persons if person is not None})
    events, statements = [], []
    for note in notes:
        concerned = known.get(note.person) if note.person is not None else None
        columns = dict(note.columns)
        if columns["institution_id"] is None and concerned is not None:
            columns["institution_id"] = concerned.institution_id
        words = {**columns, "address": note.address, "told": note.told}
        events.append(columns)
        statements.append(ledger.Statement(KIND, words, concerned.subject if concerned else None))
    _hold_institutions(session, {event["institution_id"] for event in events} - {None})
    recorded = ledger.append_many(session, statements)
    rows = [
        {**event, "sealed": one.sealed, "ledger_index": one.index} for event, one in zip(events, recorded, strict=True)
    ]
    session.execute(sa.insert(AuditEvent), rows, execution_options=Everything)


def _idle(session: orm.Session, deeds: Sequence[Deed]) -> bool:
    """Whether these are jobs that looked, found nothing to do and have nothing to tell: every minute of the year."""
    if any(deed.told or deed.actor.job_name is None for deed in deeds):
        return False
    return session.scalar(sa.select(sa.func.pg_current_xact_id_if_assigned().cast(sa.Text))) is None


def _columns(deed: Deed, person: int | None, request_id: str | None) -> dict[str, Any]:
    on_type, on_id = _thing(deed.on)
    if on_type is None and "person" in deed.told and person is not None:
        on_type, on_id = "person", str(person)
    values = (
        deed.actor.person_id,
        deed.actor.job_name,
        str(deed.permission.value),
        deed.verb,
        on_type,
        on_id,
        _institution_of(deed),
        request_id,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _thing(on: object) -> tuple[str | None, str | None]:
    """Table and key of the thing; what is no row of ours (a token, a file) is not written down."""
    if not isinstance(on, Model):
        return None, None
    identity = sa.inspect(on).identity
    return on.__tablename__, "-".join(map(str, identity)) if identity else None


def _person_in(deed: Deed) -> int | None:
    """Whom the deed concerns: the person it was done to, else the one who did it."""
    found = getattr(deed.on, "person_id", None) if isinstance(deed.on, Model) else deed.told.get("person")
    return found if type(found) is int else deed.actor.person_id


def _concerned(session: orm.Session, persons: set[int]) -> dict[int, _Concerned]:
    """What is known of these persons; their rows are held, so that nothing is waited for under the ledger's lock."""
    table = _person.c
    query = sa.select(table.id, table.ledger_subject, table.institution_id).where(table.id.in_(persons))
    held = query.order_by(table.id).with_for_update(read=True, key_share=True)
    found = session.execute(held, execution_options=Everything)
    return {one: _Concerned(subject, institution) for one, subject, institution in found}


def _hold_institutions(session: orm.Session, institutions: set[int]) -> None:
    query = sa.select(_institution.c.id).where(_institution.c.id.in_(institutions)).order_by(_institution.c.id)
    session.execute(query.with_for_update(read=True, key_share=True), execution_options=Everything)


def _institution_of(deed: Deed) -> int | None:
    """Where the deed belongs: the institution of the thing; without one, that of the person concerned."""
    if not isinstance(deed.on, Model):
        return None
    if deed.on.__tablename__ == "institution":
        return int(deed.on.id)
    owner = getattr(deed.on, "institution_id", None)
    return owner if isinstance(owner, int) else None
