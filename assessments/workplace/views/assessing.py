"""For assessors: who waits, whom to assess on the spot, the sheet on the phone, and the taking of sheets."""

from typing import Any
from uuid import UUID

from flask import abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from assessments.stations.models import StationVersion
from assessments.stations.rules import Checklist
from assessments.workplace import services
from assessments.workplace.models import State, WorkplaceAssessment, WorkplaceRequest
from assessments.workplace.policy import Workplace
from assessments.workplace.queries import assessments, people, requests, years
from assessments.workplace.rules import REMEMBERED
from assessments.workplace.services.assessing import CALLED
from assessments.workplace.views import pages
from assessments.workplace.views.own import chosen_year, year_of
from lms import clock
from lms.authz import Actor, only
from lms.db import Everything, db
from lms.errors import Invalid, NotFound, Refused
from lms.i18n import _, pick
from lms.people.models import Person
from lms.techniques.models import Technique
from lms.web.charts import drawing
from lms.web.pages import actor, one

#: Sheets that are taken in one request; an assessor's newest that are listed.
AT_ONCE, NEWEST = 10, 10


@pages.page("/workplace/assessing", needs=Workplace.ASSESS_LIST)
def assessing() -> ResponseReturnValue:
    """Who waits for me since when, whom I can assess on the spot, what I wrote last."""
    me = actor().person_id or 0
    words = request.args.get("q", "").strip()[:40]
    waiting = requests.waiting(me)
    return render_template(
        "workplace/assessing.html",
        waiting=waiting,
        waits={row.id: requests.days(row.waits_since) for row in waiting},
        ended=requests.lately_ended(me),
        doctors=people.doctors(me, words),
        words=words,
        forms=people.forms(),
        newest=assessments.by_assessor(me, NEWEST),
        same=years.own_sameness(me),
        state={"person": me, "csrf": generate_csrf()},
    )


@pages.page("/workplace/apprentices", needs=Workplace.ASSESS_LIST)
def apprentices() -> ResponseReturnValue:
    """My apprentices' year: who needs an assessment next."""
    found = years.apprentices(actor().person_id or 0, chosen_year(), clock.today())
    codes = {line.wanted.technique for one in found for line in one.year.lines if line.wanted.technique}
    return render_template(
        "workplace/apprentices.html", found=found, names=years.technique_names(codes), shown_year=chosen_year()
    )


@pages.page("/workplace/doctors/<int:id>", needs=Workplace.YEAR, on=people.doctor_of_year)
def doctor(shown: Person) -> ResponseReturnValue:
    """A doctor's year, for the mentor and for those who oversee."""
    return drawing(render_template("workplace/doctor.html", **year_of(shown, chosen_year())))


# ---- the sheet -------------------------------------------------------------------------------------------------


@pages.page("/workplace/requests/<int:id>/sheet", needs=Workplace.ASSESS, on=one(WorkplaceRequest))
def requested_sheet(shown: WorkplaceRequest) -> ResponseReturnValue:
    """The sheet for what a doctor asked for."""
    if shown.state == State.DONE:
        return redirect(url_for("workplace.asked", id=shown.id))
    version = only(people.form(shown.station_id))
    about = {"request": shown.id}
    return _sheet(version, f"request-{shown.id}", about, shown.doctor_name, technique=shown.technique)


@pages.page("/workplace/doctors/<int:id>/sheet", needs=Workplace.ASSESS, on=people.watched)
def sheet_on_the_spot(shown: Person) -> ResponseReturnValue:
    """The sheet for a doctor one works with, begun on the spot: `?form=` names the form."""
    known = people.forms()
    version = next((one for one in known if one.station.code == request.args.get("form")), None)
    if version is None:
        return render_template("workplace/start.html", doctor=shown, forms=known)
    choices = people.techniques(shown.category)
    own = version.station.technique_id
    choices.sort(key=lambda one: one.id != own)
    key = f"doctor-{shown.id}-{version.station.code}"
    return _sheet(version, key, {"doctor": shown.id}, shown.name, techniques=choices)


@pages.page("/workplace/assessments/<uuid:id>/correct", needs=Workplace.CORRECT, on=assessments.one)
def correcting(shown: WorkplaceAssessment) -> ResponseReturnValue:
    """The sheet as it stands, to be put right."""
    about = {"corrects": str(shown.id)}
    values = {
        name: getattr(shown, name)
        for name in (
            *("marks", "rating", "comment", "good", "improve", "action", "about", "setting", "difficulty"),
            *("observe_minutes", "feedback_minutes"),
        )
    } | {"observed_on": shown.observed_on.isoformat()}
    return _sheet(
        shown.station_version, f"correct-{shown.id}", about, shown.doctor_name, technique=shown.technique, values=values
    )


def _sheet(
    version: StationVersion,
    key: str,
    about: dict[str, Any],
    doctor: str,
    *,
    technique: Technique | None = None,
    techniques: list[Technique] | None = None,
    values: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    title = pick(version.station.title, version.station.title_en)
    state = _standing() | {
        "key": key,
        "about": about,
        "form": version.id,
        "label": f"{doctor} · {title}",
        "today": clock.today().isoformat(),
        "values": values or {},
    }
    return render_template(
        "workplace/sheet.html",
        version=version,
        checklist=Checklist.of(version.body),
        doctor=doctor,
        form_title=title,
        technique=technique,
        techniques=techniques or [],
        state=state,
        correcting="corrects" in about,
        oldest=clock.today() - REMEMBERED,
        named={name: str(words) for name, words in CALLED.items()},
    )


def _standing() -> dict[str, Any]:
    return {"person": actor().person_id, "csrf": generate_csrf(), "now": clock.now().isoformat()}


@pages.page("/workplace/standing", needs=Workplace.ASSESS_LIST)
def standing() -> ResponseReturnValue:
    """Who is signed in, and a fresh token, for a page that has been open for long."""
    return jsonify(_standing())


@pages.page("/workplace/sheets", needs=Workplace.ASSESS_LIST, methods=("POST",))
def hand_in() -> ResponseReturnValue:
    """Take sheets; the answer names each one that need not be sent again, and says of each that was not taken why."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("sheets"), list) or len(body["sheets"]) > AT_ONCE:
        raise Invalid(_("This is not an assessment."))
    if body.get("assessor") != actor().person_id:
        # Somebody else has signed in on this device since: the sheets are the other's and stay where they are.
        abort(403)
    taken: dict[str, str] = {}
    held: dict[str, dict[str, Any]] = {}
    things = [one for one in body["sheets"] if isinstance(one, dict) and isinstance(one.get("id"), str)]
    for one_of in things:
        name = str(one_of.get("sheet"))[:80]
        try:
            taken[name] = url_for("workplace.assessment", id=_take(one_of))
        except Refused as refused:
            held[name] = {"detail": str(refused) or _gone(), "where": refused.where}
    return jsonify(acknowledged=[one_of["id"] for one_of in things], taken=taken, held=held)


def _gone() -> str:
    words = _(
        "You may not assess this doctor any more: the request went to somebody else, or you do not work together."
    )
    return str(words)


def _take(sent: dict[str, Any]) -> UUID:
    sheet, about = _uuid(sent.get("sheet")), sent.get("about")
    if not isinstance(about, dict):
        raise Invalid(_("This is not an assessment."))
    there = _mine(sheet)
    if "corrects" in about:
        before = only(assessments.one(_uuid(about["corrects"])))
        return services.correct(actor(), before, sheet=sheet, sent=sent.get("body")).id
    if "request" in about:
        asked_for = only(db.session.get(WorkplaceRequest, _whole(about["request"])))
        return services.assess(actor(), asked_for, sheet=sheet, sent=sent.get("body")).id
    doctor = people.watched(_whole(about.get("doctor")))
    if doctor is None and there is not None:
        return there.id  # it arrived while the two still worked together: this is its second sending
    return services.assess(actor(), only(doctor), sheet=sheet, sent=sent.get("body")).id


def _mine(sheet: UUID) -> WorkplaceAssessment | None:
    found = db.session.get(WorkplaceAssessment, sheet, execution_options=Everything)
    return found if found is not None and found.assessor_id == actor().person_id else None


def _uuid(text: Any) -> UUID:
    try:
        return UUID(text)
    except (TypeError, ValueError, AttributeError):
        raise Invalid(_("This is not an assessment.")) from None


def _whole(number: Any) -> int:
    if type(number) is not int or not 0 < number < 1 << 63:
        raise NotFound
    return number


def panel(who: Actor) -> str | None:
    """For the assessor's home page: who waits, since when."""
    waiting = requests.waiting(who.person_id or 0)
    waits = {row.id: requests.days(row.waits_since) for row in waiting}
    return render_template("workplace/panel.html", waiting=waiting, waits=waits) if waiting else None
