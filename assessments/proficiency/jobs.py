"""Background work: one person after a result, everybody after a history was brought in, the overtaken at night."""

from collections.abc import Sequence
from typing import Any

from assessments.proficiency import queries, services
from assessments.proficiency.policy import Proficiency
from lms import clock, jobs
from lms.authz import Actor
from lms.db import act_as, db
from lms.institutions.models import Institution

ACTOR = Actor.job("proficiency", Proficiency.CONCLUDE)
PLACE = "proficiency.refresh_place"
OVERTAKEN = "proficiency.refresh_overtaken"
AT_ONCE = 200


def result_recorded(event: dict[str, Any]) -> None:
    """A result came in or was corrected: conclude about that person."""
    act_as(db.session, ACTOR)
    services.refresh(ACTOR, None, persons=[event["person_id"]])


def results_recorded(event: dict[str, Any]) -> None:
    """Many marks came in at once: conclude about all of their persons."""
    act_as(db.session, ACTOR)
    services.refresh(ACTOR, None, persons=event["person_ids"])


def history_brought_in(event: dict[str, Any]) -> None:
    """Many results came in at once: conclude about everybody there, in the background."""
    act_as(db.session, ACTOR)
    jobs.request(PLACE, institution_id=event["institution_id"])


def refresh_place(progress: jobs.Progress, *, institution_id: int) -> dict[str, Any]:
    """Conclude about everybody at or below an institution."""
    act_as(db.session, ACTOR)
    place = db.session.get_one(Institution, institution_id)
    return _refresh(progress, db.session.scalars(queries.with_evidence(place.path)).all())


def refresh_overtaken(progress: jobs.Progress, **_: Any) -> dict[str, Any]:
    """Proofs end by themselves; where one has ended that hid another, say what still stands."""
    act_as(db.session, ACTOR)
    return _refresh(progress, db.session.scalars(queries.overtaken(clock.today())).all())


def _refresh(progress: jobs.Progress, persons: Sequence[int]) -> dict[str, Any]:
    changed = 0
    for done, some in enumerate(_batches(persons)):
        progress(done * AT_ONCE, len(persons))
        changed += services.refresh(ACTOR, None, persons=some)
    return {"persons": len(persons), "changed": changed}


def _batches(persons: Sequence[int]) -> list[Sequence[int]]:
    return [persons[at : at + AT_ONCE] for at in range(0, len(persons), AT_ONCE)]
