"""Forms about enrolment."""

from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from lms.i18n import _l
from lms.web.forms import DateField, Form


class AssignForm(Form):
    """To whom a course is given, and until when."""

    institution = SelectField(_l("Where"), coerce=int, validators=[InputRequired()])
    category = SelectField(_l("Who"), validators=[InputRequired()])
    due_on = DateField(_l("To be finished by"), validators=[Optional()])
