"""Forms for signing in, for passwords and for second factors."""

from typing import Any

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from lms.i18n import _l
from lms.passwords import LONGEST
from lms.web.forms import Form


def _password(label: Any, autocomplete: str, *more: Any) -> PasswordField:
    """A password; never sent back to the page."""
    return PasswordField(label, [InputRequired(), Length(max=LONGEST), *more], render_kw={"autocomplete": autocomplete})


def _account() -> StringField:
    return StringField(
        _l("Account"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


class SignInForm(Form):
    """Account and password."""

    account = _account()
    password = _password(_l("Password"), "current-password")
    next = HiddenField()


class CodeForm(Form):
    """One code, from the app or from the paper."""

    code = StringField(
        _l("One-time code"),
        [InputRequired(), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "text", "autocapitalize": "characters"},
    )


class AppCodeForm(Form):
    """The six digits that an app shows for the first time."""

    code = StringField(
        _l("The six digits in the app"),
        [InputRequired(), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class ForgottenForm(Form):
    """Whose password was forgotten."""

    account = _account()


def _new() -> PasswordField:
    return _password(_l("New password"), "new-password")


def _again() -> PasswordField:
    same = EqualTo("new", _l("This is not the same as the line above."))
    return _password(_l("The same once more"), "new-password", same)


class ResetForm(Form):
    """A new password, typed twice, by the link in a letter."""

    token = HiddenField()
    new = _new()
    again = _again()


class ChangePasswordForm(Form):
    """A new password, typed twice, for who knows the present one."""

    current = _password(_l("Present password"), "current-password")
    new = _new()
    again = _again()
