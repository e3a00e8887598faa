"""How an officer proves to be there, and how far the work is that an act has begun."""

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.certification.models import OfficerAct
from assessments.certification.policy import Certificates
from assessments.certification.queries import renewals
from assessments.certification.services import approving, proving
from assessments.certification.views import pages
from lms.db import db
from lms.errors import Invalid
from lms.i18n import _
from lms.people.models import SignIn
from lms.people.views.second_factor import here, site
from lms.web import progress
from lms.web.forms import Form
from lms.web.pages import actor, one

PURPOSES = ("approve", "revoke", "confirm", "suspend", "resume", "policy")


def shown(form: Form) -> proving.Shown:
    """What the officer shows with a form: what a passkey has signed, else the digits that were typed."""
    answer, sign_in = request.form.get("assertion", ""), here()
    code = form["code"].data or "" if "code" in form else ""
    if code or not answer or sign_in is None:
        return str(code)
    return proving.Touch(answer, sign_in, site())


@pages.page("/certificates/proving", needs=Certificates.PROVE, on=here, methods=("POST",))
def proving_question(sign_in: SignIn) -> ResponseReturnValue:
    """What the officer's passkey is to sign before these documents are decided."""
    given = request.get_json(silent=True)
    asked = given if isinstance(given, dict) else {}
    hashes, purpose = asked.get("hashes"), asked.get("purpose")
    try:
        digests = [bytes.fromhex(one) for one in hashes] if isinstance(hashes, list) else []
    except (TypeError, ValueError):
        digests = []
    if purpose not in PURPOSES or not 0 < len(digests) <= approving.MOST_AT_ONCE:
        raise Invalid(_("Open the page again and choose what you decide."))
    question = proving.question(actor(), sign_in, site=site(), hashes=digests, purpose=purpose)
    return current_app.response_class(question, mimetype="application/json")


@pages.page("/certificates/issuing/<int:id>", needs=Certificates.PROVE, on=one(OfficerAct))
def issuing(act: OfficerAct) -> ResponseReturnValue:
    """How far the certificates are that one's own act has completed, and what was refused."""
    job = renewals.issuing_of(act.id)
    cases = renewals.decided_by(db.session, act.id)
    refused = {one["proposal"]: one["why"] for one in (job.outcome or {}).get("refused", [])} if job else {}
    return render_template("certification/issuing.html", act=act, job=job, cases=cases, refused=refused)


@pages.page("/certificates/issuing/<int:id>/state", needs=Certificates.PROVE, on=one(OfficerAct))
def issuing_state(act: OfficerAct) -> ResponseReturnValue:
    """The same for the page's script."""
    job = renewals.issuing_of(act.id)
    return progress.stand(job, url_for("certification.issuing", id=act.id))
