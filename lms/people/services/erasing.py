"""Erasing a person: one asks, another confirms, a time is waited, then the key of all words about them is destroyed.

What stays is what a certificate and the statistics rest on: rows with numbers, days and ids, and nobody's name.
"""

import json
import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from lms import clock
from lms.audit.services import write_down_waiting
from lms.authz import Actor
from lms.db import Everything, after_commit, db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.ledger.models import LedgerSubject
from lms.ledger.services import destroy_key
from lms.people.models import (
    CodeGenerator,
    Erasure,
    Passkey,
    PasswordReset,
    Person,
    PersonExport,
    Post,
    RecoveryCode,
    RoleGrant,
    SignIn,
)
from lms.people.policy import People
from lms.people.queries import erasures, own_data
from lms.people.rules.own_data import LEAST, MOST, USUAL
from lms.service import service, tell

#: What other features know of a person by name; each clears it and says how many rows. Filled in wiring.py.
ERASERS: Final[dict[str, Callable[[orm.Session, int], int]]] = {}
#: The file, beside the ledger's witness, in which destroyed keys are named.
REMEMBERED: Final = "erased.jsonl"
Progress = Callable[[int, int], None]
#: What stands where a name was.
NOBODY: Final = "—"
#: Rows by which an account is entered, and files about the person: they go.
_ACCOUNT: Final = (SignIn, CodeGenerator, RecoveryCode, Passkey, PasswordReset, PersonExport)


@service(needs=People.ERASE, tells=("days",))
def ask(actor: Actor, person: Person, *, reason: str, days: int = USUAL) -> Erasure:
    """Ask for a person to be erased; only of somebody who has left, and never of oneself."""
    if person.id == actor.person_id:
        raise Conflict(_("Nobody can ask for their own erasure here. Ask your institution."))
    if person.active:
        raise Conflict(_("Deactivate the person first. Whoever still works here is not erased."))
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    if not LEAST <= days <= MOST:
        raise Invalid(_("Wait from %(least)d to %(most)d days.", least=LEAST, most=MOST), field="days")
    open_ = sa.exists().where(Erasure.person_id == person.id, Erasure.withdrawn_at.is_(None))
    if db.session.scalar(sa.select(open_), execution_options=Everything):
        raise Conflict(_("The erasure of this person has been asked for already."))
    row = Erasure(
        person_id=person.id,
        institution_id=person.institution_id,
        asked_by_id=actor.person_id,
        reason=reason.strip()[:500],
        due_on=clock.today() + timedelta(days=days),
    )
    db.session.add(row)
    db.session.flush()
    return row


@service(needs=People.ERASE)
def confirm(actor: Actor, erasure: Erasure) -> None:
    """The second person's word; from the day it is due on, a job erases."""
    _still_open(erasure)
    if actor.person_id in (erasure.asked_by_id, erasure.person_id):
        raise Conflict(_("A second person must confirm this."))
    if erasure.confirmed_at is not None:
        raise Conflict(_("This is confirmed already."))
    erasure.confirmed_by_id, erasure.confirmed_at = actor.person_id, clock.now()
    erasure.due_on = max(erasure.due_on, clock.today() + timedelta(days=LEAST))


@service(needs=People.ERASE)
def withdraw(actor: Actor, erasure: Erasure) -> None:
    """Take the wish back, as long as nothing was erased."""
    _still_open(erasure)
    erasure.withdrawn_by_id, erasure.withdrawn_at = actor.person_id, clock.now()


def _still_open(erasure: Erasure) -> None:
    db.session.refresh(erasure, with_for_update=True)
    if erasure.done_at is not None:
        raise Conflict(_("This person has been erased. It cannot be taken back."))
    if erasure.withdrawn_at is not None:
        raise Conflict(_("This wish has been taken back."))


@service(needs=People.ERASE_DUE)
def erase(actor: Actor, erasure: Erasure, *, remembered: Path) -> None:
    """Erase the person of a wish that is confirmed and due; safe to repeat.

    `remembered` is a file outside the database in which the destroyed keys are named, for who restores a backup.
    """
    db.session.refresh(erasure, with_for_update=True)
    if erasure.state != "waiting" or erasure.due_on > clock.today():
        return
    person = db.session.get_one(Person, erasure.person_id, with_for_update=True)
    cleared = _clear(person)
    erasure.done_at = clock.now()
    subject, at = person.ledger_subject, clock.now().isoformat()
    destroy_key(db.session, subject)
    tell(person=person.id, cleared=cleared)
    after_commit(db.session, lambda: _remember(remembered, subject, at))


@service(needs=People.ERASE_DUE)
def repeat(actor: Actor, on: None, *, subjects: Sequence[UUID]) -> int:
    """Erase again those who came back with a restored backup; how many those were."""
    living = sa.select(LedgerSubject.id).where(LedgerSubject.id.in_(subjects), LedgerSubject.sealed_key.is_not(None))
    found = set(db.session.scalars(living))
    for person in db.session.scalars(sa.select(Person).where(Person.ledger_subject.in_(found)).order_by(Person.id)):
        tell(**{f"cleared_{person.id}": _clear(person)})
    for subject in sorted(found):
        destroy_key(db.session, subject)
    return len(found)


def remembered_in(path: Path) -> list[UUID]:
    """The keys that a file says were destroyed; raises Invalid."""
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [UUID(line["subject"]) for line in lines]
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise Invalid(f"{path.name}: {wrong}") from wrong


def _remember(path: Path, subject: UUID, at: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"type": "erased", "subject": str(subject), "at": at}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _clear(person: Person) -> dict[str, int]:
    """Everything by which somebody could be known goes; how many rows of which table."""
    name = f"#{person.id}"
    values: dict[str, Any] = dict.fromkeys(("identity_number", "identity_hash", "licence_number", "licence_hash"))
    values |= dict.fromkeys(("phone", "email", "practising_since", "password_hash", "deactivated_why"))
    values |= {"name": name, "sort_key": name, "account": f"erased-{person.id}", "active": False}
    for column, value in values.items():
        setattr(person, column, value)
    person.deactivated_on = person.deactivated_on or clock.today()
    db.session.flush()
    cleared = {"person": 1}
    for kind in _ACCOUNT:
        cleared[kind.__tablename__] = _changed(sa.delete(kind).where(kind.person_id == person.id))
    cleared["post"] = _changed(sa.update(Post).where(Post.person_id == person.id).values(title=""))
    today = clock.today()
    held = RoleGrant.person_id == person.id, sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > today)
    over = sa.func.greatest(RoleGrant.begins_on, today)
    cleared["role_grant"] = _changed(sa.update(RoleGrant).where(*held).values(ends_on=over))
    for area, eraser in ERASERS.items():
        cleared[area] = eraser(db.session, person.id)
    for model, column, owner in own_data.names():
        if not model.__append_only__:
            table = model.__table__
            change: Any = sa.update(table).where(table.c[owner] == person.id).values({column: NOBODY})  # type: ignore[arg-type]
            cleared[f"{table.name}.{column}"] = _changed(change)  # type: ignore[attr-defined]
    return {area: number for area, number in cleared.items() if number}


def _changed(statement: Any) -> int:
    done = db.session.execute(statement, execution_options={**Everything, "synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]


def erase_names(owner: sa.Engine) -> dict[str, int]:
    """Take the names of erased people out of append-only rows too, as the owner of the database alone can."""
    erased = sa.select(Erasure.__table__.c.person_id).where(Erasure.__table__.c.done_at.is_not(None))
    cleared = {}
    with owner.begin() as connection:
        for model, column, whose in own_data.names():
            if model.__append_only__:
                table: Any = model.__table__
                change = sa.update(table).where(table.c[whose].in_(erased), table.c[column] != NOBODY)
                if number := connection.execute(change.values({column: NOBODY})).rowcount:
                    cleared[f"{table.name}.{column}"] = number
    return cleared


def erase_all(actor: Actor, remembered: Path, progress: Progress | None = None) -> int:
    """Erase everybody whose day has come, each in a transaction of its own; how many."""
    waiting = erasures.due(db.session)
    for done, number in enumerate(waiting, 1):
        while write_down_waiting(db.session):  # what was done until now is sealed while their key is there
            pass
        erase(actor, db.session.get_one(Erasure, number), remembered=remembered)
        if progress is not None:
            progress(done, len(waiting))
    return len(waiting)
