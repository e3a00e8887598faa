"""Parts of a file over HTTP (RFC 9110, 14): so a film can be sought in and a broken download goes on.

Werkzeug's own answer refuses (416) what is no range and several at once, where the standard gives the whole, and reads
a stream from its beginning to come to the asked part.
"""

import re
from collections.abc import Callable, Iterable

from flask import Response, request

_ONE_RANGE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*")


class Unsatisfiable(Exception):
    """The part that is asked for lies outside the file."""


def part(header: str | None, size: int) -> tuple[int, int] | None:
    """Where the asked part begins and where it ends (not included); None: the whole.

    What is no range of bytes, and several at once, is answered with the whole, as the standard allows. Raises
    Unsatisfiable for a part that begins behind the end, or is the last nothing.
    """
    found = _ONE_RANGE.fullmatch(header or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        if not int(last) or not size:
            raise Unsatisfiable
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return int(first), min(size, int(last) + 1) if last else size


def answer(size: int, sign: str, read: Callable[[int, int], Iterable[bytes]]) -> Response:
    """Answer a GET or HEAD with a file or the asked part of it; `sign` changes whenever its bytes do."""
    made = _answer(size, sign, read)
    made.headers["Accept-Ranges"] = "bytes"
    made.set_etag(sign)
    return made


def _answer(size: int, sign: str, read: Callable[[int, int], Iterable[bytes]]) -> Response:
    if request.if_none_match.contains(sign):
        return Response(status=304)
    same = request.headers.get("If-Range", f'"{sign}"') == f'"{sign}"'
    try:
        asked = part(request.headers.get("Range"), size) if same and request.method == "GET" else None
    except Unsatisfiable:
        return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, stop = asked or (0, size)
    body = read(start, stop) if request.method == "GET" else ()
    made = Response(body, status=206 if asked else 200)
    made.content_length = stop - start
    if asked:
        made.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return made
