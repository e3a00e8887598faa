"""Keeping patients unnamed in what is written about care."""

from lms.errors import Invalid
from lms.i18n import _l
from lms.people.rules.patients import Kind, trace

_WORDS = {
    Kind.IDENTITY_NUMBER: _l(
        "“%(words)s” looks like an identity number. Write it so that nobody can tell who the patient is."
    ),
    Kind.TELEPHONE: _l(
        "“%(words)s” looks like a telephone number. Write it so that nobody can tell who the patient is."
    ),
    Kind.NAME: _l("“%(words)s” looks like a patient's name. Write it so that nobody can tell who the patient is."),
}


def unnamed(text: str, field: str) -> str:
    """The text as it is; raises Invalid, quoting the words, where it tells who a patient is."""
    found = trace(text)
    if found is not None:
        raise Invalid(str(_WORDS[found.kind]) % {"words": found.words}, field=field)
    return text
