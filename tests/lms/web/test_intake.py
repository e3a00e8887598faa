"""The door for files from outside: bytes say what they are, and a zip is looked at before it is opened."""

import io
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid, Refused, TooLarge
from lms.web import workbooks
from lms.web.intake import Kind, Taken, ZipLimits, check_zip, decoded, short_name, sniff, take
from tests.factories.roster import excel

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture(autouse=True)
def words(app: Flask) -> object:
    """Refusals are said in a language."""
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7", Kind.PDF),
        (b"\x89PNG\r\n\x1a\n", Kind.PNG),
        (b"\xff\xd8\xff\xe0", Kind.JPEG),
        (b"GIF89a", Kind.GIF),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", Kind.WEBP),
        (b"\x00\x00\x00\x18ftypmp42", Kind.MP4),
        (OLE + bytes(100), Kind.OLD_EXCEL),
        (OLE + "EncryptedPackage".encode("utf-16-le"), Kind.LOCKED_EXCEL),
        (b" <HTML><body>", Kind.HTML),
        (b'<?xml version="1.0"?><Workbook/>', Kind.XML),
        ("姓名,身份证号".encode("gb18030"), Kind.TEXT),
        ("姓名,身份证号".encode("utf-16"), Kind.TEXT),
        (b"\x00\x01\x02", Kind.UNKNOWN),
        (b"PK\x03\x04broken", Kind.UNKNOWN),
    ],
)
def test_a_file_is_what_its_bytes_are(data: bytes, kind: Kind) -> None:
    assert sniff(data) is kind


def test_a_workbook_is_told_from_another_zip() -> None:
    assert sniff(excel([["x"]])) is Kind.XLSX
    assert sniff(zipped({"a.txt": b"x"})) is Kind.ZIP


@given(st.binary(max_size=300))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    assert isinstance(sniff(data), Kind)
    assert decoded(data) is None or isinstance(decoded(data), str)


@given(st.text(max_size=200))
def test_any_name_can_be_shown(name: str) -> None:
    shown = short_name(name)
    assert shown
    assert len(shown) <= 100
    assert "/" not in shown
    assert "\\" not in shown
    assert shown.isprintable()


def test_names_lose_their_folders() -> None:
    assert short_name("C:\\Users\\王\\名册.xlsx") == "名册.xlsx"
    assert short_name("../../etc/passwd") == "passwd"
    assert short_name("a\u202egpj.exe") == "agpj.exe"


def test_size_is_asked_while_reading() -> None:
    with pytest.raises(TooLarge):
        take(io.BytesIO(b"x" * 11), "a", kinds=frozenset({Kind.TEXT}), most=10)
    assert take(io.BytesIO(b"x" * 10), "a", kinds=frozenset({Kind.TEXT}), most=10).kind is Kind.TEXT


@pytest.mark.parametrize("data", [b"", b"%PDF-", OLE + bytes(9), b"<html>"])
def test_other_kinds_are_turned_away_with_advice(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        take(io.BytesIO(data), "a.xlsx", kinds=frozenset({Kind.XLSX}), most=1000)
    assert str(refused.value)


def zipped(parts: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] | None = None) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(entry)
            archive.writestr(entry, content)
    return file.getvalue()


def link(entry: zipfile.ZipInfo) -> None:
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16


def encrypted() -> bytes:
    data = bytearray(zipped({"a": b"x"}))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (zipped({"../up": b"x"}), Invalid),
        (zipped({"a/../../up": b"x"}), Invalid),
        (zipped({"/root": b"x"}), Invalid),
        (zipped({"..\\up": b"x"}), Invalid),
        (zipped({"c:evil": b"x"}), Invalid),
        (zipped({"a": b"/etc/passwd"}, link), Invalid),
        (encrypted(), Invalid),
        (zipped({str(n): b"" for n in range(30)}), TooLarge),
        (zipped({"a": bytes(6 << 20)}), TooLarge),
        (zipped({"a": bytes(range(256)) * 40000}), TooLarge),
        (b"PK\x05\x06", Invalid),
    ],
    ids=["up", "up again", "root", "back", "drive", "link", "locked", "many", "ratio", "total", "cut"],
)
def test_a_zip_is_refused_by_its_own_list(data: bytes, wrong: type[Refused]) -> None:
    with pytest.raises(wrong):
        check_zip(data, ZipLimits(entries=20, total=8 << 20, ratio=100))


def test_an_ordinary_zip_passes() -> None:
    check_zip(zipped({"a/b.txt": b"x" * 1000, "c": b""}), ZipLimits())


def test_two_parts_of_one_name_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", b"2")
    with pytest.raises(Invalid):
        check_zip(file.getvalue(), ZipLimits())


def replaced(part: str, old: bytes, new: bytes) -> bytes:
    """A workbook with one of its parts tampered with."""
    with zipfile.ZipFile(io.BytesIO(excel([["x"]]))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    return zipped(parts | {part: parts[part].replace(old, new, 1)})


SHEET = "xl/worksheets/sheet1.xml"


def formulas(data: bytes) -> set[str]:
    return set().union(*(sheet.formulas for sheet in workbooks.read(data, Kind.XLSX, most_rows=100)))


def test_formulas_are_found_however_they_hide() -> None:
    cell = b'<c r="A2" s="'
    hidden = b'<c r="B7"><f>1+1</f><v>2</v></c>' + cell
    assert formulas(replaced(SHEET, cell, hidden)) == {"B7"}
    assert formulas(replaced(SHEET, cell, b'<c r="B7"><!-- x --><f >1</f></c>' + cell)) == {"?"}
    with zipfile.ZipFile(io.BytesIO(replaced(SHEET, cell, hidden))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    links = "xl/_rels/workbook.xml.rels"
    parts["xl/worksheets/other.xml"] = parts.pop(SHEET)
    parts[links] = parts[links].replace(b'"worksheets/sheet1.xml"', b"'worksheets/other.xml'")
    assert formulas(zipped(parts)) == {"?"}


@pytest.mark.parametrize(
    "data",
    [
        replaced(SHEET, b"<worksheet", b"<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet"),
        replaced("xl/workbook.xml", b"<workbook", b"<!doctype x><workbook"),
        zipped({"xl/workbook.xml": b"<workbook/>"}),
        zipped({"xl/workbook.xml": "<workbook/>".encode("utf-16")}),
        excel([["x"]])[:200] + excel([["x"]])[300:],
    ],
    ids=["entity", "doctype", "bare", "utf-16", "hole"],
)
def test_a_tampered_workbook_is_refused_and_nothing_falls_over(data: bytes) -> None:
    with pytest.raises(Refused):
        workbooks.read(data, Kind.XLSX, most_rows=100)


def test_a_sheet_that_claims_the_whole_grid_ends_the_child_and_not_us() -> None:
    far = b'<c r="XFD1048576" t="str"><v>x</v></c></row></sheetData>'
    with pytest.raises(TooLarge):
        workbooks.read(replaced(SHEET, b"</row></sheetData>", far), Kind.XLSX, most_rows=2_000_000)


def test_a_part_that_lies_about_its_size_stays_in_the_childs_memory() -> None:
    data = zipped({"xl/workbook.xml": b"<workbook>" + bytes(1 << 30) + b"</workbook>"})
    at = data.index(b"PK\x01\x02")
    lying = data[: at + 24] + (1000).to_bytes(4, "little") + data[at + 28 :]
    check_zip(lying, ZipLimits(ratio=10**6))
    with pytest.raises(Refused):
        workbooks.read(lying, Kind.XLSX, most_rows=100)


def test_the_child_can_open_nothing() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import workbook_child as child, socket\n"
        "child.give_up_rights()\n"
        "refused = 0\n"
        "for act in (lambda: open('/etc/hostname'), socket.socket, lambda: bytes(2 << 30)):\n"
        "    try: act()\n"
        "    except (OSError, MemoryError): refused += 1\n"
        "print(refused)\n"
    )
    folder = str(workbooks._CHILD.parent)
    ran = subprocess.run([sys.executable, "-I", "-c", script, folder], capture_output=True, text=True, check=False)
    assert ran.stdout == "3\n", ran.stderr


def test_a_file_read_is_the_file_taken() -> None:
    data = excel([["x", "=1"]], ["a", "b"])
    taken = take(io.BytesIO(data), "a.xlsx", kinds=frozenset({Kind.XLSX}), most=1 << 20)
    assert isinstance(taken, Taken)
    (sheet,) = workbooks.read(taken.data, taken.kind, most_rows=10)
    assert sheet.rows == [["a", "b"], ["x", "=1"]]
    assert sheet.formulas == frozenset()
