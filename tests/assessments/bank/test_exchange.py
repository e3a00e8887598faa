"""Questions in files, as people bring and take them: a dry run, then all or nothing; twice changes nothing."""

import io
from typing import Any

import pytest
import sqlalchemy as sa

from assessments.bank.formats.document import Entry, plain
from assessments.bank.formats.known import FORMATS, MOST_BYTES, TAKEN, read
from assessments.bank.formats.plans import Defaults
from assessments.bank.models import Question, QuestionImport
from assessments.bank.queries.finding import Sought
from assessments.bank.services import exchange
from lms.web.intake import Taken, take
from tests.assessments.bank.formats.made import one_of_each
from tests.factories import exams as made

DEFAULTS = Defaults(bank="foreign", level="apply", topic="血压", technique="bp-measurement", source="guide")


def taken(data: bytes, name: str = "x.xml") -> Taken:
    return take(io.BytesIO(data), name, kinds=TAKEN, most=MOST_BYTES)


@pytest.fixture
def ground(session: Any) -> None:
    """A technique and a source that rest in the bank already."""
    made.question(session, "there-already")
    session.commit()


def bring(who: Any, data: bytes, name: str = "", **more: Any) -> tuple[QuestionImport, dict[str, int]]:
    sent = exchange.send(who, None, taken=taken(data), name=name, defaults=more.pop("defaults", DEFAULTS))
    plan = exchange.check(who, sent)
    return sent, exchange.apply(who, sent, plan_hash=plan.digest, **more)


def told(entry: Entry) -> dict[str, Any]:
    return plain(entry) | {"digest": entry.content.digest()}


@pytest.mark.parametrize("name", FORMATS)
def test_a_bank_goes_out_comes_in_and_is_the_same(ground, session, world, as_, name: str) -> None:
    first = FORMATS["moodle"].write(one_of_each()).data
    with as_(world.a.editor) as who:
        assert bring(who, first)[1] == {"created": 8, "changed": 0, "unchanged": 0, "refused": 0}
        out = exchange.export(who, None, sought=Sought(bank="htn"), name=name)
        assert [told(one) for one in read(taken(out.data), name).entries] == sorted(
            [told(one) for one in one_of_each()], key=lambda one: one["code"]
        )
        again = bring(who, out.data, name)[1]
    assert again == {"created": 0, "changed": 0, "unchanged": 8, "refused": 0}
    assert session.scalar(sa.select(sa.func.count()).select_from(Question)) == 9
