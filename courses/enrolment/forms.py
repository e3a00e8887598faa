"""Forms about enrolment."""

from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from lms.i18n import _l
from lms.web.forms import DateField, Form, PickField, options


class AssignForm(Form):
    """To whom a course is given, and until when."""

    institution = SelectField(_l("Where"), coerce=int, validators=[InputRequired()])
    category = SelectField(_l("Who"), validators=[InputRequired()])
    due_on = DateField(_l("To be finished by"), validators=[Optional()])


class PublishForm(Form):
    """Who of those under way goes over to a version that is put to use."""

    moving = PickField(
        _l("Who goes over"),
        kind=str,
        choices=options(
            [
                ("everybody", _l("everybody whom it can serve")),
                ("not_begun", _l("only who has met nothing yet")),
                ("nobody", _l("nobody: it is for those who come from now on")),
            ]
        ),
        validators=[InputRequired()],
    )
