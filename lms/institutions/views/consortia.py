"""Consortia: the list, one of them, and who joins and leaves."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.errors import Invalid, Refused
from lms.i18n import _
from lms.institutions.forms import ConsortiumForm, DissolveForm, JoinForm, LeaveForm, refused
from lms.institutions.models import Consortium, ConsortiumMember, Institution
from lms.institutions.policy import Consortia
from lms.institutions.queries import consortia as queries
from lms.institutions.queries.tree import choices, institution
from lms.institutions.services import consortia as services
from lms.institutions.views import pages
from lms.web import exports
from lms.web.forms import options
from lms.web.pages import actor


def within_reach(id: int) -> Consortium | None:
    """The consortium in the address, if one of the reader's institutions is in it."""
    return queries.consortium(actor(), id)


@pages.page("/consortia", needs=Consortia.READ)
def consortia() -> ResponseReturnValue:
    """All consortia in which the reader's institutions take part."""
    found = queries.consortia(actor())
    kind = exports.wanted()
    if kind:
        heads = [_("Name"), _("Leader"), _("Member institutions"), _("From"), _("Until")]
        rows = ([one.name, one.leader.name, size, one.begins_on, one.ends_on] for one, size in found)
        return exports.answer(kind, _("Consortia"), heads, rows)
    return render_template("institutions/consortia.html", found=found, may_form=actor().may(Consortia.MANAGE))


@pages.page("/consortia/new", needs=Consortia.MANAGE, methods=("GET", "POST"))
def new_consortium() -> ResponseReturnValue:
    """Form a consortium."""
    form = ConsortiumForm()
    form.leader.choices = options(choices(actor(), ("city_hospital", "county_hospital")))
    if form.validate_on_submit():
        try:
            leader = _mine(form.leader.data, "leader")
            made = services.form(actor(), leader, name=form.name.data or "", begins_on=form.begins_on.data)
        except Refused as wrong:
            refused(form, wrong)
        else:
            flash(_("%(name)s has been formed.", name=made.name), "done")
            return redirect(url_for("institutions.consortium", id=made.id), 303)
    return render_template("institutions/new_consortium.html", form=form), 422 if request.method == "POST" else 200


def _mine(id: int, field: str) -> Institution:
    found = institution(actor(), id)
    if found is None:
        raise Invalid(_("There is no such institution within your reach."), field=field)
    return found


@pages.page("/consortia/<int:id>", needs=Consortia.READ, on=within_reach)
def consortium(found: Consortium) -> ResponseReturnValue:
    """One consortium: its leader and members, from–until."""
    return _page(found)


def _page(
    found: Consortium,
    joiner: JoinForm | None = None,
    leaver: tuple[int, LeaveForm] | None = None,
    dissolver: DissolveForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    may = actor().may(Consortia.MANAGE, found) and found.ends_on is None
    members = queries.members(found)
    may_leave = [one.id for one in members if may and one.ends_on is None and one.institution_id != found.leader_id]
    leavers = {id: LeaveForm(None, prefix=f"leave{id}") for id in may_leave} | dict([leaver] if leaver else [])
    html = render_template(
        "institutions/consortium.html",
        found=found,
        members=members,
        may_manage=may,
        joiner=joiner or (_join_form(fresh=True) if may else None),
        leavers=leavers,
        dissolver=dissolver or DissolveForm(None, prefix="dissolve"),
    )
    return html, status


def _join_form(fresh: bool = False) -> JoinForm:
    form = JoinForm(None, prefix="join") if fresh else JoinForm(prefix="join")
    form.institution.choices = options(choices(actor()))
    return form


@pages.page("/consortia/<int:id>/join", needs=Consortia.MANAGE, on=within_reach, methods=("POST",))
def join(found: Consortium) -> ResponseReturnValue:
    """Make an institution a member."""
    form = _join_form()
    if not form.validate_on_submit():
        return _page(found, form, status=422)
    try:
        member = _mine(form.institution.data, "institution")
        services.join(actor(), found, institution=member, begins_on=form.begins_on.data)
    except Refused as wrong:
        refused(form, wrong)
        return _page(found, form, status=wrong.status)
    flash(_("%(name)s is a member now.", name=member.name), "done")
    return redirect(url_for("institutions.consortium", id=found.id), 303)


def membership(id: int, member: int) -> ConsortiumMember | None:
    """The membership in the address, of a consortium within reach."""
    found = within_reach(id)
    return queries.membership(found, member) if found is not None and member < 1 << 63 else None


@pages.page("/consortia/<int:id>/leave/<int:member>", needs=Consortia.MANAGE, on=membership, methods=("POST",))
def leave(member: ConsortiumMember) -> ResponseReturnValue:
    """End a membership."""
    form = LeaveForm(prefix=f"leave{member.id}")
    found = member.consortium
    if not form.validate_on_submit():
        return _page(found, leaver=(member.id, form), status=422)
    try:
        services.leave(actor(), found, member=member, ends_on=form.ends_on.data)
    except Refused as wrong:
        refused(form, wrong)
        return _page(found, leaver=(member.id, form), status=wrong.status)
    flash(_("%(name)s has left.", name=member.institution.name), "done")
    return redirect(url_for("institutions.consortium", id=found.id), 303)


@pages.page("/consortia/<int:id>/dissolve", needs=Consortia.MANAGE, on=within_reach, methods=("POST",))
def dissolve(found: Consortium) -> ResponseReturnValue:
    """End a consortium."""
    form = DissolveForm(prefix="dissolve")
    if not form.validate_on_submit():
        return _page(found, status=422, dissolver=form)
    try:
        services.dissolve(actor(), found, ends_on=form.ends_on.data, reason=form.reason.data or "")
    except Refused as wrong:
        refused(form, wrong)
        return _page(found, status=wrong.status, dissolver=form)
    flash(_("%(name)s has been dissolved.", name=found.name), "done")
    return redirect(url_for("institutions.consortium", id=found.id), 303)
