"""The signer's nonce beside a one-time code: what it published last is believed, and nothing else is."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import orm

from assessments.certification import models
from assessments.certification.queries import nonces
from assessments.certification.signer import keys, work
from lms.authz import Actor
from lms.db import act_as, db, grants, transaction
from lms.ledger import services as ledger
from tests import databases
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.signing import approved, signed_here
from tests.assessments.certification.test_forgeries import forge

MISSING = "ck_officer_act_code_with_the_signers_nonce"


def publish(way: Way, live: databases.Live, key: keys.SigningKey | None = None, folder: Path | None = None) -> bytes:
    """The signer signs the newest head; the nonce from then on."""
    folder = folder or Path(live.environment["LMS_SIGNING_KEY_PATH"])
    sessions = orm.sessionmaker(live.engine(grants.SIGNER))
    if key is None:
        key = keys.read(folder)[0]
        work.publish_keys(sessions, [key])
    with way.app.app_context():
        act_as(db.session, Actor.job("ledger"))
        with transaction(db.session):
            ledger.write_head(db.session)
    with sessions() as session, session.begin():
        act_as(session, work.ACTOR)
        assert ledger.sign_head(session, folder, key.key_id, key.sign)
    with way.app.app_context():
        act_as(db.session, Actor.job("test"))
        return nonces.newest(db.session)


def later(live: databases.Live, hours: int) -> None:
    """So many hours go by since everything that the signer published."""
    with live.engine().begin() as owner:
        for statement in (
            "UPDATE ledger_head_signature SET at = at - :by",
            "UPDATE signer_key SET made_at = made_at - :by",
        ):
            owner.execute(sa.text(statement), {"by": timedelta(hours=hours)})


def let_go(live: databases.Live) -> None:
    """The owner of the database takes its own check away (or acts of before are there, which it never asked)."""
    with live.engine().begin() as owner:
        owner.exec_driver_sql(f"ALTER TABLE officer_act DROP CONSTRAINT {MISSING}")


def acts(live: databases.Live) -> list[bytes | None]:
    with live.engine().connect() as owner:
        return list(owner.scalars(sa.select(models.OfficerAct.nonce).order_by(models.OfficerAct.id)))


def refused(live: databases.Live, number: str) -> str:
    said = signed_here(live)
    assert number not in said["signed"]
    return str(said["refused"][number])


def test_an_act_by_code_carries_what_the_signer_published_last(real: Way, live: databases.Live) -> None:
    first = approved(real, real.world.a.doctor)
    nonce = publish(real, live)
    second = approved(real, real.world.a.second_doctor)
    third = publish(real, live)
    assert third != nonce
    assert acts(live)[2:] == [nonce, nonce]
    assert nonce not in acts(live)[:2]
    said = signed_here(live)
    assert (sorted(said["signed"]), said["refused"]) == (sorted([first.number, second.number]), {})


def test_a_nonce_that_was_never_published_is_refused(real: Way, live: databases.Live) -> None:
    publish(real, live)
    assert "was not the signer's at that time" in refused(live, forge(real, live, nonce=os.urandom(32)))


def test_a_nonce_serves_a_day_after_the_next_and_the_newest_for_as_long_as_it_is(
    real: Way, live: databases.Live
) -> None:
    real.two_stars(real.world.a.second_doctor)
    old = publish(real, live)
    real.two_stars(real.world.a.village_doctor)
    newest = publish(real, live)
    later(live, 25)
    assert newest != old
    rightly = approved(real, real.world.a.second_doctor)  # the signer stood still since
    assert acts(live) == [newest, newest]
    number = forge(real, live, nonce=old)
    said = signed_here(live)
    assert said["signed"] == [rightly.number]
    assert "was not the signer's at that time" in said["refused"][number]


def test_before_its_first_head_the_signer_has_a_fixed_nonce_that_ends_with_it(real: Way, live: databases.Live) -> None:
    with real.app.app_context():
        act_as(db.session, Actor.job("test"))
        fixed = nonces.newest(db.session)
    publish(real, live)
    later(live, 25)
    assert "was not the signer's at that time" in refused(live, forge(real, live, nonce=fixed))


def test_the_head_of_another_signer_s_key_is_refused(real: Way, live: databases.Live, tmp_path: Path) -> None:
    mine = publish(real, live)
    real.two_stars(real.world.a.second_doctor)
    (tmp_path / "other").mkdir()
    other = publish(real, live, keys.SigningKey(Ed25519PrivateKey.generate()), tmp_path / "other")
    assert other != mine
    assert "was not the signer's at that time" in refused(live, forge(real, live, nonce=other))


def test_an_act_without_a_nonce_is_refused_by_the_database_and_by_the_signer(real: Way, live: databases.Live) -> None:
    rightly = approved(real, real.world.a.second_doctor)
    with pytest.raises(sa.exc.IntegrityError, match=MISSING):
        forge(real, live, nonce=None)
    let_go(live)
    number = forge(real, live, nonce=None)
    said = signed_here(live)
    assert said["signed"] == [rightly.number]
    assert "carries no nonce of the signer" in said["refused"][number]


def test_acts_of_before_there_were_nonces_stay_what_they_are(real: Way, live: databases.Live) -> None:
    let_go(live)
    before = forge(real, live, nonce=None)
    publish(real, live)
    after = approved(real, real.world.a.second_doctor)
    assert sorted(signed_here(live)["signed"]) == sorted([before, after.number])


def test_a_nonce_other_than_the_ledger_names_is_refused(real: Way, live: databases.Live) -> None:
    made = approved(real, real.world.a.doctor)
    nonce = publish(real, live)
    with live.engine().begin() as owner:
        owner.execute(sa.update(models.OfficerAct).values(nonce=nonce))
    assert "names another nonce" in refused(live, made.number)
