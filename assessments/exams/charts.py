"""Plots of an exam's analysis as plotly figures in plain data; every one has its table beside it."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from assessments.exams.queries.analysis import Row
from assessments.psychometrics.rules.distractors import Option
from assessments.psychometrics.rules.information import Place
from lms.i18n import _
from lms.web.charts import Figure, layout

_DASHES = ("solid", "dot", "dash", "dashdot", "longdash", "longdashdot")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "pentagon", "cross")
#: Width of one bar of the histogram, in percent.
BAND = 5


def item_map(rows: Sequence[Row], address: str) -> Figure:
    """Every question by how many got it and how it goes with the rest; what stands out has another shape."""
    told = [row for row in rows if row.found.p is not None and row.found.r_ir is not None]
    groups = {
        _("Nothing stands out"): ([row for row in told if not row.flags], "circle", "var(--chart-kind-0)"),
        _("Something stands out"): ([row for row in told if _only_weak(row)], "diamond", "var(--chart-star-4)"),
        _("Look at the key"): ([row for row in told if _key(row)], "x", "var(--ink)"),
    }
    traces = [_points(name, *group, address) for name, group in groups.items() if group[0]]
    drawn = _layout(380, _("Got it"), _("Goes with the rest"))
    drawn["xaxis"] |= {"range": [-2, 102], "ticksuffix": "%"}
    drawn["shapes"] = [_line(x0=0, x1=100, y0=0.2, y1=0.2), _line(x0=0, x1=100, y0=0, y1=0, dash="solid")]
    return {"data": traces, "layout": drawn}


def _key(row: Row) -> bool:
    return "key" in row.flags or "backwards" in row.flags


def _only_weak(row: Row) -> bool:
    return bool(row.flags) and not _key(row)


def _points(name: str, rows: Sequence[Row], symbol: str, colour: str, address: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": name,
        "x": [round(100 * (row.found.p or 0), 1) for row in rows],
        "y": [round(row.found.r_ir or 0, 3) for row in rows],
        "text": [str(row.item.position) for row in rows],
        "textposition": "top center",
        "textfont": {"size": 11, "color": "var(--ink)"},
        "customdata": [
            [row.item.position, escape(row.item.question.stem[:40]), f"{address}?item={row.item.id}#options"]
            for row in rows
        ],
        "marker": {"size": 10, "symbol": symbol, "color": colour, "line": {"color": "var(--chart-edge)", "width": 1}},
        "hovertemplate": "%{customdata[0]} %{customdata[1]}<br>%{x}%, %{y:+.2f}<extra></extra>",
    }


def options(found: Sequence[Option]) -> Figure:
    """How many of each fifth of the candidates chose each option, from the weakest fifth to the strongest."""
    traces = []
    for number, one in enumerate(found):
        name = one.key or _("none")
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": escape(f"{name} ✓" if one.right else name),
                "x": [str(fifth) for fifth in range(1, len(one.by_group) + 1)],
                "y": [round(100 * share, 1) for share in one.by_group],
                "line": {
                    "color": "var(--chart-kind-0)" if one.right else "var(--chart-edge)",
                    "width": 4 if one.right else 2,
                    "dash": "solid" if one.right else _DASHES[1 + number % (len(_DASHES) - 1)],
                },
                "marker": {"size": 9, "symbol": _SYMBOLS[number % len(_SYMBOLS)]},
                "hovertemplate": f"{escape(name)}: %{{y}}%<extra></extra>",
            }
        )
    drawn = _layout(340, _("Fifth of the candidates, weakest first"), "")
    drawn["yaxis"] |= {"range": [-2, 102], "ticksuffix": "%"}
    drawn["xaxis"] |= {"type": "category"}
    return {"data": traces, "layout": drawn}


def bands(percents: Sequence[float]) -> list[tuple[int, int]]:
    """How many scored in each band of five percent; the last one holds 100 too."""
    counts = [0] * (100 // BAND)
    for one in percents:
        counts[min(int(one // BAND), len(counts) - 1)] += 1
    return [(at * BAND, count) for at, count in enumerate(counts)]


def histogram(percents: Sequence[float], cut: Decimal, error: Decimal | None) -> Figure:
    """Scores in bands of five percent, with the cut, and one error of measurement to each side of it."""
    found = bands(percents)
    bar = {
        "type": "bar",
        "name": _("Candidates"),
        "x": [low + BAND / 2 for low, _count in found],
        "y": [count for _low, count in found],
        "width": BAND,
        "customdata": [[f"{low}–{low + BAND}%"] for low, _count in found],
        "hovertemplate": "%{customdata[0]}: %{y}<extra></extra>",
        "marker": {"color": "var(--chart-kind-0)", "line": {"color": "var(--paper)", "width": 1}},
    }
    most = max((count for _low, count in found), default=1) * 1.08
    at = float(cut)
    traces = [bar, _rule(_("Cut"), at, most, "solid")]
    if error is not None:
        side = float(error)
        traces.append(_rule(_("Cut ± one error of measurement"), [at - side, at + side], most, "dot"))
    drawn = _layout(320, _("Score"), _("Candidates"))
    drawn["xaxis"] |= {"range": [0, 100], "ticksuffix": "%"}
    drawn["yaxis"] |= {"range": [0, most], "tickformat": ",d"}
    return {"data": traces, "layout": drawn}


def _rule(name: str, at: float | Sequence[float], most: float, dash: str) -> Figure:
    places = [at] if isinstance(at, float) else list(at)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [x for place in places for x in (place, place, None)],
        "y": [y for _place in places for y in (0, most, None)],
        "line": {"color": "var(--ink)", "width": 2, "dash": dash},
        "hoverinfo": "skip",
    }


def information(places: Sequence[Place], cut: Decimal) -> Figure:
    """Information by expected score: the higher, the surer; the cut should lie where it is high."""
    most = max((one.information for one in places), default=1) * 1.08
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": _("Information"),
        "x": [round(one.percent, 2) for one in places],
        "y": [round(one.information, 3) for one in places],
        "customdata": [[round(one.error, 1)] for one in places],
        "line": {"color": "var(--chart-kind-0)", "width": 3},
        "hovertemplate": "%{x:.0f}%: %{y:.1f} (± %{customdata[0]}%)<extra></extra>",
    }
    drawn = _layout(320, _("Expected score"), _("Information"))
    drawn["xaxis"] |= {"range": [0, 100], "ticksuffix": "%"}
    drawn["yaxis"] |= {"range": [0, most]}
    return {"data": [line, _rule(_("Cut"), float(cut), most, "solid")], "layout": drawn}


def _line(dash: str = "dash", **places: float) -> Figure:
    return {
        "type": "line",
        **places,
        "line": {"color": "var(--line-strong)", "width": 1, "dash": dash},
        "layer": "below",
    }


def _layout(height: int, across: str, up: str) -> Figure:
    axis = {"fixedrange": True, "automargin": True, "gridcolor": "var(--line)", "zerolinecolor": "var(--line-strong)"}
    return layout(height) | {
        "xaxis": axis | {"title": {"text": across}},
        "yaxis": axis | ({"title": {"text": up}} if up else {}),
    }
