"""Taking over a history of marks that was kept elsewhere."""

import hashlib
from collections.abc import Sequence

from assessments.results.events import HistoryBroughtIn
from assessments.results.models import Result
from assessments.results.policy import Results
from assessments.results.services.sealing import batch
from assessments.results.services.writing import AT_ONCE, Brought, Source, Values, first_hashes, source_of, values_of
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.db.many import insert_many
from lms.errors import Conflict, Invalid, row_numbers
from lms.events import publish
from lms.i18n import _
from lms.institutions.models import Institution
from lms.people.queries.homes import homes_of_rows
from lms.service import service, tell


@service(needs=Results.BRING_IN)
def bring_in(actor: Actor, place: Institution, *, rows: Sequence[Brought]) -> int:
    """Take over marks kept elsewhere about people at or below a place; how many are new.

    All or nothing. The same rows again change nothing. Raises Invalid, with row numbers from 1, for people who work
    elsewhere, marks without a value and days to come; Conflict where a source stands already with other content.
    Neither the audit log nor the outbox gets a line per mark: one line holds the number and the hash of all.
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
        some = [values_of(row, homes[row.person_id]) for row in rows[first : first + AT_ONCE]]
        for values in some:
            whole.update(values["source_hash"])
        written += _write_many(some, first)
    tell(rows=len(rows), written=written, hash=whole.hexdigest())
    if written:
        publish(HistoryBroughtIn(place.id, written, whole.hexdigest()))
    return written


def _write_many(values: list[Values], first: int) -> int:
    """Write what is new; what stands already, or came twice, must say the same."""
    number = batch(len(values))
    insert = insert_many(Result, [one | {"batch_id": number} for one in values]).on_conflict_do_nothing()
    told = insert.returning(Result.source_kind, Result.source_id, Result.source_hash)
    rows = db.session.execute(told, execution_options=Everything)
    new: dict[Source, bytes] = {(kind, source): bytes(hashed) for kind, source, hashed in rows}
    standing = new | first_hashes([source_of(one) for one in values if source_of(one) not in new])
    other = [n for n, one in enumerate(values, first + 1) if standing.get(source_of(one)) != one["source_hash"]]
    if other:
        raise Conflict(
            _("These rows stand already with other content: %(rows)s. Nothing was written.", rows=row_numbers(other))
        )
    return len(new)
