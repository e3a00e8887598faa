"""A person's marks as a table for a spreadsheet."""

from collections.abc import Iterable, Iterator
from typing import Any

from assessments.results.rules import KINDS, STANDINGS, UNITS
from lms.i18n import _, pick

Cells = list[Any]


def columns() -> list[str]:
    """The heads of the table."""
    return [
        _("Day"),
        _("Kind"),
        _("Technique"),
        _("Value"),
        _("Unit"),
        _("Standard error"),
        _("Critical failure"),
        _("Assessor"),
        _("Counts until"),
        _("Standing"),
        _("Version"),
        _("Reason"),
        _("Source"),
        _("SHA-256 of the source"),
    ]


def rows(found: Iterable[Any]) -> Iterator[Cells]:
    """The marks, one a row; values stay numbers."""
    for mark, standing, title, title_en, assessor in found:
        yield [
            mark.on_day,
            str(KINDS[mark.kind]),
            pick(title, title_en) if title else None,
            mark.value,
            str(UNITS[mark.kind]),
            mark.standard_error,
            _("yes") if mark.critical_failure else "",
            assessor,
            mark.valid_until,
            str(STANDINGS[standing]),
            mark.version,
            mark.reason,
            f"{mark.source_kind}:{mark.source_id}",
            mark.source_hash.hex(),
        ]
