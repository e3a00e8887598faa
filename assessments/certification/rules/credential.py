"""A certificate as other people's programs read it: an Open Badges 3.0 achievement that is a W3C credential 2.0.

It is made from the payload that two officers approved and the signer signed, says nothing beyond it, and is secured as
a JSON Web Token (VC-JOSE-COSE): the claims are the credential itself.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, Final

from assessments.certification.rules import statuslist
from assessments.certification.rules.document import NotGenuine
from assessments.certification.rules.policy import Star, leaves_of

BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
SCHEMA: Final = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
NAMES: Final = {1: "一星", 2: "二星", 3: "三星", 4: "四星", 5: "五星"}
CONTEXTS: Final = [statuslist.CONTEXT, BADGES]
Json = dict[str, Any]


def issuer_address(public_url: str, code: str) -> str:
    """Who issues, as an address that says more about them."""
    return f"{public_url.rstrip('/')}/v/issuers/{code}"


def key_address(public_url: str, key_id: str) -> str:
    """Where a public key can be had as JSON; its last part is the key's id."""
    return f"{public_url.rstrip('/')}/v/keys/{key_id}"


def header(public_url: str, key_id: str) -> Json:
    """What stands in front of the claims: what they are, and whose key secures them."""
    return {"typ": "vc+jwt", "cty": "vc", "kid": key_address(public_url, key_id)}


def claims(full: Mapping[str, Any], star: Star, public_url: str, at: datetime, zone: tzinfo) -> Json:
    """The credential, whole: who issues it, for whom, what was achieved, from when until when, where its status is."""
    issuer = issuer_address(public_url, full["authority"]["code"])
    address = f"{public_url.rstrip('/')}/v/{full['id']}"
    begins = datetime.combine(date.fromisoformat(full["from"]), time.min, zone)
    made = {
        "@context": CONTEXTS,
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"基层医师临床技能{NAMES[full['star']]}证书",
        "issuer": {"id": issuer, "type": ["Profile"], "name": full["authority"]["name"]},
        "validFrom": statuslist.stamp(begins),
        **_until(full, zone),
        "credentialSubject": _subject(full, star, public_url),
        "credentialStatus": statuslist.entries(public_url, full["status"]),
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "iss": issuer,
        "jti": address,
        "iat": int(at.timestamp()),
        "nbf": int(begins.timestamp()),
    }
    return made | ({"exp": _end(full["until"], zone)} if full["until"] else {})


def _end(until: str, zone: tzinfo) -> int:
    """The last second of the last day."""
    return int(datetime.combine(date.fromisoformat(until), time(23, 59, 59), zone).timestamp())


def _until(full: Mapping[str, Any], zone: tzinfo) -> Json:
    if not full["until"]:
        return {}
    end = datetime.fromtimestamp(_end(full["until"], zone), UTC).astimezone(zone)
    return {"validUntil": statuslist.stamp(end)}


def _subject(full: Mapping[str, Any], star: Star, public_url: str) -> Json:
    """The person by name alone, and the achievement with what it asks."""
    return {
        "type": ["AchievementSubject"],
        "identifier": [
            {"type": "IdentityObject", "identityType": "name", "hashed": False, "identityHash": full["name"]},
        ],
        "licenseNumber": full["number"],
        "role": full["category"],
        "achievement": achievement(full["policy"]["hash"], full["policy"]["name"], star, public_url),
    }


def achievement(policy_hash: str, policy: str, star: Star, public_url: str) -> Json:
    """What a star is and what it asks for, under one version of the policy."""
    asked = "\n".join(f"- {leaf.title.zh}" for leaf in leaves_of(star.requires))
    head = "达到以下各项要求：" if star.star == 1 else "达到以下各项要求，以及较低各星的要求："
    return {
        "id": f"{public_url.rstrip('/')}/v/achievements/{policy_hash}/{star.star}",
        "type": ["Achievement"],
        "achievementType": "Certification",
        "inLanguage": "zh-CN",
        "name": f"临床技能{NAMES[star.star]}",
        "description": f"{policy}：基层医师临床技能{NAMES[star.star]}（共五星）",
        "criteria": {"narrative": f"{head}\n{asked}"},
    }


def number_in(made: Mapping[str, Any]) -> str:
    """The number of the certificate a credential stands for; raises NotGenuine."""
    try:
        return str(made["credentialSubject"]["licenseNumber"])
    except (KeyError, TypeError) as wrong:
        raise NotGenuine("this is no credential of ours") from wrong
