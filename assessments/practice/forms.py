"""Forms of practice evaluation, and the words in which states are shown."""

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from assessments.practice.models import Decided, Outcome, State
from assessments.practice.rules.importing import Outcome as RowOutcome
from lms.i18n import _l
from lms.web.forms import DateField, Form, LongTextField, PickField, TextField, options

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

OUTCOMES = {Outcome.CHANGED: _l("The result is changed"), Outcome.REJECTED: _l("The result stands")}
OUTCOME_SHAPES = {Outcome.CHANGED: "done", Outcome.REJECTED: "stopped"}
ROWS = {
    RowOutcome.CREATED: _l("to be entered"),
    RowOutcome.CHANGED: _l("to be changed"),
    RowOutcome.UNCHANGED: _l("unchanged"),
    RowOutcome.REFUSED: _l("refused"),
}
ROW_SHAPES = {
    RowOutcome.CREATED: "under_way",
    RowOutcome.CHANGED: "waiting",
    RowOutcome.UNCHANGED: "done",
    RowOutcome.REFUSED: "stopped",
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


class AppealForm(Form):
    """A doctor's appeal."""

    reason = LongTextField(_l("What is wrong with the result"), [InputRequired(), Length(max=1000)])


class AnswerForm(Form):
    """An officer's answer to an appeal; corrected points stand in fields of their own."""

    outcome = RadioField(_l("Decision"), [InputRequired()], choices=options(list(OUTCOMES.items())))
    reason = LongTextField(_l("Reason, which the doctor reads"), [InputRequired(), Length(max=1000)])


class FiguresForm(Form):
    """A table of figures to check."""

    file = FileField(_l("Table (.xlsx or .csv)"), [FileRequired(_l("Choose a file."))])
