"""Standings as the database holds them: from what stands alone, the same however often it is concluded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.proficiency import jobs, services
from assessments.results.models import ResultKind
from assessments.results.policy import Results
from assessments.results.services import Brought, Evidence, bring_in, record
from lms import clock, queueing
from lms.authz import Actor
from lms.db import db
from lms.errors import NotAllowed
from lms.institutions.models import Institution
from lms.jobs import Job
from lms.people.models import Person
from lms.techniques.models import Standing, Technique
from tests.conftest import As
from tests.factories.world import World
from tests.pages import Page


def technique(session: orm.Session, code: str, kind: str = "procedure") -> int:
    made = Technique(
        code=code,
        title=f"技术{code}",
        title_en=f"Technique {code}",
        kind=kind,
        core=True,
        categories=["general_practitioner"],
        summary="摘要",
        standard="标准",
        sources=[],
    )
    session.add(made)
    session.flush()
    return made.id


@pytest.fixture
def ecg(session: orm.Session) -> int:
    made = technique(session, "ecg")
    session.commit()
    return made


class Marks:
    """Results as features record them, with what follows carried out."""

    def __init__(self, app: Flask, as_: As, session: orm.Session, world: World) -> None:
        self.app, self.as_, self.session, self.world = app, as_, session, world
        self.number = 0

    def give(self, person: int, on: int, value: int | None, days: int = 0, **more: Any) -> Evidence:
        self.number += 1
        found = Evidence(
            **{
                "kind": ResultKind.SIMULATED_CASE,
                "on_day": clock.today() - timedelta(days=days),
                "source_kind": "test",
                "source_id": str(self.number),
                "source": {"number": self.number, "value": value},
                "value": None if value is None else Decimal(value),
                "technique_id": on,
            }
            | more
        )
        self.write(person, found)
        return found

    def write(self, person: int, found: Evidence) -> None:
        with self.as_(Actor.job("test.results", Results.RECORD)) as actor:
            record(actor, db.session.get_one(Person, person), evidence=found)
        queueing.run_all_now(self.app)

    def standings(self) -> list[tuple[int, int, int, date, date | None, int]]:
        self.session.commit()
        columns = (Standing.person_id, Standing.technique_id, Standing.level, Standing.since, Standing.valid_until)
        query = sa.select(*columns, Standing.institution_id).order_by(Standing.person_id, Standing.technique_id)
        return [tuple(row) for row in self.session.execute(query)]

    def levels(self) -> list[int]:
        return [row[2] for row in self.standings()]


@pytest.fixture
def given(app: Flask, as_: As, session: orm.Session, world: World) -> Iterator[Marks]:
    yield Marks(app, as_, session, world)


def test_a_result_leads_to_a_standing_by_itself(given: Marks, ecg: int, world: World) -> None:
    given.give(world.a.doctor, ecg, 80, days=9)
    assert given.levels() == [2]
    given.give(world.a.doctor, ecg, 75, days=2)
    today = clock.today()
    since, until = today - timedelta(days=2), today + timedelta(days=178)
    assert given.standings() == [(world.a.doctor, ecg, 3, since, until, world.a.township)]


def test_what_was_corrected_or_withdrawn_does_not_count(given: Marks, ecg: int, world: World) -> None:
    given.give(world.a.doctor, ecg, 80, days=9)
    second = given.give(world.a.doctor, ecg, 80, days=2)
    assert given.levels() == [3]
    given.write(world.a.doctor, replace(second, value=Decimal(20), source={"now": 20}, reason="录入有误"))
    assert given.levels() == [2]
    given.write(world.a.doctor, replace(second, value=None, source={"now": None}, reason="撤回"))
    assert given.levels() == [2]


def test_a_standing_that_nothing_proves_any_more_goes(given: Marks, ecg: int, world: World) -> None:
    only = given.give(world.a.doctor, ecg, 80)
    given.give(world.a.second_doctor, ecg, 80)
    assert given.levels() == [2, 2]
    given.write(world.a.doctor, replace(only, value=None, source={"now": None}, reason="撤回"))
    assert [row[0] for row in given.standings()] == [world.a.second_doctor]


def test_an_entrustment_gives_its_level(given: Marks, ecg: int, world: World) -> None:
    given.give(world.a.doctor, ecg, 4, kind=ResultKind.ENTRUSTMENT)
    assert given.levels() == [4]
    given.give(world.a.doctor, ecg, 10, critical_failure=True)
    assert given.levels() == [2]


def test_hours_and_marks_without_a_technique_say_nothing(given: Marks, ecg: int, world: World) -> None:
    given.give(world.a.doctor, ecg, 80, technique_id=None)
    given.give(world.a.doctor, ecg, 80, kind=ResultKind.PRACTICE_HOURS)
    assert given.standings() == []


def test_concluding_again_changes_nothing(given: Marks, as_: As, ecg: int, world: World) -> None:
    for person in (world.a.doctor, world.b.doctor):
        for days in (30, 20, 10):
            given.give(person, ecg, 80, days=days)
    before = given.standings()
    with as_(jobs.ACTOR) as actor:
        assert services.refresh(actor, None, persons=[world.a.doctor, world.b.doctor]) == 0
    assert given.standings() == before
    assert len(before) == 2


def test_a_history_brought_in_is_concluded_in_the_background(
    given: Marks, as_: As, app: Flask, session: orm.Session, ecg: int, world: World
) -> None:
    day = clock.today() - timedelta(days=5)
    rows = [
        Brought(person, Evidence(ResultKind.PRACTICAL_EXAM, day, "old", f"{person}", {"p": person}, Decimal(90)))
        for person in (world.a.doctor, world.a.village_doctor)
    ]
    rows = [Brought(row.person_id, replace(row.evidence, technique_id=ecg)) for row in rows]
    with as_(world.a.exam_officer) as actor:
        bring_in(actor, db.session.get_one(Institution, world.a.commission), rows=rows)
    queueing.run_all_now(app)
    wanted = session.scalars(sa.select(Job).where(Job.name == jobs.PLACE)).one()
    assert wanted.arguments == {"institution_id": world.a.commission}
    with as_(jobs.ACTOR):
        assert jobs.refresh_place(lambda *_: None, **wanted.arguments) == {"persons": 2, "changed": 2}
        assert jobs.refresh_place(lambda *_: None, institution_id=world.b.commission)["persons"] == 0
    assert given.levels() == [3, 3]


def test_at_night_what_hid_another_proof_gives_way(given: Marks, as_: As, session: orm.Session, world: World) -> None:
    long = technique(session, "dka", "knowledge")
    session.commit()
    given.give(world.a.doctor, long, 5, days=100, kind=ResultKind.ENTRUSTMENT)
    given.give(world.a.doctor, long, 80, days=90)
    given.give(world.a.doctor, long, 80, days=80)
    assert given.levels() == [5]
    yesterday = clock.today() - timedelta(days=1)
    session.execute(sa.update(Standing).values(valid_until=yesterday))
    # As if the entrustment had named yesterday itself: the job looks again at whoever has newer evidence.
    session.commit()
    with as_(jobs.ACTOR):
        assert jobs.refresh_overtaken(lambda *_: None)["changed"] == 1
    assert given.standings()[0][4] == clock.today() + timedelta(days=265)


def test_many_cost_as_many_statements_as_few(given: Marks, as_: As, ecg: int, queries: list[str], world: World) -> None:
    people = [world.a.doctor, world.a.second_doctor, world.a.village_doctor, world.b.doctor]
    for person in people:
        given.give(person, ecg, 80)

    def sent(some: list[int]) -> int:
        with as_(jobs.ACTOR) as actor:
            before = len(queries)
            services.refresh(actor, None, persons=some)
            return len(queries) - before

    assert sent(people[:1]) == sent(people)


def test_nobody_concludes_by_hand(as_: As, world: World) -> None:
    for who in (world.a.doctor, world.a.exam_officer, world.people["administrator"], world.b.exam_officer):
        with as_(who) as actor, pytest.raises(NotAllowed):
            services.refresh(actor, None, persons=[world.a.doctor])


def test_the_home_page_names_what_fades(given: Marks, session: orm.Session, page: Page, world: World) -> None:
    assert "需要复训" not in page.get("/", world.a.doctor).text
    made = [technique(session, f"t{n}") for n in range(5)]
    session.commit()
    for number, days in enumerate((175, 170, 300, 20, 185)):
        for earlier in (0, 3):
            given.give(world.a.doctor, made[number], 80, days=days + earlier)
    soup = page.get("/", world.a.doctor)
    panel = next(one for one in soup.select(".panel") if "需要复训" in one.text)
    assert panel.select_one("a[href='/techniques/t0']")
    text = panel.get_text(" ", strip=True)
    assert text.index("技术t0") < text.index("技术t1") < text.index("技术t4")
    assert "技术t2" not in text
    assert "技术t3" not in text
    assert "即将到期" in text
    assert "已过期" in text
    english = page.get("/", world.a.doctor, language="en").text
    assert "Practise these again" in english
    assert "需要复训" not in page.get("/", world.b.doctor).text
    assert "需要复训" not in page.get("/", world.a.second_doctor).text


def test_the_page_of_a_technique_says_until_when(given: Marks, session: orm.Session, page: Page, world: World) -> None:
    old, new = technique(session, "old"), technique(session, "new")
    session.commit()
    for one, days in ((old, 400), (new, 4)):
        for earlier in (0, 3):
            given.give(world.a.doctor, one, 80, days=days + earlier)
    assert "有效至" in page.get("/techniques/new", world.a.doctor).text
    faded = page.get("/techniques/old", world.a.doctor)
    assert "已过期" in faded.text
    assert "有效至" not in faded.text
    assert "faded since" in page.get("/techniques/old", world.a.doctor, language="en").text
