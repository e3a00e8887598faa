"""Looking after talks: what waits, what was reported, what is hidden, and how a text came to read as it does."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.discussion import forms, services
from courses.discussion.models import Entry
from courses.discussion.policy import Discussion
from courses.discussion.queries import desk, threads
from courses.discussion.views import pages
from lms.authz import Actor
from lms.db.paging import cut
from lms.i18n import _
from lms.web.forms import attempted
from lms.web.pages import actor

_TABS = ("overdue", "open", "reported", "hidden")


@pages.page("/questions/desk", needs=Discussion.DESK)
def waiting() -> ResponseReturnValue:
    """For mentors and editors: what has waited for a day, all that waits, what was reported, what is hidden."""
    me = actor()
    tabs = _TABS if me.may(Discussion.MODERATE) else _TABS[:2]
    tab = request.args.get("tab", "")
    tab = tab if tab in tabs else tabs[0]
    query = {
        "overdue": lambda: desk.waiting(me),
        "open": lambda: desk.waiting(me, overdue=False),
        "reported": lambda: desk.reported(me),
        "hidden": lambda: desk.hidden(me),
    }[tab]()
    shown = cut(query, request.args.get("page", 1, int))
    authors = threads.authors([row.Entry.person_id for row in shown.rows])
    return render_template("discussion/desk.html", tab=tab, tabs=tabs, shown=shown, authors=authors)


@pages.page("/questions/entries/<int:id>/report", needs=Discussion.REPORT, on=threads.entry, methods=("GET", "POST"))
def report(entry: Entry) -> ResponseReturnValue:
    """Say that a text should not stand where it stands."""
    form = forms.ReportForm()
    if form.validate_on_submit() and attempted(
        form, lambda: services.report(actor(), entry, why=form.why.data, note=form.note.data or "")
    ):
        flash(_("Thank you. Those who look after the questions will see to it."), "done")
        return redirect(url_for("discussion.question", id=entry.thread_id), 303)
    return render_template("discussion/report.html", entry=entry, form=form), 422 if form.errors else 200


@pages.page(
    "/questions/entries/<int:id>/moderate", needs=Discussion.MODERATE, on=threads.entry, methods=("GET", "POST")
)
def moderate(entry: Entry) -> ResponseReturnValue:
    """Hide a text, show it again, or leave it where it is though it was reported; always with the reason."""
    form = forms.ReasonForm()
    act = request.form.get("act", "")
    verbs = {"hide": services.hide, "restore": services.restore, "keep": services.keep}
    if (
        act in verbs
        and form.validate_on_submit()
        and attempted(form, lambda: verbs[act](actor(), entry, reason=form.reason.data or ""))
    ):
        flash({"hide": _("Hidden."), "restore": _("Shown again."), "keep": _("Left where it is.")}[act], "done")
        return redirect(url_for("discussion.waiting", tab="reported"), 303)
    reports, ruling = desk.reports_of(entry), threads.last_ruling(entry)
    authors = threads.authors([entry.person_id, *(one.person_id for one in reports)])
    page = render_template(
        "discussion/moderate.html", entry=entry, form=form, reports=reports, ruling=ruling, authors=authors
    )
    return page, 422 if form.errors else 200


@pages.page("/questions/entries/<int:id>/history", needs=Discussion.HISTORY, on=threads.entry)
def history(entry: Entry) -> ResponseReturnValue:
    """How a text came to read as it does, for its writer and those who look after the talk."""
    return render_template("discussion/history.html", entry=entry, versions=threads.versions(entry))


def panel(who: Actor) -> str | None:
    """For the home page of mentors and editors: how many questions have waited for a day."""
    count, since = desk.how_many_wait(who)
    return render_template("discussion/panel.html", count=count, since=since) if count else None
