"""A practical exam that many have sat, its sheets written straight into the tables."""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation, ExaminerAssignment, Sheet, State
from assessments.stations.models import Station, StationVersion
from lms import clock, ids
from lms.people.models import Person
from tests.factories.world import World

Rate = Callable[[random.Random, float], int]


def rated(chance: random.Random, share: float) -> int:
    """The place of the rating that goes with a share of the points."""
    return min(4, max(0, round((share - 0.45) * 8 + chance.gauss(0, 0.25))))


@dataclass(frozen=True)
class Hand:
    """How an examiner marks: so much less than is fair, and which rating goes with the marks."""

    less: float = 0.0
    rate: Rate = rated


fair = Hand()
severe = Hand(less=0.1)
#: the better the marks, the worse the rating
backwards = Hand(rate=lambda chance, share: 4 - rated(chance, share))
#: only two of the ratings are ever used
two_words = Hand(rate=lambda chance, share: 2 if rated(chance, share) > 1 else 1)
#: a rating that has little to do with the marks
careless = Hand(rate=lambda chance, share: rated(chance, share) if chance.random() < 0.3 else chance.randrange(5))


@dataclass
class Held:
    """Ids of a circuit that was sat; stations in order, candidates by number."""

    circuit: int
    stations: list[int]
    candidates: list[int] = field(default_factory=list)


def versions(session: orm.Session, count: int) -> list[int]:
    """The first stations of the content pack."""
    query = sa.select(StationVersion.id).join(Station).where(Station.kind == "station").order_by(Station.code)
    return list(session.scalars(query.limit(count)))


def sit(
    session: orm.Session,
    world: World,
    persons: Sequence[int],
    *,
    hands: Sequence[Sequence[tuple[int, Hand]]],
    used: Sequence[int] | None = None,
    on_day: date | None = None,
    seed: int = 1,
    doubly: bool = False,
    title: str = "秋季技能考核",
) -> Held:
    """These persons went through a station for each row of `hands` (who marks, and how); `doubly`: all mark all."""
    county, chance = world.a, random.Random(seed)
    circuit = Circuit(
        institution_id=county.commission,
        title=title,
        title_en="Autumn skills exam",
        on_day=on_day or clock.today(),
        state=State.RUNNING,
        made_by_id=county.exam_officer,
    )
    session.add(circuit)
    session.flush()
    here = {"institution_id": county.commission, "circuit_id": circuit.id}
    chosen = used or versions(session, len(hands))
    places = [CircuitStation(**here, position=at, station_version_id=number) for at, number in enumerate(chosen, 1)]
    names = dict(session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(persons))).all())
    seats = [
        CircuitCandidate(**here, person_id=one, number=at, name=names[one], added_by_id=county.exam_officer)
        for at, one in enumerate(persons, 1)
    ]
    session.add_all([*places, *seats])
    session.flush()
    bodies: dict[int, dict[str, Any]] = dict(
        session.execute(sa.select(StationVersion.id, StationVersion.body).where(StationVersion.id.in_(chosen))).all()
    )
    abilities = [min(0.98, max(0.2, chance.gauss(0.68, 0.13))) for _seat in seats]
    for place, marking in zip(places, hands, strict=True):
        session.add_all(_assigned(session, place, [who for who, _hand in marking]))
        body = bodies[place.station_version_id]
        for at, (seat, ability) in enumerate(zip(seats, abilities, strict=True)):
            whose = marking if doubly else [marking[at % len(marking)]]
            session.add_all(_sheet(chance, place, seat, body, (who, hand), ability) for who, hand in whose)
    session.flush()
    made = Held(circuit.id, [place.id for place in places], [seat.id for seat in seats])
    session.commit()
    return made


def _assigned(session: orm.Session, place: CircuitStation, examiners: Sequence[int]) -> list[ExaminerAssignment]:
    names = dict(session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(examiners))).all())
    return [
        ExaminerAssignment(
            institution_id=place.institution_id,
            circuit_station_id=place.id,
            examiner_id=who,
            name=names[who],
            begins_on=date(2026, 1, 1),
            ends_on=date(2099, 1, 1),
            assigned_by_id=place.circuit.made_by_id,
        )
        for who in dict.fromkeys(examiners)
    ]


def _sheet(
    chance: random.Random,
    place: CircuitStation,
    seat: CircuitCandidate,
    body: dict[str, Any],
    marking: tuple[int, Hand],
    ability: float,
) -> Sheet:
    examiner, hand = marking
    share = min(1.0, max(0.0, ability - hand.less + chance.gauss(0, 0.05)))
    marks = {item["code"]: _step(chance, item["steps"], share) for item in body["items"]}
    grade = hand.rate(chance, sum(marks.values()) / sum(item["points"] for item in body["items"]))
    number = ids.uuid7()
    return Sheet(
        id=number,
        institution_id=place.institution_id,
        person_id=seat.person_id,
        circuit_station_id=place.id,
        candidate_id=seat.id,
        examiner_id=examiner,
        version=1,
        marks=marks,
        rating=body["levels"][grade]["code"],
        begun_at=datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
        own_clock=False,
        content_hash=hashlib.sha256(number.bytes).digest(),
    )


def _step(chance: random.Random, steps: Sequence[int], share: float) -> int:
    """A cell of an item that comes to the share on average."""
    wanted = share * steps[-1]
    low = max(step for step in steps if step <= wanted)
    high = min(step for step in steps if step >= wanted)
    return high if low == high or chance.random() < (wanted - low) / (high - low) else low
