"""Pages that open without network: a shell, the files that belong to it by content, and the script that keeps them."""

import hashlib
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import force_locale

from lms.i18n import LANGUAGES, locale

#: A static file by its endpoint and its name.
File = tuple[str, str]


def language_asked() -> AbstractContextManager[None]:
    """The language that the address names (`?in=en`), else the reader's: a worker asks without cookies."""
    named = request.args.get("in", "")
    chosen: AbstractContextManager[None] = force_locale(named) if named in LANGUAGES else nullcontext()
    return chosen


def worker(script: File, *, address: str, shell: str, files: Iterable[File], **more: Any) -> Response:
    """The service worker of a shell: what it must know, then what all workers share, then its own `script`.

    `more` is what only this script must know; it stands in `SHELL` under its name.
    """
    known = {
        "address": address,
        "language": locale(),
        "digest": hashlib.sha256(shell.encode()).hexdigest(),
        **more,
    }
    named = [[url_for(endpoint, filename=name), *_plain(endpoint, name)] for endpoint, name in files]
    own = url_for(script[0], filename=script[1])
    made = render_template("worker.js", shell=known, files=named, own=own)
    return Response(made, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


def _plain(endpoint: str, name: str) -> tuple[str, str]:
    """The address without its version, by which modules import each other, and the version, which is of its hash."""
    address, _question, version = url_for(endpoint, filename=name).partition("?v=")
    return address, version
