"""Writing stations and saying that they may be used: the editor's form, and the buttons beside a version."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.stations import forms, queries, services
from assessments.stations.models import StationVersion
from assessments.stations.policy import Stations
from assessments.stations.rules import Kind
from assessments.stations.views import pages
from assessments.stations.views.finding import show_version
from lms.errors import Refused
from lms.i18n import _, pick
from lms.people.views.signing_in import mend
from lms.web.forms import Form, options
from lms.web.pages import actor

#: What a new station begins with: three empty lines, and the rating that all stations of the pack have.
_FIRST_LINES = 3
_FIRST_LEVELS = (("不合格", "Fail"), ("边缘", "Borderline"), ("合格", "Pass"), ("良好", "Good"), ("优秀", "Excellent"))
_FIRST = {"pass_percent": "60", "minutes": "10", "borderline": "1"} | {
    f"level_{name}_{at}": words[number]
    for at, words in enumerate(_FIRST_LEVELS)
    for number, name in enumerate(("zh", "en"))
}


@pages.page("/stations/new", needs=Stations.EDIT, methods=("GET", "POST"))
def write() -> ResponseReturnValue:
    """A new station or form."""
    if request.method == "GET":
        form = _offered(forms.editor(forms.NewForm, _FIRST_LINES, len(_FIRST_LEVELS) + 1)(data=_FIRST))
        return _editor(form, None)
    return _sent(forms.NewForm, None, lambda entry: services.write(actor(), None, entry=entry))


@pages.page(
    "/stations/<code>/versions/<int:number>/edit", needs=Stations.EDIT, on=queries.version_at, methods=("GET", "POST")
)
def edit(shown: StationVersion) -> ResponseReturnValue:
    """The next version, beginning with what this one says."""
    newest = queries.versions(shown.station_id)[0].version
    if request.method == "GET":
        body = shown.body
        made = forms.editor(forms.EditForm, len(body["items"]), min(len(body["levels"]) + 1, forms.MOST_LEVELS))
        return _editor(_offered(made(data=forms.typed_in(shown))), shown)
    base = request.form.get("base", newest, int)
    return _sent(forms.EditForm, shown, lambda entry: services.revise(actor(), shown.station, base=base, entry=entry))


def _sent(
    kind: type[forms.EditForm], shown: StationVersion | None, keep: Callable[[dict[str, Any]], StationVersion]
) -> ResponseReturnValue:
    """Keep what was typed; or, where a button of a line was pressed, show the form with that line changed."""
    items, ranks = forms.counted(request.form)
    form = _offered(forms.editor(kind, items, ranks)())
    if do := request.form.get("do"):
        data, items, ranks = forms.reshaped(form, do)
        return _editor(_offered(forms.editor(kind, items, ranks)(None, data=data)), shown)
    if not form.validate():
        return _editor(form, shown, 422)
    taken = [item["code"] for item in shown.body["items"]] if shown else []
    try:
        made = keep(forms.entry(form, taken) | _named(form))
    except Refused as refused:
        problems = refused.where.get("problems") or [((), str(refused))]
        forms.show_problems(form, problems)  # type: ignore[arg-type]
        return _editor(form, shown, refused.status)
    flash(
        _("Version %(version)s is a draft. Somebody else approves it before it is used.", version=made.version), "done"
    )
    return redirect(url_for("stations.version", code=made.station.code, number=made.version), 303)


def _named(form: Any) -> dict[str, Any]:
    """What a new station is called for ever."""
    if not isinstance(form, forms.NewForm):
        return {"code": "kept"}
    named = {name: form[name].data or None for name in ("skill", "technique")}
    return named | {"code": form.code.data or "", "kind": form.kind.data}


def _offered(form: Any) -> Any:
    form.sources.choices = [(code, work["title"]) for code, work in queries.sources().items()]
    if isinstance(form, forms.NewForm):
        named = [(code, pick(zh, en)) for code, zh, en in queries.techniques()]
        form.technique.choices = options([("", "–"), *named])
    return form


def _editor(form: Any, shown: StationVersion | None, status: int = 200) -> ResponseReturnValue:
    newest = queries.versions(shown.station_id)[0].version if shown else None
    return render_template("stations/edit.html", form=form, shown=shown, newest=newest, kinds=Kind), status


def _moved(shown: StationVersion, name: str) -> ResponseReturnValue:
    verb, kind, words = _MOVES[name]
    form: Any = kind(prefix=name)
    if not form.validate():
        return show_version(shown, {name: form}), 422
    said = form.reason.data if isinstance(form, forms.ReasonForm) else form.note.data
    try:
        verb(actor(), shown, note=said or "")
    except Refused as refused:
        return show_version(shown, {name: form}), mend(form, refused)
    flash(words(), "done")
    return redirect(url_for("stations.version", code=shown.station.code, number=shown.version), 303)


#: What a button does: the verb, the form it brings, what is said afterwards.
_MOVES: dict[str, tuple[Callable[..., None], type[Form], Callable[[], str]]] = {
    "approve": (services.approve, forms.NoteForm, lambda: _("Approved. New circuits take this version.")),
    "give-back": (services.give_back, forms.ReasonForm, lambda: _("Sent back. Its author sees the reason.")),
    "withdraw": (services.withdraw, forms.ReasonForm, lambda: _("Taken out of use. Circuits that have it keep it.")),
}


@pages.page(
    "/stations/<code>/versions/<int:number>/approve", needs=Stations.APPROVE, on=queries.version_at, methods=("POST",)
)
def approve(shown: StationVersion) -> ResponseReturnValue:
    """Say that a version may be used."""
    return _moved(shown, "approve")


@pages.page(
    "/stations/<code>/versions/<int:number>/give-back", needs=Stations.APPROVE, on=queries.version_at, methods=("POST",)
)
def give_back(shown: StationVersion) -> ResponseReturnValue:
    """Send a draft back with the reason."""
    return _moved(shown, "give-back")


@pages.page(
    "/stations/<code>/versions/<int:number>/withdraw", needs=Stations.APPROVE, on=queries.version_at, methods=("POST",)
)
def withdraw(shown: StationVersion) -> ResponseReturnValue:
    """Take a version out of use, with the reason."""
    return _moved(shown, "withdraw")
