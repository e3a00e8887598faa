"""What follows from stars, in words and as tables for a spreadsheet; every row says why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any, Final

from assessments.certification.queries.follows import Known, Month
from assessments.certification.rules.follows import Claim, Reason, Row
from assessments.certification.rules.words import CATEGORIES
from lms.i18n import _, pick
from lms.institutions.models import Institution
from lms.web import exports

Cells = list[Any]
NOTHING: Final = Decimal(0)


def because(reason: Reason) -> str:
    """One condition in words: what is asked, what there is, and by when."""
    return _WORDS[reason.what](reason)


def _star(reason: Reason) -> str:
    if reason.met:
        return str(_("%(have)s stars by certificate %(number)s", have=reason.have, number=reason.number))
    return str(_("%(asked)s stars are asked, %(have)s are held", asked=reason.asked, have=reason.have or 0))


def _held(reason: Reason) -> str:
    words = {"asked": reason.asked, "have": reason.have}
    if reason.met or reason.day is None:
        return str(_("held for %(have)s months without a break, %(asked)s are asked", **words))
    return str(_("held for %(have)s of %(asked)s months; reached on %(day)s", **words, day=f"{reason.day:%Y-%m-%d}"))


def _years(reason: Reason) -> str:
    words = {"asked": reason.asked, "have": reason.have}
    if reason.met or reason.day is None:
        return str(_("%(have)s full years in primary care, %(asked)s are asked", **words))
    return str(_("%(have)s of %(asked)s years in primary care; full on %(day)s", **words, day=f"{reason.day:%Y-%m-%d}"))


def _post(reason: Reason) -> str:
    return str(_("works in primary care") if reason.met else _("the main post is not in primary care"))


def _active(reason: Reason) -> str:
    return str(_("in post") if reason.met else _("has left"))


def _rate(reason: Reason) -> str:
    return str(_("%(yuan)s CNY a month", yuan=money(Decimal(reason.have or 0))))


_WORDS = {"star": _star, "held": _held, "years": _years, "post": _post, "active": _active, "rate": _rate}


def money(yuan: Decimal) -> str:
    """An amount as people read it: 12,800 or 12,800.50."""
    return f"{yuan:,.2f}".removesuffix(".00")


def why(row: Row) -> str:
    """All conditions of a row, what is missing first."""
    return "；".join(because(one) for one in sorted(row.reasons, key=lambda one: one.met))


def people_columns() -> list[str]:
    """The heads of what is said of a person in every table."""
    return [_("Full name"), _("Institution"), _("Category"), _("Star"), _("Certificate"), _("Valid until")]


def person_cells(one: Known) -> Cells:
    """What is said of a person in every table."""
    held, place = one.facts.held, one.place
    name = pick(place.name, place.name_en)
    return [
        one.name,
        name,
        str(CATEGORIES[one.category]),
        one.facts.star,
        *((held.number, held.until) if held else ("", None)),
    ]


def subsidy_book(place: Institution, made: Month, settled: bool) -> IO[bytes]:
    """The list of a month as a workbook: what it is, who gets what and why, and who gets nothing although starred."""
    heads = people_columns()
    facts = [
        (_("Institution"), pick(place.name, place.name_en)),
        (_("Month"), f"{made.month:%Y-%m}"),
        (_("Stars as of"), made.on),
        (_("Policy"), _("%(title)s, version %(version)s", title=_title(made.policy), version=made.version.version)),
        (_("SHA-256 of the list"), made.hash.hex()),
        (_("State"), _("settled") if settled else _("not settled yet")),
        (_("Persons"), len(made.paid)),
        (_("Together, CNY"), made.yuan),
    ]
    paid = [[*person_cells(one), row.yuan, why(row)] for one, row in made.paid]
    total: Cells = [_("Together"), *[""] * (len(heads) - 1), made.yuan, ""]
    return exports.workbook(
        [
            exports.Sheet(_("About"), [exports.Column(_("About"), 24), exports.Column("", 70)], facts),
            exports.Sheet(_("Subsidy"), _columns([*heads, _("CNY"), _("Why")]), [*paid, total]),
            exports.Sheet(
                _("Nothing although starred"),
                _columns([*heads, _("Why")]),
                [[*person_cells(one), why(row)] for one, row in made.refused],
            ),
        ]
    )


def _title(policy: Any) -> str:
    return pick(policy.title.zh, policy.title.en)


def _columns(labels: Sequence[str]) -> list[exports.Column]:
    return [exports.Column(str(label), 60 if at == len(labels) - 1 else 18) for at, label in enumerate(labels)]


def claim_rows(rows: Iterable[tuple[Known, Row]]) -> Iterator[Cells]:
    """Who may have a title or an honour, or not, one a row."""
    for one, row in rows:
        yield [*person_cells(one), _("yes") if row.met else _("no"), why(row)]


def claim_columns() -> list[str]:
    """The heads of that table."""
    return [*people_columns(), _("May have it"), _("Why")]


@dataclass(frozen=True)
class Group:
    """One institution with all below it: how many persons, how many of each star, and what follows for them."""

    place: Institution
    persons: int
    stars: tuple[int, ...]
    paid: int
    yuan: Decimal
    claims: Mapping[str, int]


def summary_columns(claims: Sequence[Claim]) -> list[str]:
    """The heads of the summary by institution."""
    stars = [str(_("%(star)s stars", star=star)) for star in range(1, 6)]
    return [
        _("Institution"),
        _("Persons"),
        *stars,
        _("With subsidy"),
        _("CNY a month"),
        *(pick(one.title.zh, one.title.en) for one in claims),
    ]


def summary_rows(groups: Iterable[Group], claims: Sequence[Claim]) -> Iterator[Cells]:
    """The summary, one institution a row."""
    for one in groups:
        name = pick(one.place.name, one.place.name_en)
        yield [name, one.persons, *one.stars[1:], one.paid, one.yuan, *(one.claims[claim.code] for claim in claims)]
