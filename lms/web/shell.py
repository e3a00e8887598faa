"""What every page has around it: navigation, language, the word that data are simulated."""

from typing import Any

from flask import Flask, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from config import Settings
from lms import clock, i18n
from lms.authz import Actor, Open
from lms.errors import NotFound
from lms.web import nav
from lms.web.pages import Pages

pages = Pages("shell", __name__, static_folder=None, template_folder=None)


def install(app: Flask, settings: Settings) -> None:
    """Give all templates what the shell shows."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(here=here, current_item=nav.current, nav_groups=nav.grouped)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def around() -> dict[str, Any]:
        said = {"locale": i18n.locale(), "simulated": settings.simulated, "today": clock.today()}
        return _shown_to(g.get("actor", Actor.PUBLIC)) | said


def _shown_to(who: Actor) -> dict[str, Any]:
    """What the shell shows this actor; a page of many parts, each a template, asks for it once."""
    known: dict[str, Any] | None = g.get("shell")
    if known is None or known["actor"] is not who:
        known = g.shell = {
            "actor": who,
            "nav": {place: nav.items(who, place) for place in ("bottom", "side", "account")},
            "account_name": nav.name_of(who),
            "tools": lambda: [Markup(html) for html in nav.tools(who)],  # noqa: S704 # noqa: one-place - templates of ours
            "held": nav.HELD.values(),
            "shared_device": nav.SHARED,
            "doors": {name: f"people.{name}" for name in ("sign_in", "sign_out") if _exists(f"people.{name}")},
        }
    return known


def _exists(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def here(**changes: Any) -> str:
    """The address of this page with some of its questions (`?sort=…`) changed; None takes one away."""
    # Names that begin with _ steer url_for itself (_external, _scheme): strangers may not send those.
    asked: dict[str, Any] = {k: request.args.getlist(k) for k in request.args if not k.startswith("_")}
    asked.update({key: [] if value is None else [value] for key, value in changes.items()})
    if request.endpoint is None:
        return request.path
    return url_for(request.endpoint, **{**asked, **(request.view_args or {})})


@pages.page("/", needs=Open.SIGNED_IN)
def home() -> ResponseReturnValue:
    """What waits for whoever comes in; a visitor is asked to sign in first."""
    return render_template("home.html", parts=[Markup(html) for html in nav.panels(g.actor)])  # noqa: S704 # noqa: one-place - panels are templates of ours


@pages.page("/language/<code>", needs=Open.EVERYONE, methods=("POST",))
def language() -> ResponseReturnValue:
    """Remember the language somebody chose, and go back to where they were."""
    code = (request.view_args or {}).get("code", "")
    if code not in i18n.LANGUAGES:
        raise NotFound
    answer = make_response(redirect(local_path(request.form.get("next", ""))))
    answer.set_cookie(i18n.COOKIE, code, max_age=31536000, samesite="Lax", secure=request.is_secure, httponly=True)
    return answer


def local_path(address: str) -> str:
    """An address of our own to go on to, or the home page: never somebody else's site."""
    safe = address.startswith("/") and not address.startswith(("//", "/\\")) and "\\" not in address
    return address if safe and address.isprintable() else "/"
