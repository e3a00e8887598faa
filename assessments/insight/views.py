"""The dashboard: figures of an institution and of what is directly below it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.insight import charts, documents, services
from assessments.insight.formats import tables, words
from assessments.insight.models import InsightRun
from assessments.insight.policy import Insight
from assessments.insight.queries import reading
from assessments.insight.rules import (
    CATEGORIES,
    LEAST,
    NOTHING,
    Counts,
    Group,
    Measure,
    Period,
    compare,
    keep_small_ones_in,
)
from config import Settings
from lms import clock
from lms.errors import Invalid
from lms.i18n import _, pick
from lms.institutions.models import Institution
from lms.institutions.queries import tree
from lms.jobs import Job
from lms.web import exports, limits, progress
from lms.web.charts import drawing
from lms.web.pages import Pages, actor

pages = Pages("insight", __name__)
_REFRESHES_AN_HOUR = 12


@dataclass(frozen=True)
class Asked:
    """What the address narrows the figures to."""

    period: Period
    category: str
    technique: str
    sort: str

    @classmethod
    def now(cls) -> "Asked":
        """As the reader's address says; what it says wrongly is as if it were not there."""
        given = request.args
        period = given.get("period", "")
        category = given.get("category", "")
        return cls(
            Period(period) if period in [*Period] else Period.THIS_YEAR,
            category if category in CATEGORIES else "",
            given.get("technique", "")[:80],
            given.get("sort", ""),
        )

    def link(self, endpoint: str, anchor: str | None = None, **more: Any) -> str:
        """An address that keeps what figures are narrowed to."""
        kept = {"period": self.period.value, "category": self.category, "technique": self.technique}
        standard = {"period": Period.THIS_YEAR.value}
        asked = {k: v for k, v in (kept | more).items() if v and v != standard.get(k)}
        return url_for(endpoint, _anchor=anchor, **asked)


def _within_reach(id: int) -> Institution | None:
    return tree.institution(actor(), id)


@pages.page("/insight", needs=Insight.READ)
def begin() -> ResponseReturnValue:
    """The reader's own institutions side by side; the only one at once."""
    tops = reading.tops(actor())
    if len(tops) == 1:
        return redirect(url_for("insight.dashboard", id=tops[0].id))
    asked, run = Asked.now(), reading.newest_run()
    found = reading.figures(run, asked.period, asked.category, [one.id for one in tops]) if run else {}
    groups = [Group((one.id,), found.get(one.id, NOTHING)) for one in tops]
    if not all(actor().may(Insight.READ_SMALL, one) for one in tops):
        groups = keep_small_ones_in(groups)
    whole = sum(found.values(), NOTHING)
    shown = _shown(asked, run, whole, groups, name=_("Together"), below=tops) if run else None
    table = tables.overview(shown).sorted(asked.sort) if shown else None
    as_of = _moment(run) if run else None
    return render_template("insight/begin.html", table=table, as_of=as_of, said=charts.said)


@pages.page("/insight/<int:id>", needs=Insight.READ, on=_within_reach)
def dashboard(at: Institution) -> ResponseReturnValue:
    """One institution: every figure as chart and table, with what is directly below it; or the same as files."""
    job = reading.refreshing(request.args.get("job", type=UUID))
    asked, run = Asked.now(), reading.newest_run()
    if run is None:
        return render_template("insight/none.html", **_around(at, asked, job))
    shown = _figures(at, asked, run)
    hidden = 0 < shown.whole.n(Measure.PEOPLE) < LEAST and not actor().may(Insight.READ_SMALL, at)
    made = {} if hidden else {k: table.sorted(asked.sort) for k, table in tables.build(shown).items()}
    if kind := exports.wanted():
        return _file(kind, made, _facts(at, asked, run))
    page = render_template(
        "insight/dashboard.html",
        **_around(at, asked, job),
        run=run,
        shown=shown,
        hidden=hidden,
        tables=made,
        charts=charts.draw(made, shown.target, compared=bool(shown.technique)) if made else {},
        said=charts.said,
        spoken=charts.words,
        window=run.windows[asked.period.value],
        facts=_facts(at, asked, run),
    )
    return drawing(page)


def _figures(at: Institution, asked: Asked, run: InsightRun) -> tables.Shown:
    alone, below = _compared(at)
    ids = [at.id, *(one.id for one in [*alone, *below])]
    found = reading.figures(run, asked.period, asked.category, ids, whole=at.id, technique=asked.technique)
    whole = found[at.id]
    compared = whole.of_technique(asked.technique) if asked.technique else whole
    above = [(at.id, compared.in_one()), *((one.id, found[one.id]) for one in alone)]
    groups = compare(above, [(one.id, found[one.id]) for one in below])
    groups = [one for one in groups if one.counts.cells]
    if not actor().may(Insight.READ_SMALL, at):
        groups = keep_small_ones_in(groups)
    return _shown(asked, run, whole, groups, name=pick(at.name, at.name_en), below=[*alone, *below])


def _compared(at: Institution) -> tuple[list[Institution], list[Institution]]:
    """What is side by side: what is directly below; where that is one alone, it and what is directly below it."""
    near = tree.two_below(at)
    below = [one for one in near if one.parent_id == at.id]
    further = [one for one in near if one.parent_id != at.id]
    return (below, further) if len(below) == 1 and further else ([], below)


def _shown(
    asked: Asked, run: InsightRun, whole: Counts, groups: list[Group], *, name: str, below: list[Institution]
) -> tables.Shown:
    known = reading.techniques([*{*whole.keys(Measure.TRAINED), *whole.keys(Measure.PROVED), asked.technique}])
    return tables.Shown(
        whole=whole,
        groups=groups,
        name=name,
        names={one.id: pick(one.name, one.name_en) for one in below},
        href=_to_institution(asked),
        target=run.windows[asked.period.value]["target"],
        techniques=known,
        technique_href=_to_technique(asked),
        technique=asked.technique if asked.technique in known else "",
    )


def _to_institution(asked: Asked) -> Callable[[int], str]:
    return lambda id: asked.link("insight.dashboard", id=id)


def _to_technique(asked: Asked) -> Callable[[str], str]:
    here: Mapping[str, Any] = request.view_args or {}
    to = partial(asked.link, request.endpoint or "insight.begin", "conversion", **here)
    return lambda code: to(technique=code)


def _around(at: Institution, asked: Asked, job: Job | None) -> dict[str, Any]:
    """What stands around the figures."""
    return {
        "at": at,
        "trail": _trail(at, asked),
        "asked": asked,
        "job": job,
        "words": words,
        "may_refresh": actor().may(Insight.REFRESH, at),
    }


def _trail(at: Institution, asked: Asked) -> list[tuple[str, str]]:
    """The way up, as far as the reader may go."""
    above = [one for one in tree.way_up(at) if actor().may(Insight.READ, one)]
    steps = [(pick(one.name, one.name_en), asked.link("insight.dashboard", id=one.id)) for one in above]
    return steps or [(_("Figures"), url_for("insight.begin"))]


def _facts(at: Institution, asked: Asked, run: InsightRun) -> list[tuple[str, str]]:
    """What figures are about: on the first sheet of a file, and under a picture."""
    span = run.windows[asked.period.value]
    category = words.CATEGORIES.get(asked.category, _("All categories"))
    return [
        (_("Institution"), pick(at.name, at.name_en)),
        (_("Span of time"), f"{words.PERIODS[asked.period]} ({span['from']} – {span['until']})"),
        (_("Category"), str(category)),
        (_("As of"), _moment(run)),
        (_("Counted"), _("People who work here today, with what they did wherever they were then.")),
        *([(_("Demonstration"), _("Institutions, people and results are simulated."))] if _simulated() else []),
    ]


def _moment(run: InsightRun) -> str:
    return f"{clock.local(run.as_of):%Y-%m-%d %H:%M}"


def _simulated() -> bool:
    settings: Settings = current_app.config["LMS"]
    return settings.simulated


def _file(kind: str, made: dict[str, tables.Table], facts: list[tuple[str, str]]) -> ResponseReturnValue:
    """One table as it was asked for, or all of them as one Excel file."""
    title = f"{facts[0][1]}-{_('Figures')}"
    asked = request.args.get("table", "")
    if asked in made:
        table = made[asked]
        return exports.answer(kind, f"{title}-{table.title}", documents.heads(table), documents.rows(table))
    if asked or kind != "xlsx":
        raise Invalid(_("There is no such table here. All of them together are made as xlsx."))
    with documents.workbook(made.values(), facts) as file:
        answer = Response(file.read(), content_type=exports.KINDS["xlsx"])
    return exports.attached(answer, f"{title}-{clock.today():%Y%m%d}.xlsx")


@pages.page("/insight/<int:id>/refresh", needs=Insight.REFRESH, on=_within_reach, methods=("POST",))
def refresh(at: Institution) -> ResponseReturnValue:
    """Have the figures made anew."""
    limits.count("insight_refresh", str(actor().person_id), most=_REFRESHES_AN_HOUR, per=timedelta(hours=1))
    job_id = services.request_refresh(actor(), at)
    flash(_("The figures are being made anew."), "info")
    return redirect(url_for("insight.dashboard", id=at.id, job=job_id), 303)


def _beside(id: int, **_job: UUID) -> Institution | None:
    return _within_reach(id)


@pages.page("/insight/<int:id>/refresh/<uuid:job>", needs=Insight.READ, on=_beside)
def state(at: Institution) -> ResponseReturnValue:
    """How far the making is, for the page's script."""
    job = reading.refreshing((request.view_args or {})["job"])
    failed: dict[str, Any] = {"job": job.id} if job is not None and job.state == "failed" else {}
    return progress.stand(job, url_for("insight.dashboard", id=at.id, **failed), without="done")
