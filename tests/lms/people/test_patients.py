"""What in a note tells who a patient is, and what every honest note says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.people.rules.identity import check_character
from lms.people.rules.patients import Kind, trace
from lms.people.services.patients import unnamed


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("11010519491231002X", Kind.IDENTITY_NUMBER, "11010519491231002X"),
        ("病历 1101 0519 4912 3100 2x 的第二页", Kind.IDENTITY_NUMBER, "11010519491231002x"),
        ("１１０１０５１９４９１２３１００２Ｘ", Kind.IDENTITY_NUMBER, "11010519491231002X"),
        ("13812345678", Kind.TELEPHONE, "13812345678"),
        ("138-1234-5678 复诊", Kind.TELEPHONE, "13812345678"),
        ("+86 138 1234 5678", Kind.TELEPHONE, "+8613812345678"),
        ("0874-3123456", Kind.TELEPHONE, "08743123456"),
        ("姓名：王小明", Kind.NAME, "姓名:王小明"),
        ("姓名 王小明", Kind.NAME, "姓名 王小明"),
        ("患者：李红", Kind.NAME, "李红"),
        ("患者王小明，56 岁", Kind.NAME, "王小明"),
        ("病人张建国男 60 岁", Kind.NAME, "张建国"),
        ("先看了患者高血压，再看患者李红。", Kind.NAME, "李红"),
        ("患者欧阳娜娜，女", Kind.NAME, "欧阳娜娜"),
        ("患者（王小明）复诊", Kind.NAME, "王小明"),
        ("患者姓名王小明？", Kind.NAME, "姓名王小明"),
        ("患者名叫芮成！", Kind.NAME, "芮成"),
        ("0086 138-1234-5678", Kind.TELEPHONE, "008613812345678"),
        ("（0571）8765 4321", Kind.TELEPHONE, "(0571)87654321"),
        ("电话：8623 1234", Kind.TELEPHONE, "电话:86231234"),
        ("110105\u200b19491231—002X", Kind.IDENTITY_NUMBER, "11010519491231002X"),
        ("name: Wang Xiaoming", Kind.NAME, "name: Wang"),
        ("Name Wang", Kind.NAME, "Name Wang"),
    ],
)
def test_what_tells_who_the_patient_is_is_seen(text: str, kind: Kind, words: str) -> None:
    found = trace(text)
    assert found is not None
    assert (found.kind, found.words) == (kind, words)


@pytest.mark.parametrize(
    "text",
    [
        "病历 07",
        "HT-2026-0031",
        "患者男，56 岁，高血压 2 级",
        "患者高血压，随访 4 次",
        "病人某，65 岁",
        "患者王某，男",
        "姓名：某",
        "110105194912310021",  # eighteen digits, but the check digit is wrong: not an identity number
        "血压 152/94、144/90，2026-03-12 随访",
        "住院号 20260312000012",
        "三查七对：核对患者姓名和出生日期",
        "把药的名字写清楚",
        "患者曾于2019年住院，患者严重、黄疸，患者于昨日、家中",
        "患者戴口罩，患者易怒，患者常有。家属顾虑，家属孙女。",
        "患者苏醒，患者陆续出院，患者周五，患者常用，家属任务；核对姓名（两种方式），姓名于床头卡",
        "talked over the name of the drug and its dose",
    ],
)
def test_an_honest_note_is_left_alone(text: str) -> None:
    assert trace(text) is None
    assert unnamed(text, "note") == text


@given(st.from_regex(r"[1-6][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|2[0-8])[0-9]{3}", fullmatch=True))
def test_every_identity_number_is_seen_wherever_it_stands(first: str) -> None:
    number = first + check_character(first)
    for text in (number, f"证号{number[:6]} {number[6:14]} {number[14:]}，", f"病历（{number.lower()}）"):
        found = trace(text)
        assert found is not None
        assert found.kind is Kind.IDENTITY_NUMBER


def test_a_refusal_names_the_field_and_quotes_the_words() -> None:
    with pytest.raises(Invalid, match="李红") as refused:
        unnamed("患者：李红", "done")
    assert refused.value.where["field"] == "done"
