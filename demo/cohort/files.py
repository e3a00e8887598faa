"""The cohort as files: what everybody may see, and the truth apart."""

import csv
from collections.abc import Iterable
from pathlib import Path

from demo.cohort.simulate import History


def write(histories: Iterable[History], out: Path, truth: Path | None = None) -> int:
    """Write `learner,skill,at,score`, in the order of time, and the stalls where a file is named; how many marks."""
    known = list(histories)
    marks = sorted((a.at, a.learner, a.skill, a.score) for history in known for a in history.attempts)
    _write(out, ["learner", "skill", "at", "score"], ((who, what, at, score) for at, who, what, score in marks))
    if truth is not None:
        stalls = ((s.learner, s.skill, s.began, s.ended or "", s.kind) for history in known for s in history.stalls)
        _write(truth, ["learner", "skill", "began", "ended", "kind"], stalls)
    return len(marks)


def _write(path: Path, header: list[str], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
