"""Forms for what others decide about an account: roles, and why something is taken away."""

from wtforms.validators import InputRequired, Length, Optional

from lms.i18n import _l
from lms.web.forms import DateField, Form, PickField, TextField


class GrantForm(Form):
    """Which role, over what, how long."""

    role = PickField(_l("Role"), [InputRequired()], kind=str)
    over = PickField(_l("Over the institution and all below it"), [InputRequired()])
    ends_on = DateField(_l("Until (the day it ends)"), [Optional()])


class ReasonForm(Form):
    """Why."""

    reason = TextField(_l("Reason"), [InputRequired(), Length(max=300)])
