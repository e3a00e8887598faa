"""The officers' desk: cases to decide, the register, one certificate and its end."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.certification.forms import (
    AnswerForm,
    ApproveForm,
    ResumeForm,
    ReturnForm,
    RevokeForm,
    StandForm,
    SuspendForm,
    SuspensionAnswerForm,
)
from assessments.certification.models import Approval, Certificate, Proposal, RevocationRequest
from assessments.certification.policy import Certificates
from assessments.certification.queries import certificates, decisions, doubts, evidence, proofs, proposals, renewals
from assessments.certification.rules import ladder, words
from assessments.certification.rules.status import RevocationCategory, Status
from assessments.certification.services import approving, revoking
from assessments.certification.views import pages
from assessments.certification.views.acting import shown
from assessments.certification.views.own import with_status
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Invalid
from lms.i18n import _, _n
from lms.web.forms import Form
from lms.web.pages import actor, one


@pages.page("/certificates", needs=Certificates.BROWSE)
def desk() -> ResponseReturnValue:
    """Cases to decide, those that wait longest first."""
    found = proposals.page(db.session, about=request.args.get("about", ""), **_asked("state"))
    return render_template("certification/desk.html", found=found, states=proposals.State, **_for_the_second(30))


def _for_the_second(most: int) -> dict[str, Any]:
    """What waits for a second officer, or for a word on corrected evidence."""
    return {
        "waiting": certificates.open_requests(db.session),
        "halting": renewals.open_requests(db.session, most),
        "doubted": doubts.waiting(db.session, most),
    }


def panel(_actor: Actor) -> str | None:
    """What waits on the desk, for an officer's home; nothing where nothing does."""
    found = proposals.page(db.session)
    second = _for_the_second(5)
    if not found.total and not any(second.values()):
        return None
    return render_template("certification/desk_panel.html", found=found, words=words, **second)


@pages.page("/certificates/register", needs=Certificates.BROWSE)
def register() -> ResponseReturnValue:
    """All certificates within reach."""
    found = certificates.register(db.session, clock.today(), **_asked("status"))
    rows = with_status(found.rows)
    return render_template("certification/register.html", found=found, rows=rows, statuses=Status)


def _asked(narrow: str) -> dict[str, Any]:
    number = request.args.get("page", 1, type=int)
    given = {narrow: request.args.get(narrow, ""), "q": request.args.get("q", "").strip()[:80]}
    return {**given, "number": min(max(number, 1), 10_000)}


@pages.page("/certificates/cases/<int:id>", needs=Certificates.READ, on=one(Proposal))
def case(proposal: Proposal) -> ResponseReturnValue:
    """One case: the document, and the evidence tree beside it."""
    return _case(proposal)


def _case(proposal: Proposal, approve: Form | None = None, give_back: Form | None = None) -> str:
    who = actor()
    explained = decisions.explained(proposal.decision)
    officers = {approval.approver_id for approval in proposal.approvals}
    closing = proposal.closing
    return render_template(
        "certification/case.html",
        proposal=proposal,
        state=proposals.state_of(db.session, proposal.id),
        document=proposals.document_of(db.session, proposal),
        hindrance=proposals.hindrance(db.session, proposal, who.person_id or 0),
        hindrance_words=proposals.WORDS,
        may_decide=who.may(Certificates.DECIDE, proposal) and who.person_id != proposal.person_id,
        explained=explained,
        results=evidence.results(db.session, ladder.result_ids(explained)),
        names=certificates.names(db.session, officers | ({closing.by_id or 0} if closing else set())),
        reason=certificates.note_of(db.session, "certification.closing", closing) if closing else "",
        approve_form=approve or ApproveForm(formdata=None, prefix="a"),
        return_form=give_back or ReturnForm(formdata=None, prefix="r"),
    )


@pages.page("/certificates/cases/<int:id>/approve", needs=Certificates.DECIDE, on=one(Proposal), methods=("POST",))
def approve(proposal: Proposal) -> ResponseReturnValue:
    """One officer's approval of what was on the page."""
    form, made = ApproveForm(prefix="a"), list[Approval]()
    seen = {proposal.id: request.form.get("document", "")}
    if not form.validate() or not done(form, lambda: made.extend(_approve([proposal], seen, form))):
        return _case(proposal, approve=form), 422
    return _approved(made)


def _approved(made: list[Approval]) -> ResponseReturnValue:
    """On to the desk after a first approval, to the work that issues after a second."""
    if all(row.place == 1 for row in made):
        flash(_n("%(num)d certificate approved.", "%(num)d certificates approved.", len(made)), "done")
        return redirect(url_for("certification.desk"), 303)
    return redirect(url_for("certification.issuing", id=made[0].act_id), 303)


def _approve(chosen: list[Proposal], seen: dict[int, str], form: ApproveForm) -> list[Approval]:
    return approving.approve(actor(), chosen, seen=seen, code=shown(form))


def done(form: Form, act: Any) -> bool:
    """Do it; what was typed wrongly is said in the form instead of on a page of its own."""
    try:
        act()
    except Invalid as wrong:
        form.form_errors = [*form.form_errors, str(wrong)]
        return False
    return True


@pages.page("/certificates/cases/<int:id>/return", needs=Certificates.DECIDE, on=one(Proposal), methods=("POST",))
def give_back(proposal: Proposal) -> ResponseReturnValue:
    """Return a case with a reason."""
    form = ReturnForm(prefix="r")
    if not form.validate():
        return _case(proposal, give_back=form), 422
    approving.give_back(actor(), proposal, reason=form.reason.data or "")
    flash(_("Returned. The doctor can read the reason."), "done")
    return redirect(url_for("certification.desk"), 303)


@pages.page("/certificates/batch", needs=Certificates.DECIDE)
def batch() -> ResponseReturnValue:
    """Several cases at once: the exceptions first, then one code for the rest."""
    return _batch(ApproveForm(formdata=None))


def _batch(form: ApproveForm) -> str:
    ids = [int(one) for one in request.values.getlist("id") if one.isdigit() and len(one) < 19]
    chosen = proposals.chosen(db.session, ids[: approving.MOST_AT_ONCE])
    stops = proposals.hindrances(db.session, chosen, actor().person_id or 0)
    good = [one for one in chosen if stops[one.id] is None and actor().may(Certificates.DECIDE, one)]
    bad = [(one, stops[one.id]) for one in chosen if one not in good]
    words = proposals.WORDS
    return render_template("certification/batch.html", good=good, bad=bad, words_of_stop=words, form=form)


@pages.page("/certificates/batch/approve", needs=Certificates.DECIDE, methods=("POST",))
def approve_batch() -> ResponseReturnValue:
    """Approve all that were on the page, or none."""
    form, made = ApproveForm(), list[Approval]()
    ids = [int(one) for one in request.form.getlist("id") if one.isdigit() and len(one) < 19]
    seen = dict(zip(ids, request.form.getlist("document"), strict=False))
    chosen = proposals.chosen(db.session, ids)
    if not form.validate() or not done(form, lambda: made.extend(_approve(chosen, seen, form))):
        return _batch(form), 422
    return _approved(made)


@pages.page("/certificates/<int:id>", needs=Certificates.READ, on=one(Certificate))
def certificate(certificate: Certificate) -> ResponseReturnValue:
    """One certificate: what it is today, and its whole history."""
    return certificate_page(certificate)


def certificate_page(found: Certificate, **forms: Form) -> str:
    """One certificate with everything that can be done about it; `forms` are those that were filled in wrongly."""
    who, today = actor(), clock.today()
    with_notes = who.may(Certificates.READ_NOTE, found)
    events = certificates.history(db.session, found, with_notes=with_notes)
    return render_template(
        "certification/certificate.html",
        certificate=found,
        status=decisions.status_of(found, today),
        proof=proofs.proof_of(db.session, found),
        events=events,
        names=certificates.names(db.session, {event.by for event in events if event.by}),
        may_revoke=who.may(Certificates.REVOKE, found) and who.person_id != found.person_id,
        doubts=doubts.of_certificate(db.session, found) if with_notes else [],
        **_renewal(found),
        **(_waiting(found) if with_notes else {"request_open": None, "suspension_open": None}),
        **(_forms() | forms),
    )


def _renewal(found: Certificate) -> dict[str, Any]:
    """What a renewal wants of the holder, where it is time for one."""
    prospect = next(iter(renewals.prospects(db.session, [found], clock.today())), None)
    techniques = [one.technique for one in prospect.refreshers] if prospect else []
    return {
        "prospect": prospect,
        "renewal_case": renewals.open_cases(db.session, [found.id]).get(found.id) if prospect else None,
        "titles": renewals.titles(db.session, techniques) if techniques else {},
    }


def _waiting(found: Certificate) -> dict[str, Any]:
    """What waits for a second officer, with the notes that officers read."""
    asked = certificates.open_request(db.session, found.id)
    halt = renewals.open_request(db.session, found.id)
    return {
        "request_open": asked,
        "note": certificates.note_of(db.session, revoking.REQUEST, asked) if asked else "",
        "suspension_open": halt,
        "suspension_note": certificates.note_of(db.session, renewals.REQUEST, halt) if halt else "",
    }


def _forms() -> dict[str, Form]:
    return {
        "stand_form": StandForm(formdata=None, prefix="d"),
        "revoke_form": RevokeForm(formdata=None, prefix="v"),
        "answer_form": AnswerForm(formdata=None, prefix="w"),
        "suspend_form": SuspendForm(formdata=None, prefix="s"),
        "resume_form": ResumeForm(formdata=None, prefix="u"),
        "suspension_answer_form": SuspensionAnswerForm(formdata=None, prefix="x"),
    }


@pages.page("/certificates/<int:id>/revoke", needs=Certificates.REVOKE, on=one(Certificate), methods=("POST",))
def revoke(certificate: Certificate) -> ResponseReturnValue:
    """The first half of a revocation."""
    form = RevokeForm(prefix="v")
    if not form.validate() or not done(form, lambda: _ask(certificate, form)):
        return certificate_page(certificate, revoke_form=form), 422
    flash(_("Asked for. A second officer must confirm it; until then the certificate stays valid."), "done")
    return redirect(url_for("certification.certificate", id=certificate.id), 303)


def _ask(found: Certificate, form: RevokeForm) -> None:
    category = RevocationCategory(form.category.data)
    revoking.ask_to_revoke(actor(), found, category=category, note=form.note.data or "", code=shown(form))


@pages.page(
    "/certificates/revocations/<int:id>", needs=Certificates.REVOKE, on=one(RevocationRequest), methods=("POST",)
)
def answer(asked: RevocationRequest) -> ResponseReturnValue:
    """The second half, by another officer."""
    form = AnswerForm(prefix="w")
    found = db.session.get_one(Certificate, asked.certificate_id)
    if not form.validate() or not done(form, lambda: _answer(asked, form)):
        return certificate_page(found, answer_form=form), 422
    flash(
        _("Revoked. Everybody can see it from now on.") if form.answer.data == "confirm" else _("It stays valid."),
        "done",
    )
    return redirect(url_for("certification.certificate", id=found.id), 303)


def _answer(asked: RevocationRequest, form: AnswerForm) -> None:
    confirmed = form.answer.data == "confirm"
    given = {"confirmed": confirmed, "note": form.note.data or "", "code": shown(form)}
    revoking.answer_revocation(actor(), asked, **given)
