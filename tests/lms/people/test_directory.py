"""The directory: who works where, within reach; entering, moving, letting go."""

import random
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from lms import clock
from lms.authz import Actor, Role
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.institutions.models import Institution
from lms.people.models import Person, Post, RoleGrant, SignIn
from lms.people.queries import actor_for
from lms.people.queries.directory import Filters, people
from lms.people.queries.roster import identity_index
from lms.people.rules.naming import account_base, accounts_for
from lms.people.services.register import add, deactivate, move, reactivate
from tests.conftest import As
from tests.factories.roster import identity_number
from tests.factories.world import World
from tests.pages import Page

DAY = date(2026, 3, 1)


def names(actor: Actor, **asked: object) -> list[str]:
    return [row.account for row in people(actor, Filters(**asked), 1)[0]]  # type: ignore[arg-type]


def test_found_by_name_initials_account_and_institution(as_: As, world: World) -> None:
    with as_(world.a.manager) as actor:
        assert names(actor, words="小明") == ["a-doctor"]
        assert names(actor, words="WXM") == ["a-doctor"]
        assert names(actor, words="wang xiao") == ["a-doctor"]
        assert names(actor, words="a-village") == ["a-village"]
        assert names(actor, words="村卫生室") == ["a-village"]
        assert names(actor, words="100%_\\") == []
        assert names(actor, category="village_doctor") == ["a-village"]
        assert names(actor, role="mentor") == ["a-examiner", "a-examiner2"]
        assert names(actor, under=world.a.clinic) == ["a-village"]
        assert names(actor, under=world.b.clinic) == []
        assert len(names(actor)) == len(world.a.people)
        assert names(actor, sort="-account") == sorted(names(actor), reverse=True)


def test_nobody_of_the_next_county_is_in_it(page: Page, world: World) -> None:
    for who in (world.a.manager, world.a.auditor, world.a.exam_officer):
        soup = page.get("/people", who)
        assert "a-doctor" in soup.text
        assert "b-doctor" not in soup.text
    page.get("/people", world.a.doctor, expect=403)
    page.get(f"/people/{world.b.doctor}", world.a.manager, expect=404)
    page.get(f"/people/{world.a.doctor}", world.a.manager)
    page.get(f"/people/{world.a.doctor}", world.a.manager, language="en")
    page.get(f"/people/{world.a.doctor}", world.a.doctor)
    page.get(f"/people/{world.a.second_doctor}", world.a.doctor, expect=404)
    for verb in ("move", "deactivate", "reactivate"):
        page.post(f"/people/{world.b.doctor}/{verb}", world.a.manager, expect=404)
        page.post(f"/people/{world.a.doctor}/{verb}", world.a.exam_officer, expect=403)


def test_the_list_goes_out_as_a_file(page: Page, world: World, session: orm.Session) -> None:
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(name="=HYPERLINK(1)"))
    session.commit()
    page.get("/people?export=csv", world.a.manager)
    text = page.answer.text
    assert text.startswith("\ufeff")
    assert "'=HYPERLINK(1)" in text
    assert "\n=HYPERLINK" not in text
    assert "b-doctor" not in text
    page.get("/people?export=xlsx&q=wxm", world.a.manager, language="en")
    assert page.answer.data[:2] == b"PK"
    page.get("/people?export=exe", world.a.manager, expect=422)


def test_a_list_of_a_thousand_asks_as_much_as_one_of_ten(
    page: Page, world: World, session: orm.Session, queries: list[str]
) -> None:
    page.get("/people", world.a.manager)
    queries.clear()
    page.get("/people", world.a.manager)
    few = len(queries)
    rows = [
        {"account": f"many{n}", "name": f"很多{n}", "category": "nurse", "institution_id": world.a.township}
        for n in range(1000)
    ]
    session.execute(sa.insert(Person), rows)
    session.commit()
    queries.clear()
    soup = page.get("/people?page=2", world.a.manager)
    assert len(queries) == few
    assert len(soup.select("tbody tr")) == 50


def typed(**said: object) -> dict[str, object]:
    number = identity_number(random.Random(7))
    return {"name": "新人", "identity_number": number, "category": "nurse", "title": None} | said


def test_one_person_by_form_follows_the_rules_of_the_roster(as_: As, world: World, session: orm.Session) -> None:
    with as_(world.a.manager) as actor:
        at = db.session.get_one(Institution, world.a.township)
        made = add(actor, at, typed=typed())
        with pytest.raises(Conflict):
            add(actor, at, typed=typed())
        for wrong in ({"identity_number": "53030219800101123X"}, {"name": "X1"}, {"phone": "12"}, {"account": "Ä"}):
            with pytest.raises(Invalid) as refused:
                add(actor, at, typed=typed() | wrong)
            assert refused.value.where["field"] == next(iter(wrong))
    found = session.get_one(Person, made)
    assert found.account == "xinren"
    assert found.identity_hash == identity_index(str(typed()["identity_number"]))
    with as_(world.a.manager) as actor, pytest.raises((NotAllowed, Invalid)):
        add(actor, db.session.get_one(Institution, world.b.township), typed=typed())


def test_the_forms(page: Page, world: World, session: orm.Session) -> None:
    given = {key: value or "" for key, value in typed(institution=world.a.township).items()}
    page.get("/people/new", world.a.manager)
    page.get("/people/new", world.a.auditor, expect=403)
    page.post("/people/new", world.a.manager, expect=422, **(given | {"institution": world.b.township}))
    page.post("/people/new", world.a.manager, expect=303, **given)
    page.post("/people/new", world.a.manager, expect=409, **given)
    made = session.scalars(sa.select(Person).where(Person.account == "xinren")).one()
    soup = page.get(f"/people/{made.id}", world.a.manager)
    assert str(given["identity_number"]) not in str(soup)
    assert str(given["identity_number"])[-4:] in str(soup)
    moved = {"move-to": world.a.clinic, "move-title": "护士长", "move-since": clock.today()}
    page.post(f"/people/{made.id}/move", world.a.manager, expect=422, **moved)
    session.execute(sa.update(Post).where(Post.person_id == made.id).values(begins_on=DAY))
    session.execute(sa.update(RoleGrant).where(RoleGrant.person_id == made.id).values(begins_on=DAY))
    session.commit()
    page.post(f"/people/{made.id}/move", world.a.manager, expect=303, **moved)
    page.post(f"/people/{made.id}/deactivate", world.a.manager, expect=422)
    page.post(f"/people/{made.id}/deactivate", world.a.manager, expect=303, **{"leave-reason": "退休"})
    assert "退休" in page.get(f"/people/{made.id}", world.a.manager).text
    assert "xinren" not in page.get("/people", world.a.manager).text
    assert "xinren" in page.get("/people?active=no", world.a.manager).text
    page.post(f"/people/{made.id}/reactivate", world.a.manager, expect=303)


def test_a_move_ends_one_post_begins_another_and_takes_the_learner_along(
    as_: As, world: World, session: orm.Session
) -> None:
    with as_(world.a.manager) as actor:
        doctor = db.session.get_one(Person, world.a.doctor)
        move(actor, doctor, to=db.session.get_one(Institution, world.a.clinic), since=DAY, title="村医")
        assert doctor.institution.id == world.a.clinic
        for since in (DAY, clock.today() + timedelta(days=1)):
            with pytest.raises(Invalid):
                move(actor, doctor, to=db.session.get_one(Institution, world.a.township), since=since)
    posts = session.scalars(sa.select(Post).where(Post.person_id == world.a.doctor).order_by(Post.begins_on)).all()
    assert [(p.institution_id, p.ends_on) for p in posts] == [(world.a.township, DAY), (world.a.clinic, None)]
    with as_(world.a.manager):
        grants = actor_for(world.a.doctor).grants
    path = session.get_one(Institution, world.a.clinic).path
    assert [(g.role, g.root) for g in grants] == [(Role.DOCTOR, path)]
    with as_(world.a.manager) as actor:
        person = db.session.get_one(Person, world.a.second_doctor)
        elsewhere = db.session.get_one(Institution, world.b.clinic)
        with pytest.raises(NotAllowed):
            move(actor, person, to=elsewhere, since=DAY)


def test_letting_go_ends_every_sign_in_and_can_be_undone(as_: As, world: World, session: orm.Session) -> None:
    session.add(SignIn(person_id=world.a.doctor, institution_id=world.a.township, token_hash=b"x"))
    session.commit()
    with as_(world.a.manager) as actor:
        doctor = db.session.get_one(Person, world.a.doctor)
        with pytest.raises(Invalid):
            deactivate(actor, doctor, reason="  ")
        deactivate(actor, doctor, reason="退休")
        with pytest.raises(Conflict):
            deactivate(actor, doctor, reason="退休")
        assert actor_for(world.a.doctor).grants == ()
        with pytest.raises(Conflict):
            deactivate(actor, db.session.get_one(Person, world.a.manager), reason="x")
    assert session.scalars(sa.select(SignIn.ended_why).where(SignIn.person_id == world.a.doctor)).one() == "deactivated"
    with as_(world.a.manager) as actor:
        doctor = db.session.get_one(Person, world.a.doctor)
        reactivate(actor, doctor)
        with pytest.raises(Conflict):
            reactivate(actor, doctor)


def test_accounts_are_spelt_and_numbered() -> None:
    assert account_base("王小明") == "wangxiaoming"
    assert account_base("李") == "liuser"
    wanted = [(None, "lina"), ("own", "lina"), (None, "lina"), (None, "lina")]
    assert accounts_for(wanted, {"lina2"}) == ["lina", "own", "lina3", "lina4"]
