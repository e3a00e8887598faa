"""Who is told of a practical exam: candidates of their results, officers of appeals; each once."""

import pytest
from flask import Flask
from sqlalchemy import orm

from tests.factories.osce_deciding import Desk
from tests.factories.telling import again, count, hear, told
from tests.factories.world import World
from tests.pages import Page


@pytest.fixture
def released(held: Desk, world: World) -> Desk:
    """Everybody marked, closed, released."""
    held.mark_all(world.a.examiner)
    held.close()
    held.release(world.people["exam_officer"])
    return held


def test_results_appeals_and_answers(
    released: Desk, world: World, app: Flask, session: orm.Session, page: Page
) -> None:
    hear(app, session)
    results = told(session, "osce.released")
    assert {facts["id"] for facts in results.values()} == set(released.candidates)
    assert set(results[world.a.doctor]) == {"title", "title_en", "id"}, "no mark is in it"
    number = released.appeal(world.a.second_doctor, 1)
    hear(app, session)
    assert set(told(session, "osce.appealed")) == {world.a.exam_officer, world.people["exam_officer"]}
    released.reject(number, world.a.exam_officer)
    hear(app, session)
    assert set(told(session, "osce.answered")) == {world.a.second_doctor}
    assert told(session, "osce.revised") == {}
    before = count(session)
    again(app, session)
    assert count(session) == before
    for who in (world.a.second_doctor, world.a.exam_officer):
        for form in page.get("/notifications", who).select(".inbox-row form"):
            page.post(str(form["action"]), who, expect=303)
            page.get(page.answer.location, who)


def test_a_revision_tells_those_it_changes_and_answers_the_appeal(
    released: Desk, world: World, app: Flask, session: orm.Session
) -> None:
    number = released.appeal(world.a.second_doctor, 1)
    revision = released.revise(appeal=number)
    released.void(0, 1)
    released.release_revision(revision, world.people["exam_officer"])
    hear(app, session)
    assert set(told(session, "osce.revised")) == {world.a.second_doctor}
    assert set(told(session, "osce.answered")) == {world.a.second_doctor}
