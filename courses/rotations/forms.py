"""Forms of rotations, and the words in which they are shown."""

from wtforms import FileField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from courses.rotations.rules import Opens, Outcome, State
from lms.i18n import _l
from lms.web.forms import (
    ChoicesField,
    DateField,
    DecimalField,
    Form,
    LongTextField,
    PickField,
    TextField,
    WholeNumberField,
    options,
)

STATES = {
    State.PLANNED: _l("Planned"),
    State.UNDER_WAY: _l("Under way"),
    State.INTERRUPTED: _l("Interrupted"),
    State.ENDED: _l("To be evaluated"),
    State.EVALUATED: _l("Evaluated"),
    State.CANCELLED: _l("Cancelled"),
    State.RECORDED: _l("To be confirmed"),
}
SHAPES = {
    State.PLANNED: "open",
    State.UNDER_WAY: "under_way",
    State.INTERRUPTED: "attention",
    State.ENDED: "waiting",
    State.EVALUATED: "done",
    State.CANCELLED: "paused",
    State.RECORDED: "waiting",
}
OUTCOMES = {Outcome.PASSED: _l("Passed"), Outcome.FAILED: _l("Not passed")}
OPENS = {
    Opens.COUNTY: _l("Doctors of its own county and consortia"),
    Opens.EVERYWHERE: _l("Doctors from everywhere"),
}
OWED = {
    "stay": _l("Rotation in the last years"),
    "consortium": _l("Rotation inside the consortium this year"),
    "star": _l("Rotation before certification"),
}
STEPS = {
    "planned": _l("A place was given"),
    "amended": _l("Days changed"),
    "started": _l("The doctor has come"),
    "interrupted": _l("Interrupted"),
    "ended": _l("Ended"),
    "evaluated": _l("Evaluated"),
    "corrected": _l("Evaluation corrected"),
    "cancelled": _l("Cancelled"),
    "recorded": _l("Recorded afterwards"),
    "confirmed": _l("Confirmed by a second person"),
    "refused": _l("Struck out"),
    "annulled": _l("Taken back after it was confirmed"),
}
#: To narrow a list by when it was written down.
WRITTEN = {"then": _l("Planned here"), "after": _l("Recorded afterwards")}
WEEKDAYS = [
    (0, _l("Monday")),
    (1, _l("Tuesday")),
    (2, _l("Wednesday")),
    (3, _l("Thursday")),
    (4, _l("Friday")),
    (5, _l("Saturday")),
    (6, _l("Sunday")),
]


class DepartmentForm(Form):
    """A department that takes doctors."""

    name = TextField(_l("Name of the department"), [InputRequired(), Length(max=80)])
    name_en = TextField(_l("Name in English"), [Optional(), Length(max=120)])
    teaches = LongTextField(_l("What can be learned there"), [Optional(), Length(max=400)])
    opens_to = RadioField(
        _l("Who may come"), [InputRequired()], choices=options(OPENS.items()), default=Opens.COUNTY.value
    )
    number = WholeNumberField(_l("Places at the same time"), [InputRequired(), NumberRange(0, 200)])
    valid_from = DateField(_l("From this day on"), [InputRequired()])


class NewDepartmentForm(DepartmentForm):
    """The same, with the hospital it belongs to."""

    institution = SelectField(_l("Hospital"), [InputRequired()], coerce=int)


class PlacesForm(Form):
    """How many places there are from a day on."""

    number = WholeNumberField(_l("Places at the same time"), [InputRequired(), NumberRange(0, 200)])
    valid_from = DateField(_l("From this day on"), [InputRequired()])


class ReceiverForm(Form):
    """Who receives doctors."""

    person = PickField(_l("Person"), [InputRequired()])
    begins_on = DateField(_l("First day"), [InputRequired()])
    ends_on = DateField(_l("Until before"), [Optional()])


class WishForm(Form):
    """Where a doctor goes, and when."""

    department = PickField(_l("Department"), [InputRequired()])
    begins_on = DateField(_l("First day"), [InputRequired()])
    last_on = DateField(_l("Last day"), [InputRequired()])
    goal = LongTextField(_l("What is to be learned"), [Optional(), Length(max=1000)])


class DaysForm(Form):
    """Other days for a rotation."""

    begins_on = DateField(_l("First day"), [InputRequired()])
    last_on = DateField(_l("Last day"), [InputRequired()])
    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])


class ReasonForm(Form):
    """Why."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])


class StartForm(Form):
    """When the doctor came."""

    on = DateField(_l("Day on which the doctor came"), [InputRequired()])


class EndForm(Form):
    """When the doctor was done."""

    last_on = DateField(_l("Last day attended"), [InputRequired()])


class InterruptForm(Form):
    """Since when, and why, a rotation does not go on."""

    last_on = DateField(_l("Last day attended"), [InputRequired()])
    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])


class EvaluationForm(Form):
    """How a rotation went."""

    outcome = RadioField(_l("Outcome"), [InputRequired()], choices=options(OUTCOMES.items()))
    absent_days = WholeNumberField(_l("Days absent"), [InputRequired(), NumberRange(0, 1096)])
    words = LongTextField(
        _l("How it went"), [InputRequired(), Length(max=2000)], description=_l("No patients' names or numbers.")
    )


class CorrectionForm(EvaluationForm):
    """How it went after all, and why it was said otherwise."""

    reason = LongTextField(_l("Reason of the correction"), [InputRequired(), Length(max=400)])


class PastForm(Form):
    """A rotation that was kept on paper."""

    account = TextField(
        _l("Account of the doctor"),
        [InputRequired(), Length(max=64)],
        description=_l("The doctor finds it on the page that opens behind the own name."),
    )
    name = TextField(_l("Full name of the doctor"), [InputRequired(), Length(max=80)])
    begins_on = DateField(_l("First day"), [InputRequired()])
    last_on = DateField(_l("Last day"), [InputRequired()])
    absent_days = WholeNumberField(_l("Days absent"), [InputRequired(), NumberRange(0, 1096)])
    words = LongTextField(
        _l("How it went"), [InputRequired(), Length(max=2000)], description=_l("No patients' names or numbers.")
    )
    reason = LongTextField(
        _l("Why it is recorded only now"),
        [InputRequired(), Length(max=400)],
        description=_l("For example: kept on paper before this system began."),
    )
    file = FileField(
        _l("Document that proves it"),
        [InputRequired()],
        description=_l("Certificate of completion or page of the attendance book: PDF or picture, at most 10 MB."),
    )


class PracticeForm(Form):
    """Hours of practice on some weekdays of a period."""

    first_on = DateField(_l("First day"), [InputRequired()])
    last_on = DateField(_l("Last day"), [InputRequired()])
    weekdays = ChoicesField(_l("On these weekdays"), [InputRequired()], coerce=int, choices=options(WEEKDAYS))
    hours = DecimalField(_l("Hours a day"), [InputRequired(), NumberRange(0, 12)])
    done = LongTextField(
        _l("Work done"), [InputRequired(), Length(max=1000)], description=_l("No patients' names or numbers.")
    )


class FileForm(Form):
    """A document."""

    file = FileField(_l("PDF or picture, at most 10 MB"), [InputRequired()])


class PolicyForm(Form):
    """What is asked of doctors."""

    stay_days = WholeNumberField(_l("Days of rotation"), [InputRequired(), NumberRange(1, 3660)])
    stay_years = WholeNumberField(_l("in so many years"), [InputRequired(), NumberRange(1, 10)])
    consortium_days = WholeNumberField(
        _l("Days a year inside the consortium"), [InputRequired(), NumberRange(0, 366)], description=_l("0: none.")
    )
    star_days = WholeNumberField(
        _l("Days before certification"),
        [InputRequired(), NumberRange(0, 1098)],
        description=_l("Shown to doctors; what a star asks for is said by the star policy."),
    )
    valid_from = DateField(_l("Applies from"), [InputRequired()])
