"""Proving that an officer acts: by a one-time code that serves once, or by a passkey that signs what is decided."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from assessments.certification.models import OfficerAct
from assessments.certification.policy import Certificates
from assessments.certification.queries import nonces
from assessments.certification.rules.acts import challenge
from assessments.certification.rules.document import act_digest
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.people.models import CodeGenerator, Passkey, Person, SignIn
from lms.people.rules import codes
from lms.people.rules.keys import Site
from lms.people.services import passkeys
from lms.service import service, tell
from lms.web import limits

TRIES, WITHIN = 10, timedelta(minutes=5)


@dataclass(frozen=True)
class Touch:
    """What a passkey answered in a signed-in browser, and for which site."""

    answer: str
    sign_in: SignIn
    site: Site


#: How an officer shows that it is them: the digits of a one-time code, or a passkey's answer.
Shown = str | Touch


@service(needs=Certificates.PROVE, tells=("purpose",))
def prove(actor: Actor, officer: Person, *, hashes: Sequence[bytes], purpose: str, code: Shown) -> OfficerAct:
    """Write down that this officer, holding the code generator or the passkey, decides exactly these hashes.

    Raises Invalid for a wrong or used code or a key that signed something else, Conflict for an officer without a
    code generator, TooMany after tries.
    """
    limits.count("officer-code", str(officer.id), most=TRIES, per=WITHIN)
    digest = act_digest(hashes)
    shown = _by_passkey(actor, officer, digest, purpose, code) if isinstance(code, Touch) else _by_code(officer, code)
    act = OfficerAct(
        person_id=officer.id, institution_id=officer.institution_id, purpose=purpose, digest=digest, **shown
    )
    db.session.add(act)
    db.session.flush()
    tell(by="passkey" if act.assertion else "code")
    return act


@service(needs=Certificates.PROVE)
def question(actor: Actor, sign_in: SignIn, *, site: Site, hashes: Sequence[bytes], purpose: str) -> str:
    """What the browser has the officer's passkey sign before these hashes are decided (JSON)."""
    nonce = _nonce(passkeys.new_nonce(actor, sign_in))
    asked = challenge(purpose, nonce, act_digest(hashes))
    return passkeys.question(actor, sign_in, site=site, challenge=asked, verified=True)


def _by_code(officer: Person, code: str) -> dict[str, Any]:
    """The code is the officer's and new; beside it stands what the signer published last, so that it is of now."""
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
    return {"code": code, "step": step, "nonce": nonces.newest(db.session)}


def _by_passkey(actor: Actor, officer: Person, digest: bytes, purpose: str, touch: Touch) -> dict[str, Any]:
    """The key signed a challenge made of the purpose, the hashes and a value that serves once."""
    if touch.sign_in.person_id != officer.id:
        raise Invalid(_("This passkey belongs to somebody else."))
    nonce = _nonce(passkeys.take_nonce(actor, touch.sign_in))
    asked = challenge(purpose, nonce, digest)
    number = passkeys.prove(actor, touch.sign_in, site=touch.site, challenge=asked, answer=touch.answer, verified=True)
    key = db.session.get_one(Passkey, number)
    return {"nonce": nonce, "assertion": json.dumps(json.loads(touch.answer)), "public_key": key.public_key}


def _nonce(kept: bytes) -> bytes:
    """The value kept with the sign-in, as long as every other."""
    return hashlib.sha256(kept).digest()
