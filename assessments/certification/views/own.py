"""What a doctor sees: my star now, what is missing, my certificates; and an officer the same of one person."""

from typing import Any

from flask import Response, current_app, render_template
from flask.typing import ResponseReturnValue

from assessments.certification import documents
from assessments.certification.models import Certificate
from assessments.certification.policy import Certificates, Stars
from assessments.certification.queries import decisions, evidence, policies, proofs, proposals
from assessments.certification.rules import ladder, words
from assessments.certification.rules.status import Status
from assessments.certification.views import pages
from config import Settings
from lms import clock
from lms.authz import Actor, Role
from lms.db import db
from lms.errors import Conflict
from lms.i18n import _
from lms.people.models import Person
from lms.web import exports
from lms.web.pages import actor, one


@pages.page("/stars", needs=Stars.OWN)
def stars() -> ResponseReturnValue:
    """My ladder, drawn and explained."""
    person = db.session.get_one(Person, actor().person_id)
    return render_template("certification/stars.html", person=person, mine=True, **ladder_of(person.id))


@pages.page("/stars/<int:id>", needs=Stars.READ, on=one(Person))
def stars_of(person: Person) -> ResponseReturnValue:
    """One person's ladder, for officers."""
    mine = person.id == actor().person_id
    return render_template("certification/stars.html", person=person, mine=mine, **ladder_of(person.id))


def ladder_of(person_id: int) -> dict[str, Any]:
    """What the ladder shows: today's decision, the results behind it, certificates and open cases."""
    standing = decisions.standing(db.session, person_id)
    explained: dict[str, Any] = standing.decision.as_json() if standing else {"stars": [], "star": 0}
    following = next((star for star in explained["stars"] if star["star"] == explained["star"] + 1), None)
    return {
        "standing": standing,
        "explained": explained,
        "following": following,
        "wants": ladder.wants(following) if following else [],
        "way": ladder.shortest_way(following) if following else [],
        "second_look": bool(standing and policies.policy_of(standing.version).second_look),
        "results": evidence.results(db.session, ladder.result_ids(explained)),
        "held": with_status(decisions.certificates_of(db.session, person_id)),
        "cases": [(p, proposals.state_of(db.session, p.id)) for p in decisions.open_proposals(db.session, person_id)],
    }


def with_status(found: list[Certificate]) -> list[tuple[Certificate, Status]]:
    """Certificates beside what they are today."""
    return [(certificate, decisions.status_of(certificate, clock.today())) for certificate in found]


@pages.page("/certificates/mine", needs=Certificates.OWN)
def mine() -> ResponseReturnValue:
    """My certificates."""
    person_id = actor().person_id or 0
    held = with_status(decisions.certificates_of(db.session, person_id))
    returned = decisions.last_returned(db.session, person_id)
    return render_template("certification/mine.html", held=held, returned=returned)


@pages.page("/certificates/<int:id>/certificate.pdf", needs=Certificates.READ, on=one(Certificate))
def pdf(certificate: Certificate) -> ResponseReturnValue:
    """The certificate as a file."""
    proof = proofs.proof_of(db.session, certificate)
    if proof is None or not proof.holds:
        raise Conflict(_("This certificate is still being signed. Try again in a minute."))
    body = Response(documents.certificate(proof, look()), content_type="application/pdf")
    return exports.attached(body, f"certificate-{certificate.number}.pdf")


def look() -> documents.Look:
    """What the installation adds to the document."""
    settings: Settings = current_app.config["LMS"]
    return documents.Look(settings.public_url, settings.simulated)


def panel(who: Actor) -> str | None:
    """The doctor's home: my star now, and at most five rows to the next one."""
    if Role.DOCTOR not in who.roles or who.person_id is None:
        return None
    shown = ladder_of(who.person_id)
    return render_template("certification/panel.html", words=words, **shown) if shown["standing"] else None
