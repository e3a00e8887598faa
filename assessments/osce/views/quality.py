"""For officers: how stations and the circuit worked, where to cut and what that would do; how examiners marked."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.osce import charts, documents, formats, forms
from assessments.osce.models import Circuit, CircuitStation, Method, State
from assessments.osce.policy import Osce, takes_part
from assessments.osce.queries import circuits, sheets, standards
from assessments.osce.queries import quality as queries
from assessments.osce.queries.quality import Place, Quality
from assessments.osce.rules import quality as rules
from assessments.osce.rules.examiners import ENOUGH, Examiner, examiners
from assessments.osce.services import standards as services
from assessments.osce.views import pages
from assessments.psychometrics.rules import borderline
from lms import clock
from lms.errors import NotAllowed
from lms.i18n import _, _n, pick
from lms.web import exports
from lms.web.charts import drawing
from lms.web.forms import attempted
from lms.web.pages import actor, one

#: In which states figures are shown: while examiners mark they would only mislead.
_SHOWN = (State.CLOSED, State.RELEASED)
_BULK = (Method.BORDERLINE_REGRESSION, Method.POOLED_REGRESSION, Method.BORDERLINE_GROUP)


def _keep_out(circuit: Circuit) -> None:
    """Whoever takes part sees no figures before the release."""
    if circuit.state != State.RELEASED and takes_part(actor(), circuit):
        raise NotAllowed


def _sets(circuit: Circuit) -> bool:
    return circuit.state == State.CLOSED and actor().may(Osce.STANDARD, circuit)


@pages.page("/osce/circuits/<int:id>/quality", needs=Osce.QUALITY, on=one(Circuit))
def quality(shown: Circuit) -> ResponseReturnValue:
    """The circuit in figures, its cuts and what they would do; or all of it as a file."""
    _keep_out(shown)
    if shown.state not in _SHOWN:
        return render_template("osce/quality_none.html", circuit=shown)
    found = queries.of_circuit(shown)
    if kind := exports.wanted():
        return _file(kind, found)
    return drawing(_overview(found))


def _overview(found: Quality, form: forms.ExamCutForm | None = None, cuts: forms.CutsForm | None = None) -> str:
    shown = found.circuit
    rows = rules.consequences(found.seen, found.choices)
    names = _choice_names(found)
    return render_template(
        "osce/quality.html",
        circuit=shown,
        found=found,
        rows=rows,
        names=names,
        charts={
            "stations": charts.stations(found),
            "passing": charts.consequences(rows, names, len(found.seen)),
        },
        cuts_form=cuts or forms.CutsForm(formdata=None),
        exam_form=form or _exam_form(found, formdata=None),
        offered={place.station.id: _offered(place) for place in found.places},
        asked=standards.cuts(found.in_force),
        made=standards.settings_of(shown),
        positions={place.station.id: place.station.position for place in found.places},
        sets=_sets(shown),
    )


def _choice_names(found: Quality) -> list[str]:
    """What each percent over all stations is called, with the percent."""
    named = [
        _("mean of the cuts") if not errors else _("+ %(errors)s errors", errors=_plain(errors))
        for errors in found.errors
    ]
    percents = [_plain(found.exam_cut(errors)) for errors in found.errors]
    return [str(_("no percent")), *(f"{name} ({percent} %)" for name, percent in zip(named, percents, strict=True))]


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


@dataclass(frozen=True)
class Offer:
    """One method for one station: what it comes to."""

    method: Method
    cut: Decimal
    #: chosen beforehand, because nothing speaks against it
    advised: bool


def _offered(place: Place) -> list[Offer]:
    """What the ratings of a station come to, method by method; nothing where they give no cut."""
    own, pooled = place.found.own, place.found.pooled
    found = []
    if own is not None and own.cut is not None:
        found.append(Offer(Method.BORDERLINE_REGRESSION, rules.rounded(own.cut), not own.guards))
    if pooled is not None and pooled.cut is not None:
        found.append(Offer(Method.POOLED_REGRESSION, rules.rounded(pooled.cut), not pooled.guards))
    if own is not None and own.group.mean is not None:
        found.append(Offer(Method.BORDERLINE_GROUP, rules.rounded(own.group.mean), advised=False))
    return [offer for offer in found if offer.cut > 0]


def _exam_form(found: Quality, **more: Any) -> forms.ExamCutForm:
    form = forms.ExamCutForm(**more)
    values = ["none", *map(_plain, found.errors)]
    form.errors_added.choices = list(zip(values, _choice_names(found), strict=True))
    form.least_stations.choices = [(str(number), str(number)) for number in range(len(found.places) + 1)]
    return form


def _file(kind: str, found: Quality) -> Response:
    title = f"{pick(found.circuit.title, found.circuit.title_en)}-{_('Quality')}"
    if kind == "csv":
        rows = [documents.quality_row(found, place) for place in found.places]
        return exports.answer(kind, title, documents.quality_columns(), rows)
    with documents.quality_workbook(found, _choice_names(found)) as file:
        answer = Response(file.read(), content_type=exports.KINDS["xlsx"])
    return exports.attached(answer, f"{title}-{clock.today():%Y%m%d}.xlsx")


@pages.page("/osce/circuits/<int:id>/quality/cuts", needs=Osce.STANDARD, on=one(Circuit), methods=("POST",))
def set_cuts(shown: Circuit) -> ResponseReturnValue:
    """Set the cuts of several stations by what the ratings say."""
    _keep_out(shown)
    form = forms.CutsForm()
    methods = _methods(shown)
    made: list[int] = []
    if form.validate() and attempted(
        form,
        lambda: made.append(services.set_stations(actor(), shown, methods=methods, reason=form.reason.data or "")),
    ):
        flash(_n("The cut of %(num)d station is set.", "The cuts of %(num)d stations are set.", made[0]), "done")
        return redirect(url_for("osce.quality", id=shown.id), 303)
    return drawing(_overview(queries.of_circuit(shown), cuts=form)), 422


def _methods(shown: Circuit) -> dict[int, Method]:
    """Which method was chosen for which station; what was not offered is nothing chosen."""
    asked = {place.id: request.form.get(f"method-{place.id}", "") for place in circuits.stations_of(shown)}
    return {number: Method(sent) for number, sent in asked.items() if sent in _BULK}


@pages.page("/osce/circuits/<int:id>/quality/exam", needs=Osce.STANDARD, on=one(Circuit), methods=("POST",))
def set_exam_cut(shown: Circuit) -> ResponseReturnValue:
    """Set what is asked over all stations."""
    _keep_out(shown)
    found = queries.of_circuit(shown)
    form = _exam_form(found)
    if form.validate() and attempted(form, lambda: _set_exam(shown, form)):
        flash(_("Set. Another officer releases by it."), "done")
        return redirect(url_for("osce.quality", id=shown.id), 303)
    return drawing(_overview(found, form=form)), 422


def _set_exam(shown: Circuit, form: forms.ExamCutForm) -> None:
    chosen = form.errors_added.data
    services.set_exam(
        actor(),
        shown,
        errors=None if chosen == "none" else Decimal(chosen),
        least_stations=int(form.least_stations.data),
        reason=form.reason.data or "",
    )


@pages.page("/osce/circuits/<int:id>/quality/stations/<int:number>", needs=Osce.QUALITY, on=circuits.station_at)
def station_quality(station: CircuitStation) -> ResponseReturnValue:
    """One station: percent against rating, the line and its cut, what speaks against it, the ways to set the cut."""
    _keep_out(station.circuit)
    if station.circuit.state not in _SHOWN:
        return redirect(url_for("osce.quality", id=station.circuit_id))
    return drawing(_station(station, forms.CutForm(formdata=None)))


def _station(station: CircuitStation, form: forms.CutForm) -> str:
    found = queries.of_circuit(station.circuit)
    place = found.place(station.id)
    assert place is not None
    form.method.choices = [(method.value, forms.METHODS[method][0]) for method in Method]
    pooled = place.found.pooled is not None and request.args.get("sittings") != "this"
    shown, marks = (place.found.pooled, place.basis.pooled) if pooled else (place.found.own, place.basis.marks)
    drawn = None
    if shown is not None and shown.cut is not None and place.basis.borderline is not None:
        drawn = rules.interval(marks, place.basis.borderline)
    return render_template(
        "osce/quality_station.html",
        circuit=found.circuit,
        found=found,
        place=place,
        station=station,
        pooled=pooled,
        line=shown,
        drawn=drawn,
        chart=charts.scatter(place, shown, drawn, marks),
        enough=borderline.ENOUGH,
        refusal=services.refusal(shown) if shown is None or shown.cut is None else None,
        form=form,
        made=[one for one in standards.settings_of(found.circuit) if one.place == station.id],
        template=formats.template([item.code for item in place.checklist.items]),
        sets=_sets(found.circuit),
    )


@pages.page(
    "/osce/circuits/<int:id>/quality/stations/<int:number>/cut",
    needs=Osce.STANDARD,
    on=circuits.station_at,
    methods=("POST",),
)
def set_cut(station: CircuitStation) -> ResponseReturnValue:
    """Set the cut of one station."""
    _keep_out(station.circuit)
    form = forms.CutForm()
    form.method.choices = [(method.value, forms.METHODS[method][0]) for method in Method]
    if form.validate() and attempted(form, lambda: _set_cut(station, form)):
        flash(_("The cut is set."), "done")
        return redirect(url_for("osce.station_quality", id=station.circuit_id, number=station.id), 303)
    return drawing(_station(station, form)), 422


def _set_cut(station: CircuitStation, form: forms.CutForm) -> None:
    method = Method(form.method.data)
    judges = None
    if method is Method.ANGOFF and form.judges.data:
        judges = formats.judged(form.judges.data, len(station.version.body["items"]))
    wanted = services.Wanted(method, form.percent.data, judges)
    services.set_station(actor(), station, wanted=wanted, reason=form.reason.data or "")


@pages.page("/osce/circuits/<int:id>/quality/examiners", needs=Osce.EXAMINERS, on=one(Circuit))
def examiner_quality(shown: Circuit) -> ResponseReturnValue:
    """How the examiners of a circuit marked beside each other; under codes for whom names are none of the business."""
    _keep_out(shown)
    if shown.state not in _SHOWN:
        return render_template("osce/quality_none.html", circuit=shown)
    board = sheets.board(shown)
    rows = _named(shown, board, examiners(queries.rows_of(board)))
    if kind := exports.wanted():
        title = f"{pick(shown.title, shown.title_en)}-{_('Examiners')}"
        return exports.answer(kind, title, _columns(), [_cells(name, row) for name, row in rows])
    return render_template("osce/quality_examiners.html", circuit=shown, rows=rows, enough=ENOUGH)


def _named(circuit: Circuit, board: sheets.Board, found: list[Examiner]) -> list[tuple[str, Examiner]]:
    """By name; or under codes in an order that says nothing about who it is or how they marked."""
    if actor().may(Osce.NAMES, circuit):
        names = queries.names_of(board)
        return sorted(((names.get(row.examiner, ""), row) for row in found), key=lambda named: named[0])
    shuffled = sorted(found, key=lambda row: queries.code(circuit, row.examiner))
    return [(str(_("Examiner %(number)s", number=number)), row) for number, row in enumerate(shuffled, 1)]


_ESTIMATES = ("severity", "against", "spread", "icc", "kappa", "equal", "halo", "halo_others", "evenness")


def _columns() -> list[str]:
    heads = [_("Severity"), _("Against the other"), _("Spread"), _("ICC"), _("Weighted kappa"), _("Items alike"),
             _("Rating with percent"), _("The same with others"), _("Evenness")]  # fmt: skip
    parts = [f"{head} {part}" for head in map(str, heads) for part in (_("number"), _("figure"), _("from"), _("to"))]
    return [_("Examiner"), _("Sheets"), _("Stations"), *parts, _("Worth a talk")]


def _cells(name: str, row: Examiner) -> list[exports.Cell]:
    cells: list[exports.Cell] = [name, row.sheets, len(row.stations)]
    for key in _ESTIMATES:
        one_ = getattr(row, key)
        cells += [one_.n, *(documents.rounded(value, 3) for value in (one_.value, one_.low, one_.high))]
    return [*cells, "; ".join(str(forms.HINTS[hint]) for hint in row.hints)]


@pages.page("/osce/examining", needs=Osce.EXAMINING)
def examining() -> ResponseReturnValue:
    """How I marked beside others, over the released circuits in which I examined."""
    own = actor().person_id or 0
    found = next((row for row in examiners(queries.examined_by(own)) if row.examiner == own), None)
    return render_template("osce/quality_own.html", row=found, enough=ENOUGH)
