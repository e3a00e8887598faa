"""Pages of self-tests: what waits, the questions one by one, what came of them, and all earlier answers."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from assessments.selftest import charts, formats, queries, rules, services
from assessments.selftest.models import SelfTest, SelfTestAnswer, SelfTestItem
from assessments.selftest.policy import SelfTests
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.db.paging import cut
from lms.people.models import Person
from lms.web.pages import Pages, actor

pages = Pages("selftest", __name__)

#: Topics shown on the first page, the weakest.
SHOWN_TOPICS = 6


def _me() -> int:
    return actor().person_id or 0


@pages.page("/selftest", needs=SelfTests.PRACTISE)
def start() -> ResponseReturnValue:
    """What waits today, the topics that stand weakest, and the button that begins."""
    stands = queries.stands(_me())
    return render_template(
        "selftest/start.html",
        waiting=queries.waiting(_me()),
        unfinished=queries.unfinished(_me()),
        bars=charts.bars(stands[:SHOWN_TOPICS]),
        topics=queries.topics(),
        streak=rules.streak(queries.days(_me()), clock.today()),
        most=rules.MOST,
        account=_me(),
    )


@pages.page("/selftest/begin", needs=SelfTests.PRACTISE, methods=("POST",))
def begin() -> ResponseReturnValue:
    """Fetch questions: what is needed most, or of one topic, or ahead of their day."""
    person = db.session.get_one(Person, _me())
    topic = request.form.get("topic", "").strip()[:80]
    test = services.begin(actor(), person, topic=topic, ahead=bool(request.form.get("ahead")))
    return redirect(url_for("selftest.test", id=test.id), 303)


@pages.page("/selftest/tests/<int:id>", needs=SelfTests.OWN, on=queries.test)
def test(test: SelfTest) -> ResponseReturnValue:
    """The questions, one at a time, without keys; those that are answered with what is right."""
    items = queries.items(test.id)
    if all(item.answer for item in items):
        return redirect(url_for("selftest.summary", id=test.id), 303)
    feedback = queries.feedback([item.answer for item in items if item.answer])
    return render_template(
        "selftest/test.html",
        test=test,
        sheet=[(item, rules.shown(item.version.kind, item.version.options, item.id)) for item in items],
        feedback={one.answer.item_id: one for one in feedback},
        stand=_stand(test, items),
    )


def _stand(test: SelfTest, items: list[SelfTestItem]) -> dict[str, Any]:
    """How a self-test stands, for the page's script."""
    answered = [item.id for item in items if item.answer]
    return {"person": test.person_id, "answered": answered, "csrf": generate_csrf()}


@pages.page("/selftest/tests/<int:id>/stand", needs=SelfTests.OWN, on=queries.test)
def stand(test: SelfTest) -> ResponseReturnValue:
    """The same for a page that was away, with what is right of all that is answered."""
    items = queries.items(test.id)
    return _stand(test, items) | {"feedback": _told(items)}


@pages.page("/selftest/tests/<int:id>/answers", needs=SelfTests.OWN, on=queries.test, methods=("POST",))
def answer(test: SelfTest) -> ResponseReturnValue:
    """Keep answers; what comes back names what need not be sent again, and says what is right."""
    sent = formats.read(request.get_json(silent=True))
    kept = services.answer(actor(), test, sent=sent)
    named = {one.item for one in sent}
    return {"acknowledged": kept, "feedback": _told([item for item in queries.items(test.id) if item.id in named])}


def _told(items: list[SelfTestItem]) -> dict[int, dict[str, str]]:
    """What is right of questions that are answered, as the page shows it."""
    answers = [item.answer for item in items if item.answer]
    return {
        one.answer.item_id: {
            "outcome": one.answer.outcome.value,
            "html": render_template("selftest/feedback.html", one=one),
        }
        for one in queries.feedback(answers)
    }


@pages.page("/selftest/tests/<int:id>/summary", needs=SelfTests.OWN, on=queries.test)
def summary(test: SelfTest) -> ResponseReturnValue:
    """What came of it: how many were right, which to read about, when they come back."""
    items = queries.items(test.id)
    feedback = queries.feedback([item.answer for item in items if item.answer])
    return render_template(
        "selftest/summary.html",
        test=test,
        items=items,
        feedback=feedback,
        waiting=queries.waiting(test.person_id),
    )


@pages.page("/selftest/answers", needs=SelfTests.PRACTISE)
def history() -> ResponseReturnValue:
    """All my answers, newest first."""
    sought = queries.Sought(request.args.get("topic", ""), request.args.get("outcome", ""))
    shown = cut(queries.history(_me(), sought), request.args.get("page", 1, int))
    topics = [(topic, topic) for topic in queries.topics_answered(_me())]
    return render_template("selftest/history.html", shown=shown, topics=topics)


@pages.page("/selftest/answers/<uuid:id>", needs=SelfTests.OWN, on=queries.answer)
def one_answer(answer: SelfTestAnswer) -> ResponseReturnValue:
    """One question as it was asked, what I answered, and what is right."""
    return render_template("selftest/answer.html", one=queries.feedback([answer])[0])


def panel(who: Actor) -> str | None:
    """On the doctor's home page: how many questions are due today, or that there are new ones."""
    waiting = queries.waiting(who.person_id or 0)
    return render_template("selftest/panel.html", waiting=waiting) if waiting.due or waiting.new else None
