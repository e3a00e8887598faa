"""For administrators: all pairs, all mentors, proposals, a pair made by hand, what is asked."""

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from courses.mentoring import forms
from courses.mentoring.models import Pairing, PairingRun
from courses.mentoring.policy import Mentoring
from courses.mentoring.queries import matching, pairs
from courses.mentoring.rules import Policy, hours, years_later
from courses.mentoring.services import arranging, offering, proposing
from courses.mentoring.services.arranging import Terms
from courses.mentoring.views import pages
from courses.mentoring.views.pair import terms_in
from lms import clock
from lms.authz import Role, only
from lms.db import db
from lms.db.paging import cut
from lms.errors import Refused
from lms.i18n import _, _n, pick
from lms.institutions.models import Kind
from lms.institutions.queries import tree
from lms.people.models import Person
from lms.web import exports
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/mentoring/pairs", needs=Mentoring.BROWSE)
def desk() -> ResponseReturnValue:
    """The pairs of one's area; or the same as a file."""
    asked, numbers = request.args, pairs.policy()
    sought = pairs.Sought(asked.get("q", "").strip()[:60], asked.get("state", ""), asked.get("sort", "apprentice"))
    query = pairs.listing(sought)
    if kind := exports.wanted():
        return _file(kind, query, numbers)
    shown = cut(query, asked.get("page", 1, int))
    return render_template("mentoring/desk.html", shown=shown, asked=numbers, state_of=pairs.state_of)


def _file(kind: str, query: Any, numbers: Policy) -> ResponseReturnValue:
    columns = [
        _("Apprentice"), _("Institution"), _("Mentor"), _("Mentor's institution"), _("First day"), _("Until before"),
        _("State"), _("Sessions on site this year"), _("Asked"), _("Last session"),
    ]  # fmt: skip
    rows = [
        (
            row.Pairing.apprentice_name, pick(row.place, row.place_en), row.Pairing.mentor_name,
            pick(row.mentor_place, row.mentor_place_en), row.Pairing.agreed_from, row.Pairing.over_on,
            str(forms.STATES[pairs.state_of(row.Pairing)]), row.on_site, numbers.sessions_a_year, row.last_on,
        )
        for row in db.session.execute(query)
    ]  # fmt: skip
    return exports.answer(kind, _("Mentor pairs"), columns, rows)


@pages.page("/mentoring/mentors", needs=Mentoring.BROWSE)
def mentors() -> ResponseReturnValue:
    """The mentors of one's area: places, apprentices, hours of the year; or the same as a file."""
    year, numbers = clock.today().year, pairs.policy()
    query = matching.offering()
    if words := request.args.get("q", "").strip()[:60]:
        query = query.where(Person.name.icontains(words, autoescape=True))
    if kind := exports.wanted():
        rows = db.session.execute(query).all()
        taught = pairs.taught_minutes([row.id for row in rows], year)
        columns = [_("Mentor"), _("Institution"), _("Places"), _("Taken"), _("Hours this year"), _("Asked")]
        cells = [_mentor_cells(row, taught.get(row.id, 0), numbers) for row in rows]
        return exports.answer(kind, _("Mentors"), columns, cells)
    shown = cut(query, request.args.get("page", 1, int))
    taught = pairs.taught_minutes([row.id for row in shown.rows], year)
    return render_template("mentoring/mentors.html", shown=shown, taught=taught, year=year, asked=numbers)


def _mentor_cells(row: Any, minutes: int, numbers: Policy) -> tuple[Any, ...]:
    place, asked = pick(row.place, row.place_en), hours(numbers.teaching_minutes)
    return row.name, place, row.capacity or 0, row.taken, hours(minutes), asked


@pages.page("/mentoring/proposals", needs=Mentoring.PAIR, methods=("GET", "POST"))
def proposals() -> ResponseReturnValue:
    """Who has no mentor, earlier searches, and a new one."""
    form = forms.SearchForm()
    form.institution.choices = tree.choices(actor(), [kind for kind in Kind if kind is not Kind.VILLAGE_CLINIC])
    if form.validate_on_submit():
        place = only(tree.institution(actor(), form.institution.data))
        run = proposing.propose(actor(), place)
        return redirect(url_for("mentoring.run", id=run.id), 303)
    mentors = db.session.execute(matching.offering()).all()
    runs = db.session.execute(matching.runs().limit(10)).all()
    return render_template(
        "mentoring/proposals.html",
        form=form,
        shown=cut(matching.unpaired(), request.args.get("page", 1, int)),
        free=sum(max(0, (row.capacity or 0) - row.taken) for row in mentors),
        mentors=len(mentors),
        runs=runs,
        counts=matching.decided_counts([row.PairingRun.id for row in runs]),
    )


@pages.page("/mentoring/runs/<int:id>", needs=Mentoring.PAIR, on=one(PairingRun), methods=("GET", "POST"))
def run(shown: PairingRun) -> ResponseReturnValue:
    """What a search found, with reasons; accept or decline it."""
    today = clock.today()
    form = forms.DecideForm(agreed_from=today, agreed_until=years_later(today, pairs.policy().usual_years))
    refused: list[tuple[str, str]] = []
    if form.validate_on_submit():
        try:
            refused = _decide(shown, form)
        except Refused as wrong:
            form.form_errors = [str(wrong)]
        else:
            if not refused:
                return redirect(url_for("mentoring.run", id=shown.id, decided=request.args.get("decided")), 303)
    found = cut(matching.proposals(shown, request.args.get("decided", "")), request.args.get("page", 1, int))
    page = render_template(
        "mentoring/run.html", run=shown, form=form, shown=found, refused=refused,
        counts=matching.decided_counts([shown.id]).get(shown.id, {}),
        places=matching.workplaces([one for row in found.rows for one in (row[0].apprentice_id, row[0].mentor_id)]),
    )  # fmt: skip
    return page, 422 if form.errors or form.form_errors else 200


def _decide(shown: PairingRun, form: forms.DecideForm) -> list[tuple[str, str]]:
    """Do what the pressed button says; which proposals were refused, and why."""
    act = request.form.get("act", "")
    chosen = [int(number) for number in request.form.getlist("proposal") if number.isascii() and number.isdigit()]
    if act != "all" and not chosen:
        raise Refused(_("Choose at least one proposal."))
    if act == "decline":
        count = proposing.decline(actor(), shown, ids=chosen, reason=form.reason.data or "")
        flash(_("Declined: %(count)s.", count=count), "done")
        return []
    terms = Terms(form.agreed_from.data or clock.today(), form.agreed_until.data or clock.today())
    outcome = proposing.accept(actor(), shown, ids=None if act == "all" else chosen, terms=terms)
    if outcome.made:
        flash(_made(outcome.made), "done")
    return outcome.refused


def _made(pairs: int) -> str:
    words = _n(
        "%(num)d pair made. Both sides see the terms and are asked to agree.",
        "%(num)d pairs made. Both sides see the terms and are asked to agree.",
        pairs,
    )
    return str(words)


def _doctor(id: int) -> Person | None:
    found = db.session.get(Person, id) if id < 1 << 63 else None
    is_doctor = found is not None and db.session.scalar(
        sa.select(Person.id).where(Person.id == id, matching.holds(Role.DOCTOR))
    )
    return found if is_doctor else None


@pages.page("/mentoring/doctors/<int:id>/pair", needs=Mentoring.PAIR, on=_doctor, methods=("GET", "POST"))
def by_hand(doctor: Person) -> ResponseReturnValue:
    """Give a doctor a mentor of one's own choice."""
    today, (learns, teaches) = clock.today(), pairs.duties()
    form = forms.PairForm(
        agreed_from=today, agreed_until=years_later(today, pairs.policy().usual_years), apprentice_duties=learns,
        mentor_duties=teaches,
    )  # fmt: skip
    free = [row for row in db.session.execute(matching.offering()) if (row.capacity or 0) > row.taken]
    form.mentor.choices = [
        (row.id, f"{row.name} · {pick(row.place, row.place_en)} · {row.taken}/{row.capacity}")
        for row in free
        if row.id != doctor.id
    ]
    made: list[Pairing] = []
    if form.validate_on_submit() and attempted(form, lambda: made.append(_pair(form, doctor))):
        flash(_made(1), "done")
        return redirect(url_for("mentoring.pair", id=made[0].id), 303)
    page = render_template("mentoring/by_hand.html", form=form, doctor=doctor, free=free)
    return page, 422 if request.method == "POST" else 200


def _pair(form: forms.PairForm, doctor: Person) -> Pairing:
    mentor = only(db.session.get(Person, form.mentor.data))
    return arranging.pair(actor(), doctor, mentor=mentor, terms=terms_in(form), on_paper=bool(form.on_paper.data))


@pages.page("/mentoring/policy", needs=Mentoring.SET_POLICY, methods=("GET", "POST"))
def policy() -> ResponseReturnValue:
    """What is asked of pairs, from a day on."""
    form = forms.PolicyForm(**_now())
    if form.validate_on_submit() and attempted(form, lambda: _set(form)):
        flash(_("Saved."), "done")
        return redirect(url_for("mentoring.policy"), 303)
    return render_template("mentoring/policy.html", form=form), 422 if request.method == "POST" else 200


def _duties_in(language: str) -> tuple[str, str]:
    with force_locale(language):
        return pairs.duties()


def _now() -> dict[str, Any]:
    numbers, row = pairs.policy(), pairs.set_policy(clock.today())
    learns, teaches = _duties_in("zh_Hans_CN")
    learns_en, teaches_en = (row.apprentice_duties_en, row.mentor_duties_en) if row else _duties_in("en")
    return {
        "sessions_a_year": numbers.sessions_a_year,
        "teaching_hours": numbers.teaching_minutes // 60,
        "shortest_years": numbers.shortest_years,
        "usual_years": numbers.usual_years,
        "longest_years": numbers.longest_years,
        "apprentice_duties": learns,
        "mentor_duties": teaches,
        "apprentice_duties_en": learns_en,
        "mentor_duties_en": teaches_en,
        "valid_from": clock.today(),
    }


def _set(form: forms.PolicyForm) -> None:
    numbers = Policy(
        form.sessions_a_year.data or 0,
        60 * (form.teaching_hours.data or 0),
        form.shortest_years.data or 0,
        form.usual_years.data or 0,
        form.longest_years.data or 0,
    )
    offering.set_policy(
        actor(),
        None,
        numbers=numbers,
        duties=(form.apprentice_duties.data or "", form.mentor_duties.data or ""),
        duties_en=(form.apprentice_duties_en.data or "", form.mentor_duties_en.data or ""),
        valid_from=form.valid_from.data or clock.today(),
    )
