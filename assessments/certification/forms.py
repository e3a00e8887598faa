"""What officers and strangers fill in; no rules here."""

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, Length

from assessments.certification.rules.words import REASONS
from lms.i18n import _l
from lms.web.forms import Form, LongTextField, TextField, options

_NOTE = [InputRequired(), Length(max=2000)]
_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code"}


class ApproveForm(Form):
    """An approval: the officer proves to be there."""

    code = TextField(_l("One-time code"), validators=[InputRequired(), Length(max=20)], render_kw=_CODE)


class ReturnForm(Form):
    """Returning a case."""

    reason = LongTextField(_l("Reason, which the doctor will read"), validators=[InputRequired(), Length(max=1000)])


class RevokeForm(Form):
    """The first half of a revocation."""

    category = SelectField(
        _l("Reason that everybody may see"),
        choices=options([(kind.value, words) for kind, words in REASONS.items()]),
        validators=[InputRequired()],
    )
    note = LongTextField(_l("What happened (officers and auditors only)"), validators=_NOTE)
    code = TextField(_l("One-time code"), validators=[InputRequired(), Length(max=20)], render_kw=_CODE)


class AnswerForm(Form):
    """The second half."""

    answer = RadioField(
        _l("Decision"),
        choices=options([("confirm", _l("Revoke it")), ("decline", _l("Leave it valid"))]),
        validators=[InputRequired()],
    )
    note = LongTextField(_l("Note (needed to decline)"), validators=[Length(max=2000)])
    code = TextField(_l("One-time code"), validators=[InputRequired(), Length(max=20)], render_kw=_CODE)


class StandForm(Form):
    """Why a certificate stays although a result it rests on was corrected."""

    reason = LongTextField(_l("Why it stays"), validators=[InputRequired(), Length(max=1000)])


class VerifyForm(Form):
    """What stands on a paper that somebody holds."""

    number = TextField(_l("Certificate number"), validators=[InputRequired(), Length(max=40)])
    name = TextField(_l("Holder's full name"), validators=[InputRequired(), Length(max=80)])
