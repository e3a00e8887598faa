"""Forms of practice evaluation, and the words in which states are shown."""

from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from assessments.practice.models import Decided, State
from lms.i18n import _l
from lms.web.forms import DateField, Form, LongTextField, PickField, TextField

STATES = {
    State.ASSIGNED: _l("Under way"),
    State.SUBMITTED: _l("Handed in"),
    State.RETURNED: _l("Returned"),
    State.ACCEPTED: _l("Accepted"),
}
SHAPES = {
    State.ASSIGNED: "under_way",
    State.SUBMITTED: "paused",
    State.RETURNED: "attention",
    State.ACCEPTED: "done",
}
DECIDED = {
    Decided.SUBMITTED: _l("Evaluation handed in"),
    Decided.RETURNED: _l("Returned to the assessor"),
    Decided.ACCEPTED: _l("Evaluation accepted"),
}


class AssignForm(Form):
    """Who is evaluated, by whom, over which period."""

    doctor = PickField(_l("Doctor"), [InputRequired()])
    assessor = PickField(_l("Assessor"), [InputRequired()])
    version = SelectField(_l("Form of evaluation"), [InputRequired()], coerce=int)
    period_from = DateField(_l("Period from"), [InputRequired()])
    period_until = DateField(_l("Period until"), [InputRequired()])


class RecordForm(Form):
    """The label and note of one record; its points stand in fields of their own."""

    label = TextField(_l("Label of the record"), [InputRequired(), Length(max=60)])
    note = LongTextField(_l("Note"), [Optional(), Length(max=1000)])


class AcceptForm(Form):
    """Accepting what was shown."""

    hash = HiddenField()


class ReturnForm(Form):
    """Why an evaluation goes back."""

    reason = LongTextField(_l("What is to be mended"), [InputRequired(), Length(max=400)])


class SubmitForm(Form):
    """Handing in."""
