"""An exam hall to measure in: people made for it, signed in, seated, and an exam that is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.exams.models import Exam
from assessments.exams.queries import attempts, exams
from assessments.exams.services import making, preparing, seating, sitting
from bench import arena
from demo.cast import HOME
from demo.story.stage import Stage
from lms import clock
from lms.authz import Actor, Role, only
from lms.db import act_as, db, grants
from lms.institutions.models import Institution
from lms.people.models import Category, Person, RoleGrant
from tests.factories import exams as questions

MINUTES, QUESTIONS, BANK = 600, 60, "bench"


@dataclass(frozen=True)
class Hall:
    """Who sits what: tokens of their browsers, and their attempts where they have begun."""

    exam_id: int
    questions: int
    tokens: Sequence[str]
    attempts: Sequence[Any]


def seat(copy: arena.Copy, number: int, *, begun: bool) -> Hall:
    """So many candidates of an exam of sixty questions, every order drawn anew; not begun, they are prepared."""
    accounts = _people(copy, number)
    tokens = copy.sign_in(*accounts)
    with copy.stage() as stage:
        exam_id = _exam(stage, accounts)
        attempts = [_begin(stage, account, exam_id) for account in accounts] if begun else []
        left = 0 if begun else number
        while left:
            with stage.acting("exam") as actor:
                left = preparing.prepare(actor, db.session.get_one(Exam, exam_id))
    return Hall(exam_id, QUESTIONS, tokens, attempts)


def _people(copy: arena.Copy, number: int) -> list[str]:
    engine = sa.create_engine(copy.server.url(copy.name, grants.OWNER), poolclass=sa.NullPool)
    with orm.Session(engine) as session:
        act_as(session, Actor.job("bench"))
        place = session.scalars(sa.select(Institution.id).where(Institution.code == HOME)).one()
        made = [
            Person(
                account=f"bench{n:04}",
                name=f"考生{n:04}",
                category=Category.GENERAL_PRACTITIONER,
                institution_id=place,
            )
            for n in range(number)
        ]
        session.add_all(made)
        session.flush()
        begins = clock.today() - timedelta(days=1)
        session.add_all(
            RoleGrant(person_id=one.id, role=Role.DOCTOR, institution_id=place, begins_on=begins) for one in made
        )
        for n in range(QUESTIONS):
            several = n % 6 == 5
            kind, right = ("multiple", "AC") if several else ("single", "B")
            questions.question(session, f"bench-{n:02}", kind=kind, right=right, bank=BANK)
        session.commit()
        return [one.account for one in made]


def _exam(stage: Stage, accounts: Sequence[str]) -> int:
    with stage.acting("exam") as actor:
        now = clock.now()
        window = now - timedelta(minutes=1), now + timedelta(days=1)
        plan = making.Plan("测速", "Bench", *window, minutes=MINUTES, pass_percent=Decimal(60))
        blueprint = making.Blueprint(BANK, {}, "exact", {"single": 2, "multiple": 3})
        exam = making.create(actor, stage.institution(HOME), plan=plan, blueprint=blueprint)
        persons = list(db.session.scalars(sa.select(Person.id).where(Person.account.in_(accounts))))
        seating.add_candidates(actor, exam, persons=persons)
        exam_id = exam.id
    for officer in ("exam", "exam2"):
        with stage.acting(officer) as actor:
            exam = db.session.get_one(Exam, exam_id)
            making.approve(actor, exam, content_hash=exams.sealed(exam))
    return exam_id


def _begin(stage: Stage, account: str, exam_id: int) -> Any:
    with stage.acting(account) as actor:
        return sitting.start(actor, only(attempts.candidacy(exam_id)))
