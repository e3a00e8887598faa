"""Forms of questions: shape and labels, no rules."""

from typing import Final

from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired, Length, Optional

from courses.discussion.rules import LONGEST_BODY, LONGEST_REASON, LONGEST_TITLE, Why, WrittenAs
from lms.i18n import _l
from lms.people.rules.patients import Kind
from lms.web.forms import Form, LongTextField, PickField, TextField, options

WRITTEN_AS: Final = {WrittenAs.MENTOR: _l("Mentor"), WrittenAs.EDITOR: _l("Course editor")}
WHYS: Final = {
    Why.PATIENT: _l("A patient can be known by it"),
    Why.WRONG: _l("It is wrong and could harm"),
    Why.RUDE: _l("It is rude, or an advertisement"),
    Why.ELSEWHERE: _l("It does not belong to this lesson"),
}
#: What marked words are taken for.
KINDS: Final = {
    Kind.IDENTITY_NUMBER: _l("identity number"),
    Kind.TELEPHONE: _l("telephone number"),
    Kind.NAME: _l("name"),
    Kind.HOSPITAL_NUMBER: _l("number of the hospital or the bed"),
}


class EntryForm(Form):
    """What every text has: its words, the version one had before one's eyes, and that one is sure of it."""

    body = LongTextField(_l("Your answer to it"), [InputRequired(), Length(max=LONGEST_BODY)])
    number = HiddenField(default="1")
    sure = BooleanField(_l("No patient can be known by this. I have looked at the marked words."))


class QuestionForm(EntryForm):
    """A question: one line, and what one wants to add."""

    title = TextField(
        _l("Your question"),
        [InputRequired(), Length(max=LONGEST_TITLE)],
        description=_l("One line, as you would ask a colleague."),
    )
    body = LongTextField(
        _l("What you want to add"),
        [Optional(), Length(max=LONGEST_BODY)],
        description=_l("No patients' names or numbers."),
    )
    #: "1" once its writer has seen the questions that are like it
    looked = HiddenField()


class ReportForm(Form):
    """Why a text should not stand where it stands."""

    why = PickField(_l("What is wrong?"), [InputRequired()], kind=Why, choices=options(WHYS.items()))
    note = LongTextField(_l("What should be looked at"), [Optional(), Length(max=LONGEST_REASON)])


class ReasonForm(Form):
    """Why something was decided."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=LONGEST_REASON)])
