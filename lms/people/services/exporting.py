"""Everything that is kept about a person, as a file for them: asked for, made by a job, kept for a week."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from lms import clock, jobs, vault
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict
from lms.i18n import _
from lms.people.models import Person, PersonExport
from lms.people.policy import People
from lms.people.rules.own_data import KEPT
from lms.service import service, tell

MAKE = "people.make_export"
#: So many files may wait or lie ready at a time.
AT_A_TIME = 3


@service(needs=People.TAKE_OUT)
def ask(actor: Actor, person: Person) -> PersonExport:
    """Ask for all that is kept about oneself; a job makes the file."""
    asked = sa.select(sa.func.count()).where(PersonExport.person_id == person.id, PersonExport.expires_at > clock.now())
    if (db.session.scalar(asked) or 0) >= AT_A_TIME:
        raise Conflict(_("There are %(n)d files already. Take one of them, or wait until they are gone.", n=AT_A_TIME))
    row = PersonExport(
        person_id=person.id,
        institution_id=person.institution_id,
        asked_by_id=actor.person_id,
        expires_at=clock.now() + timedelta(days=KEPT),
    )
    db.session.add(row)
    db.session.flush()
    row.job = jobs.request(MAKE, by=actor.person_id, key=f"{MAKE}:{row.id}", export_id=row.id)
    return row


@service(needs=People.MAKE_EXPORT)
def keep(actor: Actor, export: PersonExport, *, packed: Callable[[], bytes]) -> None:
    """Keep the file that was made, sealed; made twice it is kept once."""
    if export.content is not None:
        return
    content = packed()
    export.size, export.sha256 = len(content), hashlib.sha256(content).hexdigest()
    export.content = vault.current().seal(content, _place(export))
    tell(size=export.size, sha256=export.sha256)


@service(needs=People.TAKE_OUT)
def take(actor: Actor, export: PersonExport) -> bytes:
    """The file; that it was taken is written down."""
    if export.content is None or export.expires_at <= clock.now():
        raise Conflict(_("This file is gone. Ask for it again."))
    tell(sha256=export.sha256 or "")
    return vault.current().open(export.content, _place(export))


@service(needs=People.MAKE_EXPORT)
def forget(actor: Actor, on: None) -> int:
    """Throw away what was kept for a week; how many files."""
    gone = sa.delete(PersonExport).where(PersonExport.expires_at <= clock.now())
    return int(db.session.execute(gone, execution_options=Everything).rowcount)  # type: ignore[attr-defined]


def _place(export: PersonExport) -> bytes:
    return f"person-export:{export.id}".encode()
