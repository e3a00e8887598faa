"""The certificate as a document: one page A4, made by one typesetter per process."""

import base64
import json
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import rfc8785
import segno
import typst

from assessments.certification.queries.proofs import Proof
from assessments.certification.rules.document import NotGenuine, signed_bytes
from lms.errors import Conflict
from lms.i18n import _

_TEMPLATE = Path(__file__).with_name("certificate.typ")
#: What stands in the file's own description, before the proof: by it `certificates verify` finds the proof.
MARK = "skills-proof:"
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
    """The QR code as SVG, in the ink of the page."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=0, dark="#14252b", xmldecl=False, scale=4)
    return out.getvalue().decode()


def certificate(proof: Proof, look: Look) -> bytes:
    """The PDF (PDF/A-2b, tagged): the same proof gives the same bytes.

    Raises Conflict for a letter that the font does not have: no certificate leaves with a box in a name.
    """
    full = proof.payload
    at = datetime.fromisoformat(full["approvals"][-1]["at"]).astimezone(UTC).replace(microsecond=0)
    data = json.dumps(_words(proof, look), ensure_ascii=False)
    try:
        with _lock:
            made = _compiler().compile(format="pdf", sys_inputs={"data": data}, pdf_standards=["a-2b"], timestamp=at)
    except typst.TypstError as wrong:
        if "could not be displayed" not in str(wrong):
            raise
        raise Conflict(_("A letter of this certificate is missing in the font. Tell your administrator.")) from wrong
    if not isinstance(made, bytes):
        raise TypeError("one document was expected")
    return made


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
    parts = (signed_bytes(proof.payload), proof.signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def read(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The proof in a file that somebody brings: payload and signature; raises NotGenuine."""
    found = set(re.findall(rb"skills-proof:([A-Za-z0-9_-]{1,20000}[.][A-Za-z0-9_-]{80,100})", content))
    if len(found) != 1:
        raise NotGenuine("there is no certificate of ours in this file")
    try:
        words, signature = (base64.b64decode(p + b"=" * (-len(p) % 4), b"-_", True) for p in found.pop().split(b"."))
        full = json.loads(words)
        if not isinstance(full, dict) or signed_bytes(full) != words:
            raise NotGenuine("the proof in this file is not in its one form")
    except (ValueError, rfc8785.CanonicalizationError) as wrong:
        raise NotGenuine("the proof in this file cannot be read") from wrong
    return full, signature


_lock = threading.Lock()


@cache
def _compiler() -> typst.Compiler:
    """Made once: reading the fonts anew would take longer than ten certificates."""
    fonts = find_spec("noto_cjk_sans_otc")
    if fonts is None or not fonts.submodule_search_locations:
        raise RuntimeError("the font package noto-cjk-sans-otc is missing")
    return typst.Compiler(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=[fonts.submodule_search_locations[0]],
        ignore_system_fonts=True,
    )
