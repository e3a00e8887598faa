"""Somebody with a certificate is erased: the name is nowhere, the number stays, the ledger still holds."""

import json
from datetime import timedelta

import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy import orm

from assessments.certification.models import Certificate
from assessments.signoff.models import Signature, SignOff
from assessments.signoff.rules import Side
from courses.mentoring.models import Pairing
from lms import clock
from lms.authz import Actor
from lms.db import Model, act_as, db, transaction
from lms.ledger import queries, services
from lms.people.jobs import erase_due
from lms.people.models import Erasure, Person
from lms.people.services import erasing, register
from lms.techniques.models import Technique
from tests.assessments.certification.conftest import Way
from tests.conftest import As
from tests.databases import Live
from tests.pages import Page

NAME = "独孤不败"


def said(session: orm.Session) -> dict[str, str]:
    """Every row of every table as text."""
    tables = Model.metadata.sorted_tables
    rows = {
        table.name: session.connection().execute(sa.text(f'SELECT t::text FROM "{table.name}" t')) for table in tables
    }
    return {name: "\n".join(row[0] for row in found) for name, found in rows.items()}


def verified(app: Flask) -> queries.Finding:
    with app.app_context():
        act_as(db.session, Actor.job("ledger"))
        services.seal_rows(db.session, whole=True)
        with transaction(db.session):
            services.write_head(db.session)
        return queries.verify(db.session)


def test_an_erased_doctor_leaves_a_passing_ledger(
    app: Flask, way: Way, as_: As, session: orm.Session, page: Page
) -> None:
    world = way.world
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(name=NAME))
    session.commit()
    proposal = way.two_stars(world.a.doctor)
    for officer in (world.a.certificate_officer, world.a.second_certificate_officer):
        way.approve(officer, proposal)
    number = way.issue(proposal).number
    assert way.sign().signed == (number,)
    before = verified(app)
    assert (before.holds, before.why) == (True, None)
    assert before.rows > 5
    assert NAME in said(session)["person"]

    with as_(world.a.manager) as actor:
        register.deactivate(actor, db.session.get_one(Person, world.a.doctor), reason="调离")
    with as_(world.a.manager) as actor:
        wish = erasing.ask(actor, db.session.get_one(Person, world.a.doctor), reason="本人申请").id
    with as_(world.a.administrator) as actor:
        erasing.confirm(actor, db.session.get_one(Erasure, wish))
    with time_machine.travel(clock.now() + timedelta(days=20)), app.app_context():
        assert erase_due(lambda _done, _total: None) == {"erased": 1}  # type: ignore[arg-type]

    session.expire_all()
    assert [name for name, words in said(session).items() if NAME in words] == []
    after = verified(app)
    assert (after.holds, after.why) == (True, None)
    assert after.erased > 0
    assert after.entries > before.entries
    public = session.scalars(sa.select(Certificate).where(Certificate.number == number)).one().public_id
    shown = page.get(f"/v/{public}").text
    assert NAME not in shown
    assert number in shown


def test_the_owner_takes_names_out_of_append_only_rows(live: Live) -> None:
    """`people erase --names`: also what the application's own role cannot change, and nobody else's name."""
    a = live.world.a
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        session.execute(sa.update(Person).where(Person.id == a.examiner).values(name=NAME))
        sign_off(session, a.doctor, a.examiner, a.second_examiner)
        values = {"reason": "本人申请", "due_on": clock.today() - timedelta(days=1), "confirmed_at": clock.now()}
        values |= {"asked_by_id": a.manager, "confirmed_by_id": a.administrator}
        place = session.get_one(Person, a.examiner).institution_id
        session.add(Erasure(person_id=a.examiner, institution_id=place, **values))
        session.commit()
    assert json.loads(live.flask("people", "erase", "--json").stdout) == {"erased": 1}
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        assert names(session) == {a.examiner: NAME, a.second_examiner: "周敏"}, "an append-only row keeps it"
    done = json.loads(live.flask("people", "erase", "--names", "--json").stdout)
    assert done == {"erased": 0, "names": {"sign_off_signature.signer_name": 1}}
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        assert names(session) == {a.examiner: erasing.NOBODY, a.second_examiner: "周敏"}
        assert [table for table, words in said(session).items() if NAME in words] == []
    assert json.loads(live.flask("people", "erase", "--names", "--json").stdout)["names"] == {}


def names(session: orm.Session) -> dict[int, str]:
    """Under which name each signed."""
    return dict(session.execute(sa.select(Signature.signer_id, Signature.signer_name)).all())


def sign_off(session: orm.Session, doctor: int, mentor: int, assessor: int) -> None:
    """A technique that a mentor and an assessor have signed."""
    place = session.get_one(Person, doctor).institution_id
    ours, today = {"person_id": doctor, "institution_id": place}, clock.today()
    named = {"mentor_id": mentor, "mentor_name": NAME}
    term = {"agreed_from": today, "agreed_until": today + timedelta(days=700), "apprentice_name": "王小明"}
    pair = Pairing(**ours, **named, **term, mentor_institution_id=place)
    words = {"title": "心电图", "title_en": "ECG", "summary": "x", "standard": "x"}
    skill = Technique(code="ecg", kind="procedure", core=True, categories=[], sources=[], **words)
    session.add_all([pair, skill])
    session.flush()
    second = {"assessor_id": assessor, "assessor_name": "周敏", "assessor_institution_id": place}
    about = SignOff(
        **ours, **named, **second, pairing_id=pair.id, technique_id=skill.id, doctor_name="王小明", state="open"
    )
    session.add(about)
    session.flush()
    seen = {"version": 1, "level": 4, "observed_on": today, "note": "独立完成", "content_hash": bytes(32)}
    for side, signer, name in ((Side.MENTOR, mentor, NAME), (Side.ASSESSOR, assessor, "周敏")):
        session.add(Signature(**ours, **seen, sign_off_id=about.id, side=side, signer_id=signer, signer_name=name))
    session.flush()
