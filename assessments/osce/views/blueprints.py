"""From blueprint to circuit: each post with the stations that fit."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired

from assessments.osce import forms
from assessments.osce.models import Circuit
from assessments.osce.policy import Osce
from assessments.osce.services import blueprints, planning
from assessments.osce.views import pages
from assessments.stations.models import BlueprintVersion
from assessments.stations.queries import blueprint as by_code
from assessments.stations.queries import fitting
from assessments.stations.rules.fitting import Post, filled, posts_of
from lms.authz import only
from lms.errors import Refused
from lms.i18n import _n, pick
from lms.institutions.models import Kind
from lms.institutions.queries import tree
from lms.people.views.signing_in import mend
from lms.web.forms import PickField, options
from lms.web.pages import actor

_HOSTS = [kind for kind in Kind if kind is not Kind.VILLAGE_CLINIC]


@pages.page("/osce/circuits/new/<code>", needs=Osce.PLAN, on=by_code, methods=("GET", "POST"))
def from_blueprint(shown: BlueprintVersion) -> ResponseReturnValue:
    """Plan a circuit from a blueprint."""
    posts, status = posts_of(shown.body), 200
    form, empty = _form(shown, posts)
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                made = _plan(form, shown, posts)
            except Refused as refused:
                mend(form, _at_its_post(refused, posts))
            else:
                return redirect(url_for("osce.stations", id=made.id), 303)
    return render_template("osce/from_blueprint.html", shown=shown, posts=posts, form=form, empty=empty), status


def _form(shown: BlueprintVersion, posts: list[Post]) -> tuple[Any, list[str]]:
    """A choice for every post, the stations meant first chosen; and the names of the posts that nothing fits."""
    offer = fitting(shown.body)
    proposed = filled({code: [version.id for version in found] for code, found in offer.items()})
    fields = {f"post_{at}": PickField(pick(post.zh, post.en), [InputRequired()]) for at, post in enumerate(posts)}
    kind = type("FromBlueprint", (forms.PlanForm,), {"institution": forms.NewForm.institution, **fields})
    form = kind(data={f"post_{at}": proposed.get(post.code) for at, post in enumerate(posts)})
    form.institution.choices = tree.choices(actor(), _HOSTS)
    for at, post in enumerate(posts):
        form[f"post_{at}"].choices = options([(one.id, _called(one)) for one in offer[post.code]])
    return form, [pick(post.zh, post.en) for post in posts if not offer[post.code]]


def _called(version: Any) -> str:
    minutes = _n("%(num)d minute", "%(num)d minutes", version.body["minutes"])
    return f"{pick(version.station.title, version.station.title_en)} · {minutes}"


def _plan(form: Any, shown: BlueprintVersion, posts: list[Post]) -> Circuit:
    plan = planning.Plan(form.title.data or "", form.title_en.data, form.on_day.data)
    place = only(tree.institution(actor(), form.institution.data))
    stations = {post.code: form[f"post_{at}"].data for at, post in enumerate(posts)}
    return blueprints.plan_from(actor(), place, plan=plan, blueprint=shown, stations=stations)


def _at_its_post(refused: Refused, posts: list[Post]) -> Refused:
    """The same refusal, naming the field of the post it is about."""
    places = {post.code: f"post_{at}" for at, post in enumerate(posts)}
    field = str(refused.where.get("field"))
    refused.where["field"] = places.get(field, field)
    return refused
