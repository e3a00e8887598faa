"""What putting a version to use would come to, counted in the background before an editor decides."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from courses.curricula.models import Curriculum, CurriculumVersion
from courses.curricula.policy import Curricula
from courses.enrolment.models.assign import PreviewException, VersionPreview
from courses.enrolment.queries import assign as queries
from courses.enrolment.queries import listing
from courses.enrolment.queries.assign import Fate
from courses.enrolment.rules.moving import Counted
from lms import clock, jobs
from lms.authz import Actor
from lms.db import Everything, db
from lms.service import service, tell

PREVIEW = "enrolment.preview_version"
#: People looked at in one statement: enough that it is not begun too often, few enough that the bar moves.
AT_ONCE = 25_000
_ROWS = 1_000
Progress = Callable[[int, int], None]


@service(needs=Curricula.EDIT)
def request_preview(actor: Actor, version: CurriculumVersion) -> VersionPreview:
    """Have counted whom a version would move; the count that is under way, where there is one."""
    db.session.execute(sa.select(Curriculum.id).where(Curriculum.id == version.curriculum_id).with_for_update())
    last = listing.preview_of(version.id)
    if last is not None and listing.is_under_way(jobs.asked_for(listing.preview_key(last.id))):
        return last
    db.session.execute(sa.delete(VersionPreview).where(VersionPreview.version_id == version.id))
    made = VersionPreview(version_id=version.id, by_id=actor.person_id)
    db.session.add(made)
    db.session.flush()
    jobs.request(PREVIEW, by=actor.person_id, key=listing.preview_key(made.id), preview_id=made.id)
    tell(curriculum=version.curriculum.code, version=version.number)
    return made


@service(needs=Curricula.ASSIGN)
def count_preview(actor: Actor, preview: VersionPreview, *, progress: Progress) -> VersionPreview:
    """Look at everybody who follows another version, and write down whom this one could not serve; safe to repeat."""
    today = clock.today()
    db.session.execute(
        sa.delete(PreviewException).where(PreviewException.preview_id == preview.id), execution_options=Everything
    )
    waiting = queries.under_way(preview.version.curriculum_id, preview.version_id)
    counted = Counted()
    for first in range(0, len(waiting), AT_ONCE):
        found = queries.fates(waiting[first : first + AT_ONCE], preview.version_id, today)
        counted += Counted(
            len(found),
            sum(one.begun for one in found),
            sum(one.excepted for one in found),
            sum(one.begun and one.excepted for one in found),
        )
        _keep(preview.id, [one for one in found if one.excepted])
        progress(min(first + AT_ONCE, len(waiting)), len(waiting))
    preview.people, preview.begun = counted.people, counted.begun
    preview.excepted, preview.begun_excepted = counted.excepted, counted.begun_excepted
    preview.on_day, preview.done_at = today, clock.now()
    tell(people=counted.people, exceptions=counted.excepted)
    return preview


def _keep(preview_id: int, found: Sequence[Fate]) -> None:
    """Rows hold arrays, which one statement over arrays cannot carry: some at a time."""
    homes = queries.homes_of([one.assignment_id for one in found])
    table: Any = PreviewException.__table__
    for first in range(0, len(found), _ROWS):
        rows = [
            {
                "preview_id": preview_id,
                "person_id": one.person_id,
                "institution_id": homes[one.assignment_id],
                "reopened": list(one.reopened),
                "past_due": list(one.past_due),
            }
            for one in found[first : first + _ROWS]
        ]
        db.session.execute(sa.insert(table).values(rows), execution_options=Everything)
