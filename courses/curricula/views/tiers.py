"""Curricula for editors: their versions, and the rules by which each is given."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from courses.curricula import forms
from courses.curricula.models import AssignmentRule, Curriculum, CurriculumVersion
from courses.curricula.policy import Curricula
from courses.curricula.queries import tiers as queries
from courses.curricula.rules import tiers as rules
from courses.curricula.services import tiers as services
from courses.curricula.views import pages
from lms.errors import Refused
from lms.i18n import _
from lms.people.views.signing_in import mend, unfinished
from lms.web.forms import Form
from lms.web.pages import actor


def written(form: Form, act: Callable[[], object], onward: str, template: str, **shown: Any) -> ResponseReturnValue:
    """The form, or, once what it says is kept, the way onward; what was refused stands at its field."""
    status = unfinished()
    if form.validate_on_submit():
        try:
            act()
        except Refused as refused:
            status = mend(form, refused)
        else:
            return redirect(onward, 303)
    return render_template(template, form=form, **shown), status


@pages.page("/editor/curricula", needs=Curricula.EDIT)
def curricula() -> ResponseReturnValue:
    """All curricula, and which wait for a decision."""
    return render_template(
        "curricula/curricula.html",
        curricula=queries.all_curricula(),
        holding=queries.holding_ids(),
        ailing=queries.asking_for_retired(),
    )


@pages.page("/editor/curricula/<code>", needs=Curricula.EDIT, on=queries.by_code)
def curriculum(curriculum: Curriculum) -> ResponseReturnValue:
    """One curriculum: its versions, the draft, and by which rules it is given."""
    holding = queries.holding_ids().get(curriculum.id)
    used = next((one for one in curriculum.versions if one.id == holding), None)
    return render_template(
        "curricula/curriculum.html",
        curriculum=curriculum,
        holding=holding,
        used=used,
        said=said_of(used.content) if used else {},
        retired=queries.retired_in([used.content]) if used else set(),
        draft=queries.draft_of(curriculum.code),
        publications=queries.publications(curriculum.id),
        rules=queries.rules_of(curriculum.id),
        begins=forms.BEGINS,
    )


@pages.page("/editor/curricula/<code>/<int:number>", needs=Curricula.EDIT, on=queries.version_by_number)
def curriculum_version(version: CurriculumVersion) -> ResponseReturnValue:
    """All that a version asks, and what differs from the one in use."""
    held = queries.holding_ids().get(version.curriculum_id)
    used = queries.whole(held) if held is not None and held != version.id else None
    return render_template(
        "curricula/curriculum_version.html",
        version=version,
        used=used,
        holds=held == version.id,
        differences=_differences(used, version) if used else None,
        heads=_heads(used, version) if used else [],
        said=said_of(version.content),
        gone=said_of(used.content) if used else {},
        retired=queries.retired_in([version.content]),
    )


def said_of(content: dict[str, Any]) -> dict[str, str]:
    """What a document asks, in words, by code."""
    names = queries.names_of([content])
    return {one["code"]: queries.words(one, names) for tier in content["tiers"] for one in tier["requirements"]}


def _heads(used: CurriculumVersion, other: CurriculumVersion) -> list[str]:
    """What else differs than requirements, in words."""
    words = {"title": _("title"), "summary": _("what it is for"), "tiers": _("names of tiers"), "sources": _("works")}
    heads = [{**one.content, "sources": one.sources} for one in (used, other)]
    return [words[name] for name in rules.heads_that_differ(*heads)]


def _differences(used: CurriculumVersion, other: CurriculumVersion) -> rules.Differences:
    before, after = (_asked(version.content) for version in (used, other))
    return rules.differ(before, after)


def _asked(content: dict[str, Any]) -> dict[str, object]:
    return {one["code"]: (tier["star"], one) for tier in content["tiers"] for one in tier["requirements"]}


@pages.page("/editor/curricula/<code>/rules/new", needs=Curricula.EDIT, on=queries.by_code, methods=("GET", "POST"))
def new_rule(curriculum: Curriculum) -> ResponseReturnValue:
    """Say who gets this curriculum."""
    form = forms.NewRuleForm(months="12 24 36 48 60", priority=100)
    form.place_id.choices = queries.places(actor())
    return written(
        form,
        lambda: services.add_rule(actor(), curriculum, code=form.code.data or "", ruling=_ruling(form)),
        url_for("curricula.curriculum", code=curriculum.code, _anchor="rules"),
        "curricula/rule.html",
        curriculum=curriculum,
        rule=None,
    )


def _ruling(form: forms.RuleForm) -> services.Ruling:
    return services.Ruling(
        title=form.title.data or "",
        title_en=form.title_en.data or "",
        place_id=form.place_id.data or None,
        posts=(form.posts.data or "").split(),
        joined_from=form.joined_from.data,
        joined_until=form.joined_until.data,
        begins=rules.Begins(form.begins.data),
        months=[int(one) for one in (form.months.data or "").split()],
        priority=form.priority.data or 0,
    )


@pages.page("/editor/assignment-rules/<code>", needs=Curricula.RULE, on=queries.rule_by_code, methods=("GET", "POST"))
def rule(rule: AssignmentRule) -> ResponseReturnValue:
    """Change whom a rule fits, or how fast."""
    shown = {
        name: getattr(rule, name) for name in ("title", "title_en", "joined_from", "joined_until", "begins", "priority")
    }
    form = forms.RuleForm(
        **shown, place_id=rule.place_id or 0, posts=" ".join(rule.posts), months=" ".join(map(str, rule.months))
    )
    form.place_id.choices = queries.places(actor())
    return written(
        form,
        lambda: _change(rule, form),
        url_for("curricula.curriculum", code=rule.curriculum.code, _anchor="rules"),
        "curricula/rule.html",
        curriculum=rule.curriculum,
        rule=rule,
    )


def _change(rule: AssignmentRule, form: forms.RuleForm) -> None:
    services.change_rule(actor(), rule, ruling=_ruling(form))
    flash(_("Saved. Days change when the rules are applied: tonight, or now by the button on the desk."), "done")


@pages.page("/editor/assignment-rules/<code>/retire", needs=Curricula.RULE, on=queries.rule_by_code, methods=("POST",))
def retire_rule(rule: AssignmentRule) -> ResponseReturnValue:
    """Give nothing by this rule any more, or again."""
    services.retire_rule(actor(), rule)
    return redirect(url_for("curricula.curriculum", code=rule.curriculum.code, _anchor="rules"), 303)
