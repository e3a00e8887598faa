"""Loading a pack: all of it in one transaction, the second time nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from lms.authz import Actor
from lms.content.events import ContentLoaded
from lms.content.formats import Kind, Pack, Tally
from lms.content.models import ContentLoad
from lms.content.policy import Content
from lms.db import db
from lms.errors import Invalid
from lms.events import publish
from lms.search.services import reindex
from lms.service import service, tell

#: Two loads at once would both find nothing there; the second waits.
_LOCK = 0x1C0_17E47


@service(needs=Content.LOAD)
def load(actor: Actor, pack: Pack, *, kinds: Sequence[Kind[Any]]) -> dict[str, Tally]:
    """Bring the database to what the pack says; raises Invalid when the pack has faults."""
    if pack.faults:
        raise Invalid("\n".join(map(str, pack.faults)))
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    tallies = {kind.name: kind.load(pack, pack.files(kind.name)) for kind in kinds if pack.files(kind.name)}
    changes = {name: asdict(tally) for name, tally in tallies.items() if tally}
    if changes:
        about = pack.about
        row = ContentLoad(pack=about.code, version=about.version, digest=pack.digest, changes=changes)
        db.session.add(row)
        reindex(actor, None)
        publish(ContentLoaded(about.code, about.version))
        tell(pack=about.code, version=about.version, changes=changes)
    return tallies
