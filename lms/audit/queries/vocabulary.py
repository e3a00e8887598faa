"""Deeds in words: what areas, verbs, things and details are called on the auditor's page."""

from collections.abc import Mapping

from lms.authz import POLICY
from lms.i18n import _, _l

Words = object  # a text, or one that is translated when it is shown

#: What the first part of a permission stands for.
AREAS: dict[str, Words] = {
    "audit": _l("Audit log"),
    "certification": _l("Certification"),
    "content": _l("Content packs"),
    "curricula": _l("Courses"),
    "enrolment": _l("Enrolment"),
    "exams": _l("Examinations"),
    "hours": _l("Learning hours"),
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

#: What a verb is called, by `area.verb`; features add theirs with `name_verbs` in wiring.py.
VERBS: dict[str, Words] = {}

#: What a table's row is called.
THINGS: dict[str, Words] = {
    "consortium": _l("Consortium"),
    "course": _l("Course"),
    "certificate": _l("Certificate"),
    "institution": _l("Institution"),
    "person": _l("Person"),
    "result": _l("Result"),
    "technique": _l("Technique"),
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
}


def name_verbs(area: str, words: Mapping[str, Words]) -> None:
    """Say what the verbs of an area are called (called in wiring.py): `name_verbs("exams", {"open": _l("…")})`."""
    VERBS.update({f"{area}.{verb}": name for verb, name in words.items()})


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
