"""Letting tablets in and out, and briefing an examiner on one."""

from typing import Any

import sqlalchemy as sa

from assessments.osce.models import Tablet, TabletBriefing
from assessments.osce.policy import Osce
from assessments.osce.queries import tablets as queries
from assessments.osce.rules import devices
from lms import clock, vault
from lms.authz import Actor, Open
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.institutions.models import Institution
from lms.service import service, tell


@service(needs=Osce.TABLETS, tells=("label",))
def announce(actor: Actor, institution: Institution, *, label: str) -> Tablet:
    """Expect a tablet: it gets a one-time code by which its browser can enrol itself."""
    tablet = Tablet(institution_id=institution.id, label=_label(label), enrolled_by_id=actor.person_id)
    _give_code(tablet)
    db.session.add(tablet)
    db.session.flush()
    tell(tablet=tablet.id)
    return tablet


@service(needs=Osce.TABLETS)
def renew_code(actor: Actor, tablet: Tablet) -> None:
    """Another code for a tablet that has not come in yet; the old one is worth nothing any more."""
    db.session.refresh(tablet, with_for_update=True)
    if tablet.state != "waiting":
        raise Conflict(_("This tablet is enrolled or revoked already. Announce it anew."))
    _give_code(tablet)
    tell(tablet=tablet.id)


def _give_code(tablet: Tablet) -> None:
    code = devices.new_code()
    tablet.code, tablet.code_until = code, clock.now() + devices.CODE_LASTS
    tablet.code_hash = vault.current().blind_index(f"tablet code {code}")


@service(needs=Osce.TABLETS, tells=("label",))
def rename(actor: Actor, tablet: Tablet, *, label: str) -> None:
    """Call a tablet something else."""
    tablet.label = _label(label)
    tell(tablet=tablet.id)


def _label(label: str) -> str:
    if not label.strip():
        raise Invalid(_("Say what the tablet is called."), field="label")
    return label.strip()


@service(needs=Osce.TABLETS, tells=("reason",))
def revoke(actor: Actor, tablet: Tablet, *, reason: str) -> None:
    """Trust a tablet no longer: what it still sends is kept aside and not counted."""
    db.session.refresh(tablet, with_for_update=True)
    if tablet.revoked_at is not None:
        raise Conflict(_("This tablet has been revoked already."))
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    tablet.code = tablet.code_hash = tablet.code_until = None
    tablet.revoked_by_id, tablet.revoked_at, tablet.revoked_why = actor.person_id, clock.now(), reason.strip()
    tell(tablet=tablet.id)


@service(needs=Open.EVERYONE)
def enrol(actor: Actor, code: str, *, key: bytes, signed: str, proof: bytes) -> Tablet:
    """Let in the browser that shows the code and proves that it holds the key; the code is used up.

    The proof is a signature over the code and the key together, so that neither can be exchanged on the way.
    """
    try:
        spki = devices.checked_key(key)
    except devices.NoKey:
        raise Invalid(_("This browser cannot make a key that is good enough. Use another browser.")) from None
    if not devices.signed_by(spki, signed, proof):
        raise Invalid(_("The tablet could not prove that the key is its own. Try again."))
    name = devices.name_of(spki)
    known = queries.known_as(name)
    if known is not None:  # it asks again, because the answer was lost on the way
        tell(tablet=known.id)
        return known
    tablet = queries.waiting_for(devices.plain_code(code))
    if tablet is None:
        raise Invalid(_("This code is not valid, or no longer. Ask the exam officer for a new one."), field="code")
    now = clock.now()
    tablet.public_key, tablet.key_hash, tablet.enrolled_at, tablet.last_seen_at = spki, name, now, now
    tablet.code = tablet.code_hash = tablet.code_until = None
    db.session.flush()
    tell(tablet=tablet.id, key=name.hex())
    return tablet


@service(needs=Osce.EXAMINE)
def brief(actor: Actor, sent: dict[str, Any]) -> Tablet:
    """Note that an examiner prepares this tablet for the day; it must show by its signature that it is one of ours.

    On one that has been revoked they may still open what they have left there, so that it can be sent and decided on.
    """
    text, signature = devices.signed_text(sent), devices.bytes_in(sent.get("signature"))
    tablet = queries.known_as(devices.name_in(sent.get("device")))
    if tablet is None or text is None or not devices.signed_by(tablet.public_key or b"", text, signature):
        raise Conflict(_("This tablet is not enrolled. Ask the exam officer for a code."), tablet="unknown")
    row = {"tablet_id": tablet.id, "institution_id": tablet.institution_id, "person_id": actor.person_id}
    db.session.execute(sa.insert(TabletBriefing).values(**row), execution_options=Everything)
    seen = sa.update(Tablet).where(Tablet.id == tablet.id).values(last_seen_at=clock.now())
    db.session.execute(seen, execution_options=Everything)
    tell(tablet=tablet.id)
    return tablet
