"""Our exports read back by other people's parsers, and Moodle XML by a reader made after its documentation.

Nothing here goes through our own readers, except where it says so.
"""

import io
import json
import zipfile
from dataclasses import replace
from fractions import Fraction
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from assessments.bank.formats.document import Entry, plain
from assessments.bank.formats.gift import stem_of
from assessments.bank.formats.known import FORMATS
from tests import browser
from tests.assessments.bank.formats.made import NASTY, PNG, one_of_each
from tests.assessments.bank.formats.test_round_trip import back

SCRIPT = Path(__file__).with_name("others.mjs")
QTI3 = "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}"


def nasty() -> list[Entry]:
    """The small bank again with every dangerous text as the stem, an option or an explanation."""
    made = []
    for at, text in enumerate(NASTY):
        entry = one_of_each()[at % 2]
        options = (("A", text), *((key, f"{key}{other}") for key, other in entry.content.options[1:]))
        content = replace(entry.content, stem=f"{text} ({at})", options=options, explanation=text)
        made.append(replace(entry, code=f"nasty-{at}", content=content))
    return made


def squeezed(text: str) -> str:
    """As gift-pegjs gives words: without outer blanks, a blank for several."""
    return " ".join(part for part in text.replace("\t", " ").split(" ") if part)


@pytest.fixture(scope="module")
def gift(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What gift-pegjs reads, by the id of each question."""
    file = tmp_path_factory.mktemp("gift") / "all.gift"
    file.write_bytes(FORMATS["gift"].write([*one_of_each(), *nasty()]).data)
    found = json.loads(browser.run_script(SCRIPT, "gift", str(file)))
    assert found[0] == {"type": "Category", "title": "htn"}
    return {one["id"]: one for one in found[1:]}


def test_gift_is_what_its_own_grammar_says(gift: dict[str, dict[str, Any]]) -> None:
    kinds = {code.removeprefix("htn-"): one["type"] for code, one in gift.items() if code.startswith("htn-")}
    assert kinds == {
        "single": "MC",
        "multiple": "MC",
        "true-false": "TF",
        "matching": "Matching",
        "short": "Short",
        "numeric": "Numerical",
        "ordering": "Essay",
        "hotspot": "Essay",
    }
    assert [one["weight"] for one in gift["htn-multiple"]["choices"]] == [50, -100, 50, -100]
    assert gift["htn-true-false"]["isTrue"] is True
    pairs = [(one["subquestion"]["text"], one["subanswer"]) for one in gift["htn-matching"]["matchPairs"]]
    assert pairs[:2] == [("痛风患者不宜选用", "氢氯噻嗪"), ("双侧肾动脉狭窄禁用", "缬沙坦")]
    assert [(one["text"]["text"], one["weight"]) for one in gift["htn-short"]["choices"]] == [
        ("钙通道阻滞剂", None),
        ("CCB", 50),
    ]
    assert gift["htn-numeric"]["choices"] == {"type": "range", "number": 130, "range": 0.5}
    assert gift["htn-single"]["tags"] == ["用药", "apply"]


def test_gift_keeps_every_sign_in_every_text(gift: dict[str, dict[str, Any]]) -> None:
    for entry in nasty():
        read, content = gift[entry.code], entry.content
        assert read["stem"]["text"].strip() == squeezed(stem_of(entry)).strip(), entry.code
        assert read["globalFeedback"]["text"].strip() == squeezed(content.explanation).strip()
        assert [one["text"]["text"].strip() for one in read["choices"]] == [
            squeezed(text).strip() for _key, text in content.options
        ]
        right = [
            key for key, one in zip("ABCD", read["choices"], strict=True) if one["isCorrect"] or one["weight"] == 50
        ]
        assert right == list(content.key)


def bank() -> list[Entry]:
    """Both, but for the blank that does not break: @citolab/qti-convert makes a common one of it, everywhere."""
    return [*one_of_each(), *(one for one in nasty() if "\u00a0" not in one.content.stem)]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Our package of QTI 2.1 as @citolab/qti-convert makes 3.0 of it."""
    folder = tmp_path_factory.mktemp("qti")
    (folder / "ours.zip").write_bytes(FORMATS["qti21"].write(bank()).data)
    browser.run_script(SCRIPT, "qti", str(folder / "ours.zip"), str(folder / "theirs.zip"))
    return (folder / "theirs.zip").read_bytes()


def items(package: bytes) -> dict[str, ET.Element]:
    """Every item of a package by its title."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        names = [name for name in archive.namelist() if name.startswith("items/") and name.endswith(".xml")]
        roots = [ET.fromstring(archive.read(name)) for name in names]
    return {root.get("title", ""): root for root in roots}


def values(root: ET.Element) -> list[str]:
    """What an item says is right."""
    return [str(one.text) for holder in root.iter(f"{QTI3}qti-correct-response") for one in holder]


def test_qti_that_another_tool_has_converted_says_the_same(converted: bytes) -> None:
    found = items(converted)
    for entry in bank():
        content, root = entry.content, found[entry.code]
        choices = {one.get("identifier"): "".join(one.itertext()) for one in root.iter(f"{QTI3}qti-simple-choice")}
        if choices:
            assert choices == {key: text.replace("\n", "") for key, text in content.options}
            right = content.key["order"] if isinstance(content.key, dict) else content.key
            assert sorted(values(root)) == sorted(right)
    told = {code: values(root) for code, root in found.items()}
    assert told["htn-matching"] == ["P1 B", "P2 C"]
    assert told["htn-ordering"] == ["C", "A", "D", "B"]
    assert told["htn-numeric"] == ["130"]
    assert found["htn-numeric"].find(f".//{QTI3}qti-equal").get("tolerance") == "0.5 0.5"
    rows = {one.get("map-key"): one.get("mapped-value") for one in found["htn-short"].iter(f"{QTI3}qti-map-entry")}
    assert rows == {"钙通道阻滞剂": "1", "CCB": "0.5"}
    with zipfile.ZipFile(io.BytesIO(converted)) as archive:
        shown = found["htn-hotspot"].find(f".//{QTI3}qti-select-point-interaction/{QTI3}img")
        assert archive.read(f"items/{shown.get('src')}") == PNG


def test_what_another_tool_has_converted_is_still_the_same_bank(converted: bytes) -> None:
    """Through our reader: even the extension has come along."""
    made = bank()
    assert [plain(one) for one in back(converted, "qti30").entries] == [plain(one) for one in made]


#: What the converter adds of its own: addresses of schemas, and that one choice must be made.
ADDED = {"{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "min-choices"}


def shape(one: ET.Element) -> Any:
    """An element as plain values, for comparing; the use of a rubric has no word in 2.1."""
    said = {key: value for key, value in one.attrib.items() if key not in {*ADDED, "use"}}
    # it also begins every way of marking that is not a template with a score of 0, which ours ends with
    zero = f"{QTI3}qti-set-outcome-value" if one.tag == f"{QTI3}qti-response-processing" else ""
    inside = [shape(child) for child in one if child.tag != zero]
    return [one.tag, said, (one.text or "").strip(), (one.tail or "").strip(), inside]


def test_our_qti_3_is_what_another_tool_makes_of_our_qti_2(converted: bytes) -> None:
    made = bank()
    ours, theirs = items(FORMATS["qti30"].write(made).data), items(converted)
    assert {code: shape(one) for code, one in ours.items()} == {code: shape(one) for code, one in theirs.items()}


def moodle(data: bytes) -> dict[str, dict[str, Any]]:
    """Questions as Moodle's documentation of its XML says they are to be read; written from it, not from our code."""
    found = {}
    for one in ET.fromstring(data).findall("question"):
        if one.get("type") == "category":
            continue
        answers = [
            (answer.findtext("text"), Fraction(str(answer.get("fraction"))), answer) for answer in one.findall("answer")
        ]
        found[str(one.findtext("idnumber"))] = {
            "type": one.get("type"),
            "name": one.findtext("name/text"),
            "text": one.findtext("questiontext/text"),
            "format": one.find("questiontext").get("format"),
            "single": one.findtext("single"),
            "answers": [(text, share) for text, share, _node in answers],
            "tolerance": [node.findtext("tolerance") for _text, _share, node in answers],
            "pairs": [(s.findtext("text"), s.findtext("answer/text")) for s in one.findall("subquestion")],
            "units": [unit.findtext("unit_name") for unit in one.findall("units/unit")],
            "drops": [(d.findtext("shape"), d.findtext("coords")) for d in one.findall("drop")],
            "tags": [tag.findtext("text") for tag in one.findall("tags/tag")],
            "feedback": one.findtext("generalfeedback/text"),
        }
    return found


def test_moodle_xml_after_its_documentation() -> None:
    found = moodle(FORMATS["moodle"].write(one_of_each()).data)
    short = {code.removeprefix("htn-"): one for code, one in found.items()}
    assert {code: one["type"] for code, one in short.items()} == {
        "single": "multichoice",
        "multiple": "multichoice",
        "true-false": "truefalse",
        "matching": "matching",
        "short": "shortanswer",
        "numeric": "numerical",
        "ordering": "ordering",
        "hotspot": "ddmarker",
    }
    assert [share for _text, share in short["single"]["answers"]] == [100, 0, 0, 0]
    assert [share for _text, share in short["multiple"]["answers"]] == [50, -100, 50, -100]
    assert (short["single"]["single"], short["multiple"]["single"]) == ("true", "false")
    assert short["true-false"]["answers"] == [("true", 100), ("false", 0)]
    assert short["matching"]["pairs"][:2] == [("痛风患者不宜选用", "氢氯噻嗪"), ("双侧肾动脉狭窄禁用", "缬沙坦")]
    assert short["short"]["answers"] == [("钙通道阻滞剂", 100), ("CCB", 50)]
    assert (short["numeric"]["answers"], short["numeric"]["tolerance"]) == ([("130", 100)], ["0.5"])
    assert short["numeric"]["units"] == ["mmHg", "毫米汞柱"]
    assert [text for text, _share in short["ordering"]["answers"]] == ["缬沙坦", "氨氯地平", "美托洛尔", "氢氯噻嗪"]
    assert short["hotspot"]["drops"][0][0] == "polygon"
    assert short["single"]["text"].startswith("男，58 岁，高血压 5 年。<br><br>哪种药")
    assert short["single"]["tags"] == ["用药", "apply"]
    assert short["single"]["feedback"] == "指南如此要求。"


def test_moodle_shows_every_sign_as_it_is() -> None:
    found = moodle(FORMATS["moodle"].write(nasty()).data)
    for entry in nasty():
        read = found[entry.code]
        assert read["format"] == "html"
        assert "<script" not in read["text"]
        assert unescape(read["text"].replace("<br>", "\n")) == stem_of(entry)
        assert [text for text, _share in read["answers"]] == [text for _key, text in entry.content.options]
