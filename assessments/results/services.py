"""Recording evidence: once per source, later versions supersede."""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import rfc8785
import sqlalchemy as sa

from assessments.results.events import ResultRecorded
from assessments.results.models import Result, ResultKind
from assessments.results.policy import Results
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
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


@service(needs=Results.RECORD)
def record(actor: Actor, person: Person, *, evidence: Evidence) -> Result:
    """Write evidence down; the same source again with the same content is the row that stands already.

    The same source with other content becomes a new version and needs a reason; raises Conflict without one.
    """
    digest = hashlib.sha256(rfc8785.dumps(evidence.source)).digest()
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
