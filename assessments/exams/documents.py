"""The analysis of an exam as an Excel file, through the one writer."""

from collections.abc import Sequence
from typing import IO

from assessments.exams import charts
from assessments.exams.models import Exam
from assessments.exams.queries.analysis import Analysis, Row
from lms.i18n import _
from lms.web import exports


def workbook(exam: Exam, found: Analysis, flags: dict[str, str]) -> IO[bytes]:
    """Everything on the page: the whole, question by question, option by option, the scores, the information."""
    return exports.workbook(
        [_whole(exam, found), _questions(found, flags), _options(found), _scores(found), _information(found)]
    )


def _sheet(title: str, columns: Sequence[str], rows: Sequence[Sequence[exports.Cell]]) -> exports.Sheet:
    widths = [34 if label in (_("Question text"), _("What stands out")) else 16 for label in columns]
    return exports.Sheet(
        title, [exports.Column(label, width) for label, width in zip(columns, widths, strict=True)], rows
    )


def _whole(exam: Exam, found: Analysis) -> exports.Sheet:
    test, paper = found.test, found.paper
    rows: list[tuple[str, exports.Cell]] = [
        (_("Exam"), exam.title),
        (_("Marking"), found.run.version),
        (_("Candidates"), test.n),
        (_("Questions"), test.k),
        (_("Needed to pass"), exam.pass_percent),
        (_("Mean"), paper.mean),
        (_("Standard deviation"), paper.deviation),
        (_("Reliability (alpha)"), _rounded(test.alpha)),
        (_("Reliability, lower bound"), _rounded(test.alpha_low)),
        (_("Reliability, upper bound"), _rounded(test.alpha_high)),
        (_("Error of one result"), paper.error),
    ]
    return exports.Sheet(_("The whole exam"), [exports.Column("", 30), exports.Column("", 40)], rows)


def _questions(found: Analysis, flags: dict[str, str]) -> exports.Sheet:
    columns = [
        _("Number"), _("Code"), _("Question text"), _("Candidates"), _("Got it"), _("Goes with the rest"),
        _("Goes with the whole"), _("Upper less lower 27 percent"), _("Reliability without it"), _("What stands out"),
    ]  # fmt: skip
    return _sheet(_("Questions"), columns, [_question(row, flags) for row in found.rows])


def _question(row: Row, flags: dict[str, str]) -> list[exports.Cell]:
    it = row.found
    question = row.item.question
    figures = [_rounded(one) for one in (it.p, it.r_ir, it.r_it, it.d27, it.alpha_if_deleted)]
    said = " ".join(str(flags[flag]) for flag in row.flags)
    return [row.item.position, question.question.code, question.stem, it.n, *figures, said]


def _options(found: Analysis) -> exports.Sheet:
    columns = [
        _("Question"), _("Option"), _("Right"), _("Chosen"), _("Share"), _("Goes with the rest"), _("Upper 27 percent"),
        _("Lower 27 percent"),
    ]  # fmt: skip
    rows = [
        [
            row.item.position,
            one.key or _("none"),
            one.right,
            one.chosen,
            *map(_rounded, (one.share, one.r, one.upper, one.lower)),
        ]
        for row in found.rows
        for one in found.options(row)
    ]
    return _sheet(_("Options"), columns, rows)


def _scores(found: Analysis) -> exports.Sheet:
    rows = [[low, low + charts.BAND, count] for low, count in charts.bands(found.percents)]
    return _sheet(_("Scores"), [_("From percent"), _("To percent"), _("Candidates")], rows)


def _information(found: Analysis) -> exports.Sheet:
    rows = [[*map(_rounded, (one.ability, one.percent, one.information, one.error))] for one in found.curve]
    columns = [_("Ability"), _("Expected score"), _("Information"), _("Error in percent")]
    return _sheet(_("Information"), columns, rows)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
