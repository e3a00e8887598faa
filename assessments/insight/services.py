"""Having the figures made anew."""

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa

from assessments.insight.models import InsightRun
from assessments.insight.policy import Insight
from assessments.insight.queries import making, reading
from assessments.insight.rules import Period, window
from courses.hours.queries import target
from lms import clock, jobs
from lms.authz import Actor
from lms.db import db
from lms.institutions.models import Institution
from lms.service import service, tell

#: The run that pages show, and the one before it, which a page may be in the middle of.
KEPT = 2
Progress = Callable[[int, int], object]


def _one_at_a_time(name: str) -> None:
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"insight.{name}", 0))
    db.session.execute(sa.select(lock))


@service(needs=Insight.REFRESH)
def request_refresh(actor: Actor, on: Institution) -> UUID:
    """Ask for all figures to be made anew; while that is under way already, it is the one asked for."""
    _one_at_a_time("request")
    under_way = reading.refreshing()
    return under_way.id if under_way is not None else jobs.request(reading.REFRESH, by=actor.person_id)


@service(needs=Insight.REFRESH)
def refresh(actor: Actor, on: None, *, progress: Progress) -> InsightRun:
    """Make all figures of all institutions anew; readers see the old ones until all new ones are there."""
    _one_at_a_time("refresh")
    today = clock.today()
    spans = {period: window(period, today) for period in Period}
    # As a person's own statement asks: the target of a calendar year is the one in force at its end.
    ends = {Period.THIS_YEAR: today.replace(month=12, day=31)}
    targets = {period: target(ends.get(period, span.ends)) for period, span in spans.items()}
    windows = {
        period.value: {
            "from": span.begins.isoformat(),
            "until": span.ends.isoformat(),
            "target": targets[period],
        }
        for period, span in spans.items()
    }
    run = InsightRun(on_day=today, windows=windows)
    db.session.add(run)
    db.session.flush()
    for done, (period, span) in enumerate(spans.items(), 1):
        db.session.execute(making.write_figures(period, span, targets[period], run.id))
        progress(done, len(spans))
    for statement in making.forget(KEPT):
        db.session.execute(statement, execution_options={"synchronize_session": False})
    tell(run=run.id)
    return run
