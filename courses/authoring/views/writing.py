"""Writing: what describes a course, and its lessons. Pages keep what is typed by themselves (static/draft.js)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.authoring import forms, queries
from courses.authoring.models import CourseDraft, DraftFile, DraftLesson
from courses.authoring.policy import Authoring
from courses.authoring.rules import entries
from courses.authoring.services import drafting
from courses.authoring.views import pages
from courses.curricula.rules.files import is_played
from lms.errors import Refused
from lms.i18n import _
from lms.media import largest, media
from lms.people.views.signing_in import mend, wants_json
from lms.web import markup, ranges
from lms.web.forms import options
from lms.web.pages import actor

#: What may be typed into the live view; a lesson has some 10 kB.
_LONGEST = 200_000


@pages.page("/editor/drafts/<int:id>/about", needs=Authoring.WRITE, on=queries.draft, methods=("GET", "POST"))
def about(draft: CourseDraft) -> ResponseReturnValue:
    """What describes the course, and the works it rests on."""
    title, known = draft.about.get("title", {}), queries.known_works()
    data = {**draft.about, "zh": title.get("zh"), "en": title.get("en")}
    form = forms.AboutForm(data=data).offering(draft.about)
    there = {"draft": draft, "form": form, "known": known}
    if request.method == "GET":
        return render_template("authoring/about.html", **there)
    typed = entries.works(request.form.to_dict(flat=False), known)
    save = partial(drafting.save_about, actor(), draft, about=form.entry(), works=typed)
    return _kept(form, save, "authoring/about.html", there, url_for("authoring.about", id=draft.id))


@pages.page("/editor/drafts/lessons/<int:id>", needs=Authoring.WRITE, on=queries.lesson, methods=("GET", "POST"))
def lesson(lesson: DraftLesson) -> ResponseReturnValue:
    """One lesson: its text with a live view, its self-check, its files."""
    form: Any = _lesson_form(lesson)
    asked = lesson.entry.get("self_check", [])
    there = {"lesson": lesson, "draft": lesson.draft, "form": form, "questions": [*asked, entries.BLANK]}
    there["played"], there["most"] = _played(lesson), largest()
    if request.method == "GET":
        return render_template("authoring/lesson.html", **there)
    sent = request.form.to_dict(flat=False)
    there["questions"] = [*entries.questions(sent), entries.BLANK]
    save = partial(drafting.save_lesson, actor(), lesson, changes=_changes(form, sent))
    return _kept(form, save, "authoring/lesson.html", there, url_for("authoring.lesson", id=lesson.id))


def _lesson_form(lesson: DraftLesson) -> Any:
    entry, draft = lesson.entry, lesson.draft
    title = entry.get("title", {})
    form = forms.LessonForm(data={**entry, "zh": title.get("zh"), "en": title.get("en")})
    form.sources.choices = options((work["code"], f"{work['title']}（{work['year']}）") for work in draft.works)
    form.attachments.choices = options((one.name, one.name) for one in draft.files)
    return form


def _changes(form: Any, sent: dict[str, list[str]]) -> dict[str, Any]:
    """What the form says of a lesson."""
    kept = list(form.attachments.data or [])
    seconds = {name: int(said) for name in kept if (said := sent.get(f"seconds-{name}", [""])[0]).isdecimal()}
    return {
        "title": {"zh": form.zh.data or "", "en": form.en.data or ""},
        "minutes": form.minutes.data,
        "body": entries.clean(form.body.data or ""),
        "sources": form.sources.data or [],
        "attachments": kept,
        "seconds": seconds,
        "asks": form.asks.data or None,
        "self_check": entries.questions(sent),
    }


def _played(lesson: DraftLesson) -> dict[str, int | None]:
    """Films and sounds of the draft, and how long each plays as far as it is known."""
    seconds = lesson.entry.get("seconds") or {}
    names = (one.name for one in lesson.draft.files)
    return {name: seconds.get(name) for name in names if is_played(name)}


def _kept(form: Any, save: Callable[..., int], template: str, there: dict[str, Any], back: str) -> ResponseReturnValue:
    """Keep what was typed; a script gets the revision, a person the page again."""
    base = request.form.get("base", 0, int)
    if not form.validate():
        wrong = [f"{field.label.text}: {field.errors[0]}" for field in form if field.errors]
        if wants_json():
            return jsonify(refused=wrong[0] if wrong else _("The page was open for too long. Reload it.")), 422
        return render_template(template, **there), 422
    try:
        revision = save(base=base)
    except Refused as refused:
        if wants_json():
            return jsonify(refused=str(refused), revision=refused.where.get("revision")), refused.status
        return render_template(template, **there, now=refused.where.get("revision")), mend(form, refused)
    if wants_json():
        return jsonify(revision=revision)
    flash(_("Saved."), "done")
    return redirect(back, 303)


@pages.page("/editor/preview", needs=Authoring.WRITE, methods=("POST",))
def live() -> ResponseReturnValue:
    """Text as a doctor will see it; nothing is kept."""
    sent = request.get_json(silent=True)
    text = sent.get("text") if isinstance(sent, dict) else None
    if not isinstance(text, str) or len(text) > _LONGEST:
        return jsonify(error="text"), 422
    return jsonify(html=str(markup.render(entries.clean(text))))


@pages.page("/editor/drafts/lessons/<int:id>/preview", needs=Authoring.WRITE, on=queries.lesson)
def preview(lesson: DraftLesson) -> ResponseReturnValue:
    """A lesson as a doctor will see it; nothing is recorded."""
    works = {work["code"]: work for work in lesson.draft.works}
    files = {one.name: one for one in lesson.draft.files}
    shown = {
        "body": lesson.entry.get("body", ""),
        "sources": [works[code] for code in lesson.entry.get("sources", []) if code in works],
        "files": [files[name] for name in lesson.entry.get("attachments", []) if name in files],
        "self_check": lesson.entry.get("self_check", []),
    }
    order = [one.id for one in lesson.draft.lessons]
    after = order[order.index(lesson.id) + 1 :][:1]
    return render_template("authoring/preview.html", lesson=lesson, draft=lesson.draft, shown=shown, after=after)


@pages.page("/editor/drafts/<int:id>/lessons", needs=Authoring.WRITE, on=queries.draft, methods=("POST",))
def add_lesson(draft: CourseDraft) -> ResponseReturnValue:
    """One more lesson."""
    made = drafting.add_lesson(actor(), draft)
    return redirect(url_for("authoring.lesson", id=made.id), 303)


@pages.page("/editor/drafts/lessons/<int:id>/move", needs=Authoring.WRITE, on=queries.lesson, methods=("POST",))
def move_lesson(lesson: DraftLesson) -> ResponseReturnValue:
    """Up or down."""
    drafting.move_lesson(actor(), lesson, by=-1 if request.form.get("way") == "up" else 1)
    return redirect(url_for("authoring.draft", id=lesson.draft_id, _anchor="lessons"), 303)


@pages.page("/editor/drafts/lessons/<int:id>/remove", needs=Authoring.WRITE, on=queries.lesson, methods=("POST",))
def remove_lesson(lesson: DraftLesson) -> ResponseReturnValue:
    """Out of the draft."""
    back = url_for("authoring.draft", id=lesson.draft_id)
    drafting.remove_lesson(actor(), lesson)
    flash(_("The lesson is out of the draft. Published versions keep it."), "done")
    return redirect(back, 303)


@pages.page("/editor/drafts/files/<int:id>/<name>", needs=Authoring.WRITE, on=queries.file)
def file(found: DraftFile) -> ResponseReturnValue:
    """A file of a draft; it never runs as a page of ours."""
    answer = ranges.answer(found.size, f"draft-{found.id}", partial(_pieces, found))
    answer.mimetype = found.media_type
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def _pieces(found: DraftFile, start: int, stop: int) -> Any:
    if found.stored is not None:
        return media().read(found.stored, start, stop)
    return [(found.content or b"")[start:stop]]


@pages.page("/editor/drafts/files/<int:id>/<name>/remove", needs=Authoring.WRITE, on=queries.file, methods=("POST",))
def remove_file(found: DraftFile) -> ResponseReturnValue:
    """Out of the draft and its lessons."""
    back = url_for("authoring.draft", id=found.draft_id, _anchor="files")
    drafting.remove_file(actor(), found)
    flash(_("The file is out of the draft."), "done")
    return redirect(back, 303)
