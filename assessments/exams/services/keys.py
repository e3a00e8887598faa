"""A corrected key: a new version beside the old, with what was wrong; called by the verbs that correct."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assessments.bank.rules.content import key_fault, plain_key
from assessments.exams.models import AnswerKey, Exam, Ruling
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import marking
from assessments.exams.rules import papers
from assessments.exams.rules.scoring import key_plain
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Invalid
from lms.i18n import _


@dataclass(frozen=True)
class Correction:
    """What happens to one question: another key, or all points for everybody."""

    item: int
    ruling: Ruling
    key: Any = None


@dataclass(frozen=True)
class Corrected:
    """The key as it would be."""

    key: Mapping[int, Any]
    dropped: frozenset[int]
    content_hash: bytes


def corrected(exam: Exam, base: AnswerKey, corrections: Sequence[Correction]) -> Corrected:
    """The key with these corrections; raises Invalid for a key that cannot be, and where nothing changes."""
    items = {item.id: item for item in exam_queries.items_of(exam.paper_version_id)}
    key, dropped = dict(marking.key_of(base)), set(base.dropped)
    for one in corrections:
        item = items.get(one.item)
        if item is None or one.ruling == Ruling.STANDS:
            raise Invalid(_("There is no such question on this paper."), field="item")
        if one.ruling == Ruling.DROPPED:
            dropped.add(one.item)
            continue
        question = item.question
        if one.key is None or key_fault(question.kind, question.option_keys, one.key, question.body) is not None:
            raise Invalid(_("Question %(number)s: this cannot be its right answer.", number=item.position), field="key")
        key[one.item] = plain_key(one.key)
        dropped.discard(one.item)
    found = Corrected(key, frozenset(dropped), papers.key_hash(exam.paper.content_hash, key, dropped))
    if found.content_hash == base.content_hash:
        raise Invalid(_("This is the key that marked the exam already. Nothing would change."), field="key")
    return found


def write_key(actor: Actor, exam: Exam, found: Corrected, reason: str) -> AnswerKey:
    """Write a corrected key down as the paper's next version."""
    versions = sa.select(sa.func.max(AnswerKey.version)).where(AnswerKey.paper_version_id == exam.paper_version_id)
    made = AnswerKey(
        institution_id=exam.institution_id,
        paper_version_id=exam.paper_version_id,
        version=db.session.scalars(versions, execution_options=Everything).one() + 1,
        keys=key_plain(found.key),
        dropped=sorted(found.dropped),
        content_hash=found.content_hash,
        reason=reason,
        made_by_id=actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    return made
