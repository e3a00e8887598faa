"""Pages of flags: who needs me, one flag and its answer, and what a doctor is told."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.stall import forms, queries, services
from assessments.stall.charts import Spark, spark
from assessments.stall.models import Flag
from assessments.stall.policy import Stall
from assessments.stall.rules import Parameters, words
from assessments.stall.rules.reasons import ways_out
from courses.mentoring.models import Pairing
from lms import clock
from lms.authz import Actor, Role
from lms.db.paging import cut
from lms.i18n import _
from lms.web.forms import attempted
from lms.web.pages import Pages, actor, one

pages = Pages("stall", __name__)

#: A doctor is told for so long after a mentor has taken it up.
TOLD_DAYS = 60
#: How many the home page names.
ON_HOME = 3


def called(who: Actor) -> str:
    """What the list is called: a mentor's own apprentices, or people of a manager's area."""
    return str(_("Who needs attention") if _manages(who) else _("Who needs me"))


def _manages(who: Actor) -> bool:
    return Role.INSTITUTION_MANAGER in who.roles


def spark_of(shown: queries.Shown) -> Spark:
    """The drawing of one flag's marks."""
    return spark(shown.flag.history, shown.later, shown.target)


def reasons_of(shown: queries.Shown) -> list[str]:
    """Why, in words."""
    return [words.reason(one) for one in shown.flag.reasons]


def ways_out_of(shown: queries.Shown) -> list[str]:
    """What would remove it, in words."""
    return [words.way_out(one) for one in ways_out(shown.flag.reasons, float(shown.flag.level), Parameters())]


@pages.page("/flags", needs=Stall.LIST)
def flags() -> ResponseReturnValue:
    """Who needs me: the flags of one's apprentices, or of the doctors one manages."""
    asked, who = request.args, actor()
    sought = queries.Sought(asked.get("state", "open"), asked.get("q", "").strip(), asked.get("mentor") == "none")
    found = cut(queries.listing(who.person_id or 0, sought), asked.get("page", 1, int), size=10)
    return render_template(
        "stall/flags.html",
        found=found,
        flags=[queries.Shown(*row) for row in found.rows],
        sought=sought,
        manages=_manages(who),
    )


@pages.page("/flags/<int:id>", needs=Stall.READ, on=one(Flag))
def flag(shown: Flag) -> ResponseReturnValue:
    """One flag: why, what would remove it, what was answered, what came after."""
    return _flag(shown, forms.AnswerForm())


@pages.page("/flags/<int:id>/answer", needs=Stall.ANSWER, on=one(Flag), methods=("POST",))
def answer(shown: Flag) -> ResponseReturnValue:
    """Say what becomes of it; a newer answer takes an older one back."""
    form = forms.AnswerForm()
    if form.validate_on_submit() and attempted(form, lambda: _answer(shown, form)):
        flash(_("Written down. You can answer anew at any time; the newest answer counts."), "done")
        return redirect(url_for("stall.flag", id=shown.id), 303)
    return _flag(shown, form), 422


def _answer(shown: Flag, form: forms.AnswerForm) -> None:
    services.answer(actor(), shown, said=form.said.data or "", plan=form.plan.data or "", note=form.note.data or "")


def _flag(row: Flag, form: forms.AnswerForm) -> str:
    who = actor()
    return render_template(
        "stall/flag.html",
        shown=queries.shown(who.person_id or 0, row),
        answers=queries.answers(row),
        form=form,
        may_answer=who.may(Stall.ANSWER, row),
    )


def panel(who: Actor) -> str | None:
    """For the home page of a mentor: who needs me."""
    if Role.MENTOR not in who.roles:
        return None
    waiting = queries.waiting(who.person_id or 0, ON_HOME)
    return render_template("stall/panel.html", waiting=waiting) if waiting else None


def own_panel(who: Actor) -> str | None:
    """For the home page of a doctor: what one's mentor has taken up."""
    told = queries.own(who.person_id or 0, clock.today() - timedelta(days=TOLD_DAYS))
    return render_template("stall/own_panel.html", told=told) if told else None


def of_pairs(who: Actor, pairs: Sequence[Pairing]) -> dict[int, Any]:
    """For pages of pairs: the open flags of the apprentice."""
    if not who.may(Stall.LIST):
        return {}
    found = queries.of_pairs(who.person_id or 0, [pair.person_id for pair in pairs])
    return {pair.id: found[pair.person_id] for pair in pairs if pair.person_id in found}
