"""The check that every page goes through finds what it is there for."""

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from tests.pages import check

GOOD = (
    "<html lang='zh-CN'><head><title>考试 · 系统</title></head><body><h1>考试</h1>"
    "<form action='/x' method='post'><label for='a'>名</label><input id='a'><input type='hidden'></form>"
    "<script src='/a.js'></script><script type='application/json'>{}</script></body></html>"
)
POLICY = "default-src 'self'"


def answered(html: str, policy: str = POLICY) -> None:
    response = Response(html, mimetype="text/html", headers={"Content-Security-Policy": policy})
    answer = TestResponse(response.response, response.status, response.headers, Request({}))
    check(BeautifulSoup(html, "html.parser"), answer)


def test_a_good_page_passes() -> None:
    answered(GOOD)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("<h1>考试</h1>", "<h1>考试</h1><h1>又一个</h1>"),
        ("<h1>考试</h1>", "<h1>别的</h1>"),
        ("lang='zh-CN'", "lang='zh'"),
        ("<h1>", "<p id='a'></p><h1>"),
        (" action='/x'", ""),
        ("for='a'", "for='b'"),
        ("<h1>", "<p style='color: red'></p><h1>"),
        ("<h1>", "<p onclick='go()'></p><h1>"),
        ("<h1>", "<script>go()</script><h1>"),
        ("<h1>", "<p>{{ name }}</p><h1>"),
        ("<title>考试 · 系统</title>", ""),
    ],
)
def test_every_fault_is_found(was: str, becomes: str) -> None:
    assert was in GOOD
    with pytest.raises(AssertionError):
        answered(GOOD.replace(was, becomes, 1))


@pytest.mark.parametrize("policy", ["script-src 'self'", "default-src 'self'; style-src 'unsafe-inline'"])
def test_a_weak_policy_is_found(policy: str) -> None:
    with pytest.raises(AssertionError):
        answered(GOOD, policy)
