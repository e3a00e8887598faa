"""The credential of a certificate, read by another's program: jose (npm) knows nothing of us but the public keys."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import orm

from assessments.certification import jobs, models
from assessments.certification.queries import credentials, proofs
from assessments.certification.rules import jose, statuslist
from assessments.certification.rules.document import NotGenuine, decoded, encoded
from assessments.certification.signer import keys
from lms.db import act_as, db
from lms.ledger import services as ledger
from lms.people.models import Person
from tests import browser, databases
from tests.assessments.certification.conftest import Way
from tests.assessments.certification.signing import approved, once, said
from tests.pages import Page

SCRIPT = Path(__file__).with_name("others.mjs")


def given(page: Page, url: str, who: int | None = None, *, expect: int = 200) -> Any:
    """What an address answers."""
    page.get(url, who, expect=expect)
    return page.answer


def others(folder: Path, keys_of: list[dict[str, Any]], *texts: str) -> list[Any]:
    """What jose makes of these texts with these public keys."""
    file = folder / "asked.json"
    file.write_text(json.dumps({"keys": keys_of, "texts": texts}))
    return list(json.loads(browser.run_script(SCRIPT, str(file))))


def named(way: Way, page: Page) -> list[dict[str, Any]]:
    """The public keys as the world gets them, each under the address by which credentials name it."""
    url = way.app.config["LMS"].public_url
    found = given(page, "/v/keys").get_json()["keys"]
    return [{**one, "address": f"{url}/v/keys/{one['kid']}"} for one in found]


@pytest.fixture
def text(way: Way, certificate: models.Certificate, session: orm.Session) -> str:
    """The credential of a signed certificate."""
    way.publish()
    session.expire_all()
    found = credentials.newest(session, session.get_one(models.Certificate, certificate.id))
    assert found is not None
    return found


def test_an_independent_reader_verifies_it(
    way: Way, page: Page, certificate: models.Certificate, text: str, tmp_path: Path
) -> None:
    (read,) = others(tmp_path, named(way, page), text)
    said, url = read["payload"], way.app.config["LMS"].public_url
    assert read["protectedHeader"]["typ"] == "vc+jwt"
    assert said["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert said["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert said["id"] == f"{url}/v/{certificate.public_id}" == said["jti"]
    subject = said["credentialSubject"]
    assert subject["identifier"][0]["identityHash"] == "王小明"
    assert subject["licenseNumber"] == certificate.number
    assert subject["achievement"]["name"] == "临床技能二星"
    assert "实践站点" in subject["achievement"]["criteria"]["narrative"]
    assert said["issuer"]["id"] == said["iss"] == f"{url}/v/issuers/530302"
    assert said["nbf"] < said["exp"]
    assert {one["statusPurpose"] for one in said["credentialStatus"]} == {"revocation", "suspension", "refresh"}


def test_every_address_in_it_answers(way: Way, page: Page, text: str, tmp_path: Path) -> None:
    (read,) = others(tmp_path, named(way, page), text)
    said, url = read["payload"], way.app.config["LMS"].public_url
    for address in (read["protectedHeader"]["kid"], said["iss"], said["credentialSubject"]["achievement"]["id"]):
        answer = given(page, address.removeprefix(url))
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        found = answer.get_json()
        assert found.get("id", address) == address
    issuer = given(page, said["iss"].removeprefix(url)).get_json()
    assert read["protectedHeader"]["kid"] in issuer["assertionMethod"]
    lists = [given(page, one["statusListCredential"].removeprefix(url)).text for one in said["credentialStatus"]]
    for one, entry in zip(others(tmp_path, named(way, page), *lists), said["credentialStatus"], strict=True):
        assert one["payload"]["id"] == entry["statusListCredential"]
        assert one["payload"]["credentialSubject"]["statusPurpose"] == entry["statusPurpose"]
        bits = statuslist.unpacked(one["payload"]["credentialSubject"]["encodedList"])
        assert not statuslist.is_set(bits, int(entry["statusListIndex"]))


@pytest.mark.parametrize(
    "address",
    [
        "/v/keys/0000",
        "/v/issuers/000000",
        "/v/achievements/x/1",
        f"/v/achievements/{'0' * 64}/1",
        "/v/status/9/revocation",
        "/v/status/0/x",
    ],
)
def test_what_is_not_there_is_not_found(page: Page, way: Way, address: str) -> None:
    given(page, address, expect=404)


def test_neither_reader_takes_what_was_changed(
    way: Way, page: Page, text: str, session: orm.Session, tmp_path: Path
) -> None:
    head, claims, signature = text.split(".")
    key = named(way, page)[0]
    none = encoded(json.dumps({"alg": "none", "typ": "vc+jwt", "kid": key["address"]}).encode())
    other = keys.SigningKey(Ed25519PrivateKey.generate())
    forged = jose.compact({"typ": "vc+jwt", "kid": key["address"]}, {"id": "x"}, other.sign)
    changed = [
        f"{head}.{claims}.{signature[:-6]}AAAAAA",
        f"{head}.{claims[:40]}{'A' if claims[40] != 'A' else 'B'}{claims[41:]}.{signature}",
        f"{none}.{claims}.",
        f"{head}.{claims}.",
        forged,
    ]
    assert others(tmp_path, named(way, page), *changed) == [None] * len(changed)
    for one in changed:
        with pytest.raises(NotGenuine):
            jose.opened(one, lambda key_id: proofs.public_key(session, key_id))


def test_the_holder_and_officers_take_it_home_and_nobody_else(
    way: Way, page: Page, certificate: models.Certificate, text: str
) -> None:
    a, b = way.world.a, way.world.b
    url = f"/certificates/{certificate.id}/credential"
    for reader in (a.doctor, a.certificate_officer, a.auditor):
        answer = given(page, url, reader)
        assert answer.text == text
        assert answer.headers["Content-Disposition"].startswith("attachment")
    for stranger in (b.certificate_officer, b.doctor, a.second_doctor):
        given(page, url, stranger, expect=404)
    given(page, url, expect=302)


def test_the_signer_publishes_under_its_own_role(real: Way, live: databases.Live, tmp_path: Path) -> None:
    """With real processes and roles: what is signed has a credential at once, and a revocation is in the list."""
    a = real.world.a
    made = approved(real, a.doctor)
    assert once(live)["signed"] == [made.number]
    text = credential_of(real, made)
    file = tmp_path / "badge.jwt"
    file.write_text(text + "\n")
    for what in (text, str(file)):
        code, outcome = said(real, "certificates", "verify", what)
        assert code == 0, outcome
        assert (outcome["status"], outcome["number"]) == ("valid", made.number)
    code, outcome = said(real, "certificates", "verify", text[:-6] + "AAAAAA")
    assert (code, outcome["genuine"]) == (1, False)
    assert made.id not in revoked(live)
    real.answer(a.second_certificate_officer, real.ask(a.certificate_officer, made.id))
    assert once(live)["refused"] == {}
    assert made.id in revoked(live)


def credential_of(way: Way, made: models.Certificate) -> str:
    with way.app.app_context():
        act_as(db.session, jobs.ACTOR)
        found = credentials.newest(db.session, db.session.get_one(models.Certificate, made.id))
    assert found is not None
    return found


def revoked(live: databases.Live) -> list[int]:
    """The bits of the newest list, without the application."""
    with live.engine().connect() as owner:
        newest = "SELECT text FROM status_list WHERE purpose = 'revocation' ORDER BY id DESC LIMIT 1"
        claims = json.loads(decoded(owner.scalar(sa.text(newest)).split(".")[1]))
    return statuslist.indexes_of(statuslist.unpacked(claims["credentialSubject"]["encodedList"]))


def test_an_erased_person_has_no_credential_any_more(
    way: Way, certificate: models.Certificate, text: str, session: orm.Session
) -> None:
    person = session.get_one(Person, certificate.person_id)
    assert ledger.destroy_key(session, person.ledger_subject)
    session.commit()
    session.expire_all()
    assert credentials.newest(session, session.get_one(models.Certificate, certificate.id)) is None
    assert way.publish() == []


def test_old_credentials_verify_after_a_new_key(
    way: Way, page: Page, text: str, session: orm.Session, tmp_path: Path
) -> None:
    new = keys.SigningKey(Ed25519PrivateKey.generate())
    made = approved(way, way.world.a.second_doctor)
    assert way.sign(new).signed == (made.number,)
    way.publish(new)
    session.expire_all()
    second = credentials.newest(session, session.get_one(models.Certificate, made.id))
    assert second is not None
    both = others(tmp_path, named(way, page), text, second)
    names = [one["protectedHeader"]["kid"].rpartition("/")[2] for one in both]
    assert len(set(names)) == 2
    assert names[1] == new.key_id
