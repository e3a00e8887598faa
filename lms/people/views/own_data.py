"""What is kept about oneself, as a file; and the erasure of who has left."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock
from lms.audit.queries.vocabulary import area_words
from lms.authz import Open, only
from lms.db import db
from lms.errors import Refused
from lms.i18n import _
from lms.jobs import Job
from lms.people.forms.own_data import ErasureForm
from lms.people.models import Erasure, Person, PersonExport
from lms.people.policy import People
from lms.people.queries import erasures as queries
from lms.people.queries.own_data import WITHHELD, area_of
from lms.people.services import erasing, exporting
from lms.people.views import pages
from lms.people.views.second_factor import oneself
from lms.people.views.signing_in import mend
from lms.web import exports, progress
from lms.web.pages import actor, one


@pages.page("/account/data", needs=Open.SIGNED_IN)
def own_data() -> ResponseReturnValue:
    """The files about oneself that lie ready, and asking for one."""
    me = only(oneself())
    kept = queries.exports_of(me.id)
    work = {one.id: db.session.get(Job, one.job) for one in kept if one.job and not one.size}
    return render_template("people/own_data.html", kept=kept, work=work, person=me, withheld=_withheld())


def _withheld() -> dict[str, list[str]]:
    """Why something is left out, and in which areas."""
    found: dict[str, list[str]] = {}
    for table, why in WITHHELD.items():
        found.setdefault(str(why), []).append(area_words(area_of(table)))
    return {why: sorted(set(areas)) for why, areas in found.items()}


@pages.page("/people/<int:id>/data", needs=People.TAKE_OUT, on=one(Person), methods=("POST",))
def ask_for_data(found: Person) -> ResponseReturnValue:
    """Ask for a file with all of it."""
    exporting.ask(actor(), found)
    flash(_("The file is being made. You can leave this page."), "info")
    return redirect(url_for("people.own_data"), 303)


@pages.page("/people/data/<int:id>/state", needs=People.TAKE_OUT, on=one(PersonExport))
def data_state(export: PersonExport) -> ResponseReturnValue:
    """How far the file is, for the page's script."""
    return progress.stand(db.session.get(Job, export.job) if export.job else None, url_for("people.own_data"))


@pages.page("/people/data/<int:id>", needs=People.TAKE_OUT, on=one(PersonExport), methods=("POST",))
def take_data(export: PersonExport) -> ResponseReturnValue:
    """The file itself."""
    content = exporting.take(actor(), export)
    answer = Response(content, content_type="application/zip")
    answer.headers["Cache-Control"] = "no-store"
    return exports.attached(answer, f"{_('My data')}-{clock.local(export.asked_at):%Y%m%d}.zip")


# ---- erasure -----------------------------------------------------------------------------------


@pages.page("/people/erasures", needs=People.LIST)
def erasures() -> ResponseReturnValue:
    """Whose erasure was asked for, within the reader's reach."""
    number, every = max(1, request.args.get("page", 1, type=int)), request.args.get("all") == "yes"
    rows, total = queries.erasures(number, only_open=not every)
    return render_template(
        "people/erasures.html",
        rows=rows,
        total=total,
        number=number,
        pages=max(1, -(-total // queries.PAGE)),
        every=every,
    )


@pages.page("/people/<int:id>/erasure", needs=People.ERASE, on=one(Person), methods=("GET", "POST"))
def erasure(found: Person) -> ResponseReturnValue:
    """Ask for a person to be erased; or how the wish stands."""
    form, status = ErasureForm(), 200
    if form.validate_on_submit():
        try:
            erasing.ask(actor(), found, reason=form.reason.data or "", days=form.days.data or 0)
            flash(_("A second person must confirm this now."), "info")
            return redirect(url_for("people.erasure", id=found.id), 303)
        except Refused as refused:
            status = mend(form, refused)
    elif form.errors:
        status = 422
    return render_template("people/erasure.html", person=found, form=form, wish=queries.erasure_of(found.id)), status


@pages.page("/people/erasures/<int:id>/confirm", needs=People.ERASE, on=one(Erasure), methods=("POST",))
def confirm_erasure(wish: Erasure) -> ResponseReturnValue:
    """The second person's word."""
    erasing.confirm(actor(), wish)
    flash(_("Confirmed. It is done on %(day)s; until then it can be taken back.", day=wish.due_on), "done")
    return redirect(url_for("people.erasure", id=wish.person_id), 303)


@pages.page("/people/erasures/<int:id>/withdraw", needs=People.ERASE, on=one(Erasure), methods=("POST",))
def withdraw_erasure(wish: Erasure) -> ResponseReturnValue:
    """Take the wish back."""
    erasing.withdraw(actor(), wish)
    flash(_("Taken back. Nothing was erased."), "done")
    return redirect(url_for("people.erasure", id=wish.person_id), 303)
