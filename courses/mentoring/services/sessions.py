"""Sessions: logged by one side, confirmed or rejected by the other, withdrawn by whoever logged them."""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from courses.mentoring.events import SessionConfirmed
from courses.mentoring.models import MentoringSession, Pairing, SessionDecision, Settled
from courses.mentoring.policy import Mentoring
from courses.mentoring.services.written import kept, told
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.service import service, tell
from lms.techniques.models import Technique

SHORTEST, LONGEST = 5, 720
#: What a page's own sessions are known by; their ids are made with the page, so that sending twice is one session.
PAGE = "page"


@dataclass(frozen=True)
class Entry:
    """A session as one side says it was."""

    on_day: date
    minutes: int
    on_site: bool
    technique_ids: tuple[int, ...]
    done: str
    next_step: str = ""
    source_id: str = ""
    replaces: MentoringSession | None = None


@service(needs=Mentoring.LOG)
def log(actor: Actor, pairing: Pairing, *, entry: Entry) -> MentoringSession:
    """Say that a session took place; it counts once the other side confirms it. The same page sent twice is one."""
    db.session.refresh(pairing, with_for_update={"read": True})
    if not pairing.agreed:
        raise Conflict(_("Both sides must agree to the terms first."))
    _check(pairing, entry)
    values = {
        "person_id": pairing.person_id,
        "institution_id": pairing.institution_id,
        "pairing_id": pairing.id,
        "mentor_id": pairing.mentor_id,
        "on_day": entry.on_day,
        "minutes": entry.minutes,
        "on_site": entry.on_site,
        "technique_ids": _known(entry.technique_ids),
        "done": told(entry.done, "done", 2000, needed=True),
        "next_step": told(entry.next_step, "next_step", 1000),
        "logged_by_id": actor.person_id,
        "replaces_id": entry.replaces.id if entry.replaces else None,
        "source_kind": PAGE,
        "source_id": entry.source_id,
    }
    insert = pg.insert(MentoringSession).values(values).on_conflict_do_nothing().returning(MentoringSession)
    made = db.session.scalar(insert, execution_options=Everything)
    if made is None:
        return _sent_before(pairing, entry)
    tell(session=made.id, pairing=pairing.id, day=str(made.on_day), minutes=made.minutes, on_site=made.on_site)
    return made


def _sent_before(pairing: Pairing, entry: Entry) -> MentoringSession:
    query = sa.select(MentoringSession).where(
        MentoringSession.pairing_id == pairing.id,
        MentoringSession.source_kind == PAGE,
        MentoringSession.source_id == entry.source_id,
    )
    known = db.session.scalar(query)
    if known is None:
        raise Conflict(_("This session has been put right already."))
    return known


def _check(pairing: Pairing, entry: Entry) -> None:
    if not SHORTEST <= entry.minutes <= LONGEST:
        words = _("A session takes %(shortest)s to %(longest)s minutes.", shortest=SHORTEST, longest=LONGEST)
        raise Invalid(words, field="minutes")
    if entry.on_day > clock.today():
        raise Invalid(_("A session is logged once it has taken place."), field="on_day")
    if not pairing.runs_on(entry.on_day):
        last = pairing.over_on - timedelta(days=1)
        words = _("The pair ran from %(begins)s to %(ends)s.", begins=pairing.agreed_from, ends=last)
        raise Invalid(words, field="on_day")
    if not entry.source_id or len(entry.source_id) > 64:
        raise Invalid(_("Open the page again."))
    before = entry.replaces
    if before is not None and (before.pairing_id != pairing.id or before.settled is not Settled.REJECTED):
        raise Conflict(_("Only a rejected session of this pair is put right."))


def _known(ids: tuple[int, ...]) -> list[int]:
    wanted = sorted(set(ids))
    found = set(db.session.scalars(sa.select(Technique.id).where(Technique.id.in_(wanted))))
    if found != set(wanted):
        raise Invalid(_("There is no such technique."), field="techniques")
    return wanted


@service(needs=Mentoring.SETTLE)
def confirm(actor: Actor, session: MentoringSession) -> None:
    """Stand by a session that the other side logged: from now on it counts."""
    _settle(actor, session, Settled.CONFIRMED)
    publish(SessionConfirmed(session.id, session.pairing_id))


@service(needs=Mentoring.SETTLE, tells=("reason",))
def reject(actor: Actor, session: MentoringSession, *, reason: str) -> None:
    """Say that a logged session was not so; whoever logged it can put it right by a new one."""
    _settle(actor, session, Settled.REJECTED, kept(reason, "reason", 400, needed=True))


@service(needs=Mentoring.WITHDRAW)
def withdraw(actor: Actor, session: MentoringSession) -> None:
    """Take back a session one logged oneself, while the other side has not spoken."""
    _settle(actor, session, Settled.WITHDRAWN)


def _settle(actor: Actor, session: MentoringSession, decided: Settled, reason: str = "") -> None:
    values = {
        "person_id": session.person_id,
        "institution_id": session.institution_id,
        "session_id": session.id,
        "decided": decided.value,
        "reason": reason,
        "by_id": actor.person_id,
    }
    insert = pg.insert(SessionDecision).values(values).on_conflict_do_nothing(index_elements=["session_id"])
    made = db.session.scalar(insert.returning(SessionDecision.id), execution_options=Everything)
    if made is None:
        raise Conflict(_("This session has been settled already."))
    db.session.expire(session, ["decision"])
    tell(session=session.id, pairing=session.pairing_id, person=session.person_id)
