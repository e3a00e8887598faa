"""The signer as it really runs: its own process, its own database role, and what it refuses to sign."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

import config
from assessments.certification import jobs, models
from assessments.certification.queries import policies
from assessments.certification.signer import keys, work
from lms.app import create_app
from lms.authz import Actor
from lms.db import act_as, db, grants, guard, transaction
from lms.ledger import services as ledger
from lms.people.models import Person
from tests import databases
from tests.assessments.certification.conftest import Way, equip, load_policy


@pytest.fixture
def real(live: databases.Live, tmp_path: Path) -> Iterator[Way]:
    """The app on a database of its own, where everything is committed and each role is itself."""
    values = databases._values(live.database, tmp_path, live.port)  # the address is printed on certificates
    app = create_app(config.Settings(_env_file=None, **values))  # type: ignore[call-arg]
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    way = Way(app, live.world)
    load_policy(app)
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        with transaction(db.session):
            equip(db.session, live.world)
    policies.configure("first-way")
    keys.make(tmp_path / "signing")
    yield way
    with app.app_context():
        db.engine.dispose()
    app.extensions["queue"].storage.close()


def approved(way: Way, person: int) -> models.Certificate:
    """A certificate that two officers approved, not signed yet."""
    proposal = way.two_stars(person)
    for officer in (way.world.a.certificate_officer, way.world.a.second_certificate_officer):
        way.approve(officer, proposal)
    return way.issue(proposal)


def signed_here(live: databases.Live) -> dict[str, Any]:
    """One round of the signer under its own database role, in this process because that is quicker."""
    engine = live.engine(grants.SIGNER)
    folder = Path(live.environment["LMS_SIGNING_KEY_PATH"])
    done = work.sign_waiting(orm.sessionmaker(engine), keys.read(folder))
    return {"signed": list(done.signed), "refused": {one.number: one.why for one in done.refused}}


def once(live: databases.Live) -> dict[str, Any]:
    """One round of the signer's process."""
    ran = live.flask("signer", "once", "--json", check=False)
    assert ran.returncode in (0, 1), ran.stderr
    return dict(json.loads(ran.stdout))


def said(way: Way, *arguments: str) -> tuple[int, Any]:
    """What a command answers, asked in this process."""
    ran = way.app.test_cli_runner().invoke(args=[*arguments, "--json"])
    return ran.exit_code, json.loads(ran.stdout) if ran.stdout else ran.stderr


def verified(way: Way, what: str) -> tuple[int, dict[str, Any]]:
    """What the command says of a certificate."""
    return said(way, "certificates", "verify", what)


def test_two_signers_at_once_sign_each_certificate_once(real: Way, live: databases.Live) -> None:
    a = real.world.a
    numbers = sorted(approved(real, person).number for person in (a.doctor, a.second_doctor, a.village_doctor))
    command = [sys.executable, "-m", "flask", "--app", "lms", "signer", "once", "--json"]
    both = [
        subprocess.Popen(command, cwd=config.CHECKOUT, env=live.environment, stdout=subprocess.PIPE) for _ in range(2)
    ]
    said = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert sorted(number for one in said for number in one["signed"]) == numbers
    with live.engine().connect() as owner:
        assert owner.scalar(sa.text("SELECT count(*) FROM certificate_signature")) == 3


def test_each_role_may_do_its_part_and_no_more(real: Way, live: databases.Live) -> None:
    made = approved(real, real.world.a.doctor)
    forbidden = {
        grants.APP: [
            f"INSERT INTO certificate_signature (certificate_id, key_id, signature, card_signature) "
            f"VALUES ({made.id}, 'x', '', '')",
            "INSERT INTO signer_key (key_id, public_key) VALUES ('x', '')",
            "UPDATE certificate_approval SET approver_id = 1",
            "DELETE FROM certificate_change",
            "UPDATE certificate_period SET ends_on = NULL",
            "UPDATE star_decision SET star = 5",
        ],
        grants.SIGNER: [
            "SELECT * FROM person",
            "SELECT * FROM revocation_request",
            "INSERT INTO certificate_approval (proposal_id) VALUES (1)",
            "INSERT INTO certificate (number) VALUES ('x')",
            "UPDATE certificate_signature SET signature = ''",
            "UPDATE star_decision SET star = 5",
            "DELETE FROM certificate",
        ],
    }
    for role, statements in forbidden.items():
        for statement in statements:
            with live.engine(role).connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission"):
                connection.exec_driver_sql(statement)


def test_the_app_does_not_start_if_it_could_sign(live: databases.Live) -> None:
    with live.engine().begin() as owner:
        owner.exec_driver_sql("GRANT INSERT ON certificate_signature TO lms_app")
    with pytest.raises(guard.DatabaseRefused, match="certificate_signature, which only the signer may"):
        guard.check(live.engine(grants.APP))


Forgery = Callable[[Any, models.Proposal, "Way"], None]


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
    step = int(clock.now().timestamp()) // 30
    code = codes.code(generator.secret, clock.now()) if generator and not how.get("without_code") else "000000"
    act = models.OfficerAct(
        person_id=officer,
        institution_id=person.institution_id,
        purpose="approve",
        digest=how.get("digest", act_digest([row.document_hash])),
        code=code,
        step=step,
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
    }
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


def test_keys_are_rotated_and_old_certificates_still_verify(real: Way, live: databases.Live, tmp_path: Path) -> None:
    first = approved(real, real.world.a.doctor)
    assert signed_here(live)["signed"] == [first.number]
    old = said(real, "signer", "new-key")[1]
    second = approved(real, real.world.a.second_doctor)
    assert signed_here(live)["signed"] == [second.number]
    for made in (first, second):
        code, outcome = verified(real, made.number)
        assert (code, outcome["status"]) == (0, "valid")
    assert verified(real, second.number)[1]["certificate"]["key"] == old["key"]
    files = sorted((tmp_path / "signing").glob("*.key"))
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert said(real, "signer", "new-key")[1]["destroyed"] == 1
    assert verified(real, first.number)[0] == 0
    files[-1].chmod(0o640)
    code, refused = said(real, "signer", "once")
    assert code == 1
    assert "others can read" in refused


def test_verify_from_the_command_line(real: Way, live: databases.Live, tmp_path: Path) -> None:
    made = approved(real, real.world.a.doctor)
    assert verified(real, made.number)[1]["status"] == "unsigned"
    signed_here(live)
    pdf = downloaded(real, made)
    path = tmp_path / "certificate.pdf"
    path.write_bytes(pdf)
    code, outcome = verified(real, str(path))
    assert (code, outcome["file"], outcome["certificate"]["name"]) == (0, "as issued", "王小明")
    path.write_bytes(pdf.replace(b"5303022026", b"5303022027"))
    code, outcome = verified(real, str(path))
    assert (code, outcome["ok"]) == (1, False)
    path.write_bytes(pdf + b"\n% something more")
    assert verified(real, str(path))[1]["file"] == "altered"
    text = fragment(pdf)
    assert verified(real, text)[0] == 0
    assert verified(real, f"http://127.0.0.1/v/x#{text}")[0] == 0
    changed = text[:9] + ("A" if text[9] != "A" else "B") + text[10:]
    assert verified(real, changed) == (1, verified(real, changed)[1] | {"ok": False, "genuine": False})
    assert verified(real, "5303022026999998")[0] == 1


def downloaded(way: Way, made: models.Certificate) -> bytes:
    """The file as the doctor gets it."""
    from lms.people.queries import actor_for

    with way.app.app_context():
        way.app.extensions["identify"] = lambda doctor=actor_for(way.world.a.doctor): doctor
    answer = way.app.test_client().get(f"/certificates/{made.id}/certificate.pdf")
    assert answer.status_code == 200
    return answer.data


def fragment(pdf: bytes) -> str:
    """What stands behind the # of the QR code."""
    import pypdfium2
    import zxingcpp

    opened = pypdfium2.PdfDocument(pdf)
    page = opened[0]
    (code,) = zxingcpp.read_barcodes(page.render(scale=3).to_pil(), formats=zxingcpp.BarcodeFormat.QRCode)
    page.close()
    opened.close()
    return str(code.text.partition("#")[2])


def test_issue_and_revoke_from_the_command_line(real: Way, live: databases.Live) -> None:
    a = real.world.a
    half = real.two_stars(a.second_doctor)
    real.approve(a.certificate_officer, half)
    whole = real.two_stars(a.doctor)
    for officer in (a.certificate_officer, a.second_certificate_officer):
        real.approve(officer, whole)
    issued = said(real, "certificates", "issue")[1]
    assert len(issued["issued"]) == 1
    (number,) = issued["issued"]
    signed_here(live)
    options = ["--reason", "issued_in_error", "--note", "成绩录错"]
    auditor = ["--as", "a-auditor", *options, "--code", "1"]
    assert said(real, "certificates", "revoke", number, *auditor)[0] == 1
    stranger = ["--as", "b-certificate_officer", *options, "--code", real.code(real.world.b.certificate_officer)]
    assert said(real, "certificates", "revoke", number, *stranger)[0] == 1
    mine = ["--as", "a-certificate_officer", *options, "--code", real.code(a.certificate_officer)]
    code, asked = said(real, "certificates", "revoke", number, *mine)
    assert (code, asked["state"]) == (0, "waits for a second officer")
    assert verified(real, number)[1]["status"] == "valid"
    real.answer(a.second_certificate_officer, asked["request"])
    code, outcome = verified(real, number)
    assert (code, outcome["status"]) == (1, "revoked")
    assert said(real, "ledger", "verify")[1]["holds"]


def test_the_signer_goes_on_until_it_is_told_to_stop(real: Way, live: databases.Live) -> None:
    import signal
    import time

    process = live._start([sys.executable, "-m", "flask", "--app", "lms", "signer", "run", "--pause", "0.1"])
    made = approved(real, real.world.a.doctor)
    until = time.monotonic() + 60
    while time.monotonic() < until and verified(real, made.number)[1]["status"] != "valid":
        time.sleep(0.2)
    assert verified(real, made.number)[0] == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    live.processes.remove(process)


def test_an_event_leads_to_a_decision_for_that_person_alone(real: Way, live: databases.Live) -> None:
    from assessments.results.models import ResultKind
    from lms import queueing

    real.decide = lambda person: None  # type: ignore[method-assign,assignment]
    real.result(real.world.a.doctor, ResultKind.THEORY_EXAM)
    queueing.run_all_now(real.app)
    with real.app.app_context():
        act_as(db.session, jobs.ACTOR)
        rows = db.session.scalars(sa.select(models.StarDecision)).all()
        assert [(row.person_id, row.star) for row in rows] == [(real.world.a.doctor, 1)]
    assert [proposal.star for proposal in real.proposals(real.world.a.doctor)] == [1]


def test_time_alone_can_lower_a_star(real: Way, live: databases.Live) -> None:
    from assessments.certification.services import deciding
    from assessments.results.models import ResultKind
    from lms import clock

    doctor = real.world.a.doctor
    real.result(doctor, ResultKind.THEORY_EXAM, valid_until=clock.today() + timedelta(days=30))
    decision = real.decide(doctor)
    assert decision is not None
    assert decision.changes_on == clock.today() + timedelta(days=31)
    assert deciding.decide_again.needs  # type: ignore[attr-defined]
