"""Saving answers: the hot path. One statement decides, inserts and commits; only then is it acknowledged.

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

import psycopg
import sqlalchemy as sa

from assessments.exams.policy import Exams
from assessments.exams.queries.attempts import Pen
from lms.authz import Actor, Permission
from lms.db import db, transaction
from lms.errors import Invalid, NotFound, Unavailable
from lms.i18n import _
from lms.texts import can_be_kept

MOST = 500
#: The parts of one answer (a matching question has up to 26 pairs) and the length of each (a short answer).
_PARTS, _LONGEST = 26, 500

#: What says that the database is away, only starting, or has no room: the page keeps its answers and asks again.
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, sa.exc.DBAPIError, sa.exc.TimeoutError)

_SAVE = """
WITH held AS MATERIALIZED (
    SELECT epoch, deadline, items, closed_at IS NOT NULL AS closed, paused_at,
           %(sign_in)s::bigint IS NULL
           OR EXISTS (SELECT FROM sign_in WHERE id = %(sign_in)s AND ended_at IS NULL) AS signed_in
      FROM exam_attempt
     WHERE id = %(attempt)s AND person_id = %(person)s AND started_at IS NOT NULL FOR SHARE
), sent AS MATERIALIZED (
    SELECT s.id, s.item, s.seq, s.epoch, s.answer,
           (SELECT true FROM answer_event e WHERE e.id = s.id AND e.attempt_id = %(attempt)s) AS known,
           (SELECT true FROM late_event l WHERE l.id = s.id AND l.attempt_id = %(attempt)s) AS aside,
           CASE WHEN h.closed THEN 'closed'
                WHEN coalesce(h.paused_at, clock_timestamp()) >= h.deadline THEN 'deadline'
                WHEN s.epoch <> h.epoch THEN 'epoch' END AS why
      FROM held h, jsonb_to_recordset(%(events)s::jsonb)
           AS s (id uuid, item bigint, seq integer, epoch integer, answer jsonb)
     WHERE s.item = ANY (h.items) AND h.signed_in
), kept AS (
    INSERT INTO answer_event (id, attempt_id, item_id, seq, epoch, answer)
    SELECT id, %(attempt)s, item, seq, epoch, answer FROM sent WHERE why IS NULL AND known IS NULL AND aside IS NULL
    ON CONFLICT (id) DO NOTHING RETURNING id
), late AS (
    INSERT INTO late_event (id, attempt_id, item_id, seq, epoch, answer, why)
    SELECT id, %(attempt)s, item, seq, epoch, answer, why
      FROM sent WHERE why IS NOT NULL AND known IS NULL AND aside IS NULL
    ON CONFLICT (id) DO NOTHING RETURNING id
)
SELECT h.signed_in, h.epoch, h.closed, h.paused_at IS NOT NULL,
       floor(extract(epoch FROM h.deadline - coalesce(h.paused_at, clock_timestamp())) * 1000)::bigint,
       ARRAY (SELECT id::text FROM kept UNION SELECT id::text FROM sent WHERE known),
       ARRAY (SELECT id::text FROM late UNION SELECT id::text FROM sent WHERE aside)
  FROM held h
"""

_BEAT = """
WITH stand AS MATERIALIZED (
    SELECT id, epoch, deadline, closed_at IS NOT NULL AS closed, paused_at,
           %(sign_in)s::bigint IS NULL
           OR EXISTS (SELECT FROM sign_in WHERE id = %(sign_in)s AND ended_at IS NULL) AS signed_in
      FROM exam_attempt WHERE id = %(attempt)s AND person_id = %(person)s AND started_at IS NOT NULL
), heard AS (
    INSERT INTO attempt_beat (attempt_id, heard_at, unsaved)
    SELECT id, clock_timestamp(), %(unsaved)s FROM stand WHERE epoch = %(epoch)s AND signed_in
    ON CONFLICT (attempt_id) DO UPDATE SET heard_at = excluded.heard_at, unsaved = excluded.unsaved
)
SELECT signed_in, epoch, closed, paused_at IS NOT NULL,
       floor(extract(epoch FROM deadline - coalesce(paused_at, clock_timestamp())) * 1000)::bigint FROM stand
"""


@dataclass(frozen=True)
class Receipt:
    """What the centre holds after the commit, and how the attempt stands."""

    held: list[str]
    late: list[str]
    epoch: int
    closed: bool
    paused: bool
    remaining: int


def _hot(needs: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A verb without an audit entry and without a second try: refuse, then do; its statement is its transaction."""

    def make(verb: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(verb)
        def run(actor: Actor, pen: Pen, /, **details: Any) -> Any:
            actor.must(needs, pen)
            return verb(actor, pen, **details)

        run.needs = needs  # type: ignore[attr-defined]
        return run

    return make


@_hot(Exams.ANSWER)
def save(actor: Actor, pen: Pen, *, events: Sequence[Any], sign_in: int | None = None) -> Receipt | None:
    """Keep these events for good and say which ids are held; the same event again is held already.

    What comes after the end, or from a page that lost the pen, is kept aside and named in `late`. `sign_in` is checked
    again where who asks came from memory; nothing is kept and None is the answer when it has ended.
    """
    told = {
        "attempt": pen.attempt_id,
        "person": pen.person_id,
        "sign_in": sign_in,
        "events": json.dumps(_checked(events)),
    }
    row = _at_once(_SAVE, told)
    if row is None:
        raise NotFound
    signed_in, epoch, closed, paused, remaining, held, late = row
    if not signed_in:
        return None
    return Receipt(held, late, epoch, closed, paused, max(0, remaining))


@_hot(Exams.ANSWER)
def beat(actor: Actor, pen: Pen, *, epoch: int, unsaved: int, sign_in: int | None = None) -> Receipt | None:
    """Note that the page is there and how much it still holds; how the attempt stands. `sign_in` as in `save`."""
    told = {"attempt": pen.attempt_id, "person": pen.person_id, "epoch": epoch, "unsaved": unsaved, "sign_in": sign_in}
    row = _at_once(_BEAT, told)
    if row is None:
        raise NotFound
    signed_in, now_epoch, closed, paused, remaining = row
    if not signed_in:
        return None
    return Receipt([], [], now_epoch, closed, paused, max(0, remaining))


def _at_once(statement: str, told: dict[str, Any]) -> Any:
    """The first row of a statement that is a transaction by itself: committed, and on the disk, when this returns.

    BEGIN and COMMIT would be two more journeys to the server, and a session half of the time. A session that is at work
    already is used, and commits.
    """
    bind = db.sessionmaker.kw["bind"]
    if not isinstance(bind, sa.Engine) or (db.begun and db.session.in_transaction()):
        with transaction(db.session):
            return db.session.connection().exec_driver_sql(statement, told).first()
    pooled: Any = None
    try:
        pooled = bind.raw_connection()
        driver = pooled.driver_connection
        driver.autocommit = True
        row = driver.execute(statement, told).fetchone()
        driver.autocommit = False
    except BaseException as wrong:
        if pooled is not None:
            pooled.invalidate()  # what was begun on it is nobody's business any more
        if isinstance(wrong, _AWAY):
            raise Unavailable from wrong
        raise
    pooled.close()
    return row


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
        and len(answer) <= _PARTS
        and all(isinstance(part, str) and 0 < len(part) <= _LONGEST and can_be_kept(part) for part in answer)
    )


def _is_uuid(text: Any) -> bool:
    if not isinstance(text, str) or len(text) != 36:
        return False
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
