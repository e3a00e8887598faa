"""For doctors: how my stations went, and what to practise."""

from flask import render_template
from flask.typing import ResponseReturnValue

from assessments.osce.models import CircuitCandidate
from assessments.osce.policy import Osce
from assessments.osce.queries import sheets
from assessments.osce.rules import profile
from assessments.osce.views import pages
from lms.authz import Actor
from lms.web.pages import actor, one


@pages.page("/osce/results", needs=Osce.OWN)
def results() -> ResponseReturnValue:
    """The practical exams I am or was a candidate of."""
    return render_template("osce/results.html", mine=sheets.mine(actor().person_id or 0))


@pages.page("/osce/results/<int:id>", needs=Osce.RESULT, on=one(CircuitCandidate))
def result(shown: CircuitCandidate) -> ResponseReturnValue:
    """My stations in one exam: profile, critical failures, comments, what to practise."""
    outcomes = sheets.outcomes(shown)
    profiles = {one.station.id: profile(one.checklist, one.sheet.marks) for one in outcomes}
    return render_template(
        "osce/result.html", candidate=shown, circuit=shown.circuit, outcomes=outcomes, profiles=profiles
    )


def panel(who: Actor) -> str | None:
    """For the home page: the way to one's practical exams, once there is one."""
    mine = sheets.mine(who.person_id or 0)
    return render_template("osce/own_panel.html", mine=mine[:3]) if mine else None
