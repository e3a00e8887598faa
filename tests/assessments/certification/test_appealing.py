"""While a person waits for the answer to an appeal nobody approves their certificate; afterwards somebody does."""

import pytest
from sqlalchemy import orm

from assessments.certification.queries import proposals
from lms.errors import Conflict
from tests.assessments.certification.conftest import Way


def test_an_open_appeal_keeps_a_certificate_waiting(
    way: Way, session: orm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, waiting = way.world.a, {way.world.a.doctor}
    monkeypatch.setitem(proposals.APPEALING, "test", lambda persons: waiting & set(persons))
    proposal, other = way.two_stars(a.doctor), way.two_stars(a.second_doctor)
    way.approve(a.certificate_officer, other)
    with pytest.raises(Conflict, match=r"appealed|申诉"):
        way.approve(a.certificate_officer, proposal)
    waiting.clear()
    way.approve(a.certificate_officer, proposal)
    waiting.add(a.doctor)
    with pytest.raises(Conflict, match=r"appealed|申诉"):
        way.approve(a.second_certificate_officer, proposal)


def test_every_room_with_appeals_is_asked(way: Way) -> None:
    assert {"exams", "osce"} <= set(proposals.APPEALING), "the app has been wired"
