"""What if: doctor and mentor try what would come of a mark, of hours, of a day to come."""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from assessments.certification.policy import Stars
from assessments.certification.queries import decisions, evidence, policies
from assessments.certification.rules import ladder
from assessments.certification.rules.decision import decide
from assessments.certification.rules.policy import Measure, Policy, leaves_of
from assessments.certification.rules.supposing import Supposed, suppose
from assessments.certification.views import pages
from lms import clock
from lms.db import db
from lms.people.models import Person
from lms.web.pages import actor

#: As far as anybody plans.
FARTHEST = timedelta(days=5 * 366)


@pages.page("/stars/what-if", needs=Stars.OWN)
def what_if() -> ResponseReturnValue:
    """What if, for oneself."""
    return _shown(db.session.get_one(Person, actor().person_id))


@pages.page("/stars/<int:id>/what-if", needs=Stars.TRY, on=decisions.doctor_of_ladder)
def what_if_of(person: Person) -> ResponseReturnValue:
    """What if, for an apprentice or somebody within reach."""
    return _shown(person)


def _shown(person: Person) -> ResponseReturnValue:
    mine = person.id == actor().person_id
    return render_template("certification/what_if.html", person=person, mine=mine, **tried(person.id))


def tried(person_id: int) -> dict[str, Any]:
    """Where the person stands, and where they would stand with what the address asks for."""
    standing = decisions.standing(db.session, person_id)
    if standing is None:
        return {"standing": None}
    policy, today = policies.policy_of(standing.version), clock.today()
    on, wishes = _day(today), _wishes(policy)
    found = evidence.of_person(db.session, person_id)
    then = decide(policy, [*found, *suppose(policy, wishes, on)], on)
    explained = then.as_json()
    following = next((star for star in explained["stars"] if star["star"] == then.star + 1), None)
    return {
        "standing": standing,
        "then": then,
        "on": on,
        "today": today,
        "latest": today + FARTHEST,
        "asked": bool(wishes) or on != today,
        "following": following,
        "way": ladder.shortest_way(following) if following else [],
        "rows": _rows(policy, standing.decision.star + 1, standing.decision.as_json(), wishes),
    }


def _day(today: date) -> date:
    try:
        asked = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today
    return min(max(asked, today), today + FARTHEST)


def _wishes(policy: Policy) -> dict[int, Supposed]:
    found = dict[int, Supposed]()
    for number, _leaf in enumerate(policy.leaves()):
        amount, mark = _number(f"n{number}", 10_000), _number(f"m{number}", 100)
        if amount:
            found[number] = Supposed(amount, mark)
    return found


def _number(name: str, most: int) -> Decimal | None:
    try:
        value = Decimal(request.args.get(name, ""))
    except InvalidOperation:
        return None
    return min(value, Decimal(most)).quantize(Decimal("0.1")) if value.is_finite() and value >= 0 else None


def _rows(policy: Policy, star: int, explained: dict[str, Any], wishes: dict[int, Supposed]) -> list[dict[str, Any]]:
    """The requirements of the next star that are not met: what is owed of each, and what is wished for."""
    rows, number = list[dict[str, Any]](), 0
    for one, told in zip(policy.stars, explained["stars"], strict=True):
        told_leaves = list(ladder.leaves_of(told["requires"]))
        for leaf, said in zip(leaves_of(one.requires), told_leaves, strict=True):
            if one.star == star and not said["met"] and leaf.measure is not Measure.CLEAR:
                rows.append({"number": number, "leaf": leaf, "said": said, "wish": wishes.get(number)})
            number += 1
    return rows
