"""The forms about institutions and consortia, and the words for kinds."""

from typing import Any

from flask_babel.speaklater import LazyString
from wtforms import fields
from wtforms.validators import InputRequired

from lms import clock
from lms.i18n import _l
from lms.institutions.models import Change, Institution, Kind
from lms.institutions.rules.places import may_stand_under
from lms.web.forms import DateField, Form, LongTextField, PickField, TextField, options

KINDS: dict[str, LazyString] = {
    Kind.CITY_COMMISSION: _l("City health commission"),
    Kind.CITY_HOSPITAL: _l("City hospital"),
    Kind.COUNTY_COMMISSION: _l("County health bureau"),
    Kind.COUNTY_HOSPITAL: _l("County hospital"),
    Kind.TOWNSHIP_HOSPITAL: _l("Township hospital"),
    Kind.COMMUNITY_CENTRE: _l("Community health centre"),
    Kind.VILLAGE_CLINIC: _l("Village clinic"),
}
CHANGES: dict[str, LazyString] = {
    Change.CREATED: _l("Entered"),
    Change.RENAMED: _l("Renamed"),
    Change.MOVED: _l("Moved in the tree"),
    Change.CLOSED: _l("Closed"),
    Change.REOPENED: _l("Opened again"),
}


class NameForm(Form):
    """What an institution is called."""

    name = TextField(_l("Name"), [InputRequired()])
    name_en = TextField(_l("Name in English"))


class NewForm(NameForm):
    """A new institution below another."""

    kind = fields.SelectField(_l("Kind"), [InputRequired()])
    code = TextField(_l("Code"), [InputRequired()], description=_l("3 to 40 letters, digits and hyphens; it stays."))

    @classmethod
    def below(cls, parent: Institution) -> "NewForm":
        """With the kinds that may stand below this one."""
        form = cls()
        allowed = [(kind, words) for kind, words in KINDS.items() if may_stand_under(kind, parent.kind)]
        form.kind.choices = options(allowed)
        return form


class MoveForm(Form):
    """Another place in the tree."""

    below = TextField(_l("Code of the institution it goes below"), [InputRequired()])
    reason = LongTextField(_l("Reason"), [InputRequired()])


class ReasonForm(Form):
    """Why something is ended."""

    reason = LongTextField(_l("Reason"), [InputRequired()])


class ConsortiumForm(Form):
    """A new consortium."""

    name = TextField(_l("Name"), [InputRequired()])
    leader = PickField(_l("Leader"), [InputRequired()])
    begins_on = DateField(_l("From"), [InputRequired()], default=clock.today)


class JoinForm(Form):
    """An institution becomes a member."""

    institution = PickField(_l("Institution"), [InputRequired()])
    begins_on = DateField(_l("From"), [InputRequired()], default=clock.today)


class LeaveForm(Form):
    """A membership ends."""

    ends_on = DateField(_l("Until"), [InputRequired()], default=clock.today)


class DissolveForm(LeaveForm):
    """A consortium ends."""

    reason = LongTextField(_l("Reason"), [InputRequired()])


def refused(form: Form, wrong: Any) -> Form:
    """Put a refusal beside the field it is about, so that it can be mended."""
    field = wrong.where.get("field")
    if field and field in form:
        form[field].errors = [*form[field].errors, str(wrong)]
    else:
        form.form_errors = [*form.form_errors, str(wrong)]
    return form
