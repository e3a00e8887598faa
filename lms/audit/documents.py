"""The log as a table for a spreadsheet, and the proof of one event as a file."""

from collections.abc import Iterator, Sequence
from typing import Any

from lms.audit.queries import Line, area_words, detail_words, job_words, thing_words, value_words, verb_words
from lms.audit.queries.events import Name, Shown
from lms.i18n import _, pick
from lms.ledger.formats import proof_line

Cells = list[Any]


def columns() -> list[str]:
    """The heads of the table."""
    return [
        _("Time"),
        _("Who"),
        _("Act"),
        _("Area"),
        _("Thing"),
        _("Number of the thing"),
        _("Institution"),
        _("Details"),
        _("Ledger entry"),
        _("Request"),
    ]


def rows(lines: Sequence[Line], told: dict[int, dict[str, Any]]) -> Iterator[Cells]:
    """The events, one a row."""
    for line in lines:
        event = line.event
        yield [
            event.at,
            who(line),
            verb_words(event.permission, event.verb),
            area_words(event.permission),
            thing(line),
            event.on_id,
            called(line.institution),
            details(told.get(event.id, {})),
            event.ledger_index,
            event.request_id,
        ]


def who(line: Line) -> str:
    """Who did it, in words."""
    if line.event.actor_job is not None:
        return str(_("System: %(job)s", job=job_words(line.event.actor_job)))
    if line.event.actor_person_id is None:
        return str(_("Visitor"))
    return called(line.actor) or _("Person %(id)s", id=line.event.actor_person_id)


def thing(line: Line) -> str:
    """What it was done to: its kind, and its name where it has one."""
    kind = thing_words(line.event.on_type)
    return f"{kind} {called(line.thing)}" if line.thing else kind


def called(name: Name | None) -> str:
    """A name in the reader's language."""
    return pick(name.zh, name.en) if name else ""


def details(told: dict[str, Any]) -> str:
    """What was told, as one text."""
    return "; ".join(f"{detail_words(name)}: {value_words(value)}" for name, value in told.items())


def proof_file(shown: Shown) -> dict[str, Any]:
    """What the stand-alone verifier reads: the proof, with the words as far as they are open."""
    return proof_line(shown.proof, shown.opened)
