"""Certificates: how many PDF files one core makes, how many the signer signs, and the page a stranger sees."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assessments.certification import documents
from assessments.certification.models import Certificate
from assessments.certification.queries import proofs, proposals
from assessments.certification.queries.proofs import Proof
from assessments.certification.rules import document as papers
from assessments.certification.services.approving import approve
from bench import arena, clients
from bench.readers import beside_the_floor
from bench.report import Row
from demo.story.stage import Stage
from lms.authz import Actor
from lms.db import Everything, act_as, db
from lms.people.models import CodeGenerator, Person
from tests import databases

TITLE = "Certificates"
WORDS = (
    "A PDF is one page A4 (PDF/A-2b) with Chinese text and a QR code that carries a signed card; every one is another "
    "person's, signed and made by one typesetter that is kept. The page behind the QR code, `GET /v/<id>`, opens the "
    "sealed words, checks both signatures and counts who asks; every question comes from another address, because one "
    "address may ask sixty times a minute. The floor's page is one query and a fixed text."
)
FILES, AIM = 100, 100
OFFICERS = ("cert", "cert2")


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """PDF files a second in one thread, proofs checked a second, and pages against the floor's."""
    with field.copy() as copy:
        with copy.stage() as stage:
            _issue(stage)
        arena.flask(copy, "signer", "new-key")
        arena.flask(copy, "signer", "once")
        with copy.stage() as stage:
            proof, public_id = _signed(stage)
        rows = [*_files(proof, runs), *_checks(proof, runs)]
        with _both(copy) as (ours, floor):
            rows += beside_the_floor((ours, floor), _strangers(public_id), what="pages behind the QR code", runs=runs)
    return rows


def _issue(stage: Stage) -> None:
    """Carry one proposal to its certificate."""
    stage.settle()
    with stage.acting(Actor.job("bench")):
        query = sa.select(Person.account, CodeGenerator.secret, CodeGenerator.last_step)
        query = query.join(CodeGenerator, CodeGenerator.person_id == Person.id).where(Person.account.in_(OFFICERS))
        for account, secret, step in db.session.execute(query, execution_options=Everything):
            stage.secrets[account], stage._last_step[account] = secret, step or 0
    with stage.acting(OFFICERS[0]):
        first = proposals.page(db.session, state=proposals.State.FIRST).rows[0].Proposal.id
    for officer in OFFICERS:
        with stage.acting(officer) as actor:
            cases = proposals.chosen(db.session, [first])
            seen = {one.id: one.document_hash.hex() for one in cases}
            approve(actor, cases, seen=seen, code=stage.code(officer))
    stage.settle()


def _signed(stage: Stage) -> tuple[Proof, str]:
    with stage.app.app_context():
        act_as(db.session, Actor.job("bench"))
        made = db.session.scalars(sa.select(Certificate).limit(1)).one()
        proof = proofs.proof_of(db.session, made)
        if proof is None:
            raise RuntimeError("the certificate was not signed")
        return proof, made.public_id


def _files(proof: Proof, runs: int) -> list[Row]:
    """One thread, processor time: what else the machine does is not counted. Signing is part of it, checking is not."""
    key, look = Ed25519PrivateKey.generate(), documents.Look("https://skills.example.gov.cn", simulated=False)
    names = (chr(0x4E00 + n) + chr(0x5E00 + n) for n in itertools.count())

    def one() -> None:
        full = proof.payload | {"name": f"王{next(names)}"}
        signatures = [key.sign(papers.signed_bytes(words)) for words in (full, papers.card(full))]
        documents.certificate(replace(proof, payload=full, signature=signatures[0], card_signature=signatures[1]), look)

    one()
    rate = [_rate(one, FILES) for _ in range(runs)]
    return [Row("PDF files a second, one core", rate, "/s", target=f"≥ {AIM} /s", met=sorted(rate)[runs // 2] >= AIM)]


def _checks(proof: Proof, runs: int) -> list[Row]:
    def one() -> None:
        short, signature = papers.unpack(proof.text)
        if not papers.genuine(short, signature, proof.public_key):
            raise RuntimeError("a genuine card was refused")

    return [Row("QR codes checked a second, one core", [_rate(one, 2000) for _ in range(runs)], "/s")]


def _rate(one: Callable[[], None], times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        one()
    return times / (time.process_time() - begun)


@contextmanager
def _both(copy: arena.Copy) -> Iterator[tuple[int, int]]:
    """As arena.both, behind a proxy that says who asks."""
    ours, floor = databases.free_port(), databases.free_port()
    address = copy.server.url(copy.name, "lms_app").replace("postgresql+psycopg://", "postgresql://", 1)
    environment = copy.environment(ours) | {"LMS_TRUSTED_PROXIES": "1"}
    with (
        arena.serving("lms:create_app()", environment, ours, copy.files / "ours.log"),
        arena.serving("bench.floor:app", environment | {"BENCH_URL": address}, floor, copy.files / "floor.log"),
    ):
        yield ours, floor


def _strangers(public_id: str) -> clients.Next:
    """Ask for the page behind a code, each time from another address: one that asks often is asked to wait."""
    numbers = itertools.count()

    def ask() -> bytes:
        n = next(numbers)
        head = f"X-Forwarded-For: 10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}\r\n\r\n".encode()
        return clients.get(f"/v/{public_id}").removesuffix(b"\r\n") + head

    return ask
