"""Charts of the dashboard as plotly figures in plain data; a test has plotly itself check every one.

A pattern stands beside every colour, and a number in every bar that has room for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from assessments.insight.formats.tables import Line, Table, Value
from lms.i18n import _
from lms.web.charts import Figure, layout

#: Height of the frame around the bars, of one bar, and what is drawn of a long list.
_FRAME, _BAR, MOST = 96, 34, 20
#: Letters of a name on one line beside its bar, and on both lines it may have; a Chinese one counts twice.
_WIDE, _LONGEST = 26, 44


@dataclass(frozen=True)
class Series:
    """One colour of a chart: the column it shows and how it is filled."""

    column: str
    colour: str
    text: str = "var(--chart-on-light)"
    pattern: str = ""


def _shades(columns: Sequence[str], token: str, patterns: Sequence[str], dark_from: int) -> list[Series]:
    return [
        Series(
            column,
            f"var(--chart-{token}-{number})",
            "var(--chart-on-dark)" if number >= dark_from else "var(--chart-on-light)",
            pattern,
        )
        for number, (column, pattern) in enumerate(zip(columns, patterns, strict=True))
    ]


STARS = _shades([f"n{star}" for star in range(6)], "star", ["", ".", "/", "-", "x", ""], 4)
PEOPLE = _shades(["general_practitioner", "village_doctor", "nurse"], "kind", ["", "/", "."], 0)
HOURS = _shades(["theory", "simulation", "practice"], "kind", ["", "/", "."], 0)
FATES = _shades(["open", "accepted", "not_a_problem", "handled"], "fate", ["", "/", ".", ""], 3)


def draw(tables: dict[str, Table], target: int, compared: bool = False) -> dict[str, Figure]:
    """Every chart by the name of its section; none where there is nothing to draw.

    Conversion is drawn technique by technique, or, `compared`, institution by institution.
    """
    made = {
        "people": stacked(tables["people"], PEOPLE),
        "stars": stacked(tables["stars"], STARS, of="people"),
        "hours": _with_target(stacked(tables["hours"], HOURS), target),
        "exams": spread(tables["bands"]),
        "conversion": trained_and_proved(tables["conversions" if compared else "techniques"]),
        "stalls": stacked(tables["stalls"], FATES),
    }
    return {name: figure for name, figure in made.items() if _has_anything(figure)}


def _has_anything(figure: Figure) -> bool:
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    return any(any(bar["x" if "orientation" in bar else "y"]) for bar in bars)


def stacked(table: Table, series: Sequence[Series], of: str = "") -> Figure:
    """Bars that lie, one a row, made of parts; with `of` in percent of that column."""
    lines = _rows(table)
    wholes = _column(table, lines, of) if of else []
    traces = []
    for one in series:
        values = _column(table, lines, one.column)
        parts = [100 * value / whole if whole else 0.0 for value, whole in zip(values, wholes, strict=False)]
        traces.append(_bar(table, lines, one, parts))
    unit = "%" if of else next(column.unit for column in table.columns if column.key == series[0].column)
    return {"data": traces, "layout": _lying(lines, "stack", unit, bool(of))}


def trained_and_proved(table: Table) -> Figure:
    """How many were trained, and inside it how many of them have proved it."""
    lines = _rows(table)
    trained = Series("trained", "var(--chart-pale)", pattern="/")
    proved = Series("converted", "var(--chart-kind-0)", "var(--chart-on-dark)")
    widths = ((trained, 0.8), (proved, 0.46))
    traces = [_bar(table, lines, one) | {"width": width} for one, width in widths]
    columns = ([str(line) for line in column] for column in (traces[1]["x"], traces[0]["x"]))
    traces[0]["text"] = [f"{part} / {whole}" for part, whole in zip(*columns, strict=True)]
    traces[1]["text"] = []
    traces[0] |= {"textposition": "outside", "cliponaxis": False, "textfont": {"color": "var(--ink)"}}
    drawn = _lying(lines, "overlay", "", False)
    drawn["xaxis"] |= {"range": [0, 1.14 * max(traces[0]["x"], default=0)]}
    return {"data": traces, "layout": drawn}


def spread(table: Table) -> Figure:
    """Marks in bands of ten, theory beside practice."""
    bands = [line.label for line in table.lines]
    series = (Series("theory", "var(--chart-kind-0)"), Series("practical", "var(--chart-kind-1)", pattern="/"))
    traces = []
    for one in series:
        label = next(column.label for column in table.columns if column.key == one.column)
        values = [_number(value) for value in table.column(one.column)]
        traces.append(
            {
                "type": "bar",
                "name": label,
                "meta": one.column,
                "x": bands,
                "y": values,
                "marker": _marker(one),
                "hovertemplate": f"{escape(table.about)} %{{x}}<br>{escape(label)}: %{{y}}<extra></extra>",
            }
        )
    axes = {"fixedrange": True, "automargin": True, "gridcolor": "var(--line)", "zerolinecolor": "var(--line-strong)"}
    drawn = _layout(340) | {
        "barmode": "group",
        "xaxis": axes | {"type": "category", "title": {"text": table.about}},
        "yaxis": axes | {"rangemode": "tozero", "tickformat": ",d"},
    }
    return {"data": traces, "layout": drawn}


def words(table: Table) -> str:
    """What a chart shows, for who cannot see it: the whole, figure by figure."""
    if table.whole is None:
        return table.title
    parts = [f"{c.label} {said(v, c.unit)}" for c, v in zip(table.columns, table.whole.values, strict=True)]
    return f"{table.title}. {table.whole.label}: {', '.join(parts)}."


def said(value: Value, unit: str = "") -> str:
    """A figure as it is read: with its unit, or a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:,}{_after(unit)}"


def _after(unit: str) -> str:
    """A unit as it follows a figure: a percent sign at once, a word after a blank."""
    return unit if unit in ("", "%") else f" {unit}"


def _with_target(figure: Figure, target: int) -> Figure:
    """A line where the target is, named among the colours, and room for it."""
    bars, hours = figure["data"], target / 60
    most = max((sum(values) for values in zip(*(bar["x"] for bar in bars), strict=True)), default=0)
    figure["layout"]["xaxis"] |= {"range": [0, max(most, hours) * 1.06]}
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": _("Target %(hours)s h", hours=f"{hours:g}"),
        "x": [hours, hours],
        "y": [-0.5, len(bars[0]["x"]) - 0.5],
        "line": {"color": "var(--ink)", "width": 2, "dash": "dash"},
        "hoverinfo": "skip",
    }
    return figure | {"data": [*bars, line]}


def _rows(table: Table) -> list[Line]:
    return list(table.lines[:MOST]) or ([table.whole] if table.whole else [])


def _column(table: Table, lines: Sequence[Line], key: str) -> list[float]:
    at = [column.key for column in table.columns].index(key)
    return [_number(line.values[at]) for line in lines]


def _number(value: Value) -> float:
    return 0 if value is None else value if isinstance(value, int) else float(value)


def _bar(table: Table, lines: Sequence[Line], series: Series, parts: Sequence[float] = ()) -> Figure:
    """One colour of bars that lie; where they are parts of a hundred, the figures themselves are what is said."""
    column = next(column for column in table.columns if column.key == series.column)
    at = table.columns.index(column)
    told = [said(line.values[at]) for line in lines]
    values = [_number(line.values[at]) for line in lines]
    share = " (%{x:.1f}%)" if parts else _after(column.unit)
    return {
        "type": "bar",
        "orientation": "h",
        "name": column.label,
        "meta": series.column,
        "x": list(parts or values),
        "y": list(range(len(lines))),
        "text": [text if value else "" for text, value in zip(told, values, strict=True)],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": series.text},
        "marker": _marker(series),
        "customdata": [[escape(line.label), text, line.href or ""] for line, text in zip(lines, told, strict=True)],
        "hovertemplate": f"%{{customdata[0]}}<br>{escape(column.label)}: %{{customdata[1]}}{share}<extra></extra>",
    }


def _marker(series: Series) -> Figure:
    pattern = {"shape": series.pattern, "fillmode": "overlay", "size": 7, "solidity": 0.2}
    pattern |= {"fgcolor": "var(--ink)", "fgopacity": 0.4}
    return {
        "color": series.colour,
        "line": {"color": "var(--chart-edge)", "width": 1},
        **({"pattern": pattern} if series.pattern else {}),
    }


def _lying(lines: Sequence[Line], mode: str, unit: str, percent: bool) -> Figure:
    axis = {"fixedrange": True, "automargin": True, "zeroline": False}
    suffix = {"ticksuffix": _after(unit), "gridcolor": "var(--line)", "rangemode": "tozero"}
    bounds = {"range": [0, 100]} if percent else {}
    names = {"tickvals": list(range(len(lines))), "ticktext": [_wrapped(line.label) for line in lines]}
    return _layout(_FRAME + _BAR * max(len(lines), 2)) | {
        "barmode": mode,
        "bargap": 0.28,
        "xaxis": axis | suffix | bounds | {"nticks": 7, "tickangle": 0},
        "yaxis": axis | names | {"range": [len(lines) - 0.5, -0.5], "ticks": "", "ticklabelstandoff": 6},
        "uniformtext": {"minsize": 10, "mode": "hide"},
    }


def _layout(height: int) -> Figure:
    made = layout(height, right=28)
    return made | {"legend": made["legend"] | {"traceorder": "normal"}}


def _wrapped(name: str) -> str:
    """A name on at most two lines beside its bar; the whole of it stands in the table and in the hint."""
    if _width(name) <= _WIDE:
        return escape(name)
    short = name if _width(name) <= _LONGEST else _first(name, _LONGEST - 2) + "…"
    half = _first(short, -(-_width(short) // 2))
    space = short.rfind(" ", 0, len(half) + 4)
    at = space if space > len(half) // 2 else len(half)
    return f"{escape(short[:at].strip())}<br>{escape(short[at:].strip())}"


def _first(text: str, width: int) -> str:
    return next((text[:n] for n in range(len(text), 0, -1) if _width(text[:n]) <= width), text[:1])


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
