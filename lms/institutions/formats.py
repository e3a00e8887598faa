"""The list of administrative divisions as a CSV file."""

import csv
import io
import re

from lms.errors import Invalid
from lms.i18n import _
from lms.institutions.rules.divisions import Division

COLUMNS = ("code", "name", "level", "parent_code")
_PARENT_LEVEL = {"city": None, "county": "city", "township": "county"}


def read_divisions(data: bytes) -> list[Division]:
    """The divisions of one city; raises Invalid naming the line that does not fit."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(_("The file is not UTF-8 text.")) from None
    rows = csv.DictReader(io.StringIO(text))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise Invalid(_("The first line must be %(columns)s.", columns=",".join(COLUMNS)), line=1)
    found: dict[str, Division] = {}
    for row in rows:
        one = Division(*((row[name] or "").strip() for name in COLUMNS))
        _check(one, found, rows.line_num)
        found[one.code] = one
    if not found:
        raise Invalid(_("The file holds no division."))
    return list(found.values())


def _check(one: Division, before: dict[str, Division], line: int) -> None:
    if not re.fullmatch(r"\d{6}(\d{3}){0,2}", one.code) or not one.name:
        raise Invalid(_("A division needs a code of 6, 9 or 12 digits and a name."), line=line)
    if one.level not in _PARENT_LEVEL:
        raise Invalid(_("Unknown level %(level)s: use city, county or township.", level=one.level), line=line)
    if one.code in before:
        raise Invalid(_("The code %(code)s stands twice in the file.", code=one.code), line=line)
    parent = before.get(one.parent_code)
    if (parent.level if parent else None) != _PARENT_LEVEL[one.level] or (one.parent_code and not parent):
        raise Invalid(_("The division above must come before it and be one level higher."), line=line)
