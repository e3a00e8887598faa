"""Forms of practical exams, and the words in which states are shown."""

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from assessments.osce.models import Answered, Decided, Method, State, Why
from assessments.osce.rules.examiners import Hint
from assessments.osce.rules.judging import Cell, Missed, Ruled
from assessments.osce.rules.outcome import Failing, Short, Stand
from assessments.psychometrics.rules.borderline import Guard
from assessments.stations.rules import Group
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
    Cell.AWAITED: _l("Excused, make-up to come"),
    Cell.ABSENT: _l("Was not there"),
    Cell.VOIDED: _l("Does not count"),
}
CELL_SHAPES = {
    Cell.MISSING: "open",
    Cell.MARKED: "done",
    Cell.AGREED: "done",
    Cell.DIFFERENT: "attention",
    Cell.SETTLED: "done",
    Cell.AWAITED: "waiting",
    Cell.ABSENT: "stopped",
    Cell.VOIDED: "paused",
}
RULED = {
    Ruled.MOVED: _l("Sheet counts for another candidate"),
    Ruled.MISSED: _l("Candidate was not there"),
    Ruled.VOIDED: _l("Station does not count"),
    Ruled.ACCEPTED: _l("Sheet kept aside counts"),
    Ruled.REFUSED: _l("Sheet kept aside refused"),
    Ruled.UNDONE: _l("Ruling undone"),
}
MISSED = {
    Missed.EXCUSED: _l("Excused: a make-up follows"),
    Missed.FAILED: _l("Not excused: the station is failed"),
    Missed.LEFT_OUT: _l("The station does not count for this candidate"),
}
FAILING = {
    Failing.CRITICAL: _l("critical item not done"),
    Failing.KEY_RULE: _l("too few key items"),
    Failing.CUT: _l("below the cut"),
    Failing.ABSENT: _l("was not there"),
    Failing.MISSING: _l("no sheet"),
}
STANDS = {
    Stand.ABSENT: _l("was not there"),
    Stand.VOIDED: _l("does not count"),
    Stand.MISSING: _l("no sheet"),
}
REVISION_COLUMNS = [
    _l("Candidate number"),
    _l("Full name"),
    _l("Percent before"),
    _l("Percent after"),
    _l("Stations passed before"),
    _l("Stations passed after"),
    _l("What changes"),
]
SHORT = {
    Short.CUT: _l("The percent over all stations is below what is needed."),
    Short.STATIONS: _l("Too few stations were passed."),
    Short.MISSING: _l("A station has no sheet and no ruling."),
    Short.NOTHING: _l("No station counts."),
}
CHANGES = {
    "lost": _l("loses the pass"),
    "gained": _l("gains the pass"),
    "down": _l("goes down"),
    "up": _l("goes up"),
    "same": _l("same mark, other grounds"),
}
CHANGE_SHAPES = {"lost": "stopped", "gained": "done", "down": "attention", "up": "done", "same": "open"}
ANSWERED = {
    Answered.REVISED: _l("Result revised"),
    Answered.REJECTED: _l("Result stays"),
}
ANSWERED_SHAPES = {Answered.REVISED: "done", Answered.REJECTED: "stopped"}
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
    Why.NOT_ASSIGNED: _l("came when the examiner was no longer assigned"),
    Why.DEVICE_REVOKED: _l("came from a tablet that has been revoked"),
    Why.UNKNOWN_DEVICE: _l("came from a tablet that is not enrolled here"),
    Why.BAD_SIGNATURE: _l("does not carry the signature of its tablet"),
    Why.NO_TABLET: _l("came from a browser, and only enrolled tablets count here"),
}
GROUPS = {
    Group.CRITICAL: _l("Critical items"),
    Group.KEY: _l("Key items"),
    Group.OTHER: _l("Other items"),
}


class PlanForm(Form):
    """What a circuit is called and when it is."""

    title = TextField(_l("Title"), [InputRequired(), Length(max=120)])
    title_en = TextField(_l("Title in English"), [Optional(), Length(max=160)])
    on_day = DateField(_l("Day"), [InputRequired()])
    tablets_only = BooleanField(
        _l("Only sheets from enrolled tablets count"), description=_l("Others are kept aside until an officer decides.")
    )


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


class MoveForm(Form):
    """Which sheets were written for the wrong candidate, and about whom they really are."""

    over = HiddenField()
    sheets = ChoicesField(_l("Sheets that were written for the wrong candidate"), [InputRequired()])
    to = SelectField(_l("They count for"), [InputRequired()], coerce=int)
    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=1000)])


class MissForm(Form):
    """What follows for a candidate who was not at a station."""

    over = HiddenField()
    missed = RadioField(_l("What follows"), [InputRequired()], choices=options(list(MISSED.items())))
    reason = LongTextField(_l("Reason, which the candidate reads"), [InputRequired(), Length(max=1000)])


class VoidForm(Form):
    """That a station does not count, and why."""

    over = HiddenField()
    reason = LongTextField(_l("Reason, which the candidate reads"), [InputRequired(), Length(max=1000)])


class AsideForm(Form):
    """What becomes of a sheet that was kept aside."""

    over = HiddenField()
    alone = BooleanField(_l("It counts in place of the other sheets"))
    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=1000)])


class WordForm(Form):
    """Why something is done, in one field."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=1000)])


class AfterForm(Form):
    """What candidates may do and read after the release."""

    appeal_days = WholeNumberField(
        _l("Days to appeal"), [InputRequired()], description=_l("After the release; 0: no appeals.")
    )
    examiners_named = BooleanField(_l("Candidates read who examined them"))


class RevisionForm(Form):
    """What was wrong with released results."""

    reason = LongTextField(
        _l("What was wrong"),
        [InputRequired(), Length(max=1000)],
        description=_l("Everybody whose result changes reads this."),
    )


class AppealForm(Form):
    """A candidate's appeal."""

    reason = LongTextField(
        _l("What is wrong with the result"),
        [InputRequired(), Length(max=1000)],
        description=_l("Name the station. Say what happened there."),
    )


class AnswerForm(Form):
    """An officer's answer to an appeal."""

    reason = LongTextField(_l("Reason, which the candidate reads"), [InputRequired(), Length(max=1000)])


#: How the cut of a station is set: its name, and what it rests on.
METHODS = {
    Method.BORDERLINE_REGRESSION: (
        _l("Borderline regression"),
        _l("The line of percent on global rating, read at the borderline rating."),
    ),
    Method.POOLED_REGRESSION: (
        _l("Borderline regression, pooled"),
        _l("The same with earlier released sittings of this version: surer where few were examined."),
    ),
    Method.BORDERLINE_GROUP: (
        _l("Borderline group"),
        _l("The mean of those whom the examiners rated borderline."),
    ),
    Method.ANGOFF: (
        _l("Angoff"),
        _l("Judges say of each item which share of its points a borderline candidate gets."),
    ),
    Method.FIXED: (_l("Fixed percent"), _l("A percent that you answer for, with your reason.")),
}
#: What speaks against a cut by the ratings: its name, what it means, what to do.
GUARDS = {
    Guard.SLOPE: (
        _l("The percent does not rise with the rating"),
        _l(
            "Candidates rated better did not score better. Checklist and rating do not measure the same thing here, or"
            " sheets were mixed up."
        ),
        _l("No cut is made of it. Look at the station and its sheets; let judges set the cut."),
    ),
    Guard.FEW_GRADES: (
        _l("Fewer than three ratings were used"),
        _l("A line through one or two ratings says nothing about the ratings between."),
        _l("No cut is made of it. Pool earlier sittings, or let judges set the cut."),
    ),
    Guard.OUTSIDE: (
        _l("The borderline rating lies outside the ratings used"),
        _l("The line is drawn on to where nobody stood."),
        _l("Pool earlier sittings, or let judges set the cut."),
    ),
    Guard.LOW_FIT: (
        _l("R² is below 0.5"),
        _l("The rating explains less than half of the differences in percent: the cut moves with chance."),
        _l("Read the checklist: does it reward what makes a good candidate? Talk with the examiners."),
    ),
    Guard.FEW_CANDIDATES: (
        _l("Fewer than 50 candidates"),
        _l("With so few the cut can be several percent off either way."),
        _l("Pool earlier sittings of this version, or let judges set the cut."),
    ),
    Guard.NOBODY_BORDERLINE: (
        _l("Nobody was rated borderline"),
        _l("There is no borderline group, and the line has no point where it is read."),
        _l("Pool earlier sittings, or let judges set the cut."),
    ),
}
#: What is worth a talk with an examiner.
HINTS = {
    Hint.SEVERE: _l("Marks lower than others"),
    Hint.LENIENT: _l("Marks higher than others"),
    Hint.NARROW: _l("Uses a narrower range"),
    Hint.HALO: _l("Percent follows the global rating more closely than with others"),
    Hint.EVEN: _l("Marks all items of a sheet much alike"),
}


class CutForm(Form):
    """The cut of one station."""

    method = PickField(_l("Method"), [InputRequired()], kind=str)
    percent = DecimalField(_l("Percent"), [Optional()], description=_l("Only for a fixed percent."))
    judges = LongTextField(
        _l("What the judges expect"),
        [Optional(), Length(max=200_000)],
        description=_l(
            "Only for Angoff: one row for each judge, one column for each item, shares from 0 to 1, with a first line"
            " judge,1,2,3 …"
        ),
    )
    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=1000)])


class CutsForm(Form):
    """Cuts of several stations by the ratings; which method stands in fields of their own, one a station."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=1000)], id="cuts-reason")


class ExamCutForm(Form):
    """What is asked over all stations."""

    errors_added = PickField(_l("Percent over all stations"), [InputRequired()], kind=str)
    least_stations = PickField(_l("Stations that must be passed"), [InputRequired()], kind=str)
    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=1000)], id="exam-reason")


TABLETS = {"waiting": _l("Waiting to enrol"), "enrolled": _l("In service"), "revoked": _l("Revoked")}
TABLET_SHAPES = {"waiting": "waiting", "enrolled": "done", "revoked": "stopped"}


class LabelForm(Form):
    """What a tablet is called."""

    label = TextField(_l("Name of the tablet"), [InputRequired(), Length(max=60)])


class AnnounceForm(LabelForm):
    """A tablet that is expected."""

    institution = SelectField(_l("Belongs to"), [InputRequired()], coerce=int)


class PhotoForm(Form):
    """A candidate's picture at check-in."""

    picture = FileField(
        _l("Picture"), [FileRequired(_l("Choose a file."))], render_kw={"accept": "image/*", "capture": ""}
    )
    consent = BooleanField(_l("The candidate agrees to the picture."), [InputRequired()])
