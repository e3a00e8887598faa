"""Where an exam stands before its release: what is settled, what is not, and who said what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assessments.exams.models import AnswerKey, Exam, ExamScore, ItemRuling, ScoreRun
from assessments.exams.queries import late, marking, scores
from assessments.exams.rules import gate
from lms.db import Everything, db
from lms.people.models import Person


@dataclass(frozen=True)
class Said:
    """One ruling as it is shown: on which question (none: on how many passed), what, why, who, when."""

    word: gate.Word
    reason: str
    name: str
    at: datetime
    version: int


@dataclass(frozen=True)
class Standing:
    """Everything a release depends on, for one run."""

    candidates: int
    passed: int
    differ: list[str]
    undecided: int
    flagged: list[int]
    unruled: list[int]
    untold: list[int]
    can_tell: bool
    far_off: bool
    explained: bool
    one_maximum: bool

    @property
    def missing(self) -> list[gate.Check]:
        """What is not settled yet."""
        settled = {
            gate.Check.SECOND: not self.differ,
            gate.Check.LATE: not self.undecided,
            gate.Check.KEYS: not self.unruled,
            gate.Check.PASSED: not self.far_off or self.explained,
            gate.Check.MAXIMUM: self.one_maximum,
        }
        return [check for check, done in settled.items() if not done]


def standing(exam: Exam, run: ScoreRun, *, anew: bool = True) -> Standing:
    """Ask everything; `anew` has the second scorer mark again, else what it said at the marking is told."""
    key = db.session.get_one(AnswerKey, run.key_id)
    words = [said.word for said in said_of(exam)]
    candidates, passed, least, most = _counted(run)
    told = run.figures.get("keys") or {"suspects": [], "untold": [], "can_tell": False}  # an older marking
    flagged = [one["item"] for one in told["suspects"]]
    return Standing(
        candidates=candidates,
        passed=passed,
        differ=scores.disagreeing(run, exam, key) if anew else list(run.figures.get("differ", ())),
        undecided=late.tally(exam).undecided,
        flagged=flagged,
        unruled=gate.unruled(flagged, words, _plain(key), key.dropped),
        untold=told["untold"],
        can_tell=told["can_tell"],
        far_off=gate.far_off(passed, candidates, exam.expected_low, exam.expected_high),
        explained=any(word.item is None and word.run == run.id for word in words),
        one_maximum=least == most,
    )


def _plain(key: AnswerKey) -> dict[int, Any]:
    return dict(marking.key_of(key))


def _counted(run: ScoreRun) -> tuple[int, int, int | None, int | None]:
    """Candidates, how many passed, the least and the greatest maximum."""
    columns = (
        sa.func.count(),
        sa.func.count().filter(ExamScore.passed),
        sa.func.min(ExamScore.maximum),
        sa.func.max(ExamScore.maximum),
    )
    query = sa.select(*columns).select_from(ExamScore).where(ExamScore.run_id == run.id)
    row = db.session.execute(query, execution_options=Everything).one()
    return row[0], row[1], row[2], row[3]


def said_of(exam: Exam) -> list[Said]:
    """Every ruling on an exam, oldest first."""
    query = (
        sa.select(ItemRuling, Person.name, ScoreRun.version)
        .join(Person, Person.id == ItemRuling.ruled_by_id)
        .join(ScoreRun, ScoreRun.id == ItemRuling.run_id)
        .where(ItemRuling.exam_id == exam.id)
        .order_by(ItemRuling.id)
    )
    return [
        Said(gate.Word(row.item_id, row.ruling, row.key, row.run_id), row.reason, name, row.at, version)
        for row, name, version in db.session.execute(query, execution_options=Everything)
    ]
