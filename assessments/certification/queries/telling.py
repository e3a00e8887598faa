"""Whom to tell of what becomes of a certificate."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from flask_babel import format_date

from assessments.certification import events
from assessments.certification.models import (
    Certificate,
    CertificateChange,
    CertificatePeriod,
    Proposal,
    SubsidyPreparation,
)
from assessments.certification.policy import Certificates, Following
from assessments.certification.rules.renewal import Stage
from assessments.certification.rules.status import ChangeKind
from lms import clock
from lms.authz import Role
from lms.db import Everything, db
from lms.i18n import _, _l
from lms.notifications.queries import holders
from lms.notifications.rules.kinds import Facts, Group, Heard, How, Kind, Payload, Told

_OWN: Final = "certification.mine"


def _number(facts: Facts) -> str:
    return str(_("Number %(number)s", number=facts["number"]))


def _due(facts: Facts) -> str:
    said = {"star": facts["star"], "day": format_date(date.fromisoformat(facts["ends_on"]))}
    if facts["stage"] == Stage.EXPIRED:
        words = _("Your %(star)s-star certificate ran out on %(day)s; it can still be renewed", **said)
    elif facts["stage"] == Stage.CLOSING:
        words = _("Last days to renew your %(star)s-star certificate", **said)
    else:
        words = _("Your %(star)s-star certificate is valid until %(day)s: renew it in time", **said)
    return str(words)


WAITING = Kind(
    "certificates.waiting",
    Group.CERTIFICATES,
    _l("Proposals that wait for officers"),
    lambda _facts: _("Certificates wait for your decision"),
    "certification.desk",
    mail=How.DAILY,
    needs=Certificates.DECIDE,
)
DOUBTED = Kind(
    "certificates.doubted",
    Group.CERTIFICATES,
    _l("Certificates to review"),
    lambda _facts: _("A result that a certificate rests on was corrected: review the certificate"),
    "certification.certificate",
    ("id",),
    _number,
    mail=How.DAILY,
    needs=Certificates.DECIDE,
)
PREPARED = Kind(
    "certificates.subsidy",
    Group.CERTIFICATES,
    _l("Subsidies to settle"),
    lambda facts: _("The subsidy of %(month)s is prepared: look at it and settle it", month=facts["month"]),
    "certification.subsidy",
    ("id", "month"),
    mail=How.DAILY,
    needs=Following.SETTLE,
)
APPROVED = Kind(
    "certificates.approved",
    Group.CERTIFICATES,
    _l("Approval of a certificate"),
    lambda facts: _("Two officers approved your %(star)s-star certificate; it is being issued", star=facts["star"]),
    _OWN,
    mail=How.OFF,
    needs=Certificates.OWN,
)
RETURNED = Kind(
    "certificates.returned",
    Group.CERTIFICATES,
    _l("A proposal was returned"),
    lambda facts: _("The proposal of your %(star)s-star certificate was returned", star=facts["star"]),
    "certification.stars",
    more=lambda _facts: _("Your page of stars shows what is still missing. The authority can tell you the reason."),
    needs=Certificates.OWN,
)
ISSUED = Kind(
    "certificates.issued",
    Group.CERTIFICATES,
    _l("A certificate was issued"),
    lambda facts: _("Your %(star)s-star certificate is issued", star=facts["star"]),
    _OWN,
    more=_number,
    needs=Certificates.OWN,
)
RENEWED = Kind(
    "certificates.renewed",
    Group.CERTIFICATES,
    _l("A certificate was renewed"),
    lambda facts: _("Your %(star)s-star certificate is renewed", star=facts["star"]),
    _OWN,
    more=_number,
    needs=Certificates.OWN,
)
DUE = Kind(
    "certificates.due",
    Group.CERTIFICATES,
    _l("A certificate runs out"),
    _due,
    "certification.stars",
    more=_number,
    needed=True,
    needs=Certificates.OWN,
)
REVOKED = Kind(
    "certificates.revoked",
    Group.CERTIFICATES,
    _l("A certificate was revoked"),
    lambda facts: _("Your %(star)s-star certificate is revoked", star=facts["star"]),
    _OWN,
    more=lambda facts: _("Number %(number)s. The page of the certificate shows the reason.", number=facts["number"]),
    sms=How.NOW,
    needed=True,
    needs=Certificates.OWN,
)
SUSPENDED = Kind(
    "certificates.suspended",
    Group.CERTIFICATES,
    _l("A certificate was suspended"),
    lambda facts: _("Your %(star)s-star certificate is suspended for the time being", star=facts["star"]),
    _OWN,
    more=_number,
    sms=How.NOW,
    needed=True,
    needs=Certificates.OWN,
)
RESUMED = Kind(
    "certificates.resumed",
    Group.CERTIFICATES,
    _l("A suspension was lifted"),
    lambda facts: _("Your %(star)s-star certificate is valid again", star=facts["star"]),
    _OWN,
    more=_number,
    needs=Certificates.OWN,
)


def _certificate(payload: Payload) -> Certificate:
    return db.session.get_one(Certificate, payload["certificate_id"], execution_options=Everything)


def _proposal(payload: Payload) -> Proposal:
    return db.session.get_one(Proposal, payload["proposal_id"], execution_options=Everything)


def _facts(one: Certificate) -> dict[str, Any]:
    return {"id": one.id, "number": one.number, "star": one.star}


def waiting(payload: Payload) -> Iterator[Told]:
    """The officers who can decide, once a day however many proposals there are."""
    today, about = clock.today().isoformat(), defaultdict[int, set[int]](set)
    numbers = payload.get("proposal_ids") or [payload["proposal_id"]]
    query = sa.select(Proposal.authority_id, Proposal.person_id).where(Proposal.id.in_(numbers))
    for authority, person in db.session.execute(query, execution_options=Everything):
        about[authority].add(person)
    for authority, persons in about.items():
        for officer in holders(Role.CERTIFICATE_OFFICER, authority):
            if persons != {officer}:
                yield Told(officer, f"waiting:{today}")


def doubted(payload: Payload) -> Iterator[Told]:
    """The officers who are to review a certificate, once a day for each."""
    one, today = _certificate(payload), clock.today().isoformat()
    for officer in holders(Role.CERTIFICATE_OFFICER, one.authority_id):
        if officer != one.person_id:
            yield Told(officer, f"doubted:{one.id}:{today}", _facts(one))


def proposed_holder(payload: Payload) -> Iterator[Told]:
    """Whose proposal was approved or returned."""
    proposal = _proposal(payload)
    yield Told(proposal.person_id, f"proposal:{proposal.id}", {"id": proposal.id, "star": proposal.star})


def holder(payload: Payload) -> Iterator[Told]:
    """The holder, once in the life of the certificate."""
    one = _certificate(payload)
    yield Told(one.person_id, f"certificate:{one.id}", _facts(one))


def renewed(payload: Payload) -> Iterator[Told]:
    """The holder, once for each period."""
    one = _certificate(payload)
    yield Told(one.person_id, f"certificate:{one.id}:period:{_last(CertificatePeriod, one)}", _facts(one))


def changed(*kinds: ChangeKind) -> Any:
    """The holder, once for each time the certificate was suspended or resumed."""

    def find(payload: Payload) -> Iterator[Told]:
        one = _certificate(payload)
        last = _last(CertificateChange, one, CertificateChange.kind.in_(kinds))
        yield Told(one.person_id, f"certificate:{one.id}:change:{last}", _facts(one))

    return find


def _last(model: Any, one: Certificate, *more: Any) -> int:
    """The newest row about a certificate: it tells one renewal or suspension from the next."""
    query = sa.select(sa.func.max(model.id)).where(model.certificate_id == one.id, *more)
    return db.session.scalar(query, execution_options=Everything) or 0


def due(payload: Payload) -> Iterator[Told]:
    """The holder, once for each stage of a period."""
    one = _certificate(payload)
    facts = _facts(one) | {name: payload[name] for name in ("ends_on", "stage")}
    yield Told(one.person_id, f"certificate:{one.id}:{payload['ends_on']}:{payload['stage']}", facts)


def prepared(payload: Payload) -> Iterator[Told]:
    """The officers who may settle the month, but not who prepared it."""
    one = db.session.get_one(SubsidyPreparation, payload["preparation_id"], execution_options=Everything)
    facts = {"id": one.institution_id, "month": f"{one.month:%Y-%m}"}
    for officer in holders(Role.CERTIFICATE_OFFICER, one.institution_id):
        if officer != one.prepared_by_id:
            yield Told(officer, f"subsidy:{one.id}", facts)


HEARD: Final = (
    Heard(events.CertificateProposed, WAITING, waiting),
    Heard(events.CertificatesProposed, WAITING, waiting),
    Heard(events.CertificateApproved, APPROVED, proposed_holder),
    Heard(events.CertificateReturned, RETURNED, proposed_holder),
    Heard(events.CertificateIssued, ISSUED, holder),
    Heard(events.CertificateRenewed, RENEWED, renewed),
    Heard(events.CertificateDue, DUE, due),
    Heard(events.CertificateSuspended, SUSPENDED, changed(ChangeKind.SUSPENDED)),
    Heard(events.CertificateResumed, RESUMED, changed(ChangeKind.RESUMED)),
    Heard(events.CertificateRevoked, REVOKED, holder),
    Heard(events.CertificateDoubted, DOUBTED, doubted),
    Heard(events.SubsidyPrepared, PREPARED, prepared),
)
