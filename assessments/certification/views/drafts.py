"""Pages on which officers write the next version of the policy: part by part, checked, and tried on everybody."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.certification.forms import AboutPolicyForm, GroupForm, RequirementForm
from assessments.certification.models import PolicyDraft, PolicyPreview, PolicyVersion
from assessments.certification.policy import Policies
from assessments.certification.queries import drafting, policies
from assessments.certification.rules import policies as plain
from assessments.certification.rules import titles
from assessments.certification.rules.policy import HIGHEST_STAR, KINDS, Measure, Policy
from assessments.certification.services import policies as adopting
from assessments.certification.views import pages
from assessments.certification.views.policies import around_policies, asked_moves, done, may_over_everybody, written
from lms.authz import Actor
from lms.db import db
from lms.errors import NotFound
from lms.i18n import _, pick
from lms.institutions.models import Institution
from lms.jobs import Job, asked_for
from lms.web import progress
from lms.web.forms import Form, options
from lms.web.pages import actor, one

#: The fields of a requirement, by how it is measured.
_FIELDS = {
    Measure.MARKS: ("technique", "min", "count", "within_days", "distinct_assessors", "no_critical_failure"),
    Measure.SUM: ("min", "within_days"),
    Measure.NUMBER: ("technique", "min", "within_days", "distinct_assessors", "no_critical_failure"),
    Measure.SIGN_OFFS: ("technique", "level", "min", "within_days", "distinct_assessors"),
    Measure.PROOFS: ("technique", "min", "within_days", "distinct_assessors"),
    Measure.CLEAR: ("technique", "within_days"),
}
_ALWAYS = ("csrf_token", "weight", "zh", "en")


@dataclass(frozen=True)
class At:
    """A place in a draft, as an address names it."""

    draft: PolicyDraft
    place: plain.Place
    node: plain.Tree
    #: The kind of a requirement that is to be added here.
    kind: str = ""

    @property
    def institution(self) -> Institution:
        """Where the draft belongs."""
        return self.draft.institution

    @property
    def weight(self) -> Any:
        """The points it gives, where its group counts points."""
        return plain.weight_at(self.draft.content, self.place)


def at(id: int, place: str, kind: str = "") -> At:
    """A loader for a place of a draft within reach."""
    draft = one(PolicyDraft)(id)
    if not isinstance(draft, PolicyDraft):
        raise NotFound
    try:
        where = plain.read_place(place)
        return At(draft, where, plain.node_at(draft.content, where), kind)
    except plain.NoSuchPlace:
        raise NotFound from None


@pages.page("/policies/<int:id>/drafts", needs=Policies.DRAFT, on=one(PolicyVersion), methods=("POST",))
def start_draft(version: PolicyVersion) -> ResponseReturnValue:
    """Begin a draft with what a version asks for."""
    made = adopting.draft_policy(actor(), policies.tops(db.session)[0], source=version)
    flash(_("A draft. Nothing changes for anybody until two officers have approved it."), "done")
    return redirect(url_for("certification.draft", id=made.id), 303)


@pages.page("/policies/drafts/<int:id>", needs=Policies.LOOK, on=one(PolicyDraft))
def draft(draft: PolicyDraft) -> ResponseReturnValue:
    """A draft: its stars to edit, what is wrong with it, what it changes, and whom it would move."""
    preview = drafting.preview_of(db.session, draft)
    job = _counting(preview)
    return render_template(
        "certification/draft.html",
        draft=draft,
        checked=drafting.check(db.session, draft.content),
        differences=plain.differences(draft.base.content, draft.content),
        preview=preview,
        current=drafting.is_of(preview, draft),
        job=job,
        may_edit=draft.ended is None and may_over_everybody(Policies.DRAFT),
        highest=HIGHEST_STAR,
        place=plain.write_place,
        **around_policies(),
    )


def _counting(preview: PolicyPreview | None) -> Job | None:
    """The work that counts whom a draft would move."""
    if preview is None:
        return None
    return progress.as_left_by(asked_for(f"{drafting.PREVIEW}:{preview.id}"), preview)


@pages.page("/policies/drafts/<int:id>/policy.yaml", needs=Policies.LOOK, on=one(PolicyDraft))
def draft_file(draft: PolicyDraft) -> ResponseReturnValue:
    """A draft as a file, to be read in peace or checked by `stars policy lint`."""
    return written(draft.content, f"{draft.content['code']}-{draft.content['version']}-draft.yaml")


# ---- what the version says of itself -----------------------------------------------------------


@pages.page("/policies/drafts/<int:id>/about", needs=Policies.DRAFT, on=one(PolicyDraft), methods=("GET", "POST"))
def draft_about(draft: PolicyDraft) -> ResponseReturnValue:
    """Title, first day, reason, certificates, certainty."""
    form = AboutPolicyForm(data=_about(draft))
    if form.validate_on_submit() and done(form, lambda: _keep_about(draft, form)):
        return redirect(url_for("certification.draft", id=draft.id), 303)
    shown = render_template("certification/draft_about.html", draft=draft, form=form, revision=_revision(draft))
    return shown, 422 if form.errors else 200


def _about(draft: PolicyDraft) -> dict[str, Any]:
    content = draft.content
    kept = content.get("certificate") or {}
    deciding = content.get("decision") or {}
    return {
        "zh": content["title"]["zh"],
        "en": content["title"]["en"],
        "valid_from": drafting.first_day(content),
        "reason": draft.reason,
        "valid_years": kept.get("valid_years"),
        "number": kept.get("number") or Policy.number_rule,
        "renew_days": kept.get("renew_days", Policy.renew_days),
        "grace_days": kept.get("grace_days", Policy.grace_days),
        "refreshers": kept.get("refreshers", Policy.refreshers),
        "certainty": deciding.get("certainty"),
        "second_look": bool(deciding.get("second_look")),
    }


def _keep_about(draft: PolicyDraft, form: AboutPolicyForm) -> None:
    given = {name: form.data[name] for name in ("valid_years", "number", "renew_days", "grace_days", "refreshers")}
    kept = dict(draft.content.get("certificate") or {})
    kept |= {name: value for name, value in given.items() if name in kept or value != getattr(Policy, name, None)}
    deciding = {"certainty": _number(form.certainty.data), "second_look": bool(form.second_look.data)}
    content = draft.content | {
        "title": {"zh": form.zh.data, "en": form.en.data},
        "valid_from": form.valid_from.data.isoformat(),
        "certificate": {name: value for name, value in kept.items() if value is not None},
        "decision": {name: value for name, value in deciding.items() if value},
    }
    _keep(draft, {name: value for name, value in content.items() if value != {}}, "about", form.reason.data or "")


def _keep(draft: PolicyDraft, content: plain.Tree, what: str, reason: str | None = None) -> None:
    revision = request.form.get("revision", 0, type=int)
    adopting.edit_policy(actor(), draft, revision=revision, content=content, what=what, reason=reason)


def _revision(draft: PolicyDraft) -> int:
    """The revision that the page was made of, also when it is shown again with a mistake."""
    return request.form.get("revision", draft.revision, type=int)


def _number(value: Decimal | int | float | None) -> int | float | None:
    """As it stands in a policy."""
    if value is None:
        return None
    exact = Decimal(str(value))
    return int(exact) if exact == exact.to_integral_value() else float(exact)


# ---- requirements ------------------------------------------------------------------------------


@pages.page("/policies/drafts/<int:id>/parts/<place>", needs=Policies.DRAFT, on=at, methods=("GET", "POST"))
def draft_part(here: At) -> ResponseReturnValue:
    """One requirement or group, to be changed."""
    if plain.word_of(here.node) == "star":
        raise NotFound
    if plain.word_of(here.node) in plain.GROUPS:
        return _group(here)
    return _requirement(here, here.node, weight=here.weight)


def _requirement(here: At, node: plain.Tree, *, weight: Any, new: bool = False) -> ResponseReturnValue:
    form = _requirement_form(node, weight)
    back = url_for("certification.draft", id=here.draft.id, _anchor=f"star-{here.place[0]}")
    if form.validate_on_submit() and done(form, lambda: _keep_requirement(here, node["kind"], form, new)):
        return redirect(back, 303)
    shown = render_template(
        "certification/draft_part.html",
        here=here,
        kind=node["kind"],
        form=form,
        revision=_revision(here.draft),
        new=new,
    )
    return shown, 422 if form.errors else 200


def _requirement_form(node: plain.Tree, weight: Any) -> RequirementForm:
    measure = KINDS[node["kind"]][0]
    shown = {name: node.get(name) for name in _FIELDS[measure]} | {"weight": weight}
    if node.get("title") != _named(node):  # what was written from the numbers is written anew
        shown |= node.get("title") or {}
    if measure is not Measure.MARKS and measure is not Measure.SUM:
        shown["min"] = shown.get("min") or 1
    form = RequirementForm(data=shown)
    for name in list(form.data):
        if name not in (*_FIELDS[measure], *_ALWAYS) or (name == "weight" and weight is None):
            delattr(form, name)
    if "technique" in form:
        known = policies.techniques(db.session)
        form.technique.choices = options([(code, pick(one.title, one.title_en)) for code, one in known.items()])
    return form


def _keep_requirement(here: At, kind: str, form: RequirementForm, new: bool) -> None:
    values = {name: form.data[name] for name in _FIELDS[KINDS[kind][0]]}
    plain_values = {name: _number(v) if isinstance(v, Decimal) else v for name, v in values.items()}
    node: plain.Tree = {"kind": kind} | {name: v for name, v in plain_values.items() if v not in (None, False, "")}
    node["title"] = {"zh": form.zh.data, "en": form.en.data} if form.zh.data and form.en.data else _named(node)
    weight = _number(form.weight.data) if "weight" in form else None
    edited = plain.added if new else plain.replaced
    _keep(here.draft, edited(here.draft.content, here.place, node, weight), "added" if new else "changed")


def _named(node: plain.Tree) -> dict[str, str]:
    """A title from the numbers."""
    known = policies.techniques(db.session).get(node.get("technique", ""))
    return titles.of_requirement(node, {"zh": known.title, "en": known.title_en} if known else None)


@pages.page("/policies/drafts/<int:id>/parts/<place>/add", needs=Policies.DRAFT, on=at)
def choose_part(here: At) -> ResponseReturnValue:
    """What can be asked for in a group."""
    return render_template("certification/draft_choose.html", here=here, place=plain.write_place(here.place))


@pages.page(
    "/policies/drafts/<int:id>/parts/<place>/add/<kind>",
    needs=Policies.DRAFT,
    on=at,
    methods=("GET", "POST"),
)
def add_part(here: At) -> ResponseReturnValue:
    """A new requirement in a group."""
    if here.kind not in KINDS or plain.word_of(here.node) not in plain.GROUPS:
        raise NotFound
    weight = plain.FIRST_WEIGHT if plain.word_of(here.node) == "weighted" else None
    return _requirement(here, {"kind": here.kind}, weight=weight, new=True)


@pages.page("/policies/drafts/<int:id>/parts/<place>/gather", needs=Policies.DRAFT, on=at, methods=("POST",))
def gather_parts(here: At) -> ResponseReturnValue:
    """A choice inside a group: empty at first."""
    content = plain.added(here.draft.content, here.place, {"at_least": 1, "of": []})
    _keep(here.draft, content, "added")
    number = len(plain.parts_of(plain.node_at(content, here.place))) - 1
    inside = plain.write_place((*here.place, number))
    return redirect(url_for("certification.choose_part", id=here.draft.id, place=inside), 303)


@pages.page("/policies/drafts/<int:id>/parts/<place>/remove", needs=Policies.DRAFT, on=at, methods=("POST",))
def remove_part(here: At) -> ResponseReturnValue:
    """A requirement or group less."""
    if len(here.place) < 2 or plain.word_of(here.node) == "star":
        raise NotFound
    _keep(here.draft, plain.removed(here.draft.content, here.place), "removed")
    flash(_("Taken out of the draft."), "done")
    return redirect(url_for("certification.draft", id=here.draft.id, _anchor=f"star-{here.place[0]}"), 303)


def _group(here: At) -> ResponseReturnValue:
    word = plain.word_of(here.node)
    form = GroupForm(data={"word": word, "number": here.node.get(word), "weight": here.weight})
    if word in ("all", "any") and not form.is_submitted():
        form.number.data = None
    if here.weight is None:
        del form.weight
    if form.validate_on_submit() and _numbered(form) and done(form, lambda: _keep_group(here, form)):
        return redirect(url_for("certification.draft", id=here.draft.id, _anchor=f"star-{here.place[0]}"), 303)
    shown = render_template("certification/draft_group.html", here=here, form=form, revision=_revision(here.draft))
    return shown, 422 if form.errors else 200


def _numbered(form: GroupForm) -> bool:
    number = form.number.data
    if form.word.data in ("all", "any"):
        return True
    if number is None:
        form.number.errors = [_("Say how many.")]
    elif form.word.data == "at_least" and number != int(number):
        form.number.errors = [_("Not a whole number.")]
    return not form.number.errors


def _keep_group(here: At, form: GroupForm) -> None:
    title = here.node.get("title")
    content = plain.regrouped(here.draft.content, here.place, form.word.data, _number(form.number.data), title)
    if "weight" in form:
        node = plain.node_at(content, here.place)
        content = plain.replaced(content, here.place, node, _number(form.weight.data))
    _keep(here.draft, content, "regrouped")


@pages.page("/policies/drafts/<int:id>/stars", needs=Policies.DRAFT, on=one(PolicyDraft), methods=("POST",))
def draft_stars(draft: PolicyDraft) -> ResponseReturnValue:
    """One star more at the top, or one less."""
    edited = plain.with_star if request.form.get("way") == "more" else plain.without_star
    try:
        content = edited(draft.content)
    except plain.NoSuchPlace:
        raise NotFound from None
    _keep(draft, content, "stars")
    return redirect(url_for("certification.draft", id=draft.id), 303)


# ---- trying it and handing it on ---------------------------------------------------------------


@pages.page("/policies/drafts/<int:id>/preview", needs=Policies.DRAFT, on=one(PolicyDraft), methods=("POST",))
def preview_draft(draft: PolicyDraft) -> ResponseReturnValue:
    """Have counted whom it would move."""
    adopting.preview_policy(actor(), draft)
    return redirect(url_for("certification.draft", id=draft.id, _anchor="preview"), 303)


@pages.page("/policies/drafts/<int:id>/preview", needs=Policies.LOOK, on=one(PolicyDraft))
def preview_state(draft: PolicyDraft) -> ResponseReturnValue:
    """How far counting is."""
    job = _counting(drafting.preview_of(db.session, draft))
    return progress.stand(job, url_for("certification.draft", id=draft.id, _anchor="preview"))


@pages.page("/policies/drafts/<int:id>/moves", needs=Policies.LOOK, on=one(PolicyDraft))
def draft_moves(draft: PolicyDraft) -> ResponseReturnValue:
    """Whom it would move."""
    preview = drafting.preview_of(db.session, draft)
    if preview is None or preview.done_at is None:
        raise NotFound
    found = drafting.moves(db.session, preview, **asked_moves())
    back = url_for("certification.draft", id=draft.id)
    return render_template("certification/policy_moves.html", preview=preview, found=found, back=back)


@pages.page("/policies/drafts/<int:id>/propose", needs=Policies.DRAFT, on=one(PolicyDraft), methods=("POST",))
def propose_draft(draft: PolicyDraft) -> ResponseReturnValue:
    """Lay it before two officers."""
    form = Form()
    made = list[Any]()
    revision = request.form.get("revision", 0, type=int)
    if not done(form, lambda: made.append(adopting.propose_policy(actor(), draft, revision=revision))):
        flash(" ".join(map(str, form.form_errors)), "attention")
        return redirect(url_for("certification.draft", id=draft.id), 303)
    flash(_("Proposed. Two officers approve it, each with a code of their own; you may be one of them."), "done")
    return redirect(url_for("certification.policy_proposal", id=made[0].id), 303)


@pages.page("/policies/drafts/<int:id>/discard", needs=Policies.DRAFT, on=one(PolicyDraft), methods=("POST",))
def discard_draft(draft: PolicyDraft) -> ResponseReturnValue:
    """Give it up; it can be taken up again."""
    adopting.discard_policy(actor(), draft)
    flash(_("The draft was given up."), "done")
    return redirect(url_for("certification.draft", id=draft.id), 303)


@pages.page("/policies/drafts/<int:id>/take-up", needs=Policies.DRAFT, on=one(PolicyDraft), methods=("POST",))
def take_up_draft(draft: PolicyDraft) -> ResponseReturnValue:
    """Go on with it after all."""
    adopting.take_up_policy(actor(), draft)
    return redirect(url_for("certification.draft", id=draft.id), 303)


def panel(_actor: Actor) -> str | None:
    """Versions of the policy that wait for an officer, for their home; nothing where none does."""
    waiting = drafting.open_proposals(db.session)
    if not waiting or not may_over_everybody(Policies.DECIDE):
        return None
    return render_template("certification/policy_panel.html", waiting=waiting)
