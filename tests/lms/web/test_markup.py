"""The one way from people's text to HTML."""

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from lms.web import markup


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>)",
        "![x](http://elsewhere/x.png)",
        '<a href="x" onclick="y">z</a>',
        "<b id='main' class='btn'>x</b>",
        "[x](<javascript:alert(1)>)",
        '<https://e.org/" onmouseover=alert(1)>',
        "| a |\n|---|\n| <svg onload=alert(1)> |",
    ],
)
def test_nothing_runs_and_nothing_poses_as_a_part_of_the_page(text):
    for html in (markup.render(text), markup.render(text, anchored=True), markup.inline(text)):
        soup = BeautifulSoup(html, "html.parser")
        assert not soup.select("script, img, svg, iframe, style, form, input, button")
        for element in soup.find_all(True):
            assert not [name for name in element.attrs if name.startswith("on") or name == "style"]
            assert str(element.get("href", "https:")).startswith(("http:", "https:", "mailto:", "/", "#"))
            assert element.get("class") in (None, ["table-scroll"])


@given(st.text(st.sampled_from("<>&\"'=/ab#*_[]()|-`:!\n 血压javscript"), max_size=80))
def test_whatever_is_typed_only_known_elements_come_out(text):
    soup = BeautifulSoup(markup.render(text, anchored=True), "html.parser")
    assert {element.name for element in soup.find_all(True)} <= markup._BLOCKS | markup._INLINE | {"div"}
    ids = [element["id"] for element in soup.select("[id]")]
    assert len(ids) == len(set(ids))


def test_blocks_are_numbered_only_when_asked():
    text = "## 一\n\n段落\n\n- 甲\n- 乙\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> 引文\n"
    soup = BeautifulSoup(markup.render(text, anchored=True), "html.parser")
    assert [element["id"] for element in soup.find_all(id=True)] == ["b1", "b2", "b3", "b4", "b5"]
    assert [element.name for element in soup.find_all(id=True)] == ["h2", "p", "ul", "div", "blockquote"]
    assert " id=" not in markup.render(text)


def test_headings_stand_below_the_pages_own():
    assert "<h1" not in markup.render("# 大标题\n\n###### 小标题")
    assert markup.headings("## 一\n\n文\n\n### 二") == ["一", "二"]


def test_the_words_alone():
    assert markup.plain("## 标题\n\n**粗** `码` &amp; <b>\n\n- 甲\n- 乙") == "标题\n粗 码 & <b>\n甲\n乙"


def test_links_go_out_without_saying_where_from():
    assert 'rel="noopener noreferrer"' in markup.render("[指南](https://example.org)")
