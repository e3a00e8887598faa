"""People enter by a roster, like everywhere; then roles, passwords and code generators."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from demo.cast import HOME, Casting, Part
from demo.story.stage import Stage
from lms import clock
from lms.authz import SECOND_FACTOR, Actor
from lms.db import Everything, db
from lms.institutions.models import Institution, Kind
from lms.people.models import CodeGenerator, Person
from lms.people.policy import People
from lms.people.queries.roster import directory
from lms.people.rules import strength
from lms.people.rules.planning import make
from lms.people.rules.roster import CATEGORIES, Row, understand
from lms.people.services import beginning, own_password, register, roles, second_factor

_MAY = (People.BEGIN, People.GRANT_ROLE, People.ISSUE_PASSWORD)


def enter(stage: Stage) -> list[dict[str, Any]]:
    """Everybody; the accounts to show, with passwords made now."""
    with stage.acting(Actor.job("demo", *_MAY)) as actor:
        parts = Casting().parts(_townships())
        _begin(stage, actor, next(part for part in parts if part.account == "admin"))
    with stage.acting("admin") as actor:
        _enter(actor, [part for part in parts if part.account != "admin"])
    with stage.acting(Actor.job("demo", *_MAY)) as actor:
        known = dict(db.session.execute(sa.select(Person.account, Person).where(Person.active)).all())
        for part in parts:
            _grant(stage, actor, known[part.account], part)
        passwords = {part.account: _password(actor, known[part.account]) for part in parts if part.shown}
    return [_account(stage, part, passwords[part.account]) for part in parts if part.shown]


def _begin(stage: Stage, actor: Actor, part: Part) -> None:
    """The first account, as the command line makes it; everybody else is entered by its owner."""
    if db.session.scalar(sa.select(Person.id).where(Person.account == part.account)) is None:
        beginning.begin(actor, stage.institution(part.place), account=part.account, name=part.name)


def _townships() -> list[str]:
    query = sa.select(Institution.division_code).where(
        Institution.kind.in_([Kind.TOWNSHIP_HOSPITAL, Kind.COMMUNITY_CENTRE]),
        Institution.division_code.like(f"{HOME}%"),
    )
    return list(db.session.scalars(query.order_by(Institution.division_code)))


def enter_more(stage: Stage, parts: list[Part]) -> None:
    """More people by the same roster, with their roles; they never sign in, so they get no password."""
    with stage.acting("admin") as actor:
        _enter(actor, parts)
    with stage.acting(Actor.job("demo", *_MAY)) as actor:
        wanted = [part.account for part in parts if part.roles]
        query = sa.select(Person).where(Person.account.in_(wanted)).options(orm.selectinload(Person.roles))
        known = {person.account: person for person in db.session.scalars(query)}
        for part in parts:
            if part.roles:
                _grant(stage, actor, known[part.account], part)


def _enter(actor: Actor, parts: list[Part]) -> None:
    rows = [Row("", number, _typed(part)) for number, part in enumerate(parts, 1)]
    understood = [understand(row, clock.today()) for row in rows]
    plan = make(understood, directory(actor, [entry for entry, _ in understood]))
    assert plan.acceptable, [one.problems for one in plan.rows if one.problems]
    register.enter(actor, None, plan=plan)


def _typed(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "identity_number": part.identity_number,
        "category": CATEGORIES[part.category][0],
        "institution": part.place,
        "title": part.title,
        "practising_since": date.fromisoformat(part.practising_since),
        "begins_on": date.fromisoformat(part.practising_since),
        "account": part.account,
    }


def _grant(stage: Stage, actor: Actor, person: Person, part: Part) -> None:
    held = {grant.role for grant in person.roles}
    for role, over in part.roles:
        if role.value not in held:
            begins = clock.today() - timedelta(days=365)
            roles.grant_role(actor, person, role=role, over=stage.institution(over), begins_on=begins)


def _password(actor: Actor, person: Person) -> str:
    drawn = strength.drawn()
    own_password.set_password(actor, person, new=drawn, must_change=False)
    return drawn


def _account(stage: Stage, part: Part, password: str) -> dict[str, Any]:
    second = bool({role for role, _ in part.roles} & SECOND_FACTOR)
    if second:
        _generator(stage, part.account)
    row = {"account": part.account, "password": password, "role": part.shown, "name": part.name}
    return row | {"second_factor": second}


def _generator(stage: Stage, account: str) -> None:
    """Set up a code generator, as the officer does on the first day."""
    with stage.acting(account) as actor:
        person = db.session.get_one(Person, actor.person_id)
        second_factor.begin_generator(actor, person)
        query = sa.select(CodeGenerator).where(CodeGenerator.person_id == person.id)
        generator = db.session.scalars(query, execution_options=Everything).one()
        stage.secrets[account] = generator.secret
        if generator.confirmed_at is None:
            second_factor.confirm_generator(actor, person, code=stage.code(account), here=None)
