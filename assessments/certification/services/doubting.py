"""Doubting: a corrected result is held against the certificates that rest on it; an officer says what follows.

Nothing is ever revoked by itself.
"""

from assessments.certification.events import CertificateDoubted
from assessments.certification.models import CertificateDoubt, DoubtAnswer
from assessments.certification.policy import Certificates
from assessments.certification.queries import doubts
from assessments.certification.rules.status import Status
from assessments.results.models import Result
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import publish
from lms.i18n import _
from lms.service import service, tell

_OVER = (Status.REVOKED, Status.SUPERSEDED)


@service(needs=Certificates.DOUBT)
def doubt(actor: Actor, result: Result) -> int:
    """Lay before the officers what no longer carries its star now that a result was corrected; how many those are."""
    corrected = doubts.New(result.value, result.critical_failure)
    found = doubts.resting_on(db.session, dict.fromkeys(doubts.earlier_versions(db.session, result), corrected))
    known = doubts.doubted(db.session, result.id)
    fallen = [one for one in found if not one.holds and one.status not in _OVER and one.certificate.id not in known]
    for one in fallen:
        db.session.add(
            CertificateDoubt(
                person_id=one.certificate.person_id,
                institution_id=one.certificate.institution_id,
                certificate_id=one.certificate.id,
                result_id=result.id,
                star=one.star,
                reason=result.reason,
            )
        )
    db.session.flush()
    for one in fallen:
        publish(CertificateDoubted(one.certificate.id, one.certificate.person_id))
    tell(result=result.id, certificates=[one.certificate.number for one in fallen])
    return len(fallen)


@service(needs=Certificates.DECIDE, tells=("reason",))
def let_stand(actor: Actor, doubted: CertificateDoubt, *, reason: str) -> DoubtAnswer:
    """Say that the certificate stays, and why; whoever thinks otherwise asks to revoke it."""
    if actor.person_id == doubted.person_id:
        raise NotAllowed(_("Nobody decides about their own certificate."))
    if doubted.answer is not None:
        raise Conflict(_("This has been answered already."))
    if not reason.strip():
        raise Invalid(_("Say why the certificate stays."), field="reason")
    row = DoubtAnswer(
        person_id=doubted.person_id,
        institution_id=doubted.institution_id,
        doubt_id=doubted.id,
        reason=reason.strip(),
        by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    return row
