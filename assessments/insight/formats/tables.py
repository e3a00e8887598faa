"""The tables of the dashboard, built from counts; page, file and chart say the same because they read the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from assessments.insight.formats import words
from assessments.insight.rules import BANDS, CATEGORIES, Counts, Fate, Group, Measure, Reach, share
from lms.i18n import _, _n, pick
from lms.techniques.models import Technique

Value = int | Decimal | None
_STEP = Decimal("0.1")


@dataclass(frozen=True)
class Column:
    """One column of figures; `unit` stands behind every number in it."""

    key: str
    label: str
    unit: str = ""
    #: Said where the column is explained: in a file as a comment on its head.
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One row: what it is about, where it leads, its figures."""

    label: str
    values: tuple[Value, ...]
    href: str | None = None


@dataclass(frozen=True)
class Table:
    """Figures side by side; `whole` is the sum, which stays below however the rows are sorted."""

    name: str
    title: str
    about: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    whole: Line | None = None

    def sorted(self, by: str) -> "Table":
        """The same in another order: `stars.n3`, `-stars.n3`; what is not known comes last."""
        name, _dot, key = by.removeprefix("-").partition(".")
        keys = [column.key for column in self.columns]
        if name != self.name or key not in (*keys, "label"):
            return self
        down = by.startswith("-")
        if key == "label":
            return replace(self, lines=tuple(sorted(self.lines, key=lambda line: line.label, reverse=down)))
        at = keys.index(key)
        known = [line for line in self.lines if line.values[at] is not None]
        known.sort(key=lambda line: line.values[at] or 0, reverse=down)
        return replace(self, lines=(*known, *(line for line in self.lines if line.values[at] is None)))

    def column(self, key: str) -> list[Value]:
        """One column's figures, row by row."""
        at = [column.key for column in self.columns].index(key)
        return [line.values[at] for line in self.lines]


@dataclass(frozen=True)
class Shown:
    """What a page is about: an institution's figures, those below it, and how they are called."""

    whole: Counts
    groups: Sequence[Group]
    name: str
    names: Mapping[int, str]
    href: Callable[[int], str]
    #: minutes a year
    target: int
    techniques: Mapping[str, Technique]
    technique_href: Callable[[str], str]
    #: the code of the one technique that conversion is compared in
    technique: str = ""

    def lines(self, values: Callable[[Counts], tuple[Value, ...]]) -> tuple[Line, ...]:
        """One line for each group below."""
        return tuple(Line(self._label(one), values(one.counts), self._href(one)) for one in self.groups)

    def sum_line(self, values: Callable[[Counts], tuple[Value, ...]], counts: Counts | None = None) -> Line:
        """The line of the whole."""
        return Line(self.name, values(counts or self.whole))

    def _label(self, group: Group) -> str:
        if group.together:
            number = len(group.institution_ids)
            return str(_n("%(num)d small group together", "%(num)d small groups together", number))
        name = self.names.get(group.institution_ids[0])
        if group.itself:
            return str(_("At %(name)s itself", name=name) if name else _("At the institution itself"))
        return str(name)

    def _href(self, group: Group) -> str | None:
        known = not group.together and group.institution_ids[0] in self.names
        return self.href(group.institution_ids[0]) if known else None


def percent(part: int, whole: int) -> Decimal | None:
    """A share with one place, rounded half up."""
    found = share(part, whole)
    return None if found is None else _rounded(found)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_STEP, ROUND_HALF_UP)


def hours_each(counts: Counts, kind: str | None = None) -> Decimal | None:
    """Hours per person of everybody counted, whether they have any or not."""
    people = counts.n(Measure.PEOPLE)
    return _rounded(counts.cell(Measure.HOURS, kind).total / 60 / people) if people else None


def conversion(counts: Counts) -> Decimal | None:
    """Of a hundred trained, how many have proved it."""
    return percent(counts.n(Measure.CONVERTED), counts.n(Measure.TRAINED))


def overview(shown: Shown) -> Table:
    """What matters most, at a glance."""
    columns = (
        Column("people", _("People")),
        Column("starred", _("With a star"), "%"),
        Column("met", _("Hours reached"), "%"),
        Column("theory", _("Theory exams passed"), "%"),
        Column("practical", _("Stations passed"), "%"),
        Column("conversion", _("Trained and proved"), "%"),
        Column("open", _("Flags not answered")),
    )

    def values(counts: Counts) -> tuple[Value, ...]:
        people = counts.n(Measure.PEOPLE)
        return (
            people,
            percent(people - counts.n(Measure.STARS, "0"), people),
            percent(counts.n(Measure.REACHED, Reach.MET), people),
            percent(counts.n(Measure.THEORY_PASSED), counts.n(Measure.THEORY)),
            percent(counts.n(Measure.PRACTICAL_PASSED), counts.n(Measure.PRACTICAL)),
            conversion(counts),
            counts.n(Measure.FLAGS, Fate.OPEN),
        )

    return Table("overview", _("At a glance"), _("Institution"), columns, shown.lines(values), shown.sum_line(values))


def people(shown: Shown) -> Table:
    """Headcount by professional category."""
    columns = (*(Column(key, str(words.CATEGORIES[key])) for key in CATEGORIES), Column("people", _("All")))

    def values(counts: Counts) -> tuple[Value, ...]:
        return (*(counts.n(Measure.PEOPLE, key) for key in CATEGORIES), counts.n(Measure.PEOPLE))

    return Table("people", _("Headcount"), _("Institution"), columns, shown.lines(values), shown.sum_line(values))


def stars(shown: Shown) -> Table:
    """How many people have how many stars."""
    columns = (
        Column("people", _("People")),
        *(Column(f"n{star}", str(called)) for star, called in words.STARS.items()),
    )

    def values(counts: Counts) -> tuple[Value, ...]:
        return (counts.n(Measure.PEOPLE), *(counts.n(Measure.STARS, star) for star in words.STARS))

    return Table("stars", _("Stars"), _("Institution"), columns, shown.lines(values), shown.sum_line(values))


def hours(shown: Shown) -> Table:
    """Hours per person by kind, and who has reached the target."""
    unit = _("h")
    columns = (
        Column("people", _("People")),
        *(Column(kind, str(called), unit) for kind, called in words.HOURS.items()),
        Column("each", _("Hours per person"), unit),
        Column("met", _("Reached the target")),
        Column("met_share", _("Share"), "%"),
    )

    def values(counts: Counts) -> tuple[Value, ...]:
        everybody, met = counts.n(Measure.PEOPLE), counts.n(Measure.REACHED, Reach.MET)
        each = (hours_each(counts, kind) for kind in words.HOURS)
        return (everybody, *each, hours_each(counts), met, percent(met, everybody))

    return Table("hours", _("Hours"), _("Institution"), columns, shown.lines(values), shown.sum_line(values))


def bands(shown: Shown) -> Table:
    """How marks are spread."""
    columns = (Column("theory", _("Theory exams")), Column("practical", _("Practical stations")))

    def line(band: str) -> Line:
        low, high = int(band) * 10, 100 if band == BANDS[-1] else int(band) * 10 + 9
        marks = (shown.whole.n(Measure.THEORY, band), shown.whole.n(Measure.PRACTICAL, band))
        return Line(f"{low}–{high}", marks)

    whole = shown.sum_line(lambda counts: (counts.n(Measure.THEORY), counts.n(Measure.PRACTICAL)))
    return Table("bands", _("Spread of marks"), _("Percent"), columns, tuple(map(line, BANDS)), whole)


def exams(shown: Shown) -> Table:
    """How many marks, their mean, and how many passed."""
    columns = (
        Column("theory_n", _("Theory exams")),
        Column("theory_mean", _("Theory: mean")),
        Column("theory_passed", _("Theory: passed"), "%"),
        Column("practical_n", _("Practical stations")),
        Column("practical_mean", _("Practical: mean")),
        Column("practical_passed", _("Practical: passed"), "%"),
    )

    def values(counts: Counts) -> tuple[Value, ...]:
        return (
            *_marks(counts, Measure.THEORY, Measure.THEORY_PASSED),
            *_marks(counts, Measure.PRACTICAL, Measure.PRACTICAL_PASSED),
        )

    return Table("exams", _("Exam results"), _("Institution"), columns, shown.lines(values), shown.sum_line(values))


def _marks(counts: Counts, of: Measure, passed: Measure) -> tuple[Value, ...]:
    number, mean = counts.n(of), counts.mean(of)
    return number, None if mean is None else _rounded(mean), percent(counts.n(passed), number)


def _conversion_columns() -> tuple[Column, ...]:
    return (
        Column("trained", _("Trained")),
        Column("by_course", _("by a course")),
        Column("by_case", _("by a simulated case")),
        Column("converted", _("of them proved")),
        Column("conversion", _("Conversion"), "%"),
        Column("untrained", _("Proved without")),
    )


def _conversion_values(counts: Counts) -> tuple[Value, ...]:
    converted = counts.n(Measure.CONVERTED)
    return (
        counts.n(Measure.TRAINED),
        counts.n(Measure.BY_COURSE),
        counts.n(Measure.BY_CASE),
        converted,
        conversion(counts),
        counts.n(Measure.PROVED) - converted,
    )


def techniques(shown: Shown) -> Table:
    """Trained against proved, technique by technique; the most trained first."""
    codes = {*shown.whole.keys(Measure.TRAINED), *shown.whole.keys(Measure.PROVED)} & {*shown.techniques}
    lines = [
        Line(
            pick(shown.techniques[code].title, shown.techniques[code].title_en),
            _conversion_values(shown.whole.of_technique(code)),
            shown.technique_href(code),
        )
        for code in sorted(codes)
    ]
    lines.sort(key=lambda line: line.values[0] or 0, reverse=True)
    whole = shown.sum_line(_conversion_values)
    title = _("Trained against proved, by technique")
    return Table("techniques", title, _("Technique"), _conversion_columns(), tuple(lines), whole)


def conversions(shown: Shown) -> Table:
    """Trained against proved, by institution; in one technique or in all."""
    title, counts = _("Trained against proved, by institution"), shown.whole
    if shown.technique:
        one = shown.techniques[shown.technique]
        title = _("Trained against proved: %(technique)s", technique=pick(one.title, one.title_en))
        counts = counts.of_technique(shown.technique)
    lines, whole = shown.lines(_conversion_values), shown.sum_line(_conversion_values, counts)
    return Table("conversions", title, _("Institution"), _conversion_columns(), lines, whole)


def stalls(shown: Shown) -> Table:
    """Flags that a skill has stopped rising, and what became of them."""
    columns = (
        Column("raised", _("Raised")),
        *(Column(fate, str(called)) for fate, called in words.FATES.items()),
        Column("answered", _("Share answered"), "%"),
    )

    def values(counts: Counts) -> tuple[Value, ...]:
        raised = counts.n(Measure.FLAGS)
        fates = tuple(counts.n(Measure.FLAGS, fate) for fate in words.FATES)
        return (raised, *fates, percent(raised - fates[0], raised))

    title = _("Stalls and what became of them")
    return Table("stalls", title, _("Institution"), columns, shown.lines(values), shown.sum_line(values))


BUILDERS: dict[str, Callable[[Shown], Table]] = {
    "overview": overview,
    "people": people,
    "stars": stars,
    "hours": hours,
    "bands": bands,
    "exams": exams,
    "techniques": techniques,
    "conversions": conversions,
    "stalls": stalls,
}


def build(shown: Shown) -> dict[str, Table]:
    """Every table by its name."""
    return {name: made(shown) for name, made in BUILDERS.items()}
