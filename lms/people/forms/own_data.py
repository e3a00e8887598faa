"""The form by which an erasure is asked for."""

from wtforms.validators import InputRequired

from lms.i18n import _l
from lms.people.rules.own_data import LEAST, MOST, USUAL
from lms.web.forms import Form, LongTextField, WholeNumberField


class ErasureForm(Form):
    """Why somebody is to be erased, and how long is waited."""

    reason = LongTextField(
        _l("Reason"), [InputRequired()], description=_l("Who asked for it, and by what right. Write no names.")
    )
    days = WholeNumberField(_l("Days to wait"), [InputRequired()], default=USUAL, description=f"{LEAST}–{MOST}")
