"""What officers and strangers fill in; no rules here."""

from typing import Any, ClassVar

from flask import request
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from assessments.certification.rules.words import REASONS, SUSPENSIONS
from lms.i18n import _, _l
from lms.web.forms import (
    DateField,
    DecimalField,
    Form,
    LongTextField,
    PickField,
    TextField,
    WholeNumberField,
    options,
)

_NOTE = [InputRequired(), Length(max=2000)]
_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code"}


def _between(least: float, most: float) -> Any:
    return NumberRange(least, most)


class CodeOrKey:
    """A one-time code, unless the form brings what a passkey has signed."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, _form: Form, field: TextField) -> None:
        """Refuse a form with neither."""
        if not field.data and not request.form.get("assertion"):
            raise StopValidation(_("Give the one-time code, or use your passkey."))


class ApproveForm(Form):
    """An approval: the officer proves to be there."""

    code = TextField(_l("One-time code"), validators=[CodeOrKey(), Length(max=20)], render_kw=_CODE)


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
    code = TextField(_l("One-time code"), validators=[CodeOrKey(), Length(max=20)], render_kw=_CODE)


class AnswerForm(Form):
    """The second half."""

    answer = RadioField(
        _l("Decision"),
        choices=options([("confirm", _l("Revoke it")), ("decline", _l("Leave it valid"))]),
        validators=[InputRequired()],
    )
    note = LongTextField(_l("Note (needed to decline)"), validators=[Length(max=2000)])
    code = TextField(_l("One-time code"), validators=[CodeOrKey(), Length(max=20)], render_kw=_CODE)


class SuspendForm(Form):
    """The first half of a suspension."""

    category = SelectField(
        _l("Reason"),
        choices=options([(kind.value, words) for kind, words in SUSPENSIONS.items()]),
        validators=[InputRequired()],
    )
    note = LongTextField(_l("What happened (officers and auditors only)"), validators=_NOTE)
    code = TextField(_l("One-time code"), validators=[CodeOrKey(), Length(max=20)], render_kw=_CODE)


class ResumeForm(Form):
    """The first half of lifting a suspension."""

    note = LongTextField(_l("What happened (officers and auditors only)"), validators=_NOTE)
    code = TextField(_l("One-time code"), validators=[CodeOrKey(), Length(max=20)], render_kw=_CODE)


class SuspensionAnswerForm(Form):
    """The second half of either."""

    answer = RadioField(
        _l("Decision"),
        choices=options([("confirm", _l("Agree")), ("decline", _l("Do not agree"))]),
        validators=[InputRequired()],
    )
    note = LongTextField(_l("Note (needed if you do not agree)"), validators=[Length(max=2000)])
    code = TextField(_l("One-time code"), validators=[CodeOrKey(), Length(max=20)], render_kw=_CODE)


class StandForm(Form):
    """Why a certificate stays although a result it rests on was corrected."""

    reason = LongTextField(_l("Why it stays"), validators=[InputRequired(), Length(max=1000)])


class VerifyForm(Form):
    """What stands on a paper that somebody holds."""

    number = TextField(_l("Certificate number"), validators=[InputRequired(), Length(max=40)])
    name = TextField(_l("Holder's full name"), validators=[InputRequired(), Length(max=80)])


class AboutPolicyForm(Form):
    """What a version of the policy says of itself, of certificates, and of how certain a decision must be."""

    zh = TextField(_l("Title in Chinese"), validators=[InputRequired(), Length(max=120)])
    en = TextField(_l("Title in English"), validators=[InputRequired(), Length(max=160)])
    valid_from = DateField(_l("In force from"), validators=[InputRequired()])
    reason = LongTextField(_l("Why the policy changes"), validators=[Length(max=2000)])
    valid_years = WholeNumberField(_l("Certificates are valid for (years)"), validators=[Optional(), _between(1, 50)])
    number = TextField(_l("How certificates are numbered"), validators=[Length(max=80)])
    renew_days = WholeNumberField(
        _l("Due for renewal before the end (days)"), validators=[Optional(), _between(1, 730)]
    )
    grace_days = WholeNumberField(
        _l("Can still be renewed after the end (days)"), validators=[Optional(), _between(0, 730)]
    )
    refreshers = WholeNumberField(_l("Techniques to prove anew at a renewal"), validators=[Optional(), _between(0, 50)])
    certainty = DecimalField(_l("How certain a decision must be (%)"), validators=[Optional(), _between(51, 99)])
    second_look = BooleanField(_l("A borderline decision waits for a second look"))


class RequirementForm(Form):
    """One requirement; the fields that its kind does not know are taken off."""

    technique = PickField(_l("Technique"), validators=[Optional()], kind=str)
    min = DecimalField(_l("At least"), validators=[InputRequired(), _between(0.1, 100_000)])
    level = WholeNumberField(_l("Entrustment level"), validators=[InputRequired(), _between(1, 5)])
    count = WholeNumberField(_l("How many results"), validators=[Optional(), _between(1, 1000)])
    within_days = WholeNumberField(_l("Not older than (days)"), validators=[Optional(), _between(1, 36_500)])
    distinct_assessors = WholeNumberField(_l("By so many assessors"), validators=[Optional(), _between(1, 99)])
    no_critical_failure = BooleanField(_l("Only results without a critical failure count"))
    weight = DecimalField(_l("Points for it"), validators=[InputRequired(), _between(0.1, 10_000)])
    zh = TextField(_l("Title in Chinese"), validators=[Length(max=120)])
    en = TextField(_l("Title in English"), validators=[Length(max=160)])


class GroupForm(Form):
    """How several requirements are held together."""

    word = RadioField(
        _l("What must be met"),
        choices=options(
            [
                ("all", _l("All of them")),
                ("any", _l("Any one of them")),
                ("at_least", _l("A number of them")),
                ("weighted", _l("Points together")),
            ]
        ),
        validators=[InputRequired()],
    )
    number = DecimalField(_l("How many, or how many points"), validators=[Optional(), _between(0.1, 100_000)])
    weight = DecimalField(_l("Points for it"), validators=[InputRequired(), _between(0.1, 10_000)])


class TurnDownForm(Form):
    """Why a proposed version of the policy is not approved."""

    reason = LongTextField(_l("Reason, which the other officers will read"), validators=_NOTE)


class LookForm(Form):
    """What a second look at a borderline decision came to."""

    answer = RadioField(
        _l("What you found"),
        choices=options(
            [("right", _l("The star is deserved: propose the certificate")), ("wrong", _l("Not proven yet"))]
        ),
        validators=[InputRequired()],
    )
    reason = LongTextField(_l("What you looked at and what you found"), validators=[InputRequired(), Length(max=2000)])
