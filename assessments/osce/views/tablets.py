"""For officers: which tablets there are, letting one in, renaming and revoking it, and what was kept aside from it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.osce import forms
from assessments.osce.models import Tablet
from assessments.osce.policy import Osce
from assessments.osce.queries import tablets as queries
from assessments.osce.rules.devices import spaced
from assessments.osce.services import tablets as services
from assessments.osce.views import pages
from lms import clock
from lms.authz import only
from lms.db.paging import cut
from lms.i18n import _
from lms.institutions.models import Kind
from lms.institutions.queries import tree
from lms.web import exports
from lms.web.forms import attempted
from lms.web.pages import actor

_HOLDERS = [kind for kind in Kind if kind is not Kind.VILLAGE_CLINIC]


@pages.page("/osce/tablets", needs=Osce.TABLETS)
def tablets() -> ResponseReturnValue:
    """The tablets of one's area, with when they were last heard; or the same as a file."""
    asked = request.args
    query = queries.listing(queries.Sought(asked.get("q", "").strip(), asked.get("state", "")))
    if kind := exports.wanted():
        columns = [_("Tablet"), _("State"), _("Institution"), _("Last heard"), _("Sheets kept aside")]
        rows = [
            (one.label, str(forms.TABLETS[one.state]), institution, one.last_seen_at, aside)
            for one, institution, aside in queries.rows(query)
        ]
        return exports.answer(kind, _("Tablets"), columns, rows)
    return render_template("osce/tablets.html", shown=cut(query, asked.get("page", 1, int)))


@pages.page("/osce/tablets/new", needs=Osce.TABLETS, methods=("GET", "POST"))
def announce() -> ResponseReturnValue:
    """Expect a tablet and get its one-time code."""
    form = forms.AnnounceForm()
    form.institution.choices = tree.choices(actor(), _HOLDERS)
    made: list[Tablet] = []
    if form.validate_on_submit() and attempted(form, lambda: made.append(_announce(form))):
        return redirect(url_for("osce.tablet", id=made[0].id), 303)
    return render_template("osce/tablet_new.html", form=form), 422 if request.method == "POST" else 200


def _announce(form: forms.AnnounceForm) -> Tablet:
    place = only(tree.institution(actor(), form.institution.data))
    return services.announce(actor(), place, label=form.label.data or "")


@pages.page("/osce/tablets/<int:id>", needs=Osce.TABLETS, on=queries.loaded)
def tablet(shown: Tablet) -> ResponseReturnValue:
    """One tablet: its code while it is expected, who prepared it, and what was kept aside from it."""
    return _tablet(shown, forms.LabelForm(obj=shown), forms.ReasonForm())


def _tablet(shown: Tablet, label: forms.LabelForm, reason: forms.ReasonForm) -> ResponseReturnValue:
    valid = shown.code is not None and shown.code_until is not None and shown.code_until > clock.now()
    page = render_template(
        "osce/tablet.html",
        tablet=shown,
        letters=spaced(shown.code) if valid and shown.code else None,
        address=url_for("osce.aboard", _external=True),
        enroller=queries.named(shown.enrolled_by_id),
        revoker=queries.named(shown.revoked_by_id) if shown.revoked_by_id else None,
        briefings=queries.briefings_of(shown),
        kept=queries.kept_from(shown),
        label_form=label,
        reason_form=reason,
    )
    return page, 422 if label.errors or reason.errors else 200


@pages.page("/osce/tablets/<int:id>/rename", needs=Osce.TABLETS, on=queries.loaded, methods=("POST",))
def rename_tablet(shown: Tablet) -> ResponseReturnValue:
    """Call it something else."""
    form = forms.LabelForm()
    if not form.validate_on_submit():
        return _tablet(shown, form, forms.ReasonForm(formdata=None))
    services.rename(actor(), shown, label=form.label.data or "")
    flash(_("Saved."), "done")
    return redirect(url_for("osce.tablet", id=shown.id), 303)


@pages.page("/osce/tablets/<int:id>/code", needs=Osce.TABLETS, on=queries.loaded, methods=("POST",))
def renew_tablet_code(shown: Tablet) -> ResponseReturnValue:
    """Another one-time code."""
    services.renew_code(actor(), shown)
    flash(_("Here is a new code. The old one is no longer valid."), "done")
    return redirect(url_for("osce.tablet", id=shown.id), 303)


@pages.page("/osce/tablets/<int:id>/revoke", needs=Osce.TABLETS, on=queries.loaded, methods=("POST",))
def revoke_tablet(shown: Tablet) -> ResponseReturnValue:
    """Trust it no longer, with a reason."""
    form = forms.ReasonForm()
    if not form.validate_on_submit():
        return _tablet(shown, forms.LabelForm(formdata=None, obj=shown), form)
    services.revoke(actor(), shown, reason=form.reason.data or "")
    flash(_("Revoked. What this tablet still sends is kept aside and not counted."), "done")
    return redirect(url_for("osce.tablet", id=shown.id), 303)
