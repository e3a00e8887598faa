"""Tablets: letting in, revoking, the shell and the briefing."""

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
    Tablet,
    TabletBriefing,
)
from assessments.osce.rules import devices
from assessments.osce.services import tablets as services
from assessments.osce.views.briefing import MODULES
from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.institutions.models import Institution
from tests.assessments.osce.tablets import announced, brief, sent_by
from tests.conftest import As
from tests.factories.osce import Office, Round
from tests.factories.tablets import Device
from tests.factories.world import World
from tests.pages import Page

LANGUAGES = ["zh", "en"]


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


def test_renaming_wants_a_name(as_: As, page: Page, world: World, tablet: tuple[int, Device]) -> None:
    with as_(world.a.exam_officer) as actor:
        row = db.session.get_one(Tablet, tablet[0])
        with pytest.raises(Invalid):
            services.rename(actor, row, label="  ")
        with pytest.raises(Invalid):
            services.revoke(actor, row, reason=" ")
        with pytest.raises(Conflict):
            services.renew_code(actor, row)
