"""Regrades: what another key would do, whom it touches, and what has been proposed, released and withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import CertificateDoubt
from assessments.certification.queries import doubts
from assessments.exams.models import Decided, Exam, ExamDecision, ExamScore, Regrade, RegradeEnd, ScoreRun
from assessments.exams.queries import marking, scores
from assessments.exams.rules import regrading
from assessments.exams.rules.regrading import Change
from assessments.exams.rules.scoring import Key
from assessments.results.models import Result
from lms.authz import only
from lms.db import Everything, db
from lms.people.models import Person


@dataclass(frozen=True)
class DryRun:
    """What another key would do: the whole marking, who changes, and the hash of both."""

    marking: scores.Marking
    changes: list[Change]
    hash: bytes

    @property
    def counts(self) -> dict[str, int]:
        """How many lose and gain a pass, and how many others go down and up."""
        return regrading.counted(self.changes)


def dry_run(exam: Exam, run: ScoreRun, key: Key, dropped: frozenset[int], key_hash: bytes) -> DryRun:
    """Mark the exam by another key, hold it against the run that stands, and write nothing."""
    found = scores.marked_by(exam, key, dropped)
    before, persons = scores.marks_of(run)
    after = found.marks(exam)
    return DryRun(found, regrading.changes(before, after, persons), regrading.dry_hash(key_hash, before, after))


def dry_run_of(regrade: Regrade) -> DryRun:
    """The dry run of a proposed regrade, worked out anew."""
    key = regrade.key
    return dry_run(regrade.exam, regrade.from_run, marking.key_of(key), frozenset(key.dropped), key.content_hash)


def changes_of(regrade: Regrade) -> list[Change]:
    """Who changes, as it was proposed."""
    return [Change.of(one) for one in regrade.changes]


@dataclass(frozen=True)
class Affected:
    """A certificate that rests on a mark that changes, and the officers' word on it where there is one."""

    touched: doubts.Touched
    doubt: CertificateDoubt | None


def certificates(changes: Sequence[Change]) -> list[Affected]:
    """Every issued certificate that rests on one of these marks; those that no longer carry their star first."""
    results = _results([one.attempt for one in changes])
    after = {one.attempt: one.after for one in changes}
    found = doubts.resting_on(db.session, {row.id: doubts.New(after[row.source_id]) for row in results})
    said = {one.certificate_id: one for one in doubts.about_results(db.session, [row.id for row in results])}
    affected = [Affected(one, said.get(one.certificate.id)) for one in found]
    return sorted(affected, key=lambda one: (one.touched.holds, one.touched.certificate.id))


def _results(attempts: Sequence[str]) -> list[Result]:
    """Every version of the results that rest on these attempts: a certificate may rest on an older one."""
    query = sa.select(Result).where(Result.source_kind == "exam_attempt", Result.source_id.in_(attempts))
    return list(db.session.scalars(query.order_by(Result.id), execution_options=Everything))


def names_of(persons: Sequence[int]) -> Mapping[int, str]:
    """The names of candidates and officers of an exam that may be read, wherever they are now."""
    query = sa.select(Person.id, Person.name).where(Person.id.in_(set(persons)))
    rows: Any = db.session.execute(query, execution_options=Everything)
    return dict(rows.all())


def of_exam(exam: Exam) -> list[Regrade]:
    """All regrades of an exam, newest first."""
    query = sa.select(Regrade).where(Regrade.exam_id == exam.id).order_by(Regrade.id.desc())
    return list(db.session.scalars(query.options(orm.joinedload(Regrade.end), orm.joinedload(Regrade.key))))


def open_of(exam: Exam) -> Regrade | None:
    """The regrade that waits for a second officer."""
    ended = sa.exists().where(RegradeEnd.regrade_id == Regrade.id)
    return db.session.scalar(sa.select(Regrade).where(Regrade.exam_id == exam.id, ~ended))


def regrade_by(exam: int, number: int) -> Regrade:
    """A regrade of an exam, by its address."""
    query = sa.select(Regrade).where(Regrade.id == number, Regrade.exam_id == exam)
    return only(db.session.scalar(query))  # type: ignore[no-any-return]


def released_at(run: ScoreRun) -> datetime | None:
    """When a run was released, at first or as a regrade."""
    first = sa.select(ExamDecision.at).where(
        ExamDecision.exam_id == run.exam_id,
        ExamDecision.decided == Decided.RELEASE,
        ExamDecision.content_hash == run.input_hash,
    )
    again = sa.select(RegradeEnd.at).where(RegradeEnd.run_id == run.id)
    query = sa.union_all(again, first).limit(1)
    return db.session.scalar(query, execution_options=Everything)


@dataclass(frozen=True)
class Changed:
    """That a candidate's own mark was changed by a regrade, when and why."""

    change: Change
    reason: str
    at: datetime


def changed_for(attempt_id: UUID) -> list[Changed]:
    """What regrades have done to one attempt, newest first; for its candidate, who may not see the regrade itself."""
    query = (
        sa.select(Regrade.changes, Regrade.reason, RegradeEnd.at)
        .join(RegradeEnd, RegradeEnd.regrade_id == Regrade.id)
        .join(ExamScore, ExamScore.run_id == RegradeEnd.run_id)
        .where(ExamScore.attempt_id == attempt_id)
        .order_by(RegradeEnd.id.desc())
    )
    found = []
    for changes, reason, at in db.session.execute(query, execution_options=Everything):
        own = next((one for one in changes if one["attempt"] == str(attempt_id)), None)
        if own is not None:
            found.append(Changed(Change.of(own), reason, at))
    return found
