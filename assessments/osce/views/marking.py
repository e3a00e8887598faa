"""For examiners: my stations, the station on the tablet, and the taking of its sheets."""

from typing import Any
from uuid import UUID

from flask import current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from assessments.osce import forms
from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation
from assessments.osce.policy import Osce
from assessments.osce.queries import circuits, sheets, tablets
from assessments.osce.queries.timetable import slots_for
from assessments.osce.rules.receipts import receipt, receipt_key
from assessments.osce.services import marking
from assessments.osce.views import pages
from assessments.stations.rules import Checklist
from lms.authz import Actor
from lms.db import db
from lms.errors import Invalid, Refused
from lms.i18n import _
from lms.web.pages import actor, one


@pages.page("/osce", needs=Osce.EXAMINE)
def duties() -> ResponseReturnValue:
    """My stations: today's first."""
    return render_template("osce/duties.html", duties=sheets.duties(actor()))


@pages.page("/osce/stations/<int:id>", needs=Osce.MARK, on=one(CircuitStation))
def station(shown: CircuitStation) -> ResponseReturnValue:
    """One station on one screen: candidates, checklist, rating, comment."""
    circuit = db.session.get_one(Circuit, shown.circuit_id)
    candidates = in_order(shown)
    return render_template(
        "osce/station.html",
        station=shown,
        circuit=circuit,
        candidates=[row for row, _slot in candidates],
        checklist=Checklist.of(shown.version.body),
        state=standing_of(shown, circuit) | about(shown, candidates),
    )


def in_order(shown: CircuitStation) -> list[tuple[CircuitCandidate, tuple[str, str] | None]]:
    """The candidates as they come to this examiner, with their slot; by number where there is no timetable.

    Who is not on the timetable stands at the end: a candidate may come to another examiner all the same.
    """
    slots: dict[int, tuple[str, str]] = {}
    for visit in slots_for(shown, actor().person_id or 0):
        slots.setdefault(visit.candidate_id, (visit.begins_at.isoformat(), visit.ends_at.isoformat()))
    rows = circuits.candidates_of(db.session.get_one(Circuit, shown.circuit_id))
    order = {candidate: at for at, candidate in enumerate(slots)}
    rows.sort(key=lambda row: order.get(row.id, len(order)))
    return [(row, slots.get(row.id)) for row in rows]


def about(shown: CircuitStation, candidates: list[tuple[CircuitCandidate, tuple[str, str] | None]]) -> dict[str, Any]:
    """What a page must know of a station to mark there without asking again."""
    return {
        "station": shown.id,
        "minutes": shown.version.body["minutes"],
        "receipt": _key(shown).hex(),
        "candidates": [
            {"id": row.id, "number": row.number, "name": row.name}
            | ({"begins_at": slot[0], "ends_at": slot[1]} if slot else {})
            for row, slot in candidates
        ],
    }


def _key(shown: CircuitStation) -> bytes:
    return receipt_key(str(current_app.secret_key), shown.id, actor().person_id or 0)


def standing_of(shown: CircuitStation, circuit: Circuit) -> dict[str, Any]:
    """What the centre holds of this examiner, its clock, and a fresh token."""
    return {
        "person": actor().person_id,
        "state": circuit.state,
        "now": circuits.now().isoformat(),
        "csrf": generate_csrf(),
        "sheets": [
            {
                "id": str(row.id),
                "candidate": row.candidate_id,
                "version": row.version,
                "marks": row.marks,
                "rating": row.rating,
                "comment": row.comment,
            }
            for row in sheets.own(shown, actor().person_id or 0)
        ],
    }


@pages.page("/osce/stations/<int:id>/standing", needs=Osce.MARK, on=one(CircuitStation))
def standing(shown: CircuitStation) -> ResponseReturnValue:
    """The same for a page that has been open for long."""
    return jsonify(standing_of(shown, db.session.get_one(Circuit, shown.circuit_id)))


@pages.page("/osce/stations/<int:id>/sheets", needs=Osce.HAND_IN, on=tablets.station_once, methods=("POST",))
def submit(shown: CircuitStation) -> ResponseReturnValue:
    """Take one sheet; the answer names it, and proves that it was the centre."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Invalid(_("This is not a sheet."))
    if body.get("examiner") != actor().person_id:
        # Somebody else has signed in on this tablet since: the sheet is the other's and stays where it is.
        return jsonify(stranger=True), 403
    if body.get("station", shown.id) != shown.id:
        raise Invalid(_("This is not a sheet."))
    number, supersedes = _uuid(body.get("id")), body.get("supersedes")
    try:
        outcome = marking.submit(
            actor(),
            shown,
            sheet=number,
            candidate=_whole(body.get("candidate")),
            sent=body,
            supersedes=None if supersedes is None else _uuid(supersedes),
        )
    except Refused as refused:
        return _refusal(refused, number)
    proof = receipt(_key(shown), str(number))
    if outcome.aside is not None:
        words = _("Kept at the centre, not counted: it %(why)s.", why=forms.WHY[outcome.aside])
        return jsonify(kept=str(number), why=outcome.aside, detail=words, proof=proof), 409
    return jsonify(confirmed=str(number), proof=proof)


def _refusal(refused: Refused, number: UUID) -> ResponseReturnValue:
    body = {"refused": str(number), "detail": str(refused), "where": refused.where}
    return jsonify(body), refused.status


def _uuid(text: Any) -> UUID:
    try:
        return UUID(text)
    except (TypeError, ValueError, AttributeError):
        raise Invalid(_("This is not a sheet.")) from None


def _whole(number: Any) -> int:
    if type(number) is not int or not 0 < number < 1 << 63:
        raise Invalid(_("This candidate is not in this circuit."))
    return number


def panel(who: Actor) -> str | None:
    """For the home page: the stations of today."""
    today = [duty for duty in sheets.duties(who) if duty.today]
    return render_template("osce/panel.html", duties=today) if today else None
