"""A whole city's institutions from its divisions, in a handful of statements."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from lms.authz import Actor
from lms.db import db
from lms.institutions.models import Change, Institution, InstitutionChange
from lms.institutions.policy import Institutions
from lms.institutions.queries.tree import lock_tree
from lms.institutions.rules.divisions import Division, Planned, plan
from lms.service import service, tell

#: New rows stand here until their ids, and so their paths, are known.
_WAITING = "new"
_PLACE = sa.text(
    """WITH RECURSIVE placed(id, path) AS (
         SELECT i.id, CASE WHEN p.id IS NULL THEN i.id::text::ltree ELSE p.path || i.id::text END
           FROM institution i LEFT JOIN institution p ON p.id = i.parent_id
          WHERE i.path <@ 'new' AND (p.id IS NULL OR NOT p.path <@ 'new')
         UNION ALL
         SELECT c.id, placed.path || c.id::text FROM institution c JOIN placed ON c.parent_id = placed.id)
       UPDATE institution i SET path = placed.path FROM placed WHERE placed.id = i.id"""
)
_ADOPT = sa.text(
    """UPDATE institution i SET parent_id = p.id
         FROM unnest(CAST(:codes AS text[]), CAST(:parents AS text[])) AS want(code, parent)
         JOIN institution p ON p.code = want.parent
        WHERE i.code = want.code AND i.path <@ 'new'"""
)


@dataclass(frozen=True)
class Imported:
    """What an import came to; `differing` are codes that bear another name here and were left alone."""

    created: int
    kept: int
    differing: tuple[str, ...]


@service(needs=Institutions.IMPORT)
def import_divisions(actor: Actor, on: None, *, divisions: Sequence[Division]) -> Imported:
    """Make every institution of these divisions that is not there yet; what is there stays as it is."""
    lock_tree()
    wanted = plan(divisions)
    there = dict(
        db.session.execute(
            sa.select(Institution.code, Institution.name).where(Institution.code.in_([one.code for one in wanted]))
        ).all()
    )
    missing = [one for one in wanted if one.code not in there]
    if missing:
        _insert(missing)
    differing = tuple(one.code for one in wanted if there.get(one.code, one.name) != one.name)
    tell(created=len(missing), kept=len(there), differing=len(differing))
    return Imported(len(missing), len(there), differing)


def _insert(missing: list[Planned]) -> None:
    rows = [
        {
            "code": one.code,
            "name": one.name,
            "name_en": one.name_en,
            "kind": one.kind,
            "division_code": one.division_code,
            "path": f"{_WAITING}.w{number}",
            "sort_key": one.sort_key,
        }
        for number, one in enumerate(missing)
    ]
    db.session.execute(sa.insert(Institution.__table__), rows)  # type: ignore[arg-type]
    below = [(one.code, one.parent_code) for one in missing if one.parent_code]
    codes, parents = [code for code, _ in below], [parent for _, parent in below]
    db.session.execute(_ADOPT, {"codes": codes, "parents": parents})
    db.session.execute(_PLACE)
    born = sa.select(Institution.id, sa.literal(Change.CREATED.value), Institution.name).where(
        Institution.code.in_([one.code for one in missing])
    )
    columns = ["institution_id", "change", "after"]
    db.session.execute(pg.insert(InstitutionChange).from_select(columns, born))
