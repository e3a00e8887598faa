"""My evidence, and that of a person within reach: searched, narrowed, taken along, and each mark with its history."""

from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.results import documents, rules
from assessments.results.policy import Results
from assessments.results.queries import marks
from lms import clock
from lms.authz import only
from lms.db import db
from lms.i18n import _
from lms.people.models import Person
from lms.web import exports
from lms.web.pages import Pages, actor, one

pages = Pages("results", __name__)


@pages.context_processor
def around() -> dict[str, Any]:
    """The words that the templates need."""
    return {"kinds": rules.KINDS, "units": rules.UNITS, "standings": rules.STANDINGS, "shapes": rules.SHAPES} | {
        "shown_value": rules.shown
    }


def _me() -> Person | None:
    return db.session.get(Person, actor().person_id) if actor().person_id else None


@pages.page("/evidence", needs=Results.READ, on=_me, relation="oneself")
def mine(person: Person) -> ResponseReturnValue:
    """My marks and hours, and what each is worth today."""
    return _evidence(person)


@pages.page("/people/<int:id>/evidence", needs=Results.READ, on=one(Person))
def of_person(person: Person) -> ResponseReturnValue:
    """The evidence of somebody within reach."""
    return _evidence(person)


def _evidence(person: Person) -> ResponseReturnValue:
    number = request.args.get("mark", type=int)
    if number is not None:
        return render_template("results/mark.html", **_around(person), shown=only(marks.one_of(person.id, number)))
    today = clock.today()
    query = marks.listing(person.id, _sought(), today)
    if kind := exports.wanted():
        name = _("Evidence of %(name)s", name=person.name)
        return exports.answer(kind, name, documents.columns(), documents.rows(marks.every(query)))
    found = marks.page(query, request.args.get("page", 1, type=int))
    counted = {one.kind: one for one in marks.kinds_of(person.id, today)}
    return render_template("results/evidence.html", **_around(person), found=found, counted=counted)


def _around(person: Person) -> dict[str, Any]:
    own = person.id == actor().person_id
    address = url_for("results.mine") if own else url_for("results.of_person", id=person.id)
    return {"person": person, "own": own, "address": address}


def _sought() -> marks.Sought:
    given = request.args
    kind, standing = given.get("kind", ""), given.get("standing", "")
    return marks.Sought(
        kind=kind if kind in rules.KINDS else "",
        standing=standing if standing in rules.STANDINGS else "",
        words=given.get("q", "").strip()[:80],
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
