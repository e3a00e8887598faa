"""Forms for what others decide about an account: roles, and why something is taken away."""

from wtforms import SelectField
from wtforms.validators import InputRequired, Length, Optional

from lms.i18n import _l
from lms.web.forms import DateField, Form, TextField


class GrantForm(Form):
    """Which role, over what, how long."""

    role = SelectField(_l("Role"), [InputRequired()])
    over = SelectField(_l("Over the institution and all below it"), [InputRequired()], coerce=int)
    ends_on = DateField(_l("Until (the day it ends)"), [Optional()])


class ReasonForm(Form):
    """Why."""

    reason = TextField(_l("Reason"), [InputRequired(), Length(max=300)])
