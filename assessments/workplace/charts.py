"""The level of entrustment over time as a plotly figure in plain data; its table stands beside it."""

from collections.abc import Sequence
from html import escape

from assessments.workplace.models import WorkplaceAssessment
from assessments.workplace.rules.year import course
from lms.i18n import _
from lms.web.charts import Figure, layout

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "pentagon", "cross", "hexagon", "triangle-down")


def levels(rows: Sequence[WorkplaceAssessment]) -> Figure:
    """Every assessment of a technique by its day and level, a shape for each assessor; behind them the trend.

    The trend is the mean of the newest three, between the lowest and the highest of them.
    """
    ordered = sorted(rows, key=lambda row: (row.observed_on, str(row.id)))
    assessors: dict[int, list[WorkplaceAssessment]] = {}
    for row in ordered:
        assessors.setdefault(row.assessor_id, []).append(row)
    traces = _trend(ordered) if len(ordered) > 1 else []
    for number, found in enumerate(assessors.values()):
        traces.append(_points(found, _SYMBOLS[number % len(_SYMBOLS)]))
    return {"data": traces, "layout": _layout()}


def _points(rows: Sequence[WorkplaceAssessment], symbol: str) -> Figure:
    name = escape(rows[0].assessor_name)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [row.observed_on.isoformat() for row in rows],
        "y": [row.level for row in rows],
        "marker": {
            "size": 13,
            "symbol": symbol,
            "color": "var(--chart-kind-0)",
            "line": {"color": "var(--paper)", "width": 1.5},
        },
        "hovertemplate": f"%{{x}}<br>{name}: %{{y}}<extra></extra>",
    }


def _trend(rows: Sequence[WorkplaceAssessment]) -> list[Figure]:
    found = course([(row.observed_on, row.level) for row in rows])
    days = [one.on_day.isoformat() for one in found]
    band = {
        "type": "scatter",
        "mode": "lines",
        "x": days,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    return [
        band | {"y": [one.low for one in found], "showlegend": False},
        band
        | {
            "y": [one.high for one in found],
            "fill": "tonexty",
            "fillcolor": "var(--chart-pale)",
            "name": _("Lowest to highest of the newest three"),
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": _("Mean of the newest three"),
            "x": days,
            "y": [float(one.mean) for one in found],
            "line": {"color": "var(--ink)", "width": 2, "dash": "dot"},
            "hoverinfo": "skip",
        },
    ]


def _layout() -> Figure:
    axis = {"fixedrange": True, "automargin": True, "gridcolor": "var(--line)", "zerolinecolor": "var(--line-strong)"}
    return layout(360) | {
        "xaxis": axis | {"type": "date", "tickformat": "%Y-%m-%d", "nticks": 6},
        "yaxis": axis | {"range": [0.6, 5.4], "tickvals": [1, 2, 3, 4, 5], "title": {"text": _("Level")}},
    }
