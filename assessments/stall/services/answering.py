"""A mentor's answer to a flag."""

import sqlalchemy as sa

from assessments.stall.events import FlagAnswered
from assessments.stall.models import Answer, Flag, FlagAnswer, Plan
from assessments.stall.policy import Stall
from lms.authz import Actor
from lms.db import db
from lms.errors import Invalid
from lms.events import publish
from lms.i18n import _, _l
from lms.service import service, tell
from lms.texts import can_be_kept

LONGEST = 400
_ASKS = {
    Answer.NOT_A_PROBLEM: _l("Say why it is not a problem."),
    Answer.HANDLED: _l("Say what was done."),
}


@service(needs=Stall.ANSWER)
def answer(actor: Actor, flag: Flag, *, said: str, plan: str = "", note: str = "") -> FlagAnswer:
    """Say what becomes of a flag; a newer answer takes the older one back, the same again changes nothing."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"stall.flag:{flag.id}", 0))))
    if said not in [*Answer]:
        raise Invalid(_("Choose an answer."), field="said")
    if said == Answer.ACCEPTED and plan not in [*Plan]:
        raise Invalid(_("Choose what you are going to do."), field="plan")
    note = note.strip()
    if said != Answer.ACCEPTED and not note:
        raise Invalid(str(_ASKS[Answer(said)]), field="note")
    if len(note) > LONGEST or not can_be_kept(note):
        raise Invalid(_("This text is too long or holds signs that cannot be kept."), field="note")
    chosen = plan if said == Answer.ACCEPTED else None
    query = sa.select(FlagAnswer).where(FlagAnswer.flag_id == flag.id).order_by(FlagAnswer.id.desc()).limit(1)
    last = db.session.scalar(query)
    if last is not None and (last.answer, last.plan, last.note, last.by_id) == (said, chosen, note, actor.person_id):
        return last
    made = FlagAnswer(
        flag_id=flag.id,
        person_id=flag.person_id,
        institution_id=flag.institution_id,
        answer=said,
        plan=chosen,
        note=note,
        by_id=actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    publish(FlagAnswered(flag.id, flag.person_id, said))
    tell(flag=flag.id, person=flag.person_id, answer=said, plan=chosen)
    return made
