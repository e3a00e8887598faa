"""Forms of sign-off, and the words in which states are shown."""

from wtforms import RadioField
from wtforms.validators import InputRequired, Length

from assessments.signoff.models import State
from assessments.signoff.rules import Side
from lms.i18n import _l
from lms.web.forms import DateField, Form, LongTextField, PickField

STATES = {
    State.OPEN: _l("To be signed"),
    State.SIGNED: _l("Signed off"),
    State.DECLINED: _l("Not signed"),
    State.CANCELLED: _l("Cancelled"),
    State.WITHDRAWN: _l("Withdrawn by an officer"),
}
SHAPES = {
    State.OPEN: "waiting",
    State.SIGNED: "done",
    State.DECLINED: "attention",
    State.CANCELLED: "paused",
    State.WITHDRAWN: "stopped",
}
SIDES = {Side.MENTOR: _l("Mentor"), Side.ASSESSOR: _l("Assessor")}


class SignForm(Form):
    """A level with what was seen."""

    level = RadioField(_l("Level you have seen"), [InputRequired()], coerce=int)
    observed_on = DateField(_l("Seen on"), [InputRequired()])
    note = LongTextField(
        _l("What you observed"),
        [InputRequired(), Length(max=2000)],
        description=_l("No patients' names or numbers."),
    )


class AskForm(SignForm):
    """A technique, a level, what was seen."""

    technique = PickField(_l("Technique"), [InputRequired()])


class ReasonForm(Form):
    """Why."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])
