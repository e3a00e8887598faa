"""Every acknowledged answer is there after kill -9 of the web server in the middle of saving."""

import os

import pytest

from tests.campaigns import saving
from tests.databases import Live

#: The long campaign sets these; the short one runs with the rest of the tests.
KILLS = int(os.environ.get("LMS_CAMPAIGN_KILLS", "3"))
SECONDS = float(os.environ.get("LMS_CAMPAIGN_SECONDS", "1.5"))


def persons(live: Live) -> list[int]:
    a = live.world.a
    return [a.doctor, a.second_doctor, a.village_doctor, a.examiner]


@pytest.mark.slow
def test_no_acknowledged_answer_is_lost_or_doubled(live: Live) -> None:
    found = saving.run(live, kills=KILLS, seconds=SECONDS, persons=persons(live))

    assert found.kills == KILLS
    assert found.acknowledged > 50 * KILLS
    assert found.retries > 0, "no save was interrupted: the kills came at no bad moment"
    assert (found.lost, found.doubled, found.changed) == (0, 0, 0)


@pytest.mark.slow
def test_the_campaign_notices_an_acknowledgement_before_the_commit(live: Live) -> None:
    found = saving.run(live, kills=2, seconds=1.0, persons=persons(live), server="tests.campaigns.hasty:create_app()")

    assert found.lost > 0
