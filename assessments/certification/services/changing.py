"""What every change of a certificate has in common: who is locked for it, and how it is written down."""

from assessments.certification.models import Certificate, CertificateChange
from assessments.certification.queries import decisions
from assessments.certification.rules.status import ChangeKind
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import NotAllowed
from lms.i18n import _
from lms.ledger import services as ledger
from lms.people.models import Person

CHANGE = "certification.change"


def both(actor: Actor, certificate: Certificate) -> tuple[Person, Person]:
    """The officer and the person it is about, who may not be one."""
    if actor.person_id == certificate.person_id:
        raise NotAllowed(_("Nobody decides about their own certificate."))
    found = {p.id: p for p in decisions.locked(db.session, [certificate.person_id, actor.person_id or 0])}
    return found[actor.person_id or 0], found[certificate.person_id]


def write_change(
    certificate: Certificate,
    person: Person,
    kind: ChangeKind,
    *,
    category: str | None = None,
    by: Certificate | None = None,
) -> None:
    """What becomes of a certificate from today on: a row, and the same in the ledger."""
    today = clock.today()
    words = {"number": certificate.number, "kind": str(kind), "on": today.isoformat()}
    words |= {"category": str(category)} if category else {}
    words |= {"by": by.number} if by else {}
    recorded = ledger.append(db.session, CHANGE, words, person.ledger_subject)
    change = CertificateChange(
        person_id=person.id,
        institution_id=certificate.institution_id,
        certificate_id=certificate.id,
        kind=kind,
        on_day=today,
        category=category,
        by_certificate_id=by.id if by else None,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(change)
