"""Signed JSON as other people's programs read it: JWS in compact form with Ed25519 (RFC 7515, RFC 8037); its keys."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from assessments.certification.rules.document import NotGenuine, decoded, encoded, signed

ALGORITHM: Final = "EdDSA"
#: Longer than any credential or status list of ours.
LONGEST: Final = 400_000
Json = dict[str, Any]


def jwk(key_id: str, public_key: bytes) -> Json:
    """A public key as a JSON Web Key (RFC 8037)."""
    return {"kty": "OKP", "crv": "Ed25519", "x": encoded(public_key), "kid": key_id, "alg": ALGORITHM, "use": "sig"}


def compact(header: Mapping[str, Any], claims: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """Header and claims, signed: three parts in base64url with dots between them."""
    said = ".".join(encoded(_text(part)) for part in ({"alg": ALGORITHM, **header}, claims))
    return f"{said}.{encoded(sign(said.encode()))}"


def opened(text: str, key_of: Callable[[str], bytes | None]) -> tuple[Json, Json]:
    """Header and claims of what was signed by a key of ours; raises NotGenuine.

    The algorithm is ours and never the header's; `key_of` gives the public key by the last part of the key's address.
    """
    parts = text.split(".")
    if len(parts) != 3 or len(text) > LONGEST:
        raise NotGenuine("this is no signed credential")
    try:
        header, claims = (json.loads(decoded(part)) for part in parts[:2])
        signature = decoded(parts[2])
        whole = all(encoded(decoded(part)) == part for part in parts)
    except (ValueError, RecursionError) as wrong:
        raise NotGenuine("this is no signed credential") from wrong
    if not (whole and isinstance(header, dict) and isinstance(claims, dict) and header.get("alg") == ALGORITHM):
        raise NotGenuine("this is no signed credential")
    key = key_of(str(header.get("kid", "")).rpartition("/")[2])
    if key is None or not signed(text.rpartition(".")[0].encode(), signature, key):
        raise NotGenuine("the signature is not ours")
    return header, claims


def _text(part: Mapping[str, Any]) -> bytes:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode()
