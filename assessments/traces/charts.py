"""The plots of a report as plotly figures in plain data; every one has its table beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from assessments.traces.rules.drawing import BAND, bands
from assessments.traces.rules.targets import Targets
from lms.i18n import _
from lms.web.charts import Figure, layout

_MARKS = {
    "shallow": ("triangle-up", "var(--chart-star-4)"),
    "deep": ("x", "var(--ink)"),
    "leaning": ("circle", "var(--chart-kind-2)"),
}


def depth(drawn: Mapping[str, Any], figures: Mapping[str, Any], targets: Targets) -> Figure:
    """Depth over time, downwards as the chest moves: the band that is asked, pauses, and every fault marked."""
    seconds, depths = drawn["outline"]
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": _("Depth"),
        "x": seconds,
        "y": depths,
        "line": {"color": "var(--chart-kind-0)", "width": 1},
        "hovertemplate": "%{x} s: %{y} mm<extra></extra>",
        "showlegend": False,
    }
    names = {"shallow": _("too shallow"), "deep": _("too deep"), "leaning": _("leaned on")}
    marks = [_marks(names[kind], drawn[kind], *_MARKS[kind]) for kind in _MARKS if drawn[kind][0]]
    drawing = _over_time(320, _("Depth (mm)"))
    drawing["yaxis"] |= {"autorange": "reversed"}
    high = targets.depth_high if targets.depth_high is not None else max([*depths, targets.depth_low])
    drawing["shapes"] = [_band(targets.depth_low, high), *(_pause(one) for one in figures["pauses"][:100])]
    return {"data": [line, *marks], "layout": drawing}


def rate(drawn: Mapping[str, Any], targets: Targets) -> Figure:
    """Rate over time, one point for each compression, with the band that is asked."""
    seconds, rates = drawn["rates"]
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": _("Rate"),
        "x": seconds,
        "y": rates,
        "marker": {"size": 5, "color": "var(--chart-kind-0)"},
        "hovertemplate": "%{x} s: %{y}<extra></extra>",
        "showlegend": False,
    }
    drawing = _over_time(240, _("Per minute"))
    drawing["yaxis"] |= {"range": [min([60, *rates]) - 5, max([150, *rates]) + 5]}
    drawing["shapes"] = [_band(targets.rate_low, targets.rate_high)]
    return {"data": [points], "layout": drawing}


def distribution(drawn: Mapping[str, Any], targets: Targets) -> Figure:
    """How many compressions were how deep; what is in range has the colour of what is right."""
    found = bands(drawn["depths"], BAND)
    high = targets.depth_high if targets.depth_high is not None else max(begin for begin, _number in found) + BAND
    right = [targets.depth_low <= begin and begin + BAND <= high for begin, _number in found]
    bars = {
        "type": "bar",
        "x": [f"{begin}–{begin + BAND}" for begin, _number in found],
        "y": [number for _begin, number in found],
        "marker": {"color": ["var(--chart-kind-0)" if one else "var(--chart-fate-2)" for one in right]},
        "hovertemplate": "%{x} mm: %{y}<extra></extra>",
        "showlegend": False,
    }
    drawing = layout(240)
    drawing["xaxis"] = {"title": {"text": _("Depth (mm)")}, "automargin": True, "type": "category"}
    drawing["yaxis"] = {"title": {"text": _("Compressions")}, "automargin": True, "gridcolor": "var(--line)"}
    return {"data": [bars], "layout": drawing}


def of_report(drawn: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Figure]:
    """Every plot of a report, by name."""
    figures, targets = told["figures"], told["targets"]
    return {
        "depth": depth(drawn, figures, targets),
        "rate": rate(drawn, targets),
        "spread": distribution(drawn, targets),
        "trend": trend(told["trend"]),
    }


def trend(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """The share that was right, trace by trace."""
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [row["label"] for row in rows],
        "y": [float(row["percent"]) for row in rows],
        "marker": {
            "size": 11,
            "symbol": ["circle" if row["supervised"] else "circle-open" for row in rows],
            "color": "var(--chart-kind-0)",
        },
        "line": {"color": "var(--chart-kind-0)", "width": 2},
        "hovertemplate": "%{x}: %{y}%<extra></extra>",
        "showlegend": False,
    }
    drawing = layout(220)
    drawing["xaxis"] = {"type": "category", "automargin": True}
    drawing["yaxis"] = {"range": [0, 103], "ticksuffix": "%", "automargin": True, "gridcolor": "var(--line)"}
    return {"data": [line], "layout": drawing}


def _over_time(height: int, title: str) -> Figure:
    drawing = layout(height)
    drawing["margin"] |= {"b": 44}
    drawing["xaxis"] = {
        "title": {"text": _("Seconds")},
        "automargin": True,
        "zeroline": False,
        "gridcolor": "var(--line)",
    }
    drawing["yaxis"] = {"title": {"text": title}, "automargin": True, "zeroline": False, "gridcolor": "var(--line)"}
    return drawing


def _marks(name: str, points: Sequence[Sequence[float]], symbol: str, colour: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": points[0],
        "y": points[1],
        "marker": {"size": 8, "symbol": symbol, "color": colour},
        "hovertemplate": f"{name}: %{{x}} s, %{{y}} mm<extra></extra>",
    }


def _band(low: float, high: float) -> Figure:
    return {
        "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": low, "y1": high,
        "fillcolor": "var(--chart-fate-1)", "opacity": 0.3, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def _pause(one: Mapping[str, float]) -> Figure:
    return {
        "type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": one["begins"], "x1": one["begins"] + one["lasts"],
        "fillcolor": "var(--chart-pale)", "opacity": 0.5, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
