"""The gallery for the tests of the shell; it needs no database."""

from collections.abc import Iterable, Iterator
from threading import Thread
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

from lms.web import nav
from tests import browser as chrome
from tests.lms.web import gallery


@pytest.fixture
def ways() -> Iterator[None]:
    """Only the gallery's own ways in, and afterwards the product's again."""
    known, panels, tools = dict(nav.ITEMS), dict(nav.PANELS), dict(nav.TOOLS)
    names = list(nav._names)
    nav.TOOLS.clear()
    nav.ITEMS.clear()
    nav.PANELS.clear()
    for item in gallery.WAYS:
        nav.register(item)
    nav.introduce(lambda _: "李咏梅")
    yield
    nav.TOOLS.update(tools)
    nav.ITEMS.clear()
    nav.ITEMS.update(known)
    nav.PANELS.clear()
    nav.PANELS.update(panels)
    nav._names[:] = names


@pytest.fixture
def shown(ways: None) -> Flask:
    """The gallery as an app."""
    return gallery.make()


@pytest.fixture
def address(shown: Flask) -> Iterator[str]:
    """The gallery being served on this machine."""
    server: Any = make_server("127.0.0.1", 0, _at_once(shown), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _at_once(app: Flask) -> WSGIApplication:
    """Every answer is read, and its file closed, before it is sent: a browser that leaves would keep it open."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        parts, status, headers = run_wsgi_app(app, environ, buffered=True)
        start(status, list(headers))
        return parts

    return answer


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser with Chinese letters.

    For one module only: while it is open, an event loop lives in this thread, and the database extension's
    teardown refuses to work beside one. Pages are therefore served by a thread of their own.
    """
    with chrome.opened() as opened:
        yield opened
