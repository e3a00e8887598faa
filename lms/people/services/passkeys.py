"""Passkeys: keys that a device holds, enrolled and then shown as the second factor (WebAuthn)."""

import hashlib
from datetime import timedelta

import sqlalchemy as sa
import webauthn
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lms import clock, ids, vault
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.people import queries
from lms.people.models import Passkey, Person, SignIn
from lms.people.policy import People
from lms.people.rules.keys import Site
from lms.service import service, tell

#: How long somebody may take to touch the key.
ANSWER_WITHIN = timedelta(minutes=5)
MOST = 10


@service(needs=People.ENROL)
def begin_passkey(actor: Actor, sign_in: SignIn, *, site: Site) -> str:
    """What the browser needs in order to make a key (JSON)."""
    person = db.session.get_one(Person, sign_in.person_id)
    known = _keys(person.id)
    if len(known) >= MOST:
        raise Conflict(_("You have %(most)s passkeys. Remove one before you add another.", most=MOST))
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name=site.title,
        user_id=vault.current().blind_index(f"passkey of {person.id}"),
        user_name=person.account,
        user_display_name=person.name,
        challenge=_new_challenge(sign_in),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_descriptors(known),
    )
    return webauthn.options_to_json(options)


@service(needs=People.ENROL, tells=("label",))
def finish_passkey(actor: Actor, sign_in: SignIn, *, site: Site, answer: str, label: str) -> None:
    """Keep the key that the browser made, if it answers the question that was put."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=_challenge_of(sign_in),
            expected_rp_id=site.name,
            expected_origin=site.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise _not_accepted() from wrong
    taken = sa.exists().where(Passkey.credential_id == made.credential_id)
    if db.session.scalar(sa.select(taken), execution_options=Everything):
        raise Conflict(_("This key is enrolled already."))
    db.session.add(
        Passkey(
            person_id=sign_in.person_id,
            institution_id=sign_in.institution_id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            label=label[:60] or _("Passkey"),
        )
    )
    tell(key=hashlib.sha256(made.credential_public_key).hexdigest())  # what the key signs can be traced to today
    db.session.execute(queries.factor_passed(sign_in.id), execution_options=Everything)


@service(needs=People.PASS_SECOND_FACTOR)
def ask_passkey(actor: Actor, sign_in: SignIn, *, site: Site) -> str:
    """The question that a key must answer to prove this sign-in (JSON)."""
    return question(actor, sign_in, site=site, challenge=_new_challenge(sign_in))


@service(needs=People.PASS_SECOND_FACTOR)
def pass_passkey(actor: Actor, sign_in: SignIn, *, site: Site, answer: str) -> None:
    """Prove a sign-in by one of the person's keys."""
    prove(actor, sign_in, site=site, challenge=_challenge_of(sign_in), answer=answer)
    db.session.execute(queries.factor_passed(sign_in.id), execution_options=Everything)


@service(needs=People.PASS_SECOND_FACTOR)
def new_nonce(actor: Actor, sign_in: SignIn) -> bytes:
    """A value that serves once and soon, for a challenge that the caller makes of it."""
    return _new_challenge(sign_in)


@service(needs=People.PASS_SECOND_FACTOR)
def take_nonce(actor: Actor, sign_in: SignIn) -> bytes:
    """The value that was given out last, taken away; refused where there is none or it is too old."""
    return _challenge_of(sign_in)


@service(needs=People.PASS_SECOND_FACTOR)
def question(actor: Actor, whose: Person | SignIn, *, site: Site, challenge: bytes, verified: bool = False) -> str:
    """What a browser needs in order to have a challenge of the caller's signed by the person's key (JSON).

    `verified`: the device must know its owner too (finger, face, number), not just feel a touch.
    """
    known = _keys(whose.person_id)
    if not known:
        raise Conflict(_("There is no passkey on this account."))
    options = webauthn.generate_authentication_options(
        rp_id=site.name,
        challenge=challenge,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED if verified else UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options)


@service(needs=People.PASS_SECOND_FACTOR)
def prove(
    actor: Actor, whose: Person | SignIn, *, site: Site, challenge: bytes, answer: str, verified: bool = False
) -> int:
    """The id of the person's key that signed this challenge; refused when none did."""
    try:
        credential = webauthn.helpers.parse_authentication_credential_json(answer)
        key = next((key for key in _keys(whose.person_id) if key.credential_id == credential.raw_id), None)
        if key is None:
            raise _not_accepted()
        checked = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=verified,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise _not_accepted() from wrong
    key.sign_count, key.last_used_at = checked.new_sign_count, clock.now()
    tell(passkey=key.id)
    return key.id


def _keys(person_id: int) -> list[Passkey]:
    query = sa.select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id).with_for_update()
    return list(db.session.scalars(query))


def _descriptors(known: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in known]


def _new_challenge(sign_in: SignIn) -> bytes:
    """The question lies here, with the sign-in it belongs to; a newer one replaces it."""
    sign_in.challenge = ids.token().encode()
    sign_in.challenge_until = clock.now() + ANSWER_WITHIN
    return sign_in.challenge


def _challenge_of(sign_in: SignIn) -> bytes:
    """The question that waits for an answer; taken away, so that no answer counts twice."""
    asked, until = sign_in.challenge, sign_in.challenge_until
    if asked is None or until is None or until < clock.now():
        raise Invalid(_("That took too long. Begin once more."))
    sign_in.challenge = sign_in.challenge_until = None
    return asked


def _not_accepted() -> Invalid:
    return Invalid(_("The key was not accepted. Try once more, or use another way."))
