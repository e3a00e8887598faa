"""For those who oversee: how well their institutions are covered, and every assessment."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from assessments.workplace import forms
from assessments.workplace.policy import Workplace
from assessments.workplace.queries import assessments, coverage, years
from assessments.workplace.views import pages
from assessments.workplace.views.own import chosen_year
from lms import clock
from lms.db import db
from lms.db.paging import cut
from lms.i18n import _, pick
from lms.techniques.views import CATEGORIES
from lms.web import exports


@pages.page("/workplace/desk", needs=Workplace.BROWSE)
def desk() -> ResponseReturnValue:
    """The doctors of one's area, those with the fewest assessments first; or the same as a file."""
    year, asked = chosen_year(), request.args
    few = asked.get("few") == "1"
    query = coverage.doctors(year, asked.get("q", "").strip()[:60], few)
    required = years.requirements()
    if kind := exports.wanted():
        columns = [_("Doctor"), _("Institution"), _("Category"), _("Assessments"), _("Required"), _("Assessors"),
                   _("Last assessed on")]  # fmt: skip
        rows = [
            (row.name, pick(row.place, row.place_en), str(CATEGORIES[row.category]), row.times,
             required.get(row.category, years.DEFAULT).total, row.assessors, row.last_on)
            for row in db.session.execute(query)
        ]  # fmt: skip
        return exports.answer(kind, _("Workplace assessment: doctors"), columns, rows)
    return render_template(
        "workplace/desk.html",
        shown=cut(query, asked.get("page", 1, int)),
        figures=coverage.figures(year),
        required=required,
        default=years.DEFAULT,
        categories=CATEGORIES,
        shown_year=year,
        years=_years(),
    )


def _years() -> list[int]:
    this = clock.today().year
    return list(range(this, this - 5, -1))


@pages.page("/workplace/coverage", needs=Workplace.BROWSE)
def covered() -> ResponseReturnValue:
    """By technique and by assessor; or one of the two as a file."""
    year = chosen_year()
    techniques, load = coverage.by_technique(year), coverage.by_assessor(year)
    if kind := exports.wanted():
        if request.args.get("table") == "assessors":
            return _load_file(kind, db.session.execute(load))
        return _techniques_file(kind, techniques)
    return render_template(
        "workplace/coverage.html",
        techniques=techniques,
        shown=cut(load, request.args.get("page", 1, int)),
        shown_year=year,
        years=_years(),
    )


def _techniques_file(kind: str, rows: list[Any]) -> ResponseReturnValue:
    columns = [_("Technique"), _("Assessment form"), _("Assessments"), _("Doctors"), _("Assessors"), _("Mean level")]
    lines = [
        (pick(row.title, row.title_en), str(forms.KINDS[row.kind]), row.times, row.doctors, row.assessors, row.mean)
        for row in rows
    ]
    return exports.answer(kind, _("Workplace assessment: techniques"), columns, lines)


def _load_file(kind: str, rows: Any) -> ResponseReturnValue:
    columns = [_("Assessor"), _("Institution"), _("Assessments"), _("Doctors"), _("Minutes"), _("Mean level"),
               _("Lowest"), _("Highest"), _("Last on")]  # fmt: skip
    lines = [
        (row.name, pick(row.place, row.place_en), row.times, row.doctors, row.minutes, row.mean, row.low, row.high,
         row.last_on)
        for row in rows
    ]  # fmt: skip
    return exports.answer(kind, _("Workplace assessment: assessors"), columns, lines)


@pages.page("/workplace/assessments", needs=Workplace.BROWSE)
def listing() -> ResponseReturnValue:
    """Every assessment that stands in one's area; or the same as a file."""
    asked = request.args
    words, kind_of, year = asked.get("q", "").strip()[:60], asked.get("form", ""), asked.get("year", 0, int)
    sought = assessments.Sought(
        words,
        kind_of if kind_of in forms.KINDS else "",
        year if 2000 <= year <= 2200 else 0,
        asked.get("answer", "")[:20],
        asked.get("sort", "-day"),
    )
    query = assessments.listing(sought)
    if kind := exports.wanted():
        columns = [_("Doctor"), _("Institution"), _("Assessment form"), _("Technique"), _("Level"), _("Percent"),
                   _("Assessor"), _("Watched on")]  # fmt: skip
        rows = [
            (one.doctor_name, pick(place, place_en), str(forms.KINDS[one.kind]),
             pick(one.technique.title, one.technique.title_en), one.level, one.percent, one.assessor_name,
             one.observed_on)
            for one, place, place_en in db.session.execute(query)
        ]  # fmt: skip
        return exports.answer(kind, _("Workplace assessments"), columns, rows)
    shown = cut(query, asked.get("page", 1, int))
    answered = assessments.answered([row.WorkplaceAssessment.id for row in shown.rows])
    return render_template(
        "workplace/assessments.html", shown=shown, answered=answered, years=[(one, one) for one in _years()]
    )
