"""Attempts out of a file: CSV with the columns learner, skill, at and score."""

import csv
import io
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from assessments.stall.rules.history import Attempt, History, Notes, days, tidy
from lms.errors import Invalid

COLUMNS = ("learner", "skill", "at", "score")


def read_attempts(path: Path) -> tuple[History, Notes]:
    """All attempts of a file, in order; raises Invalid naming file and line of what cannot be one.

    Nothing is left out in silence: a mark that is no number from 0 to 100, or a time that cannot be read, is refused.
    Times without a zone are taken as UTC.
    """
    attempts = list(_attempts(path))
    if not attempts:
        raise Invalid("there are no attempts in it", file=path)
    return tidy(attempts)


def _attempts(path: Path) -> Iterator[Attempt]:
    rows = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        if not header:
            raise Invalid("it is empty; its first line names the columns learner,skill,at,score", file=path)
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise Invalid(f"column {missing[0]} is missing; there must be {','.join(COLUMNS)}", file=path, line=1)
        places = [header.index(name) for name in COLUMNS]
        for row in rows:
            if row:
                yield _attempt(row, places, path, rows.line_num)
    except csv.Error as wrong:
        raise Invalid(f"not CSV: {wrong}", file=path, line=rows.line_num) from None


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as wrong:
        raise Invalid(f"cannot be read: {wrong.strerror}", file=path) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise Invalid("not UTF-8; save it as CSV UTF-8", file=path, line=line) from None
    if "\x00" in text:
        raise Invalid("not text; save it as CSV UTF-8", file=path, line=text[: text.index("\x00")].count("\n") + 1)
    return text


def _attempt(row: list[str], places: list[int], path: Path, line: int) -> Attempt:
    if len(row) <= max(places):
        raise Invalid(f"{len(row)} values where the first line names more columns", file=path, line=line)
    learner, skill, at, score = (row[place].strip() for place in places)
    if not learner or not skill:
        raise Invalid(f"{'learner' if not learner else 'skill'} is empty", file=path, line=line)
    return Attempt(learner, skill, _moment(at, path, line), _score(score, path, line))


def _moment(text: str, path: Path, line: int) -> float:
    try:
        moment = datetime.fromisoformat(text)
        return days(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        reason = f"{text!r} is no time; write 2026-11-22 or 2026-11-22T09:30:00+08:00"
        raise Invalid(reason, file=path, line=line) from None


def _score(text: str, path: Path, line: int) -> float:
    try:
        score = float(text)
    except ValueError:
        raise Invalid(f"score {text!r} is no number", file=path, line=line) from None
    if not math.isfinite(score) or not 0 <= score <= 100:
        raise Invalid(f"score {text!r} is not from 0 to 100", file=path, line=line)
    return score
