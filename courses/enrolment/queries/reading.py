"""How far people are in lessons, from all that their devices told; for many lessons at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import orm

from courses.curricula.models import Course, Lesson, LessonAttachment
from courses.enrolment.models import (
    Enrolment,
    LessonCompletion,
    LessonEvent,
    LessonSupplement,
    PlayingPlace,
    WatchedPiece,
)
from courses.enrolment.rules import EventKind, Happening, Stand, is_right, stand
from courses.enrolment.rules.watching import Verdict, Watched, union
from courses.enrolment.rules.worth import Window
from lms.db import db

#: All of a lesson but its text.
_WITHOUT_TEXT = (
    *(Lesson.version_id, Lesson.position, Lesson.code, Lesson.title, Lesson.title_en),
    *(Lesson.minutes, Lesson.self_check, Lesson.asks),
)


@dataclass(frozen=True)
class InHand:
    """A lesson somebody learns, and in which enrolment."""

    enrolment: Enrolment
    lesson: Lesson

    @property
    def key(self) -> tuple[int, int]:
        """By which it is found."""
        return self.enrolment.id, self.lesson.id


@dataclass(frozen=True)
class Standing:
    """How far somebody is in a lesson, and what it has been worth."""

    stand: Stand
    happenings: Sequence[Happening]
    completion: LessonCompletion | None
    more: Sequence[LessonSupplement]
    place: PlayingPlace | None

    @property
    def minutes(self) -> int:
        """All minutes that were given for it."""
        return (self.completion.minutes if self.completion else 0) + sum(one.minutes for one in self.more)

    @property
    def offline_minutes(self) -> int:
        """Of these, those learned without network."""
        first = self.completion.offline_minutes if self.completion else 0
        return first + sum(one.offline_minutes for one in self.more)


def begun_by(person_id: int, codes: Iterable[str]) -> dict[str, Enrolment]:
    """The enrolments of a person in these courses."""
    query = (
        sa.select(Course.code, Enrolment)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.person_id == person_id, Course.code.in_(list(codes)))
    )
    return dict(db.session.execute(query).all())


def lessons_of(version_ids: Iterable[int]) -> dict[tuple[int, str], Lesson]:
    """All lessons of some versions by version and code, without their texts, with their files."""
    query = (
        sa.select(Lesson)
        .where(Lesson.version_id.in_(list(version_ids)))
        .options(orm.load_only(*_WITHOUT_TEXT), orm.selectinload(Lesson.attachments))
    )
    return {(one.version_id, one.code): one for one in db.session.scalars(query)}


def standings(in_hand: Sequence[InHand]) -> dict[tuple[int, int], Standing]:
    """How far their owners are in these lessons."""
    events, pieces = _events(in_hand), _pieces(in_hand)
    done = {(one.enrolment_id, one.lesson_id): one for one in db.session.scalars(_where(LessonCompletion, in_hand))}
    more = _supplements(list(done.values()))
    places = {(one.enrolment_id, one.lesson_id): one for one in db.session.scalars(_where(PlayingPlace, in_hand))}
    found = {}
    for one in in_hand:
        happenings = [_happening(event, one.lesson) for event in events[one.key]]
        happenings += [_played(piece) for piece in pieces[one.key]]
        made = stand(
            happenings,
            minutes=one.lesson.minutes,
            questions=len(one.lesson.self_check),
            asks=one.lesson.asks,
            watched=_watched(one.lesson.attachments, pieces[one.key]),
        )
        completion = done.get(one.key)
        extra = more[completion.id] if completion else []
        found[one.key] = Standing(made, happenings, completion, extra, places.get(one.key))
    return found


def standing(enrolment: Enrolment, lesson: Lesson) -> Standing:
    """How far somebody is in one lesson."""
    one = InHand(enrolment, lesson)
    return standings([one])[one.key]


M = TypeVar("M", LessonEvent, LessonCompletion, WatchedPiece, PlayingPlace)


def _where(model: type[M], in_hand: Sequence[InHand]) -> sa.Select[M]:
    enrolments, lessons = {one.enrolment.id for one in in_hand}, {one.lesson.id for one in in_hand}
    return sa.select(model).where(model.enrolment_id.in_(enrolments), model.lesson_id.in_(lessons))


#: As plain rows: a device may have told thousands.
_EVENT = (
    *(LessonEvent.enrolment_id, LessonEvent.lesson_id, LessonEvent.kind, LessonEvent.anchor),
    *(LessonEvent.question, LessonEvent.chosen, LessonEvent.ago_seconds, LessonEvent.received_at),
)


def _events(in_hand: Sequence[InHand]) -> dict[tuple[int, int], list[Any]]:
    found: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for one in db.session.execute(_where(LessonEvent, in_hand).with_only_columns(*_EVENT)):
        found[one[0], one[1]].append(one)
    return found


def _pieces(in_hand: Sequence[InHand]) -> dict[tuple[int, int], list[WatchedPiece]]:
    found: dict[tuple[int, int], list[WatchedPiece]] = defaultdict(list)
    for one in db.session.scalars(_where(WatchedPiece, in_hand)):
        found[one.enrolment_id, one.lesson_id].append(one)
    return found


def _supplements(completions: Sequence[LessonCompletion]) -> dict[int, list[LessonSupplement]]:
    found: dict[int, list[LessonSupplement]] = defaultdict(list)
    ids = [one.id for one in completions]
    if not ids:
        return found
    for one in db.session.scalars(sa.select(LessonSupplement).where(LessonSupplement.completion_id.in_(ids))):
        found[one.completion_id].append(one)
    return found


def _happening(event: Any, lesson: Lesson) -> Happening:
    _, _, kind, anchor, question, chosen, ago, received_at = event
    right = False
    if question is not None and question < len(lesson.self_check):
        right = is_right(chosen or (), lesson.self_check[question]["right"])
    return Happening(EventKind(kind), received_at, timedelta(seconds=ago), anchor, question, right)


def _played(piece: WatchedPiece) -> Happening:
    return Happening(EventKind.WATCHED, piece.received_at, timedelta(seconds=piece.ago_seconds))


def _watched(attachments: Iterable[LessonAttachment], pieces: Iterable[WatchedPiece]) -> dict[int, Watched]:
    """What of each film and sound that says how long it is was watched."""
    counted: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for piece in pieces:
        if piece.verdict == Verdict.COUNTS:
            counted[piece.attachment_id].append((piece.start_ms, piece.stop_ms))
    films = [one for one in attachments if one.plays and one.seconds]
    return {one.id: Watched(one.seconds or 0, union(counted[one.id])) for one in films}


def windows(person_id: int) -> list[Window]:
    """All that a person was given minutes for, and when it was learned."""
    supplements, completions = (
        sa.select(of.opened_at, of.completed_at, of.minutes).where(of.person_id == person_id, of.minutes > 0)
        for of in (LessonSupplement, LessonCompletion)
    )
    return [Window(*row) for query in (completions, supplements) for row in db.session.execute(query)]


def spoken_for(person_id: int, since: datetime) -> list[tuple[datetime, datetime]]:
    """The time a person played films in, as far as it counts."""
    query = sa.select(WatchedPiece.began_at, WatchedPiece.ended_at).where(
        WatchedPiece.person_id == person_id, WatchedPiece.ended_at >= since, WatchedPiece.verdict == Verdict.COUNTS
    )
    return [(began, ended) for began, ended in db.session.execute(query)]


def first_heard(in_hand: Sequence[InHand]) -> dict[tuple[int, int], datetime]:
    """When the server first heard of these lessons."""
    found: dict[tuple[int, int], datetime] = {}
    events, watched = _where(LessonEvent, in_hand), _where(WatchedPiece, in_hand)
    for query in (_firsts(LessonEvent, events), _firsts(WatchedPiece, watched)):
        for enrolment, lesson, at in db.session.execute(query):
            key = (enrolment, lesson)
            found[key] = min(at, found.get(key, at))
    return found


def _firsts(of: type[LessonEvent] | type[WatchedPiece], rows: sa.Select[Any]) -> sa.Select[int, int, datetime]:
    key = of.enrolment_id, of.lesson_id
    return rows.with_only_columns(*key, sa.func.min(of.received_at)).group_by(*key)
