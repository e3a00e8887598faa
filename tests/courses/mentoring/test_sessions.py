"""Sessions: said by one side, stood by by the other, counted once; and what was kept on paper."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from courses.mentoring import services
from courses.mentoring.models import MentoringSession, Pairing, SessionDecision, mentored_by
from courses.mentoring.policy import mentors
from courses.mentoring.queries import matching, pairs
from courses.mentoring.services import PastPair, PastSession
from lms import clock
from lms.audit.models import AuditEvent
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent
from lms.institutions.models import Institution
from lms.people.models import Person
from tests.factories.mentoring import Office, ago, stand, techniques
from tests.factories.world import World


def test_a_session_counts_once_the_other_side_confirms_it(
    office: Office, session: orm.Session, world: World, pairing: int
) -> None:
    made = office.log(world.a.examiner, pairing, minutes=90)
    assert (office.tally(pairing).on_site, office.tally(pairing).waiting) == (0, 1)
    with pytest.raises(NotAllowed):
        office.confirm(world.a.examiner, made)
    office.confirm(world.a.doctor, made)
    counted = office.tally(pairing)
    assert (counted.on_site, counted.remote, counted.minutes, counted.waiting) == (1, 0, 90, 0)
    with pytest.raises(Conflict):
        office.confirm(world.a.doctor, made)
    assert session.scalar(sa.select(sa.func.count()).where(OutboxEvent.kind == "SessionConfirmed")) == 1
    with office.as_(world.a.manager):
        assert pairs.taught_minutes([world.a.examiner], clock.today().year) == {world.a.examiner: 90}


def test_remote_sessions_teach_but_are_not_on_site(office: Office, world: World, pairing: int) -> None:
    office.confirm(world.a.examiner, office.log(world.a.doctor, pairing, on_site=False))
    counted = office.tally(pairing)
    assert (counted.on_site, counted.remote, counted.minutes) == (0, 1, 60)


def test_a_rejected_session_is_put_right_by_a_new_one_once(
    office: Office, session: orm.Session, world: World, pairing: int
) -> None:
    wrong = office.log(world.a.examiner, pairing, minutes=300)
    with pytest.raises(Invalid):
        office.do(world.a.doctor, MentoringSession, wrong, services.reject, reason=" ")
    office.do(world.a.doctor, MentoringSession, wrong, services.reject, reason="只有两小时")
    assert office.tally(pairing).on_site == 0

    def again() -> int:
        return office.log(world.a.examiner, pairing, minutes=120, replaces=wrong)

    right = again()
    office.confirm(world.a.doctor, right)
    assert office.tally(pairing).minutes == 120
    session.expire_all()
    assert session.get_one(MentoringSession, right).replaces_id == wrong
    assert session.get_one(MentoringSession, wrong).minutes == 300, "what was said stays readable"
    with pytest.raises(Conflict):
        again()


def test_a_logged_session_can_be_withdrawn_until_it_is_settled(office: Office, world: World, pairing: int) -> None:
    made = office.log(world.a.doctor, pairing)
    with pytest.raises(NotAllowed):
        office.do(world.a.examiner, MentoringSession, made, services.withdraw)
    office.do(world.a.doctor, MentoringSession, made, services.withdraw)
    assert office.tally(pairing).waiting == 0
    with pytest.raises(Conflict):
        office.confirm(world.a.examiner, made)


def test_a_page_sent_twice_is_one_session(office: Office, session: orm.Session, world: World, pairing: int) -> None:
    first = office.log(world.a.examiner, pairing, source_id="one-page")
    assert office.log(world.a.examiner, pairing, source_id="one-page") == first
    assert session.scalar(sa.select(sa.func.count()).select_from(MentoringSession)) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"minutes": 4}, "minutes"),
        ({"minutes": 721}, "minutes"),
        ({"on_day": ago(-1)}, "on_day"),
        ({"on_day": ago(101)}, "on_day"),
        ({"done": "  "}, "done"),
        ({"done": "字" * 2001}, "done"),
        ({"done": "a\x00b"}, "done"),
        ({"next_step": "\ud800"}, "next_step"),
        ({"technique_ids": (999_999_999,)}, "techniques"),
        ({"done": "一起看了患者王小明，调整了用药"}, "done"),
        ({"next_step": "电话 138 1234 5678 随访"}, "next_step"),
    ],
)
def test_what_cannot_have_been_is_refused(
    office: Office, world: World, pairing: int, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        office.log(world.a.examiner, pairing, **changed)
    assert refused.value.where["field"] == field


def test_nothing_is_logged_before_both_have_agreed(office: Office, world: World) -> None:
    office.offer(world.a.manager, world.a.examiner)
    pair = office.pair(world.a.manager, world.a.doctor, world.a.examiner, agreed=False)
    office.agree(world.a.doctor, pair)
    with pytest.raises(Conflict, match="双方"):
        office.log(world.a.doctor, pair)
    office.agree(world.a.examiner, pair)
    assert office.log(world.a.doctor, pair)


def test_the_year_of_a_pair_begins_anew_on_its_own_day(
    office: Office, session: orm.Session, world: World, pairing: int
) -> None:
    row = session.get_one(Pairing, pairing)
    today = clock.today()
    row.agreed_from = date(today.year - 1, today.month, min(today.day, 28))
    row.agreed_until = date(today.year + 1, today.month, min(today.day, 28))
    office.confirm(world.a.doctor, office.log(world.a.examiner, pairing, on_day=row.agreed_from))
    counted = office.tally(pairing)
    assert (counted.on_site, counted.ever) == (0, 1)
    assert counted.year_from == date(today.year, today.month, min(today.day, 28))


def test_after_the_end_thirty_days_remain(office: Office, session: orm.Session, world: World, pairing: int) -> None:
    row = session.get_one(Pairing, pairing)
    row.ended_on, row.ended_why = ago(29), "外派"
    made = office.log(world.a.examiner, pairing, on_day=ago(30))
    with pytest.raises(Invalid):
        office.log(world.a.examiner, pairing, on_day=ago(29))
    row.ended_on = ago(30)
    with pytest.raises(NotAllowed):
        office.log(world.a.examiner, pairing, on_day=ago(31))
    with pytest.raises(NotAllowed):
        office.confirm(world.a.doctor, made)


def test_a_stranger_finds_no_session(office: Office, world: World, pairing: int) -> None:
    made = office.log(world.a.examiner, pairing)
    for who in (world.a.second_examiner, world.a.second_doctor, world.b.manager, world.b.doctor, world.b.examiner):
        with office.as_(who):
            assert db.session.get(MentoringSession, made) is None
            assert db.session.get(Pairing, pairing) is None
            assert db.session.scalars(sa.select(SessionDecision)).all() == []


def test_the_mentor_knows_where_the_apprentice_stands_while_the_pair_runs(
    office: Office, session: orm.Session, world: World, pairing: int
) -> None:
    known = techniques(session, 2)
    stand(session, world.a.doctor, {known[0]: 3})
    session.commit()
    with office.as_(world.a.examiner) as actor:
        pair = db.session.get_one(Pairing, pairing)
        found = matching.gaps_of([pair])[pairing]
        assert [(gap.technique.id, gap.level, gap.levels) for gap in found] == [(known[1], 0, 4), (known[0], 3, 1)]
        assert mentors(actor, pair)
    with office.as_(world.a.second_examiner) as actor:
        assert not mentors(actor, SimpleNamespace(person_id=world.a.doctor))
    row = session.get_one(Pairing, pairing)
    row.ended_on, row.ended_why = clock.today(), "外派"
    session.commit()
    with office.as_(world.a.examiner) as actor:
        pair = db.session.get_one(Pairing, pairing)
        assert matching.gaps_of([pair]) == {}
        assert not mentors(actor, pair)
    assert session.execute(mentored_by(world.a.examiner)).all() == []


def past(pairing: int, *days: int, **changed: Any) -> list[PastSession]:
    def row(days_ago: int) -> PastSession:
        said: dict[str, Any] = {
            "pairing_id": pairing,
            "on_day": ago(days_ago),
            "minutes": 45,
            "on_site": True,
            "technique_ids": (),
            "done": "查房",
            "source_id": f"2026-{days_ago}",
        }
        return PastSession(**said | changed)

    return [row(one) for one in days]


def bring(office: Office, who: int, place: int, rows: list[PastSession]) -> int:
    entered: int = office.do(who, Institution, place, services.bring_in, rows=rows, source_kind="paper-log")
    return entered


def test_a_paper_log_is_taken_over_once_with_one_line_in_the_audit(
    office: Office, session: orm.Session, world: World, pairing: int
) -> None:
    rows = past(pairing, 10, 20, 30)
    assert bring(office, world.a.manager, world.a.commission, rows) == 3
    assert bring(office, world.a.manager, world.a.commission, [*rows, *past(pairing, 40)]) == 1
    counted = office.tally(pairing)
    assert (counted.on_site, counted.minutes, counted.waiting) == (4, 180, 0)
    lines = session.scalars(sa.select(AuditEvent).where(AuditEvent.verb == "bring_in")).all()
    assert len(lines) == 2
    assert session.scalar(sa.select(sa.func.count()).where(OutboxEvent.kind == "SessionConfirmed")) == 0


@pytest.mark.parametrize(
    "changed",
    [{"minutes": 0}, {"on_day": ago(-1)}, {"on_day": ago(500)}, {"technique_ids": (987_654_321,)}, {"source_id": ""}],
)
def test_a_log_with_one_wrong_row_is_not_taken_over_at_all(
    office: Office, session: orm.Session, world: World, pairing: int, changed: dict[str, Any]
) -> None:
    with pytest.raises(Invalid, match="2"):
        bring(office, world.a.manager, world.a.commission, [*past(pairing, 10), *past(pairing, 20, **changed)])
    assert session.scalar(sa.select(sa.func.count()).select_from(MentoringSession)) == 0


def test_nobody_brings_in_sessions_of_another_county(office: Office, world: World, pairing: int) -> None:
    with pytest.raises(NotAllowed):
        bring(office, world.b.manager, world.a.commission, past(pairing, 10))
    with pytest.raises(Invalid):
        bring(office, world.b.manager, world.b.commission, past(pairing, 10))


def test_agreements_on_paper_are_taken_over_once(office: Office, session: orm.Session, world: World) -> None:
    rows = [
        PastPair(world.a.doctor, world.a.examiner, ago(800), ago(100), "甲-1"),
        PastPair(world.a.doctor, world.a.second_examiner, ago(100), ago(-600), "甲-2"),
        PastPair(world.a.village_doctor, world.a.examiner, ago(300), ago(-400), "甲-3", ago(200), "调动"),
    ]

    def bring_pairs(given: list[PastPair]) -> dict[str, int]:
        found: dict[str, int] = office.do(
            world.a.manager, Institution, world.a.commission, services.bring_in_pairs, rows=given, source_kind="paper"
        )
        return found

    made = bring_pairs(rows)
    assert made == bring_pairs(rows)
    assert sorted(made) == ["甲-1", "甲-2", "甲-3"]
    assert session.get_one(Pairing, made["甲-2"]).agreed
    assert session.scalar(sa.select(sa.func.count()).select_from(Pairing)) == 3
    with pytest.raises(Conflict):
        bring_pairs([PastPair(world.a.doctor, world.a.examiner, ago(50), ago(-700), "甲-4")])
    with pytest.raises(Invalid, match="1"):
        bring_pairs([PastPair(world.b.doctor, world.a.examiner, ago(50), ago(-700), "甲-5")])
    assert session.scalar(sa.select(sa.func.count()).select_from(Pairing)) == 3


def test_what_is_appended_is_never_changed(office: Office, world: World, pairing: int) -> None:
    office.log(world.a.examiner, pairing)
    for model in (MentoringSession, SessionDecision):
        assert model.__append_only__
    with office.as_(world.a.manager), pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        db.session.execute(sa.update(MentoringSession).values(minutes=600))


def test_a_deactivated_person_stays_in_the_history(
    office: Office, session: orm.Session, world: World, pairing: int
) -> None:
    session.get_one(Person, world.a.examiner).active = False
    session.commit()
    with office.as_(world.a.doctor):
        assert db.session.get_one(Pairing, pairing).mentor_name == "陈建国"
    assert session.get_one(Pairing, pairing).agreed_until > clock.today() + timedelta(days=1)
