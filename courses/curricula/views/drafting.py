"""The draft of a curriculum: what it is called, what it rests on, what its tiers ask, and that it becomes a version."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.curricula import forms
from courses.curricula.models import Curriculum, CurriculumDraft
from courses.curricula.policy import Curricula
from courses.curricula.queries import tiers as queries
from courses.curricula.rules import tiers as rules
from courses.curricula.services import tiers as services
from courses.curricula.views import pages
from courses.curricula.views.tiers import said_of, written
from lms.errors import NotFound
from lms.i18n import _
from lms.web.forms import Form
from lms.web.pages import actor


@pages.page("/editor/curricula/<code>/draft/begin", needs=Curricula.EDIT, on=queries.by_code, methods=("POST",))
def begin_draft(curriculum: Curriculum) -> ResponseReturnValue:
    """Open the newest version for writing."""
    services.begin_draft(actor(), curriculum)
    return redirect(url_for("curricula.draft", code=curriculum.code), 303)


@pages.page("/editor/curricula/<code>/draft", needs=Curricula.EDIT, on=queries.draft_of)
def draft(draft: CurriculumDraft) -> ResponseReturnValue:
    """What is being written."""
    return render_template(
        "curricula/draft.html",
        draft=draft,
        said=said_of(draft.content),
        kinds=forms.KINDS,
        retired=queries.retired_in([draft.content]),
    )


@pages.page("/editor/curricula/<code>/draft/about", needs=Curricula.EDIT, on=queries.draft_of, methods=("GET", "POST"))
def about_draft(draft: CurriculumDraft) -> ResponseReturnValue:
    """What the curriculum is called and for."""
    title = draft.content["title"]
    form = forms.AboutForm(title_zh=title["zh"], title_en=title["en"], summary=draft.content["summary"])

    def keep() -> None:
        head = {"title": {"zh": form.title_zh.data, "en": form.title_en.data}, "summary": form.summary.data}
        _keep(draft, draft.content | head)

    return _written(draft, form, keep, "", "curricula/draft_part.html", heading=_("What it is called"))


@pages.page("/editor/curricula/<code>/draft/tier", needs=Curricula.EDIT, on=queries.draft_of, methods=("GET", "POST"))
def name_tier(draft: CurriculumDraft) -> ResponseReturnValue:
    """What one tier (`star`) is called."""
    star, _code = _where(draft)
    title = _tier(draft, star)["title"]
    form = forms.TierForm(title_zh=title["zh"], title_en=title["en"])

    def keep() -> None:
        said = {"title": {"zh": form.title_zh.data, "en": form.title_en.data}}
        tiers = [tier | said if tier["star"] == star else tier for tier in draft.content["tiers"]]
        _keep(draft, draft.content | {"tiers": tiers})

    heading = _("What tier %(star)s is called", star=star)
    return _written(draft, form, keep, f"tier-{star}", "curricula/draft_part.html", heading=heading)


@pages.page("/editor/curricula/<code>/draft/source", needs=Curricula.EDIT, on=queries.draft_of, methods=("GET", "POST"))
def write_source(draft: CurriculumDraft) -> ResponseReturnValue:
    """One work that the curriculum rests on: one that is named (`one`), or a new one."""
    code, there = _work(draft)
    form = forms.SourceForm(**there)

    def keep() -> None:
        work = {"title": form.title.data or "", "year": str(form.year.data), "where": form.where.data or ""}
        services.write_source(actor(), draft, code=code, work=work, revision=_revision())

    heading = _("A work that it rests on")
    return _written(draft, form, keep, "sources", "curricula/draft_part.html", heading=heading)


@pages.page(
    "/editor/curricula/<code>/draft/take-out-source", needs=Curricula.EDIT, on=queries.draft_of, methods=("POST",)
)
def take_out_source(draft: CurriculumDraft) -> ResponseReturnValue:
    """Name one work no longer."""
    services.write_source(actor(), draft, code=_work(draft)[0], work=None, revision=_revision())
    return redirect(url_for("curricula.draft", code=draft.curriculum.code, _anchor="sources"), 303)


def _work(draft: CurriculumDraft) -> tuple[str, dict[str, str]]:
    """The code that is asked for and what is named under it; both empty for a new one."""
    code = request.args.get("one", "")
    found = next((one for one in draft.works if one["code"] == code), None)
    if code and found is None:
        raise NotFound
    return code, dict(found or {})


def _written(
    draft: CurriculumDraft, form: Form, act: Callable[[], None], anchor: str, template: str, **shown: Any
) -> ResponseReturnValue:
    onward = url_for("curricula.draft", code=draft.curriculum.code, _anchor=anchor or None)
    return written(form, act, onward, template, draft=draft, **shown)


def _keep(draft: CurriculumDraft, content: dict[str, Any]) -> None:
    services.write_draft(actor(), draft, content=content, revision=_revision())


def _revision() -> int:
    sent = request.form.get("revision", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else 0


def _tier(draft: CurriculumDraft, star: int) -> dict[str, Any]:
    tiers: list[dict[str, Any]] = draft.content["tiers"]
    if not 1 <= star <= len(tiers):
        raise NotFound
    return tiers[star - 1]


@pages.page("/editor/curricula/<code>/draft/ask", needs=Curricula.EDIT, on=queries.draft_of, methods=("GET", "POST"))
def ask(draft: CurriculumDraft) -> ResponseReturnValue:
    """Write one requirement: a new one in a tier (`star`), or one that is there (`one`)."""
    star, code = _where(draft)
    there = {one["code"]: one for tier in draft.content["tiers"] for one in tier["requirements"]}
    form = forms.RequirementForm(**_shown(there.get(code)))
    form.course.choices = _with_that(queries.courses_to_name(), form.course.data)
    form.technique.choices = _with_that(queries.techniques_to_name(), form.technique.data)
    form.after.choices = [(name, words) for name, words in said_of(draft.content).items() if name != code]
    return _written(
        draft, form, lambda: _keep(draft, _with(draft.content, star, code, form.said())), f"tier-{star}",
        "curricula/ask.html", star=star, one=code,
    )  # fmt: skip


def _with_that(known: list[tuple[str, str]], code: str | None) -> list[tuple[str, str]]:
    """What can be named, and what is named already though it has gone out of use."""
    if not code or code in dict(known):
        return known
    return [(code, _("%(code)s (out of use)", code=code)), *known]


def _where(draft: CurriculumDraft) -> tuple[int, str]:
    """The tier and the code that are asked for: of what is there, the tier in which it stands."""
    code = request.args.get("one", "")
    for tier in draft.content["tiers"]:
        if any(one["code"] == code for one in tier["requirements"]):
            return int(tier["star"]), code
    star = request.args.get("star", "")
    if code or star not in {str(one) for one in rules.STARS}:
        raise NotFound
    return int(star), ""


def _shown(one: dict[str, Any] | None) -> dict[str, Any]:
    if one is None:
        return {}
    title = one["title"] or {"zh": None, "en": None}
    return one | {"title_zh": title["zh"], "title_en": title["en"]}


def _with(content: dict[str, Any], star: int, code: str, said: dict[str, Any] | None) -> dict[str, Any]:
    """The document with one requirement put in, put in its own place, or (None) taken out."""
    tiers = []
    for tier in content["tiers"]:
        asked = list(tier["requirements"])
        at = next((n for n, one in enumerate(asked) if code and one["code"] == code), None)
        if tier["star"] == star:
            put = [] if said is None else [said]
            asked[len(asked) if at is None else at : len(asked) if at is None else at + 1] = put
        tiers.append(tier | {"requirements": asked})
    return content | {"tiers": tiers}


@pages.page("/editor/curricula/<code>/draft/take-out", needs=Curricula.EDIT, on=queries.draft_of, methods=("POST",))
def take_out(draft: CurriculumDraft) -> ResponseReturnValue:
    """Take one requirement out of the draft."""
    star, code = _where(draft)
    _keep(draft, _with(draft.content, star, code, None))
    return redirect(url_for("curricula.draft", code=draft.curriculum.code, _anchor=f"tier-{star}"), 303)


@pages.page("/editor/curricula/<code>/draft/shift", needs=Curricula.EDIT, on=queries.draft_of, methods=("POST",))
def shift(draft: CurriculumDraft) -> ResponseReturnValue:
    """Put one requirement a place further up in its tier."""
    star, code = _where(draft)
    asked = list(_tier(draft, star)["requirements"])
    at = next(n for n, one in enumerate(asked) if one["code"] == code)
    if at:
        asked[at - 1], asked[at] = asked[at], asked[at - 1]
    tiers = [tier | {"requirements": asked} if tier["star"] == star else tier for tier in draft.content["tiers"]]
    _keep(draft, draft.content | {"tiers": tiers})
    return redirect(url_for("curricula.draft", code=draft.curriculum.code, _anchor=f"tier-{star}"), 303)


@pages.page("/editor/curricula/<code>/draft/finish", needs=Curricula.EDIT, on=queries.draft_of, methods=("POST",))
def finish_draft(draft: CurriculumDraft) -> ResponseReturnValue:
    """Make the draft a version that waits."""
    code = draft.curriculum.code
    made = services.finish_draft(actor(), draft, revision=_revision())
    flash(_("Version %(number)s is written. It holds once you put it to use.", number=made.number), "done")
    return redirect(url_for("curricula.curriculum_version", code=code, number=made.number), 303)


@pages.page("/editor/curricula/<code>/draft/drop", needs=Curricula.EDIT, on=queries.draft_of, methods=("POST",))
def drop_draft(draft: CurriculumDraft) -> ResponseReturnValue:
    """Throw the draft away."""
    code = draft.curriculum.code
    services.drop_draft(actor(), draft)
    flash(_("The draft is gone; the versions are as they were."), "done")
    return redirect(url_for("curricula.curriculum", code=code), 303)
