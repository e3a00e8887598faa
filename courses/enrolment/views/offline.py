"""Learning without network: what makes the pages an app that can be installed, and a course to take along.

The shell and its worker are the same for everyone and hold no name. What is somebody's lies in the browser's own store
under their account; which account is at work here, a cookie says that a script may read: it goes with every sign-in.
"""

from typing import Any

from flask import Response, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from courses.curricula.models import Lesson, LessonAttachment
from courses.enrolment import queries
from courses.enrolment.documents import ICONS, icon
from courses.enrolment.models import Enrolment
from courses.enrolment.policy import Enrolments
from courses.enrolment.queries import OnShelf
from courses.enrolment.queries.offline import files_of, whole_lessons
from courses.enrolment.views import Reading, pages, stand_of
from lms.authz import Actor, Open
from lms.errors import NotFound
from lms.i18n import _, locale, pick
from lms.people.views import sessions
from lms.web import nav, security, workers
from lms.web.assets import FOR_EVER
from lms.web.pages import actor

#: Every script that the shell loads by path; a test holds this list against what they import.
MODULES = (
    ("enrolment.static", "away.js"),
    ("enrolment.static", "reader.js"),
    ("enrolment.static", "player.js"),
    ("enrolment.static", "sending.js"),
    ("enrolment.static", "kept.js"),
    ("static", "js/outbox.js"),
    ("static", "js/disk.js"),
    ("static", "js/ids.js"),
    ("static", "js/main.js"),
    ("static", "js/connection.js"),
)
_LOOKS = (
    ("bootstrap.static", "css/bootstrap.min.css"),
    ("static", "css/base.css"),
    ("static", "css/parts.css"),
    ("curricula.static", "lesson.css"),
    ("enrolment.static", "courses.css"),
    ("static", "img/icon.svg"),
)
COOKIE = "learner"
_YEAR = 365 * 86_400


@pages.page("/manifest.webmanifest", needs=Open.EVERYONE)
def manifest() -> ResponseReturnValue:
    """What a phone must know to put the product among its apps."""
    shapes = [(size, shape) for size in ICONS for shape in ("any", "maskable")]
    icons = [
        {
            "src": url_for("enrolment.app_icon", size=size, shape=shape),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": shape,
        }
        for size, shape in shapes
    ]
    body = {
        "id": "/",
        "name": _("Clinical Skills"),
        "short_name": _("Clinical Skills"),
        "lang": "zh-CN" if locale() == "zh_Hans_CN" else "en",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0a5557",
        "icons": icons,
    }
    answer = jsonify(body)
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _drawn(size: int, shape: str) -> tuple[int, bool]:
    if size not in ICONS or shape not in {"any", "maskable"}:
        raise NotFound
    return size, shape == "maskable"


@pages.page("/app-icon/<int:size>/<shape>.png", needs=Open.EVERYONE, on=_drawn)
def app_icon(wanted: tuple[int, bool]) -> ResponseReturnValue:
    """The product's sign as a picture for a phone's home screen."""
    size, maskable = wanted
    return Response(icon(size, maskable=maskable), mimetype="image/png", headers={"Cache-Control": FOR_EVER})


@pages.page("/learning/kept", needs=Open.EVERYONE)
def away() -> ResponseReturnValue:
    """The shell that opens without network: the same for everyone; all that is somebody's comes out of their store.

    The worker asks without cookies and names the language (`?in=en`).
    """
    with workers.language_asked():
        answer = Response(_shell())
    # Kept pictures and films have no address of their own.
    answer.headers["Content-Security-Policy"] = f"{security.policy(img_src='blob:')}; media-src 'self' blob:"
    return answer


def _shell() -> str:
    return render_template("enrolment/away.html")


@pages.page("/worker.js", needs=Open.EVERYONE)
def worker() -> ResponseReturnValue:
    """The service worker of the shell: which files belong together, by content, and the script that keeps them."""
    with workers.language_asked():
        return workers.worker(
            ("enrolment.static", "worker.js"),
            address=url_for("enrolment.away"),
            shell=_shell(),
            files=(*MODULES, *_LOOKS),
            pages=_doctors_pages(),
        )


def _doctors_pages() -> list[str]:
    """Pages that the shell stands in for when there is no network: the doctor's bar."""
    return sorted({"/", *(url_for(item.endpoint) for item in nav.ITEMS.values() if item.place == "bottom")})


@pages.page("/learning/standing", needs=Open.EVERYONE)
def standing() -> ResponseReturnValue:
    """What a kept page asks when it reaches the centre: who is signed in, and a token to send with."""
    who = actor()
    return jsonify(account=str(who.person_id) if who.signed_in else None, csrf=generate_csrf())


def _mine(code: str) -> Enrolment | None:
    return queries.enrolment_in(actor().person_id or 0, code)


@pages.page("/courses/<code>/bundle", needs=Enrolments.LEARN, on=_mine)
def bundle(enrolment: Enrolment) -> ResponseReturnValue:
    """A course to take along: the pages of its lessons as they stand, and which files belong to them."""
    course = queries.on_shelf(enrolment.person_id, enrolment.version.course.code)
    assert course is not None
    files = files_of(course.version.id)
    return jsonify(
        code=course.code,
        title=pick(course.version.title, course.version.title_en),
        version=course.version.number,
        lessons=[_lesson(course, enrolment, lesson) for lesson in whole_lessons(course.version.id)],
        files=[{"address": _address(one), "bytes": one.size} for one in files],
    )


def _lesson(course: OnShelf, enrolment: Enrolment, lesson: Lesson) -> dict[str, Any]:
    stand = stand_of(enrolment, lesson)
    reading = Reading(course, enrolment, lesson)
    html = render_template("enrolment/lesson_kept.html", reading=reading, lesson=lesson, stand=stand)
    return {
        "code": lesson.code,
        "title": pick(lesson.title, lesson.title_en),
        "minutes": lesson.minutes,
        "questions": len(lesson.self_check),
        "stand": stand,
        "html": html,
    }


def _address(file: LessonAttachment) -> str:
    return url_for("curricula.file", id=file.id, name=file.name)


def name_the_account(answer: Response) -> Response:
    """Tell the scripts of this browser whose store is theirs; whoever signs in or out ends that first."""
    known, session = request.cookies.get(COOKIE), f"{sessions.cookie_name()}="
    who: Actor = g.get("actor", Actor.PUBLIC)
    if known and any(one.startswith(session) for one in answer.headers.getlist("Set-Cookie")):
        answer.delete_cookie(COOKIE, samesite="Lax", secure=request.is_secure)
    elif request.blueprint in {"enrolment", "shell"} and who.signed_in and known != str(who.person_id):
        answer.set_cookie(COOKIE, str(who.person_id), max_age=_YEAR, samesite="Lax", secure=request.is_secure)
    return answer
