"""The form that narrows the list."""

from wtforms import fields

from lms.i18n import _l
from lms.web.forms import DateField, Form, TextField


class Narrow(Form):
    """Who, what, where, when; asked in the address, so that a list can be sent to a colleague."""

    class Meta(Form.Meta):
        """Nothing is changed by asking."""

        csrf = False

    who = TextField(_l("Who"))
    area = fields.SelectField(_l("Area"), default="", validate_choice=False)
    where = TextField(_l("Institution"))
    since = DateField(_l("From"))
    until = DateField(_l("To"))
    q = TextField(_l("Act or number"))
    thing = fields.HiddenField()
