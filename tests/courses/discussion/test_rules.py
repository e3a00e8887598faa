"""What tells who a patient is is marked where it stands, and when a question waits too long."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.discussion.rules import DAY, beyond_doubt, overdue, parts
from lms.people.rules.identity import check_character
from lms.people.rules.patients import Kind, marks, trace

TEXT = st.text(st.sampled_from("患者王小明病人姓名：住院号床12345678901３８Ｘx -，。aB\n"), max_size=60)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("病人王小明，女", ["王小明"]),
        ("姓名：李四，电话 138-1234-5678", ["姓名：李四", "138-1234-5678"]),
        ("住院号：20260312000012 的病人", ["住院号：20260312000012"]),
        ("昨天 12 号床和床号 3", ["12 号床", "床号 3"]),
        ("病案号A0012345", ["病案号A0012345"]),
        ("证 １１０１０５１９４９１２３１００２Ｘ。", ["１１０１０５１９４９１２３１００２Ｘ"]),
        ("the patient in bed 12, MRN 000123", ["bed 12", "MRN 000123"]),
        ("血压 152/94，四周内三次，袖带 22 cm", []),
        ("病区 30 床位，病人某，65 岁", []),
        ("卧床 3 天，起床 10 分钟后测", []),
        ("110105194912310021 的校验位不对", []),
        ("患者王小明今日来诊，病人李红说头晕", ["王小明", "李红"]),
        ("患者王强的血压", ["王强"]),
        (
            "住院号（20260312）、入院号 ZY-2026、患者ID：20260312",
            ["住院号（20260312", "入院号 ZY-2026", "患者ID：20260312"],
        ),
        ("１３８—１２３４—５６７８", ["１３８—１２３４—５６７８"]),
        ("患者周五来，患者黄色的痰，患者严格的饮食，患者苏醒后，家属能不能代取药", []),
    ],
)
def test_the_words_are_marked_where_they_stand(text: str, marked: list[str]) -> None:
    assert [part.text for part in parts(text) if part.kind] == marked


@given(TEXT)
def test_the_parts_are_the_text_and_nothing_else(text: str) -> None:
    assert "".join(part.text for part in parts(text)) == text


@given(TEXT)
def test_marks_stand_apart_and_miss_nothing_that_is_refused_elsewhere(text: str) -> None:
    found = marks(text)
    assert all(one.start < one.stop <= len(text) for one in found)
    assert all(before.stop <= after.start for before, after in pairwise(found))
    assert trace(text) is None or any(one.kind is not Kind.HOSPITAL_NUMBER for one in found)


@given(st.from_regex(r"[1-6][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|2[0-8])[0-9]{3}", fullmatch=True))
def test_an_identity_number_is_beyond_doubt_however_it_is_written(first: str) -> None:
    number = first + check_character(first)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in number)
    assert beyond_doubt(f"病人，{number}")
    assert beyond_doubt(wide)
    assert not beyond_doubt(first)


@given(st.timedeltas(timedelta(0), timedelta(days=9)), st.integers(0, 2))
def test_a_question_waits_too_long_after_a_day_without_an_answer(waited: timedelta, answers: int) -> None:
    asked = datetime(2026, 3, 1, tzinfo=UTC)
    assert overdue(asked, answers, asked + waited) is (answers == 0 and waited >= DAY)
