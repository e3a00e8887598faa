"""For doctors: how my stations went, what to practise, and how it went before."""

from flask import render_template
from flask.typing import ResponseReturnValue

from assessments.osce import forms
from assessments.osce.models import CircuitCandidate
from assessments.osce.policy import Osce
from assessments.osce.queries import appeals, feedback, sheets
from assessments.osce.queries import results as kept
from assessments.osce.views import pages
from lms.authz import Actor, only
from lms.web.pages import actor, one


@pages.page("/osce/results", needs=Osce.OWN)
def results() -> ResponseReturnValue:
    """The practical exams I am or was a candidate of."""
    person = actor().person_id or 0
    stands = {one.score.candidate_id: one.score for one in kept.sittings(person)}
    return render_template("osce/results.html", mine=sheets.mine(person), stands=stands)


@pages.page("/osce/results/<int:id>", needs=Osce.RESULT, on=one(CircuitCandidate))
def result(shown: CircuitCandidate) -> ResponseReturnValue:
    """My stations in one exam: the whole, station by station, what to practise, what I can do about it."""
    told = only(feedback.told(shown))
    made = appeals.of_candidate(shown)
    until = appeals.until(told.score) if appeals.may_still(told.score) else None
    return render_template(
        "osce/result.html",
        candidate=shown,
        circuit=shown.circuit,
        told=told,
        appeals=made,
        appeal_until=until,
        appeal_form=forms.AppealForm(formdata=None),
    )


def panel(who: Actor) -> str | None:
    """For the home page: the way to one's practical exams, once there is one."""
    mine = sheets.mine(who.person_id or 0)
    return render_template("osce/own_panel.html", mine=mine[:3]) if mine else None
