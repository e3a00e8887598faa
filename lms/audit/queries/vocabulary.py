"""Deeds in words: what areas, verbs, things and details are called on the auditor's page."""

from lms.audit.queries.verbs import VERBS, Words
from lms.authz import POLICY
from lms.i18n import _, _l

#: What the first part of a permission stands for.
AREAS: dict[str, Words] = {
    "audit": _l("Audit log"),
    "authoring": _l("Courses in the making"),
    "certification": _l("Certification"),
    "content": _l("Content packs"),
    "curricula": _l("Courses"),
    "discussion": _l("Questions on lessons"),
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
    "rotations": _l("Rotations"),
    "search": _l("Search"),
    "bank": _l("Question bank"),
    "techniques": _l("Techniques"),
    "mentoring": _l("Mentoring"),
    "proficiency": _l("Levels of techniques"),
    "selftest": _l("Self-tests"),
    "signoff": _l("Sign-offs"),
    "simulation": _l("Simulated cases"),
    "stall": _l("Stalls"),
    "stations": _l("Stations"),
    "traces": _l("Measured skills"),
    "workplace": _l("Workplace assessment"),
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
    "suspension_request": _l("Suspension request"),
    "certificate_period": _l("Period of a certificate"),
    "star_decision": _l("Star decision"),
    "hours_entry": _l("Hours entry"),
    "role_grant": _l("Role"),
    "roster_import": _l("Roster"),
    "passkey": _l("Passkey"),
    "erasure": _l("Erasure"),
    "person_export": _l("File with personal data"),
    "consortium_member": _l("Consortium member"),
    "circuit": _l("Circuit"),
    "sheet": _l("Marking sheet"),
    "evaluation": _l("Practice evaluation"),
    "sign_in": _l("Sign-in"),
    "simulated_case": _l("Simulated case"),
    "case_run": _l("Consultation"),
    "pairing": _l("Mentor pair"),
    "pairing_run": _l("Search for pairs"),
    "mentoring_session": _l("Mentoring session"),
    "mentor_offer": _l("Offer of places"),
    "rotation": _l("Rotation"),
    "rotation_department": _l("Receiving department"),
    "rotation_receiver": _l("Receiver"),
    "mentoring_policy": _l("Mentoring terms"),
    "sign_off": _l("Sign-off"),
    "stall_flag": _l("Flag"),
    "certificate_doubt": _l("Doubted certificate"),
    "self_test": _l("Self-test"),
    "question": _l("Question"),
    "question_version": _l("Version of a question"),
    "station": _l("Station"),
    "station_version": _l("Version of a station"),
    "circuit_station": _l("Station"),
}

#: What a detail is called.
DETAILS: dict[str, Words] = {
    "asked": _l("Asked"),
    "begins": _l("First day"),
    "consortium_days": _l("Days a year inside the consortium"),
    "days": _l("Days"),
    "department": _l("Department"),
    "file": _l("File"),
    "first": _l("First day"),
    "last": _l("Last day"),
    "lines": _l("Rules"),
    "rotation": _l("Rotation"),
    "sha256": "SHA-256",
    "star_days": _l("Days before certification"),
    "stay_days": _l("Days of rotation"),
    "stay_years": _l("in so many years"),
    "actor_person_id": _l("Person (id)"),
    "actor_job": _l("Background job"),
    "address": _l("Network address"),
    "at": _l("Done at"),
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
    "account": _l("Account"),
    "act": _l("Act"),
    "answer": _l("Answer"),
    "answers": _l("Answers"),
    "assessor": _l("Assessor (id)"),
    "candidates": _l("Candidates"),
    "capacity": _l("Places"),
    "case": _l("Case"),
    "cases": _l("Cases"),
    "certificates": _l("Certificates"),
    "circuit": _l("Circuit"),
    "confirmed": _l("Confirmed"),
    "counted": _l("Counted"),
    "cut": _l("Cut"),
    "day": _l("Day"),
    "digest": _l("Digest"),
    "document": _l("Document"),
    "entered": _l("Entered"),
    "evaluation": _l("Evaluation (number)"),
    "examiner": _l("Examiner (id)"),
    "examiners": _l("Examiners"),
    "feedback": _l("Feedback"),
    "flag": _l("Flag (number)"),
    "form": _l("Form"),
    "items": _l("Items"),
    "late": _l("Late"),
    "left": _l("Left out"),
    "level": _l("Level"),
    "mentor": _l("Mentor (id)"),
    "method": _l("Method"),
    "missing": _l("Missing"),
    "model": _l("Model"),
    "note": _l("Note"),
    "blueprint": _l("Blueprint of a practical exam"),
    "on_day": _l("Day"),
    "on_paper": _l("On paper"),
    "on_site": _l("On site"),
    "outcome": _l("Outcome"),
    "pack": _l("Content pack"),
    "pairing": _l("Mentor pair (number)"),
    "pairs": _l("Pairs"),
    "paper": _l("Paper"),
    "percent": _l("Percent"),
    "period_from": _l("Period from"),
    "period_until": _l("Period until"),
    "persons": _l("Persons"),
    "places": _l("Places"),
    "plan": _l("Plan"),
    "policy": _l("Policy"),
    "proposals": _l("Proposals"),
    "proposed": _l("Proposed"),
    "purpose": _l("Purpose"),
    "question": _l("Question"),
    "questions": _l("Questions"),
    "raised": _l("Raised"),
    "room": _l("Room"),
    "rows": _l("Rows"),
    "rules": _l("Rules"),
    "ruling": _l("Ruling"),
    "run": _l("Run (number)"),
    "seats": _l("Seats"),
    "session": _l("Session (number)"),
    "sign_off": _l("Sign-off (number)"),
    "side": _l("Side"),
    "since": _l("Since"),
    "standard": _l("Standard"),
    "state": _l("State"),
    "station": _l("Station"),
    "stations": _l("Stations"),
    "status": _l("Status"),
    "technique": _l("Technique"),
    "terms": _l("Terms"),
    "valid_from": _l("Valid from"),
    "opens_at": _l("Opens at"),
    "closes_at": _l("Closes at"),
}


#: Who acted without being a person; other jobs go by their own names.
JOBS: dict[str, Words] = {
    "command line": _l("command line"),
    "certification": _l("stars and certificates"),
    "clock": _l("exams opened and closed by the clock"),
    "content load": _l("loading of content"),
    "enrolment.hours": _l("hours of lessons"),
    "expire question files": _l("old question files"),
    "expire rosters": _l("old rosters"),
    "erase people": _l("erasure of people who left"),
    "forget exports": _l("old files with personal data"),
    "make export": _l("files with personal data"),
    "exams.sweep": _l("exams opened and closed by the clock"),
    "institutions import-divisions": _l("import of divisions"),
    "ledger": _l("heads of the ledger"),
    "make figures": _l("making of figures"),
    "proficiency": _l("levels of techniques"),
    "search.courses": _l("search index of courses"),
    "send reset": _l("letters for new passwords"),
    "audit.write_down_waiting": _l("deeds brought into the log"),
    "signer": _l("signer"),
    "signoff.record": _l("evidence of sign-offs"),
    "simulation.hours": _l("hours of cases"),
    "simulation.results": _l("results of cases"),
    "stall.watch": _l("nightly look for stalls"),
    "sweep sign-ins": _l("sign-ins that are over"),
}


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
