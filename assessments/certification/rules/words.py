"""How certification speaks: states, reasons and stars in the reader's language."""

from typing import Final

from assessments.certification.rules.status import RevocationCategory, Status
from lms.i18n import _l

STATUS: Final = {
    Status.UNSIGNED: _l("being signed"),
    Status.NOT_YET: _l("not yet valid"),
    Status.VALID: _l("valid"),
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
    Status.EXPIRED: "waiting",
    Status.SUSPENDED: "paused",
    Status.SUPERSEDED: "paused",
    Status.REVOKED: "stopped",
}
#: The one word in large type that a stranger reads.
VERDICTS: Final = {
    Status.NOT_YET: _l("Not yet valid"),
    Status.VALID: _l("Valid"),
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
    "suspended": _l("Suspended"),
    "resumed": _l("Resumed"),
    "superseded": _l("Replaced by a higher certificate"),
}
