"""XML from outside: read in a child that can open nothing, and refused with the line where it is broken."""

import io
import zipfile

import pytest

from lms.errors import Refused
from lms.web import markup_files
from lms.web.intake import Kind


def zipped(**files: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return held.getvalue()


def test_elements_words_and_tails_come_out_as_they_stand() -> None:
    data = b'<a xmlns:q="urn:x" q:b="1">t<q:c>x</q:c>y<!-- n -->z<?p i?></a>'
    root = markup_files.read(data, Kind.XML).trees[""]
    assert (root.name, root.attributes, root.text) == ("a", {"b": "1"}, "t")
    assert [(one.name, one.text, one.tail) for one in root.children] == [("c", "x", "yz")]
    assert root.words == "txyz"


def test_a_prefix_that_nobody_declared_is_forgiven() -> None:
    root = markup_files.read(b'<a x:y="1"><z:b/></a>', Kind.XML).trees[""]
    assert (root.attributes, root.children[0].name) == ({"y": "1"}, "b")


def test_a_zip_gives_trees_pictures_and_the_names_of_all_else() -> None:
    found = markup_files.read(zipped(a_xml="<a/>", b_PNG="x", c_txt="y"), Kind.ZIP)
    assert (list(found.trees), dict(found.pictures), found.others) == (["a.xml"], {"b.PNG": b"x"}, ("c.txt",))


LAUGHS = '<!DOCTYPE a [<!ENTITY l "lol">' + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1 or str()};" * 10}">' for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"<a>\n<b>\n</a>", Kind.XML, "line 3"),
        (b"<a>\n&nothing;</a>", Kind.XML, "line 2"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>', Kind.XML, "DTD"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', Kind.XML, "DTD"),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a []><a/>'.encode("utf-16"), Kind.XML, "DTD"),
        (f"{LAUGHS}]><a>&l9;</a>".encode(), Kind.XML, "DTD|broken"),
        (b"<a>" * 400 + b"</a>" * 400, Kind.XML, "strange|broken"),
        (zipped(a_xml="<a/>", b_xml="<a>\n<b></a>"), Kind.ZIP, "line 2"),
        (b"PK\x03\x04nonsense", Kind.ZIP, "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, kind: Kind, words: str) -> None:
    with pytest.raises(Refused, match=words):
        markup_files.read(data, kind)
