"""Languages: 简体中文 first and English; one catalogue per feature, merged when the app starts."""

from decimal import ROUND_DOWN, Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

__all__ = ["LANGUAGES", "_", "_l", "_n", "choose", "figure", "in_chinese", "install", "locale", "percent", "pick"]

#: Messages are written in English in the code, so that English is complete by construction.
LANGUAGES = {"zh_Hans_CN": "简体中文", "en": "English"}
DEFAULT = "zh_Hans_CN"
COOKIE = "language"
_FOLDER = Path(__file__).parent / "translations"


@cache
def catalogue(language: str) -> NullTranslations:
    """All features' messages in one language."""
    merged = Catalog(locale=language)
    for path in sorted((_FOLDER / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string and not message.fuzzy:
                    merged.add(message.id, message.string, context=message.context)
    binary = BytesIO()
    write_mo(binary, merged)
    binary.seek(0)
    return Translations(binary)


class _Merged(Domain):
    def get_translations(self) -> NullTranslations:
        return catalogue(locale())


class _Languages(Babel):
    @property
    def domain_instance(self) -> Domain:
        return _Merged()


def locale() -> str:
    """The language of the page being made; Chinese where nobody said otherwise."""
    chosen = str(get_locale() or DEFAULT)
    return chosen if chosen in LANGUAGES else DEFAULT


def in_chinese() -> bool:
    """Whether the page being made is Chinese."""
    return locale() == DEFAULT


def pick(zh: str, en: str | None) -> str:
    """The title of a thing that carries one in each language; Chinese where English is missing."""
    return zh if in_chinese() or not en else en


def figure(value: Decimal | float) -> str:
    """A number as people write it: one place at most, none for a whole one."""
    return f"{value:.1f}".removesuffix(".0")


def percent(value: Decimal | float | str) -> str:
    """A percentage as people read it: one place at most, and cut, so that nobody reads a pass that was none."""
    cut = Decimal(str(value)).quantize(Decimal("0.1"), ROUND_DOWN)
    return f"{cut:f}".removesuffix(".0") + "%"


def choose() -> str:
    """By choice (cookie), else by browser, else Chinese."""
    if not has_request_context():
        return DEFAULT
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"], default="zh")
    return "en" if best == "en" else DEFAULT


def install(app: Flask, timezone: str) -> None:
    """Give the app its languages; outside a request use `flask_babel.force_locale`."""
    _Languages(app, default_locale=DEFAULT, default_timezone=timezone, locale_selector=choose)
    app.jinja_env.globals.update(pick=pick, languages=LANGUAGES)
    app.jinja_env.filters.update(figure=figure, percent=percent)
