"""Forms of workplace assessment, and the words in which it is shown."""

from wtforms import RadioField
from wtforms.validators import InputRequired, Length, Optional

from assessments.stations.rules import Kind
from assessments.workplace.models import Answered, State, Turned
from assessments.workplace.rules.written import Difficulty, Setting
from lms.i18n import _l
from lms.web.forms import DateField, Form, LongTextField, PickField, options

#: What the three kinds of forms are called.
KINDS = {
    Kind.DOPS: _l("DOPS"),
    Kind.MINI_CEX: _l("Mini-CEX"),
    Kind.CBD: _l("Case-based discussion"),
}
KINDS_EXPLAINED = {
    Kind.DOPS: _l("A procedure is watched from beginning to end."),
    Kind.MINI_CEX: _l("A consultation with a patient is watched, about 15 minutes."),
    Kind.CBD: _l("A case of one's own is talked through from its record."),
}
STATES = {
    State.OPEN: _l("Asked for"),
    State.DONE: _l("Assessed"),
    State.DECLINED: _l("Declined by the assessor"),
    State.WITHDRAWN: _l("Withdrawn by the doctor"),
    State.EXPIRED: _l("Put away: no answer for a month"),
}
SHAPES = {
    State.OPEN: "waiting",
    State.DONE: "done",
    State.DECLINED: "attention",
    State.WITHDRAWN: "paused",
    State.EXPIRED: "paused",
}
TURNED = {
    Turned.DELEGATED: _l("Handed on"),
    Turned.DECLINED: _l("Declined by the assessor"),
    Turned.WITHDRAWN: _l("Withdrawn by the doctor"),
    Turned.EXPIRED: _l("Put away: no answer for a month"),
}
ANSWERED = {
    Answered.ACKNOWLEDGED: _l("Read"),
    Answered.DISAGREED: _l("Does not agree"),
    Answered.REFLECTED: _l("Thought over"),
    Answered.WITHDRAWN: _l("Withdrawn by an officer"),
}
SETTINGS = {
    Setting.OUTPATIENT: _l("Outpatient clinic"),
    Setting.WARD: _l("Ward"),
    Setting.EMERGENCY: _l("Emergency room"),
    Setting.HOME_VISIT: _l("Home visit"),
    Setting.OTHER: _l("Elsewhere"),
}
DIFFICULTIES = {
    Difficulty.LOW: _l("Easy"),
    Difficulty.AVERAGE: _l("Average"),
    Difficulty.HIGH: _l("Hard"),
}


class AskForm(Form):
    """What one asks of whom."""

    form = RadioField(_l("Assessment form"), [InputRequired()], coerce=int)
    technique = PickField(_l("Technique"), [InputRequired()])
    assessor = RadioField(_l("Who watches"), [InputRequired()], coerce=int)
    on_day = DateField(_l("Proposed day"), [InputRequired()])
    note = LongTextField(_l("Message"), [Optional(), Length(max=400)], description=_l("No patients' names or numbers."))


class StartForm(Form):
    """Which form one fills with a doctor on the spot."""

    form = RadioField(_l("Assessment form"), [InputRequired()], coerce=int)


class TakeBackForm(Form):
    """Why one needs it no more, if one wants to say."""

    reason = LongTextField(_l("Reason"), [Optional(), Length(max=400)])


class ReasonForm(Form):
    """Why."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])


class AnswerForm(Form):
    """Read, agreed with or not, and what one takes from it."""

    agrees = RadioField(
        _l("Do you agree?"),
        [InputRequired()],
        choices=options([("yes", _l("I have read it")), ("no", _l("I do not agree"))]),
        default="yes",
    )
    text = LongTextField(
        _l("Comment"),
        [Optional(), Length(max=2000)],
        description=_l("Needed where you do not agree. The assessor, your mentor and the exam officer see it."),
    )
    reflection = LongTextField(
        _l("What I take from it"), [Optional(), Length(max=2000)], description=_l("No patients' names or numbers.")
    )


class ReflectForm(Form):
    """What one takes from it, later."""

    text = LongTextField(_l("What I take from it"), [InputRequired(), Length(max=2000)])
