"""Setting the cuts of a circuit once its sheets are closed and before it is released, over just these sheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessments.osce.models import Circuit, CircuitStandard, CircuitStation, Method, State, StationStandard
from assessments.osce.policy import Osce, takes_part
from assessments.osce.queries import quality as queries
from assessments.osce.queries import standards
from assessments.osce.rules import quality as rules
from assessments.osce.rules.quality import Mark
from assessments.psychometrics.rules.borderline import Regression
from assessments.psychometrics.rules.standards import angoff_rounds
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.i18n import _
from lms.service import service, tell

Rounds = Mapping[int, Mapping[str, Sequence[Fraction]]]
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Wanted:
    """How the cut of a station is to be set: a method, and what it needs."""

    method: Method
    percent: Decimal | None = None
    judges: Rounds | None = None


@dataclass(frozen=True)
class _Worked:
    """A cut and everything it rests on."""

    cut: Decimal
    figures: dict[str, Any]


@service(needs=Osce.STANDARD, tells=("reason",))
def set_station(actor: Actor, station: CircuitStation, *, wanted: Wanted, reason: str) -> StationStandard:
    """Set the cut of one station; an earlier setting is superseded by it."""
    circuit = _locked(actor, station.circuit)
    _needs_reason(reason)
    place = queries.of_circuit(circuit).place(station.id)
    assert place is not None
    made = _kept(actor, circuit, place, wanted, reason)
    tell(circuit=circuit.id, method=wanted.method.value, cut=str(made.cut_percent))
    return made


@service(needs=Osce.STANDARD, tells=("reason",))
def set_stations(actor: Actor, circuit: Circuit, *, methods: Mapping[int, Method], reason: str) -> int:
    """Set the cuts of several stations by what the ratings say, all of them or none; how many."""
    _locked(actor, circuit)
    _needs_reason(reason)
    if not methods:
        raise Invalid(_("Choose a method for one station at least."))
    if set(methods.values()) - {Method.BORDERLINE_REGRESSION, Method.POOLED_REGRESSION, Method.BORDERLINE_GROUP}:
        raise Invalid(_("Judges and fixed percents are put in at the station itself."))
    found = queries.of_circuit(circuit)
    if set(methods) - {place.station.id for place in found.places}:
        raise Invalid(_("This station is not in the circuit."))
    made = [
        _kept(actor, circuit, place, Wanted(methods[place.station.id]), reason)
        for place in found.places
        if place.station.id in methods
    ]
    tell(circuit=circuit.id, cuts={one.circuit_station_id: str(one.cut_percent) for one in made})
    return len(made)


@service(needs=Osce.STANDARD, tells=("reason",))
def set_exam(
    actor: Actor, circuit: Circuit, *, errors: Decimal | None, least_stations: int, reason: str
) -> CircuitStandard:
    """Set what is asked over all stations: mean of the cuts and so many errors (None: no percent), and how many."""
    _locked(actor, circuit)
    _needs_reason(reason)
    found = queries.of_circuit(circuit)
    if errors is not None and errors not in rules.ERRORS:
        raise Invalid(_("Choose one of the numbers of errors that are offered."), field="errors")
    if errors and found.sem is None:
        words = _("The error of measurement is not known: too few candidates were marked at every station. Leave 0.")
        raise Invalid(words, field="errors")
    if not 0 <= least_stations <= len(found.places):
        raise Invalid(_("There are %(count)s stations.", count=len(found.places)), field="least_stations")
    made = _whole(actor, found, errors, least_stations)
    made.reason = reason.strip()
    db.session.add(made)
    db.session.flush()
    cut = None if made.exam_cut is None else str(made.exam_cut)
    tell(circuit=circuit.id, version=made.version, cut=cut, least_stations=least_stations)
    return made


def _whole(actor: Actor, found: queries.Quality, errors: Decimal | None, least: int) -> CircuitStandard:
    circuit, reliability = found.circuit, found.reliability
    cut = None if errors is None else found.exam_cut(errors)
    passing = rules.consequences(found.seen, [cut])
    kept = {"n": reliability.n, "stations": reliability.stations, "alpha": _word(reliability.alpha)}
    kept |= {"phi": _word(reliability.phi), "mean_cut": _word(float(rules.mean_cut(found.cuts, found.weights)))}
    return CircuitStandard(
        institution_id=circuit.institution_id,
        circuit_id=circuit.id,
        version=standards.next_whole(circuit),
        closed_hash=circuit.closed_hash,
        cuts_hash=standards.cuts_hash(found.cuts),
        exam_cut=cut,
        errors=errors or Decimal(0),
        standard_error=found.sem,
        least_stations=least,
        figures=kept | {"candidates": len(found.seen), "passing": passing[least].passing[0] if passing else 0},
        made_by_id=actor.person_id,
    )


def _word(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"


def _locked(actor: Actor, circuit: Circuit) -> Circuit:
    """The circuit, held until the end of the transaction, closed and not released; not for whoever takes part."""
    db.session.refresh(circuit, with_for_update=True)
    if circuit.state != State.CLOSED:
        raise Conflict(_("Cuts are set when marking is closed and before the release."))
    if takes_part(actor, circuit):
        raise NotAllowed
    return circuit


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")


def _kept(actor: Actor, circuit: Circuit, place: queries.Place, wanted: Wanted, reason: str) -> StationStandard:
    worked = _worked(place, wanted)
    if worked.cut <= 0:
        raise Invalid(_("This comes to a cut of 0: everybody would pass."))
    made = StationStandard(
        institution_id=circuit.institution_id,
        circuit_station_id=place.station.id,
        version=standards.next_version(place.station),
        closed_hash=circuit.closed_hash,
        method=wanted.method,
        figures=worked.figures,
        cut_percent=worked.cut,
        reason=reason.strip(),
        made_by_id=actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    return made


def _worked(place: queries.Place, wanted: Wanted) -> _Worked:
    """The cut by a method, refused where it does not come to one."""
    basis = place.basis
    if wanted.method is Method.FIXED:
        return _fixed(wanted.percent)
    if wanted.method is Method.ANGOFF:
        return _angoff(place, wanted.judges)
    if wanted.method is Method.BORDERLINE_GROUP:
        return _group(place)
    pooled = wanted.method is Method.POOLED_REGRESSION
    if pooled and not basis.earlier:
        raise Invalid(_at(place, _("There is no earlier released sitting of this version to pool.")))
    return _regressed(place, basis.pooled if pooled else basis.marks, basis.sittings if pooled else 0)


def _at(place: queries.Place, words: object) -> str:
    return str(_("Station %(number)s: %(words)s", number=place.station.position, words=words))


def _regressed(place: queries.Place, marks: Sequence[Mark], sittings: int) -> _Worked:
    found = rules.regress(marks, place.basis.borderline)
    if found is None or found.cut is None:
        raise Invalid(_at(place, refusal(found)))
    assert place.basis.borderline is not None
    drawn = rules.interval(marks, place.basis.borderline)
    return _Worked(rules.rounded(found.cut), rules.told(found, drawn, sittings))


def refusal(found: Regression | None) -> str:
    """Why a regression gives no cut, and what to do, in one sentence."""
    if found is None:
        return str(_("Nobody was marked, or the form names no borderline rating. Let judges set the cut."))
    words = {
        "slope": _("The percent does not rise with the rating, so the ratings give no cut. Let judges set it."),
        "few_grades": _("Fewer than three ratings were used, so the ratings give no cut. Let judges set it."),
    }
    return " ".join(str(words[guard.value]) for guard in found.refused)


def _group(place: queries.Place) -> _Worked:
    found = rules.regress(place.basis.marks, place.basis.borderline)
    if found is None or found.group.mean is None:
        raise Invalid(_at(place, _("Nobody was rated borderline here.")))
    return _Worked(rules.rounded(found.group.mean), rules.told(found, None) | {"group_se": _word(found.group.se)})


def _fixed(percent: Decimal | None) -> _Worked:
    if percent is None or not 0 < percent <= _HUNDRED:
        raise Invalid(_("Give a percent above 0 and at most 100."), field="percent")
    return _Worked(rules.rounded(Fraction(percent)), {"percent": str(percent)})


def _angoff(place: queries.Place, rounds: Rounds | None) -> _Worked:
    """The mean over judges of the points they expect of a borderline candidate; the last round counts."""
    if not rounds:
        raise Invalid(_("Put in what the judges expect, item by item."), field="judges")
    points = [item.points for item in place.checklist.items]
    weighed = {
        number: {
            judge: [estimate * of for estimate, of in zip(row, points, strict=True)] for judge, row in judges.items()
        }
        for number, judges in rounds.items()
    }
    last = angoff_rounds(weighed)[-1].result
    share = 100 * last.cut / sum(points)
    judges = {one.judge: f"{float(100 * one.total / sum(points)):.2f}" for one in last.judges}
    said = {str(number): {judge: [*map(str, row)] for judge, row in one.items()} for number, one in rounds.items()}
    error = None if last.judge_se is None else f"{100 * last.judge_se / sum(points):.6f}"
    return _Worked(rules.rounded(share), {"rounds": said, "judges": judges, "judge_se": error})
