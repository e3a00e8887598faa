"""Finding questions and looking at them: the list, a version, what candidates see, pictures."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.bank import forms, queries
from assessments.bank.forms import ReasonForm, side_by_side
from assessments.bank.models import Picture, QuestionVersion
from assessments.bank.policy import Bank
from assessments.bank.queries import standing
from assessments.bank.queries.texts import text_of
from assessments.bank.rules.compare import pieces
from assessments.bank.rules.kinds import Kind, Level
from assessments.bank.rules.standing import Status
from assessments.bank.rules.words import STATUS
from assessments.bank.views import pages
from lms.authz import Open
from lms.db import db
from lms.db.paging import cut
from lms.i18n import _, pick
from lms.web import exports
from lms.web.assets import FOR_EVER
from lms.web.forms import Form
from lms.web.pages import actor

#: How many questions are tried out on one page.
MOST_TRIED = 30
#: The buttons beside a version that ask for a reason.
WITH_REASON = ("give-back", "retire", "bring-back")


def sought() -> queries.Sought:
    """What the address asks for."""
    asked = {
        name: request.args.get(name, "")
        for name in ("bank", "topic", "kind", "level", "technique", "status", "use", "source")
    }
    return queries.Sought(words=request.args.get("q", "").strip(), sort=request.args.get("sort", "code"), **asked)


@pages.page("/bank", needs=Bank.READ)
def questions() -> ResponseReturnValue:
    """The newest version of every question, narrowed by what is looked for."""
    if kind := exports.wanted():
        return exports.answer(kind, _("Question bank"), [str(label) for label in forms.COLUMNS], list(_rows()))
    shown = cut(queries.listing(sought()), request.args.get("page", 1, int))
    asked = queries.asked([row[0].id for row in shown.rows])
    return render_template("bank/questions.html", shown=shown, offer=queries.offer(), asked=asked)


def _rows() -> Iterator[list[exports.Cell]]:
    """Every question that is looked for, without its key."""
    for found in db.session.scalars(queries.listing(sought())):
        options = "\n".join(f"{option['key']}. {option['text']}" for option in found.options)
        yield [
            found.question.code,
            found.topic,
            pick(found.technique.title, found.technique.title_en),
            str(forms.KINDS[Kind(found.kind)]),
            str(forms.LEVELS[Level(found.level)]),
            found.version,
            found.stem,
            options,
            found.content_hash.hex(),
        ]


@pages.page("/bank/versions/<int:number>", needs=Bank.READ, on=queries.version)
def version(shown: QuestionVersion) -> ResponseReturnValue:
    """What one version says; the key only for those who may see it."""
    return show_version(shown)


def show_version(shown: QuestionVersion, refused: Mapping[str, Form] | None = None) -> str:
    """The page of a version; `refused` is the form of a button that was sent and refused."""
    who = actor()
    may_see = who.may(Bank.READ_KEY, shown)
    key, explanation = queries.key_of(shown.id) if may_see else ([], "")
    versions = shown.question.versions
    history = standing.history(shown.question_id)
    return render_template(
        "bank/version.html",
        shown=shown,
        may_see=may_see,
        key=key,
        explanation=explanation,
        may_edit=who.may(Bank.EDIT, shown),
        may_review=who.may(Bank.REVIEW, shown),
        statuses=standing.statuses(one.id for one in versions),
        authors=standing.authors(shown.question_id),
        reviewer=next((one.name for one in history if (one.version, one.status) == (shown.version, "reviewed")), "–"),
        history=[_entry(one) for one in history],
        asked=queries.asked([one.id for one in versions]),
        reasons={name: ReasonForm(None, prefix=name) for name in WITH_REASON} | dict(refused or {}),
    )


def _entry(said: standing.Word) -> dict[str, Any]:
    title = _("Version %(version)s: %(status)s", version=said.version, status=STATUS[Status(said.status)])
    return {"when": said.at, "title": title, "by": said.name, "text": said.note}


@pages.page("/bank/versions/<int:number>/compare", needs=Bank.READ_KEY, on=queries.version)
def compare(shown: QuestionVersion) -> ResponseReturnValue:
    """Two versions of a question side by side, word by word."""
    others = [one for one in shown.question.versions if one.id != shown.id]
    with_one = request.args.get("with", type=int)
    older = [one for one in others if one.version < shown.version]
    other = next((one for one in others if one.version == with_one), next(iter(older or others), None))
    if other is None:
        return redirect(url_for("bank.version", number=shown.id), 303)
    old, new = sorted((other, shown), key=lambda one: one.version)
    parts = [(label, pieces(was, now)) for label, was, now in side_by_side(text_of(old), text_of(new))]
    choices = [(one.version, _("Version %(version)s", version=one.version)) for one in others]
    return render_template("bank/compare.html", shown=shown, old=old, new=new, choices=choices, parts=parts)


@pages.page("/bank/versions/<int:number>/preview", needs=Bank.READ, on=queries.version)
def preview(shown: QuestionVersion) -> ResponseReturnValue:
    """The question as a candidate sees it."""
    return render_template("bank/preview.html", shown=shown)


@pages.page("/bank/preview", needs=Bank.READ)
def previews() -> ResponseReturnValue:
    """The first questions that are looked for, all on one page, as candidates see them."""
    found = list(db.session.scalars(queries.listing(sought()).limit(MOST_TRIED)))
    return render_template("bank/previews.html", found=found, most=MOST_TRIED)


@pages.page("/bank/pictures/<digest>", needs=Open.SIGNED_IN, on=queries.picture)
def picture(shown: Picture) -> ResponseReturnValue:
    """A question's picture; its address is the hash of its bytes, which knows only who was shown it."""
    answer = Response(shown.data, mimetype=shown.media_type)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = FOR_EVER.replace("public", "private")
    return answer
