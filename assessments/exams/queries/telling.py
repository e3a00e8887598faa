"""Whom to tell of what becomes of a theory exam."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from flask_babel import format_datetime

from assessments.exams import events
from assessments.exams.models import Appeal, Candidate, Exam, ExamScore, ExamWindow, Regrade
from assessments.exams.policy import Exams
from lms.authz import Role
from lms.db import Everything, db
from lms.i18n import _, _l, pick
from lms.notifications.queries import holders
from lms.notifications.rules.kinds import Facts, Group, Heard, How, Kind, Payload, Told


def _title(facts: Facts) -> str:
    return pick(facts["title"], facts["title_en"])


def _window(facts: Facts) -> str:
    opens, closes = (format_datetime(datetime.fromisoformat(facts[name]), "short") for name in ("opens", "closes"))
    return str(_("From %(opens)s until %(closes)s", opens=opens, closes=closes))


COMING = Kind(
    "exams.coming",
    Group.EXAMS,
    _l("An exam is coming"),
    lambda facts: _("You sit the exam %(title)s", title=_title(facts)),
    "exams.start",
    ("id",),
    _window,
    needs=Exams.OWN,
)
RELEASED = Kind(
    "exams.released",
    Group.EXAMS,
    _l("Results of theory exams"),
    lambda facts: _("Your result of the exam %(title)s is there", title=_title(facts)),
    "exams.result",
    ("attempt_id",),
    needs=Exams.OWN,
)
REGRADED = Kind(
    "exams.regraded",
    Group.EXAMS,
    _l("A result was corrected"),
    lambda facts: _("Your result of the exam %(title)s has changed", title=_title(facts)),
    "exams.result",
    ("attempt_id",),
    lambda _facts: _("A key was corrected; your page shows both results and the reason."),
    needed=True,
    needs=Exams.OWN,
)
APPEALED = Kind(
    "exams.appealed",
    Group.EXAMS,
    _l("Appeals that wait for officers"),
    lambda facts: _("Somebody appeals against a result of the exam %(title)s", title=_title(facts)),
    "exams.appealed",
    ("id",),
    mail=How.DAILY,
    needs=Exams.APPEALS,
)
ANSWERED = Kind(
    "exams.answered",
    Group.EXAMS,
    _l("The answer to an appeal"),
    lambda facts: _("Your appeal about the exam %(title)s is answered", title=_title(facts)),
    "exams.result",
    ("attempt_id",),
    needed=True,
    needs=Exams.OWN,
)


def _exam(number: int) -> Exam:
    return db.session.get_one(Exam, number, execution_options=Everything)


def _facts(exam: Exam) -> dict[str, Any]:
    return {"title": exam.title, "title_en": exam.title_en}


def coming(payload: Payload) -> Iterator[Told]:
    """The candidates of an approved exam, with their own window where they have one."""
    exam = _exam(payload["exam_id"])
    query = (
        sa.select(Candidate.person_id, ExamWindow.opens_at, ExamWindow.closes_at)
        .outerjoin(ExamWindow, ExamWindow.id == Candidate.window_id)
        .where(Candidate.exam_id == exam.id)
    )
    for person, opens, closes in db.session.execute(query, execution_options=Everything):
        when = {"opens": (opens or exam.opens_at).isoformat(), "closes": (closes or exam.closes_at).isoformat()}
        yield Told(person, f"exam:{exam.id}", _facts(exam) | when | {"id": exam.id})


def released(payload: Payload) -> Iterator[Told]:
    """Everybody who has a result."""
    exam = _exam(payload["exam_id"])
    query = sa.select(ExamScore.person_id, ExamScore.attempt_id).where(ExamScore.run_id == payload["run_id"])
    for person, attempt in db.session.execute(query, execution_options=Everything):
        yield Told(person, f"exam:{exam.id}", _facts(exam) | {"attempt_id": str(attempt)})


def regraded(payload: Payload) -> Iterator[Told]:
    """Those whose result changed."""
    exam = _exam(payload["exam_id"])
    regrade = db.session.get_one(Regrade, payload["regrade_id"], execution_options=Everything)
    changed = {str(one["attempt"]) for one in regrade.changes}
    query = sa.select(ExamScore.person_id, ExamScore.attempt_id).where(ExamScore.run_id == payload["run_id"])
    for person, attempt in db.session.execute(query, execution_options=Everything):
        if str(attempt) in changed:
            yield Told(person, f"exam:{exam.id}:regrade:{regrade.id}", _facts(exam) | {"attempt_id": str(attempt)})


def _appeal(payload: Payload) -> Appeal:
    return db.session.get_one(Appeal, payload["appeal_id"], execution_options=Everything)


def appealed(payload: Payload) -> Iterator[Told]:
    """The officers who can answer; nobody who sits the exam."""
    appeal = _appeal(payload)
    exam = _exam(appeal.exam_id)
    query = sa.select(Candidate.person_id).where(Candidate.exam_id == exam.id)
    sitting = set(db.session.scalars(query, execution_options=Everything))
    for officer in holders(Role.EXAM_OFFICER, exam.institution_id):
        if officer not in sitting:
            yield Told(officer, f"appeal:{appeal.id}", _facts(exam) | {"id": appeal.id})


def answered(payload: Payload) -> Iterator[Told]:
    """Whoever appealed."""
    appeal = _appeal(payload)
    query = sa.select(ExamScore.attempt_id).where(ExamScore.id == appeal.score_id)
    attempt = db.session.scalars(query, execution_options=Everything).one()
    facts = _facts(_exam(appeal.exam_id)) | {"attempt_id": str(attempt)}
    yield Told(appeal.person_id, f"appeal:{appeal.id}", facts)


HEARD: Final = (
    Heard(events.ExamApproved, COMING, coming),
    Heard(events.ExamReleased, RELEASED, released),
    Heard(events.ExamRegraded, REGRADED, regraded),
    Heard(events.ExamAppealed, APPEALED, appealed),
    Heard(events.ExamAppealAnswered, ANSWERED, answered),
)
