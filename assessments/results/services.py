"""Recording evidence: once per source, later versions supersede."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import rfc8785
import sqlalchemy as sa

from assessments.results.events import HistoryBroughtIn, ResultRecorded
from assessments.results.models import Result, ResultKind
from assessments.results.policy import Results
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.db.many import insert_many
from lms.errors import Conflict, Invalid, row_numbers
from lms.events import publish
from lms.i18n import _
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.people.queries.homes import homes_of_rows
from lms.service import service, tell


@dataclass(frozen=True)
class Evidence:
    """What a feature hands over when it has come to a mark.

    `source` is the record the mark rests on, as plain JSON values: its RFC 8785 form is hashed, so that a later
    change of the record can be seen. `value` is percent for marks; None withdraws an earlier version.
    """

    kind: ResultKind
    on_day: date
    source_kind: str
    source_id: str
    source: dict[str, Any]
    value: Decimal | None
    standard_error: Decimal | None = None
    technique_id: int | None = None
    assessor_id: int | None = None
    critical_failure: bool = False
    valid_until: date | None = None
    reason: str = ""

    def digest(self) -> bytes:
        """SHA-256 of the source in its RFC 8785 form."""
        return hashlib.sha256(rfc8785.dumps(self.source)).digest()


@dataclass(frozen=True)
class Brought:
    """One row of a history kept elsewhere: whom it is about, and what was found."""

    person_id: int
    evidence: Evidence


#: Rows that go to the database in one statement.
AT_ONCE = 5000


@service(needs=Results.RECORD)
def record(actor: Actor, person: Person, *, evidence: Evidence) -> Result:
    """Write evidence down; the same source again with the same content is the row that stands already.

    The same source with other content becomes a new version and needs a reason; raises Conflict without one.
    """
    digest = evidence.digest()
    # No row lock: the app's role may not UPDATE what is append-only. One source is recorded at a time.
    source = sa.func.hashtextextended(f"result:{evidence.source_kind}:{evidence.source_id}", 0)
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(source)))
    last = db.session.scalar(
        sa.select(Result)
        .where(Result.source_kind == evidence.source_kind, Result.source_id == evidence.source_id)
        .order_by(Result.version.desc())
        .limit(1)
    )
    if last is not None and last.source_hash == digest and last.value == evidence.value:
        return last
    if last is not None and not evidence.reason:
        raise Conflict(_("This mark stands already. A correction needs a reason."))
    row = Result(
        person_id=person.id,
        institution_id=person.institution_id,
        kind=evidence.kind,
        technique_id=evidence.technique_id,
        value=evidence.value,
        standard_error=evidence.standard_error,
        critical_failure=evidence.critical_failure,
        assessor_id=evidence.assessor_id,
        on_day=evidence.on_day,
        valid_until=evidence.valid_until,
        source_kind=evidence.source_kind,
        source_id=evidence.source_id,
        source_hash=digest,
        version=last.version + 1 if last else 1,
        supersedes_id=last.id if last else None,
        reason=evidence.reason,
    )
    db.session.add(row)
    db.session.flush()
    publish(ResultRecorded(row.id, person.id, row.kind))
    tell(kind=row.kind, value=str(row.value), source=f"{row.source_kind}:{row.source_id}", version=row.version)
    return row


@service(needs=Results.BRING_IN)
def bring_in(actor: Actor, place: Institution, *, rows: Sequence[Brought]) -> int:
    """Take over marks kept elsewhere about people at or below a place; how many are new.

    All or nothing. The same rows again change nothing. Raises Invalid, with row numbers from 1, for people who work
    elsewhere, marks without a value and days to come; Conflict where a source stands already with other content.
    Neither the ledger nor the outbox gets a line per mark: one line holds the number and the hash of all.
    """
    homes = homes_of_rows(place, [row.person_id for row in rows])
    today = clock.today()
    wrong = [n for n, row in enumerate(rows, 1) if row.evidence.value is None or row.evidence.on_day > today]
    if wrong:
        raise Invalid(
            _("These rows have no value or a day to come: %(rows)s. Nothing was written.", rows=row_numbers(wrong))
        )
    whole, written = hashlib.sha256(), 0
    for first in range(0, len(rows), AT_ONCE):
        some = [_values(row, homes[row.person_id]) for row in rows[first : first + AT_ONCE]]
        for values in some:
            whole.update(values["source_hash"])
        written += _write_many(some, first)
    tell(rows=len(rows), written=written, hash=whole.hexdigest())
    if written:
        publish(HistoryBroughtIn(place.id, written, whole.hexdigest()))
    return written


def _values(row: Brought, institution_id: int) -> dict[str, Any]:
    found = row.evidence
    return {
        "person_id": row.person_id,
        "institution_id": institution_id,
        "kind": found.kind.value,
        "technique_id": found.technique_id,
        "value": found.value,
        "standard_error": found.standard_error,
        "critical_failure": found.critical_failure,
        "assessor_id": found.assessor_id,
        "on_day": found.on_day,
        "valid_until": found.valid_until,
        "source_kind": found.source_kind,
        "source_id": found.source_id,
        "source_hash": found.digest(),
        "reason": found.reason,
    }


def _write_many(values: list[dict[str, Any]], first: int) -> int:
    """Write what is new; what stands already, or came twice, must say the same."""
    insert = insert_many(Result, values).on_conflict_do_nothing()
    told = insert.returning(Result.source_kind, Result.source_id, Result.source_hash)
    new = dict(_by_source(db.session.execute(told, execution_options=Everything)))
    before = [_source(one) for one in values if _source(one) not in new]
    standing = new | dict(_standing(before) if before else ())
    other = [n for n, one in enumerate(values, first + 1) if standing.get(_source(one)) != one["source_hash"]]
    if other:
        raise Conflict(
            _("These rows stand already with other content: %(rows)s. Nothing was written.", rows=row_numbers(other))
        )
    return len(new)


def _source(values: dict[str, Any]) -> tuple[str, str]:
    return values["source_kind"], values["source_id"]


def _standing(sources: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], bytes]]:
    """The hash each of these sources was first written down with."""
    kinds, numbers = ([source[at] for source in sources] for at in (0, 1))
    asked = sa.func.unnest(sa.literal(kinds, sa.ARRAY(sa.Text)), sa.literal(numbers, sa.ARRAY(sa.Text)))
    given = asked.table_valued("kind", "number", name="given").render_derived()
    same = sa.and_(Result.source_kind == given.c.kind, Result.source_id == given.c.number)
    query = sa.select(Result.source_kind, Result.source_id, Result.source_hash).join(given, same)
    query = query.where(Result.version == 1)
    return _by_source(db.session.execute(query, execution_options=Everything))


def _by_source(rows: sa.Result[str, str, bytes]) -> Iterator[tuple[tuple[str, str], bytes]]:
    return (((kind, number), bytes(digest)) for kind, number, digest in rows)
