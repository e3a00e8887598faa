"""The overview of one circuit: how far it is, and what comes next; several forms come back to it."""

from flask import render_template

from assessments.osce import forms
from assessments.osce.models import Circuit, State
from assessments.osce.policy import takes_part
from assessments.osce.queries import appeals, circuits, results, revisions, rulings, sheets
from assessments.osce.queries.standards import cuts_of
from lms.web.forms import Form
from lms.web.pages import actor


def overview(shown: Circuit, **given: Form) -> str:
    """The page; `given` are forms that came back with something wrong."""
    made = {"close_form": forms.CloseForm(formdata=None), "reopen_form": forms.ReasonForm(formdata=None)}
    made["revision_form"] = forms.RevisionForm(formdata=None, prefix="revision")
    board, cuts, released = sheets.board(shown), cuts_of(shown), shown.state == State.RELEASED
    counts = results.counted(board, cuts) if shown.state == State.CLOSED else {}
    return render_template(
        "osce/circuit.html",
        circuit=shown,
        board=board,
        cuts=cuts,
        passed=sum(one.outcome.passed for one in counts.values()),
        summary=results.summary(shown) if released else None,
        appeals=appeals.of_circuit(shown) if released else [],
        revision=rulings.open_revision(shown) if released else None,
        revisions=revisions.revisions_of(shown) if released else [],
        decisions=circuits.decisions_of(shown),
        host=circuits.place_name(shown.institution_id),
        involved=takes_part(actor(), shown),
        **(made | given),
    )
