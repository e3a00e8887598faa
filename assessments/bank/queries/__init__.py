"""Selects over the bank; what others ask for most is named here."""

from assessments.bank.queries.drawing import for_practice, newest_ids, of_bank, pool, topics_of
from assessments.bank.queries.exposure import asked, tell_exposure
from assessments.bank.queries.finding import Offer, Sought, key_of, listing, offer, picture, version

__all__ = [
    "Offer",
    "Sought",
    "asked",
    "for_practice",
    "key_of",
    "listing",
    "newest_ids",
    "of_bank",
    "offer",
    "picture",
    "pool",
    "tell_exposure",
    "topics_of",
    "version",
]
