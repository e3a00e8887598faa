"""The timetable: its plan, its grid and lists, its changes on the day, its prints and files, and one's own day."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.osce import documents
from assessments.osce.models import Circuit, Timetable
from assessments.osce.policy import Osce
from assessments.osce.queries import circuits, dayview, sheets, staffing
from assessments.osce.queries import outlook as ahead
from assessments.osce.queries import timetable as queries
from assessments.osce.queries.refusals import people
from assessments.osce.rules.events import Event
from assessments.osce.rules.timetable import Plan
from assessments.osce.services import timetable as services
from assessments.osce.views import bytes_of, pages, timetable_form
from lms.authz import Actor
from lms.db import db
from lms.errors import Invalid, NotFound, Refused
from lms.i18n import _
from lms.web import exports
from lms.web.forms import attempted
from lms.web.pages import actor, one

_SIDES = ("track", "candidate", "examiner", "room")
_PRINTS = ("tracks", "doors", "slips")


@pages.page("/osce/circuits/<int:id>/timetable", needs=Osce.READ, on=one(Circuit))
def timetable(circuit: Circuit) -> ResponseReturnValue:
    """The timetable in force; or the same as a file."""
    standing = queries.in_force(circuit)
    if standing is None:
        counted = {"candidates": len(circuits.candidates_of(circuit)), "examiners": len(staffing.assigned(circuit))}
        return render_template("osce/timetable_none.html", circuit=circuit, **counted)
    return _shown(circuit, standing, True)


@pages.page("/osce/circuits/<int:id>/timetable/versions/<int:number>", needs=Osce.READ, on=queries.version_at)
def timetable_version(shown: Timetable) -> ResponseReturnValue:
    """A version as it was, whether it is in force or not."""
    circuit = db.session.get_one(Circuit, shown.circuit_id)
    standing = queries.in_force(circuit)
    return _shown(circuit, shown, standing is not None and standing.id == shown.id)


def _shown(circuit: Circuit, shown: Timetable, in_force: bool) -> ResponseReturnValue:
    plan = queries.plan_of(shown)
    day = dayview.day_of(circuit, plan)
    if kind := exports.wanted():
        return documents.timetable_file(kind, circuit, day)
    side = request.args.get("by", "track")
    return render_template(
        "osce/timetable.html",
        circuit=circuit,
        shown=shown,
        in_force=in_force,
        day=day,
        side=side if side in _SIDES else "track",
        words=request.args.get("q", "").strip(),
        now=ahead.now_on(circuit),
        versions=queries.versions(circuit),
        unplaced=ahead.unplaced(circuit, plan) if in_force else [],
        awaited=_awaited(circuit, plan) if in_force else [],
        met=_met(circuit, shown),
        away=people(list(plan.away)),
    )


def _awaited(circuit: Circuit, plan: Plan) -> list[tuple[int, int]]:
    """Stations and candidates for whom a make-up was ruled and no slot stands yet."""
    now = ahead.now_on(circuit)
    coming = {(v.station, v.candidate) for v in plan.visits if not v.missed and v.ends > now}
    return [place for place in sheets.awaited(circuit) if place not in coming]


def _met(circuit: Circuit, shown: Timetable) -> list[tuple[str, str, str]]:
    """The pairs that meet because it was allowed: examiner, candidate, why."""
    met = shown.parameters["met"]
    called = people([examiner for examiner, _candidate, _why in met])
    rows = {row.id: f"{row.number} {row.name}" for row in circuits.candidates_of(circuit)} if met else {}
    return [(called.get(examiner, "?"), rows.get(candidate, "?"), why) for examiner, candidate, why in met]


@pages.page("/osce/circuits/<int:id>/timetable/plan", needs=Osce.PLAN, on=one(Circuit), methods=("GET", "POST"))
def plan_timetable(circuit: Circuit) -> ResponseReturnValue:
    """Ask for a timetable; a refusal says what stands in the way."""
    versions = queries.versions(circuit)
    before = versions[0][0] if versions else None
    form = timetable_form.form_for(before)
    tracks = timetable_form.tracks_asked(before)
    if form.validate_on_submit() and attempted(form, lambda: _generate(circuit, form, tracks)):
        flash(_("The timetable is made. Its examiners may mark at their stations."), "done")
        return redirect(url_for("osce.timetable", id=circuit.id), 303)
    return _plan_page(circuit, form, tracks, before), 422 if request.method == "POST" else 200


def _generate(circuit: Circuit, form: timetable_form.TimetableForm, tracks: int) -> None:
    services.generate(
        actor(),
        circuit,
        wishes=timetable_form.wishes_of(circuit, form, tracks),
        reason=form.reason.data or "",
        why_allowed=form.why_allowed.data or "",
    )


def _plan_page(circuit: Circuit, form: timetable_form.TimetableForm, tracks: int, before: Timetable | None) -> str:
    stations = circuits.stations_of(circuit)
    chosen = timetable_form.judges_for(circuit, before)
    try:
        posts = timetable_form.posts_for(stations, tracks, before)
    except Invalid:  # the form says it already
        posts = {}
    return render_template(
        "osce/timetable_plan.html",
        circuit=circuit,
        form=form,
        tracks=tracks,
        stations=stations,
        posts=posts,
        before=before,
        chosen=chosen,
        pool=staffing.pool(circuit, request.values.get("q", "").strip(), also=chosen),
        most=staffing.MOST,
        candidates=len(circuits.candidates_of(circuit)),
    )


@pages.page("/osce/circuits/<int:id>/timetable/change", needs=Osce.PLAN, on=one(Circuit), methods=("GET", "POST"))
def change_timetable(circuit: Circuit) -> ResponseReturnValue:
    """Say what went otherwise, see what would follow, and make it so."""
    standing = queries.in_force(circuit)
    if standing is None:
        return redirect(url_for("osce.timetable", id=circuit.id), 303)
    wrong = ""
    if request.method == "POST":
        try:
            return _changed(circuit)
        except Refused as refused:
            wrong = str(refused)
    shown: ahead.Outlook | None = None
    event: Event | None = None
    try:
        event = timetable_form.event_asked()
        shown = ahead.outlook(circuit, standing, event) if event is not None else None
    except Refused as refused:
        wrong = wrong or str(refused)
    return _change_page(circuit, standing, event, shown, wrong), 422 if wrong else 200


def _changed(circuit: Circuit) -> ResponseReturnValue:
    event = timetable_form.event_asked()
    if event is None:
        raise Invalid(_("Say what went otherwise."))
    services.change(
        actor(),
        circuit,
        event=event,
        over=bytes_of(request.form.get("over")),
        seen=bytes_of(request.form.get("seen")),
        reason=request.form.get("reason", "").strip()[:400],
    )
    flash(_("The timetable is changed. Everybody sees the new one at once."), "done")
    return redirect(url_for("osce.timetable", id=circuit.id), 303)


def _change_page(
    circuit: Circuit, standing: Timetable, event: Event | None, shown: ahead.Outlook | None, wrong: str
) -> str:
    plan = shown.old if shown is not None else queries.plan_of(standing)
    day = dayview.day_of(circuit, plan)
    sits = {b.person for b in plan.bookings if b.person is not None}
    return render_template(
        "osce/timetable_change.html",
        circuit=circuit,
        standing=standing,
        event=event,
        shown=shown,
        wrong=wrong,
        day=day,
        new_day=dayview.day_of(circuit, shown.new) if shown is not None else None,
        called=people([b.person for p in _plans(plan, shown) for b in p.bookings if b.person is not None]),
        sits=people(list(sits)),
        away=people(list(plan.away)),
        pool=staffing.pool(circuit),
        stations=circuits.stations_of(circuit),
        candidates=circuits.candidates_of(circuit),
        unplaced=ahead.unplaced(circuit, plan),
        now=ahead.now_on(circuit),
        asked=request.values,
    )


def _plans(plan: Plan, shown: ahead.Outlook | None) -> list[Plan]:
    return [plan] if shown is None else [plan, shown.new]


@pages.page("/osce/circuits/<int:id>/timetable/print/<what>", needs=Osce.READ, on=queries.printed)
def print_timetable(shown: queries.Printed) -> ResponseReturnValue:
    """On paper: a grid for each track, a sign for each door, a slip for each candidate."""
    if shown.what not in _PRINTS:
        raise NotFound
    day = dayview.day_of(shown.circuit, queries.plan_of(shown.timetable))
    return render_template("osce/timetable_print.html", circuit=shown.circuit, what=shown.what, day=day, shown=shown)


@pages.page("/osce/timetable", needs=Osce.OWN)
def own_timetable() -> ResponseReturnValue:
    """My day as a candidate: when and where."""
    return render_template("osce/timetable_own.html", **_own(actor()))


def _own(who: Actor) -> dict[str, Any]:
    now = circuits.now()
    return {"slots": dayview.own_slots(who.person_id or 0), "now": now}


@pages.page("/osce/timetable/duties", needs=Osce.EXAMINE)
def own_posts() -> ResponseReturnValue:
    """My day as an examiner: when and where."""
    return render_template(
        "osce/timetable_posts.html", posts=dayview.own_posts(actor().person_id or 0), now=circuits.now()
    )


def panel(who: Actor) -> str | None:
    """For the home page of a candidate: the next place to be."""
    coming = [slot for slot in dayview.own_slots(who.person_id or 0) if slot.ends_at > circuits.now()]
    return render_template("osce/timetable_panel.html", slots=coming[:3]) if coming else None
