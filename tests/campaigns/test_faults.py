"""Nothing that was acknowledged is lost or doubled, whatever is killed, cut, filled or set back; the short campaign.

The long one is `make campaigns` (campaign_faults.py).
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assessments.exams.models import AnswerEvent, AttemptClose, LateEvent
from lms.clock import now as clock_now
from tests import databases
from tests.campaigns import clocks, disks, faults
from tests.campaigns import ground as grounds
from tests.campaigns.ground import Ground, Web
from tests.campaigns.sitters import Away, Sitter
from tests.factories.halls import Hall

pytestmark = pytest.mark.slow
KILLS, ACKNOWLEDGED = 10, 10_000


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A database server of this module's own."""
    with grounds.ground() as made:
        yield made


@pytest.fixture
def live(ground: Ground, tmp_path: Path) -> Iterator[databases.Live]:
    """A database on it, and the processes that are started."""
    with ground.live(tmp_path) as running:
        yield running


def test_nothing_acknowledged_is_lost_or_doubled(ground: Ground, live: databases.Live) -> None:
    found = faults.run(ground, live, kills=faults.schedule(KILLS), acknowledged=ACKNOWLEDGED)

    assert found.faults == faults.SOUND
    assert sum(found.kills.values()) == KILLS
    assert set(found.kills) == set(faults.KINDS)
    assert found.acknowledged >= ACKNOWLEDGED
    assert found.retries > 0, "no save was interrupted: the kills came at no bad moment"
    assert found.repeats > 0
    assert found.take_overs > found.wipes


def test_an_acknowledgement_before_the_commit_is_noticed(ground: Ground, live: databases.Live) -> None:
    app = "tests.campaigns.hasty:create_app()"
    found = faults.run(ground, live, kills=["web server"] * 2, acknowledged=600, app=app, proxied=False)

    assert found.lost > 0


def test_a_database_that_commits_to_memory_is_noticed(ground: Ground, live: databases.Live) -> None:
    """`synchronous_commit = off`; the application itself refuses to start on it (tests/lms/test_refusing.py)."""

    def weaken() -> None:
        live.database.server.run(f"ALTER DATABASE {live.database.name} SET synchronous_commit = off")

    app = "tests.campaigns.hasty:create_careless_app()"
    kills = ["database"] * 3
    found = faults.run(ground, live, kills=kills, acknowledged=1500, app=app, proxied=False, weaken=weaken)

    assert found.lost > 0


class One:
    """One candidate with one page, driven by hand."""

    def __init__(self, live: databases.Live, **exam: Any) -> None:
        person = live.world.a.doctor
        hall = Hall(live)
        self.exam_id = hall.exam(person, live.world.a.second_doctor, **exam)
        self.live = live
        self.sitter = Sitter(live.port, hall.sign_in(person), hall.attempt(person, self.exam_id))
        hall.close()
        self.web = Web(live, workers=1)
        self.web.start()
        self.sitter.begin()

    def save(self, number: int = 1) -> dict[str, Any]:
        """So many more answers, sent at once."""
        page = self.sitter.page
        for _ in range(number):
            page.type(self.sitter.chance)
        said = page.send(list(page.waiting.values()))
        for event in (*said["held"], *said["late"]):
            page.waiting.pop(event)
        return said

    def leave(self) -> None:
        """Everybody goes home."""
        self.sitter.page.close()
        self.web.kill()

    def rows(self, model: Any) -> list[Any]:
        return grounds.rows(self.live, model.__table__)


def test_a_full_disk_promises_nothing_and_loses_nothing(ground: Ground, live: databases.Live) -> None:
    try:
        with disks.small(ground, live) as folder:
            _fill_and_empty(One(live), folder)
    except disks.NoDisk as why:
        pytest.skip(str(why))


def _fill_and_empty(one: One, folder: Path) -> None:
    sitter = one.sitter
    one.save(20)
    before = len(one.rows(AnswerEvent))
    filler = disks.fill(folder, leave=256 << 10)
    for _ in range(4000):
        sitter._round()
        if sitter.retries >= 5:
            break
    assert sitter.retries >= 5, "the disk never ran full"
    with pytest.raises(Away):  # 503 and nothing else: a fault of ours would be a 500, which is Wrong
        one.save()
    assert sitter.acknowledged > 0
    held = {str(row.id) for row in one.rows(AnswerEvent)}
    assert set(sitter.held) <= held
    assert sitter.page.waiting, "what was not acknowledged is still on the device"
    filler.unlink()
    sitter._insist(sitter._drain, 30)
    after = one.rows(AnswerEvent)
    assert set(sitter.held) <= {str(row.id) for row in after}
    assert len({(row.attempt_id, row.epoch, row.seq) for row in after}) == len(after) > before
    one.leave()


@pytest.mark.skipif(not clocks.LIBRARIES, reason="libfaketime is not installed (Debian: apt-get install libfaketime)")
def test_the_deadline_is_by_the_databases_clock_however_it_is_set(ground: Ground, tmp_path: Path) -> None:
    with clocks.under_faketime(ground) as clock, ground.live(tmp_path) as live:
        clock.step(86_400)  # a day ahead of the web server's clock
        one = One(live, minutes=30, closes_at=clock_now() + timedelta(days=2))
        state = one.sitter.page.load()
        assert 29 * 60_000 < state["remaining"] <= 30 * 60_000
        assert len(one.save()["held"]) == 1
        clock.step(86_400 - 300)  # set back by five minutes: nobody is locked out, nobody loses anything
        assert len(one.save()["held"]) == 1
        clock.step(86_400 + 31 * 60)  # past the deadline
        said = one.save()
        assert (len(said["held"]), len(said["late"])) == (0, 1)
        assert said["remaining"] == 0
        one.sitter.page.post("hand-in", {})
        clock.step(86_400)  # set back once more: what has ended has ended
        said = one.save()
        assert (said["closed"], len(said["late"])) == (True, 1)
        assert [row.ending for row in one.rows(AttemptClose)] == ["deadline"]
        assert [row.why for row in sorted(one.rows(LateEvent), key=lambda row: row.seq)] == ["deadline", "closed"]
        assert len(one.rows(AnswerEvent)) == 2
        one.leave()


def test_the_guard_refuses_what_the_campaign_noticed(live: databases.Live) -> None:
    """An application that looks at its database does not start where a commit is not durable."""
    live.database.server.run(f"ALTER DATABASE {live.database.name} SET synchronous_commit = off")
    done = live.flask("people", "code", "nobody", check=False)
    assert done.returncode != 0
    assert "synchronous_commit is off" in done.stderr
    engine = live.engine()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW synchronous_commit")) == "off"
    engine.dispose()
