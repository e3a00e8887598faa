"""Selects about persons: who asks, and what a page shows of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from lms import clock
from lms.authz import Actor, Grant, Permission, Role
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import CodeGenerator, Passkey, Person, RoleGrant, SignIn
from lms.people.policy import People
from lms.people.rules import accounts, sessions
from lms.people.rules.sessions import Ended, Step

_MAY_DO: dict[Step, frozenset[Permission]] = {
    Step.SECOND_FACTOR: frozenset({People.PASS_SECOND_FACTOR}),
    Step.CHANGE_PASSWORD: frozenset({People.CHANGE_PASSWORD}),
    Step.ENROL: frozenset({People.ENROL}),
}


@dataclass(frozen=True)
class Asking:
    """A signed-in browser: whose it is, what they may do now, and what is still due before they may more."""

    sign_in_id: int
    person_id: int
    account: str
    name: str
    began: datetime
    last_seen: datetime
    step: Step | None
    actor: Actor


def _in_force(today: Any) -> list[sa.ColumnElement[bool]]:
    return [RoleGrant.begins_on <= today, sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > today)]


def grants_of(person_id: Any, today: Any) -> sa.ScalarSelect[Any]:
    """`[[role, path], …]` of the roles in force, as one JSON column: `person_id` is a column or a number."""
    pair = sa.func.json_build_array(RoleGrant.role, sa.cast(Institution.path, sa.Text))
    return (
        sa.select(sa.func.coalesce(sa.func.json_agg(pair), sa.text("'[]'::json")))
        .select_from(RoleGrant)
        .join(Institution, Institution.id == RoleGrant.institution_id)
        .where(RoleGrant.person_id == person_id, *_in_force(today))
        .scalar_subquery()
    )


def has_factor(person_id: Any) -> sa.ColumnElement[bool]:
    """Whether a person has a second factor: a confirmed code generator or a passkey."""
    generator = sa.exists().where(CodeGenerator.person_id == person_id, CodeGenerator.confirmed_at.is_not(None))
    return sa.or_(generator, sa.exists().where(Passkey.person_id == person_id))


def factors(person_id: int) -> sa.Select[int]:
    """How many second factors a person has."""
    generators = sa.select(CodeGenerator.id).where(
        CodeGenerator.person_id == person_id, CodeGenerator.confirmed_at.is_not(None)
    )
    keys = sa.select(Passkey.id).where(Passkey.person_id == person_id)
    return sa.select(sa.func.count()).select_from(sa.union_all(generators, keys).subquery())


def by_account(account: str) -> sa.Select[Person]:
    """The person who has this account, however it was typed; looks over the fence, for who is not yet known."""
    return sa.select(Person).where(Person.account == accounts.normal(account)).execution_options(**Everything)


@cache
def sign_in_by_token() -> sa.Select[Any]:
    """One row for the browser that shows a token (`token_hash`, on the day `today`); no row for nobody.

    Made once, because every request asks it. It gives id, person_id, account, name, began, last_seen, factor_at,
    must_change, factor, grants; `asking(row)` says whether the time is up and what the row entitles to.
    """
    return (
        sa.select(
            SignIn.id,
            SignIn.person_id,
            Person.account,
            Person.name,
            SignIn.created_at.label("began"),
            SignIn.last_seen_at.label("last_seen"),
            SignIn.second_factor_at.label("factor_at"),
            Person.must_change_password.label("must_change"),
            has_factor(SignIn.person_id).label("factor"),
            grants_of(SignIn.person_id, sa.bindparam("today", type_=sa.Date)).label("grants"),
        )
        .join(Person, Person.id == SignIn.person_id)
        .where(SignIn.token_hash == sa.bindparam("token_hash"), SignIn.ended_at.is_(None), Person.active)
        .execution_options(**Everything)
    )


def asking(row: Any) -> Asking | None:
    """What a row of `sign_in_by_token` means now; None when its time is up."""
    grants = _grants(row.grants)
    roles = {grant.role for grant in grants}
    if not sessions.in_time(row.began, row.last_seen, clock.now(), strict=sessions.deciding(roles)):
        return None
    step = sessions.next_step(
        roles, has_factor=row.factor, passed_factor=row.factor_at is not None, must_change_password=row.must_change
    )
    actor = Actor(row.person_id, grants) if step is None else Actor(row.person_id, only=_MAY_DO[step])
    return Asking(row.id, row.person_id, row.account, row.name, row.began, row.last_seen, step, actor)


def who_asks(token: str) -> Asking | None:
    """Whose browser shows this token, if it is signed in now."""
    told = {"token_hash": hash_of(token), "today": clock.today()}
    row = db.session.execute(sign_in_by_token(), told).one_or_none()
    return None if row is None else asking(row)


def last_account(token: str) -> str | None:
    """The account of a browser whose time ran out, so that its owner need not type it again."""
    ran_out = sa.or_(SignIn.ended_at.is_(None), SignIn.ended_why == Ended.TIMED_OUT.value)
    query = sa.select(Person.account).join(SignIn, SignIn.person_id == Person.id)
    return db.session.scalar(query.where(SignIn.token_hash == hash_of(token), ran_out), execution_options=Everything)


def person_of(token: str) -> int | None:
    """Whose browser this was, signed in or not any more."""
    query = sa.select(SignIn.person_id).where(SignIn.token_hash == hash_of(token))
    return db.session.scalar(query, execution_options=Everything)


def hash_of(token: str) -> bytes:
    """What the database keeps of a token with 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def seen_now(sign_in_id: int) -> sa.Update:
    """Write down that a browser was here."""
    return sa.update(SignIn).where(SignIn.id == sign_in_id).values(last_seen_at=sa.func.clock_timestamp())


def factor_passed(sign_in_id: int | None) -> sa.Update:
    """Write down that a browser has shown the second factor; None where no browser is meant."""
    passed = sa.update(SignIn).where(SignIn.id == (sign_in_id or 0), SignIn.ended_at.is_(None))
    return passed.values(second_factor_at=sa.func.clock_timestamp())


def ending_sign_ins(person_ids: Sequence[int], why: Ended, *, but: int | None = None) -> sa.Update:
    """The statement that ends all sign-ins of these persons; run it in the verb that gives the reason.

    `db.session.execute(ending_sign_ins([person.id], Ended.DEACTIVATED), execution_options=Everything)`.
    `but` is the id of a sign-in that may stay: the one in which somebody changes their own password.
    """
    return (
        sa.update(SignIn)
        .where(SignIn.person_id.in_(person_ids), SignIn.ended_at.is_(None), SignIn.id != (but or 0))
        .values(ended_at=sa.func.clock_timestamp(), ended_why=why.value)
        .execution_options(synchronize_session=False)
    )


def actor_for(person_id: int) -> Actor:
    """The actor this person is today: roles in force, with the subtree each reaches over."""
    active = sa.select(grants_of(person_id, clock.today())).where(
        sa.exists().where(Person.id == person_id, Person.active)
    )
    return Actor(person_id, _grants(db.session.scalar(active, execution_options=Everything) or []))


def _grants(pairs: Sequence[Sequence[str]]) -> tuple[Grant, ...]:
    return tuple(Grant(Role(role), root) for role, root in sorted(map(tuple, pairs)))
