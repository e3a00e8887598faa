"""What notices add to the app: pages, the bell, the post, and the way text messages go."""

from flask import Flask, current_app

from config import Settings
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.notifications import jobs
from lms.notifications.formats.gateway import Gateway
from lms.notifications.formats.texting import Carrier, TextFile, carry_with
from lms.notifications.policy import Notices
from lms.notifications.services.settings import forget
from lms.notifications.views import bell, pages, panel
from lms.people.services.erasing import ERASERS
from lms.web import nav


def wire(app: Flask) -> None:
    """Pages, the bell, the way in for administrators, the jobs, and how text messages go."""
    app.register_blueprint(pages)
    jobs.register()
    ERASERS["notifications"] = forget
    nav.add_tool(nav.Tool("notifications", 10, Notices.OWN, bell))
    nav.add_panel(nav.Panel("notifications", 28, Notices.OWN, panel))
    group = _l("Settings")
    nav.register(nav.Item("post", _l("Messages sent"), "notifications.post", "mail", "side", 90, Notices.BROWSE, group))
    carry_with(_carrier)
    name_verbs(
        "notifications",
        {
            "tell_people": _l("told people something"),
            "open_notice": _l("read a message"),
            "keep_unread": _l("marked a message as new"),
            "read_all": _l("marked messages as read"),
            "take_back": _l("marked messages as new again"),
            "settle": _l("chose how to be told"),
            "resend": _l("sent a message again"),
            "forget_old": _l("removed old messages"),
        },
    )


def _carrier() -> Carrier | None:
    """The gateway of the app that asks (several can stand in one process), else a file in a demonstration."""
    settings: Settings = current_app.config["LMS"]
    if settings.sms_url:
        return Gateway(settings.sms_url, settings.sms_token)
    return TextFile(settings.mail_folder.with_name("sms") / "messages.jsonl") if settings.simulated else None
