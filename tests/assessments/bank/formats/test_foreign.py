"""Other people's files: what this bank has no place for is named item by item, and nothing goes without a word."""

import io
import zipfile
from dataclasses import replace

import pytest

from assessments.bank.formats.document import Entry, Item, Read, Report
from assessments.bank.formats.known import FORMATS, MOST_BYTES, TAKEN, read
from assessments.bank.formats.sheet import template
from assessments.bank.formats.words import DONE, WHY
from assessments.bank.rules.kinds import Kind
from lms.errors import Refused
from lms.web.exports import Column, Sheet, workbook
from lms.web.intake import take
from tests.assessments.bank.formats.made import NAME, PNG, no_child, one_of_each


def entered(data: bytes | str, name: str = "", called: str = "file") -> Read:
    """Through the door and the child that every file goes through."""
    raw = data if isinstance(data, bytes) else data.encode()
    return read(take(io.BytesIO(raw), called, kinds=TAKEN, most=MOST_BYTES), name)


def items(data: bytes | str, name: str, called: str = "file") -> tuple[Item, ...]:
    with no_child():
        found = entered(data, name, called)
    assert all(report.why in WHY and report.done in DONE for report in found.all_reports)
    return found.items


def said(item: Item) -> set[tuple[str, str, str]]:
    return {(one.element, one.done.value, one.why) for one in item.reports}


def only(found: tuple[Item, ...]) -> Item:
    (one,) = found
    return one


def taken(item: Item) -> Entry:
    assert item.entry is not None, item.reports
    return item.entry


# --- Moodle XML


def question(kind: str, inner: str, text: str = "Which one?", way: str = "html") -> str:
    stem = f'<questiontext format="{way}"><text><![CDATA[{text}]]></text></questiontext>'
    return f'<quiz><question type="{kind}"><name><text>n</text></name>{stem}{inner}</question></quiz>'


def answer(text: str, share: str = "0", more: str = "") -> str:
    return f'<answer fraction="{share}"><text>{text}</text>{more}</answer>'


TWO = answer("a", "100") + answer("b")


@pytest.mark.parametrize(
    ("inner", "text", "report"),
    [
        (TWO + "<hint><text>think</text></hint>", "q", ("<hint>", "left_out", "not_here")),
        (TWO + "<defaultgrade>3</defaultgrade>", "q", ("<defaultgrade>", "left_out", "not_here")),
        (TWO + "<tags><tag><text>hard</text></tag></tags>", "q", ("<tag> hard", "left_out", "tags")),
        (TWO + "<mystery>42</mystery>", "q", ("<mystery>", "left_out", "not_here")),
        (
            answer("a", "100", "<feedback><text>well done</text></feedback>") + answer("b"),
            "q",
            ("<feedback>", "left_out", "feedback"),
        ),
        (answer("a", "100") + answer("b", "33.33333"), "q", ("fraction", "left_out", "partial_credit")),
        (TWO, "a <b>bold</b> word", ("<b>", "changed", "formatting")),
        (TWO, "x<script>alert(1)</script>y", ("<script>", "left_out", "formatting")),
        (TWO, '<img src="https://x.cn/a.png">y', ("<img https://x.cn/a.png>", "left_out", "picture_elsewhere")),
        (TWO, "<table><tr><td>1</td></tr></table>", ("<table>", "changed", "formatting")),
    ],
)
def test_what_moodle_has_besides_is_named_and_the_question_taken(
    inner: str, text: str, report: tuple[str, ...]
) -> None:
    found = only(items(question("multichoice", "<single>true</single>" + inner, text), "moodle"))
    assert report in said(found)
    assert taken(found).content.kind == Kind.SINGLE
    assert "alert" not in taken(found).content.stem


@pytest.mark.parametrize(
    ("kind", "inner", "report"),
    [
        *(
            (kind, "", (kind, "refused", "no_such_kind"))
            for kind in ("cloze", "calculated", "essay", "ddwtos", "gapselect", "description", "calculatedmulti")
        ),
        ("multichoice", answer("a") + answer("b"), ("fraction", "refused", "nothing_right")),
        ("multichoice", answer("a", "NaN") + answer("b"), ("fraction", "refused", "not_a_share")),
        ("multichoice", answer("a", "1e309") + answer("b"), ("fraction", "refused", "not_a_share")),
        ("multichoice", answer("a", "100") + answer("a"), ("key", "refused", "options_repeat")),
        ("multichoice", answer("a", "100") + answer("b", "100"), ("fraction", "refused", "not_one_right")),
        ("shortanswer", answer("*", "100"), ("<answer>", "refused", "nothing_accepted")),
        ("numerical", answer("1", "100") + answer("2", "100"), ("<answer>", "refused", "several_numbers")),
        ("numerical", answer("NaN", "100"), ("<answer>", "refused", "not_a_number")),
        ("numerical", answer("1e309", "100"), ("<answer>", "refused", "not_a_number")),
        ("ddmarker", "<drag><no>1</no></drag>", ("<file>", "refused", "no_picture")),
    ],
)
def test_what_cannot_be_a_question_here_is_refused_by_name(kind: str, inner: str, report: tuple[str, ...]) -> None:
    found = only(items(question(kind, inner), "moodle"))
    assert found.entry is None
    assert report in said(found)


def test_weights_no_rule_gives_are_left_out_and_those_of_a_rule_are_not() -> None:
    def found(*shares: str) -> Item:
        inner = "".join(answer(f"o{at}", share) for at, share in enumerate(shares))
        return only(items(question("multichoice", f"<single>false</single>{inner}"), "moodle"))

    for shares in (("50", "50", "-100"), ("50", "50", "0"), ("33.33333", "33.33333", "33.33333", "-50", "-50")):
        assert not found(*shares).reports, shares
        assert taken(found(*shares)).content.kind == Kind.MULTIPLE
    for shares in (("60", "40", "-100"), ("50", "50", "-25", "-10")):
        assert said(found(*shares)) == {("fraction", "left_out", "weights")}
        assert set(taken(found(*shares)).content.key) == {"A", "B"}


def test_short_answers_keep_shares_and_lose_wildcards() -> None:
    inner = "<usecase>1</usecase>" + answer("CCB", "100") + answer("ca", "33.33333") + answer("c*b", "50")
    found = only(items(question("shortanswer", inner), "moodle"))
    assert taken(found).content.key == {"accepted": {"CCB": "1", "ca": "1/3"}}
    assert said(found) == {("c*b", "left_out", "wildcard"), ("<usecase>", "left_out", "case_of_letters")}


def test_units_with_a_factor_are_left_out() -> None:
    units = "".join(
        f"<unit><multiplier>{factor}</multiplier><unit_name>{name}</unit_name></unit>"
        for factor, name in (("1", "mmHg"), ("7.5", "kPa"))
    )
    inner = answer("130", "100", "<tolerance>5</tolerance>") + answer("*", "0") + f"<units>{units}</units>"
    found = only(items(question("numerical", inner), "moodle"))
    assert taken(found).content.key == {"value": "130", "tolerance": "5", "units": ["mmHg"]}
    assert said(found) == {("<multiplier>", "left_out", "unit_factor")}


def test_text_that_is_declared_plain_is_shown_as_it_stands() -> None:
    text = "<script>alert(1)</script> & <b>"
    found = only(items(question("multichoice", TWO, text, "plain_text"), "moodle"))
    assert taken(found).content.stem == text
    assert not found.reports


def test_html_becomes_plain_by_the_stated_rule() -> None:
    text = "<p>一</p><p>二<br>三 &lt;140 &amp; H<sub>2</sub>O m<sup>2</sup></p><ul><li>甲</li><li>乙</li></ul>"
    stem = taken(only(items(question("multichoice", TWO, text), "moodle"))).content.stem
    assert stem == "一\n二\n三 <140 & H₂O m²\n- 甲\n- 乙"


def test_somebody_changed_it_in_moodle_and_it_comes_back_changed() -> None:
    data = FORMATS["moodle"].write(one_of_each()).data.decode().replace("哪种药属于钙通道阻滞剂", "哪种药是钙拮抗剂")
    first = items(data, "moodle")[0]
    assert taken(first).content.stem == "哪种药是钙拮抗剂？"
    assert taken(first).series == one_of_each()[0].series
    assert taken(first).content.technique == "bp-measurement"
    assert said(first) == {("extension", "changed", "changed_elsewhere")}


def test_an_extension_that_was_tampered_with_is_said() -> None:
    data = FORMATS["moodle"].write(one_of_each()).data.decode()
    broken = data.replace("{&quot;rest", "{broken").replace('{"rest', "{broken")
    assert ("extension", "left_out", "broken_extension") in said(items(broken, "moodle")[0])
    forged = data.replace('"level":"apply"', '"level":"guru"')
    assert ("level/use", "refused", "broken_value") in said(items(forged, "moodle")[2])


# --- GIFT


@pytest.mark.parametrize(
    ("text", "kind", "report"),
    [
        ("::q::Grant is {~buried =entombed ~living} in the tomb.", "single", ("_____", "changed", "missing_word")),
        ("::q::Two {~%50%a ~%50%b ~%-100%c}", "multiple", None),
        ("::q::Two {~%70%a ~%30%b ~%-100%c}", "multiple", ("fraction", "left_out", "weights")),
        ("::q::Two {~%NaN%a =b}", None, ("%", "refused", "not_a_share")),
        ("::q::Two {~%1e309%a =b}", None, ("%", "refused", "not_a_share")),
        ("::q::When? {#1788:1}", "numeric", None),
        ("::q::When? {#1..5}", "numeric", None),
        ("::q::When? {#=1:0 =%50%1:2}", "numeric", ("%50%", "left_out", "partial_credit")),
        ("::q::When? {#=1 =2}", None, ("#", "refused", "several_numbers")),
        ("::q::When? {#NaN}", None, ("#", "refused", "not_a_number")),
        ("::q::Sun? {T#wrong#right####because}", "true_false", ("#", "left_out", "feedback")),
        ("::q::Just words", None, ("description", "refused", "no_question")),
        ("::q::Write {}", None, ("essay", "refused", "no_such_kind")),
        ("::q::Open {=a ~b", None, ("{", "refused", "not_closed")),
        ("::q::Same {=a ~a}", None, ("key", "refused", "options_repeat")),
        ("::q::[html]<b>x</b> {=a ~b}", "single", ("<b>", "changed", "formatting")),
        ("::q::[markdown]*x* {=a ~b}", "single", ("[markdown]", "changed", "markdown")),
        ("::q::Who? {=Wilson =Wil*}", "short", ("Wil*", "left_out", "wildcard")),
        ("::q::Match {=a -> 1 =b -> 2 =c -> 1}", "matching", None),
        ("// [tag:heart]\n::q::Who? {=a ~b#no}", "single", ("[tag:heart]", "left_out", "tags")),
    ],
)
def test_gift_of_other_people(text: str, kind: str | None, report: tuple[str, ...] | None) -> None:
    found = only(items(f"$CATEGORY: heart\n\n{text}\n", "gift"))
    assert (found.entry.content.kind if found.entry else None) == kind
    if report:
        assert report in said(found)
    else:
        assert not found.reports


def test_a_range_is_a_value_with_a_tolerance_and_general_feedback_explains() -> None:
    entry = taken(only(items("::q::When? {#1..6####because}", "gift")))
    assert entry.content.key == {"value": "3.5", "tolerance": "2.5", "units": []}
    assert entry.content.explanation == "because"


# --- QTI

ITEM = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="i" title="t" {more}>
<responseDeclaration identifier="R" cardinality="single" baseType="identifier"><correctResponse><value>x</value>
</correctResponse></responseDeclaration>{declared}<itemBody><p>Which?</p>{body}</itemBody>
<responseProcessing template="http://x/{template}"/>{after}</assessmentItem>"""
CHOICE = """<choiceInteraction responseIdentifier="R" maxChoices="1"><prompt>Choose.</prompt>
<simpleChoice identifier="x">one</simpleChoice><simpleChoice identifier="y">two</simpleChoice></choiceInteraction>"""


def qti(body: str = CHOICE, template: str = "match_correct", **parts: str) -> str:
    return ITEM.format(**{"more": "", "declared": "", "after": "", "body": body, "template": template} | parts)


@pytest.mark.parametrize(
    ("item", "there", "report"),
    [
        (qti(template="map_response_own"), True, ("responseProcessing map_response_own", "left_out", "processing")),
        (qti(CHOICE + CHOICE), False, ("choiceInteraction", "refused", "several_interactions")),
        (qti("<p>x</p>"), False, ("itemBody", "refused", "no_question")),
        (
            qti('<uploadInteraction responseIdentifier="R"/>'),
            False,
            ("uploadInteraction", "refused", "no_such_kind"),
        ),
        (qti(declared='<templateDeclaration identifier="T"/>'), False, ("templateDeclaration", "refused", "varies")),
        (qti(after="<modalFeedback>well</modalFeedback>"), True, ("modalFeedback", "left_out", "feedback")),
        (qti(more='adaptive="true"'), True, ("adaptive", "left_out", "not_here")),
        (
            qti('<rubricBlock view="candidate">Read well</rubricBlock>' + CHOICE),
            True,
            ("rubricBlock", "left_out", "not_here"),
        ),
        (qti("<math>x</math>" + CHOICE), True, ("<math>", "left_out", "formatting")),
        (qti('<p><img src="a.png" alt="x"/></p>' + CHOICE), True, ("<img a.png>", "left_out", "picture_elsewhere")),
    ],
)
def test_qti_of_other_people(item: str, there: bool, report: tuple[str, ...]) -> None:
    found = only(items(item, "qti21"))
    assert report in said(found)
    assert (found.entry is not None) is there


def test_a_plain_item_of_other_people_is_taken_without_a_word() -> None:
    found = only(items(qti(), "qti30"))
    content = taken(found).content
    assert (content.stem, content.options, content.key) == ("Which?\nChoose.", (("A", "one"), ("B", "two")), ("A",))
    assert not found.reports


def packed(**files: str | bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return held.getvalue()


def test_a_package_names_what_is_no_question() -> None:
    manifest = '<manifest><resources><resource type="imsqti_item_xmlv2p1" href="a.xml"/>'
    manifest += '<resource type="imsqti_test_xmlv2p1" href="t.xml"/></resources></manifest>'
    data = packed(imsmanifest_xml=manifest, a_xml=qti(), t_xml="<assessmentTest/>", stray_xml="<x/>", style="b{}")
    found = entered(data, "qti21", "x.zip")
    assert len(found.entries) == 1
    assert {(one.name, one.why) for one in found.reports} == {
        ("t.xml", "no_item"),
        ("stray.xml", "file_unused"),
        ("style", "file_unused"),
    }


# --- what is no such file at all

LAUGHS = '<!DOCTYPE quiz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>'


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        ('<?xml version="1.0"?>\n<quiz>\n<question></quiz>', "moodle", "line 3"),
        (LAUGHS, "moodle", "DTD"),
        ('<!DOCTYPE quiz SYSTEM "file:///etc/passwd"><quiz/>', "moodle", "DTD"),
        (packed(imsmanifest_xml="<manifest/>", a_xml=LAUGHS), "qti21", "DTD"),
        (packed(a_xml=qti()), "qti21", "imsmanifest"),
        ("<html><body/></html>", "moodle", "web page"),
        ("<other/>", "moodle", "<other>"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "xlsx", "xls"),
        ("a,b\n1,2\n", "csv", "题型"),
        ("<quiz>" + "<a>" * 150 + "</a>" * 150 + "</quiz>", "moodle", "strange"),
        (packed(**{"..__x_xml": "<x/>"}), "qti21", "unsafe"),
        (PNG, "moodle", "kind"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_reason(data: bytes | str, name: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        entered(data, name)


def test_fifty_megabytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(Refused, match="20 MB"):
        items(b"x" * (50 << 20), "gift")


# --- tables

HEADS = ["编号", "题型", "题干", "选项A", "选项B", "答案", "允许误差", "备注"]


def table(*rows: list[object]) -> bytes:
    with workbook([Sheet("试题", [Column(head) for head in HEADS], rows)]) as file:  # type: ignore[arg-type]
        return file.read()


def test_a_table_as_people_fill_it_in() -> None:
    rows: list[list[object]] = [
        ["q-1", "单选题", "哪个？", "甲", "乙", "Ａ"],
        ["q-2", "判断题", "对吗？", "", "", "错"],
        ["q-3", "数值题", "多少？", "", "", 12.5, 0.5],
        ["q-4", "排序题", "排序", "甲", "乙", "B、A"],
        ["q-5", "简答题", "谁？", "", "", "甲\n乙 #1/2"],
        ["", "", "", "", "", ""],
    ]
    found = entered(table(*rows))
    keys = [one.content.key for one in found.entries]
    assert keys == [
        ("A",),
        ("B",),
        {"value": "12.5", "tolerance": "0.5", "units": []},
        {"order": ["B", "A"]},
        {"accepted": {"甲": "1", "乙": "1/2"}},
    ]
    assert found.reports == (Report("", "试题", "备注", found.reports[0].done, "column_not_read"),)


@pytest.mark.parametrize(
    ("row", "report"),
    [
        (["q", "单选题", "哪个？", "甲", "甲", "A"], ("key", "options_repeat")),
        (["q", "单选题", "哪个？", "甲", "乙", "C"], ("key", "not_an_option")),
        (["q", "单选题", "哪个？", "甲", "乙", ""], ("key", "no_key")),
        (["q", "问答题", "哪个？", "甲", "乙", "A"], ("kind", "broken_value")),
        (["q", "数值题", "多少？", "", "", "NaN"], ("key", "not_a_number")),
        (["q", "数值题", "多少？", "", "", "1", "1e309"], ("key", "not_a_number")),
        (["q", "简答题", "谁？", "", "", "甲 #1e309"], ("key", "nothing_accepted")),
        (["q", "单选题", "", "甲", "乙", "A"], ("stem", "broken_value")),
    ],
)
def test_a_row_that_cannot_be_is_refused(row: list[object], report: tuple[str, str]) -> None:
    found = only(items(table(row), "xlsx", "x.xlsx"))
    assert found.entry is None
    assert report in {(element, why) for element, _done, why in said(found)}


def test_formulas_are_refused_by_their_cell_and_gbk_is_read() -> None:
    text = "编号,题型,题干,选项A,选项B,答案\nq-1,单选题,哪个？,=HYPERLINK(1),乙,B\nq-2,单选题,哪个？,甲,乙,B\n"
    first, second = items(text.encode("gbk"), "csv", "x.csv")
    assert ("D2", "refused", "formula") in said(first)
    assert first.entry is None
    assert taken(second).content.options == (("A", "甲"), ("B", "乙"))


def test_a_formula_does_not_leave_in_our_tables_either() -> None:
    entry = one_of_each()[0]
    evil = replace(entry, content=replace(entry.content, stem='=cmd|"/c calc"!A1'))
    lines = FORMATS["csv"].write([evil]).data.decode("utf-8-sig")
    assert "'=cmd" in lines
    with zipfile.ZipFile(io.BytesIO(FORMATS["xlsx"].write([evil]).data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_our_template_is_read_as_an_empty_table() -> None:
    with template(["bp-measurement"] * 60, ["guide"]) as file:
        found = read(take(file, "x.xlsx", kinds=TAKEN, most=MOST_BYTES))
    assert found.items == found.reports == ()


def test_a_picture_named_by_a_table_is_named_in_what_was_said() -> None:
    written = FORMATS["xlsx"].write(one_of_each())
    assert ("htn-hotspot", "picture", "picture_by_name") in {
        (one.name, one.element, one.why) for one in written.reports
    }
    assert FORMATS["qti30"].write(one_of_each()).reports
    assert NAME.encode() in FORMATS["moodle"].write(one_of_each()).data
