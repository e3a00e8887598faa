"""For officers: the list of circuits, a new one, its stations, examiners and candidates, the start."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.osce import forms
from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation, ExaminerAssignment
from assessments.osce.policy import Osce
from assessments.osce.queries import circuits as queries
from assessments.osce.queries.blueprints import posts_of
from assessments.osce.services import planning
from assessments.osce.views import pages
from assessments.osce.views.overview import overview
from lms.authz import only
from lms.db import db
from lms.db.paging import cut
from lms.i18n import _, pick
from lms.institutions.models import Kind
from lms.institutions.queries import tree
from lms.web import exports
from lms.web.forms import attempted
from lms.web.pages import actor, one

_HOSTS = [kind for kind in Kind if kind is not Kind.VILLAGE_CLINIC]


@pages.page("/osce/circuits", needs=Osce.READ)
def circuits() -> ResponseReturnValue:
    """The circuits of one's area; or the same as a file."""
    asked = request.args
    sought = queries.Sought(asked.get("q", "").strip(), asked.get("state", ""), asked.get("sort", "-on_day"))
    query = queries.listing(actor(), sought)
    if kind := exports.wanted():
        columns = [_("Title"), _("State"), _("Day"), _("Stations"), _("Candidates"), _("Held by")]
        rows = [
            (row[0].title, str(forms.STATES[row[0].state]), row[0].on_day, row.stations, row.candidates, row[1])
            for row in db.session.execute(query)
        ]
        return exports.answer(kind, _("Practical exams"), columns, rows)
    return render_template("osce/circuits.html", shown=cut(query, asked.get("page", 1, int)))


@pages.page("/osce/circuits/new", needs=Osce.PLAN, methods=("GET", "POST"))
def new() -> ResponseReturnValue:
    """Plan a circuit."""
    form = forms.NewForm()
    form.institution.choices = tree.choices(actor(), _HOSTS)
    stations = queries.newest_stations()
    form.stations.choices = [(row.id, pick(row.station.title, row.station.title_en)) for row in stations]
    made: list[Circuit] = []
    if form.validate_on_submit() and attempted(form, lambda: made.append(_create(form))):
        return redirect(url_for("osce.circuit", id=made[0].id), 303)
    status = 422 if request.method == "POST" else 200
    return render_template("osce/new.html", form=form, stations=stations), status


def _create(form: forms.NewForm) -> Circuit:
    place = only(tree.institution(actor(), form.institution.data))
    return planning.create(actor(), place, plan=_plan(form), stations=form.stations.data or [])


def _plan(form: forms.PlanForm) -> planning.Plan:
    on_day: date = form.on_day.data
    return planning.Plan(form.title.data or "", form.title_en.data, on_day, bool(form.tablets_only.data))


@pages.page("/osce/circuits/<int:id>", needs=Osce.READ, on=one(Circuit))
def circuit(shown: Circuit) -> ResponseReturnValue:
    """One circuit: how far it is, and what comes next."""
    return overview(shown)


@pages.page("/osce/circuits/<int:id>/plan", needs=Osce.PLAN, on=one(Circuit), methods=("GET", "POST"))
def plan(shown: Circuit) -> ResponseReturnValue:
    """Change name and day."""
    form = forms.PlanForm(obj=shown)
    if form.validate_on_submit() and attempted(form, lambda: planning.amend(actor(), shown, plan=_plan(form))):
        flash(_("Changed."), "done")
        return redirect(url_for("osce.circuit", id=shown.id), 303)
    return render_template("osce/plan.html", circuit=shown, form=form), 422 if request.method == "POST" else 200


@pages.page("/osce/circuits/<int:id>/start", needs=Osce.PLAN, on=one(Circuit), methods=("POST",))
def start(shown: Circuit) -> ResponseReturnValue:
    """Open the stations for marking."""
    planning.start(actor(), shown)
    flash(_("Started. The examiners can mark now."), "done")
    return redirect(url_for("osce.circuit", id=shown.id), 303)


@pages.page("/osce/circuits/<int:id>/stations", needs=Osce.READ, on=one(Circuit))
def stations(shown: Circuit) -> ResponseReturnValue:
    """The stations of a circuit, where they stand and who examines."""
    rows, posts = queries.stations_of(shown), posts_of(shown)
    return render_template("osce/stations.html", circuit=shown, stations=rows, posts=posts)


@pages.page(
    "/osce/circuits/<int:id>/stations/<int:number>/room", needs=Osce.PLAN, on=queries.station_at, methods=("POST",)
)
def room(shown: CircuitStation) -> ResponseReturnValue:
    """Say in which room a station stands."""
    form = forms.RoomForm()
    if form.validate_on_submit():
        planning.place_station(actor(), shown, room=form.room.data or "")
        flash(_("Saved."), "done")
    return redirect(url_for("osce.stations", id=shown.circuit_id), 303)


def _wanted() -> queries.Wanted:
    asked = request.args
    return queries.Wanted(asked.get("q", "").strip(), asked.get("institution", None, int), asked.get("category", ""))


def _chosen() -> list[int]:
    return [int(number) for number in request.form.getlist("person") if number.isascii() and number.isdigit()]


def _search(template: str, query: Any, **more: Any) -> str:
    found = cut(query, request.args.get("page", 1, int))
    return render_template(template, found=found, institutions=tree.choices(actor()), **more)


@pages.page(
    "/osce/circuits/<int:id>/stations/<int:number>/examiners",
    needs=Osce.PLAN,
    on=queries.station_at,
    methods=("GET", "POST"),
)
def examiners(shown: CircuitStation) -> ResponseReturnValue:
    """Find examiners and assign them to a station."""
    if request.method == "POST":
        planning.assign(actor(), shown, persons=_chosen())
        flash(_("Assigned."), "done")
        return redirect(url_for("osce.stations", id=shown.circuit_id), 303)
    return _search("osce/examiners.html", queries.possible_examiners(shown, _wanted()), station=shown)


@pages.page(
    "/osce/circuits/<int:id>/examiners/<int:number>/end", needs=Osce.PLAN, on=queries.assignment_at, methods=("POST",)
)
def unassign(shown: ExaminerAssignment) -> ResponseReturnValue:
    """End an examiner's right to mark."""
    planning.unassign(actor(), shown)
    flash(_("Ended. What was handed in stays."), "done")
    return redirect(url_for("osce.stations", id=shown.station.circuit_id), 303)


@pages.page("/osce/circuits/<int:id>/candidates", needs=Osce.READ, on=one(Circuit))
def candidates(shown: Circuit) -> ResponseReturnValue:
    """Who is examined, under which number."""
    rows = queries.candidates_of(shown)
    return render_template("osce/candidates.html", circuit=shown, candidates=rows)


@pages.page("/osce/circuits/<int:id>/candidates/add", needs=Osce.PLAN, on=one(Circuit), methods=("GET", "POST"))
def add(shown: Circuit) -> ResponseReturnValue:
    """Find persons and put them on the list."""
    if request.method == "POST":
        number = planning.add_candidates(actor(), shown, persons=_chosen())
        flash(_("Added: %(number)s.", number=number), "done")
        return redirect(url_for("osce.candidates", id=shown.id), 303)
    return _search("osce/add.html", queries.possible_candidates(shown, _wanted()), circuit=shown)


@pages.page(
    "/osce/circuits/<int:id>/candidates/<int:number>/remove",
    needs=Osce.PLAN,
    on=queries.candidate_at,
    methods=("POST",),
)
def remove(shown: CircuitCandidate) -> ResponseReturnValue:
    """Take somebody off the list."""
    circuit_id = shown.circuit_id
    planning.remove_candidate(actor(), shown)
    flash(_("Removed."), "done")
    return redirect(url_for("osce.candidates", id=circuit_id), 303)
