"""Deeds in words: what areas, verbs, things and details are called on the auditor's page."""

from lms.audit.queries.verbs import VERBS, Words
from lms.authz import POLICY
from lms.i18n import _, _l

#: What the first part of a permission stands for.
AREAS: dict[str, Words] = {
    "audit": _l("Audit log"),
    "certification": _l("Certification"),
    "content": _l("Content packs"),
    "curricula": _l("Courses"),
    "enrolment": _l("Enrolment"),
    "exams": _l("Examinations"),
    "hours": _l("Learning hours"),
    "insight": _l("Figures"),
    "institutions": _l("Institutions"),
    "jobs": _l("Background work"),
    "ledger": _l("Ledger"),
    "notifications": _l("Messages"),
    "open": _l("Signing in"),
    "osce": _l("Practical examinations"),
    "people": _l("People"),
    "practice": _l("Clinical practice"),
    "results": _l("Results"),
    "search": _l("Search"),
    "bank": _l("Question bank"),
    "techniques": _l("Techniques"),
}

#: What a table's row is called.
THINGS: dict[str, Words] = {
    "consortium": _l("Consortium"),
    "course": _l("Course"),
    "certificate": _l("Certificate"),
    "institution": _l("Institution"),
    "person": _l("Person"),
    "result": _l("Result"),
    "technique": _l("Technique"),
    "exam": _l("Exam"),
    "exam_attempt": _l("Exam attempt"),
    "exam_candidate": _l("Candidate"),
    "enrolment": _l("Enrolment"),
    "course_version": _l("Course version"),
    "certificate_proposal": _l("Certificate proposal"),
    "revocation_request": _l("Revocation request"),
    "star_decision": _l("Star decision"),
    "hours_entry": _l("Hours entry"),
    "role_grant": _l("Role"),
    "roster_import": _l("Roster"),
    "passkey": _l("Passkey"),
    "consortium_member": _l("Consortium member"),
    "circuit": _l("Circuit"),
    "sheet": _l("Marking sheet"),
    "evaluation": _l("Practice evaluation"),
    "sign_in": _l("Sign-in"),
}

#: What a detail is called.
DETAILS: dict[str, Words] = {
    "actor_person_id": _l("Person (id)"),
    "actor_job": _l("Background job"),
    "address": _l("Network address"),
    "after": _l("After"),
    "before": _l("Before"),
    "begins_on": _l("Begins on"),
    "browser": _l("Browser"),
    "code": _l("Code"),
    "ends_on": _l("Ends on"),
    "institution": _l("Institution"),
    "kind": _l("Kind"),
    "name": _l("Name"),
    "permission": _l("Permission"),
    "person": _l("Person (id)"),
    "reason": _l("Reason"),
    "role": _l("Role"),
    "why": _l("Why"),
    "added": _l("Added"),
    "attempt": _l("Attempt"),
    "attempts": _l("Attempts"),
    "category": _l("Category"),
    "changes": _l("Changes"),
    "course": _l("Course"),
    "created": _l("Created"),
    "due_on": _l("Due on"),
    "ended": _l("Ended"),
    "enrolled": _l("Enrolled"),
    "entries": _l("Entries"),
    "exam": _l("Exam"),
    "filters": _l("Conditions"),
    "hash": _l("Hash"),
    "label": _l("Label"),
    "lesson": _l("Lesson"),
    "minutes": _l("Minutes"),
    "number": _l("Number"),
    "over": _l("Over institution"),
    "source": _l("Source"),
    "star": _l("Stars"),
    "title": _l("Title"),
    "value": _l("Value"),
    "version": _l("Version"),
}


#: Who acted without being a person; other jobs go by their own names.
JOBS: dict[str, Words] = {"command line": _l("command line")}


def job_words(name: str) -> str:
    """What a job is called that did something."""
    return str(JOBS.get(name, name))


def verb_words(permission: str, verb: str) -> str:
    """A verb in the reader's language; by its own name where nobody gave it another."""
    named = VERBS.get(f"{permission.partition(':')[0]}.{verb}")
    return str(named) if named is not None else verb.replace("_", " ")


def area_words(permission: str) -> str:
    """The area a permission belongs to."""
    area = permission.partition(":")[0]
    return str(AREAS.get(area, area))


def thing_words(on_type: str | None) -> str:
    """What kind of thing it was done to."""
    if on_type is None:
        return ""
    return str(THINGS.get(on_type, on_type.replace("_", " ")))


def detail_words(name: str) -> str:
    """What a detail is called."""
    return str(DETAILS.get(name, name.replace("_", " ")))


def areas() -> list[tuple[str, str]]:
    """The areas in which something can be done, for a choice."""
    known = sorted({permission.value.partition(":")[0] for permission in POLICY})
    return sorted(((area, area_words(area)) for area in known), key=lambda pair: pair[1])


def value_words(value: object) -> str:
    """A detail's value as a line of text."""
    if value is None or value == "":
        return str(_("not set"))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, dict):
        return "; ".join(f"{detail_words(name)}: {value_words(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(value_words(one) for one in value)
    return str(value)
