"""Traces to work with: the targets of the content pack, people who compress by formula, and their files."""

import hashlib
from functools import cache
from typing import Any

import sqlalchemy as sa

from assessments.traces.models import TraceTarget, TraceTargetVersion
from assessments.traces.rules.synthetic import Person, csv_of, trace_of
from assessments.traces.services import Run
from config import CHECKOUT
from lms.authz import Actor
from lms.content.formats import Pack, kinds, open_pack
from lms.db import act_as, db
from lms.web.intake import Kind, Taken
from tests.factories.mentoring import ago

#: Two minutes as the guideline asks, with breaths between.
GOOD = Person(rate=110, depth=55, compressions=190, pauses={30: 4, 60: 4, 90: 4, 120: 4, 150: 4})
#: Too shallow, leaning, one long pause.
WEAK = Person(rate=124, depth=46, compressions=200, left=9, pauses={60: 14}, shake=0.3)


@cache
def _pack(*features: str) -> Pack:
    """Our own pack as far as these features know it; read once, because reading it is what takes the time."""
    return open_pack(CHECKOUT / "content", kinds(features))


def load_content(app: Any, *features: str) -> None:
    """Bring techniques and targets into the database, or what these features have in the pack."""
    wanted = features or ("lms.techniques", "assessments.traces")
    opened, known = _pack(*wanted), kinds(wanted)
    with app.app_context():
        act_as(db.session, Actor.job("test content"))
        for kind in known[1:]:
            kind.load(opened, opened.files(kind.name))
        db.session.commit()


def taken(data: bytes, name: str = "run.csv") -> Taken:
    """A file as it was let in."""
    return Taken(name, data, Kind.TEXT, hashlib.sha256(data).hexdigest())


def file_of(who: Person) -> bytes:
    """What the manikin exports of somebody's run."""
    return csv_of(trace_of(who)).encode()


def hash_of(who: Person) -> str:
    """SHA-256 of that file."""
    return hashlib.sha256(file_of(who)).hexdigest()


def run_of(who: Person, code: str = "cpr-adult", days_ago: int = 0) -> Run:
    """A run to send, inside a session."""
    mine = sa.select(TraceTargetVersion).join(TraceTarget).where(TraceTarget.code == code)
    version = db.session.scalars(mine.order_by(TraceTargetVersion.version).limit(1)).one()
    return Run(taken(file_of(who)), version, ago(days_ago))
