"""Clients over loopback: threads with one kept connection each, as light as Python allows."""

import http.client
import json
import re
import socket
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.report import Row
from lms import ids

HOST = "127.0.0.1"
STATE = re.compile(r'<script type="application/json" id="attempt-state">(.*?)</script>', re.S)


class Wrong(Exception):
    """A server answered something else than success: nothing can be measured."""


@dataclass(frozen=True)
class Load:
    """What one run came to."""

    per_second: float
    p50: float
    p95: float


Next = Callable[[], bytes]
Pairs = Sequence[tuple[Load, Load]]


class Connection:
    """One kept connection that sends requests already put into bytes."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> bytes:
        """Send, and read the whole answer: head and body as they came."""
        if self._socket is None:
            self._socket = socket.create_connection((HOST, self._port), timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        answer = self._read(self._socket)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise Wrong(answer[:400].decode(errors="replace"))
        if b"connection: close" in answer.partition(b"\r\n\r\n")[0].lower():
            self.close()
        return answer

    @staticmethod
    def _read(source: socket.socket) -> bytes:
        got = b""
        while b"\r\n\r\n" not in got:
            got += _some(source)
        head, _, _ = got.partition(b"\r\n\r\n")
        found = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
        if found is None:
            raise Wrong(f"an answer without a length: {head!r}")
        whole = len(head) + 4 + int(found[1])
        while len(got) < whole:
            got += _some(source)
        return got

    def close(self) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _some(source: socket.socket) -> bytes:
    piece = source.recv(65536)
    if not piece:
        raise Wrong("the server closed the connection")
    return piece


def get(path: str, cookies: str = "", encoding: str = "") -> bytes:
    """A GET in bytes."""
    extra = f"Cookie: {cookies}\r\n" if cookies else ""
    extra += f"Accept-Encoding: {encoding}\r\n" if encoding else ""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Language: zh-CN\r\n{extra}\r\n".encode()


def post(path: str, body: Any, cookies: str, csrf: str) -> bytes:
    """A POST of JSON in bytes, with all that the application asks for; the floor gets the same."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookies}\r\nX-CSRFToken: {csrf}\r\n"
        f"Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


@dataclass
class Pen:
    """A candidate's open attempt: how its page saves an answer."""

    attempt_id: Any
    cookies: str
    csrf: str
    items: list[int]
    epoch: int
    seq: int = 0

    @classmethod
    def open(cls, port: int, token: str, attempt_id: Any) -> "Pen":
        """Open the page as a browser does, and take the pen."""
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        connection.request("GET", f"/attempts/{attempt_id}", headers={"Cookie": f"session_id={token}"})
        answer = connection.getresponse()
        text = answer.read().decode()
        found = STATE.search(text)
        if answer.status != 200 or found is None:
            raise Wrong(f"{answer.status} for the attempt's page")
        state = json.loads(found[1])
        given = [value.split(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie"]
        items = [int(item) for item in re.findall(r'data-item="(\d+)"', text)]
        made = cls(attempt_id, "; ".join([f"session_id={token}", *given]), state["csrf"], items, state["epoch"])
        asked = post(f"/attempts/{attempt_id}/pen", {"seen": made.epoch}, made.cookies, made.csrf)
        made.epoch = json.loads(Connection(port).ask(asked).partition(b"\r\n\r\n")[2])["epoch"]
        return made

    def save(self, path: str, item: int | None = None) -> bytes:
        """The next answer, for this address."""
        self.seq += 1
        event = {"id": str(ids.uuid7()), "item": item or self.items[self.seq % len(self.items)], "seq": self.seq}
        event |= {"epoch": self.epoch, "answer": ["ABCD"[self.seq % 4]]}
        return post(path, {"events": [event]}, self.cookies, self.csrf)


def rows(what: str, number: int, pairs: Pairs, least: float | None, aim: float) -> list[Row]:
    """The lines of a report: how many a second against the floor's, and how long one waits."""
    words = f"{number} candidates"
    rate = Row(
        f"{what} a second, {words}", [a.per_second for a, _ in pairs], "/s", [b.per_second for _, b in pairs], "floor"
    )
    target = f"≥ {aim:.0f} /s" if least is None else f"ratio ≥ {least:.2f}, ≥ {aim:.0f} /s"
    met = rate.median >= aim and (least is None or (rate.ratio or 0) >= least)
    return [
        Row(**(vars(rate) | {"target": target, "met": met})),
        Row(f"one waits, {words}, median", [a.p50 for a, _ in pairs], "ms", [b.p50 for _, b in pairs], "floor"),
        Row(f"one waits, {words}, 95 of 100", [a.p95 for a, _ in pairs], "ms", [b.p95 for _, b in pairs], "floor"),
    ]


def run(port: int, clients: Sequence[Next], seconds: float) -> Load:
    """So many clients, each asking again as soon as it is answered, for so long."""
    taken: list[list[float]] = [[] for _ in clients]
    faults: list[Exception] = []
    stop, begin = threading.Event(), threading.Barrier(len(clients) + 1)

    def ask(following: Next, times: list[float]) -> None:
        connection = Connection(port)
        begin.wait()
        try:
            while not (stop.is_set() and times):
                request = following()
                began = time.perf_counter()
                connection.ask(request)
                times.append(time.perf_counter() - began)
        except (OSError, Wrong) as wrong:
            faults.append(wrong)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=pair, daemon=True) for pair in zip(clients, taken, strict=True)]
    for thread in threads:
        thread.start()
    begin.wait()
    began = time.perf_counter()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join(60)
    spent = time.perf_counter() - began
    if faults:
        raise Wrong(str(faults[0]))
    every = sorted(one for times in taken for one in times)
    return Load(len(every) / spent, statistics.median(every) * 1000, every[int(len(every) * 0.95)] * 1000)
