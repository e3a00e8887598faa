"""Forms of setting a cut, and the methods in words."""

from decimal import Decimal

from flask_wtf.file import FileField
from wtforms.validators import InputRequired, Length, Optional

from assessments.exams.models import Method
from lms.i18n import _l
from lms.web.forms import DecimalField, Form, LongTextField

#: How a cut is set, in words.
METHODS = {
    Method.ANGOFF: (_l("Angoff"), _l("Judges say of each question which share of borderline candidates gets it.")),
    Method.EBEL: (_l("Ebel"), _l("Judges sort questions by relevance and difficulty, and say what is expected.")),
    Method.HOFSTEE: (_l("Hofstee"), _l("A compromise between a cut and a share failing that are both acceptable.")),
    Method.COHEN: (_l("Cohen"), _l("A part of the way from guessing to what the best reach.")),
}


class JudgesForm(Form):
    """A table of what judges said."""

    file = FileField(_l("Table as CSV"), [Optional()])
    figures = LongTextField(
        _l("Or paste the table"),
        [Optional(), Length(max=200_000)],
        description=_l("With its first line; from Excel too."),
    )


class HofsteeForm(Form):
    """What is acceptable, in percent."""

    cut_min = DecimalField(_l("Least acceptable cut (percent)"), [InputRequired()])
    cut_max = DecimalField(_l("Greatest acceptable cut (percent)"), [InputRequired()])
    fail_min = DecimalField(_l("Fewest acceptable to fail (percent)"), [InputRequired()])
    fail_max = DecimalField(_l("Most acceptable to fail (percent)"), [InputRequired()])


class CohenForm(Form):
    """Where to begin, who the best are, which part is enough."""

    guess = DecimalField(
        _l("What guessing alone scores (percent)"),
        [InputRequired()],
        description=_l("Worked out from the options on the paper."),
    )
    top_percent = DecimalField(_l("The best: percentile"), [InputRequired()], default=Decimal(95))
    multiplier = DecimalField(_l("Part of the way that is enough"), [InputRequired()], default=Decimal("0.6"))


class StandardForm(Form):
    """What every standard setting asks last."""

    errors_added = DecimalField(
        _l("Errors of measurement added"),
        [Optional()],
        default=Decimal(0),
        description=_l("1 adds one standard error to the cut: fewer unfit pass. −1 gives doubt to the candidate."),
    )
    reason = LongTextField(_l("Who judged, and why this method"), [InputRequired(), Length(max=1000)])


def standard_form(method: Method, *, guess: Decimal) -> StandardForm:
    """The form of one method."""
    first = {Method.HOFSTEE: HofsteeForm, Method.COHEN: CohenForm}.get(method, JudgesForm)
    form: StandardForm = type("MethodForm", (StandardForm, first), {})(data=None)
    if isinstance(form, CohenForm) and form.guess.data is None and form.guess.raw is None:
        form.guess.data = guess
    return form
