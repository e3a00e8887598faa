"""What is said to people about categories, columns, and everything a roster can have wrong."""

from flask_babel.speaklater import LazyString

from lms.i18n import _l
from lms.people.models import Category
from lms.people.rules.planning import Outcome
from lms.people.rules.roster import Problem

CATEGORIES: dict[str, LazyString] = {
    Category.GENERAL_PRACTITIONER: _l("General practitioner"),
    Category.VILLAGE_DOCTOR: _l("Village doctor"),
    Category.NURSE: _l("Nurse"),
    Category.SPECIALIST: _l("Specialist"),
    Category.ADMINISTRATOR: _l("Administrator"),
}
COLUMNS: dict[str, LazyString] = {
    "name": _l("Full name"),
    "identity_number": _l("Identity number"),
    "category": _l("Category"),
    "institution": _l("Institution"),
    "title": _l("Post"),
    "licence_number": _l("Licence number"),
    "phone": _l("Mobile phone"),
    "email": _l("E-mail"),
    "begins_on": _l("In post since"),
    "practising_since": _l("In practice since"),
    "account": _l("Account"),
}
OUTCOMES: dict[str, LazyString] = {
    Outcome.CREATED: _l("to be entered"),
    Outcome.CHANGED: _l("to be changed"),
    Outcome.UNCHANGED: _l("unchanged"),
    Outcome.REFUSED: _l("refused"),
}
_PROBLEMS: dict[str, LazyString] = {
    "missing": _l("is missing"),
    "not_text": _l("a date or a yes/no stands where text is expected"),
    "too_long": _l("is too long"),
    "formula": _l("holds a formula; write the value itself"),
    "merged": _l("is part of merged cells; split them and fill in each row"),
    "wrong_name": _l("is no name: 2 to 40 letters or characters, without digits"),
    "identity_shape": _l("is no identity number: 17 digits and a check character"),
    "identity_old": _l("is an old number of 15 digits; write the one of 18"),
    "identity_birth": _l("holds a day of birth that does not exist"),
    "identity_check": _l("has a wrong check character; a digit is mistyped"),
    "digits_lost": _l(
        "has lost its last digits: Excel keeps only 15 digits of a number. Format the column as text and type it again"
    ),
    "wrong_category": _l("is “%(typed)s”; known are %(known)s"),
    "unknown_institution": _l("“%(typed)s” is no institution within your reach"),
    "ambiguous_institution": _l("“%(typed)s” is the name of several institutions; write the code"),
    "wrong_licence": _l("is no licence number: 6 to 30 letters and digits"),
    "wrong_phone": _l("is no phone number"),
    "wrong_email": _l("is no e-mail address"),
    "wrong_date": _l("is no date; write it like 2026-11-22"),
    "date_in_future": _l("lies in the future"),
    "date_too_early": _l("is too early for this person"),
    "wrong_account": _l("is no account: small letters, digits, dot, hyphen, 2 to 64 of them"),
    "double_identity_number": _l("stands in the file more than once: %(where)s"),
    "double_licence_number": _l("stands in the file more than once: %(where)s"),
    "double_account": _l("stands in the file more than once: %(where)s"),
    "taken_account": _l("belongs to somebody else already"),
    "taken_licence_number": _l("belongs to somebody else already"),
    "person_elsewhere": _l("belongs to somebody registered with another institution; ask for a transfer"),
    "person_at": _l("this person is registered with %(institution)s; move them on their page"),
    "person_inactive": _l("this person was deactivated; undo that on their page first"),
}


def problem(one: Problem) -> str:
    """One problem as a sentence in the reader's language."""
    what = str(_PROBLEMS[one.code]) % dict(one.said)
    return f"{COLUMNS[one.column]}: {what}" if one.column else what


def is_said(code: str) -> bool:
    """Whether there are words for this problem (a test asks for all of them)."""
    return code in _PROBLEMS
