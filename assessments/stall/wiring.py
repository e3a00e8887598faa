"""What the stall model adds to the app: the nightly watch, pages, panels, commands, names of its verbs."""

from dataclasses import replace

from flask import Flask

from assessments.stall import cli, jobs, views
from assessments.stall.policy import Stall
from assessments.stall.queries import telling
from assessments.stall.rules import words
from courses.mentoring.queries import Part, hang_in_list, hang_on_pair
from lms import jobs as work
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.notifications.services import notify
from lms.web import nav

__all__ = ["cli", "wire"]  # the commands register themselves


def wire(app: Flask) -> None:
    """Pages, the way in, panels, what stands beside a pair, and the work of the night."""
    app.register_blueprint(views.pages)
    notify(*telling.HEARD)
    app.jinja_env.globals.update(
        stall_answers=words.ANSWERS,
        stall_called=views.called,
        stall_plans=words.PLANS,
        stall_reasons=views.reasons_of,
        stall_shapes=words.SHAPES,
        stall_spark=views.spark_of,
        stall_states=words.STATES,
        stall_ways_out=views.ways_out_of,
    )
    nav.register(nav.Item("stall", views.called, "stall.flags", "flag", "side", 245, Stall.LIST, _l("Mentoring")))
    nav.add_panel(nav.Panel("stall", 35, Stall.LIST, views.panel))
    nav.add_panel(nav.Panel("stall-own", 60, Stall.OWN, views.own_panel))
    part = Part("stall", 10, "stall/of_pair.html", views.of_pairs)
    hang_in_list(part)
    hang_on_pair(replace(part, template="stall/on_pair.html"))
    work.register(jobs.WATCH, jobs.watch, every=jobs.nightly(2, 40))
    name_verbs(
        "stall",
        {
            "answer": _l("answered a flag"),
            "train": _l("trained the stall model"),
            "watch": _l("looked for stalled techniques"),
        },
    )
