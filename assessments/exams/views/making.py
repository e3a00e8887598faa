"""For officers: the list of exams, a new one, its times, its approval."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams.forms import exams as forms
from assessments.exams.models import Decided, Exam
from assessments.exams.policy import Exams
from assessments.exams.queries import exams as queries
from assessments.exams.queries import places, preparing, rooms
from assessments.exams.services import making
from assessments.exams.views import blueprint, pages
from lms.authz import Actor, only
from lms.db.paging import cut
from lms.i18n import _
from lms.web import progress
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/exams", needs=Exams.READ)
def exams() -> ResponseReturnValue:
    """The exams of one's area."""
    sought = queries.Sought(
        request.args.get("q", "").strip(), request.args.get("state", ""), request.args.get("sort", "-opens_at")
    )
    shown = cut(queries.listing(actor(), sought), request.args.get("page", 1, int))
    return render_template("exams/exams.html", shown=shown)


def panel(who: Actor) -> str | None:
    """What an officer's exams wait for, on the home page; nothing where all are released."""
    found = queries.in_hand(who, 5)
    return render_template("exams/in_hand.html", found=found) if found else None


@pages.page("/exams/new", needs=Exams.MANAGE, methods=("GET", "POST"))
def new() -> ResponseReturnValue:
    """Draft an exam from a bank, or several."""
    cells, form = blueprint.table(), forms.new_form(places.hosts(actor()))
    if not request.form.get("show") and form.validate_on_submit():
        made: list[Exam] = []
        if blueprint.attempted(form, cells, lambda: made.append(_create(form, cells))):
            return redirect(url_for("exams.paper", id=made[0].id), 303)
    wrong = request.method == "POST" and not request.form.get("show")
    return render_template("exams/new.html", form=form, cells=cells), 422 if wrong else 200


def _create(form: forms.NewForm, cells: blueprint.Table) -> Exam:
    place = only(places.host(actor(), form.institution.data))
    return making.create(actor(), place, plan=plan_of(form), blueprint=cells.blueprint(form.multiple.data))


def plan_of(form: forms.PlanForm) -> making.Plan:
    """What the form says about when, how long and what is enough."""
    return making.Plan(
        title=form.title.data or "",
        title_en=form.title_en.data,
        opens_at=form.opens_at.data,
        closes_at=form.closes_at.data,
        minutes=form.minutes.data,
        pass_percent=form.pass_percent.data,
        shuffled=bool(form.shuffled.data),
    )


@pages.page("/exams/<int:id>", needs=Exams.READ, on=one(Exam))
def exam(shown: Exam) -> ResponseReturnValue:
    """One exam: how far it is, and what comes next."""
    job = progress.as_left_by(preparing.work(shown), shown)
    return render_template(
        "exams/exam.html",
        exam=shown,
        count=queries.count(shown),
        size=queries.paper_size(shown.paper_version_id),
        approvals=queries.decisions(shown, Decided.APPROVE, queries.sealed(shown)),
        run=queries.last_run(shown),
        host=places.name_of(shown.institution_id),
        closing=forms.ReasonForm(),
        job=job,
        unseated=rooms.without_place(shown),
        unprepared=preparing.left(shown),
    )


@pages.page("/exams/<int:id>/plan", needs=Exams.MANAGE, on=one(Exam), methods=("GET", "POST"))
def plan(shown: Exam) -> ResponseReturnValue:
    """Change when an exam is, how long it lasts, what is enough."""
    form = forms.PlanForm(obj=shown)
    if form.validate_on_submit() and attempted(form, lambda: making.amend(actor(), shown, plan=plan_of(form))):
        flash(_("Changed. What two officers approve is this from now on."), "done")
        return redirect(url_for("exams.exam", id=shown.id), 303)
    return render_template("exams/plan.html", exam=shown, form=form), 422 if request.method == "POST" else 200


@pages.page("/exams/<int:id>/approve", needs=Exams.APPROVE, on=one(Exam), methods=("POST",))
def approve(shown: Exam) -> ResponseReturnValue:
    """Say yes to what was shown."""
    making.approve(actor(), shown, content_hash=hash_sent())
    said = _("Approved by two officers.") if shown.approved_hash else _("Approved by you. A second officer must too.")
    flash(said, "done")
    return redirect(url_for("exams.exam", id=shown.id), 303)


def hash_sent() -> bytes:
    """The hash of what the page showed, as the form sends it back."""
    try:
        return bytes.fromhex(request.form.get("hash", ""))
    except ValueError:
        return b""
