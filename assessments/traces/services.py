"""Sending a trace, as one's own practice or for a doctor one watched; taking one back."""

import zlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from assessments.results.models import Result, ResultKind
from assessments.results.policy import Results
from assessments.results.services import Evidence, record
from assessments.traces import formats, queries
from assessments.traces.events import TraceMeasured, TraceWithdrawn
from assessments.traces.models import SkillTrace, TraceTargetVersion, TraceWithdrawal
from assessments.traces.policy import Traces
from assessments.traces.rules import signal, words
from assessments.traces.rules.drawing import drawn
from assessments.traces.rules.judging import is_evidence, judge, percent
from assessments.traces.rules.targets import Targets
from courses.mentoring.models import Pairing
from lms import clock
from lms.authz import Actor
from lms.db import Everything, act_as, db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell
from lms.web.intake import Taken

#: On whose behalf a trace becomes evidence.
RECORDER = Actor.job("traces.record", Results.RECORD)
SOURCE = "skill_trace"
#: A file may lie on the manikin's computer for so long; later nobody knows any more whose run it was.
OLDEST_DAYS = 366
LONGEST_REASON = 400


@dataclass(frozen=True)
class Run:
    """What is sent: the file, the day of the run, and against what it is to be judged."""

    taken: Taken
    version: TraceTargetVersion
    done_on: date


@dataclass(frozen=True)
class _Whose:
    """The doctor of a trace."""

    person_id: int
    institution_id: int
    name: str
    since: date | None = None


@service(needs=Traces.PRACTISE)
def practise(actor: Actor, on: None, *, run: Run) -> SkillTrace:
    """Send a trace of one's own: for the report and the trend, never evidence."""
    me = db.session.get_one(Person, actor.person_id)
    return _keep(actor, _Whose(me.id, me.institution_id, me.name), run, sent_by=me.name)


@service(needs=Traces.MEASURE)
def measure(actor: Actor, on: Pairing | Person, *, run: Run) -> SkillTrace:
    """Send the trace of a doctor whom one watched: one's apprentice, or a doctor of one's own area as an officer."""
    if isinstance(on, Pairing):
        whose = _Whose(on.person_id, on.institution_id, on.apprentice_name, on.agreed_from)
    else:
        whose = _Whose(on.id, on.institution_id, on.name)
    if whose.person_id == actor.person_id:
        raise Invalid(_("Nobody supervises themselves. Send it as your own practice."))
    sender = db.session.get_one(Person, actor.person_id)
    trace = _keep(actor, whose, run, sent_by=sender.name)
    if trace.counts and trace.version.target.technique_id is not None:
        publish(TraceMeasured(trace.id))
    return trace


def _keep(actor: Actor, whose: _Whose, run: Run, *, sent_by: str) -> SkillTrace:
    today = clock.today()
    if run.done_on > today or (today - run.done_on).days > OLDEST_DAYS:
        raise Invalid(_("The day of the run lies within the last year, and not in days to come."), field="done_on")
    if whose.since is not None and run.done_on < whose.since:
        raise Invalid(_("The run was before the pair began."), field="done_on")
    read = formats.read(run.taken.data)
    values = _measured(read, Targets.of(run.version.body))
    row = SkillTrace(
        person_id=whose.person_id,
        institution_id=whose.institution_id,
        doctor_name=whose.name,
        supervised=whose.person_id != actor.person_id,
        sent_by_id=actor.person_id,
        sent_by_name=sent_by,
        target_version_id=run.version.id,
        done_on=run.done_on,
        file_name=run.taken.name,
        size=len(run.taken.data),
        readings=read.readings,
        sha256=bytes.fromhex(run.taken.sha256),
        digest=bytes.fromhex(read.digest),
        edition=_edition(read.digest, whose.person_id),
        content=zlib.compress(run.taken.data, 6),
        **values,
    )
    db.session.add(row)
    db.session.flush()
    tell(
        trace=row.id, person=row.person_id, sha256=run.taken.sha256, percent=str(row.percent), supervised=row.supervised
    )
    return row


def _measured(read: formats.Read, targets: Targets) -> dict[str, Any]:
    """What is kept of a trace beside its file; raises Invalid where there is nothing to measure."""
    try:
        found = signal.find(read.trace, targets)
    except signal.Unmeasurable as refused:
        raise Invalid(words.refused(refused.wrong), field="file") from None
    figures = signal.measure(found, targets)
    findings = judge(figures, targets)
    return {
        "percent": percent(findings),
        "counts": is_evidence(figures, targets),
        "measured": {
            "rules": signal.RULES,
            "figures": asdict(figures),
            "findings": [asdict(one) | {"share": str(one.share)} for one in findings],
            "missing": signal.missing_seconds(read.trace),
        },
        "drawn": drawn(read.trace, found, targets),
    }


def _edition(digest: str, person_id: int) -> int:
    """Which time this trace is sent; raises Conflict while it stands, for whomever."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"trace:{digest}", 0))))
    table, gone = SkillTrace.__table__.c, TraceWithdrawal.__table__.c
    query = (
        sa.select(table.person_id, table.done_on, gone.id.label("withdrawn"))
        .outerjoin_from(SkillTrace.__table__, TraceWithdrawal.__table__, gone.trace_id == table.id)
        .where(table.digest == bytes.fromhex(digest))
    )
    before = db.session.execute(query, execution_options=Everything).all()
    for one in before:
        if one.withdrawn is None and one.person_id == person_id:
            raise Conflict(_("This trace has been sent already; it is the one of %(day)s.", day=one.done_on))
        if one.withdrawn is None:
            raise Conflict(_("This very trace has been sent for somebody else. A trace belongs to whoever made it."))
    return len(before) + 1


@service(needs=Traces.WITHDRAW, tells=("reason",))
def withdraw(actor: Actor, trace: SkillTrace, *, reason: str) -> TraceWithdrawal:
    """Take a trace back, with the reason: it stays readable, counts no longer, and may be sent anew."""
    clean = reason.strip()
    if not clean or len(clean) > LONGEST_REASON or "\x00" in clean:
        raise Invalid(_("Say why, in 400 characters at most."), field="reason")
    _lock(trace.id)
    if queries.withdrawal(trace) is not None:
        raise Conflict(_("This trace has been taken back already."))
    row = TraceWithdrawal(
        person_id=trace.person_id,
        institution_id=trace.institution_id,
        trace_id=trace.id,
        reason=clean,
        by_id=actor.person_id,
        by_name=db.session.get_one(Person, actor.person_id).name,
    )
    db.session.add(row)
    db.session.flush()
    if trace.supervised:
        publish(TraceWithdrawn(trace.id))
    tell(trace=trace.id, person=trace.person_id)
    return row


def _lock(trace_id: int) -> None:
    """One at a time about one trace; its row itself cannot be locked, because nobody may change it."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"skill_trace:{trace_id}", 0))))


def record_result(event: dict[str, Any]) -> None:
    """Hear of a supervised trace and write the evidence down; not of one taken back in the meantime."""
    act_as(db.session, RECORDER)
    _lock(event["trace_id"])
    trace = db.session.get_one(SkillTrace, event["trace_id"])
    if queries.withdrawal(trace) is None:
        record(RECORDER, db.session.get_one(Person, trace.person_id), evidence=_evidence(trace))


def take_back(event: dict[str, Any]) -> None:
    """Hear that a supervised trace was taken back; where it was evidence, the evidence loses its value."""
    act_as(db.session, RECORDER)
    _lock(event["trace_id"])
    trace = db.session.get_one(SkillTrace, event["trace_id"])
    mine = sa.select(Result.id).where(Result.source_kind == SOURCE, Result.source_id == str(trace.id))
    gone = queries.withdrawal(trace)
    if gone is not None and db.session.scalar(mine.limit(1)) is not None:
        person = db.session.get_one(Person, trace.person_id)
        record(RECORDER, person, evidence=_evidence(trace, withdrawn=gone.reason))


def _evidence(trace: SkillTrace, withdrawn: str = "") -> Evidence:
    source: dict[str, Any] = {
        "trace": trace.id,
        "sha256": trace.sha256.hex(),
        "target": trace.version.content_hash.hex(),
        "percent": str(trace.percent),
        "rules": trace.measured["rules"],
    }
    return Evidence(
        kind=ResultKind.SIMULATED_CASE,
        on_day=trace.done_on,
        source_kind=SOURCE,
        source_id=str(trace.id),
        source=source | ({"withdrawn": withdrawn} if withdrawn else {}),
        value=None if withdrawn else trace.percent,
        technique_id=trace.version.target.technique_id,
        assessor_id=trace.sent_by_id,
        reason=withdrawn,
    )
