"""Forms of practical exams, and the words in which states are shown."""

from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from assessments.osce.models import Decided, State, Why
from assessments.osce.rules import Cell, Group
from lms.i18n import _l
from lms.people.models import Category
from lms.web.forms import ChoicesField, DateField, Form, LongTextField, TextField

STATES = {
    State.PLANNED: _l("Planned"),
    State.RUNNING: _l("Running"),
    State.CLOSED: _l("Marking closed"),
    State.RELEASED: _l("Released"),
}
SHAPES = {
    State.PLANNED: "open",
    State.RUNNING: "under_way",
    State.CLOSED: "paused",
    State.RELEASED: "done",
}
CELLS = {
    Cell.MISSING: _l("No sheet"),
    Cell.MARKED: _l("One sheet"),
    Cell.AGREED: _l("Sheets agree"),
    Cell.DIFFERENT: _l("Sheets differ"),
    Cell.SETTLED: _l("Settled"),
}
CELL_SHAPES = {
    Cell.MISSING: "open",
    Cell.MARKED: "done",
    Cell.AGREED: "done",
    Cell.DIFFERENT: "attention",
    Cell.SETTLED: "done",
}
DECIDED = {
    Decided.STARTED: _l("Started"),
    Decided.CLOSED: _l("Marking closed"),
    Decided.REOPENED: _l("Marking opened again"),
    Decided.RELEASED: _l("Released"),
}
WHY = {
    Why.NOT_RUNNING: _l("came before the start"),
    Why.CLOSED: _l("came after the close"),
    Why.RELEASED: _l("came after the release"),
}
GROUPS = {
    Group.CRITICAL: _l("Critical items"),
    Group.KEY: _l("Key items"),
    Group.OTHER: _l("Other items"),
}
CATEGORIES = {
    Category.GENERAL_PRACTITIONER: _l("General practitioner"),
    Category.VILLAGE_DOCTOR: _l("Village doctor"),
    Category.NURSE: _l("Nurse"),
    Category.SPECIALIST: _l("Specialist"),
    Category.ADMINISTRATOR: _l("Administrator"),
}


class PlanForm(Form):
    """What a circuit is called and when it is."""

    title = TextField(_l("Title"), [InputRequired(), Length(max=120)])
    title_en = TextField(_l("Title in English"), [Optional(), Length(max=160)])
    on_day = DateField(_l("Day"), [InputRequired()])


class NewForm(PlanForm):
    """A new circuit with its stations."""

    institution = SelectField(_l("Held by"), [InputRequired()], coerce=int)
    stations = ChoicesField(_l("Stations"), [InputRequired()], coerce=int)


class RoomForm(Form):
    """Where a station stands."""

    room = TextField(_l("Room"), [Optional(), Length(max=60)])


class ReasonForm(Form):
    """Why something is done that cannot be undone."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])


class CloseForm(Form):
    """Closing; a word about sheets that are missing."""

    hash = HiddenField()
    reason = LongTextField(_l("Reason"), [Optional(), Length(max=400)])


class SettleForm(Form):
    """Which sheet counts, over which, and why."""

    over = HiddenField()
    sheet = SelectField(_l("The sheet that counts"), [InputRequired()])
    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])
