"""The product with the promises about sheets broken on purpose, one at a time; only to show that the simulator notices.

Which promise is broken is said by the request, so that one server serves for all of them.
"""

import itertools
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Flask, request

from assessments.osce.models import CircuitStation, Sheet
from assessments.osce.queries import sheets as queries
from assessments.osce.rules import judging
from assessments.osce.services import marking
from lms import ids
from lms.app import create_app as honest
from lms.authz import Actor
from lms.db import db, transaction

HEADER = "X-Broken"


class _Undone(Exception):
    pass


def create_app() -> Flask:
    """The application; with the header it breaks the promise that the header names."""
    app = honest()
    submit, judge = marking.submit, judging.judge
    turn = itertools.count(1)

    def forgets(actor: Actor, station: CircuitStation, **handed: Any) -> marking.Outcome:
        """Every third sheet is acknowledged before it is committed, and then the commit fails."""
        try:
            with transaction(db.session):
                outcome = submit(actor, station, **handed)
                if next(turn) % 3 == 0:
                    raise _Undone
        except _Undone:
            pass
        return outcome

    def repeats(actor: Actor, station: CircuitStation, *, sheet: UUID, **handed: Any) -> marking.Outcome:
        """A sheet that comes a second time is another sheet."""
        if db.session.get(Sheet, sheet) is None:
            return submit(actor, station, sheet=sheet, **handed)
        stands = [one for one in queries.own(station, actor.person_id or 0) if one.candidate_id == handed["candidate"]]
        again = handed | {"supersedes": stands[0].id, "sent": handed["sent"] | {"reason": "again"}}
        submit(actor, station, sheet=ids.uuid7(), **again)
        return marking.Outcome(sheet)

    def hides(sheets: Sequence[judging.Handed], _settled: Any) -> judging.Judged:
        """Of sheets that differ the last one counts, and nobody is told."""
        return judge(sheets[-1:], {})

    def taking(actor: Actor, station: CircuitStation, **handed: Any) -> marking.Outcome:
        return {"forgets": forgets, "repeats": repeats}.get(request.headers.get(HEADER, ""), submit)(
            actor, station, **handed
        )

    def judging_so(sheets: Sequence[judging.Handed], settled: Any) -> judging.Judged:
        return (hides if request.headers.get(HEADER) == "hides" else judge)(sheets, settled)

    marking.submit = taking
    queries.judge = judging_so  # type: ignore[attr-defined]
    return app
