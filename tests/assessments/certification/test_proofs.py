"""What proves a certificate: one form, one text, and no change that would still verify."""

import base64
import json
import random
from datetime import date
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from assessments.certification import documents
from assessments.certification.queries.proofs import Proof
from assessments.certification.rules import document as papers
from assessments.certification.rules.document import NotGenuine
from lms.errors import Conflict

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
LOOK = documents.Look("https://skills.example.gov.cn", simulated=True)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def proof(name: str = "王小明", star: int = 2, **more: Any) -> Proof:
    values = {
        "public_id": "0123456789abcdef" * 2,
        "name": name,
        "star": star,
        "category": "general_practitioner",
        "institution": "麒麟区越州镇中心卫生院（演示）",
        "authority_code": "530302",
        "authority": "曲靖市麒麟区卫生健康局（演示）",
        "authority_en": None,
        "policy": "first-way 1",
        "policy_hash": "0a" * 32,
        "evidence_hash": "0b" * 32,
        "decided_on": "2026-11-22",
        "valid_years": 2,
    }
    issued = papers.Issued("5303022026000001", date(2026, 11, 22), date(2028, 11, 21), "00112233445566aa")
    approvals = [papers.Approved(f"officer-{n}", f"2026-11-22T0{n}:00:00+00:00") for n in (1, 2)]
    full = papers.payload(papers.Document(**values | more), issued, approvals)
    card = papers.card(full)
    return Proof(full, KEY.sign(papers.signed_bytes(full)), KEY.sign(papers.signed_bytes(card)), PUBLIC)


def card_verifies(text: str) -> bool:
    try:
        short, signature = papers.unpack(text)
    except NotGenuine:
        return False
    return papers.genuine(short, signature, PUBLIC)


def test_what_was_signed_verifies() -> None:
    made = proof()
    assert made.holds
    assert card_verifies(made.text)
    assert len(made.text) < 400


def test_no_mutation_of_the_card_verifies() -> None:
    rng, text, tried = random.Random(7), proof().text, set()
    while len(tried) < 1500:
        at = rng.randrange(len(text))
        how = rng.choice(["change", "drop", "double", "swap"])
        changed = {
            "change": text[:at] + rng.choice(LETTERS) + text[at + 1 :],
            "drop": text[:at] + text[at + 1 :],
            "double": text[:at] + text[at] * 2 + text[at + 1 :],
            "swap": text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
        }[how]
        if changed != text:
            tried.add(changed)
    assert not [changed for changed in tried if card_verifies(changed)]


def test_no_mutation_of_the_payload_verifies() -> None:
    rng, made, tried = random.Random(8), proof(), 0
    for _ in range(1500):
        changed = json.loads(papers.signed_bytes(made.payload))
        place, key = changed, rng.choice(sorted(changed))
        while isinstance(place[key], dict | list):
            place = place[key]
            key = rng.choice(sorted(place) if isinstance(place, dict) else range(len(place)))
        place[key] = rng.choice([None, 5, "", f"{place[key]} ", "2099-01-01", True])
        if changed != made.payload:
            tried += 1
            assert not papers.genuine(changed, made.signature, PUBLIC), changed
    assert tried > 1000


def test_another_key_and_another_form_do_not_verify() -> None:
    made, other = proof(), Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert not papers.genuine(made.payload, made.signature, other)
    assert not papers.genuine(made.card, made.signature, PUBLIC)
    assert not papers.genuine(made.payload, made.card_signature, PUBLIC)
    assert not papers.genuine(made.payload, made.signature, b"short")


@pytest.mark.parametrize("text", ["", ".", "a.b", "W10.AAAA", "…", "WyI1MyJd." + "A" * 86])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(NotGenuine):
        papers.unpack(text)


def pages(pdf: bytes) -> tuple[str, Any]:
    opened = pypdfium2.PdfDocument(pdf)
    assert len(opened) == 1
    page = opened[0]
    text = page.get_textpage()
    words, image = text.get_text_range(), page.render(scale=3).to_pil()
    for one in (text, page, opened):
        one.close()
    return words, image


@pytest.mark.parametrize("name", ["王小明", "𠮷喆䶮", "阿卜杜热合曼·买买提吐尔逊"])
def test_the_page_says_it_and_the_code_proves_it(name: str) -> None:
    made = proof(name)
    words, image = pages(documents.certificate(made, LOOK))
    for wanted in (name, "临床技能星级证书", "二星", "5303022026000001", "2028-11-21", "模拟数据", "（演示）"):
        assert wanted in words, wanted
    (code,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    assert code.text == documents.address(made, LOOK.public_url)
    address, _, fragment = code.text.partition("#")
    assert address == "https://skills.example.gov.cn/v/" + "0123456789abcdef" * 2
    assert card_verifies(fragment)
    assert papers.unpack(fragment)[0]["name"] == name


def test_rare_letters_are_letters_and_not_boxes(built: Flask) -> None:
    """Each is drawn as itself; a letter that the font does not have is refused."""

    def drawn(letter: str) -> bytes:
        _, image = pages(documents.certificate(proof(letter), LOOK))
        width, height = image.size
        name = (int(width * 0.4), int(height * 0.50), int(width * 0.6), int(height * 0.595))
        return bytes(image.crop(name).convert("L").tobytes())

    pictures = {letter: drawn(letter) for letter in "𠮷喆䶮吉王"}
    assert len(set(pictures.values())) == len(pictures)
    with built.app_context(), pytest.raises(Conflict):
        documents.certificate(proof("王\U000f0000"), LOOK)


def test_without_simulation_nothing_says_so() -> None:
    words, _ = pages(documents.certificate(proof(), documents.Look("https://skills.example.gov.cn", simulated=False)))
    assert "模拟" not in words


def test_the_file_carries_its_proof_and_is_the_same_every_time() -> None:
    made = proof()
    pdf = documents.certificate(made, LOOK)
    assert documents.certificate(made, LOOK) == pdf
    full, signature = documents.read(pdf)
    assert full == made.payload
    assert papers.genuine(full, signature, PUBLIC)
    assert b"pdfaid" in pdf


def test_a_proof_in_another_form_is_not_read() -> None:
    pdf = documents.certificate(proof(), LOOK)
    loose = base64.urlsafe_b64encode(b'{"a": 1}').rstrip(b"=") + b"." + b"A" * 86
    for content in (b"", b"%PDF-1.7", pdf + b" skills-proof:" + loose, b"skills-proof:" + loose):
        with pytest.raises(NotGenuine):
            documents.read(content)
