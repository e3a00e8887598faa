"""Tablets that are let in, and what they send."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Sheet,
    SheetAside,
)
from assessments.osce.services import tablets as services
from lms import ids
from lms.db import db
from lms.institutions.models import Institution
from tests.conftest import As
from tests.factories.osce import Office, Round, sheet_for
from tests.factories.tablets import Device
from tests.pages import Page


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


def brief(page: Page, device: Device, who: int, expect: int = 200) -> Any:
    return page.send("/osce/tablet/briefing", who, device.signed({"at": "2026-11-22T08:00:00Z"}), expect=expect)


def kept(page: Page, running: Round, who: int, sent: dict[str, Any]) -> str:
    answer = page.send(f"/osce/stations/{running.station}/sheets", who, sent, expect=409)
    assert answer["kept"] == sent["id"]
    assert len(answer["proof"]) == 64
    return str(answer["why"])
