"""The signer as it really runs: its own process, its own database role, one signature each, and new keys."""

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from assessments.certification import jobs, models
from lms.db import act_as, db, grants, guard
from tests import databases
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.signing import approved, said, signed_here, verified
from tests.waiting import wait_until


def test_two_signers_at_once_sign_each_certificate_once(real: Way, live: databases.Live) -> None:
    a = real.world.a
    numbers = sorted(approved(real, person).number for person in (a.doctor, a.second_doctor, a.village_doctor))
    with ThreadPoolExecutor(2) as both:
        ran = list(both.map(lambda _: live.flask("signer", "once", "--json"), range(2)))
    said = [json.loads(one.stdout) for one in ran]
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


def test_the_signer_goes_on_until_it_is_told_to_stop(real: Way, live: databases.Live) -> None:
    process = live.start(["flask", "--app", "lms", "signer", "run", "--pause", "0.1"])
    made = approved(real, real.world.a.doctor)
    wait_until(lambda: verified(real, made.number)[1]["status"] == "valid")
    assert verified(real, made.number)[0] == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(90) == 0
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
