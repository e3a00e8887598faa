"""Whether an officer's passkey really signed what an act decides: asked anew here, and of nobody's word."""

import sqlalchemy as sa
import webauthn
from sqlalchemy import orm
from webauthn.helpers.exceptions import WebAuthnException

from assessments.certification.models import OfficerAct
from assessments.certification.rules.acts import challenge, key_print
from lms.people.models import Passkey
from lms.people.rules.keys import Site, site

_site: Site | None = None


def configure(public_url: str) -> None:
    """Say to which site the officers' passkeys belong; done once, in wiring."""
    global _site
    _site = site(public_url, "")


def disagrees(session: orm.Session, act: OfficerAct, recorded: object) -> str | None:
    """Why the act is not proved by its passkey, or None if it is.

    The key must be the one the ledger names beside the approval; where the officer still has it, it is their own.
    """
    if _site is None or act.assertion is None or act.nonce is None or act.public_key is None:
        return "a passkey cannot have been used here"
    if key_print(act.public_key) != recorded:
        return "the ledger names another passkey"
    try:
        answer = webauthn.helpers.parse_authentication_credential_json(act.assertion)
        webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge(act.purpose, act.nonce, act.digest),
            expected_rp_id=_site.name,
            expected_origin=_site.origin,
            credential_public_key=act.public_key,
            credential_current_sign_count=0,  # the number only grows; that it did was asked when it was given
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return "the passkey did not sign this act"
    return _owned_by_another(session, act, answer.raw_id)


def _owned_by_another(session: orm.Session, act: OfficerAct, credential_id: bytes) -> str | None:
    query = sa.select(Passkey).where(Passkey.credential_id == credential_id)
    kept = session.scalars(query).one_or_none()
    if kept is None:  # taken away since: the ledger's word stands
        return None
    if kept.person_id != act.person_id or kept.public_key != act.public_key:
        return "the passkey is another officer's"
    return "the passkey is newer than the approval" if kept.created_at > act.at else None
