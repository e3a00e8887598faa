"""Rulings before the release: an officer's word, by name, on questions that stand out and on how many passed."""

from typing import Any

from assessments.exams.models import Exam, ItemRuling, Ruling, ScoreRun, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import marking as queries
from assessments.exams.services import keys
from assessments.exams.services.marking import mark
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell


@service(needs=Exams.MARK, tells=("item", "ruling", "reason"))
def rule(actor: Actor, exam: Exam, *, item: int, ruling: Ruling, reason: str, key: Any = None) -> ScoreRun:
    """Say of a question that its key stands, what the right one is, or that it counts for everybody; the run then.

    Another key, or a question less, is a new version of the key and marks the exam anew; another officer releases.
    """
    run = _open_run(actor, exam, reason)
    holds = queries.key_of(exam.key).get(item)
    if holds is None:
        raise Invalid(_("There is no such question on this paper."), field="item")
    if ruling == Ruling.CORRECTED:
        holds = key
    elif ruling == Ruling.DROPPED:
        holds = None
    elif item in exam.key.dropped:
        raise Invalid(_("This question counts for everybody already; give its key to let it be marked again."))
    if ruling != Ruling.STANDS:
        found = keys.corrected(exam, exam.key, [keys.Correction(item, ruling, key)])
        holds = found.key[item] if ruling == Ruling.CORRECTED else None
        exam.key = keys.write_key(actor, exam, found, reason.strip())
        db.session.flush()
    _write(actor, exam, run, item_id=item, ruling=ruling, key=holds, reason=reason)
    tell(exam=exam.id, run=run.version, key=exam.key.version)
    return mark(actor, exam) if ruling != Ruling.STANDS else run


@service(needs=Exams.MARK, tells=("reason",))
def explain_passes(actor: Actor, exam: Exam, *, reason: str) -> None:
    """Say why so few or so many passed, where it is far from what was expected."""
    run = _open_run(actor, exam, reason)
    _write(actor, exam, run, item_id=None, ruling=Ruling.STANDS, key=None, reason=reason)
    tell(exam=exam.id, run=run.version)


def _open_run(actor: Actor, exam: Exam, reason: str) -> ScoreRun:
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    run = exam_queries.last_run(exam)
    if exam.state != State.SCORED or run is None:
        raise Conflict(_("Questions are ruled on after the marking and before the release; afterwards, by a regrade."))
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    return run


def _write(actor: Actor, exam: Exam, run: ScoreRun, **values: Any) -> None:
    values["reason"] = values["reason"].strip()
    row = ItemRuling(
        institution_id=exam.institution_id, exam_id=exam.id, run_id=run.id, ruled_by_id=actor.person_id, **values
    )
    db.session.add(row)
    db.session.flush()
