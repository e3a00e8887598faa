"""A lesson's page with one and with sixteen readers, and ten thousand events that a device had kept."""

import http.client
import json
import re
import time

from bench import arena, clients
from bench.readers import beside_the_floor, signed_in
from bench.report import Row
from lms import ids

TITLE = "Lessons"
DOCTOR, COURSE, LESSON = "doctor", "hypertension-primary-care", "htn-measure-right"
WORDS = (
    "`GET` of a lesson's page by a doctor who is in its course; the floor's page is one query and a fixed text. Then "
    "`POST /learning/events`: ten thousand events of two lessons that a device had kept, in two requests, each event "
    "kept once, judged, and named in the answer; and the same ten thousand again."
)
EVENTS, AT_ONCE = 10_000, 5_000
MOST = 20.0


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Alternated runs of the page and the floor; then the events, once for each run."""
    with field.copy() as copy:
        token = copy.sign_in(DOCTOR)[0]
        path = f"/courses/{COURSE}/lessons/{LESSON}"
        with arena.both(copy) as (ours, floor):
            rows = beside_the_floor((ours, floor), signed_in(path, token), what="lesson pages", runs=runs)
            cookies, csrf = _opened(ours, path, token)
            weight = len(clients.Connection(ours).ask(clients.get(path, cookies, "br")))
            first, again = zip(*(_synchronise(ours, cookies, csrf) for _ in range(runs)), strict=True)
    return [
        *rows,
        Row("a lesson's page as it is sent, packed", [weight / 1000], "kB"),
        Row(f"{EVENTS} events kept", first, "s", target=f"≤ {MOST:.0f}", met=max(first) <= MOST),
        Row("the same again", again, "s"),
    ]


def _opened(port: int, path: str, token: str) -> tuple[str, str]:
    """Open the page as a browser does: its cookies, and the token it sends with what it tells."""
    connection = http.client.HTTPConnection(clients.HOST, port, timeout=30)
    connection.request("GET", path, headers={"Cookie": f"session_id={token}"})
    answer = connection.getresponse()
    found = re.search(r'data-token="([^"]+)"', answer.read().decode())
    if answer.status != http.client.OK or found is None:
        raise clients.Wrong(f"{answer.status} for {path}")
    given = [value.split(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie"]
    return "; ".join([f"session_id={token}", *given]), found[1]


def _synchronise(port: int, cookies: str, csrf: str) -> tuple[float, float]:
    """Seconds for events nobody knows yet, and for the same once more."""
    events = [_event(n) for n in range(EVENTS)]
    batches = [
        clients.post("/learning/events", {"events": events[first : first + AT_ONCE]}, cookies, csrf)
        for first in range(0, EVENTS, AT_ONCE)
    ]
    took = []
    for _ in range(2):
        begin = time.perf_counter()
        answers = [clients.Connection(port).ask(one) for one in batches]
        took.append(time.perf_counter() - begin)
        kept = sum(len(json.loads(one.partition(b"\r\n\r\n")[2])["acknowledged"]) for one in answers)
        if kept != EVENTS:
            raise clients.Wrong(f"{kept} of {EVENTS} events were acknowledged")
    return took[0], took[1]


def _event(n: int) -> dict[str, object]:
    lesson = (LESSON, "htn-diagnosis")[n % 2]
    made: dict[str, object] = {"id": str(ids.uuid7()), "course": COURSE, "lesson": lesson, "ago": n}
    if n % 10 == 0:
        return made | {"kind": "self_check", "question": n % 3, "chosen": [n % 4]}
    return made | {"kind": "position", "anchor": f"b{n % 30 + 1}"}
