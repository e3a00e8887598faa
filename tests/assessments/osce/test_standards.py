"""Cuts of a circuit: set over just its closed sheets, by methods that refuse, kept with reasons, in force or not."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce import formats
from assessments.osce.models import Circuit, CircuitStandard, CircuitStation, Method, StationStandard
from assessments.osce.queries import quality, standards
from assessments.osce.rules import quality as rules
from assessments.osce.services import planning
from assessments.osce.services import standards as services
from assessments.osce.services.standards import Wanted
from lms import clock
from lms.audit.models import AuditEvent
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from tests.factories.cohorts import persons
from tests.factories.osce import Office
from tests.factories.osce_cohort import Hand, Held, backwards, fair, sit, two_words
from tests.factories.world import World

D = Decimal
REASON = "边界回归，考务会决定"


def held(session: orm.Session, world: World, *hands: Hand, count: int = 12, **more: object) -> Held:
    """A circuit of county A that ran, one examiner at each station."""
    who = persons(session, world, count, prefix=f"c{more.get('seed', 1)}")
    marking = [[(world.a.examiner, hand)] for hand in hands]
    return sit(session, world, who, hands=marking, **more)  # type: ignore[arg-type]


@pytest.fixture
def closed(office: Office, world: World, session: orm.Session) -> Held:
    """Three stations, closed by the county's officer: one is sound, one goes backwards, one uses two ratings."""
    made = held(session, world, fair, backwards, two_words, count=30)
    office.close(world.a.exam_officer, made.circuit)
    return made


def cuts(office: Office, officer: int, circuit: int) -> standards.Cuts:
    with office.as_(officer):
        return standards.cuts_of(db.session.get_one(Circuit, circuit))


def set_one(office: Office, officer: int, station: int, wanted: Wanted, reason: str = REASON) -> Decimal:
    with office.as_(officer) as actor:
        place = db.session.get_one(CircuitStation, station)
        return services.set_station(actor, place, wanted=wanted, reason=reason).cut_percent


def set_whole(
    office: Office, officer: int, circuit: int, errors: Decimal | None, least: int, reason: str = REASON
) -> int:
    with office.as_(officer) as actor:
        row = db.session.get_one(Circuit, circuit)
        return services.set_exam(actor, row, errors=errors, least_stations=least, reason=reason).version


def test_without_a_standard_each_form_says_what_it_asks(office: Office, closed: Held, world: World) -> None:
    found = cuts(office, world.a.exam_officer, closed.circuit)
    assert list(found.stations) == closed.stations
    assert set(found.stations.values()) <= {D(60), D(70), D(80)}
    assert (found.exam, found.least_stations, found.set_by) == (None, 0, frozenset())
    assert found.words
    assert found.why


def test_a_cut_by_the_line_is_kept_with_all_it_rests_on(
    office: Office, closed: Held, world: World, session: orm.Session
) -> None:
    officer, station = world.a.exam_officer, closed.stations[0]
    before = cuts(office, officer, closed.circuit)
    cut = set_one(office, officer, station, Wanted(Method.BORDERLINE_REGRESSION))
    row = session.scalars(sa.select(StationStandard)).one()
    assert row.figures["n"] == 30
    assert D(row.figures["cut"]).quantize(D("0.01")) == cut == row.cut_percent
    assert float(row.figures["low"]) < float(cut) < float(row.figures["high"])
    assert row.figures["guards"] == ["few_candidates"]
    assert (row.reason, row.made_by_id, row.version) == (REASON, officer, 1)
    assert row.closed_hash == session.get_one(Circuit, closed.circuit).closed_hash
    found = cuts(office, officer, closed.circuit)
    assert found.stations[station] == cut
    assert found.hash != before.hash
    assert found.set_by == {officer}
    assert REASON in found.why


def test_each_guard_refuses_in_words(office: Office, closed: Held, world: World, session: orm.Session) -> None:
    officer = world.a.exam_officer
    with pytest.raises(Invalid, match=r"不随评价升高|does not rise"):
        set_one(office, officer, closed.stations[1], Wanted(Method.BORDERLINE_REGRESSION))
    with pytest.raises(Invalid, match=r"不足三档|Fewer than three"):
        set_one(office, officer, closed.stations[2], Wanted(Method.BORDERLINE_REGRESSION))
    with pytest.raises(Invalid, match=r"没有可并入|no earlier"):
        set_one(office, officer, closed.stations[0], Wanted(Method.POOLED_REGRESSION))
    with pytest.raises(Invalid, match=r"写明|理由|Say why|为什么|原因"):
        set_one(office, officer, closed.stations[0], Wanted(Method.BORDERLINE_REGRESSION), reason="  ")
    for percent in (None, D(0), D(101), D(-5)):
        with pytest.raises(Invalid):
            set_one(office, officer, closed.stations[0], Wanted(Method.FIXED, percent))
    assert session.scalar(sa.select(sa.func.count()).select_from(StationStandard)) == 0


def test_several_at_once_or_none(office: Office, closed: Held, world: World, session: orm.Session) -> None:
    officer, first, second = world.a.exam_officer, closed.stations[0], closed.stations[1]

    def ask(methods: dict[int, Method]) -> int:
        with office.as_(officer) as actor:
            row = db.session.get_one(Circuit, closed.circuit)
            return services.set_stations(actor, row, methods=methods, reason=REASON)

    with pytest.raises(Invalid):
        ask({first: Method.BORDERLINE_REGRESSION, second: Method.BORDERLINE_REGRESSION})
    for wrong in ({}, {first: Method.FIXED}, {999_999: Method.BORDERLINE_GROUP}):
        with pytest.raises(Invalid):
            ask(wrong)
    assert session.scalar(sa.select(sa.func.count()).select_from(StationStandard)) == 0
    assert ask({first: Method.BORDERLINE_REGRESSION, second: Method.BORDERLINE_GROUP}) == 2
    assert set(cuts(office, officer, closed.circuit).stations) == set(closed.stations)
    session.expire_all()
    group = session.scalars(sa.select(StationStandard).where(StationStandard.circuit_station_id == second)).one()
    assert D(group.figures["group_mean"]).quantize(D("0.01")) == group.cut_percent


def test_judges_set_a_cut(office: Office, closed: Held, world: World, session: orm.Session) -> None:
    body = session.get_one(CircuitStation, closed.stations[1]).version.body
    items = [item["points"] for item in body["items"]]
    table = "judge,round," + ",".join(str(at) for at in range(len(items)))
    rows = [
        f"{judge},{turn}," + ",".join([share] * len(items))
        for turn in (1, 2)
        for judge, share in (("甲", f"0.{4 + turn}"), ("乙", f"0.{5 + turn}"))
    ]
    rounds = formats.judged("\n".join([table, *rows]), len(items))
    assert set(rounds) == {1, 2}
    cut = set_one(office, world.a.exam_officer, closed.stations[1], Wanted(Method.ANGOFF, judges=rounds))
    assert cut == D("65.00")  # the second round: .6 and .7 of every point
    kept = session.scalars(sa.select(StationStandard)).one().figures
    assert kept["judges"] == {"甲": "60.00", "乙": "70.00"}
    assert Fraction(kept["rounds"]["1"]["甲"][0]) == Fraction(1, 2)
    with pytest.raises(Invalid):
        set_one(office, world.a.exam_officer, closed.stations[1], Wanted(Method.ANGOFF))


@pytest.mark.parametrize(
    "text",
    ["", "judge,1\n甲,2\n", "judge,1\n甲,NaN\n", "judge,1,2\n甲,.5,.5\n", "a,b\n1,2\n", "judge,1\n甲,.5\n甲,.6\n"],
)
def test_a_table_of_judges_that_cannot_be_used_is_refused(app: object, text: str) -> None:
    with pytest.raises(Invalid):
        formats.judged(text, 1)


def test_another_setting_supersedes_and_old_ones_stay(
    office: Office, closed: Held, world: World, session: orm.Session
) -> None:
    officer, city, station = world.a.exam_officer, world.people["exam_officer"], closed.stations[0]
    set_one(office, officer, station, Wanted(Method.FIXED, D(55)), "第一次")
    set_one(office, city, station, Wanted(Method.FIXED, D("57.5")), "专家复议")
    found = cuts(office, officer, closed.circuit)
    assert found.stations[station] == D("57.50")
    assert found.set_by == {city}
    assert "专家复议" in found.why
    assert "第一次" not in found.why
    with office.as_(officer):
        made = standards.settings_of(db.session.get_one(Circuit, closed.circuit))
        assert [one.standard.version for one in made] == [2, 1]
    heard = session.scalars(sa.select(AuditEvent.verb).where(AuditEvent.verb.like("%set_station"))).all()
    assert len(heard) == 2


def test_what_is_asked_over_all_stations(office: Office, closed: Held, world: World, session: orm.Session) -> None:
    officer = world.a.exam_officer
    with office.as_(officer):
        found = quality.of_circuit(db.session.get_one(Circuit, closed.circuit))
        sem, mean = found.sem, rules.mean_cut(found.cuts, found.weights)
    assert sem is not None
    assert set_whole(office, officer, closed.circuit, D(1), 2) == 1
    whole = cuts(office, officer, closed.circuit)
    expected = rules.rounded(mean + Fraction(sem))
    assert (whole.exam, whole.least_stations) == (expected, 2)
    row = session.scalars(sa.select(CircuitStandard)).one()
    assert (row.errors, row.standard_error) == (D("1.00"), sem)
    assert row.figures["candidates"] == 30
    for errors, least in ((D("0.5"), 2), (D(0), 4), (D(0), -1)):
        with pytest.raises(Invalid):
            set_whole(office, officer, closed.circuit, errors, least)
    # once a station's cut is another, what was asked over all no longer holds
    set_one(office, officer, closed.stations[0], Wanted(Method.FIXED, D(50)))
    outdated = cuts(office, officer, closed.circuit)
    assert (outdated.exam, outdated.least_stations) == (None, 0)
    assert set_whole(office, officer, closed.circuit, None, 2) == 2
    assert (cuts(office, officer, closed.circuit).exam, cuts(office, officer, closed.circuit).least_stations) == (
        None,
        2,
    )


def test_it_holds_for_just_these_sheets(office: Office, closed: Held, world: World, session: orm.Session) -> None:
    officer, station = world.a.exam_officer, closed.stations[0]
    own = cuts(office, officer, closed.circuit).stations[station]
    set_one(office, officer, station, Wanted(Method.FIXED, D(41)))
    office.reopen(officer, closed.circuit)
    assert cuts(office, officer, closed.circuit).stations[station] == own
    with pytest.raises(Conflict):
        set_one(office, officer, station, Wanted(Method.FIXED, D(42)))
    office.close(officer, closed.circuit)  # the same sheets again: the same hash, and the standard holds
    assert cuts(office, officer, closed.circuit).stations[station] == D("41.00")
    set_whole(office, officer, closed.circuit, D(0), 1)
    assert cuts(office, officer, closed.circuit).exam is not None
    office.reopen(officer, closed.circuit)
    with office.as_(officer) as actor:
        planning.add_candidates(actor, db.session.get_one(Circuit, closed.circuit), persons=[world.a.doctor])
    office.close(officer, closed.circuit, reason="缺考")
    after = cuts(office, officer, closed.circuit)
    assert (after.stations[station], after.exam, after.set_by) == (own, None, frozenset())
    with office.as_(officer):
        assert len(standards.settings_of(db.session.get_one(Circuit, closed.circuit))) == 2


def test_who_sets_a_cut_does_not_release_by_it(office: Office, closed: Held, world: World) -> None:
    officer, city = world.a.exam_officer, world.people["exam_officer"]
    set_one(office, city, closed.stations[0], Wanted(Method.FIXED, D(41)))
    with pytest.raises(Conflict):
        office.release(city, closed.circuit)
    set_one(office, officer, closed.stations[0], Wanted(Method.FIXED, D(42)))
    office.release(city, closed.circuit)
    with pytest.raises(Conflict):
        set_one(office, officer, closed.stations[0], Wanted(Method.FIXED, D(43)))
    assert cuts(office, officer, closed.circuit).stations[closed.stations[0]] == D("42.00")


def test_who_may_not(office: Office, world: World, session: orm.Session) -> None:
    made = held(session, world, fair, count=5)
    officer = world.a.exam_officer
    for who in (officer,):
        with pytest.raises(Conflict):  # still running
            set_one(office, who, made.stations[0], Wanted(Method.FIXED, D(50)))
    office.close(officer, made.circuit)
    for who in (world.a.examiner, world.a.doctor, world.people["auditor"]):
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            set_one(office, who, made.stations[0], Wanted(Method.FIXED, D(50)))
    with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
        set_one(office, world.b.exam_officer, made.stations[0], Wanted(Method.FIXED, D(50)))


def test_an_officer_who_examined_does_not_set_cuts(office: Office, world: World, session: orm.Session) -> None:
    who = persons(session, world, 5)
    city = world.people["exam_officer"]
    made = sit(session, world, who, hands=[[(city, fair)]])
    office.close(world.a.exam_officer, made.circuit)
    with pytest.raises(NotAllowed):
        set_one(office, city, made.stations[0], Wanted(Method.FIXED, D(50)))


def test_earlier_released_sittings_are_pooled(office: Office, world: World, session: orm.Session) -> None:
    officer, city = world.a.exam_officer, world.people["exam_officer"]
    last_year = clock.today() - timedelta(days=365)
    before = held(session, world, fair, count=30, seed=7, on_day=last_year)
    office.close(officer, before.circuit)
    office.release(city, before.circuit)
    unreleased = held(session, world, fair, count=10, seed=8, on_day=last_year)
    office.close(officer, unreleased.circuit)
    made = held(session, world, fair, count=25, seed=9)
    office.close(officer, made.circuit)
    with office.as_(officer):
        place = quality.of_circuit(db.session.get_one(Circuit, made.circuit)).places[0]
        pooled = place.found.pooled
        assert pooled is not None
        assert (place.found.own is not None and place.found.own.n, pooled.n, place.found.sittings) == (25, 55, 1)
        assert pooled.guards == ()
    cut = set_one(office, officer, made.stations[0], Wanted(Method.POOLED_REGRESSION))
    kept = session.scalars(sa.select(StationStandard)).one()
    assert (kept.figures["n"], kept.figures["sittings"], kept.cut_percent) == (55, 1, cut)
