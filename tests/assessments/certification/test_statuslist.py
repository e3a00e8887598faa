"""Status lists: every bit where it belongs, nothing unpacked beyond its size, and no revocation that is forgotten."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import orm

from assessments.certification import models
from assessments.certification.queries import credentials, proofs
from assessments.certification.rules import jose, statuslist
from assessments.certification.rules.document import NotGenuine, encoded
from assessments.certification.rules.statuslist import BITS, Place, Purpose
from assessments.certification.signer import publishing
from lms import clock
from tests.assessments.certification.conftest import Way

URL = "https://skills.example.gov.cn"


@given(st.sets(st.integers(0, BITS - 1), max_size=40))
def test_bits_come_back_and_the_leftmost_is_the_first(indexes: set[int]) -> None:
    bits = statuslist.unpacked(statuslist.packed(statuslist.bits_of(indexes)))
    assert statuslist.indexes_of(bits) == sorted(indexes)
    assert all(statuslist.is_set(bits, index) for index in indexes)
    assert (bits[0] & 0x80 != 0) == (0 in indexes)


@given(st.integers(0, 10 * BITS))
def test_every_certificate_has_one_place(status: int) -> None:
    place = Place.of(status)
    assert place.number * BITS + place.index == status
    assert 0 <= place.index < BITS
    entries = statuslist.entries(URL, status)
    assert [one["statusPurpose"] for one in entries] == list(Purpose)
    assert {one["statusListIndex"] for one in entries} == {str(place.index)}


@pytest.mark.parametrize("size", [0, 1, BITS // 8 - 1, BITS // 8 + 1, 50_000_000])
def test_a_list_of_another_size_is_none(size: int) -> None:
    with pytest.raises(NotGenuine):
        statuslist.unpacked("u" + encoded(gzip.compress(bytes(size), 9)))


@pytest.mark.parametrize("text", ["", "u", "uAAAA", "x" + encoded(gzip.compress(bytes(BITS // 8), mtime=0)), "u===="])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(NotGenuine):
        statuslist.unpacked(text)


def test_one_list_is_not_another() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    made = statuslist.credential(f"{URL}/a", URL, Purpose.REVOCATION, statuslist.bits_of([7]), at)
    assert statuslist.read(made, f"{URL}/a", Purpose.REVOCATION) == (statuslist.bits_of([7]), at)
    for url, purpose in ((f"{URL}/b", Purpose.REVOCATION), (f"{URL}/a", Purpose.SUSPENSION)):
        with pytest.raises(NotGenuine):
            statuslist.read(made, url, purpose)


# ---- what the signer publishes -----------------------------------------------------------------


def standing(way: Way, session: orm.Session, purpose: Purpose) -> list[int]:
    """The certificates whose bit is set in the newest list, as anybody reads it."""
    session.expire_all()
    row = credentials.latest_list(session, 0, purpose)
    assert row is not None
    _header, claims = jose.opened(row.text, lambda key_id: proofs.public_key(session, key_id))
    url = statuslist.address(way.app.config["LMS"].public_url, 0, purpose)
    return statuslist.indexes_of(statuslist.read(claims, url, purpose)[0])


def revoke(way: Way, certificate: models.Certificate) -> None:
    a = way.world.a
    way.answer(a.second_certificate_officer, way.ask(a.certificate_officer, certificate.id))


def test_a_revocation_sets_its_bit_and_no_other(
    way: Way, certificate: models.Certificate, session: orm.Session
) -> None:
    assert len(way.publish()) == 3
    assert standing(way, session, Purpose.REVOCATION) == []
    revoke(way, certificate)
    assert [one.rpartition("/")[2] for one in way.publish()] == ["revocation"]
    assert standing(way, session, Purpose.REVOCATION) == [certificate.id]
    assert standing(way, session, Purpose.SUSPENSION) == []
    assert way.publish() == []


def test_lists_are_renewed_before_they_grow_old(way: Way, certificate: models.Certificate) -> None:
    lists = publishing.Lists(way.app.config["LMS"].public_url)
    assert len(way.publish(lists=lists)) == 3
    with time_machine.travel(clock.now() + timedelta(hours=5), tick=True):
        assert way.publish(lists=lists) == []
    with time_machine.travel(clock.now() + timedelta(hours=7), tick=True):
        assert len(way.publish(lists=lists)) == 3


def test_a_higher_certificate_is_told_of(way: Way, session: orm.Session) -> None:
    from assessments.results.models import ResultKind

    a = way.world.a
    way.result(a.doctor, ResultKind.THEORY_EXAM)
    (first,) = way.proposals(a.doctor)
    low = finished(way, first)
    finished(way, way.two_stars(a.doctor))
    way.publish()
    assert standing(way, session, Purpose.REFRESH) == [low.id]
    assert standing(way, session, Purpose.REVOCATION) == []


def finished(way: Way, proposal: models.Proposal) -> models.Certificate:
    for officer in (way.world.a.certificate_officer, way.world.a.second_certificate_officer):
        way.approve(officer, proposal)
    made = way.issue(proposal)
    way.sign()
    return made


def test_a_revocation_that_is_gone_from_the_database_is_kept(
    way: Way, certificate: models.Certificate, session: orm.Session
) -> None:
    """As the owner of the tables could do it; here within the transaction of the test."""
    revoke(way, certificate)
    way.publish()
    lists = publishing.Lists(way.app.config["LMS"].public_url)
    lists._found = lambda _session: {purpose: set() for purpose in Purpose}  # type: ignore[method-assign]
    way.publish(lists=lists)
    assert standing(way, session, Purpose.REVOCATION) == [certificate.id]
    assert any("stays void" in told for told in lists.told)


def test_a_change_the_ledger_does_not_know_sets_no_bit(
    way: Way, certificate: models.Certificate, session: orm.Session
) -> None:
    """The app's own role appends a revocation with the words of something else."""
    forged = models.CertificateChange(
        person_id=certificate.person_id,
        institution_id=certificate.institution_id,
        certificate_id=certificate.id,
        kind="revoked",
        category="misconduct",
        on_day=clock.today(),
        ledger_index=certificate.ledger_index,
        sealed=certificate.sealed,
    )
    session.add(forged)
    session.commit()
    lists = publishing.Lists(way.app.config["LMS"].public_url)
    way.publish(lists=lists)
    assert standing(way, session, Purpose.REVOCATION) == []
    assert lists.told


def test_a_list_that_was_altered_is_said_and_made_anew(
    way: Way, certificate: models.Certificate, session: orm.Session
) -> None:
    way.publish()
    row = credentials.latest_list(session, 0, Purpose.REVOCATION)
    assert row is not None
    values = {"number": 0, "purpose": row.purpose, "bits_hash": b"0" * 32, "key_id": row.key_id}
    session.execute(sa.insert(models.StatusList).values(values | {"text": row.text[:-8] + "AAAAAAAA"}))
    session.commit()
    lists = publishing.Lists(way.app.config["LMS"].public_url)
    assert [one.rpartition("/")[2] for one in way.publish(lists=lists)] == ["revocation"]
    assert any("altered" in told for told in lists.told)
    assert standing(way, session, Purpose.REVOCATION) == []
