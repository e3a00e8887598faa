"""A clerk imports a roster: checked first, then all or nothing, and the second time nothing."""

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from lms.authz import Actor, Role
from lms.db import act_as, db
from lms.errors import Conflict, Invalid, NotAllowed, Refused
from lms.institutions.models import Institution
from lms.people.formats.plans import Line, unpack
from lms.people.formats.roster import KINDS
from lms.people.models import Person, Post, RoleGrant, RosterImport
from lms.people.queries import actor_for
from lms.people.queries.roster import identity_index
from lms.people.rules.planning import Plan
from lms.people.services import roster
from lms.people.services.register import deactivate
from lms.web.intake import Taken, take
from tests.conftest import As
from tests.factories.roster import HEADS, excel, people
from tests.factories.world import World

TOWNSHIP, CLINIC, NEIGHBOUR = "530302002", "530302003", "530303002"


def taken(data: bytes, name: str = "名册.xlsx") -> Taken:
    return take(io.BytesIO(data), name, kinds=KINDS, most=10 << 20)


Import = Callable[..., tuple[Plan, list[Line]]]


@pytest.fixture
def bring(app: Flask, world: World) -> Import:
    """Send, check and (if asked) apply as somebody; the plan and its lines."""

    def act(
        data: bytes, who: int | None = None, apply: bool = False, name: str = "名册.xlsx"
    ) -> tuple[Plan, list[Line]]:
        with app.app_context():
            actor = actor_for(who or world.a.manager)
            act_as(db.session, actor)
            sent = roster.send(actor, None, taken=taken(data, name))
            plan = roster.check(actor, sent)
            shown = unpack(sent.plan)
            if apply:
                roster.apply(actor, sent, plan_hash=plan.digest)
        return plan, shown

    return act


def count(session: orm.Session, model: Any) -> int:
    session.expire_all()
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


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


def test_five_thousand_people_are_imported_quickly(bring: Import) -> None:
    data = excel(people(5000, [TOWNSHIP, CLINIC]))
    begun = time.perf_counter()
    bring(data, apply=True)
    took = time.perf_counter() - begun
    print("took", took)
    assert took < 20
