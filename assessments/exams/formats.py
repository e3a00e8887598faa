"""Judges' figures as they are pasted or uploaded: a table with a header, commas or tabs between its cells."""

import unicodedata
from collections.abc import Callable, Iterable
from typing import IO, TypeVar

from assessments.exams.rules.standards import Angoff, Ebel
from assessments.psychometrics import formats
from lms.errors import Invalid
from lms.i18n import _
from lms.web import intake

Read = TypeVar("Read")
#: More bytes than any table of judges has.
_LARGEST = 1 << 20


def angoff(text: str) -> Angoff:
    """Judges' estimates: columns `judge`, perhaps `round`, and one per question of the paper in its order."""
    rounds = _read(text, formats.estimates, _("Each row is one judge; each estimate is a number from 0 to 1."))
    return Angoff(rounds)


def ebel(text: str) -> Ebel:
    """Judges' cells: columns `judge`, `relevance`, `difficulty`, `items`, `proportion`."""
    about = _("Each row is one cell of one judge; all judges place the same number; a proportion is from 0 to 1.")
    return Ebel(_read(text, formats.ebel, about))


def decoded(file: IO[bytes], name: str) -> str:
    """An uploaded file as text; what Chinese spreadsheets write is read too."""
    taken = intake.take(file, name, kinds=frozenset({intake.Kind.TEXT}), most=_LARGEST)
    text = intake.decoded(taken.data)
    if text is None:
        raise Invalid(_("This is no text file. Save the table as CSV, or paste it."))
    return text


def _read(text: str, read: Callable[[formats.Sheet], Read], about: str) -> Read:
    plain = unicodedata.normalize("NFKC", text).strip().replace("\x00", "")
    try:
        return read(formats.parse(plain + "\n", delimiter="\t" if "\t" in plain.split("\n", 1)[0] else ","))
    except Invalid as wrong:
        raise Invalid(f"{_place(wrong)} {about}".strip()) from None


def _place(wrong: Invalid) -> str:
    row, column = wrong.where.get("row"), wrong.where.get("column")
    if row and column:
        return str(_("Row %(row)s, column “%(column)s” cannot be used.", row=row, column=column))
    if row:
        return str(_("Row %(row)s cannot be used.", row=row))
    return str(_("Column “%(column)s” cannot be used.", column=column) if column else _("This table cannot be used."))


def angoff_template(questions: int, judges: Iterable[str]) -> tuple[list[str], list[list[str]]]:
    """An empty table for judges' estimates: its header, and a row for each judge."""
    header = ["judge", *map(str, range(1, questions + 1))]
    return header, [[judge, *[""] * questions] for judge in judges]


def ebel_template(judges: Iterable[str]) -> tuple[list[str], list[list[str]]]:
    """An empty table for judges' cells, relevance by difficulty."""
    cells = [(relevance, difficulty) for relevance in _RELEVANCE for difficulty in _DIFFICULTY]
    header = list(formats.EBEL)
    return header, [[judge, *cell, "", ""] for judge in judges for cell in cells]


_RELEVANCE = ("essential", "important", "acceptable")
_DIFFICULTY = ("easy", "medium", "hard")
