"""What is certified, word for word: the document two officers approve and the payload the signer signs."""

import base64
import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lms.digests import canonical, digest

DOCUMENT: Final = "clinical-skills/star-certificate-document/1"
RENEWAL: Final = "clinical-skills/star-certificate-document/2"
PAYLOADS: Final = {1: "clinical-skills/star-certificate/1", 2: "clinical-skills/star-certificate/2"}
CARDS: Final = {1: "clinical-skills/star-card/1", 2: "clinical-skills/star-card/2"}
LONGEST_CARD: Final = 4000
#: The order of the values on the short form that a QR code carries. The second form adds the place in the status list.
_FIRST_FIELDS: Final = ("number", "name", "star", "category", "authority", "from", "until", "key")
CARD_FIELDS: Final = {1: _FIRST_FIELDS, 2: (*_FIRST_FIELDS, "status")}


class NotGenuine(ValueError):
    """The text is no certificate of ours, or was changed."""


@dataclass(frozen=True)
class Document:
    """A certificate before it has a number; `public_id` is random, so that the hash tells nobody the name.

    A renewal names the certificate that it goes on with, bears that one's random id, and has another of its own.
    """

    public_id: str
    name: str
    star: int
    category: str
    institution: str
    authority_code: str
    authority: str
    authority_en: str | None
    policy: str
    policy_hash: str
    evidence_hash: str
    decided_on: str
    valid_years: int | None
    renews: str | None = None
    case: str | None = None

    def plain(self) -> dict[str, Any]:
        """As it is hashed, approved and committed to in the ledger."""
        words = dict(self.__dict__)
        if self.renews is not None:
            return {"type": RENEWAL, **words}
        return {"type": DOCUMENT} | {name: words[name] for name in words if name not in _OF_RENEWALS}

    @property
    def hash(self) -> bytes:
        """What an approval is an approval of."""
        return digest(self.plain())

    @classmethod
    def read(cls, plain: dict[str, Any]) -> "Document":
        """The document out of its words; raises NotGenuine."""
        given = dict(plain)
        try:
            kind = given.pop("type")
            made = cls(**given)
        except (KeyError, TypeError) as wrong:
            raise NotGenuine("not a document of this kind") from wrong
        renews = made.renews is not None and made.case is not None
        if kind != (RENEWAL if renews else DOCUMENT) or made.plain() != plain:
            raise NotGenuine("not a document of this kind")
        return made


_OF_RENEWALS: Final = ("renews", "case")


@dataclass(frozen=True)
class Approved:
    """One officer's approval as the payload names it."""

    officer: str
    at: str

    def plain(self) -> dict[str, str]:
        """As it is signed."""
        return {"officer": self.officer, "at": self.at}


@dataclass(frozen=True)
class Issued:
    """What issuing adds to a document: number, period, the key it is signed with, its place in the status list.

    Certificates signed before there were status lists have no such place.
    """

    number: str
    begins_on: date
    ends_on: date | None
    key_id: str
    status: int | None = None


def payload(document: Document, issued: Issued, approvals: Sequence[Approved]) -> dict[str, Any]:
    """Everything a certificate says, and what it rests on: the signer signs its RFC 8785 form."""
    place = {} if issued.status is None else {"status": issued.status}
    return place | {
        "type": PAYLOADS[1 if issued.status is None else 2],
        "number": issued.number,
        "id": document.public_id,
        "name": document.name,
        "star": document.star,
        "category": document.category,
        "institution": document.institution,
        "authority": {"code": document.authority_code, "name": document.authority},
        "from": issued.begins_on.isoformat(),
        "until": issued.ends_on.isoformat() if issued.ends_on else None,
        "policy": {"name": document.policy, "hash": document.policy_hash},
        "evidence": document.evidence_hash,
        "document": document.hash.hex(),
        "approvals": [one.plain() for one in approvals],
        "key": issued.key_id,
    }


def signed_bytes(plain: dict[str, Any]) -> bytes:
    """The bytes a signature is made over."""
    return canonical(plain)


def card(full: dict[str, Any]) -> dict[str, Any]:
    """The short form of a payload: what a stranger must see, and no more."""
    version = 2 if full["type"] == PAYLOADS[2] else 1
    short = {name: full[name] for name in CARD_FIELDS[version] if name != "authority"}
    return {"type": CARDS[version], "authority": full["authority"]["name"], **short}


# ---- the short form as text --------------------------------------------------------------------


def pack(short: dict[str, Any], signature: bytes) -> str:
    """The card and its signature as text for an address: values, a dot, signature, both base64url."""
    fields = CARD_FIELDS[2 if short["type"] == CARDS[2] else 1]
    values = json.dumps([short[name] for name in fields], ensure_ascii=False, separators=(",", ":"))
    return f"{encoded(values.encode())}.{encoded(signature)}"


def unpack(text: str) -> tuple[dict[str, Any], bytes]:
    """The card and its signature out of the text; raises NotGenuine. One card has one text only."""
    if len(text) > LONGEST_CARD:
        raise NotGenuine("this is not the text of a certificate")
    try:
        values, signature = (decoded(part) for part in text.split(".", 1))
        given = json.loads(values.decode())
        version = next((n for n, fields in CARD_FIELDS.items() if len(fields) == len(given)), 1)
        short = {"type": CARDS[version], **dict(zip(CARD_FIELDS[version], given, strict=True))}
        again = pack(short, signature)
    except (ValueError, TypeError, RecursionError) as wrong:
        raise NotGenuine("this is not the text of a certificate") from wrong
    if again != text:
        raise NotGenuine("this is not the text of a certificate")
    return short, signature


def genuine(plain: dict[str, Any], signature: bytes, public_key: bytes) -> bool:
    """Whether the holder of the key signed exactly this."""
    try:
        return signed(signed_bytes(plain), signature, public_key)
    except rfc8785.CanonicalizationError:
        return False


def signed(data: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether the holder of the key signed exactly these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of base64url without padding; raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


# ---- small arithmetic --------------------------------------------------------------------------


def last_day(begins_on: date, years: int | None) -> date | None:
    """The last day of validity: the day before the anniversary."""
    if years is None:
        return None
    try:
        anniversary = begins_on.replace(year=begins_on.year + years)
    except ValueError:  # born on a 29 February
        anniversary = date(begins_on.year + years, 3, 1)
    return date.fromordinal(anniversary.toordinal() - 1)


def act_digest(hashes: Sequence[bytes]) -> bytes:
    """What one act with one code decides: SHA-256 over the sorted hashes."""
    return hashlib.sha256(b"".join(sorted(hashes))).digest()


def masked(name: str) -> str:
    """A name as strangers see it: 王*明, 王*, J* S*."""
    words = name.split()
    if len(words) > 1:
        return " ".join(f"{word[0]}*" for word in words)
    shown = list(name.strip())
    if len(shown) < 3:
        return "".join(shown[:1]) + "*"
    return shown[0] + "*" * (len(shown) - 2) + shown[-1]


def same_name(one: str, other: str) -> bool:
    """Whether two writings mean the same name: blanks, dots and letter case do not count."""
    return _bare(one) == _bare(other) != ""


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in plain if not letter.isspace() and letter not in "·•・.")
