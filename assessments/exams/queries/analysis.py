"""What the analysis page reads: the marks of one run, laid out for statistics, with the questions they are about."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from assessments.exams.models import AnswerKey, Exam, ExamScore, PaperItem, ScoreRun
from assessments.exams.queries.exams import items_of
from assessments.exams.rules import statistics
from assessments.exams.rules.scoring import Marked
from assessments.psychometrics.rules import distractors, information, items, keys
from lms.db import Everything, db

#: Abilities at which information is shown, from far below the mean to far above.
_ABILITIES = [step / 4 for step in range(-14, 15)]


@dataclass(frozen=True)
class Row:
    """One question: its figures, what stands out, and the answer that behaves like the right one, if any."""

    item: PaperItem
    found: items.Item
    flags: tuple[str, ...]
    suspect: keys.Suspect | None
    untold: bool


@dataclass(frozen=True)
class Analysis:
    """One marking of an exam as its statistics see it."""

    run: ScoreRun
    laid: statistics.Sheet
    test: items.Test
    paper: statistics.PaperFigures
    verdict: keys.Verdict
    rows: tuple[Row, ...]
    key: dict[str, Any]

    @cached_property
    def percents(self) -> list[float]:
        """What everybody scored on the questions that count."""
        return [float(one) for one in self.laid.percents()]

    @cached_property
    def curve(self) -> tuple[information.Place, ...]:
        """Where the exam measures well; nothing where there were too few candidates for a model."""
        if self.laid.candidates < information.ENOUGH:
            return ()
        return information.curve(information.fit(self.laid.shares), self.laid.points, _ABILITIES)

    def options(self, row: Row) -> tuple[distractors.Option, ...]:
        """How each option of a question worked, among those who had it; for other kinds, each answer often given."""
        at = self.laid.items.index(row.item.id)
        had = [given is not None for given in self.laid.answers[at]]
        answers = [given for given in self.laid.answers[at] if given is not None]
        rests = self.laid.rests(at)[had]
        offered = list(row.item.question.option_keys)
        right = self.key.get(str(row.item.id))
        if offered and isinstance(right, list):
            return distractors.options(offered, right, answers, rests)
        return distractors.answers(answers, [bool(one >= 1) for one in self.laid.shares[had, at]], rests)


def of_run(exam: Exam, run: ScoreRun) -> Analysis | None:
    """Everything about one marking; None where nobody sat the exam. As many statements however many sat it."""
    scores = db.session.scalars(
        sa.select(ExamScore.items).where(ExamScore.run_id == run.id).order_by(ExamScore.id),
        execution_options=Everything,
    ).all()
    marked = [[_marked(one) for one in score if not one.get("dropped")] for score in scores]
    on_paper = {item.id: item for item in items_of(exam.paper_version_id, keyed=True)}
    dropped = {one["item"] for score in scores for one in score if one.get("dropped")}
    laid = statistics.sheet({id: item.points for id, item in on_paper.items() if id not in dropped}, marked)
    found = statistics.whole(laid)
    if found is None:
        return None
    verdict = statistics.suspects(laid)
    return Analysis(
        run=run,
        laid=laid,
        test=found,
        paper=statistics.paper_figures(laid, found),
        verdict=verdict,
        rows=_rows(laid, found, verdict, on_paper),
        key=dict(db.session.get_one(AnswerKey, run.key_id).keys),
    )


def _marked(one: dict[str, Any]) -> Marked:
    return Marked(one["item"], tuple(one["answer"]), Fraction(one["points"]), one["of"])


def _rows(
    laid: statistics.Sheet, found: items.Test, verdict: keys.Verdict, on_paper: dict[int, PaperItem]
) -> tuple[Row, ...]:
    suspected = {one.item: one for one in verdict.suspects}
    untold = set(verdict.untold)
    return tuple(
        Row(on_paper[id], one, statistics.flags(one, id in suspected), suspected.get(id), id in untold)
        for id, one in zip(laid.items, found.items, strict=True)
    )
