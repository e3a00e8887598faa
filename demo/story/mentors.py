"""Mentors' places, pairs with a past, their sessions, and one session that waits for the mentor's word."""

from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from courses.mentoring.models import MentoringSession, MentorOffer, Pairing
from courses.mentoring.policy import Mentoring
from courses.mentoring.services import Entry, PastPair, PastSession, bring_in, bring_in_pairs, log, offer
from demo.cast import CITY
from demo.cohort import deeds
from demo.cohort.seats import DOCTOR, PLACES
from demo.story.cohort import SOURCE, Cohort, Tick
from demo.story.stage import Stage
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.people.models import Person
from lms.techniques.models import Technique

_MAY = (Mentoring.BRING_IN, Mentoring.OFFER)
_WAITING = "demo-waiting-session"


def pair(stage: Stage, cohort: Cohort, tick: Tick) -> None:
    """Places for everybody who teaches, the pairs that were agreed, and what they have done since."""
    tick(0, 3)
    _offer(stage, cohort)
    tick(1, 3)
    pairs = _pair(stage, cohort)
    tick(2, 3)
    _meet(stage, cohort, pairs)
    _leave_one_open(stage)


def _offer(stage: Stage, cohort: Cohort) -> None:
    """A place more than each has taken; who offers already goes on."""
    taken = Counter(one.mentor for one in cohort.city.pairs.values())
    with stage.acting(Actor.job("demo", *_MAY)) as actor:
        offering = set(db.session.scalars(sa.select(MentorOffer.person_id)))
        mentors = {stage.person(account): account for some in cohort.city.mentors.values() for account in some}
        wanted = sa.select(Person).where(Person.id.in_(mentors.keys() - offering)).order_by(Person.id)
        begins = cohort.city.until - timedelta(days=720)
        for mentor in db.session.scalars(wanted).all():
            places = max(PLACES, taken[mentors[mentor.id]]) + 1
            offer(actor, mentor, capacity=places, begins_on=begins)


def _pair(stage: Stage, cohort: Cohort) -> dict[str, int]:
    """The ids of the pairs, by the apprentice's account."""
    rows = [
        PastPair(
            person_id=stage.person(one.apprentice),
            mentor_id=stage.person(one.mentor),
            agreed_from=one.agreed_from,
            agreed_until=one.agreed_until,
            source_id=one.apprentice,
        )
        for one in cohort.city.pairs.values()
    ]
    with stage.acting(Actor.job("demo", *_MAY)) as actor:
        return bring_in_pairs(actor, stage.institution(CITY), rows=rows, source_kind=SOURCE)


def _meet(stage: Stage, cohort: Cohort, pairs: dict[str, int]) -> None:
    with stage.acting(Actor.job("demo", *_MAY)) as actor:
        techniques = dict(db.session.execute(sa.select(Technique.code, Technique.id)).all())
        rows = [
            PastSession(
                pairing_id=pairs[one.account],
                on_day=met.on_day,
                minutes=met.minutes,
                on_site=met.on_site,
                technique_ids=tuple(techniques[code] for code in met.techniques),
                done=met.done,
                next_step=met.next_step,
                source_id=met.number,
            )
            for one in cohort.seats
            for met in deeds.sessions(one, cohort.city)
        ]
        bring_in(actor, stage.institution(CITY), rows=rows, source_kind=SOURCE)


def _leave_one_open(stage: Stage) -> None:
    """The shown doctor has logged a session; the mentor has not confirmed it yet."""
    with stage.acting(DOCTOR) as actor:
        pairing = db.session.scalar(sa.select(Pairing).where(Pairing.person_id == actor.person_id))
        known = db.session.scalar(sa.select(MentoringSession.id).where(MentoringSession.source_id == _WAITING))
        if pairing is None or known is not None:
            return
        techniques = db.session.scalars(sa.select(Technique.id).where(Technique.core).order_by(Technique.code).limit(2))
        entry = Entry(
            on_day=clock.today() - timedelta(days=1),
            minutes=60,
            on_site=True,
            technique_ids=tuple(techniques),
            done="老师到院跟诊，一起看了两位高血压患者，练了心电图（模拟数据）",
            next_step="下周自己做五份心电图，发给老师看",
            source_id=_WAITING,
        )
        log(actor, pairing, entry=entry)
