"""Selects over pairs and sessions."""

from datetime import date

import sqlalchemy as sa

from courses.mentoring.models import Pairing, mentored_by, running

__all__ = ["mentored_by", "pairs_on"]


def pairs_on(on: date) -> sa.Select[int, int, int]:
    """Pairs that run on a day, within reach: (pairing_id, person_id of the apprentice, mentor_id)."""
    return sa.select(Pairing.id.label("pairing_id"), Pairing.person_id, Pairing.mentor_id).where(running(on))
