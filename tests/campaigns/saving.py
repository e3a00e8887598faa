"""Candidates who save without pause while the web server is killed under them; how many is a parameter."""

import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assessments.exams.models import AnswerEvent, LateEvent
from lms import ids
from tests import databases
from tests.factories.halls import Hall

SERVER = "lms:create_app()"
STATE = re.compile(r'<script type="application/json" id="attempt-state">(.*?)</script>', re.S)


@dataclass
class Outcome:
    """What a campaign came to."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    changed: int = 0
    retries: int = 0


@dataclass
class Candidate:
    """One page that saves as fast as it is acknowledged, and sends again what was not."""

    address: tuple[str, int]
    token: str
    attempt_id: Any
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    retries: int = 0
    wrong: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Open the page as a browser does: its cookie, its token, its items, the pen."""
        self._connection = http.client.HTTPConnection(*self.address, timeout=10)
        self._connection.request("GET", f"/attempts/{self.attempt_id}", headers={"Cookie": f"session_id={self.token}"})
        answer = self._connection.getresponse()
        page = answer.read().decode()
        assert answer.status == 200, (answer.status, page[:400])
        cookies = [value.split(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie"]
        self._cookies = "; ".join([f"session_id={self.token}", *cookies])
        state = json.loads(STATE.search(page)[1])  # type: ignore[index]
        self._csrf = state["csrf"]
        self._items = [int(item) for item in re.findall(r'data-item="(\d+)"', page)]
        self._epoch = self._post("pen", {"seen": state["epoch"]})["epoch"]
        self._seq = 0

    def _post(self, what: str, body: Any) -> Any:
        headers = {
            "Cookie": self._cookies,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-CSRFToken": self._csrf,
        }
        self._connection.request("POST", f"/attempts/{self.attempt_id}/{what}", json.dumps(body), headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise OSError(f"{answer.status} {said[:200]!r}")
        return json.loads(said)

    def run(self, stop: threading.Event) -> None:
        """Until told to stop: a new answer, sent until it is acknowledged."""
        chance = random.Random(str(self.attempt_id))
        while not stop.is_set():
            self._seq += 1
            event = {
                "id": str(ids.uuid7()),
                "item": chance.choice(self._items),
                "seq": self._seq,
                "epoch": self._epoch,
                "answer": [chance.choice("ABCD")],
            }
            self._until_held(event, stop)
        self._connection.close()

    def _until_held(self, event: dict[str, Any], stop: threading.Event) -> None:
        while True:
            try:
                said = self._post("answers", {"events": [event]})
            except (OSError, http.client.HTTPException, ValueError) as wrong:
                if "40" in str(wrong)[:3]:
                    self.wrong.append(str(wrong))
                    return
                self.retries += 1
                self._connection.close()
                if stop.is_set():
                    return
                time.sleep(0.05)
                continue
            if event["id"] in said["held"]:
                self.acknowledged[event["id"]] = event
            else:
                self.wrong.append(f"not held: {said}")
            return


def kill(process: subprocess.Popen[bytes], live: databases.Live) -> None:
    """kill -9 of the web server and of its worker processes, found by their parent."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)
    live.kill(process)


def serve(live: databases.Live, server: str = SERVER) -> subprocess.Popen[bytes]:
    """A web server that makes its application so."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        server,
        "-b",
        f"127.0.0.1:{live.port}",
        "--threads",
        "8",
        "-k",
        "gthread",
    ]
    process = live._start(command)
    databases.wait_for(f"{live.address}/readyz", process)
    return process


def run(live: databases.Live, *, kills: int, seconds: float, persons: list[int], server: str = SERVER) -> Outcome:
    """So many kills, so many seconds apart, with one saving page for each of these persons."""
    hall = Hall(live)
    exam_id = hall.exam(*persons)
    pages = [
        Candidate(("127.0.0.1", live.port), hall.sign_in(person), hall.attempt(person, exam_id)) for person in persons
    ]
    hall.close()
    process = serve(live, server)
    for page in pages:
        page.open()
    stop = threading.Event()
    threads = [threading.Thread(target=page.run, args=(stop,), daemon=True) for page in pages]
    for thread in threads:
        thread.start()
    for _ in range(kills):
        time.sleep(seconds)
        kill(process, live)
        process = serve(live, server)
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    time.sleep(0.5)
    kill(process, live)
    return _count(live, pages, kills)


def _count(live: databases.Live, pages: list[Candidate], kills: int) -> Outcome:
    outcome = Outcome(kills)
    engine = live.engine()
    with engine.connect() as connection:
        table = AnswerEvent.__table__
        late = connection.scalar(sa.select(sa.func.count()).select_from(LateEvent.__table__))
        rows = connection.execute(sa.select(table)).all()
    engine.dispose()
    kept = {str(row.id): row for row in rows}
    places = [(row.attempt_id, row.epoch, row.seq) for row in rows]
    outcome.doubled = len(places) - len(set(places))
    assert late == 0
    for page in pages:
        assert page.wrong == []
        outcome.retries += page.retries
        outcome.acknowledged += len(page.acknowledged)
        for event_id, event in page.acknowledged.items():
            row = kept.get(event_id)
            outcome.lost += row is None
            outcome.changed += row is not None and (row.item_id, row.answer) != (event["item"], event["answer"])
    return outcome
