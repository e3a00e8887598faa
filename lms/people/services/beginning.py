"""The very first account of an installation: somebody must be able to give the first role."""

import sqlalchemy as sa

from lms import clock
from lms.authz import Actor, Role
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.institutions.models import Institution
from lms.institutions.rules.pinyin import person_key
from lms.people.models import Category, Person, Post, RoleGrant
from lms.people.policy import People
from lms.people.rules import accounts
from lms.service import service


@service(needs=People.BEGIN, tells=("account",))
def begin(actor: Actor, institution: Institution, *, account: str, name: str) -> Person:
    """Enter the first system administrator, over this institution and all below it; once only."""
    if db.session.scalar(sa.select(RoleGrant.id).where(RoleGrant.role == Role.SYSTEM_ADMINISTRATOR).limit(1)):
        raise Conflict(_("There is a system administrator already."))
    normal = accounts.normal(account)
    if not accounts.well_formed(normal):
        raise Invalid(_("An account is made of letters, digits, dots and dashes."))
    person = Person(
        account=normal,
        name=name,
        sort_key=person_key(name),
        category=Category.ADMINISTRATOR,
        institution_id=institution.id,
    )
    db.session.add(person)
    db.session.flush()
    today = clock.today()
    db.session.add(Post(person_id=person.id, institution_id=institution.id, begins_on=today))
    role = Role.SYSTEM_ADMINISTRATOR.value
    db.session.add(RoleGrant(person_id=person.id, institution_id=institution.id, role=role, begins_on=today))
    db.session.flush()
    return person
