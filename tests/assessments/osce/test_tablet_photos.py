"""Pictures of candidates at check-in: with consent, small, seen by whom they help, gone in time."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy import orm

from assessments.osce import jobs
from assessments.osce.models import CandidatePhoto, Circuit, State
from assessments.osce.queries.photos import photos_of
from lms import clock
from tests.assessments.osce.tablets import brief, enrolled
from tests.conftest import As
from tests.factories.osce import Office, Round
from tests.factories.tablets import Device
from tests.factories.world import World
from tests.pages import Page


def picture() -> tuple[io.BytesIO, str]:
    """As a phone sends it."""
    made = io.BytesIO()
    Image.linear_gradient("L").resize((900, 1200)).convert("RGB").save(made, "JPEG", comment=b"secret place")
    return io.BytesIO(made.getvalue()), "IMG_0001.jpg"


def take(page: Page, running: Round, officer: int, expect: int = 303, **more: object) -> None:
    address = f"/osce/circuits/{running.circuit}/candidates/{running.candidates[0]}/photo"
    page.post(address, officer, expect=expect, picture=picture(), **more)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_picture_is_taken_with_consent_and_taken_away(
    running: Round, world: World, page: Page, session: orm.Session, language: str
) -> None:
    officer = world.a.exam_officer
    address = f"/osce/circuits/{running.circuit}/candidates/{running.candidates[0]}/photo"
    page.get(address, officer, language=language)
    for stranger, expect in ((world.b.exam_officer, 404), (world.a.manager, 403), (world.a.doctor, 403)):
        page.get(address, stranger, expect=expect)
    take(page, running, officer, expect=422)
    page.post(address, officer, expect=422, consent="y")
    page.post(address, officer, expect=422, consent="y", picture=(io.BytesIO(b"GIF89a no picture"), "x.gif"))
    assert session.scalar(sa.select(sa.func.count()).select_from(CandidatePhoto)) == 0
    for _ in range(2):
        take(page, running, officer, consent="y")
    row = session.scalars(sa.select(CandidatePhoto)).one()
    with Image.open(io.BytesIO(row.data)) as kept:
        assert (kept.format, kept.size) == ("JPEG", (240, 320))
    assert b"secret place" not in row.data
    assert page.get(address, officer, language=language).select_one("img.badge-picture") is not None
    session.commit()
    page.post(f"{address}/drop", world.b.exam_officer, expect=404)
    page.post(f"{address}/drop", officer, expect=303)
    assert session.scalar(sa.select(sa.func.count()).select_from(CandidatePhoto)) == 0


def test_examiners_of_the_circuit_take_it_along_and_nobody_else_reaches_it(
    running: Round, world: World, page: Page, as_: As
) -> None:
    take(page, running, world.a.exam_officer, consent="y")
    _tablet, device = enrolled(as_, page, world.a.exam_officer, world.a.commission)
    assert isinstance(device, Device)
    photos = brief(page, device, world.a.examiner)["photos"]
    assert list(photos) == [str(running.candidates[0])]
    assert photos[str(running.candidates[0])].startswith("data:image/jpeg;base64,")
    assert brief(page, device, world.b.examiner)["photos"] == {}
    for who, sees in ((world.a.doctor, 1), (world.a.second_doctor, 0), (world.b.exam_officer, 0)):
        with as_(who):
            assert len(photos_of([running.circuit])) == sees


def test_it_goes_after_a_week_and_with_the_release(
    running: Round, office: Office, world: World, page: Page, session: orm.Session, app: object
) -> None:
    def swept() -> int:
        with app.app_context():  # type: ignore[attr-defined]
            return int(jobs.sweep_photos(lambda _done, _total: None)["removed"])

    take(page, running, world.a.exam_officer, consent="y")
    assert swept() == 0
    row = session.scalars(sa.select(CandidatePhoto)).one()
    row.taken_at = clock.now() - timedelta(days=7, seconds=1)
    session.commit()
    assert swept() == 1
    take(page, running, world.a.exam_officer, consent="y")
    officers = world.a.exam_officer, world.people["exam_officer"]
    circuit = session.get_one(Circuit, running.circuit)
    circuit.state, circuit.closed_hash = State.RELEASED, b"x" * 32
    circuit.closed_by_id, circuit.released_by_id = officers
    session.commit()
    assert swept() == 1
    take(page, running, world.a.exam_officer, expect=422, consent="y")
