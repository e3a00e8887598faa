"""What this feature adds to the app."""

from flask import Flask, render_template

from courses.authoring import cli, forms, jobs, queries
from courses.authoring.policy import Authoring
from courses.authoring.rules.standing import State
from courses.authoring.views import desk, moving, packages, pages, uploads, writing
from lms import jobs as work
from lms.audit.queries import name_verbs
from lms.authz import Actor
from lms.i18n import _l
from lms.web import nav

STATES = {
    State.WRITING: ("under_way", _l("being written")),
    State.REVIEW: ("waiting", _l("waits for review")),
    State.APPROVED: ("attention", _l("approved, not published")),
    State.PUBLISHED: ("done", _l("published")),
    State.DISCARDED: ("stopped", _l("thrown away")),
}


def wire(app: Flask) -> None:
    """The writers' pages, what waits for them on the home page, commands, and the sweeping of stale uploads."""
    app.register_blueprint(pages)
    app.extensions["authoring"] = (cli.content, desk, moving, packages, uploads, writing)
    app.jinja_env.globals.update(draft_states=STATES, hours_kinds=forms.HOURS)
    group = _l("Teaching")
    nav.register(
        nav.Item(
            "drafts", _l("Courses in the making"), "authoring.drafts", "pencil", "side", 31, Authoring.WRITE, group
        )
    )
    nav.add_panel(nav.Panel("course_reviews", 45, Authoring.REVIEW, _to_review))
    work.register(jobs.SWEEP, jobs.sweep, every=work.daily(18, 20))
    name_verbs(
        "authoring",
        {
            "begin": _l("began a course"),
            "go_on": _l("began the next version of a course"),
            "save_about": _l("described a course"),
            "save_lesson": _l("wrote in a lesson"),
            "add_lesson": _l("added a lesson"),
            "move_lesson": _l("moved a lesson"),
            "remove_lesson": _l("took a lesson out of a draft"),
            "remove_file": _l("took a file out of a draft"),
            "discard": _l("threw a draft away"),
            "send": _l("sent a course for review"),
            "take_back": _l("took a draft back"),
            "approve": _l("approved a course"),
            "give_back": _l("sent a course back"),
            "publish": _l("published a course"),
            "attach": _l("put a file into a course"),
            "announce": _l("began to send a file"),
            "announce_course": _l("began to send a course"),
            "receive": _l("sent a piece of a file"),
            "put_together": _l("sent a file whole"),
            "give_up": _l("gave up sending a file"),
            "sweep": _l("forgot files that never came whole"),
            "take_in": _l("took a course in"),
            "give_out": _l("gave a course out"),
            "give_out_draft": _l("gave a draft out"),
        },
    )


def _to_review(actor: Actor) -> str | None:
    """Drafts of others that wait, for who may review them."""
    if not actor.may(Authoring.REVIEW):
        return None
    waiting = [
        one for one in queries.open_drafts() if one.state == State.REVIEW and actor.person_id not in one.writer_ids
    ]
    return render_template("authoring/panel.html", waiting=waiting[:5]) if waiting else None
