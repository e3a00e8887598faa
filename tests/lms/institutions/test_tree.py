"""Making, renaming, moving and closing institutions; and what of the tree each reader sees."""

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed, Refused
from lms.institutions.models import Institution, InstitutionChange, Kind
from lms.institutions.policy import Institutions
from lms.institutions.queries import annexes
from lms.institutions.queries.tree import search, tree
from lms.institutions.rules.places import lies_within, may_stand_under
from lms.institutions.services.importing import import_divisions
from lms.institutions.services.tree import close, create, move, rename, reopen
from lms.people.models import Person
from tests.conftest import As
from tests.factories.world import World
from tests.lms.institutions.test_import import FILE, read_divisions
from tests.pages import Page


def get(id: int) -> Institution:
    return db.session.get_one(Institution, id)


def test_what_may_stand_under_what() -> None:
    assert may_stand_under(Kind.CITY_COMMISSION, None)
    assert not may_stand_under(Kind.VILLAGE_CLINIC, None)
    assert may_stand_under(Kind.VILLAGE_CLINIC, Kind.COUNTY_COMMISSION)
    assert not may_stand_under(Kind.COUNTY_HOSPITAL, Kind.TOWNSHIP_HOSPITAL)
    assert not may_stand_under(Kind.VILLAGE_CLINIC, Kind.VILLAGE_CLINIC)
    assert lies_within("1.2", "1.2")
    assert not lies_within("1.20", "1.2")


def test_a_manager_adds_below_their_own_and_nowhere_else(as_: As, world: World) -> None:
    with as_(world.a.manager) as actor:
        made = create(actor, get(world.a.township), kind=Kind.VILLAGE_CLINIC, name=" 新 村卫生室 ", code="530302-NEW")
        assert made.path == f"{get(world.a.township).path}.{made.id}"
        assert made.name == "新 村卫生室"
        assert made.sort_key == "xincunweishengshi xcwss"
    with as_(world.a.manager) as actor, pytest.raises(NotAllowed):
        create(actor, get(world.b.township), kind=Kind.VILLAGE_CLINIC, name="x", code="530303-NEW")


@pytest.mark.parametrize(
    ("said", "wrong", "field"),
    [
        ({"code": "530302"}, Conflict, "code"),
        ({"code": "a b"}, Invalid, "code"),
        ({"name": "  "}, Invalid, "name"),
        ({"kind": Kind.COUNTY_HOSPITAL}, Invalid, "kind"),
        ({"kind": "palace"}, Invalid, "kind"),
    ],
)
def test_what_does_not_fit_is_named(
    as_: As, world: World, said: dict[str, str], wrong: type[Refused], field: str
) -> None:
    given = {"kind": Kind.VILLAGE_CLINIC, "name": "新卫生室", "code": "530302-NEW"} | said
    with as_(world.a.manager) as actor, pytest.raises(wrong) as refused:
        create(actor, get(world.a.township), **given)
    assert refused.value.where["field"] == field


def test_renaming_keeps_the_code_and_is_remembered(as_: As, world: World, session: orm.Session) -> None:
    with as_(world.a.manager) as actor:
        rename(actor, get(world.a.clinic), name="大山村卫生室（演示）", name_en="Dashan")
        rename(actor, get(world.a.clinic), name="大山村卫生室（演示）", name_en="Dashan")
    changes = session.scalars(sa.select(InstitutionChange)).all()
    assert [(one.change, one.before, one.after) for one in changes] == [
        ("renamed", "a村卫生室（演示）", "大山村卫生室（演示）")
    ]


def test_a_move_takes_the_whole_subtree_along_and_the_rights_over_it(
    as_: As, world: World, session: orm.Session
) -> None:
    manager = world.people["manager"]
    with as_(manager) as actor:
        move(actor, get(world.a.township), below=get(world.b.hospital), reason="区划调整")
    paths = dict(session.execute(sa.select(Institution.id, Institution.path)).all())
    b_hospital = paths[world.b.hospital]
    assert paths[world.a.township] == f"{b_hospital}.{world.a.township}"
    assert paths[world.a.clinic] == f"{b_hospital}.{world.a.township}.{world.a.clinic}"
    with as_(world.b.manager):
        assert db.session.get(Person, world.a.doctor) is not None
    with as_(world.a.manager):
        assert db.session.get(Person, world.a.doctor) is None


def test_moves_that_would_break_the_tree_are_refused(as_: As, world: World) -> None:
    with as_(world.people["manager"]) as actor:
        for below in (world.a.hospital, world.a.clinic, world.a.township, world.a.commission):
            with pytest.raises(Refused):
                move(actor, get(world.a.hospital), below=get(below), reason="x")
    with as_(world.a.manager) as actor, pytest.raises(NotAllowed):
        move(actor, get(world.a.clinic), below=get(world.b.township), reason="x")


def test_closing_waits_for_people_and_for_what_is_below(as_: As, world: World, session: orm.Session) -> None:
    with as_(world.a.manager) as actor:
        with pytest.raises(Conflict, match="1"):
            close(actor, get(world.a.clinic), reason="撤并")
        with pytest.raises(Conflict):
            close(actor, get(world.a.township), reason="撤并")
        empty = create(actor, get(world.a.township), kind=Kind.VILLAGE_CLINIC, name="空村卫生室", code="530302-E")
        close(actor, empty, reason="撤并")
        with pytest.raises(Conflict):
            close(actor, empty, reason="撤并")
        with pytest.raises(Invalid):
            create(actor, empty, kind=Kind.VILLAGE_CLINIC, name="x", code="530302-F")
        reopen(actor, empty)
        with pytest.raises(Conflict):
            reopen(actor, empty)


def test_headcounts_add_up_the_tree_and_stay_within_reach(as_: As, world: World, session: orm.Session) -> None:
    people = session.scalar(sa.select(sa.func.count()).select_from(Person)) or 0
    with as_(world.people["manager"]):
        counts = annexes.headcount([world.city, world.a.township, world.a.clinic])
        assert sum(counts[world.city].values()) == people
        assert counts[world.a.clinic] == {"village_doctor": 1}
        assert counts[world.a.township] == {"general_practitioner": 2, "village_doctor": 1}
    with as_(world.a.manager):
        counts = annexes.headcount([world.a.commission, world.b.township])
        assert sum(counts[world.a.commission].values()) == len(world.a.people)
        assert counts[world.b.township] == {}


def test_each_reader_sees_their_own_part_of_the_tree(as_: As, world: World) -> None:
    with as_(world.a.manager) as actor:
        assert [n.institution.id for n in tree(actor, None)] == [world.a.commission, world.a.hospital]
        opened = tree(actor, get(world.a.township))
        assert [(n.institution.id, n.level) for n in opened] == [
            (world.a.commission, 1),
            (world.a.hospital, 2),
            (world.a.township, 3),
            (world.a.clinic, 4),
        ]
        assert [i.id for i in search(actor, "CWSS")[0]] == [world.a.clinic]
        assert search(actor, "b镇")[0] == []
    with as_(world.a.doctor) as actor:
        assert tree(actor, None) == []


def test_the_pages(page: Page, world: World) -> None:
    soup = page.get("/institutions", world.a.manager)
    assert "a县人民医院（演示）" in soup.text
    assert "b县" not in soup.text
    page.get(f"/institutions?at={world.a.township}", world.a.manager, language="en")
    page.get("/institutions?q=wss", world.a.manager)
    soup = page.get(f"/institutions/{world.a.township}", world.a.manager)
    assert "a村卫生室（演示）" in soup.text
    page.get(f"/institutions/{world.a.township}", world.a.manager, language="en")
    page.get(f"/institutions/{world.a.township}", world.a.auditor)
    page.get("/institutions", world.a.doctor, expect=403)
    page.get("/institutions?export=xlsx", world.a.manager)
    assert page.answer.data[:2] == b"PK"
    page.get("/institutions?export=csv", world.a.manager)
    assert "a村卫生室（演示）" in page.answer.text
    assert "b村" not in page.answer.text


@pytest.mark.parametrize("rest", ["", "/edit", "/new"])
def test_the_neighbour_does_not_find_it(page: Page, world: World, rest: str) -> None:
    page.get(f"/institutions/{world.a.township}{rest}", world.b.manager, expect=404)
    page.get(f"/institutions/{world.a.township}{rest}", world.a.manager)
    if rest:
        page.get(f"/institutions/{world.a.township}{rest}", world.a.exam_officer, expect=403)
        page.get(f"/institutions/{world.a.township}{rest}", world.a.manager, language="en")


def test_forms_make_rename_move_and_close(page: Page, world: World, session: orm.Session) -> None:
    at = f"/institutions/{world.a.township}"
    given = {"name": "新村卫生室", "name_en": "", "kind": "village_clinic", "code": "530302-N"}
    page.post(f"{at}/new", world.a.manager, expect=303, **given)
    page.post(f"{at}/new", world.a.manager, expect=422, **given)
    page.post(f"{at}/new", world.b.manager, expect=404, **given)
    made = session.scalars(sa.select(Institution).where(Institution.code == "530302-N")).one()
    page.post(f"/institutions/{made.id}/edit", world.a.manager, expect=303, name="新新村卫生室", name_en="")
    page.post(f"/institutions/{made.id}/edit", world.a.manager, expect=422, name="", name_en="")
    there = {"move-below": "530302", "move-reason": "x"}
    page.post(f"/institutions/{made.id}/move", world.a.manager, expect=303, **there)
    page.post(f"/institutions/{made.id}/move", world.a.manager, expect=422, **there)
    page.post(f"/institutions/{made.id}/move", world.a.manager, expect=422, **(there | {"move-below": "530303"}))
    page.post(f"/institutions/{made.id}/close", world.a.manager, expect=422, **{"close-reason": ""})
    page.post(f"/institutions/{made.id}/close", world.a.manager, expect=303, **{"close-reason": "撤并"})
    page.get(f"/institutions/{made.id}", world.a.manager)
    page.post(f"/institutions/{made.id}/reopen", world.a.manager, expect=303)
    page.post(f"{at}/close", world.a.manager, expect=409, **{"close-reason": "撤并"})


def test_the_tree_asks_as_much_for_ten_as_for_four_hundred(
    page: Page, as_: As, world: World, queries: list[str]
) -> None:
    who = world.people["manager"]
    page.get(f"/institutions?at={world.a.hospital}", who)
    queries.clear()
    page.get(f"/institutions?at={world.a.hospital}", who)
    few = len(queries)
    with as_(Actor.job("import", Institutions.IMPORT)) as job:
        import_divisions(job, None, divisions=read_divisions(FILE.read_bytes()))
    queries.clear()
    soup = page.get(f"/institutions?at={world.a.hospital}", who)
    assert len(queries) == few
    assert len(soup.select("tbody tr")) > 10
