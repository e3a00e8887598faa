"""Identity numbers of residents (GB 11643): how they are written, checked and shown."""

import re
import unicodedata
from datetime import date
from enum import StrEnum

_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECK = "10X98765432"
_SHAPE = re.compile(r"[1-9]\d{16}[\dX]")
_BLANKS = re.compile("[\\s\\u200b\\ufeff\\-']+")
_FLOATED = re.compile(r"\d([.]\d+)?E[+]?1\d", re.I)
#: Nobody alive was born before this.
_EARLIEST = date(1900, 1, 1)


class Wrong(StrEnum):
    """What can be wrong with an identity number."""

    SHAPE = "identity_shape"
    OLD = "identity_old"
    BIRTH = "identity_birth"
    CHECK = "identity_check"
    DIGITS_LOST = "digits_lost"


def normal(text: str) -> str:
    """The number that was meant: full-width digits, blanks and a small x do not matter."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()


def check_character(first_17: str) -> str:
    """ISO 7064 MOD 11-2 over the first seventeen digits."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def born(number: str) -> date | None:
    """The day of birth that is written into a number, or None where there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def wrong(number: str, today: date) -> Wrong | None:
    """What is wrong with a normalised number, or None."""
    if _FLOATED.fullmatch(number):
        return Wrong.DIGITS_LOST
    if re.fullmatch(r"\d{15}", number):
        return Wrong.OLD
    if not (number.isascii() and _SHAPE.fullmatch(number)):
        return Wrong.SHAPE
    birth = born(number)
    if birth is None or not _EARLIEST <= birth <= today:
        return Wrong.BIRTH
    if check_character(number[:17]) != number[17]:
        return Wrong.DIGITS_LOST if number.endswith("000") else Wrong.CHECK
    return None


def masked(secret: str | None) -> str:
    """Enough of a number to recognise it by, never enough to use it."""
    if not secret:
        return ""
    if len(secret) < 9:
        return "*" * len(secret)
    return f"{secret[:3]}{'*' * (len(secret) - 7)}{secret[-4:]}"
