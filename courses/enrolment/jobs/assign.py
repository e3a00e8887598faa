"""Background work: give curricula by rule, and take people over to a new version, some thousands at a time."""

from collections.abc import Callable, Sequence
from typing import Any

from courses.curricula.models import CurriculumPublication
from courses.curricula.policy import Curricula
from courses.enrolment.models.assign import VersionPreview
from courses.enrolment.queries import assign as queries
from courses.enrolment.services import assigning as services
from courses.enrolment.services import previewing
from courses.enrolment.services.assigning import FOLLOW, GIVE, Settled
from lms import jobs
from lms.authz import Actor
from lms.db import act_as, db

Progress = Callable[[int, int], None]
ACTOR = Actor.job("enrolment.assign", Curricula.ASSIGN)
#: People settled in one transaction: few enough that the progress bar moves and nobody waits long.
AT_ONCE = 5_000


def give(progress: Progress) -> dict[str, Any]:
    """Apply the rules to everybody; again it changes nothing."""
    act_as(db.session, ACTOR)
    return _settled(queries.learners(), progress)


def follow(progress: Progress, *, institution_id: int) -> dict[str, Any]:
    """Apply the rules to everybody at or below a place that stands elsewhere now; again it changes nothing."""
    act_as(db.session, ACTOR)
    return _settled(queries.learners(institution_id), progress)


def _settled(people: Sequence[int], progress: Progress) -> dict[str, Any]:
    made = Settled()
    for done, some in _lots(people):
        made += services.settle(ACTOR, None, person_ids=some)
        db.session.expunge_all()
        progress(done, len(people))
    return {"people": len(people), "given": made.given, "ruled": made.ruled, "ended": made.ended}


def move(progress: Progress, *, publication_id: int) -> dict[str, Any]:
    """Take people over to a version; whoever was taken over in an earlier try is not asked again."""
    act_as(db.session, ACTOR)
    publication = db.session.get_one(CurriculumPublication, publication_id)
    waiting = queries.under_way(publication.curriculum_id, publication.version_id)
    moved = exceptions = 0
    for done, some in _lots(waiting):
        went, stayed = services.move(
            ACTOR, db.session.get_one(CurriculumPublication, publication_id), assignment_ids=some
        )
        moved, exceptions = moved + went, exceptions + stayed
        db.session.expunge_all()
        progress(done, len(waiting))
    return {"under_way": len(waiting), "moved": moved, "exceptions": exceptions}


def preview(progress: Progress, *, preview_id: int) -> dict[str, Any]:
    """Count what putting a version to use would come to; begun anew, it counts anew."""
    act_as(db.session, ACTOR)
    made = previewing.count_preview(ACTOR, db.session.get_one(VersionPreview, preview_id), progress=progress)
    return {"people": made.people, "exceptions": made.excepted}


def people_changed(event: dict[str, Any]) -> None:
    """Hear that people came, moved or were changed: what they are to learn and until when follows their post."""
    act_as(db.session, ACTOR)
    services.settle(ACTOR, None, person_ids=event["person_ids"])


def place_moved(event: dict[str, Any]) -> None:
    """Hear that an institution stands elsewhere: rules for places fit others now, in the background."""
    act_as(db.session, ACTOR)
    jobs.request(FOLLOW, institution_id=event["institution_id"])


def content_loaded(_event: dict[str, Any]) -> None:
    """Hear that a pack brought something: its curricula and rules are for people who are there already."""
    act_as(db.session, ACTOR)
    jobs.request(GIVE)


def _lots(ids: Sequence[int]) -> list[tuple[int, Sequence[int]]]:
    """The ids in lots, each with how many there are up to its end."""
    return [(min(first + AT_ONCE, len(ids)), ids[first : first + AT_ONCE]) for first in range(0, len(ids), AT_ONCE)]
