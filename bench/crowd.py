"""A crowd of candidates in one process: `python -m bench.crowd FILE.json` begins, saves, beats, and prints what it saw.

Answers are due at fixed moments, and each wait is counted from the moment it was due: a server that stumbles cannot
hide it by making its clients wait before they ask.
"""

import asyncio
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lms import ids

HOST = "127.0.0.1"
BEAT, PATIENCE = 15.0, 30.0
STATE = re.compile(rb'<script type="application/json" id="attempt-state">(.*?)</script>', re.S)
ITEM = re.compile(rb'data-item="(\d+)"')
TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
_LENGTH = re.compile(rb"(?i)\ncontent-length: *(\d+)")
_COOKIE = re.compile(rb"(?i)\nset-cookie: *([^=]+)=([^;\r]*)")
_GOES_TO = re.compile(rb"(?i)\nlocation: *(\S+)")


class Away(Exception):
    """No answer, or one that says to come back."""


@dataclass
class Candidate:
    """One browser."""

    port: int
    token: str
    waits: list[float]
    acknowledged: list[str]
    cookies: dict[str, str] = field(default_factory=dict)
    epoch: int = 0
    seq: int = 0
    retries: int = 0
    ready: bool = False
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self, exam: int) -> None:
        """Have the page before the exam open, as everybody in the hall has."""
        _, body = await self._ask("GET", f"/exams/{exam}/start")
        self._form = urlencode({"csrf_token": TOKEN.search(body)[1].decode()})  # type: ignore[index]

    async def begin(self, exam: int) -> None:
        """Press the button, and go on until this page writes."""
        head, _ = await self._ask("POST", f"/exams/{exam}/start", self._form, "application/x-www-form-urlencoded")
        self._path = _GOES_TO.search(head)[1].decode()  # type: ignore[index]
        _, body = await self._ask("GET", self._path)
        state = json.loads(STATE.search(body)[1])  # type: ignore[index]
        self._csrf, self._items = state["csrf"], [int(item) for item in ITEM.findall(body)]
        said = await self._post("pen", {"seen": state["epoch"]})
        self.epoch, self.ready = said["epoch"], True

    async def save(self, due: float) -> None:
        """The next answer, sent until it is acknowledged; the wait is counted from when it was due."""
        self.seq += 1
        event = {"id": str(ids.uuid7()), "item": self._items[self.seq % len(self._items)], "seq": self.seq}
        event |= {"epoch": self.epoch, "answer": ["ABCD"[self.seq % 4]]}
        said = await self.insist(lambda: self._post("answers", {"events": [event]}))
        if event["id"] not in said["held"]:
            raise RuntimeError(f"not held: {said}")
        self.waits.append(time.perf_counter() - due)
        self.acknowledged.append(str(event["id"]))

    async def beat(self) -> None:
        """Say that the page is there."""
        with suppress(Away):
            await self._post("beat", {"epoch": self.epoch, "unsaved": 0})

    async def insist(self, act: Callable[[], Awaitable[Any]]) -> Any:
        """Again until it is answered."""
        while True:
            try:
                return await act()
            except Away:
                self.retries += 1
                await asyncio.sleep(0.2 + random.random())

    async def _post(self, what: str, body: Any) -> Any:
        _, said = await self._ask("POST", f"{self._path}/{what}", json.dumps(body), "application/json")
        return json.loads(said)

    async def _ask(self, method: str, path: str, content: str = "", kind: str = "") -> tuple[bytes, bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: session_id={self.token}; {cookies}\r\n"
        if kind:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(content.encode())}\r\n"
        if kind == "application/json":
            head += f"X-CSRFToken: {self._csrf}\r\nAccept: application/json\r\n"
        async with self._one_at_a_time:
            try:
                said, body = await asyncio.wait_for(self._exchange(f"{head}\r\n{content}".encode()), PATIENCE)
            except (TimeoutError, OSError, EOFError):
                self._close()
                raise Away from None
        status = int(said[9:12])
        if status in (429, 503):
            raise Away
        if status not in (200, 303):
            raise RuntimeError(f"{status} for {method} {path}: {body[:300]!r}")
        self.cookies |= {name.decode(): value.decode() for name, value in _COOKIE.findall(said)}
        return said, body

    async def _exchange(self, request: bytes) -> tuple[bytes, bytes]:
        fresh = self._streams is None
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self.port)
        reader, writer = self._streams
        writer.write(request)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (OSError, EOFError):
            self._close()
            if fresh:
                raise
            return await self._exchange(request)  # a kept connection that the server had closed meanwhile
        found = _LENGTH.search(head)
        body = await reader.readexactly(int(found[1])) if found else b""
        if b"connection: close" in head.lower():
            self._close()
        return head, body

    def _close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


async def run(told: dict[str, Any]) -> dict[str, Any]:
    """All of it; what it came to."""
    begun: list[float] = []
    waits: list[float] = []
    acknowledged: list[str] = []
    crowd = [Candidate(told["port"], token, waits, acknowledged) for token in told["tokens"]]
    for first in range(0, len(crowd), 20):
        some = crowd[first : first + 20]
        await asyncio.gather(*(one.insist(partial(one.look, told["exam"])) for one in some))
    start, pace = time.perf_counter() + 0.5, told["window"] / len(crowd)
    await asyncio.gather(*(_begin(one, told["exam"], start + n * pace, begun) for n, one in enumerate(crowd)))
    start = time.perf_counter() + 0.5
    until = start + told["seconds"]
    beats = [asyncio.create_task(_beats(one, until)) for one in crowd]
    rate, every = told["rate"], len(crowd) / told["rate"]
    saves = [asyncio.create_task(_saves(one, start + n / rate, every, until)) for n, one in enumerate(crowd)]
    await asyncio.gather(*saves, *beats)
    Path(told["acknowledged"]).write_text("\n".join(acknowledged))
    return {
        "begun": sum(one.ready for one in crowd),
        **_figures("begin", begun),
        **_figures("save", waits),
        "acknowledged": len(acknowledged),
        "unacknowledged": sum(one.seq for one in crowd) - len(acknowledged),
        "retries": sum(one.retries for one in crowd),
    }


async def _begin(one: Candidate, exam: int, due: float, begun: list[float]) -> None:
    await asyncio.sleep(max(0.0, due - time.perf_counter()))
    await one.insist(lambda: one.begin(exam))
    begun.append(time.perf_counter() - due)


async def _saves(one: Candidate, due: float, every: float, until: float) -> None:
    while due < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await one.save(due)
        due += every


async def _beats(one: Candidate, until: float) -> None:
    await asyncio.sleep(random.random() * BEAT)
    while time.perf_counter() < until:
        await one.beat()
        await asyncio.sleep(BEAT * (0.8 + 0.4 * random.random()))


def _figures(name: str, times: list[float]) -> dict[str, float]:
    every = sorted(times)
    return {f"{name}_p50": statistics.median(every) * 1000, f"{name}_p95": every[int(len(every) * 0.95)] * 1000}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.loads(Path(sys.argv[1]).read_text())))))
