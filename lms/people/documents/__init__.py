"""Everything that is kept about a person as one file: JSON for machines, a PDF to read, and pictures."""

import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import orm

from lms import clock
from lms.audit.queries.vocabulary import area_words
from lms.i18n import _
from lms.people.formats.words import CATEGORIES
from lms.people.models import Person
from lms.people.queries import own_data
from lms.people.rules.own_data import is_file, plain
from lms.typesetting import Typesetter

_SUMMARY = Typesetter(Path(__file__).with_name("own_data.typ"))


def own_file(session: orm.Session, person: Person) -> bytes:
    """The zip file with all that is kept about a person."""
    out, tables = BytesIO(), dict(own_data.rows_about(session, person.id))
    with ZipFile(out, "w", ZIP_DEFLATED) as pack:
        said = {name: [_row(pack, name, row) for row in rows] for name, rows in tables.items()}
        content = {
            "made_at": clock.now().isoformat(),
            "person": person.id,
            "tables": {name: rows for name, rows in said.items() if rows},
            "words": list(own_data.opened_words(session, person.id)),
            "deeds_in_rows_about_others": own_data.deeds(session, person.id),
            "withheld": {name: str(why) for name, why in own_data.WITHHELD.items()},
        }
        text = json.dumps(content, ensure_ascii=False, indent=1).encode()
        pack.writestr("data.json", text)
        counts = {name: len(rows) for name, rows in said.items() if rows}
        pack.writestr("summary.pdf", summary(person, counts, hashlib.sha256(text).hexdigest()))
    return out.getvalue()


def _row(pack: ZipFile, table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON says it; what is larger than a hash becomes a file beside it."""
    said = {}
    for column, value in row.items():
        if is_file(value):
            name = f"files/{table}-{row.get('id', len(pack.namelist()))}-{column}.bin"
            pack.writestr(name, bytes(value))
            said[column] = {"file": name}
        else:
            said[column] = plain(value)
    return said


def summary(person: Person, counts: dict[str, int], digest: str) -> bytes:
    """One or two pages to read: who it is, and how much is kept in which area (PDF/A)."""
    return _SUMMARY.pdf(_words(person, counts, digest))


def _words(person: Person, counts: dict[str, int], digest: str) -> dict[str, Any]:
    areas: dict[str, list[tuple[str, int]]] = {}
    for table, number in counts.items():
        areas.setdefault(area_words(own_data.area_of(table)), []).append((table, number))
    return {
        "title": _("What is kept about you"),
        "facts": [
            [_("Full name"), person.name],
            [_("Account"), person.account],
            [_("Category"), str(CATEGORIES[person.category])],
            [_("Institution"), person.institution.name],
            [_("Made on"), clock.today().isoformat()],
        ],
        "areas": [
            [area, sum(n for _table, n in rows), ", ".join(f"{t} {n}" for t, n in rows)]
            for area, rows in sorted(areas.items())
        ],
        "heads": [_("Area"), _("Rows"), _("Tables in data.json")],
        "withheld_title": _("Not handed out"),
        "withheld": [[area_words(own_data.area_of(table)), str(why)] for table, why in own_data.WITHHELD.items()],
        "foot": _("data.json holds every row; SHA-256 %(hash)s", hash=digest),
    }
