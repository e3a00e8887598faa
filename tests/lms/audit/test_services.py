"""Every verb writes itself down, in its own transaction, without being asked."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from lms.audit import queries, services
from lms.audit.models import AuditEvent, AuditWaiting
from lms.audit.policy import Audit
from lms.authz import Actor, Open
from lms.db import act_as, db, grants
from lms.institutions.models import Institution
from lms.ledger import queries as ledger
from lms.ledger.models import LedgerEntry
from lms.people.models import Person
from lms.service import Deed, service, tell
from tests import databases
from tests.conftest import As
from tests.factories.world import World
from tests.lms.ledger.conftest import configure_vault
from tests.statements import heard
from tests.waiting import wait_until


@service(needs=Open.EVERYONE, tells=("reason",))
def touch(actor: Actor, on: object, *, reason: str = "", password: str = "", person: int | None = None) -> None:
    """A verb like any other."""
    tell(password=password)
    if person is not None:
        tell(person=person)


@service(needs=Open.EVERYONE)
def touch_twice(actor: Actor, on: object, *, then: Callable[[], None] = lambda: None) -> None:
    touch(actor, on, reason="first")
    touch(actor, on, reason="second")
    then()


def events(session: orm.Session) -> list[AuditEvent]:
    session.expire_all()
    return list(session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id)))


def told(session: orm.Session, event: AuditEvent) -> dict[str, Any]:
    return dict(queries.shown(session, event).told)


def test_a_deed_is_written_down_with_who_what_and_where(as_: As, session: orm.Session, world: World) -> None:
    with as_(world.a.manager) as actor:
        touch(actor, db.session.get(Institution, world.a.township), reason="因为", password="hunter2")
    (event,) = events(session)
    assert event.actor_person_id == world.a.manager
    assert event.actor_job is None
    assert (event.permission, event.verb) == ("open:everyone", "touch")
    assert (event.on_type, event.on_id) == ("institution", str(world.a.township))
    assert event.institution_id == world.a.township
    assert told(session, event) == {"reason": "因为", "password": "…"}
    assert b"hunter2" not in event.sealed
    assert "因为".encode() not in event.sealed
    entry = session.get_one(LedgerEntry, event.ledger_index)
    assert entry.kind == queries.KIND


def test_inner_verbs_are_written_down_too_in_their_order(as_: As, session: orm.Session, world: World) -> None:
    with as_(world.a.manager) as actor:
        touch_twice(actor, None)
    found = events(session)
    assert [event.verb for event in found] == ["touch", "touch", "touch_twice"]
    assert [told(session, event).get("reason") for event in found] == ["first", "second", None]
    first = found[0].ledger_index
    assert [event.ledger_index for event in found] == [first, first + 1, first + 2]


def test_what_was_not_done_is_not_written_down(as_: As, session: orm.Session, world: World) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    before = ledger.size(session)
    with as_(world.a.manager) as actor, pytest.raises(ZeroDivisionError):
        touch_twice(actor, None, then=fail)
    assert events(session) == []
    assert ledger.size(session) == before


# ---- whom it concerns, where it belongs --------------------------------------------------------


def test_a_deed_about_a_person_is_sealed_under_that_persons_key(as_: As, session: orm.Session, world: World) -> None:
    with as_(world.people["manager"]) as actor:
        touch(actor, db.session.get(Person, world.b.doctor))
    (event,) = events(session)
    subject = session.get_one(Person, world.b.doctor).ledger_subject
    assert event.sealed[1:17] == subject.bytes
    assert (event.on_type, event.on_id, event.institution_id) == ("person", str(world.b.doctor), world.b.township)


def test_a_shared_thing_belongs_to_the_institution_of_who_did_it(as_: As, session: orm.Session, world: World) -> None:
    with as_(world.b.editor) as actor:
        touch(actor, None)
    (event,) = events(session)
    assert (event.on_type, event.on_id, event.institution_id) == (None, None, world.b.commission)
    assert event.sealed[1:17] == session.get_one(Person, world.b.editor).ledger_subject.bytes


def test_a_visitor_who_becomes_a_person(as_: As, session: orm.Session, world: World) -> None:
    """Signing in: the actor is nobody yet, the verb says who it was."""
    with as_(Actor.PUBLIC) as actor:
        touch(actor, "what was typed", person=world.a.doctor)
    (event,) = events(session)
    assert event.actor_person_id is None
    assert (event.on_type, event.on_id, event.institution_id) == ("person", str(world.a.doctor), world.a.township)
    shown = queries.shown(session, event)
    assert shown.opened is not None
    assert "what was typed" not in shown.opened.text.decode()


def test_a_job_belongs_to_no_institution(as_: As, session: orm.Session) -> None:
    with as_(Actor.job("nightly", Open.EVERYONE)) as actor:
        touch(actor, None)
    (event,) = events(session)
    assert (event.actor_job, event.actor_person_id, event.institution_id) == ("nightly", None, None)
    assert event.sealed[:1] == b"\0"


def test_a_new_thing_has_its_number(as_: As, session: orm.Session, world: World) -> None:
    with as_(world.people["manager"]) as actor:
        made = Institution(
            code="n1", name="新", kind="village_clinic", division_code="530302", parent_id=world.a.township, path="9.9"
        )
        db.session.add(made)
        touch(actor, made)
    (event,) = events(session)
    assert event.on_id
    assert event.on_id == str(event.institution_id)


def test_whence_a_request_came(app: Any, page: Any, session: orm.Session, world: World) -> None:
    page.get("/audit?export=csv", world.people["auditor"])
    (event,) = events(session)
    assert event.request_id == page.answer.headers["X-Request-ID"]
    assert event.verb == "take_out"
    assert told(session, event)["address"] == "127.0.0.1"


# ---- cost and order ----------------------------------------------------------------------------


def test_many_deeds_cost_no_more_statements_than_one(app: Any, world: World, as_: As) -> None:
    sent: list[str] = []

    def cost(count: int) -> int:
        with as_(world.a.manager) as actor:
            thing = db.session.get(Institution, world.a.township)
            sent.clear()
            services.write_down(db.session, [Deed(actor, Audit.READ, f"verb{i}", thing) for i in range(count)])
            assert sum("audit_event" in one for one in sent) == 1
            statements = len(sent)
            db.session.commit()
            return statements

    with heard(app, sent.append):
        cost(1)
        assert cost(1) == cost(40) == 7


def test_nothing_is_waited_for_under_the_lock_of_the_ledger(live: databases.Live) -> None:
    """An officer holds a person's row and is about to write; that person writes meanwhile: nobody is sacrificed."""
    configure_vault()
    engine = live.engine(grants.APP)
    person = live.world.a.doctor
    wrong: list[BaseException] = []
    held, go = threading.Event(), threading.Event()

    def officer() -> None:
        with orm.Session(engine) as session:
            act_as(session, Actor.job("officer"))
            session.execute(sa.text("SELECT 1 FROM person WHERE id = :id FOR UPDATE"), {"id": person})
            held.set()
            go.wait(90)
            services.write_down(session, [Deed(Actor(live.world.a.manager), Audit.READ, "officer", None)])
            session.commit()

    def doctor() -> None:
        with orm.Session(engine) as session:
            act_as(session, Actor.job("doctor"))
            held.wait(90)
            services.write_down(session, [Deed(Actor(person), Audit.READ, "doctor", None)])
            session.commit()

    def guarded(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=[act]) for act in (officer, doctor)]
    for thread in threads:
        thread.start()
    held.wait(90)
    _wait_until_blocked(live)
    go.set()
    for thread in threads:
        thread.join(90)
    assert wrong == []


def _wait_until_blocked(live: databases.Live) -> None:
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with live.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        wait_until(lambda: connection.exec_driver_sql(query).scalar_one(), 60)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET verb = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "INSERT INTO audit_event (at) VALUES (now())",
    ],
)
def test_the_app_can_only_append(app: Any, as_: As, statement: str) -> None:
    with as_(Actor.job("test")):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            db.session.execute(sa.text(statement))
        db.session.rollback()


def test_a_job_that_found_nothing_to_do_is_not_written_down(live: databases.Live) -> None:
    configure_vault()
    job = Actor.job("sweep")
    with orm.Session(live.engine(grants.APP)) as session:
        act_as(session, job)
        deeds = [Deed(job, Audit.READ, "sweep", None)]
        session.scalar(sa.select(sa.func.count()).select_from(Person))
        services.write_down(session, deeds)
        session.commit()
        assert events(session) == []
        session.execute(sa.update(Person).values(email=None), execution_options={"scope": "all"})
        services.write_down(session, deeds)
        session.commit()
        assert len(events(session)) == 1
        services.write_down(session, [Deed(job, Audit.READ, "sweep", None, {"over": 0})])
        services.write_down(session, [Deed(Actor(live.world.a.doctor), Audit.READ, "look", None)])
        session.commit()
        assert len(events(session)) == 3


@service(needs=Open.EVERYONE, later=True)
def touch_in_a_crowd(actor: Actor, on: object, *, reason: str = "", person: int | None = None) -> None:
    """A verb that a thousand people do at once."""
    tell(reason=reason, **({} if person is None else {"person": person}))


def bring_in(as_: As, **some: int) -> int:
    with as_(Actor.job("bring in")):
        return services.write_down_waiting(db.session, **some)


def test_what_may_wait_is_written_down_by_a_job_in_its_order_with_its_moment(
    as_: As, session: orm.Session, world: World
) -> None:
    with as_(world.a.doctor) as actor:
        touch_in_a_crowd(actor, None, reason="一")
        touch_in_a_crowd(actor, db.session.get(Institution, world.a.township), reason="二")
    assert events(session) == []
    waiting = list(session.scalars(sa.select(AuditWaiting).order_by(AuditWaiting.id)))
    assert len(waiting) == 2
    assert all("一".encode() not in one.sealed and b"touch" not in one.sealed for one in waiting)
    moments = [one.at.isoformat() for one in waiting]
    assert bring_in(as_) == 2
    found = events(session)
    assert [told(session, event)["reason"] for event in found] == ["一", "二"]
    assert [told(session, event)["at"] for event in found] == moments
    home = session.get_one(Person, world.a.doctor).institution_id
    assert [event.institution_id for event in found] == [home, world.a.township]
    assert {event.actor_person_id for event in found} == {world.a.doctor}
    assert session.scalar(sa.select(sa.func.count()).select_from(AuditWaiting)) == 0
    assert bring_in(as_) == 0


def test_what_was_left_for_later_goes_with_its_transaction(as_: As, session: orm.Session, world: World) -> None:
    @service(needs=Open.EVERYONE)
    def fail(actor: Actor, on: object) -> None:
        touch_in_a_crowd(actor, None)
        raise ZeroDivisionError

    with as_(world.a.doctor) as actor, pytest.raises(ZeroDivisionError):
        fail(actor, None)
    assert session.scalar(sa.select(sa.func.count()).select_from(AuditWaiting)) == 0


def test_a_deed_that_does_not_wait_takes_along_what_was_done_with_it(
    as_: As, session: orm.Session, world: World
) -> None:
    @service(needs=Open.EVERYONE)
    def both(actor: Actor, on: object) -> None:
        touch_in_a_crowd(actor, None, reason="inner")

    with as_(world.a.doctor) as actor:
        both(actor, None)
    assert [event.verb for event in events(session)] == ["touch_in_a_crowd", "both"]


def test_waiting_deeds_are_brought_in_some_at_a_time(as_: As, session: orm.Session, world: World) -> None:
    with as_(world.a.doctor) as actor:
        for number in range(5):
            touch_in_a_crowd(actor, None, reason=str(number))
    assert [bring_in(as_, most=2) for _ in range(4)] == [2, 2, 1, 0]
    assert [told(session, event)["reason"] for event in events(session)] == list("01234")
