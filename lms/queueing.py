"""The bridge between what was committed and who carries it out: outbox and jobs meet the queue here."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog
from flask import Flask
from huey import Huey

from config import Settings
from lms import clock, events, jobs
from lms.authz import Actor
from lms.db import act_as, db, transaction
from lms.web import limits

log = structlog.get_logger("queue")


def install(app: Flask, settings: Settings) -> None:
    """Give the app its queue, and let commits wake it."""
    huey = jobs.queue(settings.queue_url or settings.database_url)
    wake_job = huey.task(name="run_job")(lambda number: _in_context(app, lambda: jobs.run(db.engine, UUID(number))))
    wake_event = huey.task(name="tell")(lambda number: tell_everyone(app, UUID(number)))
    huey.periodic_task(lambda _: True, name="sweep")(lambda: sweep(app))
    app.extensions["queue"] = huey
    jobs.register("platform.sweep_limits", _sweep_limits, every=jobs.hourly(7))
    jobs.NUDGE[:] = [lambda job_id: _softly(huey, lambda: wake_job(str(job_id)))]
    events.NUDGE[:] = [lambda event_id: _softly(huey, lambda: wake_event(str(event_id)))]


def _sweep_limits(_progress: jobs.Progress) -> dict[str, int]:
    return {"dropped": limits.sweep()}


def _softly(huey: Huey, enqueue: Callable[[], object]) -> None:
    """What was committed stands even if the queue is away: the sweep will find it."""
    try:
        enqueue()
    except Exception as wrong:
        huey.storage.close()
        log.warning("queue away", error=type(wrong).__name__)


def _in_context(app: Flask, act: Callable[[], object]) -> None:
    with app.app_context():
        act()


def tell_everyone(app: Flask, event_id: UUID) -> int:
    """Deliver one event to each subscriber that has not heard it; how many heard now."""
    with app.app_context():
        names = events.subscribers_of(event_id)
    return sum(_tell_one(app, event_id, name) for name in names)


def _tell_one(app: Flask, event_id: UUID, name: str) -> bool:
    with app.app_context():
        try:
            return events.deliver(event_id, name)
        except Exception:
            log.exception("subscriber failed", subscriber=name, told=str(event_id))
            return False


def sweep(app: Flask) -> tuple[int, int]:
    """Once a minute: begin what is due, wake what a crash left lying; counts of events and jobs done."""
    _begin_periodic(app, clock.now())
    with app.app_context():
        waiting, undone = events.undelivered(), jobs.unfinished()
    told = sum(tell_everyone(app, event_id) for event_id in waiting)
    ran = 0
    for job_id in undone:
        with app.app_context():
            ran += jobs.run(db.engine, job_id)
    return told, ran


def _begin_periodic(app: Flask, moment: datetime) -> None:
    """One job per name and minute, however many workers look at the clock."""
    minute = moment.astimezone(UTC).replace(second=0, microsecond=0)
    for periodic in jobs.PERIODIC.values():
        if periodic.due(minute.replace(tzinfo=None)):
            with app.app_context():
                act_as(db.session, Actor.job("clock"))
                with transaction(db.session):
                    jobs.request(periodic.name, key=f"{periodic.name}@{minute:%Y-%m-%dT%H:%M}")


def run_all_now(app: Flask, rounds: int = 20) -> None:
    """Carry out everything that waits, here and now (tests, demo): the same way a worker does."""
    for _ in range(rounds):
        if sweep(app) == (0, 0):
            return
