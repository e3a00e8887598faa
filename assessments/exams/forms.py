"""Forms of exams, and the words in which states and endings are shown."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from assessments.bank.rules.marking import Multiple
from assessments.exams.models import Ending, State
from assessments.exams.rules.scoring import plain
from lms.i18n import _l
from lms.people.models import Category
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
CATEGORIES = {
    Category.GENERAL_PRACTITIONER: _l("General practitioner"),
    Category.VILLAGE_DOCTOR: _l("Village doctor"),
    Category.NURSE: _l("Nurse"),
    Category.SPECIALIST: _l("Specialist"),
    Category.ADMINISTRATOR: _l("Administrator"),
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


class NewForm(PlanForm):
    """A new exam, with what goes on its paper."""

    institution = SelectField(_l("Held by"), [InputRequired()], coerce=int)
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
    points_single = WholeNumberField(_l("Points for a single choice"), [InputRequired()], default=1)
    points_multiple = WholeNumberField(_l("Points for a multiple choice"), [InputRequired()], default=1)


def new_form(institutions: Sequence[tuple[int, str]], topics: Sequence[tuple[str, int]]) -> NewForm:
    """The form for a new exam, with one number to fill in for each topic of the bank."""
    cells: dict[str, Any] = {
        f"topic_{number}": WholeNumberField(topic, [Optional()], description=_l("%(there)s in the bank", there=there))
        for number, (topic, there) in enumerate(topics)
    }
    form: NewForm = type("BlueprintForm", (NewForm,), cells)()
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
