"""Attempts out of a file: what is no attempt is refused with its line, nothing is left out in silence."""

from pathlib import Path

import pytest

from assessments.stall.formats import read_attempts
from lms.errors import Invalid

HEAD = "learner,skill,at,score\n"


def write(path: Path, content: str | bytes) -> Path:
    file = path / "attempts.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@pytest.mark.parametrize(
    "content",
    [
        HEAD + "甲,bp,2026-01-01,70\n甲,bp,2026-02-01,80.5\n",
        "\ufeff" + HEAD + "甲,bp,2026-01-01,70\n甲,bp,2026-02-01,80.5\n",
        HEAD.replace("\n", "\r\n") + "甲,bp,2026-01-01,70\r\n\r\n甲,bp,2026-02-01,80.5",
        "score,extra,AT, Skill ,learner\n70,x,2026-01-01,bp,甲\n80.5,,2026-02-01,bp,甲\n",
        HEAD + '"甲","bp","2026-01-01T08:00:00+08:00","70"\n甲,bp,2026-02-01T00:00,80.5\n',
    ],
    ids=["plain", "byte order mark", "windows", "other order", "quoted, with zones"],
)
def test_files_as_people_have_them(tmp_path: Path, content: str) -> None:
    history, notes = read_attempts(write(tmp_path, content))
    assert (history.learners, history.skills, list(history.score)) == (("甲",), ("bp",), [70.0, 80.5])
    assert list(history.at) == [20454.0, 20485.0]
    assert notes.attempts == 2


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("", None, "empty"),
        (HEAD, None, "no attempts"),
        ("learner,skill,score\na,x,1\n", 1, "column at is missing"),
        (HEAD + "a,x,2026-01-01,70\na,x,2026-02-30,70\n", 3, "'2026-02-30' is no time"),
        (HEAD + "a,x,01/02/2026,70\n", 2, "is no time"),
        (HEAD + "a,x,,70\n", 2, "is no time"),
        (HEAD + "a,x,2026-01-01,nan\n", 2, "not from 0 to 100"),
        (HEAD + "a,x,2026-01-01,inf\n", 2, "not from 0 to 100"),
        (HEAD + "a,x,2026-01-01,100.5\n", 2, "not from 0 to 100"),
        (HEAD + "a,x,2026-01-01,-1\n", 2, "not from 0 to 100"),
        (HEAD + "a,x,2026-01-01,good\n", 2, "'good' is no number"),
        (HEAD + "a,x,2026-01-01,\n", 2, "is no number"),
        (HEAD + ",x,2026-01-01,70\n", 2, "learner is empty"),
        (HEAD + "a,,2026-01-01,70\n", 2, "skill is empty"),
        (HEAD + "a,x,2026-01-01\n", 2, "more columns"),
        (HEAD + 'a,"x,2026-01-01,70\n', 2, "not CSV"),
        ((HEAD + "a,x,2026-01-01,70\n王,x,2026-01-01,70\n").encode("gb18030"), 3, "not UTF-8"),
        ((HEAD + "a,x,2026-01-01,70\n").encode("utf-16"), 1, "not UTF-8"),
        (HEAD + "a\x00,x,2026-01-01,70\n", 2, "not text"),
    ],
)
def test_what_is_no_attempt_is_named_with_its_line(
    tmp_path: Path, content: str | bytes, line: int | None, words: str
) -> None:
    file = write(tmp_path, content)
    with pytest.raises(Invalid, match=words) as refused:
        read_attempts(file)
    assert refused.value.where == ({"file": file} if line is None else {"file": file, "line": line})


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        read_attempts(tmp_path / "none.csv")
