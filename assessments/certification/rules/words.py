"""How certification speaks: states, reasons and stars in the reader's language."""

from typing import Final

from assessments.certification.rules.status import RevocationCategory, Status, SuspensionCategory
from lms.i18n import _l

STATUS: Final = {
    Status.UNSIGNED: _l("being signed"),
    Status.NOT_YET: _l("not yet valid"),
    Status.VALID: _l("valid"),
    Status.DUE: _l("due for renewal"),
    Status.RENEWABLE: _l("expired, can be renewed"),
    Status.EXPIRED: _l("expired"),
    Status.SUSPENDED: _l("suspended"),
    Status.SUPERSEDED: _l("replaced"),
    Status.REVOKED: _l("revoked"),
}
#: Beside the word, the shape that says the same without colour.
STATUS_SHAPES: Final = {
    Status.UNSIGNED: "under_way",
    Status.NOT_YET: "waiting",
    Status.VALID: "done",
    Status.DUE: "attention",
    Status.RENEWABLE: "attention",
    Status.EXPIRED: "waiting",
    Status.SUSPENDED: "paused",
    Status.SUPERSEDED: "paused",
    Status.REVOKED: "stopped",
}
#: The one word in large type that a stranger reads.
VERDICTS: Final = {
    Status.NOT_YET: _l("Not yet valid"),
    Status.VALID: _l("Valid"),
    Status.DUE: _l("Valid"),
    Status.RENEWABLE: _l("Expired"),
    Status.EXPIRED: _l("Expired"),
    Status.SUSPENDED: _l("Suspended"),
    Status.SUPERSEDED: _l("Replaced"),
    Status.REVOKED: _l("Revoked"),
}
REASONS: Final = {
    RevocationCategory.EVIDENCE_WITHDRAWN: _l("a result it rests on was withdrawn"),
    RevocationCategory.ISSUED_IN_ERROR: _l("issued in error"),
    RevocationCategory.MISCONDUCT: _l("misconduct"),
    RevocationCategory.LICENCE_LOST: _l("licence lost"),
    RevocationCategory.OWN_WISH: _l("at the holder's own wish"),
}
#: Why a certificate is suspended: for officers and its holder, not for strangers.
SUSPENSIONS: Final = {
    SuspensionCategory.UNDER_INVESTIGATION: _l("a matter is being looked into"),
    SuspensionCategory.EVIDENCE_DOUBTED: _l("a result it rests on is in doubt"),
    SuspensionCategory.LICENCE_SUSPENDED: _l("licence suspended"),
    SuspensionCategory.OWN_WISH: _l("at the holder's own wish"),
}
#: How far a case is, with its shape.
STATES: Final = {
    "first": _l("first approval due"),
    "second": _l("second approval due"),
    "approved": _l("being issued"),
    "issued": _l("issued"),
    "returned": _l("returned"),
    "superseded": _l("overtaken by new evidence"),
}
STATE_SHAPES: Final = {
    "first": "open",
    "second": "under_way",
    "approved": "waiting",
    "issued": "done",
    "returned": "stopped",
    "superseded": "paused",
}
CATEGORIES: Final = {
    "general_practitioner": _l("General practitioner"),
    "village_doctor": _l("Village doctor"),
    "nurse": _l("Nurse"),
    "specialist": _l("Specialist"),
    "administrator": _l("Administrator"),
}
KINDS: Final = {
    "theory_exam": _l("Theory exam"),
    "practical_exam": _l("Practical station"),
    "practice_evaluation": _l("Evaluation of practice"),
    "simulation_hours": _l("Simulation hours"),
    "theory_hours": _l("Theory hours"),
    "practice_hours": _l("Practice hours"),
    "rotation_days": _l("Rotation"),
    "workplace_encounter": _l("Workplace encounter"),
    "simulated_case": _l("Simulated case"),
    "entrustment": _l("Entrustment"),
}
#: What a result's value is counted in.
UNITS: Final = {
    "theory_exam": "%",
    "practical_exam": "%",
    "practice_evaluation": "%",
    "simulation_hours": _l("hours"),
    "theory_hours": _l("hours"),
    "practice_hours": _l("hours"),
    "rotation_days": _l("days"),
    "workplace_encounter": "",
    "simulated_case": "%",
    "entrustment": _l("level"),
}
#: What a requirement's number is counted in.
REQUIREMENT_UNITS: Final = {
    "simulation_hours": _l("hours"),
    "education_hours": _l("hours"),
    "rotation_days": _l("days"),
}
EVENTS: Final = {
    "proposed": _l("Proposed by the system"),
    "approved": _l("Approval given"),
    "numbered": _l("Number given"),
    "signed": _l("Signed"),
    "asked": _l("Revocation asked for"),
    "confirmed": _l("Revocation confirmed"),
    "declined": _l("Revocation declined"),
    "revoked": _l("Revoked"),
    "suspension_asked": _l("Suspension asked for"),
    "resumption_asked": _l("Lifting the suspension asked for"),
    "agreed": _l("A second officer agreed"),
    "not_agreed": _l("A second officer did not agree"),
    "suspended": _l("Suspended"),
    "resumed": _l("Suspension lifted"),
    "renewal_proposed": _l("Renewal proposed by the system"),
    "renewed": _l("Renewed"),
    "renewal_signed": _l("Renewal signed"),
    "doubted": _l("A result it rests on was corrected"),
    "let_stand": _l("An officer let it stand"),
    "superseded": _l("Replaced by a higher certificate"),
}
#: What a policy may ask for.
REQUIREMENTS: Final = {
    "theory_exam": _l("Theory exam"),
    "practical_exam": _l("Practical station"),
    "practice_evaluation": _l("Evaluation of practice"),
    "simulation_hours": _l("Simulation hours"),
    "education_hours": _l("Hours of continuing education"),
    "rotation_days": _l("Days of clinical rotation"),
    "workplace_encounters": _l("Workplace encounters"),
    "entrustment": _l("Technique entrusted"),
    "skill_currency": _l("Skill proved lately"),
    "no_open_critical_failure": _l("No open critical failure"),
}
GROUPS: Final = {
    "all": _l("All of these"),
    "any": _l("Any one of these"),
    "at_least": _l("A number of these"),
    "weighted": _l("Points from these"),
}
#: What a check of a policy found, and the shape beside it.
FINDINGS: Final = {
    "unreadable": _l("Not complete"),
    "unreachable-star": _l("A star nobody can reach"),
    "missing-ladder": _l("The star below is not asked for"),
    "nothing-can-produce": _l("Nothing can produce this"),
    "contradiction": _l("Contradicts itself"),
    "title-disagrees": _l("Title and number differ"),
    "asked-already": _l("Asked for already"),
}
CHANGES: Final = {"added": _l("new"), "removed": _l("dropped"), "changed": _l("changed")}
CHANGE_SHAPES: Final = {"added": "done", "removed": "stopped", "changed": "under_way"}
