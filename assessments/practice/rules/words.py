"""What is said to people about columns of figures and everything a row can have wrong."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from lms.i18n import _l

COLUMNS: Mapping[str, LazyString] = {
    "account": _l("Account"),
    "name": _l("Full name"),
    "indicator": _l("Indicator"),
    "period_from": _l("Period from"),
    "period_until": _l("Period until"),
    "numerator": _l("Numerator"),
    "denominator": _l("Denominator"),
    "value": _l("Value"),
    "source": _l("Source"),
}
_PROBLEMS: Mapping[str, LazyString] = {
    "missing": _l("is missing"),
    "formula": _l("holds a formula; write the value itself"),
    "merged": _l("is part of merged cells; split them and fill in each row"),
    "too_long": _l("is too long"),
    "unknown_doctor": _l("“%(typed)s” is no doctor's account within your reach"),
    "other_name": _l("this account belongs to %(known)s"),
    "unknown_indicator": _l("“%(typed)s” is no indicator that is known here"),
    "wrong_date": _l("is no date; write it like 2026-11-22"),
    "impossible_date": _l("lies before 2000 or in the future"),
    "ends_before": _l("lies before the beginning of the period"),
    "no_number": _l("“%(typed)s” is no number of at least 0"),
    "no_count": _l("is no whole number of cases, from 1 on"),
    "above_whole": _l("is above the denominator"),
    "contradict": _l("does not fit numerator and denominator"),
    "overlaps": _l("the figure of %(from)s to %(until)s is there already and shares days with this one"),
    "double": _l("stands in the file more than once: %(where)s"),
}


def problem(code: str, column: str, said: Mapping[str, str]) -> str:
    """One problem as a sentence in the reader's language."""
    what = str(_PROBLEMS[code]) % dict(said)
    return f"{COLUMNS[column]}: {what}" if column else what


def is_said(code: str) -> bool:
    """Whether there are words for this problem (a test asks for all of them)."""
    return code in _PROBLEMS
