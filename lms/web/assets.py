"""Static files: named by their content, compressed once, kept by the browser for ever."""

import gzip
import hashlib
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, Response, request, url_for

from lms.web.pages import public

_TEXT = {"text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json"}
#: Packing as tightly as can be takes seconds for each megabyte: large scripts are packed a tenth less tightly.
_LARGE = 1 << 20
_PACK: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda data: bytes(brotli.compress(data, quality=11 if len(data) < _LARGE else 9)),
    "gzip": lambda data: gzip.compress(data, 9, mtime=0),
}
_SMALLEST = 512
FOR_EVER = "public, max-age=31536000, immutable"


@lru_cache(maxsize=512)
def _version(path: Path, *_stamp: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=256)
def _packed(encoding: str, path: Path, *_stamp: int) -> bytes:
    return _PACK[encoding](path.read_bytes())


def _signs(path: Path) -> tuple[Path, int, int]:
    stat = path.stat()
    return path, stat.st_mtime_ns, stat.st_size


def _file(app: Flask, endpoint: str, filename: str) -> Path | None:
    """The file a static address means, or None; the static view itself guards against climbing out."""
    owner: Any = app if endpoint == "static" else app.blueprints.get(endpoint.removesuffix(".static"))
    if owner is None or not owner.static_folder:
        return None
    folder = Path(owner.static_folder).resolve()
    path = (folder / filename).resolve()
    return path if path.is_relative_to(folder) and path.is_file() else None


def _is_static(endpoint: str | None) -> bool:
    return endpoint is not None and (endpoint == "static" or endpoint.endswith(".static"))


def install(app: Flask) -> None:
    """Give every static address the version of its content, and answer with the packed file."""
    app.jinja_env.globals["module"] = module

    @app.url_defaults
    def name_the_version(endpoint: str, values: dict[str, Any]) -> None:
        if _is_static(endpoint) and "v" not in values and values.get("filename"):
            path = _file(app, endpoint, values["filename"])
            if path is not None:
                values["v"] = _version(*_signs(path))

    @app.after_request
    def pack(response: Response) -> Response:
        if not _is_static(request.endpoint) or response.status_code not in (200, 304):
            return response
        path = _file(app, request.endpoint or "", (request.view_args or {}).get("filename", ""))
        return response if path is None else _answer(response, path)


def open_static(app: Flask) -> None:
    """Say of every static view that it is open to everyone; call it when all features are wired."""
    for endpoint, view in list(app.view_functions.items()):
        if _is_static(endpoint):
            app.view_functions[endpoint] = public(_same(view))


def _same(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that can carry a mark, which the bound method of a blueprint cannot."""

    @wraps(view)
    def serve(**values: Any) -> Any:
        return view(**values)

    return serve


def module(name: str, endpoint: str = "static", folder: str = "js/") -> str:
    """The address of a behaviour for `data-module`: module('job'), module('attempt', 'exams.static', '')."""
    return url_for(endpoint, filename=f"{folder}{name}.js")


def _answer(response: Response, path: Path) -> Response:
    named = request.args.get("v")
    known = named is not None and named == _version(*_signs(path))
    response.headers["Cache-Control"] = FOR_EVER if known else "no-cache"
    if response.mimetype not in _TEXT:
        return response
    response.vary.add("Accept-Encoding")
    wanted = request.accept_encodings
    encoding = next((name for name in _PACK if wanted.quality(name) > 0), None)
    whole = response.status_code == 200 and "Range" not in request.headers
    if encoding is None or not whole or path.stat().st_size < _SMALLEST:
        return response
    etag, _ = response.get_etag()
    response.close()  # the file as it is, opened for nothing
    response.direct_passthrough = False
    response.set_data(_packed(encoding, *_signs(path)))
    response.headers["Content-Encoding"] = encoding
    if etag:
        response.set_etag(etag, weak=True)
    return response
