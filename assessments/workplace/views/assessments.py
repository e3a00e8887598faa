"""One assessment: what was seen and said, its history, and what each side may still do."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.stations.rules import Checklist
from assessments.workplace import forms, services
from assessments.workplace.models import Answered, WorkplaceAssessment
from assessments.workplace.policy import Workplace
from assessments.workplace.queries import assessments, people
from assessments.workplace.views import pages
from lms.i18n import _, pick
from lms.web.forms import attempted
from lms.web.pages import actor


@pages.page("/workplace/assessments/<uuid:id>", needs=Workplace.READ, on=assessments.one)
def assessment(shown: WorkplaceAssessment) -> ResponseReturnValue:
    """What was seen and said."""
    return _page(shown)


def _page(
    shown: WorkplaceAssessment, form: forms.AnswerForm | None = None, reflecting: forms.ReflectForm | None = None
) -> ResponseReturnValue:
    versions, said = assessments.history(shown.encounter_id), assessments.answers(shown.encounter_id)
    taken = {Answered.ACKNOWLEDGED, Answered.DISAGREED}
    page = render_template(
        "workplace/assessment.html",
        one=shown,
        checklist=Checklist.of(shown.station_version.body),
        newest=versions[-1],
        versions=versions,
        answers=said,
        withdrawn=next((one for one in said if one.answered == Answered.WITHDRAWN), None),
        is_read=any(one.assessment_id == shown.id and one.answered in taken for one in said),
        place=pick(*people.place_names([shown.assessor_institution_id])[shown.assessor_institution_id]),
        form=form or forms.AnswerForm(formdata=None),
        reflect=reflecting or forms.ReflectForm(formdata=None),
        reason=forms.ReasonForm(formdata=None),
    )
    return page, 422 if form or reflecting else 200


def _back(shown: WorkplaceAssessment, words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("workplace.assessment", id=shown.id), 303)


@pages.page("/workplace/assessments/<uuid:id>/answer", needs=Workplace.ANSWER, on=assessments.one, methods=("POST",))
def answer(shown: WorkplaceAssessment) -> ResponseReturnValue:
    """As the doctor: read, agreed with or not."""
    form = forms.AnswerForm()
    if form.validate_on_submit() and attempted(form, lambda: _answer(form, shown)):
        return _back(shown, _("Thank you. The assessor sees that you have read it."))
    return _page(shown, form=form)


def _answer(form: forms.AnswerForm, shown: WorkplaceAssessment) -> None:
    services.acknowledge(
        actor(),
        shown,
        agrees=form.agrees.data == "yes",
        text=form.text.data or "",
        reflection=form.reflection.data or "",
    )


@pages.page("/workplace/assessments/<uuid:id>/reflect", needs=Workplace.ANSWER, on=assessments.one, methods=("POST",))
def reflect(shown: WorkplaceAssessment) -> ResponseReturnValue:
    """As the doctor, write down what one takes from it."""
    form = forms.ReflectForm()
    if form.validate_on_submit() and attempted(
        form, lambda: services.reflect(actor(), shown, text=form.text.data or "")
    ):
        return _back(shown, _("Written down."))
    return _page(shown, reflecting=form)


@pages.page(
    "/workplace/assessments/<uuid:id>/withdraw", needs=Workplace.WITHDRAW, on=assessments.one, methods=("POST",)
)
def withdraw(shown: WorkplaceAssessment) -> ResponseReturnValue:
    """As an officer, have it count no longer."""
    services.withdraw(actor(), shown, reason=request.form.get("reason", ""))
    return _back(shown, _("Withdrawn. It no longer counts as evidence."))
