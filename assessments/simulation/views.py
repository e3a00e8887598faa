"""Pages of simulated cases: the list, the consultation, its report; for mentors and editors theirs."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from assessments.simulation import charts, formats, queries, rules, services
from assessments.simulation.models import CaseRun, CaseVersion
from assessments.simulation.policy import Cases
from assessments.simulation.rules import Happened, Score
from lms import clock, ids
from lms.authz import Actor
from lms.db.paging import cut
from lms.techniques.views import CATEGORIES
from lms.web.pages import Pages, actor

pages = Pages("simulation", __name__)


def _me() -> int:
    return actor().person_id or 0


def _sought() -> queries.Sought:
    asked = {name: request.args.get(name, "") for name in ("category", "technique", "state")}
    return queries.Sought(words=request.args.get("q", "").strip()[:60], **asked)


def _number() -> int:
    return request.args.get("page", 1, int)


@pages.page("/cases", needs=Cases.PLAY)
def cases() -> ResponseReturnValue:
    """All cases: what is begun first, then those for my work, with my last score."""
    shown = cut(queries.for_player(_me(), _sought()), _number())
    stands = queries.stands(_me(), [version.case_id for (version,) in shown.rows])
    return render_template("simulation/cases.html", shown=shown, stands=stands, **_offer())


def _offer() -> dict[str, Any]:
    """What a list can be narrowed by."""
    categories = [(name, CATEGORIES[name]) for name in ("general_practitioner", "village_doctor", "nurse")]
    return {"offer_techniques": queries.techniques(), "offer_categories": categories, "account": _me()}


@pages.page("/cases/<code>", needs=Cases.PLAY, on=queries.by_code)
def case(version: CaseVersion) -> ResponseReturnValue:
    """What a case is, how it is played, whether it counts now, and my earlier tries."""
    mine = cut(queries.ended(_me(), version.case_id), _number(), 10)
    credited = queries.last_credited(_me(), version.case_id)
    again = rules.counts_again(credited) if credited else None
    return render_template(
        "simulation/case.html",
        version=version,
        case=version.case,
        stand=queries.stands(_me(), [version.case_id]).get(version.case_id),
        mine=mine,
        counts_again=again if again and again > clock.now() else None,
        categories=CATEGORIES,
    )


@pages.page("/cases/<code>/begin", needs=Cases.PLAY, on=queries.by_code, methods=("POST",))
def begin(version: CaseVersion) -> ResponseReturnValue:
    """Begin, or go on with what was begun."""
    run = services.begin(actor(), version.case)
    return redirect(url_for("simulation.player", id=run.id), 303)


@pages.page("/my/cases", needs=Cases.PLAY)
def mine() -> ResponseReturnValue:
    """My consultations that have ended, newest first."""
    return render_template("simulation/mine.html", shown=cut(queries.ended(_me()), _number()))


@pages.page("/case-runs/<int:id>", needs=Cases.GO_ON, on=queries.run)
def player(run: CaseRun) -> ResponseReturnValue:
    """The consultation itself; once it has ended, its report."""
    if run.handed_in_at is not None:
        return redirect(url_for("simulation.report", id=run.id), 303)
    stand = _stand(run)
    return render_template("simulation/player.html", run=run, stand=stand, found=_found(run), done=stand["done"])


def _stand(run: CaseRun) -> dict[str, Any]:
    """How a consultation stands, for the page and its script."""
    done = rules.standing((event.act, event.happened) for event in queries.events_of(run))
    return {"done": done, "ended": run.handed_in_at is not None, "csrf": generate_csrf(), "person": run.person_id}


def _found(run: CaseRun) -> dict[str, str]:
    """What asking, examining and testing finds; what comes of orders is not among it."""
    return {
        act["code"]: act["found"] for part in run.version.scene["sections"] for act in part["acts"] if "found" in act
    }


@pages.page("/case-runs/<int:id>/stand", needs=Cases.GO_ON, on=queries.run)
def stand(run: CaseRun) -> ResponseReturnValue:
    """The same for a page that has been open for long."""
    return _stand(run)


@pages.page("/case-runs/<int:id>/acts", needs=Cases.GO_ON, on=queries.run, methods=("POST",))
def act(run: CaseRun) -> ResponseReturnValue:
    """Keep what was done: from the page's script, which is told what is kept, or from its plain form."""
    if request.is_json:
        return {"acknowledged": services.act(actor(), run, sent=formats.read(request.get_json(silent=True)))}
    taken_back = request.form.get("taken_back", "")
    code = taken_back or request.form.get("done", "")
    happened = Happened.TAKEN_BACK if taken_back else Happened.DONE
    if (code in _stand(run)["done"]) is (happened is Happened.TAKEN_BACK):
        one = {"id": str(ids.uuid7()), "act": code, "happened": happened}
        services.act(actor(), run, sent=formats.read({"acts": [one]}))
    return redirect(url_for("simulation.player", id=run.id, _anchor=f"act-{code}"), 303)


@pages.page("/case-runs/<int:id>/end", needs=Cases.GO_ON, on=queries.run, methods=("POST",))
def end(run: CaseRun) -> ResponseReturnValue:
    """End the consultation and show the report."""
    services.hand_in(actor(), run)
    return redirect(url_for("simulation.report", id=run.id), 303)


@pages.page("/case-runs/<int:id>/report", needs=Cases.REPORT, on=queries.run)
def report(run: CaseRun) -> ResponseReturnValue:
    """How it went: by section, beside the expert's way, with what it earned."""
    finish = queries.finish_of(run)
    if finish is None:
        return redirect(url_for("simulation.player", id=run.id), 303)
    key = queries.key_data(run.version_id)
    done = rules.standing((event.act, event.happened) for event in queries.events_of(run))
    score = Score.of(finish.percent, finish.scores)
    own = run.person_id == _me()
    return render_template(
        "simulation/report.html",
        run=run,
        finish=finish,
        score=score,
        key=key,
        review=rules.review(run.version.scene, key, done),
        drawing=charts.bars(score.sections),
        sources={source["code"]: source for source in run.version.sources},
        own=own,
        doctor="" if own else queries.doctor_of(run),
    )


@pages.page("/apprentices/cases", needs=Cases.APPRENTICES)
def apprentices() -> ResponseReturnValue:
    """Ended consultations of those whose mentor I am."""
    return render_template("simulation/apprentices.html", shown=cut(queries.of_apprentices(_me()), _number()))


@pages.page("/case-bank", needs=Cases.BANK)
def bank() -> ResponseReturnValue:
    """All cases in use with their versions, for editors."""
    shown = cut(queries.listing(_sought()), _number())
    return render_template("simulation/bank.html", shown=shown, **_offer())


@pages.page("/case-bank/<int:number>", needs=Cases.BANK, on=queries.whole_version)
def version(shown: CaseVersion) -> ResponseReturnValue:
    """What one version says, with the key."""
    sources = {source["code"]: source for source in shown.sources}
    return render_template("simulation/version.html", shown=shown, sources=sources, categories=CATEGORIES)


def panel(who: Actor) -> str | None:
    """For the doctor's home page: the case that was left, or one for their work that they have not played."""
    left = queries.unfinished(who.person_id or 0)
    fresh = None if left else queries.fitting(who.person_id or 0)
    return render_template("simulation/panel.html", left=left[:3], fresh=fresh) if left or fresh else None
