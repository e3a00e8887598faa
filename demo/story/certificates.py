"""The stars that follow, and the first certificates: proposed by the system, approved by two officers, signed."""

import subprocess
import sys

from assessments.certification.queries import proposals
from assessments.certification.services.approving import approve
from config import CHECKOUT, Settings
from demo.story.stage import Stage
from lms.db import db

#: how many are issued before one arrives; the others wait on the officers' desk
ISSUED = 4


def issue(stage: Stage) -> None:
    """Let the system decide and propose, carry a few proposals to their end, and sign them."""
    stage.settle()
    _make_key(stage.app.config["LMS"])
    chosen = _first(stage)
    for officer in ("cert", "cert2") if chosen else ():
        with stage.acting(officer) as actor:
            cases = proposals.chosen(db.session, chosen)
            seen = {one.id: one.document_hash.hex() for one in cases}
            approve(actor, cases, seen=seen, code=stage.code(officer))
    stage.settle()
    _signer("once")


def _first(stage: Stage) -> list[int]:
    with stage.acting("cert"):
        found = proposals.page(db.session, state=proposals.State.FIRST)
        return [row.Proposal.id for row in found.rows[:ISSUED]]


def _make_key(settings: Settings) -> None:
    if not settings.signing_key_path.exists() or not any(settings.signing_key_path.iterdir()):
        _signer("new-key")


def _signer(command: str) -> None:
    """The signer is a process of its own, in the demo too."""
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "lms", "signer", command],
        cwd=CHECKOUT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
