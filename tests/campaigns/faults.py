"""Candidates who save without pause while everything under them is killed; then every promise is held against the rows.

`run` is the same for the short campaign (with the tests) and the long one (`make campaigns`); only numbers differ.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from assessments.exams.models import AnswerEvent, LateEvent
from tests import databases
from tests.campaigns import ground as grounds
from tests.campaigns.ground import Ground, Web
from tests.campaigns.sitters import Sitter
from tests.factories.halls import Hall

Stand = dict[int, list[str]]
#: What is killed, in turn: a web server takes long to come back, and few are enough.
KINDS = ("database", "one worker", "database", "database", "web server", *["database"] * 3, "one worker")
KINDS += ("database",) * 3


def schedule(number: int) -> list[str]:
    """So many kills of all kinds, in turn."""
    return [KINDS[n % len(KINDS)] for n in range(number)]


@dataclass
class Outcome:
    """What a campaign came to."""

    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0
    acknowledged: int = 0
    late: int = 0
    requests: int = 0
    retries: int = 0
    repeats: int = 0
    take_overs: int = 0
    reloads: int = 0
    wipes: int = 0
    lost: int = 0
    doubled: int = 0
    changed: int = 0
    stale: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, Any]:
        """What must be nothing at all."""
        return {name: getattr(self, name) for name in ("lost", "doubled", "changed", "stale", "wrong")}


SOUND: dict[str, Any] = {"lost": 0, "doubled": 0, "changed": 0, "stale": 0, "wrong": []}


def run(
    ground: Ground,
    live: databases.Live,
    *,
    kills: Sequence[str],
    acknowledged: int,
    app: str = grounds.SERVER,
    proxied: bool = True,
    weaken: Callable[[], None] | None = None,
    within: float = float("inf"),
) -> Outcome:
    """Candidates of a whole county save until so many answers are acknowledged and everything listed was killed.

    After `within` seconds it comes to an end with what there is: a busy machine makes it shorter, not endless.

    `weaken` takes a safeguard of the database away, when everybody is seated and before the web server starts.
    """
    began = time.monotonic()
    web = Web(live, app)
    tokens, attempts = _seat(live)
    if weaken is not None:
        weaken()
    web.start()
    outcome = Outcome()
    with grounds.proxy(live, len(kills)) if proxied else nullcontext(live.port) as bad:
        pairs = zip(tokens, attempts, strict=True)
        sitters = [Sitter(bad if n % 2 else live.port, *pair) for n, pair in enumerate(pairs)]
        stop = threading.Event()
        threads = [threading.Thread(target=_sit, args=(sitter, stop), daemon=True) for sitter in sitters]
        for thread in threads:
            thread.start()
        for number, kind in enumerate(kills, 1):
            _until_acknowledged(sitters, threads, acknowledged * number // (len(kills) + 1))
            if time.monotonic() - began > within:
                acknowledged = 0
                break
            _kill(ground, web, kind)
            outcome.kills[kind] += 1
        _until_acknowledged(sitters, threads, acknowledged)
        stop.set()
        for thread in threads:
            thread.join(120)
        assert not any(thread.is_alive() for thread in threads), "a candidate never came to an end"
    outcome.seconds = time.monotonic() - began
    time.sleep(0.6)  # what the proxy sent twice and late may still be arriving
    stands = [sitter.stand(live.port) for sitter in sitters]
    web.kill()
    return _count(live, sitters, stands, outcome)


def _sit(sitter: Sitter, stop: threading.Event) -> None:
    try:
        sitter.begin()
    except Exception as wrong:
        sitter.wrong.append(repr(wrong))
        return
    sitter.run(stop)


def _seat(live: databases.Live) -> tuple[list[str], list[Any]]:
    """Everybody of a county who can sit, signed in and begun."""
    county = live.world.a
    names = ("doctor", "second_doctor", "village_doctor", "nurse", "examiner", "second_examiner")
    persons = [county.people[name] for name in names if name in county.people]
    hall = Hall(live)
    exam_id = hall.exam(*persons, questions=20, minutes=600)
    seated = [hall.sign_in(person) for person in persons], [hall.attempt(person, exam_id) for person in persons]
    hall.close()
    return seated


def _until_acknowledged(sitters: Sequence[Sitter], threads: Sequence[threading.Thread], number: int) -> None:
    """Wait until so many answers are acknowledged in all; fails when nothing moves any more."""
    last, since = -1, time.monotonic()
    while (sum_now := sum(sitter.acknowledged for sitter in sitters)) < number:
        if sum_now != last:
            last, since = sum_now, time.monotonic()
        assert time.monotonic() - since < 60, f"nothing was acknowledged for a minute: {[s.wrong for s in sitters]}"
        assert any(thread.is_alive() for thread in threads), [sitter.wrong for sitter in sitters]
        time.sleep(0.01)


def _kill(ground: Ground, web: Web, kind: str) -> None:
    time.sleep(random.random() * 0.1)
    if kind == "database":
        ground.kill()
        ground.recover()
    elif kind == "web server":
        web.kill()
        web.start()
    else:
        web.kill_one_worker()
    web.answers()


def _count(live: databases.Live, sitters: Sequence[Sitter], stands: Sequence[Stand], outcome: Outcome) -> Outcome:
    """Every promise against the rows, read past the application."""
    rows: list[Any] = grounds.rows(live, AnswerEvent.__table__)
    aside: list[Any] = grounds.rows(live, LateEvent.__table__)
    kept, late = ({str(row.id): row for row in found} for found in (rows, aside))
    places = Counter((row.attempt_id, row.epoch, row.seq) for row in (*rows, *aside))
    outcome.doubled = sum(number - 1 for number in places.values()) + len(kept.keys() & late.keys())
    for sitter, shown in zip(sitters, stands, strict=True):
        outcome.stale += shown != _current(rows, sitter)
        for name in ("requests", "retries", "repeats", "take_overs", "reloads", "wipes"):
            setattr(outcome, name, getattr(outcome, name) + getattr(sitter, name))
        outcome.wrong += sitter.wrong
        outcome.acknowledged += sitter.acknowledged
        outcome.late += len(sitter.late)
        for promised, there in ((sitter.held, kept), (sitter.late, late)):
            for number, event in promised.items():
                row = there.get(number)
                outcome.lost += row is None
                outcome.changed += row is not None and not _same(row, event)
    return outcome


def _current(rows: Sequence[Any], sitter: Sitter) -> Stand:
    """The answer to each item that counts, in the plainest words: the newest one by epoch and place."""
    own = [row for row in rows if str(row.attempt_id) == str(sitter.attempt_id)]
    return {row.item_id: row.answer for row in sorted(own, key=lambda row: (row.epoch, row.seq, row.id))}


def _same(row: Any, event: dict[str, Any]) -> bool:
    return (row.item_id, row.seq, row.epoch, row.answer) == tuple(event[n] for n in ("item", "seq", "epoch", "answer"))
