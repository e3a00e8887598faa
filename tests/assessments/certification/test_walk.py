"""From evidence to a signed certificate and to its end, step by step."""

from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification import jobs, models
from assessments.certification.queries import decisions, proofs, proposals
from assessments.certification.rules.status import Status
from assessments.results.models import ResultKind
from lms import clock
from lms.db import act_as, db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.ledger import queries as ledger
from tests.assessments.certification.conftest import Way


def state(way: Way, proposal: models.Proposal) -> str:
    with way.app.app_context():
        act_as(db.session, jobs.ACTOR)
        return proposals.state_of(db.session, proposal.id)


def status(way: Way, certificate: models.Certificate) -> Status:
    with way.app.app_context():
        act_as(db.session, jobs.ACTOR)
        return decisions.status_of(db.session.get_one(models.Certificate, certificate.id), clock.today())


def test_from_evidence_to_revocation(way: Way, session: orm.Session) -> None:
    a = way.world.a
    way.result(a.doctor, ResultKind.THEORY_EXAM)
    (first,) = way.proposals(a.doctor)
    assert first.star == 1
    way.result(a.doctor, ResultKind.PRACTICAL_EXAM)
    assert state(way, first) == "superseded"  # the evidence is another
    way.result(a.doctor, ResultKind.PRACTICE_EVALUATION)
    proposal = way.proposals(a.doctor)[-1]
    assert (proposal.star, state(way, proposal)) == (2, "first")

    way.approve(a.certificate_officer, proposal)
    assert state(way, proposal) == "second"
    way.approve(a.second_certificate_officer, proposal)
    assert state(way, proposal) == "approved"
    made = way.issue(proposal)
    assert state(way, proposal) == "issued"
    assert made.number.startswith(f"530302{clock.today().year}000")
    assert status(way, made) is Status.UNSIGNED

    assert way.sign().signed == (made.number,)
    assert way.sign().signed == ()
    assert status(way, made) is Status.VALID
    found = session.get_one(models.Certificate, made.id)
    proof = proofs.proof_of(session, found)
    assert proof is not None
    assert proof.holds
    assert proof.payload["name"] == "王小明"
    assert len({one["officer"] for one in proof.payload["approvals"]}) == 2

    request = way.ask(a.certificate_officer, made.id)
    assert status(way, made) is Status.VALID
    way.answer(a.second_certificate_officer, request)
    assert status(way, made) is Status.REVOKED
    finding = ledger.verify(session)
    assert finding.holds, finding


def test_a_higher_certificate_takes_the_place_of_the_lower(way: Way) -> None:
    a = way.world.a
    way.result(a.doctor, ResultKind.THEORY_EXAM)
    (first,) = way.proposals(a.doctor)
    way.approve(a.certificate_officer, first)
    way.approve(a.second_certificate_officer, first)
    low = way.issue(first)
    way.sign()
    second = way.two_stars(a.doctor)
    way.approve(a.certificate_officer, second)
    way.approve(a.second_certificate_officer, second)
    high = way.issue(second)
    assert status(way, low) is Status.VALID  # until the higher one is signed
    way.sign()
    assert status(way, low) is Status.SUPERSEDED
    assert status(way, high) is Status.VALID


def test_nothing_is_proposed_twice_for_the_same_evidence(way: Way) -> None:
    a = way.world.a
    way.two_stars(a.doctor)
    before = len(way.proposals(a.doctor))
    assert way.decide(a.doctor) is not None
    assert len(way.proposals(a.doctor)) == before


def test_what_was_returned_comes_back_only_with_new_evidence(way: Way, as_) -> None:  # type: ignore[no-untyped-def]
    from assessments.certification.services import approving

    a = way.world.a
    proposal = way.two_stars(a.doctor)
    with as_(a.certificate_officer) as actor:
        row = db.session.get_one(models.Proposal, proposal.id)
        with pytest.raises(Invalid):
            approving.give_back(actor, row, reason="  ")
        approving.give_back(actor, row, reason="实践成绩待核对")
    assert state(way, proposal) == "returned"
    way.decide(a.doctor)
    assert way.proposals(a.doctor)[-1].id == proposal.id
    way.result(a.doctor, ResultKind.THEORY_EXAM, 90)
    assert way.proposals(a.doctor)[-1].id != proposal.id


def test_one_officer_is_not_two(way: Way) -> None:
    a = way.world.a
    proposal = way.two_stars(a.doctor)
    way.approve(a.certificate_officer, proposal)
    with pytest.raises(Conflict, match=r"另一名证书官|another officer"):
        way.approve(a.certificate_officer, proposal)
    with pytest.raises(Conflict):
        way.issue(proposal)


def test_nobody_approves_their_own(way: Way, session: orm.Session) -> None:
    a = way.world.a
    proposal = way.two_stars(a.certificate_officer)
    with pytest.raises(NotAllowed):
        way.approve(a.certificate_officer, proposal)


def test_the_neighbour_approves_nothing_here(way: Way) -> None:
    proposal = way.two_stars(way.world.a.doctor)
    with pytest.raises(sa.exc.NoResultFound):  # it does not exist for them
        way.approve(way.world.b.certificate_officer, proposal)


@pytest.mark.parametrize("who", ["administrator", "auditor", "manager", "exam_officer", "examiner"])
def test_only_certificate_officers_approve(way: Way, as_, who: str) -> None:  # type: ignore[no-untyped-def]
    from assessments.certification.services import approving

    proposal = way.two_stars(way.world.a.doctor)
    with as_(getattr(way.world.a, who)) as actor, pytest.raises(NotAllowed):
        approving.approve(actor, [proposal], seen={proposal.id: proposal.document_hash.hex()}, code="000000")


def test_a_changed_evidence_is_not_approved(way: Way) -> None:
    a = way.world.a
    proposal = way.two_stars(a.doctor)
    way.approve(a.certificate_officer, proposal)
    with way.app.app_context():  # recorded, and not heard of yet
        from assessments.results.services import Evidence, record
        from lms.people.models import Person
        from tests.assessments.certification.conftest import RECORDER

        act_as(db.session, RECORDER)
        made = Evidence(ResultKind.THEORY_EXAM, clock.today(), "test", "late", {"n": 1}, value=Decimal(61))
        record(RECORDER, db.session.get_one(Person, a.doctor), evidence=made)
    with pytest.raises(Conflict, match=r"变化|changed"):
        way.approve(a.second_certificate_officer, proposal)


def test_what_was_approved_and_changed_is_not_issued(way: Way) -> None:
    a = way.world.a
    proposal = way.two_stars(a.doctor)
    way.approve(a.certificate_officer, proposal)
    way.approve(a.second_certificate_officer, proposal)
    way.result(a.doctor, ResultKind.THEORY_EXAM, 99)
    with pytest.raises(Conflict):
        way.issue(proposal)


def test_another_hash_than_the_one_seen_is_refused(way: Way) -> None:
    proposal = way.two_stars(way.world.a.doctor)
    with pytest.raises(Conflict, match=r"变化|changed"):
        way.approve(way.world.a.certificate_officer, proposal, seen={proposal.id: "00" * 32})


def test_a_code_serves_once_and_only_its_owner(way: Way) -> None:
    a = way.world.a
    one, other = way.two_stars(a.doctor), way.two_stars(a.second_doctor)
    code = way.code(a.certificate_officer)
    with pytest.raises(Invalid):
        way.approve(a.second_certificate_officer, one, code=code)
    with pytest.raises(Invalid):
        way.approve(a.certificate_officer, one, code="12345x")
    way.approve(a.certificate_officer, one, code=code)
    with pytest.raises(Invalid):
        way.approve(a.certificate_officer, other, code=code)


def test_one_code_for_a_batch(way: Way) -> None:
    a = way.world.a
    batch = [way.two_stars(a.doctor), way.two_stars(a.second_doctor), way.two_stars(a.village_doctor)]
    for officer in (a.certificate_officer, a.second_certificate_officer):
        way.approve(officer, *batch)
    made = [way.issue(proposal) for proposal in batch]
    assert len({one.number for one in made}) == 3
    assert len(way.sign().signed) == 3


def test_revoking_needs_a_second_officer(way: Way, certificate: models.Certificate) -> None:
    a = way.world.a
    request = way.ask(a.certificate_officer, certificate.id)
    with pytest.raises(NotAllowed, match=r"另一人|another one"):
        way.answer(a.certificate_officer, request)
    with pytest.raises(Conflict):
        way.ask(a.second_certificate_officer, certificate.id)
    way.answer(a.second_certificate_officer, request, confirmed=False, note="核对无误")
    assert status(way, certificate) is Status.VALID
    again = way.ask(a.second_certificate_officer, certificate.id, "misconduct")
    way.answer(a.certificate_officer, again)
    assert status(way, certificate) is Status.REVOKED


def test_withdrawn_evidence_lowers_the_star_and_is_written_down(way: Way, certificate: models.Certificate) -> None:
    a = way.world.a
    way.result(a.doctor, ResultKind.THEORY_EXAM, None, source_id="1", reason="判分有误", n=99)
    decision = way.decide(a.doctor)
    assert decision is not None
    assert decision.star == 0
