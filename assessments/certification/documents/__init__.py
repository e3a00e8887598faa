"""The certificate as a document: one page A4, made by one typesetter per process."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import rfc8785
import typst
import zxingcpp

from assessments.certification.queries.proofs import Proof
from assessments.certification.rules.document import NotGenuine, decoded, encoded, signed_bytes
from lms.errors import Conflict
from lms.i18n import _
from lms.typesetting import Typesetter

_CERTIFICATE = Typesetter(Path(__file__).with_name("certificate.typ"))
#: What stands in the file's own description, before the proof: by it `certificates verify` finds the proof.
MARK = "skills-proof:"
_PROOF = re.compile(rb"skills-proof:([A-Za-z0-9_-]{1,20000}[.][A-Za-z0-9_-]{80,100})(?![A-Za-z0-9_.=-])")
_DARK = re.compile(b"\x01+")
CATEGORIES = {
    "general_practitioner": ("全科医生", "General practitioner"),
    "village_doctor": ("乡村医生", "Village doctor"),
    "nurse": ("护士", "Nurse"),
    "specialist": ("专科医师", "Specialist"),
    "administrator": ("管理人员", "Administrator"),
}
_NUMERALS = {1: ("一", "One star"), 2: ("二", "Two stars"), 3: ("三", "Three stars"), 4: ("四", "Four stars")}
_NUMERALS[5] = ("五", "Five stars")


@dataclass(frozen=True)
class Look:
    """What the installation adds: where strangers check, and whether the data are simulated."""

    public_url: str
    simulated: bool


def address(proof: Proof, public_url: str) -> str:
    """What the QR code holds: the public page, and behind # the signed card for checking without us."""
    return f"{public_url.rstrip('/')}/v/{proof.payload['id']}#{proof.text}"


def qr(text: str) -> str:
    """The QR code as SVG, in the ink of the page.

    Certificates are made by the hundred, so that it is drawn by zxing-cpp; segno, which draws all others, takes longer
    over one code than everything else about a certificate.
    """
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    rows = np.asarray(made.to_image(add_quiet_zones=False)) == 0
    path = "".join(_strokes(y, row.tobytes()) for y, row in enumerate(rows))
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" height="{size}">'
        f'<path d="{path}" stroke="#14252b"/></svg>'
    )


def _strokes(y: int, row: bytes) -> str:
    """The dark runs of one line of modules."""
    return "".join(f"M{run.start()} {y}.5h{run.end() - run.start()}" for run in _DARK.finditer(row))


def certificate(proof: Proof, look: Look) -> bytes:
    """The PDF (PDF/A-2b, tagged): the same proof gives the same bytes.

    Raises Conflict for a letter that the font does not have: no certificate leaves with a box in a name.
    """
    full = proof.payload
    at = datetime.fromisoformat(full["approvals"][-1]["at"]).astimezone(UTC).replace(microsecond=0)
    try:
        return _CERTIFICATE.pdf(_words(proof, look), at=at)
    except typst.TypstError as wrong:
        if "could not be displayed" not in str(wrong):
            raise
        raise Conflict(_("A letter of this certificate is missing in the font. Tell your administrator.")) from wrong


def _words(proof: Proof, look: Look) -> dict[str, Any]:
    full = proof.payload
    zh, en = _NUMERALS[full["star"]]
    category, category_en = CATEGORIES[full["category"]]
    return {
        "star": full["star"],
        "star_zh": zh,
        "star_en": en,
        "name": full["name"],
        "category": category,
        "category_en": category_en,
        "institution": full["institution"],
        "authority": full["authority"]["name"],
        "number": full["number"],
        "from": full["from"],
        "until": full["until"],
        "policy": full["policy"]["name"],
        "key": full["key"],
        "document": full["document"],
        "site": look.public_url.split("://", 1)[-1].rstrip("/"),
        "qr": qr(address(proof, look.public_url)),
        "proof": MARK + text_of(proof),
        "simulated": look.simulated,
    }


def text_of(proof: Proof) -> str:
    """The whole proof as ASCII text: payload, a dot, signature."""
    return _joined(signed_bytes(proof.payload), proof.signature)


def _joined(*parts: bytes) -> str:
    return ".".join(encoded(part) for part in parts)


def read(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The proof in a file that somebody brings: payload and signature; raises NotGenuine."""
    found = set(_PROOF.findall(content))
    if len(found) != 1:
        raise NotGenuine("there is no certificate of ours in this file")
    try:
        text = found.pop().decode()
        words, signature = (decoded(part) for part in text.split("."))
        full = json.loads(words)
        one_form = isinstance(full, dict) and signed_bytes(full) == words and _joined(words, signature) == text
        if not one_form:
            raise NotGenuine("the proof in this file is not in its one form")
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as wrong:
        raise NotGenuine("the proof in this file cannot be read") from wrong
    return full, signature
