"""Who may assign, do and accept evaluations of clinical practice, and read what came of them."""

from typing import Any

from assessments.practice.models import Evaluation, State, oldest_period
from lms.authz import Actor, ByRelation, ByRole, Permission, Role, declare
from lms.errors import NotAllowed
from lms.i18n import _


class Practice(Permission):
    """Permissions over evaluations."""

    READ = "practice:evaluation:read"
    ASSIGN = "practice:evaluation:assign"
    ACCEPT = "practice:evaluation:accept"
    ASSESS_LIST = "practice:evaluation:list"
    ASSESS = "practice:evaluation:assess"
    OWN = "practice:own:list"
    RESULT = "practice:own:read"
    APPEAL = "practice:own:appeal"
    APPEALS = "practice:appeal:browse"
    ANSWER_APPEAL = "practice:appeal:answer"
    FIGURES = "practice:figure:browse"
    IMPORT = "practice:figure:import"


def assesses(actor: Actor, on: Any) -> bool:
    """The actor is the assessor of this evaluation, and its period has not been over for too long."""
    return isinstance(on, Evaluation) and on.assessor_id == actor.person_id and on.period_until >= oldest_period()


def was_evaluated(actor: Actor, on: Any) -> bool:
    """The actor is the doctor, and the evaluation has been accepted."""
    return isinstance(on, Evaluation) and on.person_id == actor.person_id and on.state == State.ACCEPTED


def keep_the_involved_out(actor: Actor, evaluation: Evaluation) -> None:
    """Raise NotAllowed where the actor assigned or assessed this evaluation, or is its doctor."""
    if actor.person_id in (evaluation.assigned_by_id, evaluation.assessor_id, evaluation.person_id):
        raise NotAllowed(_("Who assigned or assessed an evaluation does not decide an appeal against it."))


_officer = ByRole(Role.EXAM_OFFICER)

_evaluated = ByRelation("the doctor evaluated, once accepted", was_evaluated)

declare(
    {
        Practice.READ: [_officer, ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.AUDITOR)],
        Practice.ASSIGN: [_officer],
        Practice.ACCEPT: [_officer],
        Practice.ASSESS_LIST: [ByRole(Role.MENTOR)],
        Practice.ASSESS: [ByRelation("assessor of this evaluation until 60 days after its period", assesses)],
        Practice.OWN: [ByRole(Role.DOCTOR)],
        Practice.RESULT: [_evaluated],
        Practice.APPEAL: [_evaluated],
        Practice.APPEALS: [_officer],
        Practice.ANSWER_APPEAL: [_officer],
        Practice.FIGURES: [_officer, ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.AUDITOR)],
        Practice.IMPORT: [_officer],
    }
)
