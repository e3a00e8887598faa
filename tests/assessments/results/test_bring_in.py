"""Histories kept elsewhere: taken over whole or not at all, once, by the officer of that place."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.results.models import Result, ResultKind
from assessments.results.services import Brought, Evidence, bring_in, record
from lms import clock
from lms.audit.models import AuditEvent
from lms.db import db, unfenced
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent
from lms.institutions.models import Institution
from lms.ledger.models import LedgerEntry
from lms.people.models import Person
from tests.conftest import As
from tests.factories.world import World


def row(person: int, number: int, value: str | None = "70", days: int = 10, **more: object) -> Brought:
    source = {"number": number, "value": value, **more}
    found = Evidence(
        kind=ResultKind.SIMULATED_CASE,
        on_day=clock.today() - timedelta(days=days),
        source_kind="old-system",
        source_id=str(number),
        source=source,
        value=None if value is None else Decimal(value),
    )
    return Brought(person, found)


@pytest.fixture
def bring(as_: As, world: World):
    """Bring rows in as somebody: the exam officer of county a, into county a."""

    def act(rows: list[Brought], who: int | None = None, place: int | None = None) -> int:
        with as_(who or world.a.exam_officer) as actor:
            return bring_in(actor, db.session.get_one(Institution, place or world.a.commission), rows=rows)

    return act


def count(session: orm.Session, model: type, **where: object) -> int:
    session.commit()
    return session.scalar(sa.select(sa.func.count()).select_from(model).filter_by(**where)) or 0


def test_what_is_new_is_written_with_one_line_in_ledger_and_outbox(bring, session, world) -> None:
    bring([row(world.a.doctor, 99)])  # the first of all also opens the ledger's account of marks
    before = count(session, LedgerEntry)
    assert bring([row(world.a.doctor, n) for n in range(50)]) == 50
    assert count(session, Result, person_id=world.a.doctor, source_kind="old-system") == 51
    assert count(session, LedgerEntry) == before + 2  # the line of the log, and the marks
    told = (
        session.scalars(sa.select(OutboxEvent).where(OutboxEvent.kind == "HistoryBroughtIn").order_by(OutboxEvent.id))
        .all()[-1]
        .payload
    )
    assert told["written"] == 50
    assert len(told["hash"]) == 64
    assert count(session, OutboxEvent, kind="ResultRecorded") == 0
    assert count(session, AuditEvent, verb="bring_in", on_id=str(world.a.commission)) == 2


def test_the_same_rows_again_change_nothing_and_nobody_is_told(bring, session, world) -> None:
    rows = [row(world.a.doctor, 1), row(world.a.village_doctor, 2)]
    assert bring(rows) == 2
    assert bring(rows) == 0
    assert bring([*rows, row(world.a.doctor, 3)]) == 1
    assert count(session, Result, source_kind="old-system") == 3
    assert count(session, OutboxEvent, kind="HistoryBroughtIn") == 2


def test_each_row_is_hashed_as_a_single_result_is(bring, as_, session, world) -> None:
    one = row(world.a.doctor, 1)
    bring([one])
    with as_(world.a.exam_officer) as actor:
        again = record(actor, db.session.get_one(Person, world.a.doctor), evidence=one.evidence)
        assert again.version == 1
    assert count(session, Result, source_kind="old-system") == 1


def test_a_source_that_says_something_else_is_refused_whole(bring, session, world) -> None:
    bring([row(world.a.doctor, 1)])
    with pytest.raises(Conflict, match="2"):
        bring([row(world.a.doctor, 7), row(world.a.doctor, 1, "99")])
    with pytest.raises(Conflict, match="2"):
        bring([row(world.a.doctor, 8), row(world.a.doctor, 8, "99")])
    assert count(session, Result, source_kind="old-system") == 1


@pytest.mark.parametrize("wrong", [{"value": None}, {"days": -1}])
def test_a_mark_without_a_value_or_from_tomorrow_is_refused_whole(bring, session, world, wrong) -> None:
    with pytest.raises(Invalid, match="2"):
        bring([row(world.a.doctor, 1), row(world.a.doctor, 2, **wrong)])
    assert count(session, Result, source_kind="old-system") == 0


def test_people_of_the_neighbour_county_are_refused_with_their_rows(bring, session, world) -> None:
    with pytest.raises(Invalid, match=r"2, 4\b"):
        bring([row([world.a, world.b][n % 2].doctor, n) for n in range(4)])
    assert count(session, Result, source_kind="old-system") == 0


def test_long_refusals_name_the_first_rows_and_how_many(bring, world) -> None:
    with pytest.raises(Invalid, match=r"20 … \(300\)"):
        bring([row(world.b.doctor, n) for n in range(300)])


def test_only_the_exam_officer_of_the_place_may(as_, world) -> None:
    refused = [world.a.doctor, world.a.manager, world.a.examiner, world.a.certificate_officer, world.b.exam_officer]
    for who in refused:
        with as_(who) as actor, unfenced(db.session), pytest.raises(NotAllowed):
            bring_in(actor, db.session.get_one(Institution, world.a.commission), rows=[row(world.a.doctor, 1)])


def test_it_takes_as_many_statements_for_many_rows_as_for_few(bring, queries, world) -> None:
    def sent(first: int, number: int) -> int:
        before = len(queries)
        bring([row(world.a.doctor, first + n) for n in range(number)])
        return len(queries) - before

    sent(10_000, 1)
    assert sent(0, 10) == sent(1000, 900)


def test_a_reason_and_an_assessor_are_kept(bring, session, world) -> None:
    one = row(world.a.doctor, 1)
    bring([Brought(one.person_id, replace(one.evidence, assessor_id=world.a.examiner, critical_failure=True))])
    kept = session.scalars(sa.select(Result).where(Result.source_kind == "old-system")).one()
    assert (kept.assessor_id, kept.critical_failure, kept.institution_id) == (world.a.examiner, True, world.a.township)
