"""Signing: one certificate at a time, each in a transaction of its own; safe to run twice at once."""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.certification.models import (
    Certificate,
    CertificatePeriod,
    CertificateSignature,
    PeriodSignature,
    SignerKey,
)
from assessments.certification.rules import document as papers
from assessments.certification.rules.document import Issued
from assessments.certification.signer import checks, publishing, renewals
from assessments.certification.signer import keys as keyring
from assessments.certification.signer.keys import SigningKey
from lms.authz import Actor
from lms.db import act_as
from lms.errors import Conflict
from lms.ledger import services as ledger

log = structlog.get_logger("signer")
ACTOR = Actor.job("signer")
#: The form of what is signed now (`rules/document.py`).
VERSION = 2
#: What stands in place of a number where the ledger itself was rewritten.
LEDGER = "ledger"
#: Opens sessions under the signer's database role.
Sessions = orm.sessionmaker[orm.Session]


@dataclass(frozen=True)
class Refusal:
    """A certificate that will not be signed, and why."""

    number: str
    why: str


@dataclass(frozen=True)
class Round:
    """What one round came to."""

    signed: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()


def publish_keys(sessions: Sessions, keys: Sequence[SigningKey]) -> None:
    """Let everybody know the public halves; those known already stay as they are."""
    rows = [{"key_id": key.key_id, "public_key": key.public} for key in keys]
    with sessions() as session, session.begin():
        act_as(session, ACTOR)
        session.execute(pg.insert(SignerKey).values(rows).on_conflict_do_nothing())


def sign_waiting(sessions: Sessions, keys: Sequence[SigningKey], most: int = 500) -> Round:
    """Sign what waits with the newest key; what does not hold is refused and stays unsigned."""
    publish_keys(sessions, keys)
    with sessions() as session:
        act_as(session, ACTOR)
        unsigned = ~sa.exists().where(CertificateSignature.certificate_id == Certificate.id)
        waiting = session.scalars(sa.select(Certificate.id).where(unsigned).order_by(Certificate.id).limit(most)).all()
        later = renewals.waiting(session, most)
    signed, refused = list[str](), list[Refusal]()
    outcomes = itertools.chain(
        (_sign(sessions, keys[0], number) for number in waiting),
        (_sign_period(sessions, keys[0], number) for number in later),
    )
    for outcome in outcomes:
        if isinstance(outcome, Refusal):
            refused.append(outcome)
        elif outcome:
            signed.append(outcome)
    return Round(tuple(signed), tuple(refused))


def _sign(sessions: Sessions, key: SigningKey, certificate_id: int) -> str | Refusal | None:
    """The number when it was signed here; None when another signer was faster."""
    with sessions() as session, session.begin():
        act_as(session, ACTOR)
        certificate = session.get_one(Certificate, certificate_id)
        try:
            full = prepare(session, certificate, key.key_id)
        except (checks.WillNotSign, papers.NotGenuine) as refusal:
            return Refusal(certificate.number, str(refusal))
        row = {
            "certificate_id": certificate_id,
            "key_id": key.key_id,
            "signature": key.sign(papers.signed_bytes(full)),
            "card_signature": key.sign(papers.signed_bytes(papers.card(full))),
            "version": VERSION,
        }
        insert = pg.insert(CertificateSignature).values(row).on_conflict_do_nothing()
        made = session.scalar(insert.returning(CertificateSignature.id))
        return certificate.number if made is not None else None


def _sign_period(sessions: Sessions, key: SigningKey, period_id: int) -> str | Refusal | None:
    """The same for a later period of a certificate."""
    with sessions() as session, session.begin():
        act_as(session, ACTOR)
        period = session.get_one(CertificatePeriod, period_id)
        number = session.get_one(Certificate, period.certificate_id).number
        try:
            full = renewals.prepare(session, period, key.key_id)
        except (checks.WillNotSign, papers.NotGenuine) as refusal:
            return Refusal(number, str(refusal))
        row = {
            "period_id": period_id,
            "key_id": key.key_id,
            "signature": key.sign(papers.signed_bytes(full)),
            "card_signature": key.sign(papers.signed_bytes(papers.card(full))),
        }
        insert = pg.insert(PeriodSignature).values(row).on_conflict_do_nothing()
        made = session.scalar(insert.returning(PeriodSignature.id))
        return number if made is not None else None


def prepare(session: orm.Session, certificate: Certificate, key_id: str) -> dict[str, object]:
    """The payload of a certificate that passed every check; raises WillNotSign."""
    document = checks.document_of(session, certificate)
    approvals = checks.approvals_of(session, certificate, document)
    checks.star_again(session, certificate, document)
    period = checks.number_and_period(session, certificate, document)
    issued = Issued(certificate.number, period.begins_on, period.ends_on, key_id, status=certificate.id)
    return papers.payload(document, issued, approvals)


def one_round(sessions: Sessions, keys: Sequence[SigningKey], lists: publishing.Lists, folder: Path) -> Round:
    """Sign what waits and the ledger's newest head, make missing credentials, publish the lists that changed."""
    done = sign_waiting(sessions, keys)
    publishing.credentials_made(sessions, keys[0], lists.public_url)
    lists.publish(sessions, keys)
    try:
        with sessions() as session, session.begin():
            act_as(session, ACTOR)
            ledger.sign_head(session, folder, keys[0].key_id, keys[0].sign)
    except Conflict as rewritten:
        return Round(done.signed, (*done.refused, Refusal(LEDGER, str(rewritten))))
    return done


def keep_signing(
    sessions: Sessions,
    folder: Path,
    stop: threading.Event,
    pause: float,
    lists: publishing.Lists,
) -> None:
    """Sign until told to stop; a database that is away is waited for, a refusal is logged once."""
    known: set[Refusal] = set()
    while not stop.is_set():
        try:
            done = one_round(sessions, keyring.read(folder), lists, folder)
            for refusal in set(done.refused) - known:
                log.error("will not sign", number=refusal.number, why=refusal.why)
            known = set(done.refused)
        except sa.exc.OperationalError as away:
            log.warning("database away", error=type(away).__name__)
        stop.wait(pause)
