"""Approving by passkey: the key signs these documents, for this purpose, once; and the signer asks again."""

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification import models
from assessments.certification.rules.acts import key_print
from assessments.certification.services import approving, proving
from assessments.certification.signer import passkeys as asked_again
from lms.db import act_as, db
from lms.errors import Invalid
from lms.people.models import SignIn
from lms.people.queries import actor_for
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.officer_keys import SITE, TOUCHED, Key, taken_away
from tests.pages import Page


@pytest.fixture(autouse=True)
def named(way: Way) -> Iterator[None]:
    """The installation has a name, as passkeys need it; the signer knows it too."""
    asked_again.configure(SITE.origin)
    yield
    asked_again.configure(way.app.config["LMS"].public_url)


def ask(way: Way, key: Key, *cases: models.Proposal, purpose: str = "approve") -> str:
    """What the officer's browser is asked about these cases."""
    with way.app.app_context():
        actor = actor_for(key.passkey.person_id)
        act_as(db.session, actor)
        row, hashes = db.session.get_one(SignIn, key.sign_in), [case.document_hash for case in cases]
        return proving.question(actor, row, site=SITE, hashes=hashes, purpose=purpose)


def approve(way: Way, key: Key, answer: str, *cases: models.Proposal) -> None:
    with way.app.app_context():
        actor = actor_for(key.passkey.person_id)
        act_as(db.session, actor)
        rows = [db.session.get_one(models.Proposal, case.id) for case in cases]
        touch = proving.Touch(answer, db.session.get_one(SignIn, key.sign_in), SITE)
        approving.approve(actor, rows, seen={c.id: c.document_hash.hex() for c in cases}, code=touch)


def test_two_passkeys_make_a_certificate_that_the_signer_signs(way: Way, session: orm.Session) -> None:
    a = way.world.a
    case, officers = way.two_stars(a.doctor), (a.certificate_officer, a.second_certificate_officer)
    for officer in officers:
        key = Key(session, officer)
        approve(way, key, key.answer(ask(way, key, case)), case)
    taken_away(session, key)
    made = way.issue(case)
    assert way.sign().signed == (made.number,)
    act = session.scalars(sa.select(models.OfficerAct).order_by(models.OfficerAct.id.desc())).first()
    assert act is not None
    assert (act.code, act.step) == (None, None)
    assert act.public_key == key.passkey.public_key
    assert len(key_print(act.public_key)) == 64


def test_a_key_signs_these_documents_for_this_purpose_and_nothing_else(way: Way, session: orm.Session) -> None:
    a = way.world.a
    one, other = way.two_stars(a.doctor), way.two_stars(a.second_doctor)
    key = Key(session, a.certificate_officer)
    for asked, purpose in (([other], "approve"), ([one, other], "approve"), ([one], "revoke")):
        answer = key.answer(ask(way, key, *asked, purpose=purpose))
        with pytest.raises(Invalid):
            approve(way, key, answer, one)
    answer = key.answer(ask(way, key, one, other))
    approve(way, key, answer, one, other)
    assert len(session.scalars(sa.select(models.Approval.id)).all()) == 2


def test_an_answer_serves_once_and_only_the_newest_question_counts(way: Way, session: orm.Session) -> None:
    a = way.world.a
    case, third = way.two_stars(a.doctor), way.two_stars(a.second_doctor)
    key = Key(session, a.certificate_officer)
    old = ask(way, key, case)
    new = ask(way, key, case)
    with pytest.raises(Invalid):
        approve(way, key, key.answer(old), case)
    approve(way, key, key.answer(new), case)
    with pytest.raises(Invalid):
        approve(way, key, key.answer(new), third)


@pytest.mark.parametrize("how", [{"flags": TOUCHED}, {"flags": 0}, {"origin": "https://localhost.example"}])
def test_a_touch_without_its_owner_or_on_another_site_is_refused(
    way: Way, session: orm.Session, how: dict[str, object]
) -> None:
    case, key = way.two_stars(way.world.a.doctor), Key(session, way.world.a.certificate_officer)
    with pytest.raises(Invalid):
        approve(way, key, key.answer(ask(way, key, case), **how), case)  # type: ignore[arg-type]


def test_somebody_else_s_key_is_refused(way: Way, session: orm.Session) -> None:
    a = way.world.a
    case = way.two_stars(a.doctor)
    own, foreign = Key(session, a.certificate_officer), Key(session, a.second_certificate_officer)
    with pytest.raises(Invalid):
        approve(way, own, foreign.answer(ask(way, own, case)), case)
    with pytest.raises(Invalid):
        approve(way, own, foreign.answer(ask(way, foreign, case)), case)


def test_neither_code_nor_key_is_said_in_the_form(way: Way, page: Page) -> None:
    case, officer = way.two_stars(way.world.a.doctor), way.world.a.certificate_officer
    given = {"a-code": "", "document": case.document_hash.hex()}
    soup = page.post(f"/certificates/cases/{case.id}/approve", officer, expect=422, **given)
    assert "通行密钥" in soup.get_text()


def test_the_button_is_there_for_who_has_a_key(
    way: Way, page: Page, session: orm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, case = way.world.a, way.two_stars(way.world.a.doctor)
    named = way.app.config["LMS"].model_copy(update={"public_url": SITE.origin})
    monkeypatch.setitem(way.app.config, "LMS", named)
    address = f"/certificates/cases/{case.id}"
    assert not page.get(address, a.certificate_officer).select(".officer-key")
    Key(session, a.certificate_officer)
    (frame,) = page.get(address, a.certificate_officer).select(".officer-key")
    assert frame["data-purpose"] == "approve"


def test_the_question_wants_documents_and_a_purpose(way: Way, session: orm.Session) -> None:
    key, case = Key(session, way.world.a.certificate_officer), way.two_stars(way.world.a.doctor)
    asked = json.loads(ask(way, key, case))
    assert asked["userVerification"] == "required"
    assert len(asked["challenge"]) == 43
