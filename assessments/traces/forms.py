"""Forms of measured skills."""

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Length

from lms.i18n import _l
from lms.web.forms import DateField, Form, LongTextField


class SendForm(Form):
    """A trace, the day of the run, and whose guideline it is judged by."""

    file = FileField(_l("The manikin's file (.csv)"), [FileRequired(_l("Choose a file."))])
    target = SelectField(_l("Practised on"), [InputRequired()])
    done_on = DateField(_l("Day of the run"), [InputRequired()])


class MeasureForm(SendForm):
    """The same for somebody whom one watched."""

    watched = BooleanField(
        _l("I watched this doctor do it, and the file is of that run."),
        [InputRequired(_l("Only then can it be sent."))],
    )


class WithdrawForm(Form):
    """Why a trace is taken back."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])
