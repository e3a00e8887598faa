"""The plan of a roster as it is kept between check and import: sealed, packed, without a full number in it."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lms import vault
from lms.people.formats.words import COLUMNS, problem
from lms.people.rules.identity import masked
from lms.people.rules.planning import Decided, Plan
from lms.people.rules.roster import Problem, Row


@dataclass(frozen=True)
class Line:
    """One row of a plan as it is shown. `changes` are column, before, after; `problems` cell, code, column, said."""

    sheet: str
    row: int
    name: str
    identity: str
    institution: str
    outcome: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Cell and words of everything that is wrong."""
        return [(cell, problem(Problem(code, column, said))) for cell, code, column, said in self.problems]

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """What changes: the column's words, before, after."""
        return [(str(COLUMNS[column]), before, after) for column, before, after in self.changes]


def lines(plan: Plan, rows: Sequence[Row]) -> list[Line]:
    """A plan ready to be shown; `rows` are the typed rows in the same order."""
    return [_line(decided, row) for decided, row in zip(plan.rows, rows, strict=True)]


def _line(decided: Decided, row: Row) -> Line:
    entry = decided.entry
    return Line(
        sheet=entry.sheet,
        row=entry.row,
        name=entry.name,
        identity=masked(entry.identity_number),
        institution=entry.institution,
        outcome=decided.outcome.value,
        changes=[(column, before, after) for column, (before, after) in decided.changes.items()],
        problems=[
            (f"{row.letters.get(one.column, '')}{row.number}", one.code, one.column, dict(one.said))
            for one in decided.problems
        ],
    )


def pack(shown: Sequence[Line]) -> bytes:
    """For the database."""
    text = json.dumps([asdict(line) for line in shown], ensure_ascii=False)
    return vault.current().seal(zlib.compress(text.encode(), 1), b"roster plan")


def unpack(packed: bytes | None) -> list[Line]:
    """From the database."""
    if packed is None:
        return []
    raw: list[dict[str, Any]] = json.loads(zlib.decompress(vault.current().open(packed, b"roster plan")))
    return [
        Line(
            **{
                **one,
                "changes": [tuple(change) for change in one["changes"]],
                "problems": [tuple(said) for said in one["problems"]],
            }
        )
        for one in raw
    ]
