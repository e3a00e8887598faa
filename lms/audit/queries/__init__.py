"""Reading the audit log."""

from lms.audit.queries.events import (
    KIND,
    MOST,
    Filters,
    Line,
    Listing,
    Shown,
    count,
    details,
    lines,
    listing,
    sealed_words,
    shown,
)
from lms.audit.queries.verbs import VERBS, name_verbs
from lms.audit.queries.vocabulary import (
    area_words,
    areas,
    detail_words,
    job_words,
    thing_words,
    value_words,
    verb_words,
)

__all__ = [
    "KIND",
    "MOST",
    "VERBS",
    "Filters",
    "Line",
    "Listing",
    "Shown",
    "area_words",
    "areas",
    "count",
    "detail_words",
    "details",
    "job_words",
    "lines",
    "listing",
    "name_verbs",
    "sealed_words",
    "shown",
    "thing_words",
    "value_words",
    "verb_words",
]
