"""What pages show of an account: roles, second factors, signed-in browsers."""

import sqlalchemy as sa
from sqlalchemy import orm

from lms import clock
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import CodeGenerator, Passkey, RoleGrant, SignIn
from lms.people.queries import actor_for
from lms.people.rules.sessions import deciding, in_time


def roles_of(person_id: int) -> list[RoleGrant]:
    """All roles a person has or had, those in force first."""
    query = (
        sa.select(RoleGrant)
        .where(RoleGrant.person_id == person_id)
        .options(orm.joinedload(RoleGrant.institution))
        .order_by(RoleGrant.ends_on.desc().nulls_first(), RoleGrant.begins_on.desc(), RoleGrant.id)
    )
    return list(db.session.scalars(query))


def sign_ins_of(person_id: int) -> list[SignIn]:
    """The browsers in which a person is signed in now, last used first."""
    query = sa.select(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    strict, now = decides(person_id), clock.now()
    found = db.session.scalars(query.order_by(SignIn.last_seen_at.desc()))
    return [one for one in found if in_time(one.created_at, one.last_seen_at, now, strict=strict)]


def factor_kinds(person_id: int) -> set[str]:
    """Which second factors a person has: `app`, `passkey`."""
    app = sa.select(sa.literal("app")).where(
        CodeGenerator.person_id == person_id, CodeGenerator.confirmed_at.is_not(None)
    )
    passkey = sa.select(sa.literal("passkey")).where(Passkey.person_id == person_id)
    return set(db.session.scalars(sa.union(app, passkey), execution_options=Everything))


def passkeys_of(person_id: int) -> list[Passkey]:
    """A person's passkeys, oldest first."""
    return list(db.session.scalars(sa.select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)))


def waiting_secret(person_id: int) -> str | None:
    """The secret of an app that has not shown a code yet."""
    waits = (CodeGenerator.person_id == person_id, CodeGenerator.confirmed_at.is_(None))
    return db.session.scalar(sa.select(CodeGenerator.secret).where(*waits))


def secret_of(person_id: int) -> str | None:
    """The secret of a confirmed app, for the command line of a demonstration."""
    confirmed = (CodeGenerator.person_id == person_id, CodeGenerator.confirmed_at.is_not(None))
    return db.session.scalar(sa.select(CodeGenerator.secret).where(*confirmed), execution_options=Everything)


def decides(person_id: int) -> bool:
    """Whether a person has a role today that decides about others."""
    return deciding(actor_for(person_id).roles)


def line_above(institution: Institution) -> list[Institution]:
    """An institution and all above it, nearest first."""
    query = sa.select(Institution).where(Institution.path.above(institution.path))
    return list(db.session.scalars(query.order_by(sa.func.nlevel(Institution.path).desc())))
