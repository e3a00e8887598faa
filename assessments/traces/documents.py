"""The report and the list put together for pages, paper and files."""

from collections.abc import Iterable, Sequence
from typing import Any

from assessments.traces import queries
from assessments.traces.models import SkillTrace
from assessments.traces.rules import words
from assessments.traces.rules.drawing import BAND, bands
from assessments.traces.rules.report import Step, steps, tell
from assessments.traces.rules.targets import Targets
from lms.clock import local
from lms.i18n import _, pick
from lms.techniques.queries import RELATED
from lms.web.exports import Cell


def report(trace: SkillTrace) -> dict[str, Any]:
    """Everything that stands on the report of one trace."""
    targets, figures = Targets.of(trace.version.body), trace.measured["figures"]
    found, before = queries.findings(trace), queries.earlier(trace)
    told = tell(found)
    rows = [_point(one) for one in [*before, trace]]
    return {
        "trace": trace,
        "targets": targets,
        "figures": figures,
        "aspects": [
            (one, str(words.ASPECTS[one.aspect]), words.measured(one.aspect, figures),
             words.asked(one.aspect, targets), words.detail(one.aspect, figures))
            for one in found
        ],
        "good": [(str(words.ASPECTS[one.aspect]), words.measured(one.aspect, figures)) for one in told.good],
        "change": [_change(one, figures, targets) for one in told.change],
        "practise": _practise(trace),
        "trend": rows,
        "steps": _steps(before, trace),
        "bands": bands(trace.drawn["depths"], BAND),
        "band": BAND,
    }  # fmt: skip


def _change(finding: Any, figures: Any, targets: Targets) -> dict[str, Any]:
    title, why, practice = words.advice(finding, targets)
    return {
        "title": title,
        "measured": f"{words.ASPECTS[finding.aspect]}{_(': ')}{words.measured(finding.aspect, figures)}",
        "detail": words.detail(finding.aspect, figures),
        "asked": words.asked(finding.aspect, targets),
        "why": why,
        "steps": practice,
    }


def _practise(trace: SkillTrace) -> list[Any]:
    """Lessons, cases and stations that train the technique: what its own page shows, but not this room's own."""
    technique = trace.version.target.technique
    if technique is None:
        return []
    return [one for name, kind in RELATED.items() if name != "traces" for one in kind.find(technique.id)]


def _point(trace: SkillTrace) -> dict[str, Any]:
    figures = trace.measured["figures"]
    return {
        "id": trace.id,
        "label": f"{trace.done_on:%m-%d} #{trace.id}",
        "day": trace.done_on,
        "percent": trace.percent,
        "supervised": trace.supervised,
        "depth": figures["depth_mean"],
        "rate": figures["rate_median"],
        "released": round(100 * figures["released"] / figures["compressions"], 1),
        "pause": words.longest(figures),
        "fraction": round(100 * figures["fraction"], 1),
    }


def _steps(before: Sequence[SkillTrace], trace: SkillTrace) -> list[tuple[str, Step]]:
    if not before:
        return []
    made = steps(queries.findings(before[-1]), queries.findings(trace))
    return [(str(words.ASPECTS[one.name]), one) for one in made]


def table(rows: Iterable[Any]) -> tuple[list[str], list[list[Cell]]]:
    """The list of an area as a file: heads and rows."""
    heads = [
        _("Doctor"), _("Institution"), _("Practised on"), _("Day of the run"), _("Sent by"), _("Percent"),
        _("Depth (mm)"), _("Per minute"), _("Fully released"), _("Longest pause"), _("Compression fraction"),
        _("Compressions"), _("Evidence"), _("Taken back"), "SHA-256", _("Sent at"),
    ]  # fmt: skip
    return heads, [_row(trace, place) for trace, place in rows]


def _row(trace: SkillTrace, place: str) -> list[Cell]:
    point, figures = _point(trace), trace.measured["figures"]
    return [
        trace.doctor_name, place, pick(trace.version.target.title, trace.version.target.title_en), trace.done_on,
        trace.sent_by_name, trace.percent, point["depth"], point["rate"], point["released"], point["pause"],
        point["fraction"], figures["compressions"], _("yes") if trace.counts else _("no"),
        trace.withdrawal.reason if trace.withdrawal else "", trace.sha256.hex(), local(trace.sent_at),
    ]  # fmt: skip
