"""What certification adds to the app."""

from flask import Flask

from assessments.certification import cli, jobs
from assessments.certification.events import DecisionLookedAt
from assessments.certification.policy import Certificates, Following, Policies, Stars
from assessments.certification.queries import policies, replays, standings, telling
from assessments.certification.queries.ledger import public_keys, sources
from assessments.certification.signer import passkeys
from assessments.certification.views import (
    acting,
    desk,
    doubting,
    drafts,
    follows,
    looking,
    own,
    pages,
    proof,
    public,
    suspending,
    trying,
)
from assessments.results.events import HistoryBroughtIn, ResultRecorded, ResultsRecorded
from courses.mentoring.queries import Part, hang_on_pair
from lms import events
from lms import jobs as work
from lms.audit.queries import name_verbs
from lms.content.events import ContentLoaded
from lms.i18n import _l
from lms.ledger.queries import ROOMS, SIGNERS, SOURCES
from lms.notifications.services import notify
from lms.people.queries.own_data import WITHHELD
from lms.postgres import backup_checks
from lms.web import nav

# importing them has filled the pages and the commands
__all__ = [
    "acting",
    "cli",
    "desk",
    "doubting",
    "drafts",
    "follows",
    "looking",
    "proof",
    "public",
    "suspending",
    "trying",
    "wire",
]


def wire(app: Flask) -> None:
    """Which policy applies, who keeps the ledger's words, what is heard of, the work, and the pages."""
    policies.configure(app.config["LMS"].policy)
    passkeys.configure(app.config["LMS"].public_url)
    SOURCES.update(sources())
    asked = _l("What officers wrote to each other while they examined a certificate.")
    WITHHELD.update(dict.fromkeys(("revocation_request", "revocation_answer"), asked))
    backup_checks.register("decisions", replays.check)
    ROOMS.add("assessments.certification")
    SIGNERS["certificates"] = public_keys
    events.subscribe(ResultRecorded, "certification.decide_again", jobs.result_recorded)
    events.subscribe(ResultsRecorded, "certification.decide_many", jobs.results_recorded)
    events.subscribe(DecisionLookedAt, "certification.looked_at", jobs.looked_at)
    events.subscribe(HistoryBroughtIn, "certification.decide_place", jobs.history_brought_in)
    events.subscribe(ContentLoaded, "certification.decide_everybody", jobs.content_loaded)
    work.register(jobs.DUE, jobs.decide_due, every=work.daily(17, 10))
    work.register(jobs.EVERYBODY, jobs.decide_everybody)
    work.register(jobs.PLACE, jobs.decide_place)
    work.register(jobs.PREVIEW, jobs.preview_policy)
    work.register(jobs.IN_FORCE, jobs.policy_in_force, every=work.hourly(5))
    work.register(jobs.ISSUE, jobs.issue)
    work.register(jobs.ISSUE_ALL, jobs.issue_all)
    work.register(jobs.LEFT, jobs.issue_left, every=work.hourly(25))
    work.register(jobs.RENEWALS, jobs.renew, every=work.daily(17, 40))
    app.register_blueprint(pages)
    hang_on_pair(Part("stars", 10, "certification/on_pair.html", standings.of_pairs))
    notify(*telling.HEARD)
    _policy_verbs()
    subsidy = {"prepare": _l("prepared the subsidy of a month"), "settle": _l("settled the subsidy of a month")}
    name_verbs("certification", subsidy)
    _ways_in()


def _ways_in() -> None:
    nav.register(nav.Item("stars", _l("My stars"), "certification.stars", "star", "account", 15, Stars.OWN))
    mine = _l("My certificates")
    nav.register(
        nav.Item("my-certificates", mine, "certification.mine", "certificate", "account", 16, Certificates.OWN)
    )
    label, group = _l("Certificates"), _l("Certification")
    nav.register(
        nav.Item("certificates", label, "certification.desk", "certificate", "side", 400, Certificates.BROWSE, group)
    )
    nav.add_panel(nav.Panel("stars", 10, Stars.OWN, own.panel))
    what = _l("What follows from stars")
    nav.register(nav.Item("follows", what, "certification.follows", "chart", "side", 405, Following.BROWSE, group))
    nav.register(nav.Item("follows-mine", what, "certification.follows_mine", "star", "account", 16, Stars.OWN))
    policy = _l("Star policy")
    nav.register(
        nav.Item("policies", policy, "certification.policy_book", "shield", "side", 410, Certificates.BROWSE, group)
    )
    nav.add_panel(nav.Panel("policies", 105, Policies.DECIDE, drafts.panel))
    nav.add_panel(nav.Panel("certificates", 110, Certificates.DECIDE, desk.panel))
    nav.add_about(nav.About("stars", _l("Stars"), "certification.stars_of", "star", 20, Stars.READ))


def _policy_verbs() -> None:
    name_verbs(
        "certification",
        {
            "draft_policy": _l("began a draft of the star policy"),
            "edit_policy": _l("changed a draft of the star policy"),
            "discard_policy": _l("gave up a draft of the star policy"),
            "take_up_policy": _l("took up a draft of the star policy again"),
            "preview_policy": _l("had counted whom a draft would move"),
            "count_policy": _l("counted whom a draft would move"),
            "propose_policy": _l("proposed a version of the star policy"),
            "approve_policy": _l("approved a version of the star policy"),
            "turn_down_policy": _l("turned down a version of the star policy"),
            "bring_into_force": _l("had everybody decided again under a new policy"),
        },
    )
