"""Who may make, run, mark and sit exams."""

from typing import Any

import sqlalchemy as sa

from assessments.exams.models import Candidate
from lms.authz import Actor, ByRelation, ByRole, Permission, Role, declare, itself
from lms.db import db
from lms.errors import NotAllowed


class Exams(Permission):
    """Permissions over exams and attempts."""

    READ = "exams:exam:read"
    MANAGE = "exams:exam:manage"
    APPROVE = "exams:exam:approve"
    MARK = "exams:exam:mark"
    RELEASE = "exams:exam:release"
    SIT = "exams:exam:sit"
    OWN = "exams:own:read"
    ANSWER = "exams:attempt:answer"
    RESULT = "exams:attempt:read"
    SWEEP = "exams:attempt:sweep"
    APPEAL = "exams:attempt:appeal"
    APPEALS = "exams:appeal:browse"
    ANSWER_APPEAL = "exams:appeal:answer"


def sits(actor: Actor, on: Any) -> bool:
    """The actor is a candidate of this exam."""
    query = sa.select(Candidate.id).where(Candidate.exam_id == on.id, Candidate.person_id == actor.person_id)
    return db.session.scalar(query) is not None


def keep_candidates_out(actor: Actor, exam: Any) -> None:
    """Raise NotAllowed where the actor sits this very exam: a candidate does not decide about it."""
    if actor.signed_in and sits(actor, exam):
        raise NotAllowed


_officer = ByRole(Role.EXAM_OFFICER)
_candidate = ByRelation("candidate of this exam", itself)
_writer = ByRelation("candidate of this attempt", itself)

declare(
    {
        Exams.READ: [_officer, ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.AUDITOR)],
        Exams.MANAGE: [_officer],
        Exams.APPROVE: [_officer],
        Exams.MARK: [_officer],
        Exams.RELEASE: [_officer],
        Exams.SIT: [_candidate],
        Exams.OWN: [ByRole(Role.DOCTOR)],
        Exams.ANSWER: [_writer],
        Exams.RESULT: [_writer],
        Exams.SWEEP: [],
        Exams.APPEAL: [_writer],
        Exams.APPEALS: [_officer],
        Exams.ANSWER_APPEAL: [_officer],
    }
)
