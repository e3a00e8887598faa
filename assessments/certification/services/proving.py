"""Proving that an officer acts: a one-time code, given anew for every act, that serves once."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from assessments.certification.models import OfficerAct
from assessments.certification.policy import Certificates
from assessments.certification.rules.document import act_digest
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.people.models import CodeGenerator, Person
from lms.people.rules import codes
from lms.service import service
from lms.web import limits

TRIES, WITHIN = 10, timedelta(minutes=5)


@service(needs=Certificates.PROVE, tells=("purpose",))
def prove(actor: Actor, officer: Person, *, hashes: Sequence[bytes], purpose: str, code: str) -> OfficerAct:
    """Write down that this officer, holding the code generator, decides exactly these hashes.

    Raises Invalid for a wrong or used code, Conflict for an officer without a code generator, TooMany after tries.
    """
    limits.count("officer-code", str(officer.id), most=TRIES, per=WITHIN)
    query = sa.select(CodeGenerator).where(
        CodeGenerator.person_id == officer.id, CodeGenerator.confirmed_at.is_not(None)
    )
    generator = db.session.scalars(query.with_for_update()).one_or_none()
    if generator is None:
        raise Conflict(_("Set up a code generator first: approving needs a one-time code."))
    code = codes.plain(code)
    step = codes.matching_step(generator.secret, code, clock.now(), after=generator.last_step)
    if step is None:
        raise Invalid(_("This one-time code is wrong or was used already. Wait for the next one."), code="")
    generator.last_step = step
    act = OfficerAct(
        person_id=officer.id,
        institution_id=officer.institution_id,
        purpose=purpose,
        digest=act_digest(hashes),
        code=code,
        step=step,
    )
    db.session.add(act)
    db.session.flush()
    return act
