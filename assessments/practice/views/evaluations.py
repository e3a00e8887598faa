"""Pages of practice evaluation: the officer's list, the assessor's records, the doctor's result."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.practice import forms, queries, services
from assessments.practice.models import Evaluation, EvaluationFormVersion, State
from assessments.practice.policy import Practice
from assessments.practice.queries import results as results_of
from assessments.practice.queries.indicators import titles_of, values_for
from assessments.practice.rules.parts import Missing, Whole
from assessments.practice.rules.records import means, percent, record_percent
from assessments.practice.views import pages
from lms import clock
from lms.authz import Actor, only
from lms.db import db
from lms.db.paging import cut
from lms.errors import Invalid
from lms.i18n import _, pick
from lms.people.models import Person
from lms.web import exports
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/practice", needs=Practice.READ)
def evaluations() -> ResponseReturnValue:
    """The evaluations of one's area; or the same as a file."""
    asked = request.args
    sought = queries.Sought(asked.get("q", "").strip(), asked.get("state", ""), asked.get("sort", "-period"))
    query = queries.listing(sought)
    if kind := exports.wanted():
        columns = [_("Doctor"), _("Institution"), _("Assessor"), _("Period until"), _("State"), _("Percent")]
        rows = [
            (e.doctor_name, place, e.assessor_name, e.period_until, str(forms.STATES[State(e.state)]), e.percent)
            for e, place in db.session.execute(query)
        ]
        return exports.answer(kind, _("Practice evaluations"), columns, rows)
    shown = cut(query, asked.get("page", 1, int))
    scored = queries.counts([row.Evaluation for row in shown.rows])
    return render_template("practice/evaluations.html", shown=shown, scored=scored)


@pages.page("/practice/new", needs=Practice.ASSIGN, methods=("GET", "POST"))
def assign() -> ResponseReturnValue:
    """Ask an assessor to look at a doctor's work."""
    form = forms.AssignForm(period_from=clock.today() - timedelta(days=365), period_until=clock.today())
    form.doctor.choices = _people(queries.doctors())
    form.assessor.choices = _people(queries.assessors())
    form.version.choices = [(v.id, pick(v.form.title, v.form.title_en)) for v in queries.newest_forms()]
    made: list[Evaluation] = []
    if form.validate_on_submit() and attempted(form, lambda: made.append(_assign(form))):
        flash(_("Assigned. The assessor sees it on the home page."), "done")
        return redirect(url_for("practice.evaluation", id=made[0].id), 303)
    return render_template("practice/assign.html", form=form), 422 if request.method == "POST" else 200


def _people(query: Any) -> list[tuple[int, str]]:
    return [(person.id, f"{person.name} · {place}") for person, place in db.session.execute(query)]


def _assign(form: forms.AssignForm) -> Evaluation:
    period: tuple[date, date] = (form.period_from.data, form.period_until.data)
    return services.assign(
        actor(),
        only(db.session.get(Person, form.doctor.data)),
        assessor=only(db.session.get(Person, form.assessor.data)),
        version=only(db.session.get(EvaluationFormVersion, form.version.data)),
        period_from=period[0],
        period_until=period[1],
    )


@pages.page("/practice/<int:id>", needs=Practice.READ, on=one(Evaluation))
def evaluation(shown: Evaluation) -> ResponseReturnValue:
    """One evaluation with its records, to accept or to return."""
    return render_template(
        "practice/evaluation.html", **whole_page(shown), accept=forms.AcceptForm(), back=forms.ReturnForm()
    )


def whole_page(shown: Evaluation) -> dict[str, Any]:
    """What pages show of one evaluation: records, figures, the result and its versions, appeals."""
    form, rows = queries.form_of(shown), queries.records(shown)
    found = queries.whole_of(shown, rows) if rows else None
    scores = [row.scores for row in rows]
    return {
        "evaluation": shown,
        "form": form,
        "records": rows,
        "percents": {row.number: record_percent(form, row.scores) for row in rows},
        "mean": percent(form, scores) if rows else None,
        "means": means(form, scores) if rows else {},
        "hash": queries.whole_hash(shown, rows).hex(),
        "decisions": queries.decisions(shown),
        "found": found if isinstance(found, Whole) else None,
        "missing": found.codes if isinstance(found, Missing) else (),
        "titles": titles_of(form.wanted),
        "figures": values_for(shown, form.wanted),
        "versions": results_of.versions(shown),
        "appeals": results_of.appeals(shown),
    }


@pages.page("/practice/<int:id>/accept", needs=Practice.ACCEPT, on=one(Evaluation), methods=("POST",))
def accept(shown: Evaluation) -> ResponseReturnValue:
    """Let the evaluation stand."""
    try:
        seen = bytes.fromhex(request.form.get("hash", ""))
    except ValueError:
        raise Invalid(_("This is not the page that was shown.")) from None
    services.accept(actor(), shown, content_hash=seen)
    flash(_("Accepted. The doctor sees the result now."), "done")
    return redirect(url_for("practice.evaluation", id=shown.id), 303)


@pages.page("/practice/<int:id>/return", needs=Practice.ACCEPT, on=one(Evaluation), methods=("POST",))
def give_back(shown: Evaluation) -> ResponseReturnValue:
    """Send the evaluation back to its assessor."""
    services.give_back(actor(), shown, reason=request.form.get("reason", ""))
    flash(_("Returned to the assessor."), "done")
    return redirect(url_for("practice.evaluation", id=shown.id), 303)


@pages.page("/practice/assessing", needs=Practice.ASSESS_LIST)
def assessing() -> ResponseReturnValue:
    """The evaluations one is the assessor of."""
    mine = queries.assessed(actor().person_id or 0)
    return render_template("practice/assessing.html", mine=mine, scored=queries.counts(mine))


@pages.page("/practice/<int:id>/records", needs=Practice.ASSESS, on=one(Evaluation))
def records(shown: Evaluation) -> ResponseReturnValue:
    """The records of one evaluation, and which come next."""
    return render_template("practice/records.html", **whole_page(shown), form_submit=forms.SubmitForm())


def _numbered(id: int, number: int) -> Evaluation | None:
    found = db.session.get(Evaluation, id) if id < 1 << 63 else None
    return found if found is not None and 1 <= number <= queries.form_of(found).records_required else None


@pages.page("/practice/<int:id>/records/<int:number>", needs=Practice.ASSESS, on=_numbered, methods=("GET", "POST"))
def record(shown: Evaluation) -> ResponseReturnValue:
    """Score one record, then go on to the next that has none."""
    number = int((request.view_args or {})["number"])
    rows = {row.number: row for row in queries.records(shown)}
    form = forms.RecordForm(obj=rows.get(number))
    if form.validate_on_submit() and attempted(form, lambda: _score(shown, number, form)):
        scored = {*rows, number}
        wanted = range(1, queries.form_of(shown).records_required + 1)
        following = next((n for n in wanted if n not in scored), None)
        if following is None:
            return redirect(url_for("practice.records", id=shown.id), 303)
        return redirect(url_for("practice.record", id=shown.id, number=following), 303)
    given = _given() if request.method == "POST" else dict(rows[number].scores) if number in rows else {}
    page = render_template(
        "practice/record.html", evaluation=shown, criteria=queries.form_of(shown), number=number, rows=rows,
        form=form, given=given,
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200


def _score(shown: Evaluation, number: int, form: forms.RecordForm) -> None:
    services.score(
        actor(), shown, number=number, label=form.label.data or "", scores=_given(), note=form.note.data or ""
    )


def _given() -> dict[str, Any]:
    return typed_points(request.form)


def typed_points(form: Mapping[str, str]) -> dict[str, Any]:
    """The points as typed; what is no whole number stays text, and the verb says so."""
    typed = {name.removeprefix("points-"): text.strip() for name, text in form.items() if name.startswith("points-")}
    return {
        code: int(text) if text.isascii() and text.isdigit() and len(text) < 7 else text or None
        for code, text in typed.items()
    }


@pages.page("/practice/<int:id>/submit", needs=Practice.ASSESS, on=one(Evaluation), methods=("POST",))
def submit(shown: Evaluation) -> ResponseReturnValue:
    """Hand the evaluation in."""
    services.submit(actor(), shown)
    flash(_("Handed in. An exam officer decides about it."), "done")
    return redirect(url_for("practice.assessing"), 303)


@pages.page("/practice/results", needs=Practice.OWN)
def results() -> ResponseReturnValue:
    """My evaluations that stand."""
    return render_template("practice/results.html", mine=queries.accepted(actor().person_id or 0))


@pages.page("/practice/results/<int:id>", needs=Practice.RESULT, on=one(Evaluation))
def result(shown: Evaluation) -> ResponseReturnValue:
    """One evaluation of mine: by criterion, with the notes; and what I can do about it."""
    whole = whole_page(shown)
    newest = whole["versions"][0] if whole["versions"] else None
    may = newest is not None and results_of.may_still(newest)
    return render_template(
        "practice/result.html",
        **whole,
        appeal_form=forms.AppealForm(),
        appeal_until=results_of.until(newest) if newest is not None and may else None,
        newest=newest,
    )


def panel(who: Actor) -> str | None:
    """For the assessor's home page: what waits."""
    mine = queries.waiting(who.person_id or 0)
    return render_template("practice/panel.html", mine=mine, scored=queries.counts(mine)) if mine else None


def own_panel(who: Actor) -> str | None:
    """For the doctor's home page: the newest result."""
    mine = queries.accepted(who.person_id or 0)
    return render_template("practice/own_panel.html", mine=mine[:2]) if mine else None
