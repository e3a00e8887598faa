"""The tablet's clock: right after sleep, not fooled by a clock that is set back, and honest about what it knows."""

import json
import shutil
from pathlib import Path

from config import CHECKOUT
from tests.browser import run_script


def test_the_clock_of_a_tablet(tmp_path: Path) -> None:
    shutil.copy(CHECKOUT / "assessments" / "osce" / "static" / "clock.js", tmp_path / "clock.mjs")
    shown = json.loads(run_script(Path(__file__).with_name("clock_check.mjs"), str(tmp_path)))
    assert shown["before"] == ["2026-11-22T08:00:00.000Z", True]
    assert shown["agreed"] == ["2026-11-22T08:05:00.000Z", False]
    assert shown["minute"] == ["2026-11-22T08:06:00.000Z", False]
    assert shown["slept"] == ["2026-11-22T09:06:00.000Z", True]
    assert shown["set_back"] == ["2026-11-22T09:06:01.000Z", True]
    assert shown["after"] == ["2026-11-22T09:06:03.000Z", True]
    assert shown["device"] == "2026-11-21T09:01:03.000Z"
    assert shown["whole"] is True
    assert shown["lost"] is True
    assert shown["remembered"] == ["2026-11-22T09:06:03.000Z", True]
    assert shown["words"] == ["1:05", "0:05", "0:00"]
