"""For the two of a pair: my mentor, my apprentices, what waits for me, my offer."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.mentoring import forms
from courses.mentoring.models import Pairing
from courses.mentoring.policy import Mentoring
from courses.mentoring.queries import LIST_PARTS, matching, pairs, parts_for, sessions
from courses.mentoring.services import agreeing, offering
from courses.mentoring.views import pages
from lms import clock
from lms.authz import Actor, Role
from lms.db import db
from lms.i18n import _
from lms.people.models import Person
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/mentoring", needs=Mentoring.OWN)
def mine() -> ResponseReturnValue:
    """My mentor and what we did, or my apprentices and who of them needs me; both for who is both."""
    who = actor()
    me = who.person_id or 0
    waiting = sessions.waiting_for(me)
    return render_template(
        "mentoring/mine.html",
        waiting=waiting,
        titles=sessions.titles(waiting),
        asked=pairs.policy(),
        learning=_as_apprentice(me) if Role.DOCTOR in who.roles else None,
        teaching=_as_mentor(who) if Role.MENTOR in who.roles else None,
    )


def _as_apprentice(me: int) -> dict[str, Any]:
    found = pairs.as_apprentice(me)
    today = clock.today()
    now = next((pair for pair in found if not pair.is_over(today)), None)
    return {
        "now": now,
        "former": [pair for pair in found if pair is not now],
        "tally": pairs.tallies([now]).get(now.id) if now else None,
        "places": pairs.place_names([pair.mentor_institution_id for pair in found]),
    }


def _as_mentor(who: Actor) -> dict[str, Any]:
    me, year = who.person_id or 0, clock.today().year
    found = pairs.as_mentor(me)
    return {
        "pairs": found,
        "former": pairs.ended_as_mentor(me),
        "tallies": pairs.tallies(found),
        "gaps": matching.gaps_of(found),
        "places": pairs.place_names([pair.institution_id for pair in found]),
        "parts": parts_for(LIST_PARTS, who, found),
        "minutes": pairs.taught_minutes([me], year).get(me, 0),
        "year": year,
        "offer": matching.offer_of(me),
        "taken": matching.places_taken(me),
    }


@pages.page("/mentoring/pairs/<int:id>/agree", needs=Mentoring.AGREE, on=one(Pairing), methods=("POST",))
def agree(shown: Pairing) -> ResponseReturnValue:
    """Agree to the terms that the page showed."""
    agreeing.agree(actor(), shown, shown=request.form.get("terms", ""))
    flash(
        _("Agreed. Both of you can log sessions now.") if shown.agreed else _("Agreed. The other side is next."), "done"
    )
    return redirect(url_for("mentoring.pair", id=shown.id), 303)


def _me() -> Person | None:
    return db.session.get(Person, actor().person_id) if actor().person_id else None


@pages.page("/mentoring/offer", needs=Mentoring.OFFER, on=_me, methods=("GET", "POST"), relation="oneself")
def my_offer(mentor: Person) -> ResponseReturnValue:
    """How many apprentices I take."""
    return offer_page(mentor, url_for("mentoring.my_offer"), url_for("mentoring.mine"))


@pages.page("/mentoring/mentors/<int:id>/offer", needs=Mentoring.OFFER, on=one(Person), methods=("GET", "POST"))
def offer(mentor: Person) -> ResponseReturnValue:
    """How many apprentices a mentor takes, as an administrator records it."""
    return offer_page(mentor, url_for("mentoring.offer", id=mentor.id), url_for("mentoring.mentors"))


def offer_page(mentor: Person, here: str, back: str) -> ResponseReturnValue:
    """The same form for the mentor and for the administrator."""
    now, today = matching.offer_of(mentor.id), clock.today()
    form = forms.OfferForm(
        capacity=now.capacity if now else 2, begins_on=today, ends_on=now.ends_on if now else None,
        note=now.note if now else "",
    )  # fmt: skip
    if form.validate_on_submit() and attempted(form, lambda: _offer(form, mentor)):
        flash(_("Saved."), "done")
        return redirect(back, 303)
    taken = matching.places_taken(mentor.id)
    page = render_template(
        "mentoring/offer.html", form=form, mentor=mentor, now=now, taken=taken, here=here, back=back
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200


def _offer(form: forms.OfferForm, mentor: Person) -> None:
    offering.offer(
        actor(),
        mentor,
        capacity=form.capacity.data or 0,
        begins_on=form.begins_on.data or clock.today(),
        ends_on=form.ends_on.data,
        note=form.note.data or "",
    )


def panel(who: Actor) -> str | None:
    """For the home page: sessions that wait for me, and terms I have not agreed to."""
    me = who.person_id or 0
    waiting = sessions.waiting_for(me)
    today = clock.today()
    unread = [pair for pair in pairs.as_apprentice(me) if not pair.is_over(today) and pair.apprentice_agreed_at is None]
    unread += [pair for pair in pairs.as_mentor(me) if pair.mentor_agreed_at is None]
    if not waiting and not unread:
        return None
    return render_template("mentoring/panel.html", waiting=waiting, unread=unread, me=me)
