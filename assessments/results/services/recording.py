"""Writing down marks: one, or all that a release lets stand."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from assessments.results.events import ResultRecorded, ResultsRecorded
from assessments.results.models import Result
from assessments.results.policy import Results
from assessments.results.services.writing import Brought, Evidence, write
from lms.authz import Actor
from lms.db import Everything, db
from lms.events import publish
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.service import service, tell


@service(needs=Results.RECORD)
def record(actor: Actor, person: Person, *, evidence: Evidence) -> Result:
    """Write evidence down; the same source again with the same content is the row that stands already.

    The same source with other content becomes a new version and needs a reason; raises Conflict without one.
    """
    (made,) = write([Brought(person.id, evidence)], {person.id: person.institution_id})
    row = db.session.get_one(Result, made.id, execution_options=Everything)
    if made.new:
        publish(ResultRecorded(row.id, person.id, row.kind))
        tell(kind=row.kind, value=str(row.value), source=f"{row.source_kind}:{row.source_id}", version=row.version)
    return row


@service(needs=Results.RECORD)
def record_many(actor: Actor, on: Any, *, marks: Sequence[Brought]) -> int:
    """Write down all marks that come from one thing (an exam, a circuit), whole or not at all; how many are new.

    What `record` says of one mark holds of each. The thing gets one line in the audit log, all marks together one
    entry in the ledger, and those who want to hear of it one event.
    """
    written = [one for one in write(marks, _homes(actor, marks)) if one.new]
    persons = sorted({one.person_id for one in written})
    if written:
        publish(ResultsRecorded(tuple(persons), tuple(one.id for one in written if one.corrects)))
    tell(marks=len(marks), written=len(written), persons=len(persons))
    return len(written)


def _homes(actor: Actor, marks: Sequence[Brought]) -> dict[int, int]:
    """Where they work. The actor must be allowed to record about each of these places."""
    persons = sorted({mark.person_id for mark in marks})
    query = sa.select(Person.id, Person.institution_id).where(Person.id.in_(persons))
    homes: dict[int, int] = dict(db.session.execute(query, execution_options=Everything).all())
    places = sa.select(Institution).where(Institution.id.in_(set(homes.values())))
    for place in db.session.scalars(places, execution_options=Everything):
        actor.must(Results.RECORD, place)
    return homes
