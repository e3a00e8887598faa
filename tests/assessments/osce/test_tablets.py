"""Tablets: letting in, revoking, briefing, and every way in which a sheet is taken, kept aside or refused."""

import json
import posixpath
import re
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitStation,
    ExaminerAssignment,
    Sheet,
    SheetAside,
    Tablet,
    TabletBriefing,
)
from assessments.osce.queries import tablets as queries
from assessments.osce.rules import devices
from assessments.osce.services import planning
from assessments.osce.services import tablets as services
from assessments.osce.views.briefing import MODULES
from lms import clock, ids
from lms.db import db
from lms.digests import digest
from lms.errors import Conflict, Invalid, NotAllowed
from lms.institutions.models import Institution
from tests.conftest import As
from tests.factories.osce import Office, Round, sheet_for
from tests.factories.tablets import Device
from tests.factories.world import World
from tests.pages import Page

LANGUAGES = ["zh", "en"]


def announced(as_: As, officer: int, institution: int, label: str = "一号平板") -> tuple[int, str]:
    """A tablet that is expected, and its code."""
    with as_(officer) as actor:
        made = services.announce(actor, db.session.get_one(Institution, institution), label=label)
        return made.id, made.code or ""


def enrolled(as_: As, page: Page, officer: int, institution: int, label: str = "一号平板") -> tuple[int, Device]:
    """A tablet that is in use, and its key."""
    tablet, code = announced(as_, officer, institution, label)
    device = Device()
    assert page.send("/osce/tablet/enrol", None, device.enrolment(code))["device"] == device.name
    return tablet, device


@pytest.fixture
def tablet(as_: As, page: Page, world: World) -> tuple[int, Device]:
    """A tablet of county A."""
    return enrolled(as_, page, world.a.exam_officer, world.a.commission)


def sent_by(office: Office, running: Round, examiner: int, **more: Any) -> dict[str, Any]:
    """What a tablet sends of one candidate, not signed yet."""
    about = {
        "id": str(ids.uuid7()),
        "examiner": examiner,
        "station": running.station,
        "candidate": running.candidates[0],
        "supersedes": None,
        "device_begun_at": "2026-11-22T08:31:07.250Z",
        "ended_at": "2026-11-22T08:38:00.000Z",
        "device_ended_at": "2026-11-22T08:39:07.250Z",
    }
    return sheet_for(office.body()) | about | more


def sheets(session: orm.Session) -> list[Sheet]:
    session.expire_all()
    return list(session.scalars(sa.select(Sheet)))


def asides(session: orm.Session) -> list[SheetAside]:
    session.expire_all()
    return list(session.scalars(sa.select(SheetAside)))


# ---- letting in ----


def test_a_code_lets_in_one_browser_and_only_with_proof_of_its_key(
    as_: As, page: Page, world: World, session: orm.Session
) -> None:
    tablet, code = announced(as_, world.a.exam_officer, world.a.commission)
    device, other = Device(), Device()
    enrolment = device.enrolment(code)
    for broken in (
        {"signature": other.enrolment(code)["signature"]},
        {"key": other.enrolment(code)["key"]},
        {"code": "ZZZZ ZZZZ"},
        {"signature": "?"},
        {"key": ""},
        {"code": 7},
    ):
        page.send("/osce/tablet/enrol", None, enrolment | broken, expect=422)
    assert session.get_one(Tablet, tablet).state == "waiting"
    session.expire_all()
    answer = page.send("/osce/tablet/enrol", None, device.enrolment(f" {code[:4].lower()}-{code[4:]} "))
    assert answer == {"device": device.name, "label": "一号平板"}
    assert "shared_device=1" in page.answer.headers["Set-Cookie"]
    session.expire_all()
    row = session.get_one(Tablet, tablet)
    assert (row.state, row.public_key, row.code, row.code_hash) == ("enrolled", device.spki, None, None)
    # the answer was lost: the same browser asks again; another one has no use for the code
    page.send("/osce/tablet/enrol", None, enrolment)
    page.send("/osce/tablet/enrol", None, other.enrolment(code), expect=422)


def test_a_key_on_another_curve_is_no_key() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    for key in (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)):
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        with pytest.raises(devices.NoKey):
            devices.checked_key(key.public_key().public_bytes(serialization.Encoding.DER, form))
    with pytest.raises(devices.NoKey):
        devices.checked_key(b"\x30\x00")


def test_a_code_is_over_after_half_an_hour_and_a_new_one_ends_the_old(
    as_: As, page: Page, world: World, session: orm.Session
) -> None:
    tablet, code = announced(as_, world.a.exam_officer, world.a.commission)
    row = session.get_one(Tablet, tablet)
    assert row.code_until is not None
    assert timedelta(0) < row.code_until - clock.now() <= devices.CODE_LASTS
    row.code_until = clock.now() - timedelta(seconds=1)
    session.commit()
    page.send("/osce/tablet/enrol", None, Device().enrolment(code), expect=422)
    soup = page.get(f"/osce/tablets/{tablet}", world.a.exam_officer)
    assert soup.select_one(".big-code") is None
    page.post(f"/osce/tablets/{tablet}/code", world.a.exam_officer, expect=303)
    shown = page.get(f"/osce/tablets/{tablet}", world.a.exam_officer).select_one(".big-code")
    assert shown is not None
    page.send("/osce/tablet/enrol", None, Device().enrolment(code), expect=422)
    page.send("/osce/tablet/enrol", None, Device().enrolment(shown.get_text()))
    page.post(f"/osce/tablets/{tablet}/code", world.a.exam_officer, expect=409)


def test_codes_are_not_guessed(app: Flask, page: Page, world: World) -> None:
    device = Device()
    for _ in range(20):
        page.send("/osce/tablet/enrol", None, device.enrolment(devices.new_code()), expect=422)
    page.send("/osce/tablet/enrol", None, device.enrolment(devices.new_code()), expect=429)


@given(st.dictionaries(st.text(max_size=8), st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9)))
def test_a_signature_holds_for_just_this_text(body: dict[str, Any]) -> None:
    device = Device()
    body.pop("signature", None)
    signed = device.signed(body)
    text = devices.signed_text(signed)
    assert text is not None
    assert text == rfc8785.dumps({key: value for key, value in signed.items() if key != "signature"}).decode()
    signature = devices.bytes_in(signed["signature"])
    assert devices.signed_by(device.spki, text, signature)
    assert not devices.signed_by(device.spki, text + " ", signature)
    assert not devices.signed_by(Device().spki, text, signature)
    assert not devices.signed_by(device.spki, text, signature[:-1])
    assert not devices.signed_by(device.spki, text, bytes(64))


# ---- officers ----


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_officers_pages(
    office: Office, running: Round, world: World, page: Page, tablet: tuple[int, Device], language: str
) -> None:
    number, device = tablet
    page.send(
        f"/osce/stations/{running.station}/sheets",
        world.a.examiner,
        device.signed(sent_by(office, running, world.a.examiner)) | {"comment": "改过"},
        expect=409,
    )
    officer, neighbour = world.a.exam_officer, world.b.exam_officer
    for address in ("/osce/tablets", "/osce/tablets/new", f"/osce/tablets/{number}"):
        page.get(address, officer, language=language)
        page.get(address, world.a.examiner, expect=404 if str(number) in address else 403)
        page.get(address, neighbour, expect=404 if address.endswith(str(number)) else 200)
        page.get(address, None, expect=302)
    assert "一号平板" not in page.get("/osce/tablets", neighbour).get_text()
    told = page.get(f"/osce/tablets/{number}", officer, language=language).get_text(" ", strip=True)
    assert ("签名" if language == "zh" else "signature") in told
    assert len(page.get("/osce/tablets?q=一号&state=enrolled", officer).select("tbody tr")) == 1
    assert page.get("/osce/tablets?state=revoked", officer).select("tbody tr a") == []
    page.get("/osce/tablets?export=csv", officer)
    assert "一号平板" in page.answer.text
    page.get("/osce/tablets?export=csv", neighbour)
    assert "一号平板" not in page.answer.text
    form = {"label": "二号平板", "institution": world.a.commission}
    page.post("/osce/tablets/new", officer, expect=422, **(form | {"institution": world.b.commission}))
    page.post("/osce/tablets/new", officer, expect=422, **(form | {"label": ""}))
    page.post("/osce/tablets/new", officer, expect=303, **form)
    for verb, data in (("rename", {"label": "三号"}), ("revoke", {"reason": "丢失"})):
        page.post(f"/osce/tablets/{number}/{verb}", neighbour, expect=404, **data)
        page.post(f"/osce/tablets/{number}/{verb}", officer, expect=422)
        page.post(f"/osce/tablets/{number}/{verb}", officer, expect=303, **data)
    page.post(f"/osce/tablets/{number}/revoke", officer, expect=409, reason="再一次")
    assert "丢失" in page.get(f"/osce/tablets/{number}", officer, language=language).get_text()


def test_who_is_no_officer_of_the_place_lets_nothing_in(as_: As, world: World) -> None:
    for stranger in (world.a.examiner, world.a.manager, world.b.exam_officer):
        with as_(stranger) as actor:
            place = db.session.scalars(sa.select(Institution).where(Institution.id == world.a.commission)).one()
            with pytest.raises(NotAllowed):
                services.announce(actor, place, label="x")


def test_the_list_sends_as_many_statements_for_ten_as_for_a_thousand(
    world: World, page: Page, session: orm.Session, queries: list[str]
) -> None:
    def counted(number: int) -> int:
        row = {"institution_id": world.a.commission, "enrolled_by_id": world.a.exam_officer}
        session.execute(sa.insert(Tablet), [row | {"label": f"{number}-{at}"} for at in range(number)])
        session.commit()
        queries.clear()
        page.get("/osce/tablets", world.a.exam_officer)
        return len(queries)

    assert counted(10) == counted(1000)


# ---- the shell ----


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shell_is_the_same_for_everyone(page: Page, world: World, language: str) -> None:
    page.get("/osce/tablet/", None, language=language)
    strangers = page.answer.data
    page.get("/osce/tablet/", world.a.examiner, language=language)
    assert page.answer.data == strangers
    page.get("/osce/tablet/worker.js", world.a.examiner, language=language)
    assert page.answer.mimetype == "text/javascript"
    assert sha256(strangers).hexdigest() in page.answer.text
    named = {"zh": "zh_Hans_CN", "en": "en"}[language]
    worker = page.answer.text
    other = {"zh": "en", "en": "zh"}[language]
    page.get(f"/osce/tablet/?in={named}", None, language=other)  # as the worker asks, whatever the browser prefers
    assert page.answer.data == strangers
    listed = re.search(r"self\.FILES = (\[.*\]);", worker)
    assert listed is not None
    for address, plain, version in json.loads(listed.group(1)):
        assert address == f"{plain}?v={version}"
        answer = page._app.test_client().get(address)
        assert answer.status_code == 200, address
        assert sha256(answer.data).hexdigest().startswith(version)
        answer.close()


def test_the_worker_keeps_every_script_that_the_shell_loads(page: Page) -> None:
    """What the shell names and what that imports, followed to the end, is just what is listed."""
    soup = page.get("/osce/tablet/", None)
    named = [str(one["src"]) for one in soup.select("script[src]")]
    named += [address for one in soup.select("[data-module]") for address in str(one["data-module"]).split()]
    found, open_ = set(), {address.partition("?")[0] for address in named}
    while open_:
        address = open_.pop()
        found.add(address)
        answer = page._app.test_client().get(address)
        for one in re.findall(r'^import .* from "(.+)";$', answer.get_data(as_text=True), re.M):
            open_ |= {posixpath.normpath(posixpath.join(posixpath.dirname(address), one))} - found
        answer.close()
    kept = {f"/static/{'lms' if place == 'static' else 'osce'}/{name}" for place, name in MODULES}
    assert found == kept


def test_the_standing_says_who_and_what_but_no_names(page: Page, world: World, tablet: tuple[int, Device]) -> None:
    device = tablet[1]
    page.get("/osce/tablet/standing", None)
    told = page.answer.get_json()
    assert (told["tablet"], told["person"]) == (None, None)
    page.get(f"/osce/tablet/standing?device={device.name}", world.a.examiner)
    told = page.answer.get_json()
    assert told["tablet"] == {"state": "enrolled", "label": "一号平板"}
    assert told["person"]["examines"] is True
    mine = told["person"]["vault"]
    page.get(f"/osce/tablet/standing?device={device.name}", world.a.second_examiner)
    assert page.answer.get_json()["person"]["vault"] != mine
    page.get(f"/osce/tablet/standing?device={device.name}", world.a.doctor)
    assert page.answer.get_json()["person"]["examines"] is False


# ---- the briefing ----


def brief(page: Page, device: Device, who: int, expect: int = 200) -> Any:
    return page.send("/osce/tablet/briefing", who, device.signed({"at": "2026-11-22T08:00:00Z"}), expect=expect)


def test_a_briefing_holds_all_that_a_day_needs_and_nothing_of_others(
    running: Round, office: Office, world: World, page: Page, tablet: tuple[int, Device], session: orm.Session
) -> None:
    answer = brief(page, tablet[1], world.a.examiner)
    assert answer["person"]["id"] == world.a.examiner
    assert [one["station"] for one in answer["stations"]] == [running.station]
    station = answer["stations"][0]
    assert len(station["items"]) == 12
    assert [one["id"] for one in station["candidates"]] == running.candidates
    assert station["addresses"]["sheets"] == f"/osce/stations/{running.station}/sheets"
    assert len(answer["secret"]) == 64
    again = brief(page, tablet[1], world.a.examiner)
    assert (again["vault"], again["secret"]) == (answer["vault"], answer["secret"])
    other = brief(page, tablet[1], world.a.second_examiner)
    assert (other["vault"], other["secret"]) != (answer["vault"], answer["secret"])
    assert brief(page, tablet[1], world.b.examiner)["stations"] == []
    page.send("/osce/tablet/briefing", world.a.doctor, {}, expect=403)
    page.send("/osce/tablet/briefing", None, {}, expect=401)
    briefed = session.scalars(sa.select(TabletBriefing.person_id)).all()
    assert sorted(set(briefed)) == sorted({world.a.examiner, world.a.second_examiner, world.b.examiner})


def test_a_tablet_that_is_not_ours_gets_no_briefing(
    running: Round, world: World, page: Page, tablet: tuple[int, Device]
) -> None:
    number, device = tablet
    assert brief(page, Device(), world.a.examiner, expect=409)["where"] == {"tablet": "unknown"}
    forged = device.signed({"at": "2026-11-22T08:00:00Z"}) | {"at": "2026-11-23T08:00:00Z"}
    page.send("/osce/tablet/briefing", world.a.examiner, forged, expect=409)
    nothings: list[Any] = [[], None, {"device": 1}, {"device": device.name, "signature": None}]
    for nothing in nothings:
        page.send("/osce/tablet/briefing", world.a.examiner, nothing, expect=422 if nothing in ([], None) else 409)
    page.post(f"/osce/tablets/{number}/revoke", world.a.exam_officer, expect=303, reason="丢失")
    # what somebody has left on it can still be opened and sent; nothing new comes onto it
    answer = brief(page, device, world.a.examiner)
    assert answer["stations"] == []
    assert len(answer["secret"]) == 64


# ---- sheets ----


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


def kept(page: Page, running: Round, who: int, sent: dict[str, Any]) -> str:
    answer = page.send(f"/osce/stations/{running.station}/sheets", who, sent, expect=409)
    assert answer["kept"] == sent["id"]
    assert len(answer["proof"]) == 64
    return str(answer["why"])


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


def test_renaming_wants_a_name(as_: As, page: Page, world: World, tablet: tuple[int, Device]) -> None:
    with as_(world.a.exam_officer) as actor:
        row = db.session.get_one(Tablet, tablet[0])
        with pytest.raises(Invalid):
            services.rename(actor, row, label="  ")
        with pytest.raises(Invalid):
            services.revoke(actor, row, reason=" ")
        with pytest.raises(Conflict):
            services.renew_code(actor, row)
