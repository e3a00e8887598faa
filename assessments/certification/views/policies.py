"""Pages of the star policy: the one in force, its versions and whom each has moved, and proposals that wait for two."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from ruamel.yaml import YAML

from assessments.certification.forms import ApproveForm, TurnDownForm
from assessments.certification.models import PolicyProposal, PolicyVersion
from assessments.certification.policy import Certificates, Policies
from assessments.certification.queries import certificates, drafting, policies
from assessments.certification.rules import policies as plain
from assessments.certification.rules.lint import Finding
from assessments.certification.rules.words import REQUIREMENTS
from assessments.certification.services import policies as adopting
from assessments.certification.views import pages
from assessments.certification.views.acting import shown
from lms import clock
from lms.authz import Open
from lms.db import db
from lms.errors import Refused
from lms.i18n import _, catalogue, locale
from lms.jobs import asked_for
from lms.web import exports, progress
from lms.web.forms import Form
from lms.web.pages import actor, one


@pages.page("/policies", needs=Open.SIGNED_IN)
def policy_book() -> ResponseReturnValue:
    """What each star asks for now, and the versions before and to come."""
    found = policies.in_force(db.session, clock.today())
    looks = actor().may(Policies.LOOK)
    return render_template(
        "certification/policy_book.html",
        version=found,
        book=policies.versions(db.session),
        others=policies.others(db.session),
        drafts=drafting.open_drafts(db.session) if looks else [],
        waiting=drafting.open_proposals(db.session) if looks else [],
        may_draft=may_over_everybody(Policies.DRAFT),
        **around_policies(),
    )


def around_policies() -> dict[str, Any]:
    """What templates about policies need."""
    known = policies.techniques(db.session)
    return {"said": _said, "techniques": known, "parts_of": plain.parts_of, "word_of": plain.word_of}


def may_over_everybody(permission: Policies) -> bool:
    """Whether the reader may decide about what is everybody's."""
    tops = policies.tops(db.session)
    return bool(tops) and all(actor().may(permission, top) for top in tops)


def _said(finding: Finding) -> str:
    """What a check found, in the reader's language."""
    if finding.rule == "unreadable":
        return str(_("A choice is empty, or a value is missing or cannot be read."))
    values = dict(finding.values)
    if values.get("kind") in REQUIREMENTS:
        values["kind"] = REQUIREMENTS[values["kind"]]
    words = str(catalogue(locale()).gettext(finding.says))
    return words % values if values else finding.message


@pages.page("/policies/<int:id>", needs=Open.SIGNED_IN, on=one(PolicyVersion))
def policy_version(version: PolicyVersion) -> ResponseReturnValue:
    """One version: what it asks for, what it changed, who approved it, and whom it has moved."""
    before = policies.before(db.session, version)
    proposal = drafting.adopted_by(db.session, version)
    oversees = actor().may(Certificates.BROWSE)
    given = proposal.approvals if proposal and actor().may(Policies.LOOK, proposal) else []
    return render_template(
        "certification/policy_version.html",
        version=version,
        in_force=policies.in_force(db.session, clock.today()),
        before=before,
        differences=plain.differences(before.content, version.content) if before else [],
        given=given,
        names=certificates.names(db.session, {one.approver_id for one in given}),
        job=asked_for(drafting.key_of(version)),
        counts=drafting.moved_counts(db.session, version) if oversees else None,
        may_draft=may_over_everybody(Policies.DRAFT),
        **around_policies(),
    )


@pages.page("/policies/<int:id>/state", needs=Certificates.BROWSE, on=one(PolicyVersion))
def policy_state(version: PolicyVersion) -> ResponseReturnValue:
    """How far deciding everybody again is."""
    job = asked_for(drafting.key_of(version))
    return progress.stand(job, url_for("certification.policy_version", id=version.id))


@pages.page("/policies/<int:id>/moved", needs=Certificates.BROWSE, on=one(PolicyVersion))
def policy_moved(version: PolicyVersion) -> ResponseReturnValue:
    """Whom a version has moved up or down, within reach."""
    found = drafting.moved(db.session, version, **asked_moves())
    return render_template("certification/policy_moved.html", version=version, found=found)


def asked_moves() -> dict[str, Any]:
    """What the address narrows a list of moves to."""
    number = request.args.get("page", 1, type=int)
    way, q = request.args.get("way", ""), request.args.get("q", "").strip()[:80]
    return {"way": way, "q": q, "number": min(max(number, 1), 100_000)}


@pages.page("/policies/<int:id>/policy.yaml", needs=Open.SIGNED_IN, on=one(PolicyVersion))
def policy_file(version: PolicyVersion) -> ResponseReturnValue:
    """A version as a file of a content pack, which `stars policy lint` and `content load` read."""
    return written(version.content, f"{version.code}-{version.version}.yaml")


def written(content: dict[str, Any], name: str) -> Response:
    """A policy's plain values as a YAML file."""
    writer = YAML()
    writer.allow_unicode = True
    writer.width = 4096
    body = Response(content_type="application/yaml; charset=utf-8")
    writer.dump(content, body.stream)
    return exports.attached(body, name)


# ---- a proposal --------------------------------------------------------------------------------


@pages.page("/policies/proposals/<int:id>", needs=Policies.LOOK, on=one(PolicyProposal))
def policy_proposal(proposal: PolicyProposal) -> ResponseReturnValue:
    """A version that waits for two officers: what changes, why, and whom it would move."""
    return _proposal(proposal)


def _proposal(found: PolicyProposal, approve: Form | None = None, turn_down: Form | None = None) -> str:
    who = actor()
    open_still = drafting.is_open(db.session, found)
    officers = {one.approver_id for one in found.approvals}
    closed_by = {found.closing.by_id} if found.closing else set()
    return render_template(
        "certification/policy_proposal.html",
        proposal=found,
        open_still=open_still,
        passed=found.valid_from < clock.today(),
        mine=who.person_id in officers,
        may_decide=open_still and may_over_everybody(Policies.DECIDE),
        differences=plain.differences(found.base.content, found.content),
        findings=drafting.check(db.session, found.content).findings,
        names=certificates.names(db.session, officers | closed_by | {found.by_id}),
        approve_form=approve or ApproveForm(formdata=None, prefix="a"),
        turn_down_form=turn_down or TurnDownForm(formdata=None, prefix="t"),
        **around_policies(),
    )


@pages.page("/policies/proposals/<int:id>/approve", needs=Policies.DECIDE, on=one(PolicyProposal), methods=("POST",))
def approve_policy(proposal: PolicyProposal) -> ResponseReturnValue:
    """One officer's approval of what was on the page."""
    form = ApproveForm(prefix="a")
    seen = request.form.get("document", "")
    if not form.validate() or not done(form, lambda: _approve(proposal, seen, form)):
        return _proposal(proposal, approve=form), 422
    if drafting.is_open(db.session, proposal):
        flash(_("Approved. The second officer is next."), "done")
    else:
        flash(_("Approved by two officers. The version is in the book."), "done")
    return redirect(url_for("certification.policy_book"), 303)


def _approve(proposal: PolicyProposal, seen: str, form: ApproveForm) -> None:
    adopting.approve_policy(actor(), proposal, seen=seen, code=shown(form))


def done(form: Form, act: Any) -> bool:
    """Do it; a refusal is said on the form instead of on a page of its own."""
    try:
        act()
    except Refused as wrong:
        db.session.rollback()
        form.form_errors = [*form.form_errors, str(wrong)]
        return False
    return True


@pages.page("/policies/proposals/<int:id>/turn-down", needs=Policies.DECIDE, on=one(PolicyProposal), methods=("POST",))
def turn_down_policy(proposal: PolicyProposal) -> ResponseReturnValue:
    """Say no with a reason."""
    form = TurnDownForm(prefix="t")
    reason = form.reason.data or ""
    if not form.validate() or not done(form, lambda: adopting.turn_down_policy(actor(), proposal, reason=reason)):
        return _proposal(proposal, turn_down=form), 422
    flash(_("Turned down. The draft can be changed and proposed again."), "done")
    return redirect(url_for("certification.draft", id=proposal.draft_id), 303)


@pages.page("/policies/proposals/<int:id>/moves", needs=Policies.LOOK, on=one(PolicyProposal))
def proposal_moves(proposal: PolicyProposal) -> ResponseReturnValue:
    """Whom a proposed version would move."""
    found = drafting.moves(db.session, proposal.preview, **asked_moves())
    back = url_for("certification.policy_proposal", id=proposal.id)
    return render_template("certification/policy_moves.html", preview=proposal.preview, found=found, back=back)
