"""Forming consortia, joining and leaving them."""

from datetime import date

import sqlalchemy as sa

from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.institutions.models import Consortium, ConsortiumMember, Institution
from lms.institutions.policy import Consortia
from lms.institutions.queries.consortia import members, overlapping
from lms.service import service, tell


@service(needs=Consortia.MANAGE, tells=("name", "begins_on"))
def form(actor: Actor, leader: Institution, *, name: str, begins_on: date) -> Consortium:
    """Found a consortium under its leader, who is its first member."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120:
        raise Invalid(_("A name has 1 to 120 characters."), field="name")
    if db.session.scalar(sa.select(Consortium.id).where(Consortium.name == name)):
        raise Conflict(_("There is a consortium of this name already."), field="name")
    made = Consortium(name=name, leader_id=leader.id, begins_on=begins_on)
    db.session.add(made)
    db.session.flush()
    _enter(made, leader, begins_on)
    return made


@service(needs=Consortia.MANAGE, tells=("begins_on",))
def join(actor: Actor, consortium: Consortium, *, institution: Institution, begins_on: date) -> ConsortiumMember:
    """Make an institution a member from a day on."""
    actor.must(Consortia.MANAGE, institution)
    if begins_on < consortium.begins_on or (consortium.ends_on and begins_on >= consortium.ends_on):
        raise Invalid(_("The consortium does not exist on that day."), field="begins_on")
    if not institution.active:
        raise Invalid(_("%(name)s is closed.", name=institution.name), field="institution")
    tell(institution=institution.name)
    return _enter(consortium, institution, begins_on)


@service(needs=Consortia.MANAGE, tells=("ends_on",))
def leave(actor: Actor, consortium: Consortium, *, member: ConsortiumMember, ends_on: date) -> None:
    """End a membership; the day given is the first on which it no longer holds."""
    if member.consortium_id != consortium.id or member.ends_on is not None:
        raise Conflict(_("This membership has ended already."))
    if member.institution_id == consortium.leader_id and consortium.ends_on is None:
        raise Conflict(_("The leader cannot leave. Dissolve the consortium instead."))
    if ends_on <= member.begins_on:
        raise Invalid(_("It must end after it began."), field="ends_on")
    member.ends_on = ends_on
    tell(institution=member.institution.name)


@service(needs=Consortia.MANAGE, tells=("ends_on", "reason"))
def dissolve(actor: Actor, consortium: Consortium, *, ends_on: date, reason: str) -> None:
    """End a consortium and every membership in it."""
    if consortium.ends_on is not None:
        raise Conflict(_("This consortium has ended already."))
    current = [one for one in members(consortium) if one.ends_on is None]
    if ends_on <= max([consortium.begins_on, *(one.begins_on for one in current)]):
        raise Invalid(_("It must end after it began."), field="ends_on")
    consortium.ends_on = ends_on
    for one in current:
        one.ends_on = ends_on
    tell(members=len(current))


def _enter(consortium: Consortium, institution: Institution, begins_on: date) -> ConsortiumMember:
    made = ConsortiumMember(consortium_id=consortium.id, institution_id=institution.id, begins_on=begins_on)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except sa.exc.IntegrityError as wrong:
        if getattr(getattr(wrong.orig, "diag", None), "constraint_name", "") != "one_consortium_at_a_time":
            raise
        other = overlapping(institution.id, begins_on)
        words = _("%(institution)s is in %(consortium)s at that time. It can be in one consortium at a time.")
        named = {"institution": institution.name, "consortium": other.name if other else "?"}
        raise Conflict(words % named, field="institution") from None
    return made
