"""Saving answers: the hot path. One statement decides and inserts; the commit comes before the acknowledgement.

There is no ORM object and no audit entry here: the answers themselves are the append-only record. The statement holds
the attempt's row shared while it inserts, so that closing, take-over and extra time (which change that row) come wholly
before or wholly after it, and what it reads of the row is what stands at that moment.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from assessments.exams.policy import Exams
from assessments.exams.queries.attempts import Pen
from lms.authz import Actor, Permission
from lms.db import db, transaction
from lms.errors import Invalid, NotFound
from lms.i18n import _

MOST = 500
_LONGEST = 26

_SAVE = """
WITH held AS MATERIALIZED (
    SELECT epoch, deadline, items, closed_at IS NOT NULL AS closed
      FROM exam_attempt WHERE id = %(attempt)s AND person_id = %(person)s FOR SHARE
), sent AS MATERIALIZED (
    SELECT s.id, s.item, s.seq, s.epoch, s.answer,
           CASE WHEN h.closed THEN 'closed'
                WHEN clock_timestamp() >= h.deadline THEN 'deadline'
                WHEN s.epoch <> h.epoch THEN 'epoch' END AS why
      FROM held h, jsonb_to_recordset(%(events)s::jsonb)
           AS s (id uuid, item bigint, seq integer, epoch integer, answer jsonb)
     WHERE s.item = ANY (h.items)
), known AS (
    SELECT e.id FROM answer_event e JOIN sent USING (id) WHERE e.attempt_id = %(attempt)s
), kept AS (
    INSERT INTO answer_event (id, attempt_id, item_id, seq, epoch, answer)
    SELECT id, %(attempt)s, item, seq, epoch, answer FROM sent WHERE why IS NULL
    ON CONFLICT (id) DO NOTHING RETURNING id
), late AS (
    INSERT INTO late_event (id, attempt_id, item_id, seq, epoch, answer, why)
    SELECT id, %(attempt)s, item, seq, epoch, answer, why FROM sent
     WHERE why IS NOT NULL AND id NOT IN (SELECT id FROM known)
    ON CONFLICT (id) DO NOTHING RETURNING id
)
SELECT h.epoch, h.closed, floor(extract(epoch FROM h.deadline - clock_timestamp()) * 1000)::bigint,
       ARRAY (SELECT id::text FROM kept UNION SELECT id::text FROM known),
       ARRAY (SELECT id::text FROM late UNION
              SELECT l.id::text FROM late_event l JOIN sent USING (id) WHERE l.attempt_id = %(attempt)s)
  FROM held h
"""

_BEAT = """
INSERT INTO attempt_beat (attempt_id, heard_at, unsaved)
SELECT id, clock_timestamp(), %(unsaved)s FROM exam_attempt
 WHERE id = %(attempt)s AND person_id = %(person)s AND epoch = %(epoch)s
ON CONFLICT (attempt_id) DO UPDATE SET heard_at = excluded.heard_at, unsaved = excluded.unsaved
"""

_STAND = """
SELECT epoch, closed_at IS NOT NULL, floor(extract(epoch FROM deadline - clock_timestamp()) * 1000)::bigint
  FROM exam_attempt WHERE id = %(attempt)s AND person_id = %(person)s
"""


@dataclass(frozen=True)
class Receipt:
    """What the centre holds after the commit, and how the attempt stands."""

    held: list[str]
    late: list[str]
    epoch: int
    closed: bool
    remaining: int


def _hot(needs: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A verb without an audit entry and without a second try: refuse, do, commit."""

    def make(verb: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(verb)
        def run(actor: Actor, pen: Pen, /, **details: Any) -> Any:
            actor.must(needs, pen)
            with transaction(db.session):
                return verb(actor, pen, **details)

        run.needs = needs  # type: ignore[attr-defined]
        return run

    return make


@_hot(Exams.ANSWER)
def save(actor: Actor, pen: Pen, *, events: Sequence[Any]) -> Receipt:
    """Keep these events for good and say which ids are held; the same event again is held already.

    What comes after the end, or from a page that lost the pen, is kept aside and named in `late`.
    """
    told = {"attempt": pen.attempt_id, "person": pen.person_id, "events": json.dumps(_checked(events))}
    row = db.session.connection().exec_driver_sql(_SAVE, told).first()
    if row is None:
        raise NotFound
    epoch, closed, remaining, held, late = row
    return Receipt(held, late, epoch, closed, max(0, remaining))


@_hot(Exams.ANSWER)
def beat(actor: Actor, pen: Pen, *, epoch: int, unsaved: int) -> Receipt:
    """Note that the page is there and how much it still holds; how the attempt stands."""
    connection = db.session.connection()
    told: dict[str, Any] = {"attempt": pen.attempt_id, "person": pen.person_id, "epoch": epoch, "unsaved": unsaved}
    connection.exec_driver_sql(_BEAT, told)
    row = connection.exec_driver_sql(_STAND, told).first()
    if row is None:
        raise NotFound
    now_epoch, closed, remaining = row
    return Receipt([], [], now_epoch, closed, max(0, remaining))


def _checked(events: Sequence[Any]) -> list[dict[str, Any]]:
    """The events in the shape the statement expects; raises Invalid naming the first that is not."""
    if not isinstance(events, list) or not 0 < len(events) <= MOST:
        raise Invalid(_("Send from 1 to %(most)s answers at a time.", most=MOST))
    for number, event in enumerate(events):
        if not (isinstance(event, dict) and _is_event(event)):
            raise Invalid(_("This is not an answer."), event=number)
    return [{name: event[name] for name in ("id", "item", "seq", "epoch", "answer")} for event in events]


def _is_event(event: dict[str, Any]) -> bool:
    numbers = (event.get("item"), event.get("seq"), event.get("epoch"))
    answer = event.get("answer")
    return (
        _is_uuid(event.get("id"))
        and all(type(number) is int and 0 <= number < 1 << 31 for number in numbers[1:])
        and type(numbers[0]) is int
        and 0 <= numbers[0] < 1 << 62
        and isinstance(answer, list)
        and len(answer) <= _LONGEST
        and all(isinstance(key, str) and 0 < len(key) <= 8 for key in answer)
    )


def _is_uuid(text: Any) -> bool:
    if not isinstance(text, str) or len(text) != 36:
        return False
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
