"""The form in which a flag is answered."""

from wtforms import RadioField
from wtforms.validators import InputRequired, Length, Optional

from assessments.stall.rules.words import ANSWERS, PLANS
from lms.i18n import _l
from lms.web.forms import Form, LongTextField, options

#: Buttons say what one does, states what was done.
_SAID = {
    "accepted": _l("I take it up"),
    "not_a_problem": ANSWERS["not_a_problem"],
    "handled": _l("Already handled"),
}


class AnswerForm(Form):
    """What becomes of a flag."""

    said = RadioField(_l("Your answer"), [InputRequired()], choices=options(list(_SAID.items())))
    plan = RadioField(_l("What are you going to do?"), [Optional()], choices=options(list(PLANS.items())))
    note = LongTextField(_l("Note"), [Optional(), Length(max=400)])
