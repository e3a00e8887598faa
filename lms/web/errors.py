"""Error pages that say what happened, that nothing is lost, and what to do next."""

from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from lms.errors import Refused, TooMany
from lms.i18n import _l

log = structlog.get_logger("web")


@dataclass(frozen=True)
class Page:
    """The words of one error page."""

    title: Any
    happened: Any
    next_step: Any


PAGES: dict[int, Page] = {
    400: Page(
        _l("The request could not be read"),
        _l("What your browser sent was incomplete or out of date. Nothing was changed."),
        _l("Go back, reload the page and try once more."),
    ),
    401: Page(
        _l("Please sign in"),
        _l("This needs a signed-in account. Nothing was changed."),
        _l("Sign in and try again; what you had typed is still in the page you came from."),
    ),
    403: Page(
        _l("You may not do this"),
        _l("Your account does not have the right for this. Nothing was changed."),
        _l("If it is part of your work, ask your institution's manager to give you the role."),
    ),
    404: Page(
        _l("There is nothing here"),
        _l("The address is wrong, or the thing is not within your reach."),
        _l("Check the address, or start from the home page."),
    ),
    405: Page(
        _l("The request could not be read"),
        _l("This address does not take that kind of request. Nothing was changed."),
        _l("Start from the home page."),
    ),
    409: Page(
        _l("Somebody got there first"),
        _l("The thing changed while you were working on it. What you entered was not written over it."),
        _l("Reload to see how it stands now, then decide."),
    ),
    413: Page(
        _l("The file is too large"),
        _l("More was sent than is taken in one go. Nothing was changed."),
        _l("Send a smaller file, or split it."),
    ),
    422: Page(
        _l("Something does not fit"),
        _l("What was sent breaks a rule. Nothing was changed."),
        _l("Go back, correct it and send it again."),
    ),
    429: Page(
        _l("Too many tries"),
        _l("There were too many requests in a short time. Nothing is lost."),
        _l("Wait a little, then try again."),
    ),
    500: Page(
        _l("A fault on our side"),
        _l("Something went wrong here. What was saved before stays saved; this last step was not done."),
        _l("Try again. If it happens again, tell your administrator the number below."),
    ),
    503: Page(
        _l("Not available just now"),
        _l("The system is busy or being maintained. Nothing is lost."),
        _l("Try again in a minute."),
    ),
}


def install(app: Flask) -> None:
    """Put the error pages in place."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(InterfaceError, _database_away)
    app.register_error_handler(DataError, _no_data)
    app.register_error_handler(Exception, _fault)


def _refused(wrong: Refused) -> ResponseReturnValue:
    detail = wrong.message if wrong.status not in (403, 404) else ""
    headers = {"Retry-After": str(wrong.where.get("seconds", 60))} if isinstance(wrong, TooMany) else {}
    return _answer(wrong.status, detail, headers)


def _stale_form(_wrong: CSRFError) -> ResponseReturnValue:
    return _answer(400, _l("The page had been open for too long, or was sent from another site."))


def _http(wrong: HTTPException) -> ResponseReturnValue:
    if wrong.response is not None or wrong.code is None or wrong.code < 400:
        return wrong.get_response()
    return _answer(wrong.code if wrong.code in PAGES else 400 if wrong.code < 500 else 500)


def _database_away(wrong: Exception) -> ResponseReturnValue:
    log.error("database away", error=type(wrong).__name__)
    return _answer(503, headers={"Retry-After": "10"})


def _no_data(wrong: DataError) -> ResponseReturnValue:
    """A number beyond every column, or a text that no text can be: asked for in an address, it is nowhere."""
    log.warning("the database takes no such value", error=type(wrong.orig).__name__)
    return _answer(422)


def _fault(_wrong: Exception) -> ResponseReturnValue:
    log.exception("fault")
    return _answer(500)


def _answer(status: int, detail: object = "", headers: dict[str, str] | None = None) -> ResponseReturnValue:
    """A page for people, JSON for scripts; the session's half-done work is thrown away first."""
    _forget()
    page = PAGES[status]
    number = g.get("request_id", "")
    if request.accept_mimetypes.best == "application/json" or request.is_json:
        body = jsonify(error=status, title=str(page.title), detail=str(detail), request=number)
        return body, status, headers or {}
    html = render_template("error.html", status=status, page=page, detail=detail, number=number)
    return html, status, headers or {}


def _forget() -> None:
    for session in g.get("_sqlalchemy_sessions", {}).values():
        try:
            session.rollback()
        except (OperationalError, InterfaceError):
            session.invalidate()
