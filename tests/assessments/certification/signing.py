"""What the tests of the signer do: approve, sign, and ask commands."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import orm

from assessments.certification import models
from assessments.certification.signer import keys, work
from lms.db import grants
from tests import databases
from tests.assessments.certification.conftest import Way


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
