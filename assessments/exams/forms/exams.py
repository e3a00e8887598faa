"""Forms of exams, and the words in which states and endings are shown."""

from collections.abc import Sequence
from decimal import Decimal

from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from assessments.bank.rules.marking import Multiple
from assessments.exams.models import Candidate, Ending, ExamRoom, ExamWindow, State, What
from assessments.exams.rules.scoring import plain
from lms import clock
from lms.i18n import _l
from lms.web.forms import DecimalField, Form, LongTextField, MomentField, TextField, WholeNumberField, options

STATES = {
    State.DRAFTED: _l("Draft"),
    State.APPROVED: _l("Approved"),
    State.OPEN: _l("Under way"),
    State.CLOSED: _l("Ended"),
    State.SCORED: _l("Marked"),
    State.RELEASED: _l("Released"),
}
#: The shape that stands beside each state.
SHAPES = {
    State.DRAFTED: "open",
    State.APPROVED: "waiting",
    State.OPEN: "under_way",
    State.CLOSED: "paused",
    State.SCORED: "waiting",
    State.RELEASED: "done",
}
ENDINGS = {
    Ending.HANDED_IN: _l("Handed in"),
    Ending.DEADLINE: _l("Ended by the clock"),
    Ending.OFFICER: _l("Ended by an officer"),
}
FLAGS = {
    "key": _l("Another answer behaves like the right one: check the key before the release."),
    "backwards": _l("Those who did well elsewhere got this one wrong: check the key first."),
    "weak": _l("Hardly tells strong from weak candidates."),
    "hard": _l("Fewer than one in five got it: too hard, unclear, or the key is wrong."),
    "easy": _l("Almost everybody got it: tells nothing apart."),
}


def percent(value: Decimal | str) -> str:
    """A percentage as people read it."""
    return f"{plain(Decimal(value))}%"


def number(value: Decimal) -> int | float:
    """Points as a number to draw with: whole ones without a fraction."""
    return int(value) if value == int(value) else float(value)


class PlanForm(Form):
    """When, how long, and what is enough."""

    title = TextField(_l("Exam title"), [InputRequired(), Length(max=120)])
    title_en = TextField(_l("Title in English"), [Optional(), Length(max=160)])
    opens_at = MomentField(_l("Opens at"), [InputRequired()])
    closes_at = MomentField(
        _l("Closes at"), [InputRequired()], description=_l("Nobody can begin after this, and all hand in by then.")
    )
    minutes = WholeNumberField(_l("Minutes for each candidate"), [InputRequired()])
    pass_percent = DecimalField(_l("Percent needed to pass"), [InputRequired()])
    shuffled = BooleanField(_l("Each candidate gets questions and options in an order of their own"), default=True)


class PaperForm(Form):
    """How a paper is marked; the table of cells stands beside it."""

    multiple = SelectField(
        _l("Multiple choice earns"),
        [InputRequired()],
        choices=options(
            [
                (Multiple.EXACT.value, _l("full points only for exactly the right options")),
                (Multiple.PARTIAL.value, _l("a share for each right option, nothing once a wrong one is chosen")),
                (Multiple.LESS_WRONG.value, _l("a share for each right option, less a share for each wrong one")),
            ]
        ),
    )


class NewForm(PaperForm, PlanForm):
    """A new exam, with what goes on its paper."""

    institution = SelectField(_l("Held by"), [InputRequired()], coerce=int)


def new_form(institutions: Sequence[tuple[int, str]]) -> NewForm:
    """The form for a new exam; the table of cells stands beside it."""
    form = NewForm()
    form.institution.choices = options(institutions)
    return form


class ReasonForm(Form):
    """Why something is done that cannot be undone."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])


class TimeForm(Form):
    """Extra time for one candidate."""

    minutes = WholeNumberField(
        _l("Extra minutes in all"), [InputRequired()], description=_l("0 takes back what was given.")
    )
    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])


class WindowForm(Form):
    """When some of the candidates sit an exam."""

    opens_at = MomentField(_l("From"), [InputRequired()])
    closes_at = MomentField(_l("Until"), [InputRequired()])


class RoomForm(Form):
    """A room and how many sit in it."""

    name = TextField(_l("Exam room"), [InputRequired(), Length(max=60)])
    seats = WholeNumberField(_l("Number of seats"), [InputRequired()])


class PlaceForm(Form):
    """When and where one candidate sits."""

    window = SelectField(_l("Window"), [Optional()])
    room = SelectField(_l("Exam room"), [Optional()])
    seat = WholeNumberField(_l("Seat"), [Optional()], description=_l("Left empty: the first free one."))


def between(window: ExamWindow) -> str:
    """From when until when a window is, on one line."""
    opens, closes = clock.local(window.opens_at), clock.local(window.closes_at)
    return f"{opens:%Y-%m-%d %H:%M} – {closes:{'%H:%M' if opens.date() == closes.date() else '%Y-%m-%d %H:%M'}}"


def place_form(candidate: Candidate, windows: Sequence[ExamWindow], rooms: Sequence[ExamRoom]) -> PlaceForm:
    """The form that places one candidate; it offers what the exam has."""
    form = PlaceForm(data={"window": candidate.window_id, "room": candidate.room_id, "seat": candidate.seat})
    form.window.choices = options([("", "–"), *((str(one.id), between(one)) for one in windows)])
    form.room.choices = options([("", "–"), *((str(one.id), one.name) for one in rooms)])
    return form


INCIDENTS = {
    What.POWER: _l("Power failure"),
    What.NETWORK: _l("Network failure"),
    What.DEVICE: _l("Device failure"),
    What.HEALTH: _l("Somebody unwell"),
    What.CONDUCT: _l("Conduct of a candidate"),
    What.OTHER: _l("Something else"),
}
