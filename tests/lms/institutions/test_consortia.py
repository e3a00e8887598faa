"""Consortia: formed, joined, left; one at a time."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.institutions.models import Consortium, ConsortiumMember, Institution
from lms.institutions.queries.consortia import members
from lms.institutions.services.consortia import dissolve, form, join, leave
from tests.conftest import As
from tests.factories.world import World
from tests.pages import Page

DAY, LATER = date(2026, 3, 1), date(2026, 9, 1)


def get(id: int) -> Institution:
    return db.session.get_one(Institution, id)


def of_a() -> Consortium:
    return db.session.scalars(sa.select(Consortium).where(Consortium.name.startswith("示例"))).one()


def test_formed_with_its_leader_as_first_member(as_: As, world: World) -> None:
    with as_(world.b.manager) as actor:
        made = form(actor, get(world.b.hospital), name="乙县医共体（演示）", begins_on=DAY)
        assert [one.institution_id for one in members(made)] == [world.b.hospital]
        with pytest.raises(Conflict):
            form(actor, get(world.b.township), name="乙县医共体（演示）", begins_on=DAY)
    with as_(world.b.manager) as actor, pytest.raises(NotAllowed):
        form(actor, get(world.a.hospital), name="别人的", begins_on=DAY)


def test_one_consortium_at_a_time(as_: As, world: World, session: orm.Session) -> None:
    with as_(world.people["manager"]) as actor:
        other = form(actor, get(world.b.hospital), name="乙县医共体（演示）", begins_on=DAY)
        with pytest.raises(Conflict) as refused:
            join(actor, other, institution=get(world.a.township), begins_on=LATER)
        assert "示例医共体（演示）" in str(refused.value)
        (own,) = [one for one in members(of_a()) if one.institution_id == world.a.township]
        leave(actor, of_a(), member=own, ends_on=LATER)
        join(actor, other, institution=get(world.a.township), begins_on=LATER)
        with pytest.raises(Conflict):
            leave(actor, of_a(), member=own, ends_on=LATER)
    kept = session.scalars(
        sa.select(ConsortiumMember.ends_on)
        .where(ConsortiumMember.institution_id == world.a.township)
        .order_by(ConsortiumMember.begins_on)
    )
    assert list(kept) == [LATER, None]


def test_what_makes_no_sense_is_refused(as_: As, world: World) -> None:
    with as_(world.people["manager"]) as actor:
        other = form(actor, get(world.b.hospital), name="乙县医共体（演示）", begins_on=DAY)
        with pytest.raises(Invalid):
            join(actor, other, institution=get(world.b.township), begins_on=date(2020, 1, 1))
        (leader,) = members(other)
        with pytest.raises(Conflict):
            leave(actor, other, member=leader, ends_on=LATER)
        member = join(actor, other, institution=get(world.b.township), begins_on=DAY)
        with pytest.raises(Invalid):
            leave(actor, other, member=member, ends_on=DAY)
        dissolve(actor, other, ends_on=LATER, reason="重组")
        assert {one.ends_on for one in members(other)} == {LATER}
        with pytest.raises(Conflict):
            dissolve(actor, other, ends_on=LATER, reason="重组")


def test_who_may_not(as_: As, world: World) -> None:
    with as_(world.a.manager) as actor, pytest.raises(NotAllowed):
        join(actor, of_a(), institution=get(world.b.township), begins_on=DAY)
    with as_(world.b.manager) as actor, pytest.raises(NotAllowed):
        join(actor, of_a(), institution=get(world.b.township), begins_on=DAY)


def test_the_pages(page: Page, world: World, session: orm.Session) -> None:
    assert "示例医共体（演示）" in page.get("/consortia", world.a.manager).text
    assert "示例医共体（演示）" not in page.get("/consortia", world.b.manager, language="en").text
    page.get("/consortia?export=csv", world.a.manager)
    found = session.scalars(sa.select(Consortium)).one()
    page.get(f"/consortia/{found.id}", world.a.manager)
    page.get(f"/consortia/{found.id}", world.a.exam_officer, language="en")
    page.get(f"/consortia/{found.id}", world.b.manager, expect=404)
    page.get("/consortia/new", world.a.manager)
    page.get("/consortia/new", world.a.auditor, expect=403)


def test_the_forms(page: Page, world: World, session: orm.Session) -> None:
    page.post("/consortia/new", world.b.manager, expect=303, name="乙县医共体", leader=world.b.hospital, begins_on=DAY)
    page.post("/consortia/new", world.b.manager, expect=422, name="乙县医共体", leader=world.a.hospital, begins_on=DAY)
    page.post("/consortia/new", world.b.manager, expect=422, name="乙县医共体", leader=world.b.hospital, begins_on=DAY)
    made = session.scalars(sa.select(Consortium).where(Consortium.name == "乙县医共体")).one()
    at = f"/consortia/{made.id}"
    given = {"join-institution": world.b.township, "join-begins_on": DAY}
    page.post(f"{at}/join", world.b.manager, expect=303, **given)
    page.post(f"{at}/join", world.b.manager, expect=409, **given)
    page.post(f"{at}/join", world.a.manager, expect=404, **given)
    member = session.scalars(
        sa.select(ConsortiumMember).where(ConsortiumMember.institution_id == world.b.township)
    ).one()
    ends = {f"leave{member.id}-ends_on": LATER}
    page.post(f"{at}/leave/{member.id}", world.b.manager, expect=422, **{f"leave{member.id}-ends_on": "then"})
    page.post(f"{at}/leave/{member.id}", world.b.manager, expect=303, **ends)
    page.post(f"{at}/leave/{member.id}", world.b.manager, expect=409, **ends)
    page.post(f"{at}/dissolve", world.b.manager, expect=422)
    page.post(f"{at}/dissolve", world.b.manager, expect=303, **{"dissolve-ends_on": LATER, "dissolve-reason": "重组"})
    page.get(at, world.b.manager)
