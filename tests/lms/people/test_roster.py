"""A clerk imports a roster: checked first, then all or nothing, and the second time nothing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from lms import clock
from lms.authz import Role
from lms.db import act_as, db
from lms.errors import Conflict, NotAllowed
from lms.people import jobs as jobs_of_people
from lms.people.formats.plans import unpack
from lms.people.models import Person, Post, RoleGrant, RosterImport
from lms.people.queries import actor_for
from lms.people.queries.roster import identity_index
from lms.people.services import roster
from tests.factories.roster import excel, people
from tests.factories.world import World
from tests.lms.people.rosters import CLINIC, NUMBER, ROW, TOWNSHIP, Import, count, taken


def test_a_dry_run_changes_nothing_and_says_what_would(bring: Import, session: orm.Session) -> None:
    before = count(session, Person)
    plan, shown = bring(excel(people(5, [TOWNSHIP, CLINIC])))
    assert plan.counts == {"created": 5, "changed": 0, "unchanged": 0, "refused": 0}
    assert [line.outcome for line in shown] == ["created"] * 5
    assert count(session, Person) == before


def test_applied_and_again_nothing_changes(bring: Import, session: orm.Session, world: World) -> None:
    data = excel(rows := people(6, [TOWNSHIP]))
    bring(data, apply=True)
    found = session.scalars(sa.select(Person).where(Person.identity_hash == identity_index(str(rows[0][1])))).one()
    assert (found.name, found.identity_number, found.institution_id) == (rows[0][0], rows[0][1], world.a.township)
    assert found.password_hash is None
    post = session.scalars(sa.select(Post).where(Post.person_id == found.id)).one()
    assert str(post.begins_on) == rows[0][8]
    roles = session.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == found.id)).all()
    assert [one.role for one in roles] in ([], [Role.DOCTOR])
    before = {model: count(session, model) for model in (Person, Post, RoleGrant)}
    plan, _shown = bring(data, apply=True)
    assert plan.counts == {"created": 0, "changed": 0, "unchanged": 6, "refused": 0}
    assert {model: count(session, model) for model in before} == before


def test_what_changes_is_shown_with_both_values_and_secrets_masked(bring: Import, session: orm.Session) -> None:
    rows = people(2, [TOWNSHIP])
    rows[0][4], rows[0][6] = "", "13900000001"
    bring(excel(rows), apply=True)
    rows[0][4], rows[0][6] = "院长", "13900000002"
    rows[1][6] = ""
    plan, shown = bring(excel(rows), apply=True)
    assert plan.counts["changed"] == 1
    assert plan.counts["unchanged"] == 1
    assert shown[0].changes == [("title", "", "院长"), ("phone", "139****0001", "139****0002")]
    found = session.scalars(sa.select(Person).where(Person.identity_hash == identity_index(str(rows[0][1])))).one()
    assert found.phone == "13900000002"
    assert found.posts[0].title == "院长"


def test_one_refused_row_refuses_all(bring: Import, session: orm.Session) -> None:
    rows = people(3, [TOWNSHIP])
    rows[1][2] = "牙医"
    before = count(session, Person)
    plan, _shown = bring(excel(rows))
    assert plan.counts["refused"] == 1
    with pytest.raises(Conflict):
        bring(excel(rows), apply=True)
    assert count(session, Person) == before


def test_five_thousand_people_are_imported_in_few_statements(bring: Import, queries: list[str]) -> None:
    data = excel(people(5000, [TOWNSHIP, CLINIC]))
    bring(data, apply=True)
    assert len(queries) < 120


def test_only_keepers_import(app: Flask, world: World) -> None:
    for who in (world.a.doctor, world.a.exam_officer, world.a.auditor):
        with app.app_context():
            actor = actor_for(who)
            act_as(db.session, actor)
            with pytest.raises(NotAllowed):
                roster.send(actor, None, taken=taken(excel([list(ROW)])))


def test_a_directory_that_changed_since_the_check_is_a_conflict(app: Flask, world: World, session: orm.Session) -> None:
    with app.app_context():
        actor = actor_for(world.a.manager)
        act_as(db.session, actor)
        sent = roster.send(actor, None, taken=taken(excel([list(ROW)])))
        roster.check(actor, sent)
        with pytest.raises(Conflict):
            roster.request_import(actor, sent, sha256="0" * 64, plan_hash=sent.plan_hash or "")
        twin = Person(
            account="twin",
            name="他人",
            category="nurse",
            institution_id=world.a.clinic,
            identity_number=NUMBER,
            identity_hash=identity_index(NUMBER),
        )
        session.add(twin)
        session.commit()
        with pytest.raises(Conflict):
            roster.apply(actor, sent, plan_hash=sent.plan_hash or "")
    assert session.scalars(sa.select(RosterImport.state)).one() == "checked"


def test_what_is_kept_is_sealed_and_gone_after_a_day(app: Flask, bring: Import, session: orm.Session) -> None:
    bring(excel([list(ROW)]))
    kept = session.scalars(sa.select(RosterImport)).one()
    assert kept.content is not None
    assert kept.plan is not None
    for blob in (kept.content, kept.plan):
        assert NUMBER.encode() not in blob
        assert blob[:2] != b"PK"
    assert NUMBER not in str([(line.name, line.identity, line.changes) for line in unpack(kept.plan)])
    kept.expires_at = clock.now() - timedelta(minutes=1)
    session.commit()
    with app.app_context():
        jobs_of_people.expire_rosters(None)  # type: ignore[arg-type]
    session.expire_all()
    assert (kept.content, kept.plan, kept.state) == (None, None, "expired")


def test_numbers_are_in_no_log_and_no_audit_word(
    bring: Import, session: orm.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(excel([list(ROW)]), apply=True)
    written = capsys.readouterr()
    assert NUMBER not in written.out + written.err
    for table in ("audit_event", "job", "outbox_event", "person", "roster_import"):
        rows = session.execute(sa.text(f"SELECT t::text FROM {table} t")).scalars().all()
        assert not [row for row in rows if NUMBER in row], table
