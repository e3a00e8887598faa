"""Certificates and proofs, altered in every way a forger or a bad line could: who still believes one?

Four things are altered: the text of the QR code, the proof inside a file, the credential, the status list. Each is
shown to our own reader in Python, all but the credential to the one that runs on phones, and credentials and lists to
an independent one (jose) too.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assessments.certification import documents
from assessments.certification.queries.proofs import Proof
from assessments.certification.rules import credential as badges
from assessments.certification.rules import document as papers
from assessments.certification.rules import jose, statuslist
from assessments.certification.rules.document import NotGenuine, decoded, encoded
from assessments.certification.rules.policy import parse
from assessments.certification.signer.keys import key_id_of
from tests import browser

URL = "https://skills.example.gov.cn"
#: The order of the group that Ed25519 works in: a number larger by it means the same to a careless reader.
ORDER = 2**252 + 27742317777372353535851937790883648493
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
SCRIPT = Path(__file__).with_name("mutations.mjs")
JOSE = Path(__file__).parents[1] / "assessments" / "certification" / "others.mjs"


@dataclass(frozen=True)
class Genuine:
    """What is altered: one certificate in all its forms, another one, and the key that signed them."""

    key: Ed25519PrivateKey
    card: str
    other_card: str
    file: str
    credential: str
    list: str

    @property
    def public(self) -> bytes:
        """The public half."""
        return self.key.public_key().public_bytes_raw()

    def key_of(self, key_id: str) -> bytes | None:
        """The public key by its id."""
        return self.public if key_id == key_id_of(self.public) else None


def made(star: Any, key: Ed25519PrivateKey) -> Genuine:
    """A certificate of two stars, as the signer makes it; `star` is what the policy asks for it."""
    public = key.public_key().public_bytes_raw()
    first, second = (_proof(key, name, number) for name, number in (("王小明", 5), ("李小红", 6)))
    zone = timezone(timedelta(hours=8))
    header = badges.header(URL, key_id_of(public))
    claims = badges.claims(first.payload, star, URL, AT, zone)
    url = statuslist.address(URL, 0, statuslist.Purpose.REVOCATION)
    bits = statuslist.bits_of([5, 77])
    revoked = statuslist.credential(url, f"{URL}/v/issuer", statuslist.Purpose.REVOCATION, bits, AT)
    return Genuine(
        key,
        first.text,
        second.text,
        documents.text_of(first),
        jose.compact(header, claims, key.sign),
        jose.compact(header, revoked, key.sign),
    )


def _proof(key: Ed25519PrivateKey, name: str, number: int) -> Proof:
    public = key.public_key().public_bytes_raw()
    document = papers.Document(
        public_id=f"{number:032x}",
        name=name,
        star=2,
        category="general_practitioner",
        institution="麒麟区越州镇中心卫生院（演示）",
        authority_code="530302",
        authority="曲靖市麒麟区卫生健康局（演示）",
        authority_en=None,
        policy="first-way 1",
        policy_hash="0a" * 32,
        evidence_hash="0b" * 32,
        decided_on="2026-11-22",
        valid_years=2,
    )
    begins, ends = date(2026, 11, 22), date(2028, 11, 21)
    issued = papers.Issued(f"530302202600000{number}", begins, ends, key_id_of(public), status=number)
    approvals = [papers.Approved(f"officer-{n}", f"2026-11-22T0{n}:00:00+00:00") for n in (1, 2)]
    full = papers.payload(document, issued, approvals)
    signed = (key.sign(papers.signed_bytes(words)) for words in (full, papers.card(full)))
    return Proof(full, *signed, public)


# ---- altering ----------------------------------------------------------------------------------


def altered(text: str, rng: random.Random, key: Ed25519PrivateKey, more: str = "") -> Iterator[str]:
    """Endless alterations of a signed text; never the text itself."""
    ways: list[Callable[[str, random.Random], str]] = [_letter, _drop, _double, _swap, _cut, _words, _words, _words]
    while True:
        changed = _special(text, rng, key, more) if rng.random() < 0.1 else rng.choice(ways)(text, rng)
        if changed != text:
            yield changed


def _letter(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(LETTERS + "=. +/") + text[at + 1 :]


def _drop(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return text[:at] + text[at + rng.randint(1, 4) :]


def _double(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return text[:at] + text[at : at + 4] + text[at:]


def _swap(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _cut(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text))]


def _words(text: str, rng: random.Random) -> str:
    """One value of what is signed becomes another, written as it should be; the signature stays."""
    parts = text.split(".")
    at = rng.randrange(len(parts) - 1)
    words = json.loads(decoded(parts[at]))
    place, key = _somewhere(words, rng)
    place[key] = _other(place[key], rng)
    if isinstance(words, dict) and rng.random() < 0.15:
        words.pop(rng.choice(sorted(words)))
    if isinstance(words, dict) and rng.random() < 0.15:
        words[rng.choice(["b64", "crit", "jwk", "star", "extra"])] = rng.choice([True, 5, "x"])
    dumped = json.dumps(words, ensure_ascii=rng.random() < 0.1, separators=(",", ":"), sort_keys=rng.random() < 0.5)
    parts[at] = encoded(dumped.encode())
    return ".".join(parts)


def _somewhere(words: Any, rng: random.Random) -> tuple[Any, Any]:
    while True:
        key = rng.choice(sorted(words) if isinstance(words, dict) else range(len(words)))
        if not isinstance(words[key], dict | list) or not words[key]:
            return words, key
        words = words[key]


def _other(value: Any, rng: random.Random) -> Any:
    likely = [None, 5, 1, "", f"{value} ", "2099-01-01", True, "王小红", "EdDSA", "none", "HS256", "revoked", [value]]
    return rng.choice([one for one in likely if one != value or type(one) is not type(value)])


def _special(text: str, rng: random.Random, key: Ed25519PrivateKey, more: str) -> str:
    """What a forger who has read about signatures tries."""
    said, signature = text.rsplit(".", 1)
    raw = decoded(signature)
    larger = int.from_bytes(raw[32:], "little") + ORDER
    stranger = Ed25519PrivateKey.generate()
    message = said.encode() if "." in said else decoded(said)
    tries = [
        f"{said}.{encoded(raw[:32] + larger.to_bytes(32, 'little'))}",
        f"{said}.{encoded(bytes(64))}",
        f"{said}.{encoded(bytes([1]) + bytes(63))}",
        f"{said}.{encoded(stranger.sign(message))}",
        f"{said}.{encoded(key.sign(message + b' '))}",
        f"{said}.",
        f"{said}.{signature}=",
        f"{said}.{signature}.{signature}",
        f"{said}\n.{signature}",
        f".{said}.{signature}",
        more and f"{said}.{more.rsplit('.', 1)[1]}",
        more and f"{more.rsplit('.', 1)[0]}.{signature}",
    ]
    return rng.choice([one for one in tries if one])


# ---- believing ---------------------------------------------------------------------------------


def believes_card(text: str, genuine: Genuine) -> bool:
    """Whether our reader takes the text of a QR code."""
    try:
        short, signature = papers.unpack(text)
    except NotGenuine:
        return False
    key = genuine.key_of(str(short["key"]))
    return key is not None and papers.genuine(short, signature, key)


def believes_file(text: str, genuine: Genuine) -> bool:
    """Whether our reader takes the proof in a file."""
    try:
        full, signature = documents.read(b"%PDF-1.7 skills-proof:" + text.encode() + b")")
    except NotGenuine:
        return False
    key = genuine.key_of(str(full.get("key")))
    return key is not None and papers.genuine(full, signature, key)


def believes_credential(text: str, genuine: Genuine) -> bool:
    """Whether our reader takes a credential or a list."""
    try:
        jose.opened(text, genuine.key_of)
    except NotGenuine:
        return False
    return True


READERS: dict[str, Callable[[str, Genuine], bool]] = {
    "card": believes_card,
    "file": believes_file,
    "credential": believes_credential,
    "list": believes_credential,
}


@dataclass(frozen=True)
class Outcome:
    """How many were tried, and what was believed that should not have been."""

    tried: Counter[str]
    believed: list[tuple[str, str, str]]


def star_of(plain: dict[str, Any]) -> Any:
    """What a policy asks for two stars."""
    return next(one for one in parse(plain).stars if one.star == 2)


def run(genuine: Genuine, number: int, seed: int, folder: Path) -> Outcome:
    """Alter `number` of each kind and show them to every reader."""
    rng, texts = random.Random(seed), dict[str, list[str]]()
    for kind in READERS:
        source = getattr(genuine, kind)
        endless = altered(source, rng, genuine.key, genuine.other_card if kind == "card" else "")
        found: set[str] = set()
        while len(found) < number:
            one = next(endless)
            if one != genuine.other_card:
                found.add(one)
        texts[kind] = sorted(found)
    believed = [("here", k, t) for k, some in texts.items() for t in some if READERS[k](t, genuine)]
    believed += [("phone", kind, text) for kind, text in _on_a_phone(genuine, texts, folder)]
    for kind in ("credential", "list"):
        believed += [("jose", kind, text) for text in _jose(genuine, texts[kind], folder)]
    return Outcome(Counter({kind: len(some) for kind, some in texts.items()}), believed)


def _on_a_phone(genuine: Genuine, texts: dict[str, list[str]], folder: Path) -> list[tuple[str, str]]:
    """What the scripts of the offline page believe; they must take the genuine ones, else this shows nothing."""
    asked = folder / "phone.json"
    key = {"kid": key_id_of(genuine.public), "x": encoded(genuine.public)}
    alone = {kind: [getattr(genuine, kind)] for kind in ("card", "file", "list")}
    asked.write_text(json.dumps({"address": URL, "keys": [key], "genuine": alone, "texts": texts}), encoding="utf-8")
    said = json.loads(browser.run_script(SCRIPT, str(asked)))
    if said["genuine"] != {"card": 1, "file": 1, "list": 1}:
        raise AssertionError(f"the phone does not know the genuine ones: {said['genuine']}")
    return [(kind, text) for kind, text in said["believed"]]


def _jose(genuine: Genuine, texts: list[str], folder: Path) -> list[str]:
    asked = folder / "jose.json"
    key = jose.jwk(key_id_of(genuine.public), genuine.public)
    key["address"] = badges.key_address(URL, key["kid"])
    whole = {"keys": [key], "texts": [genuine.credential, *texts], "now": AT.timestamp() * 1000 + 3600_000}
    asked.write_text(json.dumps(whole), encoding="utf-8")
    first, *others = json.loads(browser.run_script(JOSE, str(asked)))
    if first is None:
        raise AssertionError("jose does not take the genuine one")
    return [text for text, read in zip(texts, others, strict=True) if read is not None]
