"""Finding questions and looking at them: the list, a version, what candidates see, pictures."""

from collections.abc import Iterator

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from assessments.bank import forms, queries
from assessments.bank.models import Picture, QuestionVersion
from assessments.bank.policy import Bank
from assessments.bank.rules.kinds import Kind, Level
from assessments.bank.views import pages
from lms.authz import Open
from lms.db import db
from lms.db.paging import cut
from lms.i18n import _, pick
from lms.web import exports
from lms.web.assets import FOR_EVER
from lms.web.pages import actor

#: How many questions are tried out on one page.
MOST_TRIED = 30


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
    return render_template("bank/questions.html", shown=shown, offer=queries.offer())


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
    may_see = actor().may(Bank.READ_KEY, shown)
    key, explanation = queries.key_of(shown.id) if may_see else ([], "")
    return render_template("bank/version.html", shown=shown, may_see=may_see, key=key, explanation=explanation)


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
