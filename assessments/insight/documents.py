"""Tables as files, through the one writer."""

from collections.abc import Iterable
from typing import IO

from assessments.insight.formats.tables import Table
from lms.i18n import _
from lms.web import exports


def heads(table: Table) -> list[str]:
    """The head of a table in a file: units stand with the labels, so that cells stay numbers."""
    return [table.about, *(f"{c.label} ({c.unit})" if c.unit else c.label for c in table.columns)]


def rows(table: Table) -> list[list[exports.Cell]]:
    """Its rows, the whole at the end."""
    lines = [*table.lines, table.whole] if table.whole else [*table.lines]
    return [[line.label, *line.values] for line in lines]


def workbook(tables: Iterable[Table], facts: Iterable[tuple[str, str]]) -> IO[bytes]:
    """All tables as one Excel file; the first sheet says what they are about."""
    about = exports.Sheet(_("About"), [exports.Column(_("About"), 24), exports.Column("", 60)], list(facts))
    return exports.workbook([about, *map(_sheet, tables)])


def _sheet(table: Table) -> exports.Sheet:
    first, *figures = heads(table)
    columns = [exports.Column(first, 32), *(exports.Column(head, 18) for head in figures)]
    return exports.Sheet(table.title, columns, rows(table))
