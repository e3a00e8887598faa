"""The form every form is made of, and fields that take what people really type."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Request, has_request_context, request
from flask_wtf import FlaskForm
from wtforms import fields, widgets
from wtforms.fields.choices import Choice, SelectChoice  # type: ignore[attr-defined]

from lms import clock
from lms.errors import Refused
from lms.i18n import _, catalogue, locale
from lms.web.written import plain, read_day, read_moment


class _Messages:
    """WTForms' own messages from our catalogue, so that a form speaks with one voice."""

    def gettext(self, message: str) -> str:
        return catalogue(locale()).gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        # Not flask_babel's: it fills in %(num)d at once, and WTForms' placeholders have other names.
        return catalogue(locale()).ngettext(singular, plural, n)


def options(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """What a select, radio or boxes offer, from (value, words): `choices=options([("gp", _l("…"))])`."""
    return [SelectChoice(value, words) for value, words in pairs]


class Form(FlaskForm):
    """Base of all forms: CSRF always, messages in the reader's language."""

    class Meta(FlaskForm.Meta):
        """How WTForms behaves for all our forms."""

        def get_translations(self, _form: Any) -> Any:
            """Our catalogue instead of WTForms' own, whose Chinese nobody would say."""
            return _Messages()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was typed; a script may send the same as an object of texts, and as nothing else."""
            given = formdata is None or hasattr(formdata, "getlist")
            if not given and has_request_context() and request.is_json and not _is_of_texts(request):
                return None
            return super().wrap_formdata(form, formdata)


def _is_of_texts(asked: Request) -> bool:
    sent = asked.get_json(silent=True)
    return isinstance(sent, dict) and all(isinstance(word, str) for word in sent.values())


def attempted(form: Form, act: Callable[[], object]) -> bool:
    """Do it; a refusal is put on the form and is False."""
    try:
        act()
    except Refused as refused:
        form.form_errors = [str(refused)]
        return False
    return True


class TextField(fields.StringField):
    """One line of text, without outer blanks; nothing typed is None."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take off the blanks that paste and input methods leave."""
        if valuelist:
            self.data = str(valuelist[0]).strip() or None


class LongTextField(fields.TextAreaField):
    """Several lines of text, without outer blanks; nothing typed is None."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Line ends as one character, whatever the browser sends."""
        if valuelist:
            self.data = str(valuelist[0]).replace("\r\n", "\n").strip() or None


class _Written(fields.Field):
    """A field that keeps what was typed, so that a mistake can be shown and mended."""

    widget = widgets.TextInput()
    raw: str | None = None

    def _value(self) -> str:
        if self.raw is not None:
            return self.raw
        return "" if self.data is None else self.written(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        self.raw, self.data = str(valuelist[0]), None
        if plain(self.raw):
            self.data = self.read(self.raw)

    def written(self, value: Any) -> str:
        """The value as the field shows it."""
        return str(value)

    def read(self, text: str) -> Any:
        """The value that was meant; raises ValueError saying what is wrong."""
        raise NotImplementedError


class DateField(_Written):
    """A calendar day, written the way people write it; the picker beside it is a convenience."""

    hint = "2026-11-22"

    def read(self, text: str) -> date:
        """A day that exists."""
        day = read_day(text)
        if day is None:
            raise ValueError(_("Not a date. Write it like 2026-11-22."))
        return day


class MomentField(_Written):
    """A day and a time of day where the institutions are; the value is aware."""

    hint = "2026-11-22 14:30"

    def written(self, value: Any) -> str:
        """As the clock on the wall shows it."""
        return f"{clock.local(value):%Y-%m-%d %H:%M}"

    def read(self, text: str) -> datetime:
        """A moment that exists."""
        moment = read_moment(text)
        if moment is None:
            raise ValueError(_("Not a date with time. Write it like 2026-11-22 14:30."))
        return moment


class WholeNumberField(_Written):
    """A whole number; full-width digits are digits."""

    def read(self, text: str) -> int:
        """Digits, with a sign or without."""
        if re.fullmatch(r"[+-]?\d{1,18}", plain(text)) is None:
            raise ValueError(_("Not a whole number."))
        return int(plain(text))


class DecimalField(_Written):
    """A decimal number such as hours or marks; full-width digits are digits."""

    def read(self, text: str) -> Decimal:
        """A finite number written in digits."""
        if re.fullmatch(r"[+-]?\d{1,15}([.]\d{1,6})?", plain(text)) is None:
            raise ValueError(_("Not a number. Write it like 1.5."))
        return Decimal(plain(text))


class PickField(fields.SelectField):
    """One thing of a list, by its number or another `kind` of name; nothing is chosen until somebody chooses it."""

    def __init__(
        self, label: Any = None, validators: Any = None, kind: Callable[[Any], Any] = int, **more: Any
    ) -> None:
        super().__init__(label, validators, coerce=lambda sent: kind(sent) if sent else None, **more)

    def iter_choices(self) -> Iterator[Any]:
        """A first line that is no choice: what merely stands first in a list is nobody's decision."""
        yield Choice("", _("Choose…"), self.data is None, {})
        yield from super().iter_choices()


class ChoicesField(fields.SelectMultipleField):
    """Any number of choices as a list of boxes to tick, which a thumb can hit."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()
