"""Forms about hours."""

from wtforms.validators import InputRequired, Length, NumberRange

from lms.i18n import _l
from lms.web.forms import DateField, Form, LongTextField, WholeNumberField


class ReverseForm(Form):
    """Why hours are taken back."""

    reason = LongTextField(_l("Reason"), validators=[InputRequired(), Length(min=4, max=400)])


class TargetForm(Form):
    """How many hours a year are asked."""

    hours = WholeNumberField(_l("Target (hours a year)"), validators=[InputRequired(), NumberRange(1, 1000)])
    valid_from = DateField(_l("Applies from"), validators=[InputRequired()])
