"""Candidates of a campaign: each writes without pause, on pages that are reloaded, wiped, copied and taken over."""

import hashlib
import hmac
import json
import random
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from lms import ids

HOST = "127.0.0.1"
STATE = re.compile(r'<script type="application/json" id="attempt-state">(.*?)</script>', re.S)
ITEM = re.compile(r'data-item="(\d+)"')
_LENGTH = re.compile(rb"(?i)\ncontent-length: *(\d+)")
#: What a page sends at once at most, types in one round at most, and types ahead while nothing is acknowledged.
MOST, TYPED, AHEAD = 50, 30, 200
#: Chances a round: reload, storage wiped, a second device takes over, acknowledged answers sent again.
RELOAD, WIPE, TAKE_OVER, AGAIN = 0.01, 0.004, 0.01, 0.1


class Away(Exception):
    """No answer, or one that promises nothing; to be tried again."""


class Wrong(Exception):
    """An answer that must never come: the campaign has found a fault."""


def ask(connection: socket.socket, request: bytes) -> tuple[int, bytes, bytes]:
    """Status, head and body; raises Away when the other side is gone."""
    try:
        connection.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            got += _some(connection)
        head, _, body = got.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        while len(body) < length:
            body += _some(connection)
    except OSError as gone:
        raise Away from gone
    return int(head[9:12]), head, body


def _some(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise Away
    return piece


@dataclass
class Page:
    """One page in one browser: what it holds unsent, and the pen it took."""

    port: int
    token: str
    attempt_id: Any
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    epoch: int = 0
    seq: int = 0
    _connection: socket.socket | None = None

    def load(self) -> dict[str, Any]:
        """Open or reload the page: its token, the items, and how the attempt stands."""
        head = f"GET /attempts/{self.attempt_id} HTTP/1.1\r\nHost: {HOST}\r\nCookie: session_id={self.token}\r\n\r\n"
        status, said, body = self._ask(head.encode())
        text = body.decode()
        found = STATE.search(text)
        if status != 200 or found is None:
            raise Away if status >= 500 else Wrong(f"{status} for the page: {text[:300]}")
        given = re.findall(rb"(?i)\nset-cookie: *([^;\r]+)", said)
        self._cookies = "; ".join([f"session_id={self.token}", *(one.decode() for one in given)])
        state: dict[str, Any] = json.loads(found[1])
        self._csrf, self._receipt = state["csrf"], bytes.fromhex(state["receipt"])
        self.items = [int(item) for item in ITEM.findall(text)]
        return state

    def take_pen(self, seen: int) -> None:
        """Write from now on; the centre's newest place in the order is where this page goes on."""
        said = self.post("pen", {"seen": seen})
        self.epoch = said["epoch"]
        self.seq = 0

    def type(self, chance: random.Random) -> None:
        """One more answer, kept on the device before anything is sent."""
        self.seq += 1
        event = {"id": str(ids.uuid7()), "item": chance.choice(self.items), "seq": self.seq, "epoch": self.epoch}
        event["answer"] = [chance.choice("ABCD")]
        self.waiting[str(event["id"])] = event

    def send(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        """Send these; what comes back must prove that the centre said it."""
        said: dict[str, Any] = self.post("answers", {"events": events})
        named = [*said["held"], *said["late"]]
        text = "\n".join([str(self.attempt_id), *sorted(named)])
        if not hmac.compare_digest(hmac.new(self._receipt, text.encode(), hashlib.sha256).hexdigest(), said["proof"]):
            raise Wrong("an acknowledgement that does not prove itself")
        strangers = set(named) - {event["id"] for event in events}
        if strangers:
            raise Wrong(f"acknowledged what was not sent: {strangers}")
        return said

    def get(self, what: str) -> Any:
        """JSON from the centre."""
        head = f"GET /attempts/{self.attempt_id}/{what} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n"
        status, _, said = self._ask(f"{head}Cookie: {self._cookies}\r\n\r\n".encode())
        if status != 200:
            raise Wrong(f"{status} for {what}: {said[:300]!r}")
        return json.loads(said)

    def post(self, what: str, body: Any) -> Any:
        """JSON there and back."""
        content = json.dumps(body).encode()
        head = (
            f"POST /attempts/{self.attempt_id}/{what} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {self._cookies}\r\n"
            f"X-CSRFToken: {self._csrf}\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        status, _, said = self._ask(head.encode() + content)
        if status == 503:
            raise Away
        if status != 200:
            raise Wrong(f"{status} for {what}: {said[:300]!r}")
        return json.loads(said)

    def _ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        try:
            if self._connection is None:
                self._connection = socket.create_connection((HOST, self.port), timeout=15)
                self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            status, head, body = ask(self._connection, request)
        except (OSError, Away):
            self.close()
            raise Away from None
        if b"connection: close" in head.lower():
            self.close()
        return status, head, body

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@dataclass
class Sitter:
    """One candidate, with one page that writes and one that was overtaken; and what they were promised."""

    port: int
    token: str
    attempt_id: Any
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    late: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: int = 0
    retries: int = 0
    reloads: int = 0
    wipes: int = 0
    take_overs: int = 0
    repeats: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(str(self.attempt_id))
        self.page = Page(self.port, self.token, self.attempt_id)

    @property
    def acknowledged(self) -> int:
        """How many answers the centre said it holds."""
        return len(self.held) + len(self.late)

    def begin(self) -> None:
        """Open the page and take the pen."""
        self._insist(self._take_over, 60)

    def run(self, stop: threading.Event) -> None:
        """Write until told to stop, then until all that was typed is acknowledged."""
        try:
            while not stop.is_set():
                self._round()
            self._insist(self._drain, 90)
        except Wrong as wrong:
            self.wrong.append(str(wrong))
        finally:
            self.page.close()

    def stand(self, port: int) -> dict[int, list[str]]:
        """The answers that count, as the centre says on a good connection."""
        self.page.close()
        if not self.page.epoch:  # it never began, and says why in `wrong`
            return {}
        self.page.port = port
        said: dict[str, Any] = {}
        self._insist(lambda: said.update(self.page.get("stand")), 60)
        self.page.close()
        return {int(item): one["answer"] for item, one in said["answers"].items()}

    def _round(self) -> None:
        happening = self.chance.random()
        try:
            if happening < RELOAD:
                self._reload()
            elif happening < RELOAD + WIPE:
                self._wipe()
            elif happening < RELOAD + WIPE + TAKE_OVER:
                self._take_over()
            if len(self.page.waiting) < AHEAD:
                for _ in range(self.chance.randint(1, TYPED)):
                    self.page.type(self.chance)
            self._send()
        except Away:
            self.retries += 1
            time.sleep(0.02 + 0.06 * self.chance.random())

    def _send(self) -> None:
        """Some of what waits, in any order, sometimes with what was acknowledged long ago."""
        waiting = list(self.page.waiting.values())
        batch = self.chance.sample(waiting, min(len(waiting), self.chance.randint(1, MOST)))
        if self.held and self.chance.random() < AGAIN:
            batch.append(self.held[self.chance.choice(list(self.held)[-100:])])
            self.repeats += 1
        self._deliver(self.page, batch)

    def _deliver(self, page: Page, batch: list[dict[str, Any]]) -> None:
        if not batch:
            return
        said = page.send(batch)
        self.requests += 1
        events = {event["id"]: event for event in batch}
        for name, kept in (("held", self.held), ("late", self.late)):
            for number in said[name]:
                kept[number] = events[number]
                page.waiting.pop(number, None)

    def _reload(self) -> None:
        """The outbox survives; the pen is still this page's."""
        self.page.load()
        self.reloads += 1

    def _wipe(self) -> None:
        """The browser's storage is gone: with it what was not acknowledged, and nothing else."""
        self.page.waiting.clear()
        self._take_over()
        self.wipes += 1

    def _take_over(self) -> None:
        """A second page or device takes the pen; the first one sends what it still holds, too late."""
        second = Page(self.port, self.token, self.attempt_id)
        try:
            second.take_pen(second.load()["epoch"])
        except (Away, Wrong):
            second.close()
            raise
        first, self.page = self.page, second
        self.take_overs += 1
        try:
            self._deliver(first, list(first.waiting.values())[:MOST])
        finally:
            first.close()

    def _drain(self) -> None:
        while self.page.waiting:
            self._deliver(self.page, list(self.page.waiting.values())[:MOST])

    def _insist(self, act: Any, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                act()
                return
            except Away:
                if time.monotonic() > until:
                    raise Wrong("no answer for too long") from None
                self.retries += 1
                time.sleep(0.1)
