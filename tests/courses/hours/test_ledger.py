"""Hours: entered once per source, taken back by another entry, seen by whom they concern."""

from datetime import date

import pytest
import sqlalchemy as sa

from courses.hours import queries
from courses.hours.models import HoursEntry
from courses.hours.policy import Hours
from courses.hours.rules import HoursKind
from courses.hours.services import Earned, bring_in, credit, reverse, set_target
from lms import clock
from lms.authz import Actor
from lms.db import db, unfenced
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent
from lms.institutions.models import Institution
from lms.people.models import Person

CLERK = Actor.job("test.hours", Hours.CREDIT, Hours.REVERSE)


def earned(minutes=30, source="1", kind=HoursKind.THEORY, **more):
    return Earned(kind, minutes, clock.today(), "lesson", source, {"title": "量准血压", "title_en": "Measure"}, **more)


@pytest.fixture
def enter(as_, world):
    """Enter hours for somebody (the doctor of county a); the entry's id."""

    def act(*args, who=None, **more):
        with as_(CLERK) as actor:
            made = credit(actor, db.session.get_one(Person, who or world.a.doctor), earned=earned(*args, **more))
            return made.id if made else None

    return act


def test_a_source_is_entered_once_whatever_it_says_later(enter, session):
    assert enter(30) is not None
    assert enter(45) is None
    assert session.scalars(sa.select(HoursEntry.minutes)).all() == [30]
    told = session.scalars(sa.select(OutboxEvent.payload).where(OutboxEvent.kind == "HoursConfirmed")).all()
    assert len(told) == 1
    assert told[0]["reverses"] is None


def test_a_reversal_is_an_entry_of_its_own_and_happens_once(enter, as_, session, world):
    entry = enter(30)
    with as_(world.a.manager) as actor:
        made = reverse(actor, db.session.get_one(HoursEntry, entry), reason="重复登记")
        assert made.minutes == -30
        with pytest.raises(Conflict):
            reverse(actor, db.session.get_one(HoursEntry, entry), reason="再来一次")
        with pytest.raises(Conflict):
            reverse(actor, made, reason="反冲销")
        assert queries.statement(world.a.doctor, clock.today().year).total == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(HoursEntry)) == 2


@pytest.mark.parametrize(
    "wrong", [{"minutes": -31}, {"minutes": -29}, {"kind": "practice"}, {"on_day": date(2020, 1, 1)}]
)
def test_the_database_takes_back_exactly_what_was_entered(enter, session, world, wrong):
    entry = session.get_one(HoursEntry, enter(30))
    row = {"person_id": entry.person_id, "institution_id": entry.institution_id, "kind": entry.kind, "evidence": {}}
    row |= {"minutes": -30, "on_day": entry.on_day, "source_kind": "reversal", "source_id": "x", "reason": "x"}
    row |= {"reverses_id": entry.id, "confirmed_by_id": world.a.manager}
    with pytest.raises(sa.exc.IntegrityError, match="undoes_exactly_one"), session.begin_nested():
        session.execute(sa.insert(HoursEntry).values(row | wrong))
    session.execute(sa.insert(HoursEntry).values(row))


def test_what_is_done_needs_somebody_who_confirms_it(enter, world):
    with pytest.raises(sa.exc.IntegrityError, match="somebody_confirms_what_is_done"):
        enter(60, "s1", HoursKind.SIMULATION)
    assert enter(60, "s2", HoursKind.SIMULATION, confirmed_by_id=world.a.examiner)


def test_a_simulated_case_proves_itself_and_only_as_simulation(as_, world):
    def from_case(kind, source):
        return Earned(kind, 12, clock.today(), "case_run", source, {"title": "病例", "title_en": "A case"})

    with as_(CLERK) as actor:
        person = db.session.get_one(Person, world.a.doctor)
        assert credit(actor, person, earned=from_case(HoursKind.SIMULATION, "1"))
        with pytest.raises(sa.exc.IntegrityError, match="somebody_confirms_what_is_done"):
            credit(actor, person, earned=from_case(HoursKind.PRACTICE, "2"))


@pytest.mark.parametrize("minutes", [0, 1441, -5])
def test_impossible_minutes_are_refused(enter, minutes):
    with pytest.raises(sa.exc.IntegrityError):
        enter(minutes)


def test_nobody_credits_themselves_and_no_neighbour_does(as_, world):
    for who in (world.a.doctor, world.b.manager, world.a.editor, world.a.examiner):
        with as_(who) as actor, unfenced(db.session):
            person = db.session.get_one(Person, world.a.doctor)
            with pytest.raises(NotAllowed):
                credit(actor, person, earned=earned())


def test_the_app_cannot_change_the_ledger(enter, session):
    enter(30)
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        session.execute(sa.update(HoursEntry).values(minutes=300))


def test_the_statement_counts_by_kind_against_the_target(enter, page, world):
    enter(90)
    enter(60, "s", HoursKind.SIMULATION, confirmed_by_id=world.a.examiner)
    soup = page.get("/hours", world.a.doctor)
    assert [value.get_text() for value in soup.select(".stat-value")] == ["1.5小时", "1小时", "0小时"]
    assert soup.select_one("progress")["max"] == "40.0"
    assert "还差 37.5 小时" in soup.text
    assert "量准血压" in soup.text
    english = page.get("/hours", world.a.doctor, language="en")
    assert "Measure" in english.text
    assert "Theory" in english.text


def test_the_target_is_what_an_administrator_says(as_, page, world):
    page.get("/hours/target", world.a.manager, expect=403)
    page.get("/hours/target", world.a.administrator, expect=403)
    page.get("/hours/target", world.people["administrator"])
    page.post("/hours/target", world.people["administrator"], expect=422, hours="0", valid_from="2026-01-01")
    page.post("/hours/target", world.people["administrator"], expect=303, hours="２５", valid_from="2026年1月1日")
    soup = page.get("/hours?year=2026", world.a.doctor)
    assert soup.select_one("progress")["max"] == "25.0"
    with as_(world.people["administrator"]) as actor:
        set_target(actor, db.session.get_one(Institution, world.city), minutes=600, valid_from=date(2200, 1, 1))
        assert queries.target(date(2026, 6, 1)) == 1500
        assert queries.target(date(2025, 12, 31)) == 2400


def test_who_sees_whose_hours(enter, page, world):
    entry = enter(30)
    address = f"/people/{world.a.doctor}/hours"
    for who in (world.a.doctor, world.a.manager, world.a.auditor, world.people["manager"]):
        page.get(address, who)
    for who in (world.a.second_doctor, world.b.doctor, world.b.manager, world.a.editor):
        page.get(address, who, expect=404)
    page.get(address, None, expect=302)
    page.get("/hours", None, expect=302)
    page.get(f"/hours/entries/{entry}/reverse", world.a.doctor, expect=403)
    page.get(f"/hours/entries/{entry}/reverse", world.b.manager, expect=404)
    assert not page.get("/hours", world.a.doctor).select("td.act a")


def test_a_manager_takes_hours_back_with_a_reason(enter, page, world):
    entry = enter(30)
    assert page.get(f"/people/{world.a.doctor}/hours", world.a.manager).select("td.act a")
    page.get(f"/hours/entries/{entry}/reverse", world.a.manager)
    page.post(f"/hours/entries/{entry}/reverse", world.a.manager, expect=422, reason="")
    page.post(f"/hours/entries/{entry}/reverse", world.a.manager, expect=303, reason="登记错了人")
    soup = page.get(f"/people/{world.a.doctor}/hours", world.a.manager)
    assert "登记错了人" in soup.text
    assert not soup.select("td.act a")
    page.post(f"/hours/entries/{entry}/reverse", world.a.manager, expect=409, reason="登记错了人")


def test_the_statement_needs_as_many_statements_for_a_thousand_as_for_ten(enter, page, world, session, queries):
    enter(1)
    page.get("/hours", world.a.doctor)
    queries.clear()
    page.get("/hours", world.a.doctor)
    few = len(queries)
    session.add_all(
        HoursEntry(
            person_id=world.a.doctor,
            institution_id=world.a.township,
            kind="theory",
            minutes=1,
            on_day=clock.today(),
            source_kind="test",
            source_id=str(n),
            evidence={"title": f"第 {n} 课"},
        )
        for n in range(1000)
    )
    session.commit()
    queries.clear()
    soup = page.get("/hours", world.a.doctor)
    assert len(queries) == few
    assert len(soup.select("tbody tr")) == 50


def brought(person, number, minutes=45, kind=HoursKind.THEORY, **more):
    return person, Earned(kind, minutes, clock.today(), "old-system", str(number), {"title": "从前"}, **more)


@pytest.fixture
def bring(as_, world):
    """Bring hours in as somebody: the manager of county a, into county a."""

    def act(rows, who=None):
        with as_(who or world.a.manager) as actor:
            return bring_in(actor, db.session.get_one(Institution, world.a.commission), rows=rows)

    return act


def test_a_history_of_hours_comes_in_once_and_is_told_once(bring, session, world):
    rows = [brought(world.a.doctor, n) for n in range(30)]
    rows.append(brought(world.a.doctor, 30, kind=HoursKind.PRACTICE, confirmed_by_id=world.a.examiner))
    assert bring(rows) == 31
    assert bring(rows) == 0
    told = session.scalars(sa.select(OutboxEvent.payload).where(OutboxEvent.kind == "HoursBroughtIn")).all()
    assert [one["written"] for one in told] == [31]
    assert session.scalar(sa.select(sa.func.sum(HoursEntry.minutes))) == 31 * 45
    assert session.scalar(sa.select(sa.func.count()).where(OutboxEvent.kind == "HoursConfirmed")) == 0


@pytest.mark.parametrize("wrong", [{"minutes": 0}, {"minutes": 1441}, {"kind": HoursKind.SIMULATION}])
def test_impossible_or_unconfirmed_hours_are_refused_whole(bring, session, world, wrong):
    with pytest.raises(Invalid, match="2"):
        bring([brought(world.a.doctor, 1), brought(world.a.doctor, 2, **wrong)])
    assert session.scalar(sa.select(sa.func.count()).select_from(HoursEntry)) == 0


def test_hours_of_the_neighbour_county_are_refused_and_so_are_others(bring, as_, session, world):
    with pytest.raises(Invalid, match="2"):
        bring([brought(world.a.doctor, 1), brought(world.b.doctor, 2)])
    for who in (world.a.doctor, world.b.manager, world.a.exam_officer, world.a.auditor):
        with as_(who) as actor, unfenced(db.session):
            place = db.session.get_one(Institution, world.a.commission)
            with pytest.raises(NotAllowed):
                bring_in(actor, place, rows=[brought(world.a.doctor, 1)])
    assert session.scalar(sa.select(sa.func.count()).select_from(HoursEntry)) == 0
