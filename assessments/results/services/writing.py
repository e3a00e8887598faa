"""Rows of evidence, hundreds in one statement: what a mark is, and how it gets its place behind earlier versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.results.models import Result, ResultKind
from assessments.results.services.sealing import MOST, batch
from lms import digests
from lms.db import Everything, db
from lms.db.many import insert_many
from lms.errors import Conflict, row_numbers
from lms.i18n import _

#: Rows that go to the database in one statement.
AT_ONCE: Final = MOST

Source = tuple[str, str]
Values = dict[str, Any]


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
        return digests.digest(self.source)


@dataclass(frozen=True)
class Brought:
    """One mark among many: whom it is about, and what was found."""

    person_id: int
    evidence: Evidence


class Standing(NamedTuple):
    """The newest version of a source."""

    id: int
    version: int
    source_hash: bytes
    value: Decimal | None


@dataclass(frozen=True)
class Written:
    """One mark as it stands now; `new` when this call wrote it, `corrects` when it took another's place."""

    id: int
    person_id: int
    new: bool
    corrects: bool


def values_of(row: Brought, institution_id: int) -> Values:
    """A mark as the columns of its row."""
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


def source_of(values: Mapping[str, Any]) -> Source:
    """The record a mark comes from."""
    return values["source_kind"], values["source_id"]


def write(rows: Sequence[Brought], homes: Mapping[int, int]) -> list[Written]:
    """Write what is new behind what stands; the same statements for one mark as for thousands.

    Raises Conflict, with row numbers from 1, where other content stands and no reason is given.
    """
    written: list[Written] = []
    for first in range(0, len(rows), AT_ONCE):
        some = [values_of(row, homes[row.person_id]) for row in rows[first : first + AT_ONCE]]
        written += _write(some, first)
    return written


def _write(some: list[Values], first: int) -> list[Written]:
    stands = newest([source_of(one) for one in some])
    fresh = {source_of(one): one for one in some if not _same(stands.get(source_of(one)), one)}
    changed = stands.keys() & fresh.keys()
    silent = [n for n, one in enumerate(some, first + 1) if source_of(one) in changed and not one["reason"]]
    if silent:
        raise Conflict(_refusal(len(some), silent))
    new = _insert([_placed(one, stands.get(source)) for source, one in sorted(fresh.items())])
    # Whoever was faster by a moment has written the same, or something else: look once more.
    late = newest([source for source in fresh if source not in new])
    found = stands | late | new
    other = [n for n, one in enumerate(some, first + 1) if not _same(found[source_of(one)], one)]
    if other:
        raise Conflict(
            _("These marks came twice with different content: %(rows)s. Nothing was written.", rows=row_numbers(other))
        )
    return [_written(one, found[source_of(one)], source_of(one) in new) for one in some]


def _refusal(many: int, silent: Sequence[int]) -> str:
    if many == 1:
        return str(_("This mark stands already. A correction needs a reason."))
    return str(
        _(
            "These marks stand already: %(rows)s. A correction needs a reason. Nothing was written.",
            rows=row_numbers(silent),
        )
    )


def _same(stands: Standing | None, values: Values) -> bool:
    return stands is not None and (stands.source_hash, stands.value) == (values["source_hash"], values["value"])


def _placed(values: Values, last: Standing | None) -> Values:
    version, supersedes = (last.version + 1, last.id) if last else (1, None)
    return values | {"version": version, "supersedes_id": supersedes}


def _written(values: Values, row: Standing, new: bool) -> Written:
    return Written(row.id, values["person_id"], new, new and row.version > 1)


def _insert(rows: list[Values]) -> dict[Source, Standing]:
    if not rows:
        return {}
    number = batch(len(rows))
    insert = insert_many(Result, [row | {"batch_id": number} for row in rows]).on_conflict_do_nothing()
    return _by_source(insert.returning(*_STANDING))


def newest(sources: Sequence[Source]) -> dict[Source, Standing]:
    """The newest version of each of these sources that has one."""
    if not sources:
        return {}
    query = sa.select(*_STANDING).join(*_given(sources)).ext(_FIRST_OF_SOURCE)
    return _by_source(query.order_by(Result.source_kind, Result.source_id, Result.version.desc()))


def first_hashes(sources: Sequence[Source]) -> dict[Source, bytes]:
    """The hash each of these sources was first written down with."""
    if not sources:
        return {}
    found = _by_source(sa.select(*_STANDING).join(*_given(sources)).where(Result.version == 1))
    return {source: row.source_hash for source, row in found.items()}


def _given(sources: Sequence[Source]) -> tuple[Any, sa.ColumnElement[bool]]:
    kinds, numbers = ([source[at] for source in sources] for at in (0, 1))
    asked = sa.func.unnest(sa.literal(kinds, sa.ARRAY(sa.Text)), sa.literal(numbers, sa.ARRAY(sa.Text)))
    given = asked.table_valued("kind", "number", name="given").render_derived()
    return given, sa.and_(Result.source_kind == given.c.kind, Result.source_id == given.c.number)


_FIRST_OF_SOURCE: Final = pg.distinct_on(Result.source_kind, Result.source_id)
_STANDING: Final = (
    Result.source_kind,
    Result.source_id,
    Result.id,
    Result.version,
    Result.source_hash,
    Result.value,
)


def _by_source(query: Any) -> dict[Source, Standing]:
    rows = db.session.execute(query, execution_options=Everything)
    return {
        (kind, source): Standing(row, version, bytes(hashed), value)
        for kind, source, row, version, hashed, value in rows
    }
