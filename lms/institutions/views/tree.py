"""The tree, and one institution."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.errors import Invalid, Refused
from lms.i18n import _
from lms.institutions.forms import CHANGES, KINDS, MoveForm, NameForm, NewForm, ReasonForm, refused
from lms.institutions.models import Institution
from lms.institutions.policy import Institutions
from lms.institutions.queries import annexes
from lms.institutions.queries import consortia as alliances
from lms.institutions.queries import tree as queries
from lms.institutions.services import tree as services
from lms.institutions.views import pages
from lms.web import exports
from lms.web.pages import actor

#: Institutions in one export; a province has fewer.
_EXPORT_MOST = 20_000


def within_reach(id: int) -> Institution | None:
    """The institution in the address, if the reader oversees it."""
    return queries.institution(actor(), id)


@pages.page("/institutions", needs=Institutions.READ)
def tree() -> ResponseReturnValue:
    """The reader's part of the tree, opened down to one institution; or what a search found."""
    kind = exports.wanted()
    if kind:
        return _export(kind)
    asked = request.args.get("q", "").strip()
    if asked:
        return _search(asked)
    at = within_reach(request.args.get("at", type=int) or 0)
    nodes = queries.tree(actor(), at)
    counts = annexes.headcount([node.institution.id for node in nodes])
    return render_template(
        "institutions/tree.html", nodes=nodes, at=at, counts=counts, kinds=KINDS, categories=annexes.CATEGORIES
    )


def _search(asked: str) -> ResponseReturnValue:
    number = max(1, request.args.get("page", 1, type=int))
    found, total = queries.search(actor(), asked, number)
    counts = annexes.headcount([one.id for one in found])
    pages_ = max(1, -(-total // queries.PAGE))
    return render_template(
        "institutions/search.html",
        found=found,
        total=total,
        number=number,
        pages=pages_,
        counts=counts,
        kinds=KINDS,
        asked=asked,
    )


def _export(kind: str) -> ResponseReturnValue:
    """Everything below the reader's roots with its headcounts, as a file."""
    found = queries.everything(actor(), _EXPORT_MOST)
    counts = annexes.headcount([one.id for one in found])
    categories = list(annexes.CATEGORIES)
    heads = [_("Code"), _("Name"), _("Kind"), _("Level in the tree"), *(str(annexes.CATEGORIES[c]) for c in categories)]
    rows: list[list[exports.Cell]] = [
        [one.code, one.name, str(KINDS[one.kind]), one.depth, *(counts[one.id].get(c, 0) for c in categories)]
        for one in found
    ]
    return exports.answer(kind, _("Institutions"), heads, rows)


@pages.page("/institutions/<int:id>", needs=Institutions.READ, on=within_reach)
def institution(found: Institution) -> ResponseReturnValue:
    """One institution: what is above and below it, who works there, its consortia and its history."""
    return render_template("institutions/institution.html", **_shown(found))


def _shown(found: Institution) -> dict[str, object]:
    below = queries.children(found)
    return {
        "found": found,
        "way": [one for one in queries.way_up(found) if _may_see(one)],
        "below": below,
        "counts": annexes.headcount([found.id, *(one.id for one in below)]),
        "memberships": alliances.memberships(found),
        "history": queries.history(found),
        "parts": annexes.parts(actor(), found),
        "kinds": KINDS,
        "changes": CHANGES,
        "categories": annexes.CATEGORIES,
        "may_manage": actor().may(Institutions.MANAGE, found),
    }


def _may_see(one: Institution) -> bool:
    return actor().may(Institutions.READ, one)


@pages.page("/institutions/<int:id>/new", needs=Institutions.MANAGE, on=within_reach, methods=("GET", "POST"))
def new(parent: Institution) -> ResponseReturnValue:
    """Add an institution below this one."""
    form = NewForm.below(parent)
    if form.validate_on_submit():
        try:
            made = services.create(
                actor(),
                parent,
                kind=form.kind.data,
                name=form.name.data or "",
                code=form.code.data or "",
                name_en=form.name_en.data,
            )
        except Refused as wrong:
            refused(form, wrong)
        else:
            flash(_("%(name)s has been entered.", name=made.name), "done")
            return redirect(url_for("institutions.institution", id=made.id), 303)
    status = 422 if request.method == "POST" else 200
    return render_template("institutions/new.html", form=form, parent=parent), status


@pages.page("/institutions/<int:id>/edit", needs=Institutions.MANAGE, on=within_reach, methods=("GET", "POST"))
def edit(found: Institution) -> ResponseReturnValue:
    """Rename an institution; move, close or open it."""
    form = NameForm(obj=found)
    if form.validate_on_submit():
        try:
            services.rename(actor(), found, name=form.name.data or "", name_en=form.name_en.data)
        except Refused as wrong:
            refused(form, wrong)
        else:
            flash(_("Saved."), "done")
            return redirect(url_for("institutions.institution", id=found.id), 303)
    return _edit(found, form, 422 if request.method == "POST" else 200)


def _edit(
    found: Institution,
    form: NameForm,
    status: int = 200,
    mover: MoveForm | None = None,
    closer: ReasonForm | None = None,
) -> ResponseReturnValue:
    counts = annexes.headcount([found.id])[found.id]
    html = render_template(
        "institutions/edit.html",
        found=found,
        form=form,
        mover=mover or MoveForm(None, prefix="move"),
        closer=closer or ReasonForm(None, prefix="close"),
        people=sum(counts.values()),
        below=queries.size(found) - 1,
        kinds=KINDS,
    )
    return html, status


@pages.page("/institutions/<int:id>/move", needs=Institutions.MANAGE, on=within_reach, methods=("POST",))
def move(found: Institution) -> ResponseReturnValue:
    """Put an institution below another one."""
    form = MoveForm(prefix="move")
    if not form.validate_on_submit():
        return _edit(found, NameForm(None, obj=found), 422, mover=form)
    below = queries.institution_by_code(actor(), form.below.data or "")
    try:
        if below is None:
            raise Invalid(_("There is no institution with this code within your reach."), field="below")
        services.move(actor(), found, below=below, reason=form.reason.data or "")
    except Refused as wrong:
        return _edit(found, NameForm(None, obj=found), wrong.status, mover=_told(form, wrong))
    flash(_("%(name)s now stands below %(below)s.", name=found.name, below=below.name), "done")
    return redirect(url_for("institutions.institution", id=found.id), 303)


@pages.page("/institutions/<int:id>/close", needs=Institutions.MANAGE, on=within_reach, methods=("POST",))
def close(found: Institution) -> ResponseReturnValue:
    """Close an institution, or say what still holds it open."""
    form = ReasonForm(prefix="close")
    if not form.validate_on_submit():
        return _edit(found, NameForm(None, obj=found), 422, closer=form)
    try:
        services.close(actor(), found, reason=form.reason.data or "")
    except Refused as wrong:
        return _edit(found, NameForm(None, obj=found), wrong.status, closer=_told(form, wrong))
    flash(_("%(name)s is closed.", name=found.name), "done")
    return redirect(url_for("institutions.institution", id=found.id), 303)


@pages.page("/institutions/<int:id>/reopen", needs=Institutions.MANAGE, on=within_reach, methods=("POST",))
def reopen(found: Institution) -> ResponseReturnValue:
    """Undo a closing."""
    services.reopen(actor(), found)
    flash(_("%(name)s is open again.", name=found.name), "done")
    return redirect(url_for("institutions.institution", id=found.id), 303)


def _told(form: MoveForm | ReasonForm, wrong: Refused) -> MoveForm | ReasonForm:
    refused(form, wrong)
    return form
