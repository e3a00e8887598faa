"""Faults planted in the exams' own rules, one by one: which of the tests finds each (`make campaigns`).

Writes what found what into docs/campaigns.md. A fault that no test finds fails the campaign.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import config
from tests.campaigns import figures

CHECKS = tuple(f"tests/assessments/exams/test_{name}.py" for name in ("machine", "pausing", "sitting", "late"))
_FAILED = re.compile(r"^FAILED \S+?::(\w+)", re.M)
_SAVE, _SITTING = "assessments.exams.services.answers", "assessments.exams.services.sitting"


@dataclass(frozen=True)
class Planted:
    """One fault: in words, in which module, and what is changed there."""

    words: str
    module: str
    changes: tuple[tuple[str, str], ...]


PLANTED = (
    Planted(
        "an answer of four letters is acknowledged and not kept",
        _SAVE,
        (
            (
                "FROM sent WHERE why IS NULL AND known IS NULL AND aside IS NULL",
                "FROM sent WHERE why IS NULL AND known IS NULL AND aside IS NULL AND jsonb_array_length(answer) < 4",
            ),
            (
                "ARRAY (SELECT id::text FROM kept UNION SELECT id::text FROM sent WHERE known)",
                "ARRAY (SELECT id::text FROM sent WHERE why IS NULL OR known)",
            ),
        ),
    ),
    Planted(
        "an answer that is sent again is not acknowledged",
        _SAVE,
        (("FROM kept UNION SELECT id::text FROM sent WHERE known)", "FROM kept)"),),
    ),
    Planted(
        "an answer after the deadline counts",
        _SAVE,
        (("WHEN coalesce(h.paused_at, clock_timestamp()) >= h.deadline THEN", "WHEN false THEN"),),
    ),
    Planted("an answer after the end counts", _SAVE, (("CASE WHEN h.closed THEN", "CASE WHEN false THEN"),)),
    Planted(
        "a page that has lost the pen goes on writing",
        _SAVE,
        (("WHEN s.epoch <> h.epoch THEN", "WHEN s.epoch > h.epoch THEN"),),
    ),
    Planted(
        "two pages take the same pen",
        "assessments.exams.queries.attempts",
        (("AND epoch = :seen AND", "AND epoch >= :seen AND"),),
    ),
    Planted(
        "what arrives last counts, not what was written last",
        "assessments.exams.queries.attempts",
        (("event.item_id, event.epoch.desc(), event.seq.desc(),", "event.item_id, event.received_at.desc(),"),),
    ),
    Planted(
        "a blank never takes an answer back",
        "assessments.exams.queries.attempts",
        (
            (
                "query.order_by(event.item_id, event.epoch.desc(),",
                "query.order_by(event.item_id, sa.cast(event.answer, sa.Text) == '[]', event.epoch.desc(),",
            ),
        ),
    ),
    Planted(
        "a blank overwrites whatever was answered",
        "assessments.exams.queries.attempts",
        (
            (
                "query.order_by(event.item_id, event.epoch.desc(),",
                "query.order_by(event.item_id, sa.cast(event.answer, sa.Text) != '[]', event.epoch.desc(),",
            ),
        ),
    ),
    Planted(
        "a late answer counts without anybody's word",
        "assessments.exams.queries.late",
        ((".where(event.id.in_(counting(exam)))", ".where(_of_exam(exam))"),),
    ),
    Planted(
        "who hands in after the deadline has handed in",
        _SITTING,
        (("Ending.DEADLINE if late else Ending.HANDED_IN,", "Ending.HANDED_IN,"),),
    ),
    Planted(
        "extra time is added anew each time it is set",
        "assessments.exams.services.seating",
        (("timedelta(minutes=minutes - candidate.extra_minutes)", "timedelta(minutes=minutes)"),),
    ),
    Planted(
        "a pause does not move the deadline",
        _SITTING,
        (("Attempt.deadline + (sa.func.clock_timestamp() - Attempt.paused_at)", "Attempt.deadline"),),
    ),
    Planted(
        "time goes on in a pause",
        _SAVE,
        (("WHEN coalesce(h.paused_at, clock_timestamp()) >=", "WHEN clock_timestamp() >="),),
    ),
    Planted(
        "what is paused is swept away at its deadline",
        _SITTING,
        (
            (
                "Attempt.closed_at.is_(None), Attempt.paused_at.is_(None), Attempt",
                "Attempt.closed_at.is_(None), Attempt",
            ),
        ),
    ),
    Planted(
        "a second pause begins anew",
        _SITTING,
        ((".where(Attempt.paused_at.is_(None), Attempt.deadline > clock)", ".where(Attempt.deadline > clock)"),),
    ),
    Planted(
        "what is over can still be paused",
        _SITTING,
        ((".where(Attempt.paused_at.is_(None), Attempt.deadline > clock)", ".where(Attempt.paused_at.is_(None))"),),
    ),
    Planted(
        "a pause of one room stops everybody",
        _SITTING,
        (
            (
                "return chosen if candidates is None else chosen.where(Attempt.candidate_id.in_(candidates))",
                "return chosen",
            ),
        ),
    ),
)


@pytest.fixture(scope="module")
def found() -> Iterator[dict[str, list[str]]]:
    """What found each fault; written down when all were tried."""
    collected: dict[str, list[str]] = {}
    yield collected
    if len(collected) == len(PLANTED):
        lines = "".join(f"| {words} | {', '.join(f'`{name}`' for name in by)} |\n" for words, by in collected.items())
        figures.write("planted", f"| planted | found by |\n| --- | --- |\n{lines}")


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: fault.words)
def test_a_planted_fault_is_found(fault: Planted, found: dict[str, list[str]]) -> None:
    said = _run(fault)
    found[fault.words] = sorted(set(_FAILED.findall(said.stdout)))

    assert said.returncode == 1, said.stdout[-3000:] + said.stderr[-1000:]
    assert found[fault.words]


def test_without_a_fault_nothing_is_found() -> None:
    assert _run(Planted("", "no.such.module", ())).returncode == 0


def _run(fault: Planted) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"LMS_PLANT": json.dumps({"module": fault.module, "changes": fault.changes})}
    command = [sys.executable, "-m", "pytest", "-p", "tests.campaigns.planting", "-q", *CHECKS]
    return subprocess.run(
        command, cwd=config.CHECKOUT, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
