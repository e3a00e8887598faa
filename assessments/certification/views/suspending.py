"""Suspending a certificate and lifting it again, and the list of what comes to its end."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from assessments.certification.forms import ResumeForm, SuspendForm, SuspensionAnswerForm
from assessments.certification.models import Certificate, SuspensionRequest
from assessments.certification.policy import Certificates
from assessments.certification.queries import renewals
from assessments.certification.rules.status import SuspensionCategory
from assessments.certification.services import suspending
from assessments.certification.views import pages
from assessments.certification.views.acting import shown
from assessments.certification.views.desk import certificate_page, done
from lms import clock
from lms.db import db
from lms.i18n import _
from lms.web.pages import actor, one


@pages.page("/certificates/renewals", needs=Certificates.BROWSE)
def renewal_list() -> ResponseReturnValue:
    """What comes to its end or has just ended, and what each renewal still wants."""
    today = clock.today()
    held = renewals.coming(db.session, today)
    found = renewals.prospects(db.session, held, today)
    return render_template(
        "certification/renewals.html",
        found=found,
        total=renewals.how_many(db.session, today),
        cases=renewals.open_cases(db.session, [one.certificate.id for one in found]),
        titles=renewals.titles(db.session, [code for one in found for code in one.owed]),
    )


@pages.page("/certificates/<int:id>/suspend", needs=Certificates.SUSPEND, on=one(Certificate), methods=("POST",))
def suspend(certificate: Certificate) -> ResponseReturnValue:
    """The first half of a suspension."""
    form = SuspendForm(prefix="s")
    if not form.validate() or not done(form, lambda: _suspend(certificate, form)):
        return certificate_page(certificate, suspend_form=form), 422
    flash(_("Asked for. A second officer must agree; until then the certificate stays as it is."), "done")
    return _back(certificate.id)


def _suspend(found: Certificate, form: SuspendForm) -> None:
    category = SuspensionCategory(form.category.data)
    suspending.ask_to_suspend(actor(), found, category=category, note=form.note.data or "", code=shown(form))


@pages.page("/certificates/<int:id>/resume", needs=Certificates.SUSPEND, on=one(Certificate), methods=("POST",))
def resume(certificate: Certificate) -> ResponseReturnValue:
    """The first half of lifting a suspension."""
    form = ResumeForm(prefix="u")
    given = form.validate() and done(
        form,
        lambda: suspending.ask_to_resume(actor(), certificate, note=form.note.data or "", code=shown(form)),
    )
    if not given:
        return certificate_page(certificate, resume_form=form), 422
    flash(_("Asked for. A second officer must agree; until then the certificate stays as it is."), "done")
    return _back(certificate.id)


@pages.page(
    "/certificates/suspensions/<int:id>", needs=Certificates.SUSPEND, on=one(SuspensionRequest), methods=("POST",)
)
def answer_suspension(asked: SuspensionRequest) -> ResponseReturnValue:
    """The second half, by another officer."""
    form = SuspensionAnswerForm(prefix="x")
    if not form.validate() or not done(form, lambda: _answer(asked, form)):
        return certificate_page(asked.certificate, suspension_answer_form=form), 422
    agreed = form.answer.data == "confirm"
    flash(_("It holds from now on. Everybody can see it.") if agreed else _("Everything stays as it is."), "done")
    return _back(asked.certificate_id)


def _answer(asked: SuspensionRequest, form: SuspensionAnswerForm) -> None:
    confirmed = form.answer.data == "confirm"
    suspending.answer_suspension(actor(), asked, confirmed=confirmed, note=form.note.data or "", code=shown(form))


def _back(certificate_id: int) -> ResponseReturnValue:
    return redirect(url_for("certification.certificate", id=certificate_id), 303)
