"""What a requirement is called when nobody gave it a name of its own: written from its numbers, in both languages."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from assessments.certification.rules.policy import KINDS, Measure
from lms.i18n import DEFAULT, LANGUAGES, catalogue

_ = str  # marks a message for the catalogues; both languages are looked up below
_KEYS: Final = {"zh": DEFAULT, "en": next(name for name in LANGUAGES if name != DEFAULT)}

_TITLES: Final = {
    "theory_exam": _("Theory exam at %(min)s %% or more"),
    "practical_exam": _("Practical station at %(min)s %% or more"),
    "practice_evaluation": _("Evaluation of practice at %(min)s %% or more"),
    "simulation_hours": _("%(min)s hours of simulation"),
    "education_hours": _("%(min)s hours of continuing education"),
    "rotation_days": _("%(min)s days of clinical rotation"),
    "workplace_encounters": _("%(min)s workplace encounters"),
    "entrustment": _("%(technique)s: entrusted at level %(level)s"),
    "skill_currency": _("%(technique)s: %(min)s proofs of the skill"),
    "no_open_critical_failure": _("No open critical failure"),
}
_NUMBERS: Final = ("min", "count", "level", "within_days", "distinct_assessors")
_ONE_PROOF: Final = _("%(technique)s: a proof of the skill")
_OF_TECHNIQUE: Final = _("%(technique)s: %(title)s")
_TIMES: Final = _("%(title)s, %(count)s times")
_BY: Final = _("%(title)s, by %(assessors)s assessors or more")
_WITHIN: Final = _("%(title)s, within %(days)s days")
_CLEAN: Final = _("%(title)s, nothing critical failed")
_STARS: Final = {
    1: _("One star"),
    2: _("Two stars"),
    3: _("Three stars"),
    4: _("Four stars"),
    5: _("Five stars"),
}


def of_star(star: int) -> dict[str, str]:
    """What a star is called, in both languages."""
    return {short: catalogue(language).gettext(_STARS[star]) for short, language in _KEYS.items()}


def of_requirement(node: Mapping[str, Any], technique: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a requirement is called, in both languages; `technique` is the name of the one it asks for."""
    return {short: _title(node, language, (technique or {}).get(short, "")) for short, language in _KEYS.items()}


def _title(node: Mapping[str, Any], language: str, technique: str) -> str:
    say = catalogue(language).gettext
    measure = KINDS[node["kind"]][0]
    values = {"min": _plain(node.get("min")), "level": node.get("level") or "", "technique": technique}
    one = measure is Measure.PROOFS and node.get("min") in (None, 1)
    title = say(_ONE_PROOF if one else _TITLES[node["kind"]]) % values
    if technique and measure not in (Measure.SIGN_OFFS, Measure.PROOFS):
        title = say(_OF_TECHNIQUE) % {"technique": technique, "title": title}
    times = node.get("min") if measure is Measure.SIGN_OFFS else node.get("count") if measure is Measure.MARKS else 1
    if times and times > 1:
        title = say(_TIMES) % {"title": title, "count": _plain(times)}
    if node.get("distinct_assessors"):
        title = say(_BY) % {"title": title, "assessors": node["distinct_assessors"]}
    if node.get("within_days"):
        title = say(_WITHIN) % {"title": title, "days": node["within_days"]}
    return say(_CLEAN) % {"title": title} if node.get("no_critical_failure") else title


def disagrees(node: Mapping[str, Any]) -> str | None:
    """The number asked for, where a title says another one instead."""
    title, number = node.get("title") or {}, _said(node)
    asked = {Decimal(str(node[name])) for name in _NUMBERS if node.get(name) is not None}
    for words in (title.get("zh", ""), title.get("en", "")):
        told = {Decimal(found) for found in re.findall(r"\d+(?:\.\d+)?", words)}
        if number is not None and number not in told and told - asked:
            return _plain(number)
    return None


def _said(node: Mapping[str, Any]) -> Decimal | None:
    """The number by which people know a requirement of this kind."""
    measure = KINDS[node["kind"]][0]
    of_kind = {Measure.SIGN_OFFS: "level", Measure.PROOFS: "within_days", Measure.CLEAR: "within_days"}
    number = node.get(of_kind.get(measure, "min"))
    return Decimal(str(number)) if number is not None else None


def _plain(number: Any) -> str:
    if number is None:
        return ""
    exact = Decimal(str(number))
    return format(exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize(), "f")
