"""A roster of five thousand people, checked and imported, each time into a fresh copy of the city."""

import json
import time
from pathlib import Path

import sqlalchemy as sa

from bench import arena
from bench.report import Row
from lms.db import grants
from tests.factories import roster

TITLE = "A roster of 5,000 people"
WORDS = (
    "`roster import FILE.xlsx --as ACCOUNT`, then the same with `--apply` (which checks again and imports in one "
    "transaction), then once more on what is now there. Whole commands, the start of Python included."
)
PEOPLE = 5_000
MOST = 20.0


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Dry run, import, and the second import that changes nothing, in turn."""
    checked, applied, again = list[float](), list[float](), list[float]()
    for number in range(runs):
        with field.copy() as copy:
            file = copy.files / "roster.xlsx"
            file.write_bytes(roster.excel(roster.people(PEOPLE, _places(copy), seed=number)))
            checked.append(_timed(copy, file, "created"))
            applied.append(_timed(copy, file, "created", "--apply"))
            again.append(_timed(copy, file, "unchanged", "--apply"))
    both = [a + b for a, b in zip(checked, applied, strict=True)]
    whole = Row("dry run and import", both, "s", target=f"≤ {MOST:.0f} s")
    return [
        Row(**(vars(whole) | {"met": whole.median <= MOST})),
        Row("dry run", checked, "s"),
        Row("import", applied, "s", checked, "dry run"),
        Row("import again, nothing changes", again, "s", applied, "import"),
    ]


def _places(copy: arena.Copy) -> list[str]:
    engine = sa.create_engine(copy.server.url(copy.name, grants.OWNER), poolclass=sa.NullPool)
    with engine.connect() as connection:
        kinds = "('township_hospital', 'community_centre', 'village_clinic')"
        query = sa.text(f"SELECT code FROM institution WHERE kind::text IN {kinds} ORDER BY code")
        return list(connection.scalars(query))


def _timed(copy: arena.Copy, file: Path, expected: str, *more: str) -> float:
    began = time.perf_counter()
    said = arena.flask(copy, "roster", "import", str(file), "--as", "admin", "--json", *more)
    spent = time.perf_counter() - began
    outcome = json.loads(said[-1])
    if outcome["counts"].get(expected) != PEOPLE or outcome["applied"] != bool(more):
        raise RuntimeError(f"not what was to be measured: {outcome['counts']}")
    return spent
