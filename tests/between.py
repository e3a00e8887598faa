"""What stands between a browser and the centre: it passes all on, answers in the centre's place, or cuts the line."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.databases import Live, free_port

_OURS = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass(frozen=True)
class Asked:
    """A request on its way."""

    method: str
    path: str
    body: bytes


@dataclass(frozen=True)
class Said:
    """An answer that is not the centre's."""

    body: bytes
    kind: str = "text/html"


#: What becomes of a request: an answer from here; None passes it on.
Meets = Callable[[Asked], Said | None]
#: Whether the line is cut before the centre's answer (its status is given) has arrived.
Loses = Callable[[Asked, int], bool]


class Between:
    """The line of one test; change `meets`, `loses` and `down` as it goes on."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.meets: Meets = lambda asked: None
        self.loses: Loses = lambda asked, status: False
        #: nothing gets through, neither way
        self.down = False

    def clear(self) -> None:
        """Nothing stands between any more."""
        self.__init__(self.port)  # type: ignore[misc]


@contextmanager
def between(live: Live, *options: str) -> Iterator[Between]:
    """Start a web server, and this before it, at the address that browsers know."""
    behind = free_port()
    live.serve(*(options or ("--threads", "4")), port=behind)
    way = Between(behind)
    server = _Line(("127.0.0.1", live.port), _Passing)
    server.way = way
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield way
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Line(ThreadingHTTPServer):
    daemon_threads = True
    way: Between


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Line

    def do_GET(self) -> None:
        """Whatever the method: pass it on, or not."""
        way = self.server.way
        asked = Asked(self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        said = None if way.down else way.meets(asked)
        if said is not None:
            self._answer(200, [("Content-Type", said.kind)], said.body)
        elif way.down or not self._fetch(way, asked):
            self.close_connection = True

    def do_POST(self) -> None:
        """The same."""
        self.do_GET()

    def do_PATCH(self) -> None:
        """The same."""
        self.do_GET()

    def do_HEAD(self) -> None:
        """The same."""
        self.do_GET()

    def _fetch(self, way: Between, asked: Asked) -> bool:
        """Ask the centre and hand its answer on; False: the line is cut."""
        centre = HTTPConnection("127.0.0.1", way.port, timeout=60)
        try:
            centre.request(asked.method, asked.path, asked.body or None, dict(self.headers.items()))
            answer = centre.getresponse()
            body = answer.read()
        except OSError:
            return False
        finally:
            centre.close()
        if way.loses(asked, answer.status):
            return False
        self._answer(answer.status, answer.getheaders(), body)
        return True

    def _answer(self, status: int, heads: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in heads:
            if name.lower() not in _OURS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
