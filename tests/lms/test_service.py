"""Verbs: refused without the right, one transaction, written down."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa

from lms import service as kernel
from lms.authz import POLICY, Actor, ByRole, Permission, Role
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.people.models import Person
from lms.service import Deed, service, tell
from tests.factories.world import World

As = Callable[[int | Actor], AbstractContextManager[Actor]]


class Planted(Permission):
    RENAME = "planted:person:rename"


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy of this file's own permission, gone again after each test."""
    monkeypatch.setitem(POLICY, Planted.RENAME, (ByRole(Role.INSTITUTION_MANAGER),))


@service(needs=Planted.RENAME, tells=("name",))
def rename(actor: Actor, person: Person, *, name: str, then_fail: bool = False) -> Person:
    person.name = name
    tell(before="x")
    if then_fail:
        raise LookupError
    return person


@service(needs=Planted.RENAME)
def rename_twice(actor: Actor, person: Person, *, fail: bool) -> None:
    rename(actor, person, name="first")
    rename(actor, person, name="second", then_fail=fail)


@pytest.fixture
def deeds(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Deed]]:
    seen: list[Deed] = []
    monkeypatch.setattr(kernel, "LISTENERS", [lambda _session, deeds: seen.extend(deeds)])
    yield seen


def name_of(session: object, person_id: int) -> str:
    return str(session.scalar(sa.select(Person.name).where(Person.id == person_id)))  # type: ignore[attr-defined]


def test_a_verb_does_and_writes_down(as_: As, world: World, session: object, deeds: list[Deed]) -> None:
    with as_(world.a.manager) as actor:
        rename(actor, db.session.get_one(Person, world.a.doctor), name="新名")
    assert name_of(session, world.a.doctor) == "新名"
    (deed,) = deeds
    assert (deed.verb, deed.told) == ("rename", {"name": "新名", "before": "x"})


def test_the_neighbour_is_refused_and_nothing_is_written(
    as_: As, world: World, session: object, deeds: list[Deed]
) -> None:
    before = name_of(session, world.a.doctor)
    with as_(world.b.manager):
        assert db.session.get(Person, world.a.doctor) is None, "the neighbour cannot even find the person"
    with as_(world.a.doctor) as actor, pytest.raises(NotAllowed):
        rename(actor, db.session.get_one(Person, world.a.doctor), name="me")
    assert name_of(session, world.a.doctor) == before
    assert deeds == []


def test_inner_verbs_join_the_outer_transaction(as_: As, world: World, session: object, deeds: list[Deed]) -> None:
    before = name_of(session, world.a.doctor)
    with as_(world.a.manager) as actor, pytest.raises(LookupError):
        rename_twice(actor, db.session.get_one(Person, world.a.doctor), fail=True)
    assert name_of(session, world.a.doctor) == before, "the first inner verb is rolled back too"
    assert deeds == []
    with as_(world.a.manager) as actor:
        rename_twice(actor, db.session.get_one(Person, world.a.doctor), fail=False)
    assert [deed.verb for deed in deeds] == ["rename", "rename", "rename_twice"]


@pytest.mark.parametrize("twice", [False, True])
def test_what_cannot_be_kept_is_refused_in_words_and_nothing_is_written(
    as_: As, world: World, session: object, twice: bool
) -> None:
    """Also where one verb is called by another: what it did is undone with the rest."""
    before = name_of(session, world.a.doctor)
    with as_(world.a.manager) as actor:
        person = db.session.get_one(Person, world.a.doctor)
        with pytest.raises(Invalid):
            rename_to(actor, person, names=("first", "a\0b")) if twice else rename(actor, person, name="a\0b")
    assert name_of(session, world.a.doctor) == before


@service(needs=Planted.RENAME)
def rename_to(actor: Actor, person: Person, *, names: tuple[str, ...]) -> None:
    for name in names:
        rename(actor, person, name=name)
        db.session.flush()


@service(needs=Planted.RENAME)
def become(actor: Actor, person: Person, **values: object) -> None:
    rename(actor, person, name="x")
    for name, value in values.items():
        setattr(person, name, value)
    db.session.flush()


@service(needs=Planted.RENAME)
def become_inside(actor: Actor, person: Person, **values: object) -> None:
    become(actor, person, **values)


@pytest.mark.parametrize("verb", [become, become_inside])
def test_who_comes_second_in_the_same_moment_is_told_so(
    as_: As, world: World, session: object, verb: Callable[..., None]
) -> None:
    """Both looked before either wrote, so no look can tell; the database can."""
    before = name_of(session, world.a.doctor)
    taken = session.scalar(sa.select(Person.account).where(Person.id == world.a.manager))  # type: ignore[attr-defined]
    with as_(world.a.manager) as actor, pytest.raises(Conflict):
        verb(actor, db.session.get_one(Person, world.a.doctor), account=taken)
    assert name_of(session, world.a.doctor) == before


def test_a_reference_to_nothing_is_a_fault_of_ours(as_: As, world: World) -> None:
    with as_(world.a.manager) as actor, pytest.raises(sa.exc.IntegrityError):
        become(actor, db.session.get_one(Person, world.a.doctor), institution_id=10**9)
