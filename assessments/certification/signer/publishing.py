"""What the signer gives to other people's programs: a credential for every signed period, and the status lists.

A list is made anew when something became of a certificate, and before the one that is out grows old. A certificate that
was once said to be void stays so: a revocation that is gone from the database is kept, and said in the log.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.certification.models import (
    Certificate,
    CertificateChange,
    CertificatePeriod,
    CertificateSignature,
    Credential,
    PolicyVersion,
    StatusList,
)
from assessments.certification.queries import credentials, policies, proofs
from assessments.certification.rules import credential as badges
from assessments.certification.rules import jose, statuslist
from assessments.certification.rules.document import NotGenuine
from assessments.certification.rules.status import ChangeKind
from assessments.certification.rules.statuslist import Place, Purpose
from assessments.certification.signer import checks
from assessments.certification.signer.keys import SigningKey
from lms import clock
from lms.authz import Actor
from lms.db import act_as
from lms.ledger.queries import open_words
from lms.vault import CannotOpen

log = structlog.get_logger("signer")
ACTOR = Actor.job("signer")
#: Who relies on a list may do so for a day; a new one is out long before.
RENEWED_AFTER = timedelta(hours=6)
Sessions = orm.sessionmaker[orm.Session]


# ---- credentials -------------------------------------------------------------------------------


def credentials_made(sessions: Sessions, key: SigningKey, public_url: str, most: int = 500) -> int:
    """Make the credentials that are missing; how many. The signature of the certificate itself is checked first."""
    with sessions() as session:
        act_as(session, ACTOR)
        has = sa.exists().where(Credential.certificate_id == Certificate.id, Credential.period_id == _newest_period())
        signed = sa.exists().where(CertificateSignature.certificate_id == Certificate.id)
        query = sa.select(Certificate.id).where(signed, ~has).order_by(Certificate.id.desc()).limit(most)
        waiting = session.scalars(query).all()
    return sum(_credential(sessions, key, public_url, one) for one in waiting)


def _newest_period() -> sa.ScalarSelect[int]:
    query = sa.select(sa.func.max(CertificatePeriod.id)).where(CertificatePeriod.certificate_id == Certificate.id)
    return query.correlate(Certificate).scalar_subquery()


def _credential(sessions: Sessions, key: SigningKey, public_url: str, certificate_id: int) -> bool:
    with sessions() as session, session.begin():
        act_as(session, ACTOR)
        certificate = session.get_one(Certificate, certificate_id)
        proof = proofs.proof_of(session, certificate)
        if proof is None or not proof.holds:
            return False
        text = credential_text(session, certificate, proof, key, public_url)
        sealed = credentials.seal(session, certificate, proof.period_id, text)
        if sealed is None:
            return False
        row = {"certificate_id": certificate_id, "period_id": proof.period_id, "key_id": key.key_id, "sealed": sealed}
        made = pg.insert(Credential).values(row).on_conflict_do_nothing().returning(Credential.id)
        return session.scalar(made) is not None


def credential_text(
    session: orm.Session, certificate: Certificate, proof: proofs.Proof, key: SigningKey, public_url: str
) -> str:
    """The credential of a proved period, signed."""
    full = {"status": certificate.id} | proof.payload
    version = sa.select(PolicyVersion).where(PolicyVersion.content_hash == bytes.fromhex(full["policy"]["hash"]))
    policy = policies.policy_of(session.scalars(version.limit(1)).one())
    star = next(one for one in policy.stars if one.star == certificate.star)
    claims = badges.claims(full, star, public_url, clock.now(), clock.zone())
    return jose.compact(badges.header(public_url, key.key_id), claims, key.sign)


# ---- status lists ------------------------------------------------------------------------------


@dataclass
class Lists:
    """Publishes the lists; remembers what it has looked through, so that a quiet round costs one small question."""

    public_url: str
    seen: tuple[object, ...] = ()
    #: Changes that agree with the ledger, by id; one that does not is said once and never counts.
    known: dict[int, bool] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def publish(self, sessions: Sessions, keys: Sequence[SigningKey]) -> list[str]:
        """Sign what has changed or grows old; the addresses of the lists that are new."""
        with sessions() as session, session.begin():
            act_as(session, ACTOR)
            now = self._stand(session)
            if now == self.seen:
                return []
            made = [one for one in self._due(session, keys) if one is not None]
            self.seen = now
        return made

    @staticmethod
    def _stand(session: orm.Session) -> tuple[object, ...]:
        """What the lists depend on, in a few numbers: how many changes, periods, certificates, and the hour."""
        counts = [
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(model.id), 0)).select_from(model)
            for model in (CertificateChange, CertificatePeriod, Certificate, CertificateSignature)
        ]
        rows = [tuple(session.execute(query).one()) for query in counts]
        return (*rows, clock.local(clock.now()).strftime("%Y%m%d%H"))

    def _due(self, session: orm.Session, keys: Sequence[SigningKey]) -> Iterator[str | None]:
        found = self._found(session)
        last = session.scalar(sa.select(sa.func.max(Certificate.id))) or 0
        for number in range(Place.of(last).number + 1):
            for purpose in Purpose:
                indexes = {p.index for p in found[purpose] if p.number == number}
                yield self._list(session, keys, number, purpose, indexes)

    def _list(
        self, session: orm.Session, keys: Sequence[SigningKey], number: int, purpose: Purpose, indexes: set[int]
    ) -> str | None:
        url = statuslist.address(self.public_url, number, purpose)
        before = credentials.latest_list(session, number, purpose)
        if before is not None and purpose is Purpose.REVOCATION:
            indexes = indexes | self._kept(session, before, url, indexes)
        bits = statuslist.bits_of(indexes)
        hashed, now = hashlib.sha256(bits).digest(), clock.now()
        if before is not None and before.bits_hash == hashed and now - before.made_at < RENEWED_AFTER:
            return None
        key = keys[0]
        claims = statuslist.credential(url, f"{self.public_url.rstrip('/')}/v/issuer", purpose, bits, now)
        text = jose.compact(badges.header(self.public_url, key.key_id), claims, key.sign)
        row = {"number": number, "purpose": purpose, "bits_hash": hashed, "key_id": key.key_id, "text": text}
        session.execute(sa.insert(StatusList).values(row))
        return url

    def _kept(self, session: orm.Session, before: StatusList, url: str, indexes: set[int]) -> set[int]:
        """Revocations of the list before that the database no longer knows."""
        try:
            _header, claims = jose.opened(before.text, lambda key_id: proofs.public_key(session, key_id))
            gone = set(statuslist.indexes_of(statuslist.read(claims, url, Purpose.REVOCATION)[0])) - indexes
        except NotGenuine as wrong:
            self._tell(f"the last status list was altered: {wrong}")
            return set()
        for index in sorted(gone):
            self._tell(
                f"the revocation of certificate {before.number * statuslist.BITS + index} is gone; it stays void"
            )
        return gone

    def _found(self, session: orm.Session) -> dict[Purpose, set[Place]]:
        """What became of which certificate, as far as the ledger says so too."""
        found: dict[Purpose, set[Place]] = {purpose: set() for purpose in Purpose}
        rows = session.scalars(
            sa.select(CertificateChange).where(CertificateChange.on_day <= clock.today()).order_by(CertificateChange.id)
        )
        for change in rows:
            if not self._recorded(session, change):
                continue
            place = Place.of(change.certificate_id)
            if change.kind == ChangeKind.REVOKED:
                found[Purpose.REVOCATION].add(place)
            elif change.kind == ChangeKind.SUPERSEDED and _takes_its_place(change):
                found[Purpose.REFRESH].add(place)
            elif change.kind == ChangeKind.SUSPENDED:
                found[Purpose.SUSPENSION].add(place)
            elif change.kind == ChangeKind.RESUMED:
                found[Purpose.SUSPENSION].discard(place)
        return found

    def _recorded(self, session: orm.Session, change: CertificateChange) -> bool:
        if change.id not in self.known:
            why = _disagrees(session, change)
            self.known[change.id] = why is None
            if why is not None:
                self._tell(f"change {change.id}: {why}")
        return self.known[change.id]

    def _tell(self, why: str) -> None:
        if why not in self.told:
            self.told.add(why)
            log.error("status list", why=why)


def _takes_its_place(change: CertificateChange) -> bool:
    """Whether the higher certificate is signed: until then the lower one counts."""
    return change.by_certificate is not None and change.by_certificate.signature is not None


def _disagrees(session: orm.Session, change: CertificateChange) -> str | None:
    """Why a change does not count: the ledger must say the same. Words of an erased person cannot be asked."""
    try:
        if open_words(session, "certification.change", change.ledger_index, change.sealed) is None:
            return None
        words = checks.words_of(session, "certification.change", change.ledger_index, change.sealed)
        number = session.scalar(sa.select(Certificate.number).where(Certificate.id == change.certificate_id))
        checks.must(words["kind"] == change.kind and words["number"] == number, "the ledger has another change")
    except (checks.WillNotSign, CannotOpen) as wrong:
        return str(wrong) or "its words do not open"
    return None
