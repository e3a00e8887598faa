"""Whom to tell of a pair."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from flask_babel import format_date

from courses.mentoring import events
from courses.mentoring.models import Pairing
from courses.mentoring.policy import Mentoring
from lms.db import Everything, db
from lms.i18n import _, _l
from lms.notifications.rules.kinds import Facts, Group, Heard, Kind, Payload, Told


def _term(facts: Facts) -> str:
    begin, end = (format_date(date.fromisoformat(facts[name])) for name in ("begin", "end"))
    return str(_("From %(begin)s until %(end)s. Both sides are asked to agree.", begin=begin, end=end))


BEGAN = Kind(
    "mentoring.began",
    Group.MENTORING,
    _l("A pair was made"),
    lambda facts: _("You have a mentor") if facts["side"] == "apprentice" else _("You have an apprentice"),
    "mentoring.pair",
    ("id",),
    _term,
    needs=Mentoring.OWN,
)
ENDED = Kind(
    "mentoring.ended",
    Group.MENTORING,
    _l("A pair was ended early"),
    lambda _facts: _("Your mentoring was ended early"),
    "mentoring.pair",
    ("id",),
    needs=Mentoring.OWN,
)


def both(payload: Payload) -> Iterator[Told]:
    """Mentor and apprentice."""
    pair = db.session.get_one(Pairing, payload["pairing_id"], execution_options=Everything)
    facts = {"id": pair.id, "begin": pair.agreed_from.isoformat(), "end": pair.agreed_until.isoformat()}
    yield Told(pair.person_id, f"pair:{pair.id}", facts | {"side": "apprentice"})
    yield Told(pair.mentor_id, f"pair:{pair.id}", facts | {"side": "mentor"})


HEARD: Final = (
    Heard(events.PairBegan, BEGAN, both),
    Heard(events.PairEnded, ENDED, both),
)
