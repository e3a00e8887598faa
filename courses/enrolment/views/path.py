"""A doctor's way through their curriculum, for them and for who looks after them."""

from collections.abc import Sequence
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from courses.curricula.policy import Curricula
from courses.curricula.queries.kinds import KINDS
from courses.curricula.rules.tiers import State
from courses.enrolment.queries import path as queries
from courses.enrolment.views import pages
from lms import clock
from lms.authz import Actor
from lms.i18n import _l
from lms.people.models import Person
from lms.web.pages import actor, one

WORDS = {
    State.DONE: ("done", _l("done")),
    State.OVERDUE: ("attention", _l("overdue")),
    State.DUE: ("waiting", _l("due soon")),
    State.UNDER_WAY: ("under_way", _l("under way")),
    State.OPEN: ("open", _l("not begun")),
    State.BLOCKED: ("paused", _l("waits for something else")),
    State.LIFTED: ("paused", _l("not asked")),
}


@pages.page("/path", needs=Curricula.OWN)
def path() -> ResponseReturnValue:
    """My way: what each star asks, what I have, until when, and what must come first."""
    assignment = queries.assignment_of(actor().person_id or 0)
    found = queries.path(assignment, clock.today()) if assignment else None
    return _page(found, None, [])


@pages.page("/people/<int:id>/path", needs=Curricula.READ_PATH, on=one(Person))
def path_of(person: Person) -> ResponseReturnValue:
    """Somebody's way, and what has changed about it."""
    assignment = queries.assignment_of(person.id)
    found = queries.path(assignment, clock.today()) if assignment else None
    changes = queries.changes(assignment.id) if assignment else []
    return _page(found, person, changes)


def _page(found: queries.Path | None, person: Person | None, changes: Sequence[Any]) -> ResponseReturnValue:
    """Words are looked up once for the page and not once for each of what may be two hundred steps."""
    words = {state.value: (shape, str(word)) for state, (shape, word) in WORDS.items()}
    kinds = {name: (kind.icon, str(kind.unit)) for name, kind in KINDS.items()}
    return render_template("enrolment/path.html", path=found, person=person, words=words, kinds=kinds, changes=changes)


def panel(asking: Actor) -> str | None:
    """Where on my way I am, and what presses most."""
    assignment = queries.assignment_of(asking.person_id or 0)
    if assignment is None:
        return None
    found = queries.path(assignment, clock.today())
    return render_template("enrolment/panel_path.html", path=found, words=WORDS)
