"""Plots of a circuit's quality as plotly figures in plain data; every one has its table beside it."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from assessments.osce.queries.quality import Place, Quality
from assessments.osce.rules.quality import Consequence, Mark
from assessments.psychometrics.rules.borderline import Interval, Regression
from lms.i18n import _, pick
from lms.web.charts import Figure, layout

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")
#: Points with one rating stand beside each other within this width, so that none hides another.
_BESIDE = 0.5


def scatter(place: Place, found: Regression | None, drawn: Interval | None, marks: Sequence[Mark]) -> Figure:
    """Percent against global rating, with the line, the cut where it is read, and its interval."""
    levels = [pick(level.zh, level.en) for level in place.checklist.levels]
    own = {mark.candidate for mark in place.basis.marks}
    here = [mark for mark in marks if mark.candidate in own]
    earlier = [mark for mark in marks if mark.candidate not in own]
    traces = [_points(_("This sitting"), here, "circle", "var(--chart-kind-0)")]
    if earlier:
        traces.append(_points(_("Earlier sittings"), earlier, "diamond", "var(--chart-star-4)"))
    if found is not None and found.slope is not None and found.intercept is not None:
        traces.append(_line(found, len(levels)))
    drawn_layout = _layout(420, _("Global rating"), _("Percent"))
    if found is not None and found.cut is not None and place.basis.borderline is not None:
        traces.append(_cut(float(found.cut), place.basis.borderline, _("Cut by the line")))
        drawn_layout["shapes"] = _bands(drawn)
    traces.append(_level(float(place.cut), len(levels), _("Cut in force")))
    drawn_layout["xaxis"] |= {
        "tickvals": list(range(len(levels))),
        "ticktext": [escape(str(level)) for level in levels],
        "range": [-0.6, len(levels) - 0.4],
    }
    drawn_layout["yaxis"] |= {"range": [-2, 102], "ticksuffix": "%"}
    return {"data": traces, "layout": drawn_layout}


def _points(name: str, marks: Sequence[Mark], symbol: str, colour: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [round(x, 3) for x in _beside(marks)],
        "y": [float(mark.percent) for mark in marks],
        "marker": {
            "size": 8,
            "symbol": symbol,
            "color": colour,
            "opacity": 0.75,
            "line": {"color": "var(--chart-edge)", "width": 1},
        },
        "hovertemplate": "%{y}%<extra></extra>",
    }


def _beside(marks: Sequence[Mark]) -> list[float]:
    """Where each point stands: those with one rating and one percent in a row around the middle."""
    counts: dict[tuple[int, Decimal], int] = {}
    for mark in marks:
        counts[mark.grade, mark.percent] = counts.get((mark.grade, mark.percent), 0) + 1
    placed: dict[tuple[int, Decimal], int] = {}
    found = []
    for mark in marks:
        at = mark.grade, mark.percent
        number, of = placed.get(at, 0), counts[at]
        placed[at] = number + 1
        step = min(0.06, _BESIDE / of)
        found.append(mark.grade + (number - (of - 1) / 2) * step)
    return found


def _line(found: Regression, levels: int) -> Figure:
    assert found.slope is not None
    assert found.intercept is not None
    ends = [-0.4, levels - 0.6]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _("Regression line"),
        "x": ends,
        "y": [round(float(found.intercept) + float(found.slope) * x, 3) for x in ends],
        "line": {"color": "var(--ink)", "width": 2},
        "hoverinfo": "skip",
    }


def _cut(cut: float, at: int, name: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [at, at, -0.6],
        "y": [0, cut, cut],
        "line": {"color": "var(--ink)", "width": 1, "dash": "dot"},
        "marker": {"size": [0, 12, 0], "symbol": "x", "color": "var(--ink)"},
        "hovertemplate": "%{y:.2f}%<extra></extra>",
    }


def _level(cut: float, levels: int, name: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [-0.6, levels - 0.4],
        "y": [cut, cut],
        "line": {"color": "var(--chart-edge)", "width": 2, "dash": "dash"},
        "hovertemplate": f"{cut:.2f}%<extra></extra>",
    }


def _bands(drawn: Interval | None) -> list[Figure]:
    if drawn is None or drawn.low is None or drawn.high is None:
        return []
    band = {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": drawn.low, "y1": drawn.high}
    return [band | {"fillcolor": "var(--sunken)", "opacity": 0.8, "line": {"width": 0}, "layer": "below"}]


def consequences(rows: Sequence[Consequence], names: Sequence[str], candidates: int) -> Figure:
    """How many pass for each least number of stations, one line for each percent over all stations."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": escape(name),
            "x": [row.least for row in rows],
            # with neither a percent nor a number every station is asked: that is no point of this line
            "y": [None if not number and not row.least else row.passing[number] for row in rows],
            "line": {
                "color": "var(--chart-kind-0)" if not number else "var(--chart-edge)",
                "width": 3 if not number else 2,
                "dash": _DASHES[number % len(_DASHES)],
            },
            "marker": {"size": 8, "symbol": _SYMBOLS[number % len(_SYMBOLS)]},
            "hovertemplate": f"{escape(name)}, %{{x}}: %{{y}}<extra></extra>",
        }
        for number, name in enumerate(names)
    ]
    drawn = _layout(360, _("Stations that must be passed"), _("Candidates who pass"))
    drawn["xaxis"] |= {"dtick": 1, "tick0": 0}
    drawn["yaxis"] |= {"range": [0, max(1, candidates) * 1.05], "tickformat": ",d"}
    return {"data": traces, "layout": drawn}


def stations(found: Quality) -> Figure:
    """The mean of every station with its spread, and its cut beside it."""
    told = [place for place in found.places if place.found.mean is not None]
    names = [str(place.station.position) for place in told]
    means = {
        "type": "scatter",
        "mode": "markers",
        "name": _("Mean and spread"),
        "x": names,
        "y": [round(place.found.mean or 0, 2) for place in told],
        "error_y": {
            "type": "data",
            "array": [round(place.found.sd or 0, 2) for place in told],
            "color": "var(--chart-edge)",
            "thickness": 1.5,
        },
        "marker": {"size": 10, "symbol": "circle", "color": "var(--chart-kind-0)"},
        "hovertemplate": "%{x}: %{y:.1f}%<extra></extra>",
    }
    cuts = {
        "type": "scatter",
        "mode": "markers",
        "name": _("Cut in force"),
        "x": names,
        "y": [float(place.cut) for place in told],
        "marker": {"size": 16, "symbol": "line-ew", "line": {"color": "var(--ink)", "width": 3}},
        "hovertemplate": "%{x}: %{y:.2f}%<extra></extra>",
    }
    drawn = _layout(340, _("Station"), _("Percent"))
    drawn["xaxis"] |= {"type": "category"}
    drawn["yaxis"] |= {"range": [0, 102], "ticksuffix": "%"}
    return {"data": [means, cuts], "layout": drawn}


def _layout(height: int, across: str, up: str) -> Figure:
    axis = {"fixedrange": True, "automargin": True, "gridcolor": "var(--line)", "zerolinecolor": "var(--line-strong)"}
    return layout(height) | {
        "xaxis": axis | {"title": {"text": across}},
        "yaxis": axis | {"title": {"text": up}},
    }
