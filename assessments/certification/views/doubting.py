"""The officers' word on certificates whose evidence was corrected."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from assessments.certification.forms import StandForm
from assessments.certification.models import CertificateDoubt
from assessments.certification.policy import Certificates
from assessments.certification.services import doubting
from assessments.certification.views import pages
from lms.i18n import _
from lms.web.pages import actor, one


@pages.page("/certificates/doubts/<int:id>", needs=Certificates.DECIDE, on=one(CertificateDoubt), methods=("POST",))
def stand(doubted: CertificateDoubt) -> ResponseReturnValue:
    """It stays, and why."""
    form = StandForm(prefix="d")
    if form.validate():
        doubting.let_stand(actor(), doubted, reason=form.reason.data or "")
        flash(_("It stays valid."), "done")
    else:
        flash(_("Say why the certificate stays."), "danger")
    return redirect(url_for("certification.certificate", id=doubted.certificate_id), 303)
