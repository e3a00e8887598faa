"""What sign-off adds to the app: pages, ways in, a panel, parts of mentoring's pages, and evidence once both signed."""

from flask import Flask

from assessments.signoff import forms, queries, services, views
from assessments.signoff.events import SignedOff
from assessments.signoff.policy import SignOffs
from assessments.signoff.queries import curves
from courses.mentoring.queries import Part, hang_in_list, hang_on_pair
from lms.audit.queries import name_verbs
from lms.events import subscribe
from lms.i18n import _l
from lms.techniques.views import LEVELS
from lms.web import nav


def wire(app: Flask) -> None:
    """Pages, navigation, the panel, and the words that templates use."""
    app.register_blueprint(views.pages)
    app.jinja_env.globals.update(
        signoff_states=forms.STATES,
        signoff_shapes=forms.SHAPES,
        signoff_sides=forms.SIDES,
        signoff_levels=LEVELS,
        signoff_rights=SignOffs,
    )
    group = _l("Assessment")
    nav.register(nav.Item("signoffs", _l("Sign-offs"), "signoff.desk", "check", "side", 345, SignOffs.BROWSE, group))
    nav.register(
        nav.Item("signing", _l("Sign-offs to do"), "signoff.assessing", "check", "side", 346, SignOffs.SIGN_LIST)
    )
    nav.register(nav.Item("my-signoffs", _l("My sign-offs"), "signoff.mine", "check", "account", 17, SignOffs.OWN))
    nav.add_panel(nav.Panel("signoff-waiting", 135, SignOffs.SIGN_LIST, views.panel))
    hang_on_pair(Part("signoff", 20, "signoff/of_pair.html", queries.of_pairs))
    hang_on_pair(Part("curves", 22, "signoff/curves_of_pair.html", curves.of_pairs))
    hang_in_list(Part("signoff", 20, "signoff/in_list.html", queries.for_list))
    subscribe(SignedOff, "results.record_sign_off", services.record_result)
    name_verbs(
        "signoff",
        {
            "ask": _l("asked for a sign-off"),
            "assign": _l("chose an assessor"),
            "cancel": _l("cancelled a sign-off"),
            "decline": _l("declined a sign-off"),
            "sign": _l("signed a technique off"),
            "withdraw": _l("withdrew a sign-off"),
        },
    )
