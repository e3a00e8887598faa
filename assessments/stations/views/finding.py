"""Finding stations and looking at them: the list, a version as each reads it, its history, two versions compared."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.stations import forms, queries
from assessments.stations.models import StationVersion
from assessments.stations.policy import Stations
from assessments.stations.rules import Checklist
from assessments.stations.rules.changes import between
from assessments.stations.views import pages
from lms.db import db
from lms.db.paging import cut
from lms.i18n import _, pick
from lms.web import exports
from lms.web.forms import Form
from lms.web.pages import actor

SIDES = ("overview", "candidate", "examiner", "patient", "versions")


def _sought() -> queries.Sought:
    asked = {name: request.args.get(name, "") for name in ("kind", "skill", "technique", "status")}
    words, sort = request.args.get("q", "").strip()[:60], request.args.get("sort", "title")
    return queries.Sought(words=words, sort=sort, **asked)


@pages.page("/stations", needs=Stations.READ)
def stations() -> ResponseReturnValue:
    """The newest version of every station and form, narrowed by what is looked for; or the same as a file."""
    query = queries.listing(_sought())
    if kind := exports.wanted():
        columns = [_("Code"), _("Title"), _("What it is for"), _("What it asks for"), _("Technique"), _("Minutes")]
        columns += [
            _("Checklist items"),
            _("All points"),
            _("Version"),
            _("Stands at"),
            _("In use"),
            _("Hash of this version"),
        ]
        return exports.answer(kind, _("Stations"), columns, list(_rows(query)))
    shown = cut(query, request.args.get("page", 1, int))
    return render_template("stations/stations.html", shown=shown, techniques=queries.techniques())


def _rows(query: Any) -> Iterator[list[exports.Cell]]:
    for version, status, approved in db.session.execute(query):
        station, body = version.station, version.body
        technique = station.technique
        yield [
            station.code,
            pick(station.title, station.title_en),
            str(forms.KINDS[station.kind]),
            str(forms.SKILLS[station.skill]) if station.skill else "",
            pick(technique.title, technique.title_en) if technique else "",
            body["minutes"],
            len(body["items"]),
            Checklist.of(body).maximum,
            version.version,
            str(forms.STATUSES[status]),
            approved,
            version.content_hash.hex(),
        ]


@pages.page("/stations/<code>", needs=Stations.READ, on=queries.newest)
def station(shown: StationVersion) -> ResponseReturnValue:
    """The newest version of a station, from the side that is asked for."""
    return show_version(shown)


@pages.page("/stations/<code>/versions/<int:number>", needs=Stations.READ, on=queries.version_at)
def version(shown: StationVersion) -> ResponseReturnValue:
    """One version of a station, from the side that is asked for."""
    return show_version(shown)


def show_version(shown: StationVersion, refused: Mapping[str, Form] | None = None) -> str:
    """The page of a version; `refused` is the form of a button that was sent and refused."""
    who, side = actor(), request.args.get("side", "overview")
    versions = queries.versions(shown.station_id)
    given = {name: forms.ReasonForm(None, prefix=name) for name in ("give-back", "withdraw")}
    return render_template(
        "stations/version.html",
        shown=shown,
        side=side if side in SIDES else "overview",
        row=next(one for one in versions if one.id == shown.id),
        versions=versions,
        checklist=Checklist.of(shown.body),
        history=queries.history(shown.station_id),
        used=[(label, find(shown.station_id)) for label, find in queries.USED.values()],
        may_edit=who.may(Stations.EDIT, shown),
        may_approve=who.may(Stations.APPROVE, shown),
        reasons={**given, "approve": forms.NoteForm(None, prefix="approve"), **(refused or {})},
    )


@pages.page("/stations/<code>/versions/<int:number>/print", needs=Stations.READ, on=queries.version_at)
def paper(shown: StationVersion) -> ResponseReturnValue:
    """The sheet on paper, for a day on which no tablet works."""
    return render_template("stations/paper.html", shown=shown, checklist=Checklist.of(shown.body))


@pages.page("/stations/<code>/versions/<int:number>/compare", needs=Stations.READ, on=queries.version_at)
def compare(shown: StationVersion) -> ResponseReturnValue:
    """Two versions of a station: what was added, taken out, moved and changed."""
    others = [one.version for one in queries.versions(shown.station_id) if one.id != shown.id]
    older = [number for number in others if number < shown.version]
    with_one = request.args.get("with", type=int)
    chosen = with_one if with_one in others else next(iter(older or others), None)
    if chosen is None:
        return redirect(url_for("stations.version", code=shown.station.code, number=shown.version), 303)
    other = queries.version_at(shown.station.code, chosen)
    assert other is not None  # it stands in the list above
    old, new = sorted((other, shown), key=lambda one: one.version)
    choices = [(number, _("Version %(version)s", version=number)) for number in others]
    changes = between(old.body, new.body)
    return render_template("stations/compare.html", shown=shown, old=old, new=new, choices=choices, changes=changes)
