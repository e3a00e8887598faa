"""How often a version was asked. The bank does not know who asks: whoever does says so in its wiring."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import sqlalchemy as sa

from lms.db import Everything, db

#: Of these versions: (version id, papers, sittings, candidates who had it before them), one row each.
Asked = sa.Select[int, int, int, int]
_TELLERS: dict[str, Callable[[Collection[int]], Asked]] = {}


@dataclass(frozen=True)
class Exposure:
    """On how many papers a version stands, in how many exams, and how many candidates had it before them."""

    papers: int = 0
    exams: int = 0
    candidates: int = 0


def tell_exposure(name: str, teller: Callable[[Collection[int]], Asked]) -> None:
    """In wiring: who asks questions says here how often."""
    _TELLERS[name] = teller


def asked(version_ids: Collection[int]) -> dict[int, Exposure]:
    """How often these versions were asked, all who ask taken together, whoever held the exams."""
    found = dict.fromkeys(version_ids, Exposure())
    for teller in _TELLERS.values() if version_ids else ():
        for number, papers, exams, persons in db.session.execute(teller(version_ids), execution_options=Everything):
            was = found[number]
            found[number] = Exposure(was.papers + papers, was.exams + exams, was.candidates + persons)
    return found
