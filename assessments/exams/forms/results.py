"""Forms and words of results: rulings, regrades, appeals, and what candidates will see."""

from collections.abc import Sequence

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from assessments.bank.rules.kinds import Kind
from assessments.exams.models import Feedback, Outcome, Ruling
from lms.i18n import _l
from lms.web.forms import DecimalField, Form, LongTextField, WholeNumberField, options

RULINGS = {
    Ruling.STANDS: _l("The key stands"),
    Ruling.CORRECTED: _l("The key is wrong: correct it"),
    Ruling.DROPPED: _l("Take the question out: everybody gets its points"),
}
#: What was said, as it stands in the history.
RULED = {
    Ruling.STANDS: _l("The key stands"),
    Ruling.CORRECTED: _l("The key was corrected"),
    Ruling.DROPPED: _l("Everybody got its points"),
}
FEEDBACK = {
    Feedback.TOPICS: _l("Result, topics and what to learn next; the questions stay hidden"),
    Feedback.ITEMS: _l("Also every question with the key; it can then hardly be used again"),
    Feedback.NOTHING: _l("Only the result"),
}
OUTCOMES = {
    Outcome.REGRADE: _l("Upheld: the key is corrected for everybody"),
    Outcome.RESIT: _l("Upheld: the candidate may sit again"),
    Outcome.REJECTED: _l("Rejected: the result stands"),
}
OUTCOME_SHAPES = {Outcome.REGRADE: "done", Outcome.RESIT: "done", Outcome.REJECTED: "stopped"}
CHANGES = {
    "lost": _l("loses the pass"),
    "gained": _l("gains the pass"),
    "down": _l("goes down"),
    "up": _l("goes up"),
}
CHANGE_SHAPES = {"lost": "stopped", "gained": "done", "down": "attention", "up": "under_way"}
PASSED = {True: _l("passed"), False: _l("not passed")}
REGRADE_COLUMNS = (
    _l("Full name"),
    _l("Percent before"),
    _l("Percent after"),
    _l("Outcome before"),
    _l("Outcome after"),
    _l("What changes"),
)
#: How a key is written in one field, kind by kind.
KEY_HELP = {
    Kind.SINGLE: _l("One letter, for example: C"),
    Kind.MULTIPLE: _l("Letters with blanks between, for example: A C"),
    Kind.TRUE_FALSE: _l("One letter, for example: A"),
    Kind.MATCHING: _l("Each prompt with its option, for example: 1=C 2=A"),
    Kind.SHORT: _l("One accepted answer to a line; for part of the points: words = 1/2"),
    Kind.NUMERIC: _l("Value, tolerance, units, for example: 12.5 ± 0.5 mmHg / kPa"),
    Kind.ORDERING: _l("Letters in their order, for example: C A B"),
    Kind.HOTSPOT: _l("One area to a line in thousandths of the picture, for example: circle 431 220 40"),
}


class WordForm(Form):
    """Why something is as it is, or is done."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=1000)])


class RuleForm(Form):
    """An officer's word on one question."""

    ruling = RadioField(_l("Ruling"), [InputRequired()], choices=options(list(RULINGS.items())))
    key = LongTextField(_l("Right answer"), [Optional(), Length(max=2000)])
    reason = LongTextField(_l("Reason, with your name"), [InputRequired(), Length(max=1000)])


def rule_form(item: int, kind: str, key: str | None = None) -> RuleForm:
    """The form for one of several questions on a page; `key` is what holds now."""
    form = RuleForm(prefix=f"q{item}") if key is None else RuleForm(formdata=None, prefix=f"q{item}", data={"key": key})
    form.key.description = KEY_HELP[Kind(kind)]
    return form


class RegradeForm(Form):
    """Why results change after the release."""

    reason = LongTextField(
        _l("What was wrong"),
        [InputRequired(), Length(max=1000)],
        description=_l("Everybody whose result changes reads this. Do not write the question out."),
    )


class ResultsForm(Form):
    """What candidates will see, how long they may appeal, and how many are expected to pass."""

    feedback = RadioField(_l("What candidates see"), [InputRequired()], choices=options(list(FEEDBACK.items())))
    appeal_days = WholeNumberField(
        _l("Days to appeal"), [InputRequired()], description=_l("After the release; 0: no appeals.")
    )
    low = DecimalField(_l("At least this many percent pass"), [InputRequired()])
    high = DecimalField(
        _l("At most this many percent pass"),
        [InputRequired()],
        description=_l("Where the share that passed is far outside, the release needs a written word."),
    )


class AppealForm(Form):
    """A candidate's appeal."""

    reason = LongTextField(
        _l("What is wrong with the result"),
        [InputRequired(), Length(max=1000)],
        description=_l("Give the number of the question if there is one; do not write the question out."),
    )


class AnswerForm(Form):
    """An officer's answer to an appeal."""

    outcome = RadioField(_l("Decision"), [InputRequired()], choices=options(list(OUTCOMES.items())))
    regrade = SelectField(_l("Regrade"), [Optional()], coerce=int)
    reason = LongTextField(_l("Reason, which the candidate reads"), [InputRequired(), Length(max=1000)])


def answer_form(regrades: Sequence[tuple[int, str]]) -> AnswerForm:
    """The answer, with the exam's regrades to name one of."""
    form = AnswerForm()
    form.regrade.choices = options([(0, _l("none yet")), *regrades])
    return form
