"""Beginning a self-test and answering in it."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.rules import marking
from assessments.selftest import queries, rules
from assessments.selftest.formats import SentAnswer
from assessments.selftest.models import SelfTest, SelfTestAnswer, SelfTestCard, SelfTestItem
from assessments.selftest.policy import SelfTests
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.db.many import insert_many
from lms.errors import Conflict, NotFound
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell


@service(needs=SelfTests.PRACTISE)
def begin(actor: Actor, person: Person, *, topic: str = "", ahead: bool = False) -> SelfTest:
    """Fetch up to ten questions: what is due, then weak topics, then what is new; or one topic, due or not.

    Whoever has one open from today goes on with it, unless they ask for a topic.
    """
    if person.id != actor.person_id:
        raise NotFound
    _one_at_a_time(person.id)
    standing = queries.unfinished(person.id)
    if standing is not None and standing.topic == topic:
        return standing
    there = queries.candidates(person.id, topic)
    weak = [one.topic for one in queries.stands(person.id) if one.weak]
    chosen = rules.mix(
        (candidate for candidate, _version in there.values()), weak, clock.today(), ahead=ahead or bool(topic)
    )
    if not chosen:
        raise Conflict(_("Nothing is due, and there is no new question. Come back on the day that is named here."))
    owner: dict[str, Any] = {"person_id": person.id, "institution_id": person.institution_id}
    made = SelfTest(**owner, topic=topic)
    db.session.add(made)
    db.session.flush()
    rows = [
        owner
        | {
            "test_id": made.id,
            "place": place,
            "question_id": one.question,
            "version_id": there[one.question][1],
            "why": one.why.value,
        }
        for place, one in enumerate(chosen, 1)
    ]
    db.session.execute(insert_many(SelfTestItem, rows), execution_options=Everything)
    tell(test=made.id, questions=len(rows))
    return made


@service(needs=SelfTests.OWN)
def answer(actor: Actor, test: SelfTest, *, sent: Sequence[SentAnswer]) -> list[str]:
    """Keep these answers and work out when their questions come back; the ids that need not be sent again.

    The first answer to a question counts: the same one sent again, or another one from a second page, changes nothing.
    A question that was withdrawn meanwhile is not marked any more. Who names a question that is not in this self-test
    is told that there is none.
    """
    _one_at_a_time(test.person_id)
    everything = set(db.session.scalars(sa.select(SelfTestItem.id).where(SelfTestItem.test_id == test.id)))
    if not {one.item for one in sent} <= everything:
        raise NotFound
    asked = {item.id: item for item in queries.items(test.id)}
    fresh: dict[int, SentAnswer] = {}
    for one in sent:
        if one.item in asked and asked[one.item].answer is None:
            fresh.setdefault(one.item, one)
    if fresh:
        known = queries.keys(asked[item].version_id for item in fresh)
        rows = [_row(test, asked[item], one, known[asked[item].version_id][0]) for item, one in fresh.items()]
        db.session.execute(
            pg.insert(SelfTestAnswer).values(rows).on_conflict_do_nothing(), execution_options=Everything
        )
        _remember(test, {row["question_id"] for row in rows})
        tell(test=test.id, answers=len(rows))
        for item in fresh:
            db.session.expire(asked[item], ["answer"])
    answered = set(db.session.scalars(sa.select(SelfTestAnswer.item_id).where(SelfTestAnswer.item_id.in_(asked))))
    return [str(one.id) for one in sent if one.item in answered or one.item not in asked]


def _row(test: SelfTest, item: SelfTestItem, sent: SentAnswer, key: Any) -> dict[str, Any]:
    version = item.version
    share = marking.share(version.kind, marking.Multiple.PARTIAL, sent.answer, key, len(version.option_keys))
    return {
        "id": sent.id,
        "person_id": test.person_id,
        "institution_id": test.institution_id,
        "item_id": item.id,
        "question_id": item.question_id,
        "version_id": item.version_id,
        "answer": list(sent.answer),
        "earned": share.numerator,
        "parts": share.denominator,
        "felt": sent.felt.value,
        "rating": rules.rating(share, sent.felt).value,
        "answered_at": rules.answered_at(clock.now(), sent.held, test.begun_at),
    }


def _remember(test: SelfTest, questions: Iterable[int]) -> None:
    """Make anew what is remembered of these questions, from all answers to them."""
    rows = [
        {
            "person_id": test.person_id,
            "institution_id": test.institution_id,
            "question_id": question,
            "stability": memory.stability,
            "difficulty": memory.difficulty,
            "last_at": memory.last,
            "due_at": memory.due,
            "reviews": memory.reviews,
            "lapses": memory.lapses,
        }
        for question, reviews in queries.reviews(test.person_id, questions).items()
        for memory in [rules.remembered(reviews)]
    ]
    insert = pg.insert(SelfTestCard).values(rows)
    made_anew = {name: insert.excluded[name] for name in rows[0] if name not in ("person_id", "question_id")}
    insert = insert.on_conflict_do_update(index_elements=["person_id", "question_id"], set_=made_anew)
    db.session.execute(insert, execution_options=Everything)


def _one_at_a_time(person_id: int) -> None:
    """Whatever pages and devices somebody practises on, their answers are taken one after another."""
    name = sa.func.hashtextextended(f"selftest:{person_id}", 0)
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(name)))
