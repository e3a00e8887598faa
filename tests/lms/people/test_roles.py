"""Giving and ending roles: by whom, over what, never to oneself, and never two that exclude each other."""

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import orm

from lms import clock
from lms.authz import DISJOINT, Actor, Grant, Role
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.institutions.models import Institution
from lms.people.models import Person, RoleGrant, SignIn
from lms.people.queries import actor_for
from lms.people.rules import granting
from lms.people.rules.sessions import Ended
from lms.people.services import roles
from tests.conftest import As
from tests.factories.world import World
from tests.lms.people.conftest import Browser
from tests.pages import Page

Give = Callable[[int], str]
WORK = {Role.DOCTOR, Role.MENTOR, Role.COURSE_EDITOR}


Office = tuple[Browser, Page]


@pytest.fixture
def office(browser: Browser, page: Page) -> Office:
    """Somebody at a browser, and pages as others see them."""
    return browser, page


def nobody_acts(page: Page) -> None:
    """From here on the real sign-in says who asks."""
    page._app.extensions["acting"] = None


def held(session: orm.Session, person_id: int) -> set[str]:
    today = clock.today()
    over = sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > today)
    return set(session.scalars(sa.select(RoleGrant.role).where(RoleGrant.person_id == person_id, over)))


def test_a_manager_gives_a_role_of_work(page: Page, world: World, session: orm.Session) -> None:
    address = f"/people/{world.a.doctor}/roles"
    page.post(address, world.a.manager, expect=303, role="mentor", over=world.a.township)
    assert held(session, world.a.doctor) == {"doctor", "mentor"}
    grant = session.scalars(
        sa.select(RoleGrant).where(RoleGrant.role == "mentor", RoleGrant.person_id == world.a.doctor)
    )
    assert grant.one().granted_by_id == world.a.manager


@pytest.mark.parametrize("role", sorted(set(Role) - WORK))
def test_but_no_office(page: Page, as_: As, world: World, session: orm.Session, role: Role) -> None:
    shown = page.post(
        f"/people/{world.a.doctor}/roles", world.a.manager, expect=422, role=role.value, over=world.a.township
    )
    assert role.value not in {option["value"] for option in shown.select("select[name=role] option")}
    with as_(world.a.manager) as manager:
        person, place = db.session.get_one(Person, world.a.doctor), db.session.get_one(Institution, world.a.township)
        with pytest.raises(NotAllowed):
            roles.grant_role(manager, person, role=role, over=place)
    assert held(session, world.a.doctor) == {"doctor"}


def test_an_administrator_gives_offices_and_no_work(page: Page, world: World, session: orm.Session) -> None:
    address = f"/people/{world.a.examiner}/roles"
    page.post(address, world.a.administrator, expect=303, role="exam_officer", over=world.a.hospital)
    page.post(address, world.a.administrator, expect=422, role="doctor", over=world.a.hospital)
    assert held(session, world.a.examiner) == {"mentor", "exam_officer"}


def test_nobody_gives_above_their_own_place(page: Page, as_: As, world: World) -> None:
    address = f"/people/{world.a.manager}/roles"
    page.post(address, world.a.administrator, expect=422, role="exam_officer", over=world.city)
    with as_(world.a.administrator) as administrator:
        person, city = db.session.get_one(Person, world.a.manager), db.session.get_one(Institution, world.city)
        with pytest.raises(NotAllowed):
            roles.grant_role(administrator, person, role=Role.EXAM_OFFICER, over=city)


def test_the_next_county_is_not_there(page: Page, world: World, session: orm.Session) -> None:
    for who in (world.b.manager, world.b.administrator, world.b.auditor, world.a.doctor, world.a.second_doctor):
        if who == world.a.doctor:
            continue
        page.get(f"/people/{world.a.doctor}/access", who, expect=404)
        page.post(f"/people/{world.a.doctor}/roles", who, expect=404, role="mentor", over=world.a.township)
    grant = session.scalars(sa.select(RoleGrant.id).where(RoleGrant.person_id == world.a.doctor)).one()
    page.post(f"/people/roles/{grant}/end", world.b.manager, expect=404, reason="x")
    page.post(f"/people/roles/{grant}/end", world.a.exam_officer, expect=403, reason="x")
    page.post(f"/people/roles/{grant}/end", world.a.doctor, expect=403, reason="x")
    assert held(session, world.a.doctor) == {"doctor"}


def test_who_reads_gives_nothing(page: Page, world: World) -> None:
    shown = page.get(f"/people/{world.a.doctor}/access", world.a.auditor)
    assert shown.select("form[action*='/roles'], form[action*='/password'], form[action*='/sign-ins']") == []
    page.post(f"/people/{world.a.doctor}/roles", world.a.auditor, expect=403, role="mentor", over=world.a.township)


def test_nobody_gives_themselves_a_role_or_takes_one(page: Page, as_: As, world: World, session: orm.Session) -> None:
    page.post(f"/people/{world.a.manager}/roles", world.a.manager, expect=404, role="mentor", over=world.a.commission)
    with as_(world.a.manager) as manager:
        me, place = db.session.get_one(Person, world.a.manager), db.session.get_one(Institution, world.a.commission)
        with pytest.raises(NotAllowed):
            roles.grant_role(manager, me, role=Role.MENTOR, over=place)
        own = session.scalars(sa.select(RoleGrant.id).where(RoleGrant.person_id == world.a.manager)).one()
        with pytest.raises(NotAllowed):
            roles.end_role(manager, db.session.get_one(RoleGrant, own), reason="x")


EXCLUDING = [pair for two in combinations(sorted(DISJOINT), 2) for pair in (two, two[::-1])]


@pytest.mark.parametrize(("first", "second"), EXCLUDING)
def test_roles_that_watch_each_other_exclude_each_other(
    as_: As, world: World, session: orm.Session, first: Role, second: Role
) -> None:
    with as_(world.people["administrator"]) as administrator:
        person = db.session.get_one(Person, world.a.editor)
        place = db.session.get_one(Institution, world.a.commission)
        roles.grant_role(administrator, person, role=first, over=place)
        with pytest.raises(Conflict):
            roles.grant_role(administrator, person, role=second, over=place)
    assert held(session, world.a.editor) == {"course_editor", first.value}


@pytest.mark.parametrize(("first", "second"), EXCLUDING)
def test_the_database_holds_it_without_us(world: World, session: orm.Session, first: Role, second: Role) -> None:
    insert = sa.text(
        "INSERT INTO role_grant (person_id, institution_id, role, begins_on) VALUES (:person, :place, :role, :day)"
    )
    row = {"person": world.a.doctor, "place": world.a.township, "day": clock.today()}
    session.execute(insert, row | {"role": first.value})
    with pytest.raises(sa.exc.IntegrityError, match="watchers_and_watched"):
        session.execute(insert, row | {"role": second.value, "place": world.b.township})


def test_one_after_the_other_is_allowed(as_: As, world: World, session: orm.Session) -> None:
    with as_(world.people["administrator"]) as administrator:
        person = db.session.get_one(Person, world.a.editor)
        place = db.session.get_one(Institution, world.a.commission)
        tomorrow = clock.today() + timedelta(days=1)
        roles.grant_role(administrator, person, role=Role.AUDITOR, over=place, ends_on=tomorrow)
        roles.grant_role(administrator, person, role=Role.CERTIFICATE_OFFICER, over=place, begins_on=tomorrow)
    assert held(session, world.a.editor) == {"course_editor", "auditor", "certificate_officer"}
    with as_(world.a.editor) as actor:
        assert actor.roles == {Role.COURSE_EDITOR, Role.AUDITOR}


def test_the_same_role_is_not_given_twice(page: Page, as_: As, world: World) -> None:
    page.post(f"/people/{world.a.doctor}/roles", world.a.manager, expect=409, role="doctor", over=world.a.township)


def test_a_role_ends_the_day_it_is_ended(page: Page, app: Flask, world: World, session: orm.Session) -> None:
    grant = session.scalars(sa.select(RoleGrant.id).where(RoleGrant.person_id == world.a.doctor)).one()
    address = f"/people/roles/{grant}/end"
    page.post(address, world.a.manager, expect=303)
    assert held(session, world.a.doctor) == {"doctor"}
    page.post(address, world.a.manager, expect=303, reason="left for the city hospital")
    session.expire_all()
    assert held(session, world.a.doctor) == set()
    with app.app_context():
        assert actor_for(world.a.doctor).grants == ()
    page.post(address, world.a.manager, expect=409, reason="again")


def test_a_role_cannot_end_before_it_begins(as_: As, world: World) -> None:
    with as_(world.a.manager) as manager:
        person, place = db.session.get_one(Person, world.a.doctor), db.session.get_one(Institution, world.a.township)
        with pytest.raises(Invalid):
            roles.grant_role(manager, person, role=Role.MENTOR, over=place, ends_on=clock.today())


@pytest.mark.parametrize("change", ["given", "ended"])
def test_a_change_of_rights_signs_the_person_out(
    office: Office, world: World, give_password: Give, session: orm.Session, change: str
) -> None:
    browser, page = office
    browser.sign_in(give_password(world.a.doctor))
    assert browser.is_in
    if change == "given":
        page.post(f"/people/{world.a.doctor}/roles", world.a.manager, expect=303, role="mentor", over=world.a.township)
    else:
        grant = session.scalars(sa.select(RoleGrant.id).where(RoleGrant.person_id == world.a.doctor)).one()
        page.post(f"/people/roles/{grant}/end", world.a.manager, expect=303, reason="left")
    nobody_acts(page)
    assert not browser.is_in
    assert session.scalars(sa.select(SignIn.ended_why)).one() == Ended.RIGHTS_CHANGED


def test_who_is_let_go_is_out_at_once(
    browser: Browser, world: World, give_password: Give, session: orm.Session
) -> None:
    browser.sign_in(give_password(world.a.doctor))
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(active=False))
    session.commit()
    assert not browser.is_in


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_of_access_in_both_languages(page: Page, world: World, language: str) -> None:
    for who in (world.a.manager, world.a.administrator, world.a.auditor):
        for whom in (world.a.doctor, world.a.certificate_officer, who):
            page.get(f"/people/{whom}/access", who, language=language)
    for who in (world.a.doctor, world.a.manager):
        page.get("/account", who, language=language)
        page.get("/account/password", who, language=language)
    for public in ("/sign-in", "/forgotten-password", "/reset-password?token=x"):
        page.get(public, language=language)


def test_an_administrator_sees_and_ends_sign_ins(
    office: Office, world: World, give_password: Give, session: orm.Session
) -> None:
    browser, page = office
    browser.sign_in(give_password(world.a.doctor))
    one = session.scalars(sa.select(SignIn.id)).one()
    page.get(f"/people/{world.a.doctor}/access", world.a.administrator)
    assert f"/account/sign-ins/{one}/end" in page.answer.text
    page.get(f"/people/{world.a.doctor}/access", world.a.manager)
    assert "/sign-ins/" not in page.answer.text
    for stranger, status in ((world.b.administrator, 404), (world.a.second_doctor, 404), (world.a.manager, 403)):
        page.post(f"/account/sign-ins/{one}/end", stranger, expect=status)
    page.post(f"/account/sign-ins/{one}/end", world.a.administrator, expect=303)
    nobody_acts(page)
    assert not browser.is_in
    assert session.scalars(sa.select(SignIn.ended_why)).one() == Ended.BY_ADMINISTRATOR


def test_an_owner_sees_and_ends_their_own(
    browser: Browser, another: Callable[[], Browser], world: World, give_password: Give
) -> None:
    account = give_password(world.a.doctor)
    others = [another(), another()]
    for one in (browser, *others):
        one.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Mobile Safari/537.36"
        one.sign_in(account)
    shown = browser.get("/account").text
    assert shown.count("Chrome · Android") == 3
    assert shown.count("127.0.0.0/24") == 2
    browser.post("/account/sign-ins/end")
    assert browser.is_in
    assert not any(one.is_in for one in others)


PATHS = st.sampled_from(["1", "1.2", "1.2.3", "1.20", "1.4"])
GRANTS = st.lists(st.builds(Grant, st.sampled_from(Role), PATHS), max_size=4)


@given(GRANTS, st.sampled_from(Role), PATHS)
def test_who_may_give_holds_the_giving_role_above_the_place(grants: list[Grant], role: Role, path: str) -> None:
    giver = Role.INSTITUTION_MANAGER if role in WORK else Role.SYSTEM_ADMINISTRATOR
    above = {".".join(path.split(".")[:n]) for n in range(1, path.count(".") + 2)}
    expected = any(grant.role is giver and grant.root in above for grant in grants)
    assert granting.may_give(Actor(1, tuple(grants)), role, path) is expected
