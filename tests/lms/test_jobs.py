"""Jobs: none is lost, none runs early, none runs twice."""

import signal
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from lms import ids, jobs, queueing
from lms.authz import Actor
from lms.db import Everything, act_as, db, transaction
from lms.errors import Conflict
from tests import databases
from tests.waiting import wait_until


@pytest.fixture
def own_app(built: Flask) -> Iterator[Flask]:
    """The app on committed rows: a job's progress is written on a connection of its own."""
    yield built
    with built.app_context():
        act_as(db.session, Actor.job("test"))
        db.session.execute(sa.delete(jobs.Job))
        db.session.commit()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    done: list[Any] = []

    def add(progress: jobs.Progress, number: int) -> dict[str, int]:
        progress(1, 2)
        done.append(number)
        if number < 0:
            raise Conflict("negative")
        return {"number": number}

    monkeypatch.setitem(jobs.WORK, "test.add", add)
    return done


def ask(app: Flask, number: int, key: str | None = None, fail: bool = False) -> UUID | None:
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        try:
            with transaction(db.session):
                made = jobs.request("test.add", key=key, number=number)
                if fail:
                    raise LookupError
        except LookupError:
            return None
        return made


def row(app: Flask, job_id: UUID) -> jobs.Job:
    with app.app_context():
        found = db.session.get_one(jobs.Job, job_id, execution_options=Everything)
        db.session.expunge(found)
        return found


def test_a_job_runs_after_the_commit_and_says_what_came_out(own_app: Flask, work: list[Any]) -> None:
    job_id = ask(own_app, 7)
    assert job_id is not None
    assert row(own_app, job_id).state == "queued"
    queueing.run_all_now(own_app)
    after = row(own_app, job_id)
    assert (after.state, after.outcome, after.percent) == ("done", {"number": 7}, 100)
    assert work == [7]


def test_a_job_asked_for_in_a_failed_verb_never_runs(own_app: Flask, work: list[Any]) -> None:
    assert ask(own_app, 7, fail=True) is None
    queueing.run_all_now(own_app)
    assert work == []


def test_the_same_key_is_the_same_job(own_app: Flask, work: list[Any]) -> None:
    assert ask(own_app, 7, key="once") == ask(own_app, 7, key="once")
    queueing.run_all_now(own_app)
    assert work == [7]


def test_a_refusal_is_kept_with_its_words(own_app: Flask, work: list[Any]) -> None:
    job_id = ask(own_app, -1)
    assert job_id is not None
    queueing.run_all_now(own_app)
    after = row(own_app, job_id)
    assert (after.state, after.outcome) == ("failed", {"reason": "negative"})
    queueing.run_all_now(own_app)
    assert work == [-1], "a failed job is not begun again by itself"


def test_a_job_that_another_worker_holds_is_left_alone(own_app: Flask, work: list[Any]) -> None:
    job_id = ask(own_app, 7)
    assert job_id is not None
    with own_app.app_context():
        engine = db.engine
        with engine.connect() as other:
            other.execute(sa.select(sa.func.pg_advisory_lock(job_id.int % (1 << 63))))
            assert jobs.run(engine, job_id) is False
            other.invalidate()  # the other worker dies, and its lock with it, as soon as the server notices
        wait_until(lambda: jobs.run(engine, job_id))


def test_work_nobody_registered_is_refused(own_app: Flask) -> None:
    with own_app.app_context(), pytest.raises(LookupError), transaction(db.session):
        jobs.request("nobody.knows")


def counts(engine: sa.Engine) -> dict[str, int]:
    with orm.Session(engine) as session:
        act_as(session, Actor.job("test"))
        query = sa.select(jobs.Job.state, sa.func.count()).where(jobs.Job.key.like("two-%")).group_by(jobs.Job.state)
        return dict(session.execute(query).all())


@pytest.mark.slow
def test_two_web_processes_and_two_workers_share_one_database(live: databases.Live) -> None:
    second = databases.free_port()
    live.web()
    live.web(second)
    first_worker, _second_worker = live.worker(), live.worker()
    rows = [{"id": ids.uuid7(), "name": "platform.sweep_limits", "key": f"two-{n}", "arguments": {}} for n in range(40)]
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        session.execute(sa.insert(jobs.Job), rows)
        session.commit()
    wait_until(lambda: counts(live.engine()).get("done", 0) > 0)
    live.kill(first_worker, signal.SIGKILL)
    wait_until(lambda: counts(live.engine()) == {"done": 40})
    databases.wait_for(f"http://127.0.0.1:{second}/healthz", live.processes[0])
