"""Marks as tests of evidence make them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from assessments.results.models import ResultKind
from assessments.results.services import Brought, Evidence, record_many
from lms import clock
from lms.db import db
from lms.institutions.models import Institution
from tests.conftest import As
from tests.factories.world import World

Mark = Callable[..., Brought]


@pytest.fixture
def mark() -> Mark:
    """One mark of a person: its number names the source."""

    def make(person: int, number: int, value: str | None = "70", **more: Any) -> Brought:
        given = {"kind": ResultKind.PRACTICAL_EXAM, "on_day": clock.today() - timedelta(days=1), **more}
        source = {"number": number, "value": value}
        value_ = None if value is None else Decimal(value)
        return Brought(
            person, Evidence(source_kind="station", source_id=str(number), source=source, value=value_, **given)
        )

    return make


@pytest.fixture
def record_all(as_: As, world: World) -> Callable[..., int]:
    """Record marks as somebody: the exam officer of county a, about its county hospital's exam."""

    def act(marks: list[Brought], who: int | None = None) -> int:
        with as_(who or world.a.exam_officer) as actor:
            return record_many(actor, db.session.get_one(Institution, world.a.commission), marks=marks)

    return act
