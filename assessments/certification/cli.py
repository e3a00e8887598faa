"""Commands: policies, decisions, certificates, and the signer."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
import sqlalchemy as sa
from flask import current_app
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlalchemy import orm

from assessments.certification import documents
from assessments.certification.policy import Certificates, Stars
from assessments.certification.queries import certificates as register
from assessments.certification.queries import cohort, decisions, policies, proofs, proposals, standings
from assessments.certification.rules import credential as badges
from assessments.certification.rules import document as papers
from assessments.certification.rules import jose, ladder
from assessments.certification.rules.lint import Finding, errors, lint
from assessments.certification.rules.policy import PolicyWrong, parse
from assessments.certification.rules.status import RevocationCategory
from assessments.certification.services import deciding, issuing, revoking
from assessments.certification.signer import keys as keyring
from assessments.certification.signer import publishing, work
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


def _findings(path: Path, techniques: frozenset[str] | None) -> list[Finding]:
    try:
        return lint(parse(YAML(typ="safe").load(path.read_text("utf-8"))), techniques)
    except PolicyWrong as wrong:
        return [Finding("unreadable", None, ".".join(map(str, wrong.where)) or path.name, str(wrong))]
    except (YAMLError, UnicodeDecodeError) as wrong:
        return [Finding("unreadable", None, path.name, " ".join(str(wrong).split()))]


@stars.group("policy")
def policy_group() -> None:
    """Star policies as files."""


@command(policy_group, "lint", offline=True)
@click.argument("path", metavar="FILE", type=file)
@click.option(
    "--pack", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Know the techniques there."
)
@json_option
def lint_policy(path: Path, pack: Path | None, as_json: bool) -> NoReturn:
    """Name what is wrong with a policy FILE; exit 1 if it must not be used. Needs no database and no setting."""
    found = _findings(path, _techniques_in(pack) if pack else None)
    bad = errors(found)
    outcome = {"ok": not bad, "findings": [one.as_json() for one in found]}
    lines = [f"{one.severity}: {one.rule}: star {one.star or '-'}: {one.subject}: {one.message}" for one in found]
    say(outcome, as_json=as_json, words="\n".join(lines) or "nothing wrong")
    raise SystemExit(1 if bad else 0)


def _techniques_in(pack: Path) -> frozenset[str]:
    """The codes of the techniques in a pack's files."""
    found: set[str] = set()
    for path in sorted((pack / "techniques").glob("*.yaml")):
        try:
            raw = YAML(typ="safe").load(path.read_text("utf-8")) or {}
            found |= {str(one["code"]) for one in raw.get("techniques", ())}
        except (YAMLError, UnicodeDecodeError, AttributeError, KeyError, TypeError):
            fail(f"{path}: no list of techniques; 'content check {pack}' says what is wrong", 1)
    return frozenset(found)


@command(stars, "explain")
@click.argument("account")
@json_option
def explain(account: str, as_json: bool) -> None:
    """What the evidence of one person comes to today, why, by how much, and the shortest way to the next star."""
    act_as(db.session, ACTOR)
    person = _person(account)
    standing = decisions.standing(db.session, person.id)
    if standing is None:
        raise Conflict("no star policy is loaded")
    outcome = {"account": account, "policy": f"{standing.version.code} {standing.version.version}"}
    explained = standing.decision.as_json()
    following = next((star for star in explained["stars"] if star["star"] == explained["star"] + 1), None)
    way = ladder.shortest_way(following) or [] if following else []
    steps = [
        {"kind": one.kind, "title": one.leaf["title"], "owed": one.owed, "assessors": one.assessors} for one in way
    ]
    words = "\n".join([f"{account}: {explained['star']} stars", *ladder.in_words(explained)])
    say(outcome | explained | {"shortest_way": steps}, as_json=as_json, words=words)


@command(stars, "evaluate")
@click.argument("account", required=False)
@click.option("--everybody", is_flag=True, help="Evaluate everybody at once and name who moves; writes nothing.")
@click.option(
    "--write", is_flag=True, help="With --everybody: decide about whoever is not up to date, as the job does."
)
@json_option
def evaluate(account: str | None, *, everybody: bool, write: bool, as_json: bool) -> None:
    """Decide again about one person and write it down, as the job does; or evaluate everybody."""
    if everybody == bool(account) or (write and not everybody):
        fail("either an ACCOUNT, or --everybody with or without --write", 2)
    act_as(db.session, ACTOR)
    if account is None:
        _evaluate_everybody(write=write, as_json=as_json)
        return
    decision = deciding.decide_again(ACTOR, _person(account))
    if decision is None:
        raise Conflict("no star policy is loaded")
    say({"account": account, "star": decision.star}, as_json=as_json, words=f"{account}: {decision.star} stars")


def _evaluate_everybody(*, write: bool, as_json: bool) -> None:
    today = clock.today()
    version = policies.in_force(db.session, today)
    if version is None:
        raise Conflict("no star policy is loaded")
    found = cohort.everybody(db.session, policies.policy_of(version), today)
    outcome: dict[str, Any] = {"persons": found.persons, "stars": found.spread, "moves": found.moves}
    words = [f"{found.persons} persons", *(f"{star} stars: {many}" for star, many in found.spread.items())]
    words += [f"{one['account']}: {one['before']} -> {one['after']} stars" for one in found.moves]
    if write:
        ids = list(db.session.scalars(standings.stale(version, today)))
        made = [deciding.decide_many(ACTOR, None, person_ids=ids[n : n + 100]) for n in range(0, len(ids), 100)]
        outcome["written"] = sum(one.written for one in made)
        words.append(f"{outcome['written']} decisions written")
    say(outcome, as_json=as_json, words="\n".join(words))


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
@click.argument("what", metavar="FILE.pdf|FILE.jwt|NUMBER|TEXT")
@json_option
def verify(what: str, as_json: bool) -> None:
    """Check a certificate: its file, its number, or the text of the QR code or of a credential. Exit 1 unless valid."""
    act_as(db.session, ACTOR)
    outcome = _verified(what)
    words = f"{outcome.get('number', what)}: {outcome['status']}" + (f" ({outcome['why']})" if "why" in outcome else "")
    say(outcome, as_json=as_json, words=words)
    raise SystemExit(0 if outcome["ok"] else 1)


def _verified(what: str) -> dict[str, Any]:
    try:
        if what.lower().endswith(".pdf"):
            return _verified_file(Path(what))
        if what.lower().endswith(".jwt"):
            return _verified_credential(_content(Path(what)).decode(errors="replace").strip())
        if what.count(".") == 2 and "#" not in what:
            return _verified_credential(what)
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


def _verified_credential(text: str) -> dict[str, Any]:
    """A credential must be signed by us, and say of the certificate what we say."""
    _header, claims = jose.opened(text, lambda key_id: proofs.public_key(db.session, key_id))
    outcome = _found(badges.number_in(claims))
    full = outcome.get("certificate", {})
    if claims["id"].rpartition("/")[2] != full.get("id", claims["id"]):
        raise papers.NotGenuine("the credential is of another certificate")
    return outcome


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as wrong:
        raise Invalid(f"{path}: {wrong.strerror}") from None


def _verified_file(path: Path) -> dict[str, Any]:
    """The proof in the file must be ours, and the file the very one we make of it."""
    content = _content(path)
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
    found: dict[str, Any] = {"ok": genuine and status.in_force, "genuine": genuine, "status": status.value}
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


def _lists() -> publishing.Lists:
    settings: Settings = current_app.config["LMS"]
    return publishing.Lists(settings.public_url)


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
    """Sign what waits and publish what changed, once; exit 1 if something was refused."""
    with _sessions() as sessions:
        done = work.one_round(sessions, keyring.read(_folder()), _lists(), _folder())
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
        work.keep_signing(sessions, _folder(), stop, pause, _lists())
