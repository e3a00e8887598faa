"""Commands: policies, decisions, certificates, and the signer."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlalchemy import orm

from assessments.certification import documents
from assessments.certification.policy import Certificates, Stars
from assessments.certification.queries import certificates as register
from assessments.certification.queries import decisions, proofs, proposals
from assessments.certification.rules import document as papers
from assessments.certification.rules.lint import Finding, lint
from assessments.certification.rules.policy import PolicyWrong, parse
from assessments.certification.rules.status import RevocationCategory, Status
from assessments.certification.services import deciding, issuing, revoking
from assessments.certification.signer import keys as keyring
from assessments.certification.signer import work
from config import Settings
from lms import clock
from lms.authz import Actor
from lms.cli import command, fail, group, json_option, say
from lms.db import act_as, db
from lms.errors import Conflict, Invalid, NotFound
from lms.people.models import Person
from lms.people.queries import actor_for

stars = group("stars", "Star policies and decisions.")
certificates = group("certificates", "Issue, verify and revoke certificates.")
signer = group("signer", "The process that signs certificates, under its own database role.")
file = click.Path(exists=True, dir_okay=False, path_type=Path)
ACTOR = Actor.job("command line", Stars.DECIDE, Certificates.PROPOSE, Certificates.ISSUE)


# ---- stars -------------------------------------------------------------------------------------


@command(stars, "lint", offline=True)
@click.argument("path", metavar="FILE", type=file)
@json_option
def lint_policy(path: Path, as_json: bool) -> None:
    """Name what is wrong with a policy FILE; exit 1 if anything is. Needs no database and no setting."""
    found = _findings(path)
    outcome = {"ok": not found, "findings": [one.as_json() for one in found]}
    lines = [f"{one.rule}: star {one.star or '-'}: {one.subject}: {one.message}" for one in found]
    say(outcome, as_json=as_json, words="\n".join(lines) or "nothing wrong")
    raise SystemExit(1 if found else 0)


def _findings(path: Path) -> list[Finding]:
    try:
        return lint(parse(YAML(typ="safe").load(path.read_text("utf-8"))))
    except PolicyWrong as wrong:
        return [Finding("unreadable", None, ".".join(map(str, wrong.where)), str(wrong))]
    except (YAMLError, UnicodeDecodeError) as wrong:
        return [Finding("unreadable", None, path.name, " ".join(str(wrong).split()))]


@command(stars, "explain")
@click.argument("account")
@json_option
def explain(account: str, as_json: bool) -> None:
    """What the evidence of one person comes to today, and why."""
    act_as(db.session, ACTOR)
    person = _person(account)
    standing = decisions.standing(db.session, person.id)
    if standing is None:
        raise Conflict("no star policy is loaded")
    outcome = {"account": account, "policy": f"{standing.version.code} {standing.version.version}"}
    explained = standing.decision.as_json()
    say(outcome | explained, as_json=as_json, words=f"{account}: {explained['star']} stars")


@command(stars, "evaluate")
@click.argument("account")
@json_option
def evaluate(account: str, as_json: bool) -> None:
    """Decide again about one person and write it down, as the job does."""
    act_as(db.session, ACTOR)
    decision = deciding.decide_again(ACTOR, _person(account))
    if decision is None:
        raise Conflict("no star policy is loaded")
    say({"account": account, "star": decision.star}, as_json=as_json, words=f"{account}: {decision.star} stars")


def _person(account: str) -> Person:
    found = db.session.scalars(sa.select(Person).where(Person.account == account)).one_or_none()
    if found is None:
        raise NotFound(f"there is no account {account}")
    return found


# ---- certificates ------------------------------------------------------------------------------


@command(certificates, "issue")
@json_option
def issue(as_json: bool) -> None:
    """Issue what two officers approved, and nothing else; exit 1 if something was refused."""
    act_as(db.session, ACTOR)
    issued, refused = list[str](), dict[str, str]()
    for proposal in proposals.approved(db.session):
        public_id = proposal.public_id
        try:
            issued.append(issuing.issue(ACTOR, proposal).number)
        except Conflict as refusal:
            refused[public_id] = str(refusal)
    words = [*issued, *(f"refused {one}: {why}" for one, why in refused.items())]
    say({"issued": issued, "refused": refused}, as_json=as_json, words="\n".join(words) or "nothing to issue")
    raise SystemExit(1 if refused else 0)


@command(certificates, "verify")
@click.argument("what", metavar="FILE.pdf|NUMBER|PAYLOAD")
@json_option
def verify(what: str, as_json: bool) -> None:
    """Check a certificate: a PDF file, a number, or the text behind the # of a QR code. Exit 1 unless valid."""
    act_as(db.session, ACTOR)
    outcome = _verified(what)
    words = f"{outcome.get('number', what)}: {outcome['status']}" + (f" ({outcome['why']})" if "why" in outcome else "")
    say(outcome, as_json=as_json, words=words)
    raise SystemExit(0 if outcome["ok"] else 1)


def _verified(what: str) -> dict[str, Any]:
    try:
        if what.lower().endswith(".pdf"):
            return _verified_file(Path(what))
        if "." in what:
            return _verified_card(what.rpartition("#")[2])
        return _found(what)
    except papers.NotGenuine as wrong:
        return {"ok": False, "genuine": False, "status": "not genuine", "why": str(wrong)}


def _verified_card(text: str) -> dict[str, Any]:
    short, signature = papers.unpack(text)
    key = proofs.public_key(db.session, str(short["key"]))
    if key is None or not papers.genuine(short, signature, key):
        raise papers.NotGenuine("the signature is not ours")
    return _found(short["number"])


def _verified_file(path: Path) -> dict[str, Any]:
    """The proof in the file must be ours, and the file the very one we make of it."""
    try:
        content = path.read_bytes()
    except OSError as wrong:
        raise Invalid(f"{path}: {wrong.strerror}") from None
    full, signature = documents.read(content)
    key = proofs.public_key(db.session, str(full.get("key")))
    if key is None or not papers.genuine(full, signature, key):
        raise papers.NotGenuine("the signature is not ours")
    outcome = _found(full["number"])
    certificate = register.by_number(db.session, full["number"])
    proof = proofs.proof_of(db.session, certificate) if certificate else None
    settings: Settings = current_app.config["LMS"]
    look = documents.Look(settings.public_url, settings.simulated)
    if proof is None or documents.certificate(proof, look) != content:
        return outcome | {"ok": False, "file": "altered", "why": "the file is not the one issued; download it again"}
    return outcome | {"file": "as issued"}


def _found(number: str) -> dict[str, Any]:
    certificate = register.by_number(db.session, number)
    if certificate is None:
        raise papers.NotGenuine("there is no certificate with this number")
    proof = proofs.proof_of(db.session, certificate)
    genuine = proof is not None and proof.holds
    status = decisions.status_of(certificate, clock.today())
    found: dict[str, Any] = {"ok": genuine and status is Status.VALID, "genuine": genuine, "status": status.value}
    found |= {"number": number, "star": certificate.star, "category": certificate.category}
    return found | ({"certificate": proof.payload} if proof else {"why": "not signed yet, or erased"})


@command(certificates, "revoke")
@click.argument("number")
@click.option("--as", "account", required=True, help="The account of the certificate officer who asks.")
@click.option("--reason", type=click.Choice([str(one) for one in RevocationCategory]), required=True)
@click.option("--note", prompt=True, help="What happened; officers and auditors alone read it.")
@click.option("--code", prompt="One-time code", help="The officer's one-time code.")
@json_option
def revoke(number: str, *, account: str, reason: str, note: str, code: str, as_json: bool) -> None:
    """Ask to revoke NUMBER. It is revoked once a second officer has confirmed it on the certificate's page."""
    query = sa.select(Person.id).where(Person.account == account)
    person_id = db.session.scalar(query, execution_options={"scope": "all"})
    actor = actor_for(person_id) if person_id is not None else None
    if actor is None:
        raise NotFound(f"there is no account {account}")
    act_as(db.session, actor)
    found = register.by_number(db.session, number)
    if found is None:
        raise NotFound(f"{account} reaches no certificate {number}")
    category = RevocationCategory(reason)
    request = revoking.ask_to_revoke(actor, found, category=category, note=note, code=code)
    outcome = {"number": number, "request": request.id, "state": "waits for a second officer"}
    say(outcome, as_json=as_json, words=f"{number}: waits for a second officer")


# ---- the signer --------------------------------------------------------------------------------


@contextmanager
def _sessions() -> Iterator[work.Sessions]:
    """Sessions under the signer's role, closed in the end."""
    settings: Settings = current_app.config["LMS"]
    if not settings.database_signer_url:
        fail("LMS_DATABASE_SIGNER_URL is not set: the signer has a database role of its own", 2)
    engine = sa.create_engine(settings.database_signer_url, pool_size=1, pool_pre_ping=True)
    try:
        yield orm.sessionmaker(engine)
    finally:
        engine.dispose()


def _folder() -> Path:
    settings: Settings = current_app.config["LMS"]
    return settings.signing_key_path


@command(signer, "new-key")
@json_option
def new_key(as_json: bool) -> None:
    """Make a new signing key; the one before it is kept, certificates signed with older ones still verify."""
    with _sessions() as sessions:
        key = keyring.make(_folder())
        work.publish_keys(sessions, keyring.read(_folder()))
    destroyed = keyring.forget_old(_folder())
    say({"key": key.key_id, "destroyed": destroyed}, as_json=as_json, words=f"key {key.key_id}")


@command(signer, "once")
@json_option
def once(as_json: bool) -> None:
    """Sign what waits, once; exit 1 if something was refused."""
    with _sessions() as sessions:
        done = work.sign_waiting(sessions, keyring.read(_folder()))
    refused = {one.number: one.why for one in done.refused}
    words = [f"signed {number}" for number in done.signed] + [f"refused {n}: {why}" for n, why in refused.items()]
    say({"signed": list(done.signed), "refused": refused}, as_json=as_json, words="\n".join(words) or "nothing waits")
    raise SystemExit(1 if refused else 0)


@command(signer, "run")
@click.option("--pause", default=1.0, show_default=True, help="Seconds between two looks.")
def run(pause: float) -> None:
    """Sign whatever waits, until told to stop (SIGTERM or SIGINT)."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with _sessions() as sessions:
        work.keep_signing(sessions, lambda: keyring.read(_folder()), stop, pause)
