"""Writing, approving and loading stations: a second person, nothing half-written, nothing that was used changed."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.stations import queries, services
from assessments.stations.models import Station, StationVersion
from lms.authz import Actor
from lms.content.formats import kinds, open_pack
from lms.db import act_as, db
from lms.errors import Conflict, Invalid, NotAllowed
from tests.assessments.stations.conftest import BP, Desk
from tests.factories import osce as made
from tests.factories.world import World


def test_a_draft_is_used_only_after_somebody_else_approved_it(desk: Desk, world: World) -> None:
    editor, officer = world.a.editor, world.a.exam_officer
    used = desk.version().content_hash
    assert desk.revise(editor, desk.entry(minutes=9)) == 2
    assert desk.offered() == 1
    with pytest.raises(Conflict, match=r"Somebody else must approve|须由他人审核"):
        desk.say(editor, services.approve, 2)
    desk.say(officer, services.approve, 2)
    assert desk.offered() == 2
    assert desk.version(number=1).content_hash == used
    with pytest.raises(Conflict):
        desk.say(officer, services.approve, 2)
    desk.say(officer, services.withdraw, 2, note="测量次数写错")
    assert desk.offered() == 1
    desk.say(officer, services.approve, 2)
    assert desk.offered() == 2


def test_what_was_sent_back_is_mended_in_a_new_version(desk: Desk, world: World) -> None:
    desk.revise(world.a.editor, desk.entry(minutes=9))
    with pytest.raises(Invalid):
        desk.say(world.a.exam_officer, services.give_back, 2, note="  ")
    desk.say(world.a.exam_officer, services.give_back, 2, note="时间不够")
    with pytest.raises(Conflict):
        desk.say(world.a.exam_officer, services.approve, 2)
    assert desk.offered() == 1
    assert desk.revise(world.a.editor, desk.entry(minutes=10)) == 3
    with desk.as_(world.b.editor):
        words = queries.history(desk.version().station_id)
    assert [(word.version, word.status, word.note) for word in words] == [(2, "returned", "时间不够")]


def test_the_title_follows_what_is_approved(desk: Desk, world: World) -> None:
    desk.revise(world.a.editor, desk.entry(title={"zh": "血压测量（新）", "en": "Blood pressure, new"}))
    assert desk.version().station.title == "诊室血压测量与告知"
    desk.say(world.a.exam_officer, services.approve, 2)
    assert desk.version().station.title == "血压测量（新）"


def test_who_worked_on_an_older_version_is_told(desk: Desk, world: World) -> None:
    mine, theirs = desk.entry(minutes=9), desk.entry(minutes=7)
    desk.revise(world.a.editor, mine, base=1)
    with pytest.raises(Conflict, match="2"):
        desk.revise(world.a.exam_officer, theirs, base=1)
    with pytest.raises(Conflict):
        desk.revise(world.a.editor, desk.entry(), base=2)  # nothing is different
    assert desk.version().version == 2


def spoiled(entry: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Versions with one thing wrong each, and what it is."""
    first = entry["items"][0]
    wrongs: dict[str, list[Any]] = {
        "points": ["NaN", "1e309", float("inf"), -1, "9" * 400, "", None],
        "steps": [[0, 1, 1], [0, "NaN"], [1, 0]],
        "text": ["长" * 10_000, "   ", "a\ud800b"],
        "code": ["<b>", ""],
    }
    for name, values in wrongs.items():
        for wrong in values:
            yield f"{name} {wrong!r:.20}", {**entry, "items": [{**first, name: wrong}, *entry["items"][1:]]}
    rule = entry["key_rule"]
    levels = entry["rating"]["levels"]
    for borderlines in (False, True):
        marked = [{**level, "borderline": borderlines} for level in levels]
        yield f"borderlines {borderlines}", {**entry, "rating": {"levels": marked}}
    whole: dict[str, Any] = {
        "candidate": "长" * 10_000,
        "examiner": "a\x00b",
        "key_rule": {**rule, "with_keys": 12},
        "items": [],
        "pass_percent": "NaN",
        "sources": ["invented-2030"],
        "minutes": 0,
        "secret": 1,
    }
    for name, wrong in whole.items():
        yield name, {**entry, name: wrong}
    yield "a rule above all", {**entry, "key_rule": {**rule, "at_least": 13}}
    yield "above all points", {**entry, "pass_percent": "101"}


def test_what_is_wrong_is_refused_with_its_place_and_nothing_is_written(desk: Desk, world: World) -> None:
    before, tried = desk.counts(), 0
    for what, entry in spoiled(desk.entry()):
        with pytest.raises(Invalid) as refused:
            desk.revise(world.a.editor, entry, base=1)
        problems = refused.value.where["problems"]
        assert isinstance(problems, list), what
        assert problems, what
        assert all(words for _, words in problems), what
        tried += 1
    assert tried == 27
    assert desk.counts() == before


def test_all_that_is_wrong_is_said_at_once(desk: Desk, world: World) -> None:
    entry = desk.entry(minutes="x", candidate="")
    entry["items"][3]["points"] = "-2"
    with pytest.raises(Invalid) as refused:
        desk.revise(world.a.editor, entry)
    places = {place for place, _ in refused.value.where["problems"]}  # type: ignore[attr-defined]
    assert places == {("minutes",), ("candidate",), ("items", 3, "points")}


def test_a_new_station_has_a_code_of_its_own(desk: Desk, world: World) -> None:
    entry = desk.entry() | {"code": "home-bp", "skill": "procedure", "technique": "bp-measurement", "kind": "station"}
    with desk.as_(world.a.editor) as actor:
        assert services.write(actor, None, entry=entry).version == 1
        with pytest.raises(Conflict):
            services.write(actor, None, entry=entry)
        with pytest.raises(Invalid):
            services.write(actor, None, entry=entry | {"code": "home-bp-2", "technique": "no-such"})
        with pytest.raises(Invalid):
            services.write(actor, None, entry=entry | {"code": "home-bp-3", "technique": None})
    assert desk.offered("home-bp") is None
    desk.say(world.a.exam_officer, services.approve, 1, code="home-bp")
    assert desk.offered("home-bp") == 1


def test_a_form_of_the_workplace_may_fit_any_technique_and_is_no_station_of_a_circuit(desk: Desk) -> None:
    stations = {one.station.code for one in desk.session.scalars(queries.newest_approved())}
    assert len(stations) == 18
    assert "mini-cex" not in stations
    form = desk.version("mini-cex")
    assert form.station.technique_id is None
    with pytest.raises(sa.exc.IntegrityError):
        desk.session.execute(sa.update(Station).where(Station.code == BP).values(technique_id=None))


@pytest.mark.parametrize("who", ["doctor", "examiner", "manager", "certificate_officer"])
def test_others_write_and_approve_nothing(desk: Desk, world: World, who: str) -> None:
    person = world.a.people[who]
    entry = desk.entry(minutes=9)
    with pytest.raises(NotAllowed):
        desk.revise(person, entry)
    desk.revise(world.a.editor, entry)
    with pytest.raises(NotAllowed):
        desk.say(person, services.approve, 2)
    desk.say(world.b.exam_officer, services.approve, 2)  # stations are shared by all counties
    assert desk.offered() == 2


def test_a_pack_loaded_again_leaves_an_edit_alone_until_it_says_something_new(
    desk: Desk, world: World, app: Flask, session: orm.Session
) -> None:
    desk.revise(world.a.editor, desk.entry(title={"zh": "本县的", "en": "Ours"}))
    desk.say(world.a.exam_officer, services.approve, 2)
    made.load_content(app)
    assert (desk.version().version, desk.version().station.title) == (2, "本县的")
    opened = open_pack(made.pack().folder, kinds(made.FEATURES))
    file = next(one for one in opened.files("station") if one.value.code == BP)
    object.__setattr__(file, "value", file.value.model_copy(update={"minutes": 7}))
    with app.app_context():
        act_as(db.session, Actor.job("test content"))
        next(kind for kind in kinds(made.FEATURES) if kind.name == "station").load(opened, [file])
        db.session.commit()
    newest = desk.version()
    assert (newest.version, newest.body["minutes"], newest.made_by_id) == (3, 7, None)
    assert desk.offered() == 3
    query = sa.select(sa.func.count()).select_from(StationVersion).where(StationVersion.station_id == newest.station_id)
    assert session.scalar(query) == 3
