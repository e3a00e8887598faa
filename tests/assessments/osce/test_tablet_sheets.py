"""Every way in which a tablet's sheet is taken, kept aside or refused."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitStation,
    ExaminerAssignment,
    Sheet,
    Tablet,
)
from assessments.osce.queries import tablets as queries
from assessments.osce.rules import devices
from assessments.osce.services import planning
from lms import clock, ids
from lms.db import db
from lms.digests import digest
from tests.assessments.osce.tablets import asides, brief, enrolled, kept, sent_by, sheets
from tests.conftest import As
from tests.factories.osce import Office, Round, sheet_for
from tests.factories.tablets import Device
from tests.factories.world import World
from tests.pages import Page


def test_a_signed_sheet_counts_and_keeps_both_times_and_the_same_hash(
    office: Office, running: Round, world: World, page: Page, session: orm.Session, tablet: tuple[int, Device]
) -> None:
    number, device = tablet
    sent = device.signed(sent_by(office, running, world.a.examiner))
    address = f"/osce/stations/{running.station}/sheets"
    for _ in range(3):  # a replay changes nothing
        assert page.send(address, world.a.examiner, sent)["confirmed"] == sent["id"]
    row = sheets(session)[0]
    assert len(sheets(session)) == 1
    assert row.tablet_id == number
    assert devices.signed_by(device.spki, row.signed or "", row.signature or b"")
    assert row.begun_at.isoformat() == "2026-11-22T08:30:00+00:00"
    assert row.device_begun_at is not None
    assert row.device_begun_at.isoformat() == "2026-11-22T08:31:07.250000+00:00"
    assert row.ended_at is not None
    assert row.device_ended_at is not None
    assert row.device_ended_at - row.ended_at == timedelta(seconds=67, milliseconds=250)
    place = session.get_one(CircuitStation, running.station)
    plain = sheet_for(office.body()) | {
        "sheet": sent["id"],
        "station": running.station,
        "station_version": place.version.content_hash.hex(),
        "candidate": running.candidates[0],
        "examiner": world.a.examiner,
        "begun_at": "2026-11-22T08:30:00.000+00:00",
        "supersedes": None,
    }
    assert row.content_hash == digest(plain)
    session.commit()
    assert session.get_one(Tablet, number).last_seen_at is not None


def test_a_sheet_without_a_tablet_is_taken_as_ever(
    office: Office, running: Round, world: World, page: Page, session: orm.Session
) -> None:
    sent = sent_by(office, running, world.a.examiner)
    page.send(f"/osce/stations/{running.station}/sheets", world.a.examiner, sent)
    row = sheets(session)[0]
    assert (row.tablet_id, row.signed, row.signature) == (None, None, None)


def test_where_only_tablets_count_a_browsers_sheet_waits_for_an_officer(
    office: Office, running: Round, world: World, page: Page, session: orm.Session, tablet: tuple[int, Device]
) -> None:
    session.execute(sa.update(Circuit).values(tablets_only=True))
    session.commit()
    examiner = world.a.examiner
    assert kept(page, running, examiner, sent_by(office, running, examiner)) == "no_tablet"
    assert sheets(session) == []
    signed = tablet[1].signed(sent_by(office, running, examiner))
    page.send(f"/osce/stations/{running.station}/sheets", examiner, signed)
    assert len(sheets(session)) == 1


def test_what_is_not_trusted_is_kept_whole_with_its_reason(
    office: Office,
    running: Round,
    world: World,
    page: Page,
    session: orm.Session,
    as_: As,
    tablet: tuple[int, Device],
) -> None:
    number, device = tablet
    examiner = world.a.examiner
    sent = device.signed(sent_by(office, running, examiner))
    changed = sent | {"comment": "路上改过"}
    assert kept(page, running, examiner, changed) == "bad_signature"
    assert kept(page, running, examiner, sent | {"signature": None}) == "bad_signature"
    assert kept(page, running, examiner, sent | {"signature": "A" * 3000}) == "bad_signature"
    assert kept(page, running, examiner, Device().signed(sent_by(office, running, examiner))) == "unknown_device"
    assert kept(page, running, examiner, sent | {"device": "x"}) == "unknown_device"
    _elsewhere, neighbours = enrolled(as_, page, world.b.exam_officer, world.b.commission, "邻县")
    assert kept(page, running, examiner, neighbours.signed(sent_by(office, running, examiner))) == "unknown_device"
    _city, citys = enrolled(as_, page, world.people["exam_officer"], world.city, "市里")
    page.send(f"/osce/stations/{running.station}/sheets", examiner, citys.signed(sent_by(office, running, examiner)))
    page.post(f"/osce/tablets/{number}/revoke", world.a.exam_officer, expect=303, reason="丢失")
    second = device.signed(sent_by(office, running, examiner, candidate=running.candidates[1]))
    for _ in range(2):
        assert kept(page, running, examiner, second) == "device_revoked"
    assert len(sheets(session)) == 1
    rows = {str(row.sheet_id): row for row in asides(session)}
    row = rows[second["id"]]
    assert (row.why, row.tablet_id) == ("device_revoked", number)
    assert digest(row.content) == row.content_hash
    assert row.content["marks"] == second["marks"]
    assert row.device_ended_at is not None
    assert devices.signed_by(device.spki, row.signed or "", row.signature or b"")
    assert len([one for one in asides(session) if str(one.sheet_id) == second["id"]]) == 1


def test_a_signature_over_another_sheet_is_worth_nothing(
    office: Office, running: Round, world: World, page: Page, tablet: tuple[int, Device], officers: tuple[int, int]
) -> None:
    _number, device = tablet
    county, examiner = world.a, world.a.examiner
    there = office.running(officers[0], county.commission, [county.doctor], [examiner])
    sent = device.signed(sent_by(office, running, examiner) | {"station": there.station})
    page.send(f"/osce/stations/{running.station}/sheets", examiner, sent, expect=422)
    without = {key: value for key, value in sent_by(office, running, examiner).items() if key != "station"}
    assert kept(page, running, examiner, device.signed(without)) == "bad_signature"


def test_a_sheet_that_comes_after_the_assignment_ended_is_kept(
    office: Office,
    running: Round,
    world: World,
    page: Page,
    session: orm.Session,
    as_: As,
    officers: tuple[int, int],
    tablet: tuple[int, Device],
) -> None:
    examiner = world.a.examiner
    first = tablet[1].signed(sent_by(office, running, examiner))
    page.send(f"/osce/stations/{running.station}/sheets", examiner, first)
    query = sa.select(ExaminerAssignment).where(ExaminerAssignment.examiner_id == examiner)
    with as_(officers[0]) as actor:
        planning.unassign(actor, db.session.scalars(query).one())
    sent = tablet[1].signed(sent_by(office, running, examiner, candidate=running.candidates[1]))
    assert kept(page, running, examiner, sent) == "not_assigned"
    # what stood before still stands: its replay is no news
    assert page.send(f"/osce/stations/{running.station}/sheets", examiner, first)["confirmed"] == first["id"]
    page.get(f"/osce/stations/{running.station}", examiner, expect=404)
    for stranger in (world.b.examiner, world.a.exam_officer, world.a.doctor):
        page.send(f"/osce/stations/{running.station}/sheets", stranger, sent | {"examiner": stranger}, expect=404)
    assert [row.why for row in asides(session)] == ["not_assigned"]


def test_each_bad_sheet_is_refused_or_kept_and_none_counts(
    office: Office, running: Round, world: World, page: Page, session: orm.Session, tablet: tuple[int, Device]
) -> None:
    examiner, device = world.a.examiner, tablet[1]
    address = f"/osce/stations/{running.station}/sheets"
    above = sent_by(office, running, examiner)
    above["marks"] = above["marks"] | {"posture": 9}
    refused: list[tuple[dict[str, Any], str]] = [
        (above, "posture"),
        (sent_by(office, running, examiner, candidate=999_999), "考生"),
        (sent_by(office, running, examiner, ended_at="gestern"), ""),
        (sent_by(office, running, examiner, device_begun_at=3), ""),
        (sent_by(office, running, examiner, padding="x" * 30_000), ""),
    ]
    for sent, word in refused:
        answer = page.send(address, examiner, device.signed(sent), expect=422)
        assert answer["refused"] == sent["id"], answer
        assert word in answer["detail"]
    stranger = device.signed(sent_by(office, running, world.a.second_examiner))
    assert page.send(address, examiner, stranger, expect=403) == {"stranger": True}
    office.close(world.a.exam_officer, running.circuit, reason="缺考")
    assert kept(page, running, examiner, device.signed(sent_by(office, running, examiner))) == "closed"
    assert sheets(session) == []


def test_when_each_tablet_was_last_heard(
    office: Office, running: Round, world: World, page: Page, as_: As, tablet: tuple[int, Device]
) -> None:
    from assessments.osce.models import Circuit

    def heard() -> set[int]:
        with as_(world.a.exam_officer):
            return set(queries.last_heard(db.session.get_one(Circuit, running.circuit)))

    assert heard() == set()
    brief(page, tablet[1], world.a.examiner)
    assert heard() == {world.a.examiner}
    page.send(
        f"/osce/stations/{running.station}/sheets",
        world.a.second_examiner,
        sent_by(office, running, world.a.second_examiner),
    )
    assert heard() == {world.a.examiner, world.a.second_examiner}


def test_the_database_itself_wants_a_key_and_a_signature(
    office: Office, running: Round, world: World, session: orm.Session
) -> None:
    place = {"institution_id": world.a.commission, "enrolled_by_id": world.a.exam_officer}
    for wrong, name in (
        ({"label": "x", "enrolled_at": clock.now()}, "enrolled_with_a_key"),
        ({"label": ""}, "labelled"),
        ({"label": "x", "revoked_at": clock.now()}, "revoked_by_somebody"),
    ):
        with pytest.raises(sa.exc.IntegrityError, match=name), session.begin_nested():
            session.execute(sa.insert(Tablet).values(**place, **wrong))
    office.submit(world.a.examiner, running.station, running.candidates[0], sheet_for(office.body()))
    tablet = session.scalars(sa.insert(Tablet).values(**place, label="x").returning(Tablet.id)).one()
    row = sheets(session)[0]
    values = {
        column.name: getattr(row, column.name) for column in Sheet.__table__.columns if column.name != "submitted_at"
    }
    unsigned = sa.insert(Sheet).values(
        **(values | {"id": ids.uuid7(), "candidate_id": running.candidates[1], "tablet_id": tablet})
    )
    with pytest.raises(sa.exc.IntegrityError, match="a_tablet_signs"), session.begin_nested():
        session.execute(unsigned)
    session.rollback()
