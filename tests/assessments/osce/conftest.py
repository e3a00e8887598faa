"""Circuits to work with."""

import pytest
from flask import Flask
from sqlalchemy import orm

from tests.assessments.osce.tablets import enrolled
from tests.conftest import As
from tests.factories import osce as made
from tests.factories.osce import Office, Round
from tests.factories.osce_deciding import Desk, desk
from tests.factories.tablets import Device
from tests.factories.world import World
from tests.pages import Page


@pytest.fixture
def office(app: Flask, as_: As, session: orm.Session) -> Office:
    """The station of the content pack, and hands for everybody."""
    made.load_content(app)
    return Office(as_, session)


@pytest.fixture
def officers(world: World) -> tuple[int, int]:
    """Two different officers over county A."""
    return world.a.exam_officer, world.people["exam_officer"]


@pytest.fixture
def running(office: Office, world: World) -> Round:
    """A circuit of county A that runs: two candidates, two examiners of another institution."""
    people = world.a
    return office.running(
        people.exam_officer,
        people.commission,
        [people.doctor, people.second_doctor],
        [people.examiner, people.second_examiner],
    )


@pytest.fixture
def held(office: Office, world: World) -> Desk:
    """A circuit of county A with two stations that runs: two candidates, two examiners."""
    people = world.a
    examiners = [people.examiner, people.second_examiner]
    return desk(office, people.exam_officer, people.commission, [people.doctor, people.second_doctor], examiners)


@pytest.fixture
def tablet(as_: As, page: Page, world: World) -> tuple[int, Device]:
    """A tablet of county A."""
    return enrolled(as_, page, world.a.exam_officer, world.a.commission)


@pytest.fixture
def late(held: Desk, world: World) -> Desk:
    """The circuit opened again after a sheet of the second examiner came to a closed door."""
    held.mark_all(world.a.examiner)
    held.close()
    held.mark(world.a.second_examiner, 0, 0, posture=0)
    held.office.reopen(held.officer, held.circuit)
    return held
