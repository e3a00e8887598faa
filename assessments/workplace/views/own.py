"""For doctors: my year, asking somebody to watch, and what became of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.stations.models import StationVersion
from assessments.workplace import charts, forms, services
from assessments.workplace.models import WorkplaceAssessment, WorkplaceRequest
from assessments.workplace.policy import Workplace
from assessments.workplace.queries import assessments, people, requests, years
from assessments.workplace.rules.year import tally
from assessments.workplace.services.requesting import Wish
from assessments.workplace.views import pages
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.i18n import _, pick
from lms.people.models import Person
from lms.web.charts import drawing
from lms.web.forms import attempted, options
from lms.web.pages import actor, one


def chosen_year() -> int:
    """The year a page is asked for; this one where it is none."""
    given = request.args.get("year", type=int)
    return given if given is not None and 2000 <= given <= 2200 else clock.today().year


def year_of(person: Person, year: int) -> dict[str, Any]:
    """Everything a page shows of one doctor's year."""
    rows = assessments.of_doctor(person.id, year)
    found = tally(years.requirement(person.category), [years.deed(row) for row in rows])
    codes = {line.wanted.technique for line in found.lines if line.wanted.technique}
    who = years.by_assessor(rows)
    return {
        "doctor": person,
        "shown_year": year,
        "rows": rows,
        "found": found,
        "names": years.technique_names(codes),
        "assessors": who,
        "places": {number: pick(*words) for number, words in people.place_names([w.place_id for w in who]).items()},
        "answered": assessments.answered([row.id for row in rows]),
        "years": sorted({*assessments.years_of(person.id), clock.today().year}, reverse=True),
        **_drawn(rows),
    }


def _drawn(rows: list[WorkplaceAssessment]) -> dict[str, Any]:
    """The plot of one technique: the chosen one, else that of most assessments."""
    grouped: dict[str, list[WorkplaceAssessment]] = {}
    for row in rows:
        grouped.setdefault(row.technique.code, []).append(row)
    ordered = sorted(grouped.values(), key=lambda found: (-len(found), found[0].technique.code))
    wanted = request.args.get("technique", "")
    plotted = grouped.get(wanted) or (ordered[0] if ordered else [])
    return {
        "plotted": plotted,
        "figure": charts.levels(plotted),
        "techniques": [(found[0].technique, len(found)) for found in ordered],
    }


@pages.page("/workplace", needs=Workplace.OWN)
def mine() -> ResponseReturnValue:
    """My year: what is asked, what is done, by whom, what is missing, what waits."""
    me = db.session.get_one(Person, actor().person_id)
    page = render_template(
        "workplace/mine.html",
        **year_of(me, chosen_year()),
        asked=requests.of_doctor(me.id),
        unread=assessments.unread(me.id),
    )
    return drawing(page)


@pages.page("/workplace/ask", needs=Workplace.OWN, methods=("GET", "POST"))
def ask() -> ResponseReturnValue:
    """Ask somebody to watch."""
    me = db.session.get_one(Person, actor().person_id)
    words = request.args.get("q", "").strip()[:40]
    found = people.assessors(me.id, words)
    given = years.by_assessor(assessments.of_doctor(me.id, clock.today().year))
    there = people.forms()
    form = forms.AskForm(on_day=clock.today(), **_wanted(there))
    form.form.choices = options((v.station_id, pick(v.station.title, v.station.title_en)) for v in there)
    form.technique.choices = [(one.id, pick(one.title, one.title_en)) for one in people.techniques(me.category)]
    form.assessor.choices = options((row.id, row.name) for row in found)
    made: list[WorkplaceRequest] = []
    if form.validate_on_submit() and attempted(form, lambda: made.append(_ask(form, me))):
        flash(_("Asked. %(name)s sees it on the home page.", name=made[0].assessor_name), "done")
        return redirect(url_for("workplace.mine"), 303)
    page = render_template(
        "workplace/ask.html", form=form, found=found, words=words, times={one.id: one.count for one in given}
    )
    return page, 422 if request.method == "POST" else 200


def _wanted(there: Sequence[StationVersion]) -> dict[str, Any]:
    """What the address proposes: a form and a technique that are missing in the year."""
    code, technique = request.args.get("form", ""), request.args.get("technique", "")
    named = next(iter(years.technique_names([technique]).values()), None) if technique else None
    fitting = (v.station_id for v in there if code in (v.station.code, v.station.kind))
    return {"form": next(fitting, None) if code else None, "technique": named.id if named else None}


def _ask(form: forms.AskForm, me: Person) -> WorkplaceRequest:
    on_day: date = form.on_day.data or clock.today()
    wish = Wish(form.form.data, form.technique.data, form.assessor.data, on_day, form.note.data or "")
    return services.request(actor(), me, wish=wish)


@pages.page("/workplace/requests/<int:id>", needs=Workplace.READ_REQUEST, on=one(WorkplaceRequest))
def asked(shown: WorkplaceRequest) -> ResponseReturnValue:
    """One request: who asks whom for what, what became of it, and what the reader may do with it."""
    words = request.args.get("q", "").strip()[:40]
    may_delegate = actor().may(Workplace.DELEGATE, shown)
    return render_template(
        "workplace/request.html",
        one=shown,
        turns=requests.turns(shown),
        places={
            number: pick(*names)
            for number, names in people.place_names([shown.institution_id, shown.assessor_institution_id]).items()
        },
        waits=requests.days(shown.waits_since),
        words=words,
        found=people.assessors(shown.person_id, words, but=[shown.assessor_id]) if may_delegate else [],
        take_back_form=forms.TakeBackForm(formdata=None),
        reason=forms.ReasonForm(formdata=None),
    )


def _back(shown: WorkplaceRequest, words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("workplace.asked", id=shown.id), 303)


@pages.page(
    "/workplace/requests/<int:id>/withdraw", needs=Workplace.TAKE_BACK, on=one(WorkplaceRequest), methods=("POST",)
)
def take_back(shown: WorkplaceRequest) -> ResponseReturnValue:
    """As the doctor, ask no more."""
    services.take_back(actor(), shown, reason=request.form.get("reason", ""))
    return _back(shown, _("Withdrawn."))


@pages.page(
    "/workplace/requests/<int:id>/decline", needs=Workplace.DECLINE, on=one(WorkplaceRequest), methods=("POST",)
)
def decline(shown: WorkplaceRequest) -> ResponseReturnValue:
    """As the assessor, say no."""
    services.decline(actor(), shown, reason=request.form.get("reason", ""))
    return _back(shown, _("Declined. The doctor sees why."))


@pages.page(
    "/workplace/requests/<int:id>/delegate", needs=Workplace.DELEGATE, on=one(WorkplaceRequest), methods=("POST",)
)
def delegate(shown: WorkplaceRequest) -> ResponseReturnValue:
    """As the assessor, hand it on to somebody else."""
    services.delegate(actor(), shown, to=request.form.get("to", 0, int), reason=request.form.get("reason", ""))
    flash(_("Handed on. %(name)s sees it on the home page.", name=shown.assessor_name), "done")
    return redirect(url_for("workplace.assessing"), 303)


def panel(who: Actor) -> str | None:
    """For the doctor's home page: what was written about me and is not read yet, and how far the year is."""
    unread = assessments.unread(who.person_id or 0)
    me = db.session.get_one(Person, who.person_id)
    deeds = years.deeds_of([me.id], clock.today().year).get(me.id, [])
    found = tally(years.requirement(me.category), deeds)
    if not unread and not deeds:
        return None
    return render_template("workplace/own_panel.html", unread=unread, found=found)
