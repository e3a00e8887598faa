"""Beginning a consultation, doing things in it, ending it; and what is heard of its end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.results.models import ResultKind
from assessments.results.policy import Results
from assessments.results.services import Evidence
from assessments.results.services import record as record_evidence
from assessments.simulation import queries, rules
from assessments.simulation.events import CaseHandedIn
from assessments.simulation.formats import SentAct
from assessments.simulation.models import CaseAct, CaseFinish, CaseRun, SimulatedCase
from assessments.simulation.policy import Cases
from assessments.simulation.rules import REVOCABLE, RULES, Happened
from courses.hours.policy import Hours
from courses.hours.rules import HoursKind
from courses.hours.services import Earned, credit, holder
from lms import clock
from lms.authz import Actor
from lms.db import Everything, act_as, db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell

#: On whose behalf an ended consultation becomes hours and evidence: it proves itself by its events.
BOOKKEEPER = Actor.job("simulation.hours", Hours.CREDIT)
RECORDER = Actor.job("simulation.results", Results.RECORD)


@service(needs=Cases.PLAY)
def begin(actor: Actor, case: SimulatedCase) -> CaseRun:
    """Begin a consultation on the newest version of a case; who has one open goes on with it."""
    person = db.session.get_one(Person, actor.person_id)
    standing = queries.open_run(person.id, case.id)
    if standing is not None:
        return standing
    if case.retired:
        raise Conflict(_("This case is no longer played. Choose another one."))
    values = {
        "person_id": person.id,
        "institution_id": person.institution_id,
        "case_id": case.id,
        "version_id": queries.newest_version_id(case.id),
    }
    insert = pg.insert(CaseRun).values(values)
    insert = insert.on_conflict_do_nothing(
        index_elements=["person_id", "case_id"], index_where=CaseRun.handed_in_at.is_(None)
    )
    db.session.execute(insert, execution_options=Everything)
    run = queries.open_run(person.id, case.id)
    if run is None:
        raise Conflict(_("This consultation was ended on another page just now. Begin again."))
    tell(case=case.code, run=run.id)
    return run


@service(needs=Cases.GO_ON)
def act(actor: Actor, run: CaseRun, *, sent: Sequence[SentAct]) -> list[str]:
    """Keep what was done, in the order given; the ids that are kept, however often they came."""
    _lock(run)
    if run.handed_in_at is not None:
        raise Conflict(_("This consultation has ended. What came later does not count."))
    sections = queries.sections_of(run.version.scene)
    rows = [_row(run, one, sections) for one in {one.id: one for one in sent}.values()]
    if rows:
        insert = pg.insert(CaseAct).values(rows).on_conflict_do_nothing(index_elements=["id"])
        db.session.execute(insert, execution_options=Everything)
        tell(run=run.id, acts=len(rows))
    kept = sa.select(CaseAct.id).where(CaseAct.id.in_([one.id for one in sent]), CaseAct.run_id == run.id)
    return [str(one) for one in db.session.scalars(kept)]


def _row(run: CaseRun, sent: SentAct, sections: dict[str, rules.Section]) -> dict[str, Any]:
    section = sections.get(sent.act)
    if section is None:
        raise Invalid(_("There is no such step in this case. Reload the page."), field=sent.act)
    if sent.happened is Happened.TAKEN_BACK and section not in REVOCABLE:
        raise Invalid(_("What was asked or examined cannot be taken back."), field=sent.act)
    return {
        "id": sent.id,
        "person_id": run.person_id,
        "institution_id": run.institution_id,
        "run_id": run.id,
        "section": section.value,
        "act": sent.act,
        "happened": sent.happened.value,
    }


@service(needs=Cases.GO_ON)
def hand_in(actor: Actor, run: CaseRun) -> CaseFinish:
    """End the consultation, score it and say what it earns; ending it again changes nothing."""
    _lock(run)
    standing = queries.finish_of(run)
    if standing is not None:
        return standing
    events = queries.events_of(run)
    if not events:
        raise Conflict(_("Nothing has been done yet. Ask or examine something first."))
    scored = rules.score(queries.key_of(run.version_id), rules.standing((e.act, e.happened) for e in events))
    now = _database_now()
    minutes = rules.spent(events[0].at, now, expected=run.version.scene["minutes"])
    reason = rules.uncredited(now, queries.last_credited(run.person_id, run.case_id))
    made = CaseFinish(
        person_id=run.person_id,
        institution_id=run.institution_id,
        run_id=run.id,
        percent=scored.percent,
        critical=scored.critical,
        scores=scored.plain(),
        rules=RULES,
        input_hash=rules.input_hash(run.version.content_hash, [(str(e.id), e.act, e.happened) for e in events]),
        minutes=minutes,
        credited=0 if reason else minutes,
        uncredited=reason,
    )
    db.session.add(made)
    run.handed_in_at = now
    db.session.flush()
    publish(CaseHandedIn(run.id, run.person_id))
    tell(case=run.case.code, run=run.id, percent=str(made.percent), input=made.input_hash.hex())
    return made


def _lock(run: CaseRun) -> None:
    """One act after another, from however many pages they come."""
    db.session.refresh(run, ["handed_in_at"], with_for_update=True)


def _database_now() -> datetime:
    now: datetime = db.session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return now


def enter_hours(event: dict[str, Any]) -> None:
    """Hear of an ended consultation and enter its minutes as simulation hours, where they count."""
    act_as(db.session, BOOKKEEPER)
    run = db.session.get_one(CaseRun, event["run_id"])
    finish = queries.finish_of(run)
    if finish is None or not finish.credited:
        return
    earned = Earned(
        kind=HoursKind.SIMULATION,
        minutes=finish.credited,
        on_day=clock.local(finish.at).date(),
        source_kind="case_run",
        source_id=str(run.id),
        evidence={
            "title": run.case.title,
            "title_en": run.case.title_en,
            "case": run.case.code,
            "version": run.version.version,
            "events": finish.input_hash.hex(),
        },
    )
    credit(BOOKKEEPER, holder(run.person_id), earned=earned)


def record_result(event: dict[str, Any]) -> None:
    """Hear of an ended consultation and write its mark down as evidence."""
    act_as(db.session, RECORDER)
    run = db.session.get_one(CaseRun, event["run_id"])
    finish = queries.finish_of(run)
    if finish is None:
        return
    evidence = Evidence(
        kind=ResultKind.SIMULATED_CASE,
        on_day=clock.local(finish.at).date(),
        source_kind="case_run",
        source_id=str(run.id),
        source={
            "run": run.id,
            "version": run.version.content_hash.hex(),
            "events": finish.input_hash.hex(),
            "rules": finish.rules,
            "tries": queries.tries_until(run),
        },
        value=finish.percent,
        technique_id=run.case.technique_id,
        critical_failure=finish.critical,
    )
    record_evidence(RECORDER, holder(run.person_id), evidence=evidence)
