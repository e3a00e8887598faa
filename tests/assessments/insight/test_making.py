"""Figures equal a plain recount at every level; readers never see half of a making."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.insight import services
from assessments.insight.models import InsightFigure, InsightRun
from assessments.insight.policy import Insight
from assessments.insight.queries import making, reading, sources
from assessments.insight.rules import Period, Window, window
from lms import clock, jobs
from lms.authz import Actor
from lms.db import act_as, db
from lms.errors import NotAllowed
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.queueing import run_all_now
from tests.assessments.insight.conftest import places, refresh
from tests.assessments.insight.recount import Recount
from tests.conftest import As
from tests.factories import past
from tests.factories.world import World


def kept(session: orm.Session, run: int, period: Period) -> dict[tuple[int, str, str, str], tuple[int, Decimal]]:
    rows = session.scalars(
        sa.select(InsightFigure).where(InsightFigure.run_id == run, InsightFigure.period == period)
    ).all()
    return {(row.institution_id, row.measure, row.category, row.key): (row.n, row.total) for row in rows}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_equals_a_plain_recount(app: Flask, session: orm.Session, world: World, seed: int) -> None:
    past.make(session, places(world), 40, seed)
    session.commit()
    made = session.get_one(InsightRun, refresh(app))
    recount = Recount(session)
    measures = set()
    for period in Period:
        span = window(period, clock.today())
        figures = kept(session, made.id, period)
        assert figures == recount.figures(span, made.windows[period]["target"])
        measures |= {measure for _, measure, _, _ in figures}
        assert {institution for institution, *_ in figures} >= {world.city, world.a.commission, world.b.clinic}
    assert len(measures) == 14, "the past was too poor to try every measure"


def test_the_database_agrees_on_when_a_course_was_completed(app: Flask, session: orm.Session, world: World) -> None:
    past.make(session, places(world), 40)
    session.flush()
    today = clock.today()
    before = today - timedelta(days=365)
    assert session.execute(sources._by_course(Window(today, today))).all()
    assert not session.execute(sources._by_course(Window(before, before))).all()


def test_making_again_changes_nothing_but_the_run(app: Flask, session: orm.Session, run: InsightRun) -> None:
    again = refresh(app)
    assert again > run.id
    for period in Period:
        assert kept(session, again, period) == kept(session, run.id, period)


def test_only_the_newest_run_and_the_one_before_it_are_kept(app: Flask, session: orm.Session, run: InsightRun) -> None:
    made = [refresh(app) for _ in range(3)]
    assert list(session.scalars(sa.select(InsightRun.id).order_by(InsightRun.id))) == made[-2:]
    left = session.scalars(sa.select(InsightFigure.run_id).distinct().order_by(InsightFigure.run_id)).all()
    assert left == made[-2:]


def test_a_making_that_fails_leaves_what_was_there(
    app: Flask, session: orm.Session, run: InsightRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(session, run.id, Period.THIS_YEAR)

    def fail(keep: int) -> list[sa.Delete]:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(making, "forget", fail)
    with pytest.raises(RuntimeError):
        refresh(app)
    session.expire_all()
    assert list(session.scalars(sa.select(InsightRun.id))) == [run.id]
    assert kept(session, run.id, Period.THIS_YEAR) == before


def test_a_page_that_has_begun_finishes_with_the_run_it_began_with(
    app: Flask, session: orm.Session, run: InsightRun, world: World
) -> None:
    """The makings go on between a page's statements; what it asks of its own run is whole."""
    city = [world.city]
    with app.app_context():
        act_as(db.session, Actor.job("reader"))
        begun = reading.newest_run()
        assert begun is not None
        first = reading.figures(begun, Period.THIS_YEAR, "", city)
    session.execute(sa.update(Person).values(active=False))
    session.commit()
    newer = refresh(app)
    with app.app_context():
        act_as(db.session, Actor.job("reader"))
        assert first[world.city].cells
        assert reading.figures(begun, Period.THIS_YEAR, "", city) == first
    assert kept(session, newer, Period.THIS_YEAR) == {}


def test_the_half_made_is_not_seen(live_figures: sa.Engine) -> None:
    """In a database of its own: while one connection makes figures, another reads the old ones only."""
    newest = sa.text("SELECT max(id) FROM insight_run")
    count = sa.text("SELECT count(*) FROM insight_figure")
    with live_figures.connect() as writer, live_figures.connect() as reader:
        before = (reader.scalar(newest), reader.scalar(count))
        writer.execute(sa.text("INSERT INTO insight_run (on_day, windows) VALUES (current_date, '{}')"))
        target = making.write_figures(Period.THIS_YEAR, window(Period.THIS_YEAR, clock.today()), 2400, _last(writer))
        writer.execute(target)
        assert (reader.scalar(newest), reader.scalar(count)) == before
        writer.commit()
        assert reader.scalar(count) > before[1]


def _last(connection: sa.Connection) -> int:
    return int(connection.scalar(sa.text("SELECT max(id) FROM insight_run")) or 0)


def test_asking_twice_is_one_making(app: Flask, session: orm.Session, as_: As, world: World) -> None:
    made = []
    for who in (world.a.manager, world.b.exam_officer):
        with as_(who) as actor:
            at = db.session.scalars(sa.select(Institution).where(Institution.id == _county(world, who))).one()
            made.append(services.request_refresh(actor, at))
    assert made[0] == made[1]
    session.execute(sa.update(jobs.Job).where(jobs.Job.id == made[0]).values(state="done"))
    session.commit()
    with as_(world.a.manager) as actor:
        again = services.request_refresh(actor, db.session.get_one(Institution, world.a.commission))
    assert again != made[0]


def _county(world: World, who: int) -> int:
    return world.a.commission if who in world.a.people.values() else world.b.commission


@pytest.mark.parametrize("name", ["doctor", "examiner", "editor", "auditor", "administrator"])
def test_others_cannot_have_figures_made(as_: As, world: World, name: str) -> None:
    with as_(world.a.people[name]) as actor, pytest.raises(NotAllowed):
        services.request_refresh(actor, db.session.get(Institution, world.a.commission))


def test_the_job_says_how_far_it_is_and_makes_the_figures(own_app: Flask) -> None:
    with own_app.app_context():
        act_as(db.session, Actor.job("test", Insight.REFRESH))
        job_id = services.request_refresh(db.actor, db.session.scalars(sa.select(Institution)).first())
    run_all_now(own_app)
    with own_app.app_context():
        act_as(db.session, Actor.job("test"))
        job = db.session.get_one(jobs.Job, job_id)
        assert (job.state, job.done, job.total) == ("done", 3, 3)
        run = reading.newest_run()
        assert run is not None
        assert job.outcome == {"run": run.id}


def test_figures_are_made_every_night(app: Flask) -> None:
    due = jobs.PERIODIC[reading.REFRESH].due
    night = clock.now().replace(hour=19, minute=30)
    assert due(night.replace(tzinfo=None))
    assert not due(night.replace(hour=7, tzinfo=None))


def test_the_fence_is_around_figures_too(as_: As, world: World, run: InsightRun) -> None:
    with as_(world.a.manager):
        seen = set(db.session.scalars(sa.select(InsightFigure.institution_id).distinct()))
    county = world.a
    assert seen == {county.commission, county.hospital, county.township, county.clinic}
    with as_(world.a.doctor):
        assert db.session.scalars(sa.select(InsightFigure)).all() == []


def test_a_job_may_do_nothing_else(app: Flask) -> None:
    with app.app_context():
        actor = Actor.job("make figures", Insight.REFRESH)
        assert not actor.may(Insight.READ)
