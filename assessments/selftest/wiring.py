"""What self-tests add to the app: pages, the way to them, a panel, and what a device may hold of them."""

from flask import Flask

from assessments.selftest import forms, views
from assessments.selftest.policy import SelfTests
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.web import nav


def wire(app: Flask) -> None:
    """Pages and the words that templates use."""
    app.register_blueprint(views.pages)
    app.jinja_env.globals.update(
        selftest_felt=forms.FELT,
        selftest_outcomes=forms.OUTCOMES,
        selftest_shapes=forms.SHAPES,
        selftest_why=forms.WHY,
    )
    nav.hold(nav.Held("selftest-", ("outbox",), _l("Answers of a self-test")))
    nav.add_panel(nav.Panel("selftest", 24, SelfTests.PRACTISE, views.panel))
    nav.register(nav.Item("selftest", _l("Self-test"), "selftest.start", "pencil", "side", 30, SelfTests.PRACTISE))
    name_verbs("selftest", {"begin": _l("began a self-test"), "answer": _l("answered questions of a self-test")})
