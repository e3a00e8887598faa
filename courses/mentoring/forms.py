"""Forms of mentoring, and the words in which states are shown."""

from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from courses.mentoring.models import Decided, Settled
from lms.i18n import _l
from lms.web.forms import ChoicesField, DateField, Form, LongTextField, PickField, WholeNumberField, options

STATES = {
    "waiting": _l("To be agreed"),
    "running": _l("Under way together"),
    "planned": _l("Begins later"),
    "over": _l("Over"),
}
SHAPES = {"waiting": "waiting", "running": "under_way", "planned": "open", "over": "paused"}
SETTLED = {
    None: _l("To be confirmed"),
    Settled.CONFIRMED: _l("Confirmed"),
    Settled.REJECTED: _l("Rejected"),
    Settled.WITHDRAWN: _l("Withdrawn"),
}
SETTLED_SHAPES = {
    None: "waiting",
    Settled.CONFIRMED: "done",
    Settled.REJECTED: "attention",
    Settled.WITHDRAWN: "paused",
}
DECIDED = {
    Decided.OPEN: _l("To be decided"),
    Decided.ACCEPTED: _l("Accepted"),
    Decided.DECLINED: _l("Declined"),
}
DECIDED_SHAPES = {Decided.OPEN: "waiting", Decided.ACCEPTED: "done", Decided.DECLINED: "paused"}
NEAR = {
    "hospital": _l("The mentor's hospital leads the doctor's."),
    "county": _l("Both work in the same county."),
    "elsewhere": _l("They work in different counties."),
}
_PLACES = [("yes", _l("On site")), ("no", _l("Remote"))]


class OfferForm(Form):
    """How many apprentices a mentor takes, and when."""

    capacity = WholeNumberField(
        _l("Apprentices at once"),
        [InputRequired(), NumberRange(0, 20)],
        description=_l("0: no new ones; pairs that run go on."),
    )
    begins_on = DateField(_l("First day"), [InputRequired()])
    ends_on = DateField(_l("Until before"), [Optional()])
    note = LongTextField(_l("Note"), [Optional(), Length(max=400)])


class TermsForm(Form):
    """Dates and duties of an agreement."""

    agreed_from = DateField(_l("First day"), [InputRequired()])
    agreed_until = DateField(_l("Until before"), [InputRequired()])
    apprentice_duties = LongTextField(_l("Duties of the apprentice"), [InputRequired(), Length(max=4000)])
    mentor_duties = LongTextField(_l("Duties of the mentor"), [InputRequired(), Length(max=4000)])


class PairForm(TermsForm):
    """A pair made by hand."""

    mentor = PickField(_l("Mentor"), [InputRequired()])
    on_paper = BooleanField(_l("Both have signed on paper already"))


class SearchForm(Form):
    """At and below which institution pairs are searched."""

    institution = SelectField(_l("Institution"), [InputRequired()], coerce=int)


class DecideForm(Form):
    """The terms under which proposals are accepted, or why they are declined."""

    agreed_from = DateField(_l("First day"), [Optional()])
    agreed_until = DateField(_l("Until before"), [Optional()])
    reason = LongTextField(_l("Why these are declined"), [Optional(), Length(max=400)])


class ReasonForm(Form):
    """Why."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])


class SessionForm(Form):
    """A session as one side says it was."""

    on_day = DateField(_l("Day"), [InputRequired()])
    minutes = WholeNumberField(_l("Minutes"), [InputRequired(), NumberRange(5, 720)])
    on_site = RadioField(_l("On site or remote"), [InputRequired()], choices=options(_PLACES), default="yes")
    techniques = ChoicesField(_l("Techniques practised"), [Optional()], coerce=int)
    done = LongTextField(
        _l("What was done together"),
        [InputRequired(), Length(max=2000)],
        description=_l("No patients' names or numbers."),
    )
    next_step = LongTextField(_l("Next step"), [Optional(), Length(max=1000)])
    source = HiddenField()


class PolicyForm(Form):
    """What is asked of pairs."""

    sessions_a_year = WholeNumberField(
        _l("Sessions on site a year, for each pair"), [InputRequired(), NumberRange(1, 366)]
    )
    teaching_hours = WholeNumberField(
        _l("Teaching hours a year, for each mentor"), [InputRequired(), NumberRange(1, 1000)]
    )
    shortest_years = WholeNumberField(_l("Shortest term in years"), [InputRequired(), NumberRange(1, 10)])
    usual_years = WholeNumberField(_l("Usual term in years"), [InputRequired(), NumberRange(1, 10)])
    longest_years = WholeNumberField(_l("Longest term in years"), [InputRequired(), NumberRange(1, 10)])
    apprentice_duties = LongTextField(_l("Duties of the apprentice, in Chinese"), [InputRequired(), Length(max=4000)])
    mentor_duties = LongTextField(_l("Duties of the mentor, in Chinese"), [InputRequired(), Length(max=4000)])
    apprentice_duties_en = LongTextField(_l("Duties of the apprentice, in English"), [Optional(), Length(max=4000)])
    mentor_duties_en = LongTextField(_l("Duties of the mentor, in English"), [Optional(), Length(max=4000)])
    valid_from = DateField(_l("First day"), [InputRequired()])
