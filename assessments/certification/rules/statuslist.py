"""What became of certificates, as one bit each: Bitstring Status List v1.0 (W3C Recommendation of 15 May 2025).

A list says one thing about 131,072 certificates; fewer would tell who asks about whom. Bit 0 is the leftmost.
"""

import gzip
import io
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from assessments.certification.rules.document import NotGenuine, decoded, encoded

BITS: Final = 131_072
CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
#: How long a verifier may rely on a list that was fetched.
GOOD_FOR: Final = timedelta(days=1)


class Purpose(StrEnum):
    """What a bit that is set means: void for ever, halted for now, or a newer certificate took its place."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"
    REFRESH = "refresh"


@dataclass(frozen=True, order=True)
class Place:
    """Where a certificate's bits stand: the number of the list, and the place in it."""

    number: int
    index: int

    @classmethod
    def of(cls, status: int) -> "Place":
        """The place of the certificate with this running number."""
        return cls(*divmod(status, BITS))


def address(public_url: str, number: int, purpose: str) -> str:
    """Where the world reads one list."""
    return f"{public_url.rstrip('/')}/v/status/{number}/{purpose}"


def entries(public_url: str, status: int) -> list[dict[str, str]]:
    """What a credential says of where its status is looked up."""
    place = Place.of(status)
    found = []
    for purpose in Purpose:
        url = address(public_url, place.number, purpose)
        found.append(
            {
                "id": f"{url}#{place.index}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": str(purpose),
                "statusListIndex": str(place.index),
                "statusListCredential": url,
            }
        )
    return found


# ---- the bits ----------------------------------------------------------------------------------


def bits_of(indexes: Iterable[int]) -> bytes:
    """A list with these bits set."""
    made = bytearray(BITS // 8)
    for index in indexes:
        made[index >> 3] |= 0x80 >> (index & 7)
    return bytes(made)


def is_set(bits: bytes, index: int) -> bool:
    """Whether the bit of a place is set."""
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))


def indexes_of(bits: bytes) -> list[int]:
    """The places whose bits are set."""
    return [at * 8 + bit for at, byte in enumerate(bits) if byte for bit in range(8) if byte & (0x80 >> bit)]


def packed(bits: bytes) -> str:
    """The bits as a credential carries them: gzip, base64url, and the `u` of multibase."""
    return "u" + encoded(gzip.compress(bits, 9, mtime=0))


def unpacked(text: str) -> bytes:
    """The bits out of a list; raises NotGenuine. No more is unpacked than a list may hold."""
    try:
        if not text.startswith("u"):
            raise NotGenuine("this is no status list")
        with gzip.GzipFile(fileobj=io.BytesIO(decoded(text[1:]))) as file:
            bits = file.read(BITS // 8 + 1)
    except (ValueError, OSError, EOFError, zlib.error) as wrong:
        raise NotGenuine("this is no status list") from wrong
    if len(bits) != BITS // 8:
        raise NotGenuine("this is no status list")
    return bits


# ---- the list as a credential ------------------------------------------------------------------


def credential(url: str, issuer: str, purpose: Purpose, bits: bytes, at: datetime) -> dict[str, Any]:
    """A list as it is signed and given to everybody."""
    until = at + GOOD_FOR
    return {
        "@context": [CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": stamp(at),
        "validUntil": stamp(until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": str(purpose),
            "encodedList": packed(bits),
            "ttl": int(GOOD_FOR.total_seconds()) * 1000,
        },
        "iss": issuer,
        "sub": f"{url}#list",
        "iat": int(at.timestamp()),
        "exp": int(until.timestamp()),
    }


def read(claims: Mapping[str, Any], url: str, purpose: Purpose) -> tuple[bytes, datetime]:
    """Bits and moment of a list that was opened; raises NotGenuine if it is another list."""
    try:
        subject = claims["credentialSubject"]
        same = (
            claims["id"] == url
            and subject["statusPurpose"] == purpose
            and "BitstringStatusListCredential" in claims["type"]
        )
        bits, at = unpacked(subject["encodedList"]), datetime.fromisoformat(claims["validFrom"])
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise NotGenuine("this is no status list") from wrong
    if not same:
        raise NotGenuine("this is another list")
    return bits, at


def stamp(moment: datetime) -> str:
    """A moment as XML Schema's dateTimeStamp writes it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
