"""The yearly statement as a PDF to hand in and as a workbook."""

from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from courses.hours.formats import Plain
from courses.hours.rules import CLASSES, KINDS, OWN_RECORD, SOURCES, CreditClass, HoursKind, Line, hours
from lms import clock
from lms.i18n import _, pick
from lms.typesetting import Typesetter
from lms.web.exports import Column, Sheet, workbook

_STATEMENT = Typesetter(Path(__file__).with_name("statement.typ"))


def source_words(source: str) -> str:
    """What a source is called, from `kind:id`."""
    kind = source.partition(":")[0]
    return str(SOURCES.get(kind, kind))


def line_words(line: Line) -> str:
    """One line of the arithmetic of credits in words."""
    what = [str(KINDS[HoursKind(kind)]) for kind in line.kinds]
    what += [str(SOURCES.get(one, one)) for one in line.sources]
    said = _(
        "%(what)s: every %(hours)s h give %(credits)s",
        what=pick("、", ", ").join(what) or _("All hours"),
        hours=hours(line.minutes).removesuffix(".0"),
        credits=f"{line.credits.normalize():f}",
    )
    if line.most is None:
        return str(said)
    return str(_("%(said)s, at most %(most)s a year", said=said, most=f"{line.most.normalize():f}"))


def _credit_rows(said: Plain) -> list[list[str]]:
    rows = [[str(CLASSES[one["class"]]), line_words(_line(one)), one["credits"]] for one in said["lines"]]
    return [*rows, [_("Together"), _("%(asked)s asked", asked=said["asked"]), said["total"]]]


def _line(said: Plain) -> Line:
    most = None if said["most"] is None else Decimal(said["most"])
    unit = Decimal(said["credits_of_a_unit"])
    kinds, sources = tuple(said["kinds"]), tuple(said["sources"])
    return Line(CreditClass(said["class"]), said["minutes_of_a_unit"], unit, kinds, sources, most)


def _what(one: Plain) -> str:
    """What an entry is for, with how it is known where somebody wrote it down."""
    title = pick(one["title"], one["title_en"]) or source_words(one["source"])
    offline = one["offline_minutes"] and _("%(minutes)s min of it offline", minutes=one["offline_minutes"])
    more = pick("；", "; ").join(str(part) for part in (one["proof"], offline, one["reason"]) if part)
    return str(_("%(what)s (%(proof)s)", what=title, proof=more) if more else title)


def _origin(one: Plain) -> str:
    """Where an entry comes from, and what became of it."""
    if one["reverses"]:
        return str(_("takes back entry %(entry)s", entry=one["reverses"]))
    words = source_words(one["source"])
    if one["taken_back_by"]:
        return str(_("%(source)s, taken back by entry %(entry)s", source=words, entry=one["taken_back_by"]))
    return words


def _entries(said: Plain) -> list[list[Any]]:
    return [
        [
            one["on"],
            str(KINDS[one["kind"]]),
            _what(one),
            _origin(one),
            one["confirmed_by"] or str(OWN_RECORD.get(one["source"].partition(":")[0], "")),
            one["minutes"],
            one["entry"],
        ]
        for one in said["entries"]
    ]


def _heads() -> list[str]:
    return [
        _("Day"), _("Kind"), _("What for"), _("Source"), _("Confirmed by"), _("Minutes"), _("Entry"),
    ]  # fmt: skip


def _sums(said: Plain) -> list[list[Any]]:
    """Each sum in hours, cut to a tenth, and exactly in minutes."""
    sums = [(str(label), said["minutes"][kind]) for kind, label in KINDS.items()]
    sums += [(_("Together"), said["minutes"]["total"]), (_("Asked"), said["target_minutes"])]
    return [[label, hours(minutes), minutes] for label, minutes in sums]


def _words(said: Plain) -> dict[str, Any]:
    return {
        "title": _("Statement of hours %(year)s", year=said["year"]),
        "facts": [
            [_("Full name"), said["person"]["name"]],
            [_("Account"), said["person"]["account"]],
            [_("Institution"), said["person"]["institution"]],
            [_("Statement made on"), clock.today().isoformat()],
        ],
        "sums": _sums(said),
        "unit": _("h"),
        "exact": _("min"),
        "credits_title": _("Credits"),
        "credits": _credit_rows(said["credits"]),
        "entries_title": _("Entries"),
        "heads": _heads(),
        "entries": [[str(cell) for cell in row] for row in _entries(said)],
        "none": _("No hours in this year yet."),
        "foot": _("SHA-256 of the statement: %(hash)s", hash=said["sha256"]),
    }


def pdf(said: Plain) -> bytes:
    """The statement to hand in (PDF/A)."""
    return _STATEMENT.pdf(_words(said))


def xlsx(said: Plain) -> IO[bytes]:
    """The statement as a workbook: sums, credits, and every entry."""
    words = _words(said)
    sums = [[*fact, None] for fact in words["facts"]] + words["sums"]
    sums.append(["SHA-256", said["sha256"], None])
    return workbook(
        [
            Sheet(_("Hours"), [Column("", 20), Column(_("Hours"), 24), Column(_("Minutes"), 10)], sums),
            Sheet(
                words["credits_title"],
                [Column(_("Class"), 12), Column(_("Rule"), 48), Column(words["credits_title"], 10)],
                words["credits"],
            ),
            Sheet(words["entries_title"], [Column(head, 18) for head in words["heads"]], _entries(said)),
        ]
    )
