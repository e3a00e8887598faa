"""Files that are rosters whatever they look like, and files that are none."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy import orm

from lms.errors import Refused, TooLarge
from lms.people.formats.roster import GUIDE
from lms.people.formats.template import PEOPLE
from lms.people.models import RosterImport
from lms.people.rules.roster import COLUMNS
from lms.people.rules.roster import head as head_of
from lms.web.intake import Kind
from lms.web.workbooks import read
from tests.factories.roster import HEADS, excel, people
from tests.lms.people.rosters import ROW, TOWNSHIP, Import, count, in_cells, refusals


def test_heads_by_other_names_in_any_order_under_a_title(bring: Import) -> None:
    heads = ["工作单位", "身份证号码", "姓 名*", "人员类别", "备注", "手机号码（可空）"]
    row = [ROW[3], ROW[1], ROW[0], ROW[2], "x", ""]
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet("2026年")
    page.merge_range(0, 0, 0, 5, "某县基层医务人员花名册")
    page.write_row(1, 0, heads)
    page.write_row(2, 0, row)
    book.add_worksheet("Sheet2")
    book.close()
    plan, shown = bring(file.getvalue())
    assert plan.acceptable
    assert (shown[0].sheet, shown[0].row) == ("2026年", 3)


def test_a_formula_is_refused_by_cell(bring: Import) -> None:
    cells = {f"{chr(65 + n)}1": head for n, head in enumerate(HEADS)}
    cells |= {f"{chr(65 + n)}2": value for n, value in enumerate(ROW) if value}
    _plan, shown = bring(in_cells(cells, formula="E2"))
    assert refusals(shown) == [("E2", "formula")]
    text = ",".join(HEADS) + "\n" + ",".join(str(value or "") for value in ["=1+1", *ROW[1:]])
    _plan, shown = bring(text.encode("gb18030"), name="名册.csv")
    assert refusals(shown) == [("A2", "formula")]


def test_merged_cells_among_the_rows_are_refused_by_cell(bring: Import) -> None:
    cells = {f"{chr(65 + n)}1": head for n, head in enumerate(HEADS)}
    second = people(1, [TOWNSHIP], seed=6)[0]
    for number, row in ((2, ROW), (3, second)):
        cells |= {f"{chr(65 + n)}{number}": value for n, value in enumerate(row) if value and n != 3}
    _plan, shown = bring(in_cells(cells, merged="D2:D3"))
    assert ("D2", "merged") in refusals(shown)
    assert ("D3", "merged") in refusals(shown)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_in_every_usual_form(bring: Import, encoding: str, separator: str) -> None:
    lines_ = [separator.join(HEADS), separator.join(str(value or "") for value in ROW)]
    plan, _shown = bring("\r\n".join(lines_).encode(encoding), name="名册.csv")
    assert plan.acceptable
    assert plan.rows[0].entry.name == ROW[0]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: in_cells({}), "名册"),
        (lambda: in_cells({"A1": "说明", "B2": "x"}), "名册"),
        (lambda: in_cells({f"{chr(65 + n)}1": head for n, head in enumerate(HEADS)}), "名册"),
        (lambda: in_cells({"A1": "姓名", "B1": "身份证号", "A2": "x"}), "类别、机构"),
        (lambda: in_cells({"A1": "姓名", "B1": "身份证号", "C1": "姓名", "D1": "类别", "E1": "机构"}), "姓名"),
        (lambda: in_cells({"C2": "类别", "D2": "机构", "A2": "姓名", "B2": "x"}, merged="B1:B2"), "B1:B2"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xlsx"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), ""),
        (lambda: b"<html><table><tr><td>x</td></tr></table></html>", ".xlsx"),
        (lambda: b"%PDF-1.7", "csv"),
        (lambda: b"", ""),
        (lambda: excel([list(ROW)])[:-200], ""),
        (lambda: excel([[f"a{n}"] for n in range(100_000)]), "100001"),
        (lambda: "\n".join([",".join(HEADS), *["x"] * 100_000]).encode(), "100001"),
    ],
    ids=[
        *("empty", "no head", "nobody", "missing", "twice", "merged head", "xls", "locked", "html", "pdf", "nothing"),
        *("cut", "100,000 rows", "100,000 lines"),
    ],
)
def test_files_that_are_no_roster(bring: Import, make: Callable[[], bytes], says: str, session: orm.Session) -> None:
    with pytest.raises(Refused) as refused:
        bring(make())
    assert says in str(refused.value)
    assert count(session, RosterImport) == 0


def test_a_zip_bomb_is_not_opened(bring: Import) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(400):
                part.write(bytes(1 << 20))
    with pytest.raises(TooLarge):
        bring(file.getvalue())


def test_the_template_can_be_filled_in(app: Flask, bring: Import, tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    assert app.test_cli_runner().invoke(args=["roster", "template", str(file)]).exit_code == 0
    with app.app_context():
        sheets = read(file.read_bytes(), Kind.XLSX, most_rows=100)
    assert [sheet.name for sheet in sheets] == [PEOPLE, GUIDE]
    heads = [str(head) for head in sheets[0].rows[0]]
    assert [head_of(one) for one in heads] == list(COLUMNS)
    example = [row[3] for row in sheets[1].rows[1:12]]
    example[3] = TOWNSHIP
    plan, shown = bring(excel([example], heads))
    assert plan.acceptable, refusals(shown)
