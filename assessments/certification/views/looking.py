"""Borderline decisions: the list of those that wait for a second look, and the look itself."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.certification.forms import LookForm
from assessments.certification.models import StarDecision
from assessments.certification.policy import Stars
from assessments.certification.queries import decisions, evidence, looks
from assessments.certification.rules import ladder
from assessments.certification.services import looking
from assessments.certification.views import pages
from lms.db import db
from lms.i18n import _
from lms.people.models import Person
from lms.web.pages import actor, one


@pages.page("/certificates/looks", needs=Stars.LOOK)
def looks_waiting() -> ResponseReturnValue:
    """Decisions that wait for a second look."""
    return render_template("certification/looks.html", found=looks.page(db.session, request.args.get("page", 1, int)))


@pages.page("/certificates/looks/<int:id>", needs=Stars.LOOK, on=one(StarDecision))
def look(decision: StarDecision) -> ResponseReturnValue:
    """One borderline decision with all it rests on."""
    return render_template("certification/look.html", form=LookForm(prefix="l"), **_about(decision))


@pages.page("/certificates/looks/<int:id>/answer", needs=Stars.LOOK, on=one(StarDecision), methods=("POST",))
def answer_look(decision: StarDecision) -> ResponseReturnValue:
    """What an officer found."""
    form = LookForm(prefix="l")
    if not form.validate():
        return render_template("certification/look.html", form=form, **_about(decision)), 422
    right = form.answer.data == "right"
    looking.look_again(actor(), decision, confirmed=right, reason=form.reason.data or "")
    flash(_("The certificate is proposed to the officers.") if right else _("Nothing is proposed."), "done")
    return redirect(url_for("certification.looks_waiting"), 303)


def _about(decision: StarDecision) -> dict[str, Any]:
    explained = decisions.explained(decision)
    star = next((one for one in explained["stars"] if one["star"] == decision.star), None)
    found = looks.of_decision(db.session, decision.id)
    return {
        "decision": decision,
        "person": db.session.get_one(Person, decision.person_id),
        "explained": explained,
        "star": star,
        "results": evidence.results(db.session, ladder.result_ids(explained)),
        "found": found,
        "reason": looks.reason_of(db.session, found) if found else "",
        "own": decision.person_id == actor().person_id,
    }
