"""Selects over practice evaluation."""

from assessments.practice.queries.evaluations import (
    Sought,
    accepted,
    assessed,
    assessors,
    counts,
    decisions,
    doctors,
    form_of,
    listing,
    newest_forms,
    records,
    waiting,
    whole_hash,
    whole_of,
)

__all__ = [
    "Sought",
    "accepted",
    "assessed",
    "assessors",
    "counts",
    "decisions",
    "doctors",
    "form_of",
    "listing",
    "newest_forms",
    "records",
    "waiting",
    "whole_hash",
    "whole_of",
]
