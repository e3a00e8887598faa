"""Many marks at once: whole or not at all, once per source, a correction as a new version."""

from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.results.models import Result
from assessments.results.services import Brought, record, record_many
from lms.audit.models import AuditEvent
from lms.db import db, unfenced
from lms.errors import Conflict, NotAllowed
from lms.events import OutboxEvent
from lms.institutions.models import Institution
from lms.ledger.models import LedgerEntry
from lms.people.models import Person


def stands(session, **where):
    session.commit()
    return list(session.scalars(sa.select(Result).filter_by(**where).order_by(Result.id)))


def count(session, model, **where):
    session.commit()
    return session.scalar(sa.select(sa.func.count()).select_from(model).filter_by(**where))


def corrected(one: Brought, value: str | None, reason: str = "wrong key") -> Brought:
    found = replace(
        one.evidence,
        value=None if value is None else Decimal(value),
        source=one.evidence.source | {"value": value},
        reason=reason,
    )
    return Brought(one.person_id, found)


def test_all_are_written_with_one_line_each_in_log_ledger_and_outbox(record_all, mark, session, world) -> None:
    record_all([mark(world.a.doctor, 1)])  # the first of all also opens the ledger's account of marks
    lines, entries = count(session, AuditEvent), count(session, LedgerEntry)
    marks = [mark([world.a.doctor, world.a.village_doctor][n % 2], n) for n in range(100, 160)]
    assert record_all(marks) == 60
    assert len(stands(session, source_kind="station")) == 61
    assert count(session, AuditEvent) == lines + 1
    assert count(session, LedgerEntry) == entries + 2  # the line of the log, and the marks
    told = session.scalars(sa.select(OutboxEvent.payload).where(OutboxEvent.kind == "ResultsRecorded")).all()
    both = sorted([world.a.doctor, world.a.village_doctor])
    assert told[-1] == {"person_ids": both, "corrected_ids": []}


def test_the_same_again_is_what_stands_and_nobody_is_told(record_all, mark, session, world) -> None:
    marks = [mark(world.a.doctor, n) for n in range(5)]
    assert (record_all(marks), record_all(marks), record_all([*marks, mark(world.a.doctor, 9)])) == (5, 0, 1)
    assert len(stands(session, source_kind="station")) == 6
    assert count(session, OutboxEvent, kind="ResultsRecorded") == 2


def test_a_correction_is_a_version_that_supersedes_and_is_told(record_all, mark, session, world) -> None:
    marks = [mark(world.a.doctor, n) for n in range(3)]
    record_all(marks)
    assert record_all([marks[0], corrected(marks[1], "55"), corrected(marks[2], None)]) == 2
    first, second, third, changed, gone = stands(session, source_kind="station")
    assert (changed.version, changed.supersedes_id, changed.value) == (2, second.id, Decimal(55))
    assert (gone.version, gone.supersedes_id, gone.value, gone.reason) == (2, third.id, None, "wrong key")
    last = session.scalars(sa.select(OutboxEvent.payload).order_by(OutboxEvent.id.desc())).first()
    assert sorted(last["corrected_ids"]) == sorted([changed.id, gone.id])
    assert first.version == 1


def test_without_a_reason_nothing_is_corrected_and_nothing_written(record_all, mark, session, world) -> None:
    one = mark(world.a.doctor, 1)
    record_all([one])
    with pytest.raises(Conflict, match="2"):
        record_all([mark(world.a.doctor, 2), corrected(one, "55", "")])
    with pytest.raises(Conflict, match="1"):
        record_all([mark(world.a.doctor, 3), corrected(mark(world.a.doctor, 3), "44")])
    assert len(stands(session, source_kind="station")) == 1


def test_one_by_one_and_all_at_once_write_the_same_rows(record_all, mark, as_, session, world) -> None:
    marks = [mark(world.a.doctor, n, critical_failure=n == 2, standard_error=Decimal("2.5")) for n in range(3)]
    record_all(marks)
    many = [{c: getattr(row, c) for c in COMPARED} for row in stands(session, source_kind="station")]
    with as_(world.a.exam_officer) as actor:
        person = db.session.get_one(Person, world.a.doctor)
        rows = [record(actor, person, evidence=replace(one.evidence, source_kind="alone")) for one in marks]
        alone = [{c: getattr(row, c) for c in COMPARED} for row in rows]
        assert record(actor, person, evidence=marks[0].evidence).source_kind == "station"  # stands already
    assert many == alone


COMPARED = [
    *("person_id", "institution_id", "kind", "value", "standard_error", "critical_failure", "on_day"),
    *("valid_until", "source_id", "source_hash", "version", "supersedes_id", "reason"),
]


@pytest.mark.parametrize("who", ["doctor", "manager", "examiner", "certificate_officer"])
def test_only_an_exam_officer_may(record_all, mark, world, who) -> None:
    with pytest.raises(NotAllowed):
        record_all([mark(world.a.doctor, 1)], getattr(world.a, who))


def test_people_of_the_neighbour_county_are_refused_whole(as_, mark, session, world) -> None:
    with as_(world.a.exam_officer) as actor, unfenced(db.session):
        home = db.session.get_one(Institution, world.a.commission)
        with pytest.raises(NotAllowed):
            record_many(actor, home, marks=[mark(world.a.doctor, 1), mark(world.b.doctor, 2)])
        with pytest.raises(NotAllowed):
            record_many(actor, db.session.get_one(Institution, world.b.commission), marks=[mark(world.a.doctor, 1)])
    assert stands(session, source_kind="station") == []


def test_as_many_statements_for_one_mark_as_for_hundreds(record_all, mark, queries, world) -> None:
    def sent(numbers: range) -> int:
        before = len(queries)
        record_all([mark(world.a.doctor, n) for n in numbers])
        return len(queries) - before

    sent(range(1))
    assert sent(range(10, 11)) == sent(range(100, 700))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_whatever_comes_in_whatever_order_versions_have_no_gap(record_all, mark, session, world, steps) -> None:
    for source, value in steps:
        record_all([corrected(mark(world.a.doctor, source), str(value))])
    rows = stands(session, source_kind="station")
    for source in {row.source_id for row in rows}:
        versions = [row for row in rows if row.source_id == source]
        assert [row.version for row in versions] == list(range(1, len(versions) + 1))
        assert [row.supersedes_id for row in versions[1:]] == [row.id for row in versions[:-1]]
