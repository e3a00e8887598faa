"""Thirty tablets that come back from a day without network at once: twenty stations, thirty candidates."""

import http.client
import json
import re
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench import arena, clients
from bench.report import Row
from bench.round import TABLETS, Duty, Rounds
from lms import clock, ids

TITLE = "Thirty tablets after a day without network"
WORDS = (
    "Twenty stations and thirty candidates, a second examiner at ten of the stations: thirty enrolled tablets with "
    "thirty signed sheets each. All are back at the same moment; each asks how its station stands (`GET …/standing`) "
    "and sends its sheets one after the other (`POST /osce/stations/<id>/sheets`), as the tablet's own outbox does, "
    "but without its jitter, which only makes it easier. A sheet is confirmed when its signature held, it was "
    "committed, and the answer names it with a proof. The floor's tablets send as many of its saves. The clients are "
    "threads of one process on the same cores."
)
STATE = re.compile(r'<script type="application/json" id="station-state">(.*?)</script>', re.S)
MOST = 60.0


@dataclass(frozen=True)
class Took:
    """What one reconciliation came to."""

    seconds: float
    sheets: int
    p50: float
    p95: float


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Alternated runs, each with a day of its own; in the end every sheet is counted in the table."""
    pairs = []
    with field.copy() as copy:
        rounds = Rounds(copy)
        before = rounds.taken()
        with arena.both(copy) as (ours, floor):
            for number in range(runs + 1):
                days = [_sending(ours, duty) for duty in rounds.day()]
                pair = _all(ours, days), _all(floor, [_saving(len(one) - 1) for one in days])
                if number:  # the first one warms both
                    pairs.append(pair)
        lost = (runs + 1) * pairs[0][0].sheets - (rounds.taken() - before)
    return _rows(pairs, lost)


def _rows(pairs: list[tuple[Took, Took]], lost: int) -> list[Row]:
    own, least = zip(*pairs, strict=True)
    words = f"{TABLETS} tablets, {own[0].sheets} sheets"
    whole = Row(f"until all are confirmed, {words}", [a.seconds for a in own], "s", [b.seconds for b in least], "floor")
    rate = [a.sheets / a.seconds for a in own], [b.sheets / b.seconds for b in least]
    return [
        Row(**(vars(whole) | {"target": f"≤ {MOST:.0f} s", "met": whole.median <= MOST})),
        Row("sheets a second", rate[0], "/s", rate[1], "floor"),
        Row("one upload, median", [a.p50 for a in own], "ms", [b.p50 for b in least], "floor"),
        Row("one upload, 95 of 100", [a.p95 for a in own], "ms", [b.p95 for b in least], "floor"),
        Row("confirmed and not in the table", [float(lost)], "sheets", target="0", met=lost == 0),
    ]


def _sending(port: int, duty: Duty) -> list[bytes]:
    """Everything that a tablet sends when it is back, as bytes; its page was opened in the morning."""
    connection = http.client.HTTPConnection(clients.HOST, port, timeout=60)
    path = f"/osce/stations/{duty.station}"
    connection.request("GET", path, headers={"Cookie": f"session_id={duty.token}"})
    answer = connection.getresponse()
    found = STATE.search(answer.read().decode())
    if answer.status != 200 or found is None:
        raise clients.Wrong(f"{answer.status} for the station's page")
    given = [value.split(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie"]
    cookies, csrf = "; ".join([f"session_id={duty.token}", *given]), json.loads(found[1])["csrf"]
    connection.close()
    sheets = [clients.post(f"{path}/sheets", _sheet(duty, one), cookies, csrf) for one in duty.candidates]
    return [clients.get(f"{path}/standing", cookies), *sheets]


def _sheet(duty: Duty, candidate: int) -> dict[str, Any]:
    now = clock.now().isoformat(timespec="milliseconds")
    body = {
        "id": str(ids.uuid7()),
        "examiner": duty.examiner,
        "station": duty.station,
        "candidate": candidate,
        "marks": {item["code"]: item["points"] for item in duty.body["items"]},
        "rating": duty.body["levels"][-1]["code"],
        "comment": "手法熟练，沟通清楚；测量前休息时间略短，记录完整。",
        "reason": "",
        "supersedes": None,
        "begun_at": now,
        "device_begun_at": now,
        "ended_at": now,
        "device_ended_at": now,
        "own_clock": True,
    }
    return duty.key.signed(body)


def _saving(number: int) -> list[bytes]:
    """As many of the floor's saves; the first is sent twice, in the place of the question how things stand."""
    saves = [
        clients.post("/save", {"events": [{"id": str(ids.uuid7()), "item": n, "answer": ["A"]}]}, "", "")
        for n in range(number)
    ]
    return [saves[0], *saves]


def _all(port: int, tablets: Sequence[Sequence[bytes]]) -> Took:
    """All at once, each one after the other; every answer must be a good one."""
    waits: list[list[float]] = [[] for _ in tablets]
    faults: list[Exception] = []
    begin = threading.Barrier(len(tablets) + 1)

    def reconcile(requests: Sequence[bytes], times: list[float]) -> None:
        connection = clients.Connection(port)
        begin.wait()
        try:
            for request in requests:
                asked = time.perf_counter()
                connection.ask(request)
                times.append(time.perf_counter() - asked)
        except (OSError, clients.Wrong) as wrong:
            faults.append(wrong)
        finally:
            connection.close()

    threads = [threading.Thread(target=reconcile, args=pair, daemon=True) for pair in zip(tablets, waits, strict=True)]
    for thread in threads:
        thread.start()
    begin.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join(600)
    seconds = time.perf_counter() - began
    if faults or any(thread.is_alive() for thread in threads):
        raise clients.Wrong(str(faults[0]) if faults else "a tablet was never done")
    uploads = sorted(one for times in waits for one in times[1:])
    p50, p95 = statistics.median(uploads) * 1000, uploads[int(len(uploads) * 0.95)] * 1000
    return Took(seconds, len(uploads), p50, p95)
