"""The forms of the directory and of the roster."""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms.validators import InputRequired

from lms.i18n import _l, pick
from lms.institutions.models import Institution
from lms.people.formats.words import CATEGORIES, COLUMNS
from lms.web.forms import DateField, Form, LongTextField, PickField, TextField, options


class PersonForm(Form):
    """One person, with the columns of a roster."""

    name = TextField(COLUMNS["name"], [InputRequired()])
    identity_number = TextField(COLUMNS["identity_number"], [InputRequired()])
    category = PickField(COLUMNS["category"], [InputRequired()], kind=str, choices=options(CATEGORIES.items()))
    institution = PickField(COLUMNS["institution"], [InputRequired()])
    title = TextField(COLUMNS["title"])
    licence_number = TextField(COLUMNS["licence_number"])
    phone = TextField(COLUMNS["phone"])
    email = TextField(COLUMNS["email"])
    begins_on = DateField(COLUMNS["begins_on"])
    practising_since = DateField(COLUMNS["practising_since"])
    account = TextField(COLUMNS["account"], description=_l("Left empty, it is made from the name."))

    def typed(self) -> dict[str, Any]:
        """What was typed, by column."""
        left_out = {"institution", "csrf_token"}
        return {field.name: field.data for field in self if field.name not in left_out}


class MovePersonForm(Form):
    """Another main post."""

    to = PickField(COLUMNS["institution"], [InputRequired()])
    title = TextField(COLUMNS["title"])
    since = DateField(_l("From"), [InputRequired()])


class LeavingForm(Form):
    """Why somebody is deactivated."""

    reason = LongTextField(_l("Reason"), [InputRequired()])


class RosterForm(Form):
    """A roster to check."""

    file = FileField(_l("Roster (.xlsx or .csv)"), [FileRequired(_l("Choose a file."))])


def places(found: list[Institution]) -> list[Any]:
    """Institutions to choose from, with their codes, because names repeat."""
    return options((one.id, f"{pick(one.name, one.name_en)} · {one.code}") for one in found)
