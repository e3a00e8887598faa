"""One pair: its terms, its sessions, logging and settling them."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.mentoring import forms
from courses.mentoring.models import MentoringSession, Pairing, Settled
from courses.mentoring.policy import Mentoring
from courses.mentoring.queries import PAIR_PARTS, matching, pairs, parts_for, sessions
from courses.mentoring.services import arranging
from courses.mentoring.services import sessions as verbs
from courses.mentoring.services.arranging import Terms
from courses.mentoring.views import pages
from lms import clock, ids
from lms.db import db
from lms.db.paging import cut
from lms.i18n import _, pick
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/mentoring/pairs/<int:id>", needs=Mentoring.READ, on=one(Pairing))
def pair(shown: Pairing) -> ResponseReturnValue:
    """One pair with its terms, its counts, what other rooms know of it, and its sessions."""
    rows = cut(sessions.of_pair(shown), request.args.get("page", 1, int))
    listed = [row[0] for row in rows.rows]
    me = actor().person_id
    return render_template(
        "mentoring/pair.html",
        pair=shown,
        side="apprentice" if me == shown.person_id else "mentor" if me == shown.mentor_id else None,
        state=pairs.state_of(shown),
        asked=pairs.policy(),
        tally=pairs.tallies([shown]).get(shown.id),
        places=pairs.place_names([shown.institution_id, shown.mentor_institution_id]),
        gaps=matching.gaps_of([shown]).get(shown.id),
        parts_of_pair=parts_for(PAIR_PARTS, actor(), [shown]),
        shown=rows,
        sessions=listed,
        titles=sessions.titles(listed),
        replaced=sessions.replaced(listed),
        terms=pairs.hash_of(shown),
        end_form=forms.ReasonForm(),
    )


@pages.page("/mentoring/pairs/<int:id>/terms", needs=Mentoring.PAIR, on=one(Pairing), methods=("GET", "POST"))
def terms(shown: Pairing) -> ResponseReturnValue:
    """Change dates and duties; both agree anew."""
    form = forms.TermsForm(obj=shown)
    if form.validate_on_submit() and attempted(form, lambda: _amend(form, shown)):
        flash(_("Changed. Both sides are asked to agree."), "done")
        return redirect(url_for("mentoring.pair", id=shown.id), 303)
    return render_template("mentoring/terms.html", form=form, pair=shown), 422 if request.method == "POST" else 200


def terms_in(form: forms.TermsForm) -> Terms:
    """The terms as the form has them."""
    return Terms(
        form.agreed_from.data or clock.today(),
        form.agreed_until.data or clock.today(),
        form.apprentice_duties.data,
        form.mentor_duties.data,
    )


def _amend(form: forms.TermsForm, shown: Pairing) -> None:
    arranging.amend(actor(), shown, terms=terms_in(form))


@pages.page("/mentoring/pairs/<int:id>/end", needs=Mentoring.PAIR, on=one(Pairing), methods=("POST",))
def end(shown: Pairing) -> ResponseReturnValue:
    """End a pair before its term is over."""
    arranging.end(actor(), shown, reason=request.form.get("reason", ""))
    flash(_("The pair has been ended. Its history stays."), "done")
    return redirect(url_for("mentoring.pair", id=shown.id), 303)


@pages.page("/mentoring/pairs/<int:id>/sessions/new", needs=Mentoring.LOG, on=one(Pairing), methods=("GET", "POST"))
def log(shown: Pairing) -> ResponseReturnValue:
    """Log a session, or put a rejected one right."""
    before = _to_put_right(shown)
    form = _session_form(shown, before)
    if form.validate_on_submit() and attempted(form, lambda: _log(form, shown, before)):
        other = shown.mentor_name if actor().person_id == shown.person_id else shown.apprentice_name
        flash(_("Logged. It counts once %(name)s confirms it.", name=other), "done")
        return redirect(url_for("mentoring.pair", id=shown.id), 303)
    page = render_template("mentoring/log.html", form=form, pair=shown, before=before)
    return page, 422 if request.method == "POST" else 200


def _to_put_right(shown: Pairing) -> MentoringSession | None:
    number = request.args.get("replaces", 0, int)
    found = db.session.get(MentoringSession, number) if 0 < number < 1 << 63 else None
    fits = found is not None and found.pairing_id == shown.id and found.settled is Settled.REJECTED
    return found if fits else None


def _session_form(shown: Pairing, before: MentoringSession | None) -> forms.SessionForm:
    fresh: dict[str, Any] = {"on_day": clock.today(), "minutes": 60, "source": str(ids.uuid7())}
    if before is not None:
        fresh |= {
            "on_day": before.on_day,
            "minutes": before.minutes,
            "on_site": "yes" if before.on_site else "no",
            "techniques": before.technique_ids,
            "done": before.done,
            "next_step": before.next_step,
        }
    form = forms.SessionForm(**fresh)
    form.techniques.choices = [(one.id, pick(one.title, one.title_en)) for one in sessions.practisable(shown)]
    return form


def _log(form: forms.SessionForm, shown: Pairing, before: MentoringSession | None) -> None:
    entry = verbs.Entry(
        on_day=form.on_day.data or clock.today(),
        minutes=form.minutes.data or 0,
        on_site=form.on_site.data == "yes",
        technique_ids=tuple(form.techniques.data or ()),
        done=form.done.data or "",
        next_step=form.next_step.data or "",
        source_id=form.source.data or "",
        replaces=before,
    )
    verbs.log(actor(), shown, entry=entry)


@pages.page("/mentoring/sessions/<int:id>", needs=Mentoring.READ, on=one(MentoringSession))
def session(shown: MentoringSession) -> ResponseReturnValue:
    """One session, to confirm, to reject or to withdraw."""
    return render_template(
        "mentoring/session.html",
        session=shown,
        pair=shown.pairing,
        titles=sessions.titles([shown]),
        form=forms.ReasonForm(),
        replaced=sessions.replaced([shown]),
    )


@pages.page("/mentoring/sessions/<int:id>/confirm", needs=Mentoring.SETTLE, on=one(MentoringSession), methods=("POST",))
def confirm(shown: MentoringSession) -> ResponseReturnValue:
    """Stand by what the other side logged."""
    verbs.confirm(actor(), shown)
    flash(_("Confirmed. The session counts."), "done")
    return redirect(url_for("mentoring.pair", id=shown.pairing_id), 303)


@pages.page("/mentoring/sessions/<int:id>/reject", needs=Mentoring.SETTLE, on=one(MentoringSession), methods=("POST",))
def reject(shown: MentoringSession) -> ResponseReturnValue:
    """Say that it was not so."""
    verbs.reject(actor(), shown, reason=request.form.get("reason", ""))
    flash(_("Rejected. The other side can put it right."), "done")
    return redirect(url_for("mentoring.pair", id=shown.pairing_id), 303)


@pages.page(
    "/mentoring/sessions/<int:id>/withdraw", needs=Mentoring.WITHDRAW, on=one(MentoringSession), methods=("POST",)
)
def withdraw(shown: MentoringSession) -> ResponseReturnValue:
    """Take back what I logged."""
    verbs.withdraw(actor(), shown)
    flash(_("Withdrawn. It does not count."), "done")
    return redirect(url_for("mentoring.pair", id=shown.pairing_id), 303)
