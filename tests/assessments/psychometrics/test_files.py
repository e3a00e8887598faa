"""Bad files: refused with row and column, exit code 1, and nothing on standard output."""

import json

import pytest
from click.testing import CliRunner

from assessments.psychometrics.cli import psychometrics


def ask(path, content, *arguments: str):
    file = path / "file.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    command, *options = arguments
    return CliRunner().invoke(psychometrics, [command, str(file), *options, "--json"])


ITEMS = [
    ("", "the file is empty"),
    ("\n\n", "the file is empty"),
    ("i1,i2\n", "there is no row under the header"),
    ("i1,i2\n1,NaN\n", "row 2: column i2: 'NaN' is no number"),
    ("i1,i2\n1,0\n1,inf\n", "row 3: column i2: 'inf' is no number"),
    ("i1,i2\n1,1e309\n", "row 2: column i2: '1e309' is not from 0 to 1000000000"),
    ("i1,i2\n1,1e9999999\n", "row 2: column i2: '1e9999999' is no number"),
    ("i1,i2\n1,-1\n", "row 2: column i2: '-1' is not from 0"),
    ("i1,i2\n1,right\n", "row 2: column i2: 'right' is no number"),
    ("i1,i2\n1,=1+1\n", "row 2: column i2: '=1+1' is no number"),
    ("i1,i2\n1,\n", "row 2: column i2: the cell is empty"),
    ("i1,i2\n1,0\n1\n", "row 3: 1 values where the header has 2 columns"),
    ("i1,i2\n1,0,1\n", "row 2: 3 values where the header has 2 columns"),
    ("i1,i1\n1,0\n", "row 1: column i1: the column is there twice"),
    ("i1,\n1,0\n", "row 1: column 2: the column has no name"),
    ("freq\n3\n", "there is no column of an item"),
    ("i1,freq\n1,0\n", "column freq: all are 0"),
    ("i1,freq\n1,1.5\n", "row 2: column freq: '1.5' is no whole number"),
    ('i1,i2\n1,"0\n', "row 2: not CSV"),
    (b"i1,i2\n1,\xff\n", "row 2: not UTF-8"),
    (b"i1,i2\n1,\x00\n", "row 2: not text"),
]


@pytest.mark.parametrize(("content", "words"), ITEMS)
def test_no_points(tmp_path, content, words):
    ran = ask(tmp_path, content, "items")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith(words)
    assert ran.stderr.count("\n") == 1


OTHERS = [
    (("cohen",), "mark\n1\n", "row 1: column score: the column is missing"),
    (("cohen",), "score\n1\n\n3\n", "row 3: column score: the cell is empty"),
    (("angoff",), "judge,i1\nj1,1.1\n", "row 2: column i1: '1.1' is not from 0 to 1"),
    (("angoff",), "judge,i1\nj1,.5\nj1,.6\n", "row 3: column judge: judge 'j1' stands there twice"),
    (("angoff",), "judge,i1\n,.5\n", "row 2: column judge: the cell is empty"),
    (("angoff",), "judge\nj1\n", "there is no column of an item"),
    (("ebel",), "judge,relevance,difficulty,items\nj,a,b,1\n", "row 1: column proportion: the column is missing"),
    (("ebel",), "judge,relevance,difficulty,items,proportion\nj,a,b,1,60\n", "row 2: column proportion: '60' is not"),
    (("ebel",), "judge,relevance,difficulty,items,proportion\nj,a,b,1,1\nj,a,b,2,1\n", "row 3: judge 'j' names a × b"),
    (
        ("ebel",),
        "judge,relevance,difficulty,items,proportion\nj,a,b,1,1\nk,a,b,2,1\n",
        "column items: judge 'k' places 2",
    ),
    (("gstudy",), "i1,i2,freq\n1,0,3\n0,1,2\n", "row 1: column freq: every row is one person here"),
    (("gstudy",), "i1,i2\n1,0\n", "a g-study needs two persons and two items"),
]


@pytest.mark.parametrize(("asked", "content", "words"), OTHERS)
def test_no_judgement(tmp_path, asked, content, words):
    ran = ask(tmp_path, content, *asked)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith(words)


@pytest.mark.parametrize(
    "asked",
    [
        ("hofstee",),
        ("hofstee", "--cut-min", "60", "--cut-max", "50", "--fail-min", "5", "--fail-max", "25"),
        ("hofstee", "--cut-min", "50", "--cut-max", "60", "--fail-min", "5", "--fail-max", "125"),
        ("hofstee", "--cut-min", "NaN", "--cut-max", "60", "--fail-min", "5", "--fail-max", "25"),
        ("cohen", "--multiplier", "2"),
        ("cohen", "--guess", "1e309"),
        ("gstudy", "--levels", "5,0"),
        ("gstudy", "--levels", "many"),
        ("nonsense",),
    ],
)
def test_wrong_use(tmp_path, asked):
    ran = ask(tmp_path, "score\n1\n2\n", *asked)
    assert (ran.exit_code, ran.stdout) == (2, "")


def test_a_file_that_is_not_there(tmp_path):
    ran = CliRunner().invoke(psychometrics, ["items", str(tmp_path / "none.csv")])
    assert (ran.exit_code, ran.stdout) == (2, "")


def test_what_cannot_be_had_is_null_with_its_reason(tmp_path):
    ran = ask(tmp_path, "i1,i2\n1,0\n1,0\n", "items")
    assert ran.exit_code == 0
    found = json.loads(ran.stdout)
    assert (found["alpha"], found["sem"], found["reason"]) == (None, None, "everybody has the same total")
    assert {item["r_ir"] for item in found["items"]} == {None}
    assert {item["reason"] for item in found["items"]} == {"everybody earned the same"}
    one = json.loads(ask(tmp_path, "i1\n1\n0\n", "items").stdout)
    assert (one["alpha"], one["reason"]) == (None, "alpha needs two items")
    alone = json.loads(ask(tmp_path, "i1,i2\n1,0\n", "items").stdout)
    assert (alone["sd"], alone["alpha"], alone["reason"]) == (None, None, "alpha needs two candidates")
    judge = json.loads(ask(tmp_path, "judge,i1\nj,.5\n", "angoff").stdout)
    assert (judge["cut"], judge["judge_se"], judge["reason"]) == (0.5, None, "one judge has no error between judges")
    flat = json.loads(ask(tmp_path, "i1,i2\n1,1\n1,1\n", "gstudy").stdout)
    assert (flat["g"], flat["phi"]) == (None, None)
    assert flat["reason"]


def test_doubts_are_said(tmp_path):
    few = json.loads(ask(tmp_path, "i1,i2\n1,0\n0,1\n1,1\n", "items").stdout)
    assert any("3 candidates" in words for words in few["warnings"])
    assert any("below 0" in words for words in few["warnings"])
    assert any("cannot" in words or "not here" in words for words in few["warnings"])
    flat = json.loads(ask(tmp_path, "score\n1\n2\n", "cohen", "--guess", "5").stdout)
    assert flat["warnings"]


def test_what_a_spreadsheet_writes_is_read(tmp_path):
    found = json.loads(ask(tmp_path, "\ufeffi1;i2\n".replace(";", ",") + '"1", 0\r\n0,1\r\n\r\n', "items").stdout)
    assert (found["n"], found["k"]) == (2, 2)
