"""The verbs of what devices tell: keep it once, judge it, and draw the consequences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from courses.curricula.models import Lesson
from courses.enrolment.events import CourseCompleted, LessonCompleted, MinutesAdded
from courses.enrolment.formats import SentEvent, SentFromAnywhere
from courses.enrolment.models import (
    CourseCompletion,
    Enrolment,
    LessonCompletion,
    LessonEvent,
    LessonSupplement,
    PlayingPlace,
    WatchedPiece,
)
from courses.enrolment.policy import Enrolments
from courses.enrolment.queries import reading as queries
from courses.enrolment.queries.reading import InHand, Standing
from courses.enrolment.rules import EventKind, happened_before
from courses.enrolment.rules.watching import OneAtATime, Piece
from courses.enrolment.rules.worth import Window, offline_part, worth
from lms.authz import Actor
from lms.db import Everything, db
from lms.db.many import insert_many
from lms.events import publish
from lms.people.models import Person
from lms.service import service, tell

#: Rows of answers in one statement.
_AT_ONCE = 1000


@dataclass(frozen=True)
class Told:
    """One event and what it is about."""

    about: InHand
    event: SentEvent


@dataclass(frozen=True)
class Answer:
    """What is kept of what was sent, what never can be, and the lessons it was about."""

    acknowledged: Sequence[str]
    refused: Sequence[dict[str, str]]
    lessons: Sequence[InHand]


@service(needs=Enrolments.LEARN)
def record(actor: Actor, enrolment: Enrolment, *, lesson: Lesson, events: Sequence[SentEvent]) -> Answer:
    """Keep what the page of a lesson tells; names the ids that are kept, however often they came."""
    about = InHand(enrolment, lesson)
    return _keep(enrolment.person_id, [Told(about, event) for event in events], [about])


@service(needs=Enrolments.LEARN)
def synchronise(actor: Actor, person: Person, *, events: Sequence[SentFromAnywhere]) -> Answer:
    """Keep what a device gathered, of any lessons, in any order; what is of no lesson the person began is refused."""
    begun = queries.begun_by(person.id, {event.course for event in events})
    lessons = queries.lessons_of({one.version_id for one in begun.values()})
    known: dict[tuple[str, str], InHand] = {}
    told, unknown = [], []
    for event in events:
        enrolment = begun.get(event.course)
        lesson = lessons.get((enrolment.version_id, event.lesson)) if enrolment else None
        if enrolment is None or lesson is None:
            unknown.append({"id": str(event.id), "why": "unknown"})
            continue
        about = known.setdefault((event.course, event.lesson), InHand(enrolment, lesson))
        told.append(Told(about, event))
    kept = _keep(person.id, told, list(known.values())) if told else Answer([], [], [])
    return Answer(kept.acknowledged, [*unknown, *kept.refused], kept.lessons)


def _keep(person_id: int, told: Sequence[Told], about: Sequence[InHand]) -> Answer:
    _one_at_a_time(person_id)
    now = db.session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    sent = {one.event.id: one for one in told}
    strangers = {name for name, one in sent.items() if not _may_be(one)}
    fresh = [sent[name] for name in sent.keys() - _kept(sent.keys()).keys() - strangers]
    _keep_events([one for one in fresh if _is_event(one)])
    _keep_pieces(person_id, [one for one in fresh if one.event.kind is EventKind.WATCHED], now)
    _keep_places([one for one in told if one.event.at is not None and one.event.id not in strangers], now)
    _conclude(person_id, about)
    owners = _kept(sent.keys())
    passing = {name for name, one in sent.items() if one.event.at is not None} - strangers
    mine = {name for name, owner in owners.items() if owner == person_id} | passing
    refused = [{"id": str(one), "why": "unknown"} for one in sent.keys() - mine]
    return Answer([str(one) for one in mine], refused, about)


def _one_at_a_time(person_id: int) -> None:
    """Two devices of one person at once must not both find the same minutes unspent."""
    mine = sa.select(Enrolment.id).where(Enrolment.person_id == person_id).order_by(Enrolment.id)
    db.session.execute(mine.with_for_update())


def _is_event(one: Told) -> bool:
    return one.event.kind is not EventKind.WATCHED and one.event.at is None


def _may_be(one: Told) -> bool:
    """What is told of a film must be of a film of this lesson, and not go past its end by more than a second."""
    event = one.event
    if event.media is None:
        return True
    film = next((file for file in one.about.lesson.attachments if file.id == event.media and file.plays), None)
    end = max(event.stop or 0, event.at or 0)
    return film is not None and (film.seconds is None or end <= film.seconds * 1000 + 1500)


def _kept(names: Iterable[UUID]) -> dict[UUID, int]:
    """Which of these are kept already, and whose they are."""
    wanted = sa.literal(list(names), pg.ARRAY(sa.Uuid))
    found: dict[UUID, int] = {}
    for model in (LessonEvent, WatchedPiece):
        query = sa.select(model.id, model.person_id).where(model.id == sa.any_(wanted))
        found |= dict(db.session.execute(query, execution_options=Everything).all())
    return found


def _row(one: Told) -> dict[str, Any]:
    return {
        "id": one.event.id,
        "person_id": one.about.enrolment.person_id,
        "institution_id": one.about.enrolment.institution_id,
        "enrolment_id": one.about.enrolment.id,
        "lesson_id": one.about.lesson.id,
        "ago_seconds": one.event.ago_seconds,
    }


def _keep_events(fresh: Sequence[Told]) -> None:
    rows = [_row(one) | {"kind": one.event.kind.value, "anchor": one.event.anchor} for one in fresh]
    plain = [row for row, one in zip(rows, fresh, strict=True) if one.event.question is None]
    if plain:
        db.session.execute(insert_many(LessonEvent, plain).on_conflict_do_nothing(), execution_options=Everything)
    answers = [
        row | {"question": one.event.question, "chosen": one.event.chosen}
        for row, one in zip(rows, fresh, strict=True)
        if one.event.question is not None
    ]
    for first in range(0, len(answers), _AT_ONCE):
        insert = pg.insert(LessonEvent).values(answers[first : first + _AT_ONCE]).on_conflict_do_nothing()
        db.session.execute(insert, execution_options=Everything)


def _keep_pieces(person_id: int, fresh: Sequence[Told], now: datetime) -> None:
    """Judge pieces in the order in which they were played, beside all that this person played then."""
    if not fresh:
        return
    heard = queries.first_heard(list({one.about.key: one.about for one in fresh}.values()))
    played = sorted(((_piece(one.event, now), one) for one in fresh), key=lambda pair: pair[0].ended_at)
    times = OneAtATime(queries.spoken_for(person_id, min(piece.began_at for piece, _ in played)))
    rows = [
        _row(one)
        | {
            "attachment_id": one.event.media,
            "start_ms": piece.start,
            "stop_ms": piece.stop,
            "began_at": piece.began_at,
            "ended_at": piece.ended_at,
            "verdict": times.judge(piece, heard=heard.get(one.about.key, now)).value,
        }
        for piece, one in played
    ]
    db.session.execute(insert_many(WatchedPiece, rows).on_conflict_do_nothing(), execution_options=Everything)


def _piece(event: SentEvent, now: datetime) -> Piece:
    ended = now - timedelta(seconds=event.ago_exactly)
    began = ended - timedelta(milliseconds=event.took or 0)
    return Piece(event.start or 0, event.stop or 0, began, ended)


def _keep_places(told: Sequence[Told], now: datetime) -> None:
    newest: dict[tuple[int, int], Told] = {}
    for one in sorted(told, key=lambda one: -one.event.ago_exactly):
        newest[one.about.key] = one
    if not newest:
        return
    rows = [
        {name: value for name, value in _row(one).items() if name not in {"id", "ago_seconds"}}
        | {
            "attachment_id": one.event.media,
            "at_ms": one.event.at,
            "made_at": now - timedelta(seconds=one.event.ago_exactly),
        }
        for _, one in sorted(newest.items())
    ]
    insert = insert_many(PlayingPlace, rows)
    later = {name: insert.excluded[name] for name in ("attachment_id", "at_ms", "made_at")}
    insert = insert.on_conflict_do_update(
        index_elements=["enrolment_id", "lesson_id"], set_=later, where=PlayingPlace.made_at < insert.excluded.made_at
    )
    db.session.execute(insert, execution_options=Everything)


# ---- consequences ------------------------------------------------------------------------------


def _conclude(person_id: int, about: Sequence[InHand]) -> None:
    """Complete the lessons whose rule is met, the earliest first, and with its last lesson a course."""
    known = queries.standings(about)
    ready = [one for one in about if known[one.key].stand.complete]
    if not ready:
        return
    given = queries.windows(person_id)
    finished = {}
    for one in sorted(ready, key=lambda one: known[one.key].stand.latest_at or datetime.max):
        standing = known[one.key]
        if standing.completion is None:
            given.append(_complete(one, standing, given))
            finished[one.enrolment.id] = one.enrolment
        else:
            given += _supplement(one, standing, standing.completion, given)
    for enrolment in finished.values():
        _complete_course(enrolment)


def _most(one: InHand, standing: Standing) -> timedelta:
    """What a lesson can be worth: what it states, less what of its films was not watched, less what was given."""
    unseen = sum((film.missing for film in standing.stand.watched.values()), timedelta(0))
    return timedelta(minutes=one.lesson.minutes - standing.minutes) - unseen


def _complete(one: InHand, standing: Standing, given: Sequence[Window]) -> Window:
    opened, done = standing.stand.opened_at, standing.stand.latest_at
    assert opened is not None and done is not None  # noqa: PT018 - complete says so
    minutes = worth(opened, done, most=_most(one, standing), others=given)
    made = LessonCompletion(
        person_id=one.enrolment.person_id,
        institution_id=one.enrolment.institution_id,
        enrolment_id=one.enrolment.id,
        lesson_id=one.lesson.id,
        opened_at=opened,
        completed_at=done,
        minutes=minutes,
        offline_minutes=offline_part(minutes, standing.stand.offline),
    )
    db.session.add(made)
    db.session.flush()
    tell(lesson=one.lesson.code, minutes=minutes)
    publish(LessonCompleted(made.id, made.person_id, minutes))
    return Window(opened, done, minutes)


def _supplement(one: InHand, standing: Standing, done: LessonCompletion, given: Sequence[Window]) -> list[Window]:
    """Minutes spent before the lesson was complete that another device tells only now."""
    before = happened_before(standing.happenings, done.completed_at, minutes=one.lesson.minutes)
    if before is None or before.opened_at >= done.opened_at:
        return []
    minutes = worth(before.opened_at, done.completed_at, most=_most(one, standing), others=given)
    if not minutes:
        return []
    made = LessonSupplement(
        person_id=done.person_id,
        institution_id=done.institution_id,
        completion_id=done.id,
        opened_at=before.opened_at,
        completed_at=done.completed_at,
        minutes=minutes,
        offline_minutes=offline_part(minutes, before.offline),
    )
    db.session.add(made)
    db.session.flush()
    tell(lesson=one.lesson.code, more_minutes=minutes)
    publish(MinutesAdded(made.id, made.person_id, minutes))
    return [Window(made.opened_at, made.completed_at, minutes)]


def _complete_course(enrolment: Enrolment) -> None:
    open_ones = sa.select(Lesson.id).where(
        Lesson.version_id == enrolment.version_id,
        ~sa.exists().where(LessonCompletion.enrolment_id == enrolment.id, LessonCompletion.lesson_id == Lesson.id),
    )
    if db.session.scalar(open_ones.limit(1)) is not None:
        return
    db.session.add(
        CourseCompletion(
            person_id=enrolment.person_id, institution_id=enrolment.institution_id, enrolment_id=enrolment.id
        )
    )
    publish(CourseCompleted(enrolment.id, enrolment.person_id, enrolment.version_id))
