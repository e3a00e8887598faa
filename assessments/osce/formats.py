"""What judges expect of a borderline candidate, as it is pasted: a table with a header, commas or tabs between."""

import unicodedata
from collections.abc import Mapping, Sequence
from fractions import Fraction

from assessments.psychometrics import formats
from lms.errors import Invalid
from lms.i18n import _

#: More than any table of judges has.
LARGEST = 200_000


def judged(text: str, items: int) -> dict[int, Mapping[str, Sequence[Fraction]]]:
    """Judges' estimates by round: columns `judge`, perhaps `round`, and one per item of the checklist in its order."""
    plain = unicodedata.normalize("NFKC", text).strip().replace("\x00", "")
    about = _("Each row is one judge; each estimate is a number from 0 to 1.")
    try:
        sheet = formats.parse(plain + "\n", delimiter="\t" if "\t" in plain.split("\n", 1)[0] else ",")
        rounds = formats.estimates(sheet)
    except Invalid as wrong:
        raise Invalid(f"{_place(wrong)} {about}", field="judges") from None
    if any(len(row) != items for one in rounds.values() for row in one.values()):
        words = _("The checklist has %(count)s items; every judge must judge each.", count=items)
        raise Invalid(words, field="judges")
    return dict(rounds)


def _place(wrong: Invalid) -> str:
    row, column = wrong.where.get("row"), wrong.where.get("column")
    if row and column:
        return str(_("Row %(row)s, column “%(column)s” cannot be used.", row=row, column=column))
    if row:
        return str(_("Row %(row)s cannot be used.", row=row))
    return str(_("Column “%(column)s” cannot be used.", column=column) if column else _("This table cannot be used."))


def template(items: Sequence[str], judges: int = 5) -> str:
    """An empty table for judges: its header, and a row for each."""
    header = ",".join(["judge", *(str(number) for number in range(1, len(items) + 1))])
    return "\n".join([header, *(f"{_('Judge %(number)s', number=n)}{',' * len(items)}" for n in range(1, judges + 1))])
