"""Writing questions and moving them on: the forms, and the buttons beside a version."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.bank import forms, queries
from assessments.bank.models import QuestionVersion
from assessments.bank.policy import Bank
from assessments.bank.queries import exchange as known
from assessments.bank.queries.texts import Place, Text, text_of
from assessments.bank.rules.content import Content
from assessments.bank.rules.kinds import Kind
from assessments.bank.services import standing, writing
from assessments.bank.views import pages
from assessments.bank.views.finding import show_version
from lms.db import db
from lms.errors import Refused
from lms.i18n import _
from lms.people.views.signing_in import mend
from lms.techniques.models import Technique
from lms.web.forms import Form, options
from lms.web.pages import actor
from lms.web.pictures import received

#: What stands in `body` and has fields of its own.
_SHOWN = frozenset({"prompts", "units", "picture", "alt"})


@pages.page("/bank/new", needs=Bank.EDIT)
def kinds() -> ResponseReturnValue:
    """Which kind of question is to be written."""
    return render_template("bank/kinds.html", kinds=list(Kind))


def _kind(kind: str) -> Kind | None:
    return Kind(kind) if kind in set(Kind) else None


@pages.page("/bank/new/<kind>", needs=Bank.EDIT, on=_kind, methods=("GET", "POST"))
def write(kind: Kind) -> ResponseReturnValue:
    """A new question."""
    first = {"option_A": _("True"), "option_B": _("False")} if kind is Kind.TRUE_FALSE else {}
    form = _offered(forms.editor(kind, new=True)(data={"bank": request.args.get("bank", ""), **first}))
    form.use.choices = options(forms.USES.items())
    if not _sent(form) or "preview" in request.form:
        return _editor(form, kind, None)
    try:
        text = _text(form, "", {}, None)
        entry = {"code": form.code.data, "bank": form.bank.data, "use": form.use.data}
        made = writing.write(actor(), _technique(form), **entry, text=text)
    except Refused as refused:
        return _editor(form, kind, None, _mended(form, refused))
    flash(_("Written as a draft. Somebody else reviews it before it is asked."), "done")
    return redirect(url_for("bank.version", number=made.id), 303)


@pages.page("/bank/versions/<int:number>/edit", needs=Bank.EDIT, on=queries.version, methods=("GET", "POST"))
def edit(shown: QuestionVersion) -> ResponseReturnValue:
    """The next version, beginning with what this one says."""
    before, newest = text_of(shown), shown.question.versions[0]
    form = _form_of(before.content)
    if not _sent(form) or "preview" in request.form:
        return _editor(form, Kind(shown.kind), shown)
    body = before.content.body
    try:
        base = request.form.get("base", newest.version, int)
        text = _text(form, body.get("picture", ""), body, text_of(newest).place)
        made = writing.revise(actor(), shown.question, base=base, technique=_technique(form), text=text)
    except Refused as refused:
        return _editor(form, Kind(shown.kind), shown, _mended(form, refused))
    flash(
        _("Version %(version)s is a draft. Somebody else reviews it before it is asked.", version=made.version), "done"
    )
    return redirect(url_for("bank.version", number=made.id), 303)


def _form_of(content: Content) -> Any:
    prompts = tuple(prompt["key"] for prompt in content.body.get("prompts", ()))
    form = forms.editor(Kind(content.kind), keys=content.keys, prompts=prompts)
    return _offered(form(data=forms.typed_in(content)))


def _offered(form: Any) -> Any:
    titled = [(code, one["title"]) for code, one in sorted(known.sources().items())]
    return form.offering(known.techniques(), titled)


def _sent(form: Any) -> bool:
    """Whether a whole form was sent. Its picture is kept at once, so that a mistake elsewhere does not lose it."""
    if not form.is_submitted():
        return False
    sent = form.picture.data
    try:
        if sent:
            form.kept.data = writing.keep_picture(actor(), received(sent.stream, sent.filename or ""))
    except Refused as refused:
        form.validate()
        _mended(form, refused)
        return False
    return bool(form.validate())


def _text(form: Any, picture: str, body: Any, place: Place | None) -> Text:
    picture = form.kept.data or ("" if form.without_picture.data else picture)
    more = {name: value for name, value in body.items() if name not in _SHOWN}
    return Text(form.content(picture, more), known.sources()[form.source.data], place)


def _technique(form: Any) -> Technique:
    return db.session.scalars(sa.select(Technique).where(Technique.code == form.technique.data)).one()


def _mended(form: Any, refused: Refused) -> int:
    """Put a refusal where it is mended: what is wrong with all options or prompts stands at the first of them."""
    option, prompt = (
        f"{name}_{next(iter(keys), '')}" for name, keys in (("option", form.keys), ("prompt", form.prompts))
    )
    first = {"options": option, "prompts": prompt, "file": "picture", "key": "key" if "key" in form else prompt}
    field = refused.where.get("field")
    refused.where["field"] = first.get(str(field), field)
    return mend(form, refused)


def _editor(form: Any, kind: Kind, shown: QuestionVersion | None, status: int = 0) -> ResponseReturnValue:
    newest = shown.question.versions[0] if shown else None
    picture = form.kept.data or (shown.body.get("picture", "") if shown else "")
    tried = _tried(form, picture, newest) if "preview" in request.form and not form.errors else None
    there = {"form": form, "kind": kind, "shown": shown, "newest": newest, "picture": picture, "tried": tried}
    status = status or (422 if form.errors else 200)
    return render_template("bank/edit.html", **there, banks=queries.offer().banks), status


def _tried(form: Any, picture: str, newest: QuestionVersion | None) -> SimpleNamespace:
    """What was typed, as the page of a question takes it; nothing is kept."""
    content = form.content("" if form.without_picture.data and not form.kept.data else picture, {})
    return SimpleNamespace(
        kind=content.kind,
        stem=content.stem,
        options=[{"key": key, "text": text} for key, text in content.options],
        body=content.body,
        shared_stem=newest.shared_stem if newest else None,
        series_place=newest.series_place if newest else None,
        id=0,
        question=SimpleNamespace(code=_("Preview")),
    )


#: what a button does: the form it brings, the verb, what is said afterwards
Move = tuple[type[Form], Callable[[QuestionVersion, str], object], str]


def _moves() -> dict[str, Move]:
    who = actor()
    return {
        "review": (forms.NoteForm, lambda one, note: standing.review(who, one, note=note), _("Reviewed.")),
        "give-back": (
            forms.ReasonForm,
            lambda one, why: standing.give_back(who, one, note=why),
            _("Sent back. It is not asked until it is ready again."),
        ),
        "ready": (
            forms.NoteForm,
            lambda one, note: standing.make_ready(who, one, note=note),
            _("Ready: papers and self-tests ask this version from now on."),
        ),
        "retire": (
            forms.ReasonForm,
            lambda one, why: standing.retire(who, one.question, reason=why),
            _("Retired. Papers that have it keep it."),
        ),
        "bring-back": (
            forms.ReasonForm,
            lambda one, why: standing.bring_back(who, one.question, reason=why),
            _("Back in use, as far along as it was."),
        ),
    }


def _moved(shown: QuestionVersion, name: str) -> ResponseReturnValue:
    kind, verb, words = _moves()[name]
    form = kind(prefix=name)
    if not form.validate():
        return show_version(shown, {name: form}), 422
    said = form.reason.data if isinstance(form, forms.ReasonForm) else form["note"].data
    try:
        verb(shown, said or "")
    except Refused as refused:
        status = mend(form, refused)
        return show_version(shown, {name: form}), status
    flash(words, "done")
    return redirect(url_for("bank.version", number=shown.id), 303)


@pages.page("/bank/versions/<int:number>/review", needs=Bank.REVIEW, on=queries.version, methods=("POST",))
def review(shown: QuestionVersion) -> ResponseReturnValue:
    """Say that it asks what it should and that its key is right."""
    return _moved(shown, "review")


@pages.page("/bank/versions/<int:number>/give-back", needs=Bank.REVIEW, on=queries.version, methods=("POST",))
def give_back(shown: QuestionVersion) -> ResponseReturnValue:
    """Send it back with the reason."""
    return _moved(shown, "give-back")


@pages.page("/bank/versions/<int:number>/ready", needs=Bank.EDIT, on=queries.version, methods=("POST",))
def make_ready(shown: QuestionVersion) -> ResponseReturnValue:
    """Let it be asked from now on."""
    return _moved(shown, "ready")


@pages.page("/bank/versions/<int:number>/retire", needs=Bank.EDIT, on=queries.version, methods=("POST",))
def retire(shown: QuestionVersion) -> ResponseReturnValue:
    """Take the question out of use."""
    return _moved(shown, "retire")


@pages.page("/bank/versions/<int:number>/bring-back", needs=Bank.EDIT, on=queries.version, methods=("POST",))
def bring_back(shown: QuestionVersion) -> ResponseReturnValue:
    """Take a retired question into use again."""
    return _moved(shown, "bring-back")


@pages.page("/bank/versions/<int:number>/again", needs=Bank.EDIT, on=queries.version, methods=("POST",))
def again(shown: QuestionVersion) -> ResponseReturnValue:
    """An older version once more, as the newest draft."""
    made = writing.write_again(actor(), shown)
    flash(
        _("Version %(version)s says again what version %(older)s said.", version=made.version, older=shown.version),
        "done",
    )
    return redirect(url_for("bank.version", number=made.id), 303)
