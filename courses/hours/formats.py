"""A year of somebody's hours as plain values: what the page, the PDF, the workbook and the command say alike."""

from typing import Any

from courses.hours import queries
from courses.hours.models import HoursEntry
from lms import digests
from lms.db import db
from lms.people.models import Person

Plain = dict[str, Any]


def statement(person: Person, year: int) -> Plain:
    """The statement of a year: sums, credits, every entry behind them, and a digest over all of it.

    The same entries give the same digest, whoever asks and whenever.
    """
    stand = queries.statement(person.id, year)
    earned, asked = queries.credits_of(person.id, year)
    rows = db.session.execute(queries.entries(person.id, year)).all()
    said: Plain = {
        "person": {"account": person.account, "name": person.name, "institution": person.institution.name},
        "year": year,
        "minutes": {**stand.minutes, "total": stand.total},
        "target_minutes": stand.target,
        "owed_minutes": stand.owed,
        "credits": {
            "lines": [
                {
                    "class": one.line.credit_class.value,
                    "kinds": list(one.line.kinds),
                    "sources": list(one.line.sources),
                    "minutes": one.minutes,
                    "minutes_of_a_unit": one.line.minutes,
                    "credits_of_a_unit": str(one.line.credits),
                    "most": None if one.line.most is None else str(one.line.most),
                    "credits": str(one.credits),
                }
                for one in earned
            ],
            "total": str(sum(one.credits for one in earned)),
            "asked": str(asked),
        },
        "entries": [_entry(entry, gone, confirmer) for entry, gone, confirmer in reversed(rows)],
    }
    return said | {"sha256": digests.digest(said).hex()}


def _entry(entry: HoursEntry, gone: int | None, confirmer: str | None) -> Plain:
    return {
        "entry": entry.id,
        "on": entry.on_day.isoformat(),
        "kind": entry.kind,
        "minutes": entry.minutes,
        "source": f"{entry.source_kind}:{entry.source_id}",
        "title": entry.evidence.get("title", ""),
        "title_en": entry.evidence.get("title_en", ""),
        "proof": entry.evidence.get("proof") or entry.evidence.get("done", ""),
        "offline_minutes": int(entry.evidence.get("offline_minutes") or 0),
        "evidence": digests.digest(entry.evidence).hex(),
        "confirmed_by": confirmer,
        "reverses": entry.reverses_id,
        "taken_back_by": gone,
        "reason": entry.reason,
    }
