"""What proves certificates to programs and phones: keys, issuers, status lists, the page that works offline."""

from datetime import timedelta
from typing import Any

from flask import Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.certification.models import Certificate
from assessments.certification.policy import Certificates
from assessments.certification.queries import credentials, public
from assessments.certification.rules import words
from assessments.certification.rules.statuslist import Purpose
from assessments.certification.views import pages
from config import Settings
from lms import clock
from lms.authz import Open
from lms.db import db
from lms.errors import Conflict, NotFound
from lms.i18n import _
from lms.web import exports, limits, workers
from lms.web.pages import one

ASKED, PER = 120, timedelta(minutes=1)
#: Keys and issuers change by the year, lists by the hour.
LONG, SHORT = 3600, 300
#: What belongs to the page that works without a network.
FILES = (
    ("certification.static", "offline.js"),
    ("certification.static", "scanned.js"),
    ("certification.static", "proof.js"),
    ("certification.static", "ed25519.js"),
    ("static", "js/main.js"),
    ("static", "js/connection.js"),
    ("bootstrap.static", "css/bootstrap.min.css"),
    ("static", "css/base.css"),
    ("static", "css/parts.css"),
    ("certification.static", "certification.css"),
    ("static", "img/icon.svg"),
)


# ---- for programs ------------------------------------------------------------------------------


@pages.page("/v/keys", needs=Open.EVERYONE)
def key_set() -> ResponseReturnValue:
    """Every public key there ever was, as a JSON Web Key Set."""
    return _given(jsonify(keys=public.jwks(db.session)), LONG)


@pages.page("/v/keys/<key_id>", needs=Open.EVERYONE)
def key() -> ResponseReturnValue:
    """One public key, as a JSON Web Key: the address that a credential names."""
    return _given(jsonify(public.jwk(db.session, _named("key_id"))), LONG)


@pages.page("/v/issuer", needs=Open.EVERYONE)
def installation() -> ResponseReturnValue:
    """Who signs the status lists: this installation, with its keys."""
    return _given(jsonify(public.issuer(db.session, _address())), LONG)


@pages.page("/v/issuers/<code>", needs=Open.EVERYONE)
def issuer() -> ResponseReturnValue:
    """A health authority that issues certificates here, with the keys that sign for it."""
    return _given(jsonify(public.issuer(db.session, _address(), _named("code"))), LONG)


@pages.page("/v/achievements/<policy_hash>/<int:star>", needs=Open.EVERYONE)
def achievement() -> ResponseReturnValue:
    """What a star asked for under one version of the policy, as Open Badges describe it."""
    given: Any = request.view_args
    found = public.achievement(db.session, _address(), given["policy_hash"], given["star"])
    return _given(jsonify(found), LONG)


@pages.page("/v/status/<int:number>/<purpose>", needs=Open.EVERYONE)
def status_list() -> ResponseReturnValue:
    """What became of many certificates, one bit each, signed."""
    given: Any = request.view_args
    if given["purpose"] not in set(Purpose) or given["number"] > 1 << 20:
        raise NotFound
    row = credentials.latest_list(db.session, given["number"], Purpose(given["purpose"]))
    if row is None:
        raise NotFound
    return _given(Response(row.text, content_type="application/vc+jwt"), SHORT)


@pages.page("/certificates/<int:id>/credential", needs=Certificates.READ, on=one(Certificate))
def credential(certificate: Certificate) -> ResponseReturnValue:
    """The certificate for other people's programs: Open Badges 3.0, signed."""
    text = credentials.newest(db.session, certificate)
    if text is None:
        raise Conflict(_("This certificate is still being signed. Try again in a minute."))
    body = Response(text, content_type="application/vc+jwt")
    return exports.attached(body, f"certificate-{certificate.number}.jwt")


def _named(name: str) -> str:
    return str((request.view_args or {})[name])


def _address() -> str:
    settings: Settings = current_app.config["LMS"]
    return settings.public_url.rstrip("/")


def _given(answer: Response, seconds: int) -> Response:
    """Open to programs of any site; nothing in it is about who asks."""
    limits.count("verify-data", request.remote_addr or "", most=ASKED, per=PER)
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


# ---- without a network -------------------------------------------------------------------------


@pages.page("/v/offline", needs=Open.EVERYONE)
def offline() -> ResponseReturnValue:
    """The page that checks a certificate on the device itself; the same for everyone, so that it may be kept.

    The worker asks without cookies and names the language (`?in=en`).
    """
    with workers.language_asked():
        return _shell()


def _shell() -> str:
    """Words that its script needs are chosen here, so that the script has none."""
    stars = {"1": _("One star"), "2": _("Two stars"), "3": _("Three stars"), "4": _("Four stars"), "5": _("Five stars")}
    categories = {category: str(said) for category, said in words.CATEGORIES.items()}
    given = {"star_names": stars, "category_names": categories, "zone": str(clock.zone())}
    return render_template("certification/offline.html", **given)


@pages.page("/v/offline.json", needs=Open.EVERYONE)
def offline_data() -> ResponseReturnValue:
    """What that page needs to know: the public keys, and the newest status lists."""
    lists = [row.text for row in credentials.latest_lists(db.session)]
    answer = jsonify(address=_address(), keys=public.jwks(db.session), lists=lists)
    answer = _given(answer, SHORT)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.page("/v/worker.js", needs=Open.EVERYONE)
def worker() -> ResponseReturnValue:
    """The service worker that keeps the offline page: which files belong together, and the script that keeps them."""
    return workers.worker(
        ("certification.static", "worker.js"),
        address=url_for("certification.offline"),
        shell=_shell(),
        files=FILES,
        data=url_for("certification.offline_data"),
    )
