"""The tablet's own page: one shell without names that opens without network, enrolment, and the briefing for a day."""

from datetime import datetime, time, timedelta
from typing import Any

from flask import current_app, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from assessments.osce.models import Circuit, CircuitStation, Tablet
from assessments.osce.policy import Osce
from assessments.osce.queries import circuits
from assessments.osce.queries import tablets as queries
from assessments.osce.queries.photos import photos_of
from assessments.osce.rules import devices
from assessments.osce.services import tablets as services
from assessments.osce.views import pages
from assessments.osce.views.marking import about, in_order, standing_of
from assessments.osce.views.photos import shown_as
from assessments.stations.rules import Checklist
from lms import clock
from lms.authz import Open
from lms.db import db
from lms.errors import Conflict, Invalid, Refused
from lms.i18n import _, pick
from lms.people.rules.sessions import recent
from lms.people.views import sessions
from lms.web import limits, nav, workers
from lms.web.markup import render
from lms.web.pages import actor

#: Every script that the shell loads by path; a test holds this list against what they import.
MODULES = (
    ("osce.static", "tablet.js"),
    ("osce.static", "aboard.js"),
    ("osce.static", "station.js"),
    ("osce.static", "desk.js"),
    ("osce.static", "clock.js"),
    ("osce.static", "canonical.js"),
    ("osce.static", "outbox.js"),
    ("osce.static", "store.js"),
    ("osce.static", "sealed.js"),
    ("osce.static", "vault.js"),
    ("osce.static", "keys.js"),
    ("static", "js/disk.js"),
    ("static", "js/ids.js"),
    ("static", "js/main.js"),
    ("static", "js/connection.js"),
    ("static", "js/rows.js"),
)
_LOOKS = (
    ("bootstrap.static", "css/bootstrap.min.css"),
    ("static", "css/base.css"),
    ("static", "css/parts.css"),
    ("osce.static", "station.css"),
    ("osce.static", "tablet.css"),
    ("static", "img/icon.svg"),
)
#: Wrong codes from one address: at any moment a few of a million million are right.
_CODES, _PER = 20, timedelta(minutes=15)
_FOR_EVER = 10 * 365 * 86_400


@pages.page("/osce/tablet/", needs=Open.EVERYONE)
def aboard() -> ResponseReturnValue:
    """The shell: the same for everyone, so that a tablet may keep it; all that is somebody's comes out of its store.

    The worker asks without cookies and names the language (`?in=en`).
    """
    with workers.language_asked():
        return _shell()


def _shell() -> str:
    return render_template("osce/aboard.html")


@pages.page("/osce/tablet/worker.js", needs=Open.EVERYONE)
def worker() -> ResponseReturnValue:
    """The service worker of the shell: which files belong together, by content, and the script that keeps them."""
    files = (*MODULES, *_LOOKS)
    return workers.worker(("osce.static", "worker.js"), address=url_for("osce.aboard"), shell=_shell(), files=files)


@pages.page("/osce/tablet/standing", needs=Open.EVERYONE)
def tablet_standing() -> ResponseReturnValue:
    """What the shell asks when it reaches the centre: the time, a token, how the tablet stands, who is signed in."""
    tablet = queries.known_as(devices.name_in(request.args.get("device")))
    return jsonify(
        now=circuits.now().isoformat(),
        csrf=generate_csrf(),
        tablet=None if tablet is None else {"state": tablet.state, "label": tablet.label},
        person=_person(tablet),
    )


def _person(tablet: Tablet | None) -> dict[str, Any] | None:
    who = actor()
    if not who.signed_in or who.person_id is None:
        return None
    vault = tablet and devices.vault_name(_secret(), who.person_id, tablet.key_hash or b"")
    return {"id": who.person_id, "examines": who.may(Osce.EXAMINE), "vault": vault, "fresh": _fresh()}


def _fresh() -> bool:
    """Whether somebody has signed in only just now, and has prepared no tablet since.

    A browser found open prepares nothing; and whoever takes over a tablet cannot give its last user another PIN.
    """
    asking = sessions.now()
    if asking is None:
        return True
    return recent(asking.began, clock.now()) and not queries.briefed_since(asking.person_id, asking.began)


def _secret() -> str:
    return str(current_app.secret_key)


@pages.page("/osce/tablet/enrol", needs=Open.EVERYONE, methods=("POST",))
def enrol() -> ResponseReturnValue:
    """Let this browser in: it shows the code and proves its key."""
    limits.count("tablet code from", request.remote_addr or "", most=_CODES, per=_PER)
    sent = _object()
    tablet = services.enrol(
        actor(),
        devices.plain_code(sent.get("code")),
        key=devices.bytes_in(sent.get("key")),
        signed=devices.signed_text(sent) or "",
        proof=devices.bytes_in(sent.get("signature")),
    )
    limits.forgive("tablet code from", request.remote_addr or "", per=_PER)
    answer = make_response(jsonify(device=(tablet.key_hash or b"").hex(), label=tablet.label))
    # A browser that serves several people keeps its store when one of them signs out: what is in it is sealed.
    answer.set_cookie(nav.SHARED, "1", max_age=_FOR_EVER, secure=request.is_secure, httponly=True, samesite="Lax")
    return answer


@pages.page("/osce/tablet/briefing", needs=Osce.EXAMINE, methods=("POST",))
def brief() -> ResponseReturnValue:
    """All that an examiner needs for today, after signing in just now, on a tablet that proves to be ours."""
    try:
        if not _fresh():
            raise Conflict(_("Sign in once more before you prepare this tablet."), again=True)
        tablet = services.brief(actor(), _object())
    except Refused as refused:
        return jsonify(detail=str(refused), where=refused.where), refused.status
    stations = [] if tablet.state == "revoked" else queries.briefed(actor())
    name, today, person = tablet.key_hash or b"", clock.today(), actor().person_id or 0
    return jsonify(
        vault=devices.vault_name(_secret(), person, name),
        secret=devices.vault_secret(_secret(), person, name).hex(),
        day=today.isoformat(),
        until=datetime.combine(today + timedelta(days=1), time(), clock.zone()).isoformat(),
        now=circuits.now().isoformat(),
        csrf=generate_csrf(),
        person={"id": person, "name": queries.named(person)},
        stations=[_station(station) for station in stations],
        photos={str(one): shown_as(data) for one, data in photos_of({row.circuit_id for row in stations}).items()},
    )


def _object() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid(_("This browser sent something that is not understood. Reload the page."))
    return sent


def _station(shown: CircuitStation) -> dict[str, Any]:
    """One station as the shell draws it: what it is, how it is marked, who comes."""
    circuit, version = db.session.get_one(Circuit, shown.circuit_id), shown.version
    checklist = Checklist.of(version.body)
    return {
        **{key: value for key, value in standing_of(shown, circuit).items() if key not in {"now", "csrf"}},
        **about(shown, in_order(shown)),
        "title": pick(version.station.title, version.station.title_en),
        "position": shown.position,
        "room": shown.room,
        "circuit": pick(circuit.title, circuit.title_en),
        "version": version.content_hash.hex(),
        "told": str(render(version.body["examiner"])),
        "items": [
            {
                "code": item.code,
                "text": item.text,
                "points": item.points,
                "critical": item.critical,
                "key": item.key,
                "optional": item.optional,
                "steps": item.steps,
            }
            for item in checklist.items
        ],
        "levels": [{"code": level.code, "title": pick(level.zh, level.en)} for level in checklist.levels],
        "addresses": {
            "sheets": url_for("osce.submit", id=shown.id),
            "standing": url_for("osce.standing", id=shown.id),
        },
    }
