"""From blueprint to circuit: every post filled, in its order, by what was approved and has the time."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitPost, CircuitStation
from assessments.osce.queries.blueprints import posts_of
from assessments.osce.services import planning
from assessments.osce.services.blueprints import plan_from
from assessments.stations import queries, services
from assessments.stations.models import Station, StationVersion
from lms import clock
from lms.authz import only
from lms.db import db
from lms.errors import Invalid, NotAllowed, NotFound
from lms.institutions.models import Institution
from tests.factories.osce import Office
from tests.factories.world import World
from tests.pages import Page

COUNTY, NATIONAL = "county-gp-exam", "physician-practical-exam"


def chosen(code: str) -> dict[str, int]:
    """The first fitting station at every post."""
    offer = queries.fitting(only(queries.blueprint(code)).body)
    return {post: found[0].id for post, found in offer.items()}


def plan(office: Office, officer: int, place: int, code: str, **changed: int) -> int:
    with office.as_(officer) as actor:
        blueprint = only(queries.blueprint(code))
        stations = chosen(code) | {post.replace("_", "-"): number for post, number in changed.items()}
        asked = planning.Plan("技能考核", None, clock.today())
        where = db.session.get_one(Institution, place)
        return plan_from(actor, where, plan=asked, blueprint=blueprint, stations=stations).id


def version_of(session: orm.Session, code: str) -> int:
    return session.scalars(sa.select(StationVersion.id).where(StationVersion.station.has(code=code))).one()


@pytest.mark.parametrize(
    ("code", "marks"),
    [(COUNTY, [15, 10, 10, 15, 15, 15, 10, 10]), (NATIONAL, [15, 22, 20, 20, 8, 6, 7, 2])],
)
def test_a_blueprint_becomes_a_circuit_with_its_marks(
    office: Office, world: World, session: orm.Session, code: str, marks: list[int]
) -> None:
    made = plan(office, world.a.exam_officer, world.a.commission, code)
    query = sa.select(CircuitStation).where(CircuitStation.circuit_id == made).order_by(CircuitStation.position)
    places = session.scalars(query).all()
    assert [place.weight for place in places] == marks
    assert sum(marks) == 100
    posts = session.scalars(sa.select(CircuitPost).order_by(CircuitPost.id)).all()
    assert [post.circuit_station_id for post in posts] == [place.id for place in places]
    assert {post.blueprint.blueprint.code for post in posts} == {code}
    with office.as_(world.a.exam_officer):
        assert posts_of(db.session.get_one(Circuit, made)).keys() == {place.id for place in places}
    with office.as_(world.b.exam_officer):
        assert db.session.get(Circuit, made) is None
        assert db.session.scalars(sa.select(CircuitPost)).all() == []


def test_a_station_is_exchanged_for_another_that_fits(office: Office, world: World, session: orm.Session) -> None:
    other = version_of(session, "inhaler-teaching-station")
    made = plan(office, world.a.exam_officer, world.a.commission, COUNTY, counselling=other)
    places = session.scalars(sa.select(CircuitStation).where(CircuitStation.circuit_id == made)).all()
    assert other in {place.station_version_id for place in places}


@pytest.mark.parametrize(
    ("post", "station", "named"),
    [
        ("abdomen", "bp-measurement-station", "腹部检查"),  # another skill
        ("blood_pressure", "ecg-recording-station", "血压测量"),  # stands at another post too
        ("resuscitation", "mini-cex", "心肺复苏"),  # no station of an exam
    ],
)
def test_what_does_not_fit_is_refused_by_the_name_of_its_post(
    office: Office, world: World, session: orm.Session, post: str, station: str, named: str
) -> None:
    with pytest.raises(Invalid, match=named):
        plan(office, world.a.exam_officer, world.a.commission, COUNTY, **{post: version_of(session, station)})
    assert session.scalars(sa.select(Circuit)).all() == []


def test_a_post_that_nothing_fits_is_named(office: Office, world: World, session: orm.Session, page: Page) -> None:
    session.execute(sa.update(Station).where(Station.code == "ethics-station").values(retired=True))
    session.commit()
    officer = world.a.exam_officer
    with office.as_(officer) as actor:
        blueprint = only(queries.blueprint(NATIONAL))
        offer = queries.fitting(blueprint.body)
        stations = {post: found[0].id for post, found in offer.items() if found}
        asked = planning.Plan("技能考核", None, clock.today())
        where = db.session.get_one(Institution, world.a.commission)
        with pytest.raises(Invalid, match="医德医风"):
            plan_from(actor, where, plan=asked, blueprint=blueprint, stations=stations)
    shown = page.get(f"/osce/circuits/new/{NATIONAL}", officer)
    assert [one.get_text() for one in shown.select(".notice-attention li")] == ["医德医风"]
    assert "没有可用考站" in page.get(f"/blueprints/{NATIONAL}", officer).get_text()


def test_a_part_has_only_its_minutes(office: Office, world: World, session: orm.Session) -> None:
    longer = session.scalars(sa.select(StationVersion).where(StationVersion.station.has(code="ethics-station"))).one()
    station = Station(
        code="ethics-long", skill="ethics", title="长", title_en="Long", technique_id=longer.station.technique_id
    )
    session.add(station)
    session.flush()
    body = longer.body | {"minutes": 5}
    row = StationVersion(station_id=station.id, version=1, body=body, sources=[], content_hash=b"x" * 32)
    session.add(row)
    session.commit()
    with pytest.raises(Invalid, match="第三考站"):
        plan(office, world.a.exam_officer, world.a.commission, NATIONAL, ethics=row.id)


def test_a_circuit_takes_only_what_is_approved(office: Office, world: World, session: orm.Session) -> None:
    with office.as_(world.a.editor) as actor:
        newest = only(queries.newest("adult-cpr-station"))
        body = newest.body
        levels = [{**level, "order": at} for at, level in enumerate(body["levels"], 1)]
        entry = {**{name: body[name] for name in body if name != "levels"}, "rating": {"levels": levels}}
        entry |= {"code": "kept", "minutes": 7, "sources": [work["code"] for work in newest.sources]}
        draft = services.revise(actor, newest.station, base=1, entry=entry).id
    officer, form = world.a.exam_officer, version_of(session, "cbd")
    session.commit()

    def create(number: int) -> int:
        with office.as_(officer) as actor:
            where, asked = db.session.get_one(Institution, world.a.commission), planning.Plan("x", None, clock.today())
            return planning.create(actor, where, plan=asked, stations=[number]).id

    for number in (draft, form):
        with pytest.raises(Invalid):
            create(number)
    with office.as_(officer) as actor:
        services.approve(actor, only(queries.version_at("adult-cpr-station", 2)))
    assert create(draft)


def test_only_officers_of_the_place_plan(office: Office, world: World) -> None:
    for who in (world.b.exam_officer, world.a.editor, world.a.doctor):
        with pytest.raises((NotAllowed, NotFound, sa.exc.NoResultFound)):
            plan(office, who, world.a.commission, COUNTY)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_by_the_page(office: Office, world: World, session: orm.Session, page: Page, language: str) -> None:
    officer, address = world.a.exam_officer, f"/osce/circuits/new/{COUNTY}"
    session.commit()
    soup = page.get(address, officer, language=language)
    picked: dict[str, Any] = {
        str(one["name"]): str(only(one.select_one("option[selected]"))["value"])
        for one in soup.select("select[name^=post_]")
    }
    assert len(set(picked.values())) == 8
    form = picked | {"title": "冬季考核", "on_day": str(clock.today()), "institution": world.a.commission}
    page.post(address, officer, expect=422, **form | {"post_1": picked["post_3"]})
    page.post(address, officer, expect=422, **form | {"post_1": ""})
    page.post(address, officer, expect=422, **form | {"post_1": "999999"})
    page.post(address, officer, expect=422, **form | {"institution": world.b.commission})
    assert session.scalars(sa.select(Circuit)).all() == []
    session.commit()
    page.post(address, officer, expect=303, **form)
    assert "/stations" in page.answer.headers["Location"]
    page.get(address, world.a.editor, expect=403)
    page.get(address, world.a.doctor, expect=403)
    page.get("/osce/circuits/new/no-such", officer, expect=404)
