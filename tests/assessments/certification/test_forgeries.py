"""What the signer does not sign: what was forged past the verbs, and what the owner of the database changed."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from assessments.certification import models
from assessments.certification.queries import nonces
from lms.authz import Actor
from lms.db import act_as, db, transaction
from lms.ledger import services as ledger
from lms.people.models import Person
from tests import databases
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.signing import approved, signed_here


def forge(way: Way, live: databases.Live, **how: Any) -> str:
    """As the app's own role, with the vault's keys, past all verbs: approvals and a certificate that look right."""
    world = way.world.a
    proposal = way.two_stars(world.doctor)
    officers = how.get("officers", (world.certificate_officer, world.second_certificate_officer))
    with way.app.app_context():
        act_as(db.session, Actor.job("test"))
        with transaction(db.session):
            person = db.session.get_one(Person, world.doctor)
            row = db.session.get_one(models.Proposal, proposal.id)
            for place, officer in enumerate(officers, 1):
                _forge_approval(row, person, officer, place, how)
            number = _forge_certificate(row, person, how)
    return number


def _forge_approval(row: models.Proposal, person: Person, officer: int, place: int, how: dict[str, Any]) -> None:
    from assessments.certification.rules.document import act_digest
    from lms import clock
    from lms.people.models import CodeGenerator
    from lms.people.rules import codes

    generator = db.session.scalars(sa.select(CodeGenerator).where(CodeGenerator.person_id == officer)).one_or_none()
    step = max(int(clock.now().timestamp()) // 30, generator.last_step + 1 if generator else 0)
    at = datetime.fromtimestamp(step * 30, UTC)
    code = codes.code(generator.secret, at) if generator and not how.get("without_code") else "000000"
    if generator:
        generator.last_step = step  # the verbs of a test go on from there
    act = models.OfficerAct(
        person_id=officer,
        institution_id=person.institution_id,
        purpose="approve",
        digest=how.get("digest", act_digest([row.document_hash])),
        code=code,
        step=step,
        nonce=how.get("nonce", nonces.newest(db.session)),
    )
    db.session.add(act)
    db.session.flush()
    words = {
        "proposal": row.public_id,
        "document": row.document_hash.hex(),
        "place": place,
        "officer": "someone",
        "officer_id": officer,
        "act": act.id,
    } | ({"nonce": act.nonce.hex()} if act.nonce else {})
    recorded = ledger.append(db.session, "certification.approval", words | how.get("words", {}), person.ledger_subject)
    db.session.add(
        models.Approval(
            person_id=person.id,
            institution_id=row.institution_id,
            proposal_id=row.id,
            place=place,
            approver_id=officer,
            document_hash=row.document_hash,
            act_id=act.id,
            ledger_index=recorded.index,
            sealed=recorded.sealed,
        )
    )
    db.session.flush()


def _forge_certificate(row: models.Proposal, person: Person, how: dict[str, Any]) -> str:
    from assessments.certification.rules.document import last_day
    from lms import clock

    today, number = clock.today(), "5303022026999999"
    until = how.get("until", last_day(today, 2))
    words = {"number": number, "from": today.isoformat(), "until": until.isoformat() if until else None}
    recorded = ledger.append(db.session, "certification.issued", words, person.ledger_subject)
    made = models.Certificate(
        person_id=person.id,
        institution_id=row.institution_id,
        proposal_id=row.id,
        number=number,
        public_id=row.public_id,
        category=row.category,
        star=how.get("star", row.star),
        authority_id=row.authority_id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(made)
    db.session.flush()
    period = models.CertificatePeriod(
        person_id=person.id,
        institution_id=row.institution_id,
        certificate_id=made.id,
        begins_on=today,
        ends_on=until,
    )
    db.session.add(period)
    return number


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"without_code": True}, "one-time code is wrong"),
        ({"officers": "one"}, "1 approvals, two are needed"),
        ({"officers": "neighbours"}, "no certificate officer over this institution"),
        ({"officers": "doctors"}, "no certificate officer over this institution"),
        ({"digest": b"0" * 32}, "the act was over other documents"),
        ({"words": {"place": 3}}, "the ledger has another approval"),
        ({"star": 5}, "other things than the document"),
        ({"until": None}, "valid for longer than approved"),
    ],
    ids=str,
)
def test_what_was_forged_past_the_verbs_is_not_signed(
    real: Way, live: databases.Live, how: dict[str, Any], why: str
) -> None:
    a, b = real.world.a, real.world.b
    groups = {
        "one": (a.certificate_officer,),
        "neighbours": (b.certificate_officer, b.second_certificate_officer),
        "doctors": (a.second_doctor, a.village_doctor),
    }
    if "officers" in how:
        how = {"officers": groups[how["officers"]]}
    number = forge(real, live, **how)
    said = signed_here(live)
    assert said["signed"] == []
    assert why in said["refused"][number]


def test_the_database_itself_refuses_the_plainest_forgeries(real: Way, live: databases.Live) -> None:
    a = real.world.a
    with pytest.raises(sa.exc.IntegrityError, match=r"approver_id|officer_act_person_id_step"):
        forge(real, live, officers=(a.certificate_officer, a.certificate_officer))
    with pytest.raises(sa.exc.IntegrityError, match="not_ones_own"):
        forge(real, live, officers=(a.doctor, a.certificate_officer))


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE result SET value = 10 WHERE kind = 'theory_exam'", "the evidence is not the one"),
        ("UPDATE policy_version SET content = jsonb_set(content, '{code}', '\"x\"')", "the policy was changed"),
        (
            "UPDATE certificate_proposal SET document_hash = sha256('x') WHERE star = 2",
            "not the one whose hash was approved",
        ),
        ("UPDATE certificate_approval SET document_hash = sha256('x')", "of another document"),
        ("UPDATE certificate SET number = '5303022026777777'", "not the one in the ledger"),
        ("UPDATE certificate_period SET begins_on = begins_on - 100", "another day than the ledger says"),
        ("UPDATE ledger_entry SET commitment = sha256('x') WHERE kind = 'certification.proposal'", "other words"),
        ("UPDATE role_grant SET ends_on = '2025-01-01'", "no certificate officer"),
        ("DELETE FROM code_generator", "no code generator"),
    ],
)
def test_what_the_owner_of_the_database_changed_is_not_signed(
    real: Way, live: databases.Live, statement: str, why: str
) -> None:
    approved(real, real.world.a.doctor)
    with live.engine().begin() as owner:
        assert owner.exec_driver_sql(statement).rowcount > 0
    said = signed_here(live)
    assert said["signed"] == []
    assert why in " ".join(said["refused"].values())
