"""From blueprint to circuit."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from assessments.osce.models import Circuit, CircuitPost, CircuitStation
from assessments.osce.policy import Osce
from assessments.osce.services import planning
from assessments.stations.models import BlueprintVersion, StationVersion
from assessments.stations.queries import fitting
from assessments.stations.rules.fitting import Post, overrun, posts_of
from lms.authz import Actor
from lms.db import db
from lms.errors import Invalid
from lms.i18n import _, pick
from lms.institutions.models import Institution
from lms.service import service, tell


@service(needs=Osce.PLAN)
def plan_from(
    actor: Actor,
    institution: Institution,
    *,
    plan: planning.Plan,
    blueprint: BlueprintVersion,
    stations: Mapping[str, int],
) -> Circuit:
    """Plan a circuit with one station version for every post of a blueprint, in its order."""
    posts = posts_of(blueprint.body)
    chosen = _chosen(blueprint, posts, stations)
    circuit = planning.create(actor, institution, plan=plan, stations=[version.id for version in chosen])
    query = sa.select(CircuitStation).where(CircuitStation.circuit_id == circuit.id).order_by(CircuitStation.position)
    for post, place in zip(posts, db.session.scalars(query), strict=True):
        place.weight = post.marks
        db.session.add(
            CircuitPost(
                institution_id=institution.id,
                circuit_id=circuit.id,
                circuit_station_id=place.id,
                blueprint_version_id=blueprint.id,
                code=post.code,
                minutes=post.minutes,
            )
        )
    db.session.flush()
    tell(circuit=circuit.id, blueprint=blueprint.blueprint.code, hash=blueprint.content_hash.hex())
    return circuit


def _chosen(blueprint: BlueprintVersion, posts: Sequence[Post], stations: Mapping[str, int]) -> list[StationVersion]:
    """The version for every post; what does not fit, is missing or stands twice is refused by the post's name."""
    offer = fitting(blueprint.body)
    found = {post.code: next((v for v in offer[post.code] if v.id == stations.get(post.code)), None) for post in posts}
    for post in posts:
        if not offer[post.code]:
            raise Invalid(
                _("No approved station fits the post “%(post)s”.", post=pick(post.zh, post.en)), field=post.code
            )
        if found[post.code] is None:
            raise Invalid(_("Choose a station for the post “%(post)s”.", post=pick(post.zh, post.en)), field=post.code)
    chosen = [version for version in found.values() if version is not None]
    taken = [version.station_id for version in chosen]
    for post, number in zip(posts, taken, strict=True):
        if taken.count(number) > 1:
            raise Invalid(
                _("A station stands at one post only: change “%(post)s”.", post=pick(post.zh, post.en)), field=post.code
            )
    _in_time(blueprint, {post.code: version.body["minutes"] for post, version in zip(posts, chosen, strict=True)})
    return chosen


def _in_time(blueprint: BlueprintVersion, minutes: Mapping[str, int]) -> None:
    for at in overrun(blueprint.body, minutes):
        part = blueprint.body["parts"][at]
        name = pick(part["title"]["zh"], part["title"]["en"])
        raise Invalid(
            _("“%(part)s” has %(minutes)s minutes; the chosen stations need more.", part=name, minutes=part["minutes"])
        )
