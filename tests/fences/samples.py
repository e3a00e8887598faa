"""One thing of county A for every address that has a thing in it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from lms import clock
from lms.institutions.models import ConsortiumMember
from lms.people.models import RosterImport
from tests.factories.world import World

INSTITUTION = ("", "/edit", "/new", "/move", "/close", "/reopen")
CONSORTIUM = ("", "/join", "/dissolve")
PERSON = ("", "/move", "/deactivate", "/reactivate")
ROSTER = ("", "/state", "/check", "/import")

#: rule → the values that stand in its address, from what `make` returned
SAMPLES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "/language/<code>": lambda made: {"code": "en"},
    **{f"/institutions/<int:id>{rest}": lambda made: {"id": made["world"].a.township} for rest in INSTITUTION},
    **{f"/consortia/<int:id>{rest}": lambda made: {"id": made["member"].consortium_id} for rest in CONSORTIUM},
    "/consortia/<int:id>/leave/<int:member>": lambda made: {
        "id": made["member"].consortium_id,
        "member": made["member"].id,
    },
    **{f"/people/<int:id>{rest}": lambda made: {"id": made["world"].a.doctor} for rest in PERSON},
    **{f"/people/roster/<int:id>{rest}": lambda made: {"id": made["roster"].id} for rest in ROSTER},
}
#: addresses whose things all institutions share, each with its reason
SHARED: dict[str, str] = {
    "/language/<code>": "the language of one's own pages",
}


def make(session: orm.Session, world: World) -> dict[str, Any]:
    """Things of county A, by name."""
    member = session.scalars(sa.select(ConsortiumMember).order_by(ConsortiumMember.id.desc()).limit(1)).one()
    roster = RosterImport(
        institution_id=world.a.commission,
        sent_by_id=world.a.manager,
        file_name="a.xlsx",
        kind="xlsx",
        sha256="0" * 64,
        expires_at=clock.now() + timedelta(days=1),
    )
    session.add(roster)
    session.flush()
    return {"world": world, "member": member, "roster": roster}


def address(rule: str, made: dict[str, Any]) -> str:
    """The rule with a sample's values in it."""
    values = SAMPLES[rule](made) if "<" in rule else {}
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: str(values[found[1]]), rule)
