"""Forms about hours."""

from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from courses.hours.rules import CLASSES, KINDS, LATER, SOURCES, HoursKind
from lms.i18n import _l
from lms.web.forms import DateField, DecimalField, Form, LongTextField, TextField, WholeNumberField, options

LINES = range(1, 7)


class ReverseForm(Form):
    """Why hours are taken back."""

    reason = LongTextField(_l("Reason"), validators=[InputRequired(), Length(min=4, max=400)])


class TargetForm(Form):
    """How many hours a year are asked."""

    hours = WholeNumberField(_l("Target (hours a year)"), validators=[InputRequired(), NumberRange(1, 1000)])
    valid_from = DateField(_l("Applies from"), validators=[InputRequired()])


class EntryForm(Form):
    """Hours earned outside the product."""

    kind = RadioField(_l("Kind"), [InputRequired()], choices=options(KINDS.items()))
    on_day = DateField(_l("Day"), [InputRequired()])
    hours = DecimalField(_l("Hours"), [InputRequired(), NumberRange(0, 24)])
    title = TextField(_l("What for"), [InputRequired(), Length(max=120)])
    proof = TextField(
        _l("How it is known"),
        [InputRequired(), Length(max=200)],
        description=_l("For example the number of the attendance sheet or of the certificate."),
    )
    source = HiddenField()


class CreditsForm(Form):
    """How hours become credits: up to six lines; the first that fits counts."""

    asked = DecimalField(_l("Credits asked a year"), [InputRequired(), NumberRange(0, 1000)])
    valid_from = DateField(_l("Applies from"), [InputRequired()])
    reason = LongTextField(_l("Reason"), [InputRequired(), Length(min=2, max=400)])


def _add_line(number: int) -> None:
    doing = f"{HoursKind.SIMULATION}+{HoursKind.PRACTICE}"
    kinds = [*KINDS.items(), (doing, _l("Simulation and practice"))]
    sources = [(key, words) for key, words in SOURCES.items() if key != "reversal" and key not in LATER]
    classes = [("", _l("no line")), *CLASSES.items()]
    fields = {
        "class": SelectField(_l("Class"), [Optional()], choices=options(classes)),
        "kind": SelectField(_l("Kind"), [Optional()], choices=options([("", _l("all kinds")), *kinds])),
        "source": SelectField(_l("Source"), [Optional()], choices=options([("", _l("all sources")), *sources])),
        "hours": DecimalField(_l("Every so many hours"), [Optional(), NumberRange(0, 1000)]),
        "credits": DecimalField(_l("give so many credits"), [Optional(), NumberRange(0, 100)]),
        "most": DecimalField(_l("at most a year"), [Optional(), NumberRange(0, 1000)]),
    }
    for name, made in fields.items():
        setattr(CreditsForm, f"{name}_{number}", made)


for _number in LINES:
    _add_line(_number)
