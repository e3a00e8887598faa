"""Parts of files over HTTP, as browsers and downloads that go on ask for them."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lms.web import ranges

BYTES = bytes(range(100))


@pytest.fixture(scope="module")
def asked():
    app = Flask("parts")

    @app.get("/file")
    def file():
        return ranges.answer(len(BYTES), "v1", lambda start, stop: [BYTES[start:stop]])

    @app.get("/empty")
    def empty():
        return ranges.answer(0, "v0", lambda _start, _stop: [b""])

    return app.test_client()


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-", 0, 100),
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=90-900", 90, 100),
        ("bytes=-7", 93, 100),
        ("bytes=-700", 0, 100),
        ("bytes=99-", 99, 100),
        ("bytes= 5-6 ", 5, 7),
    ],
)
def test_a_part(asked, header, start, stop):
    answer = asked.get("/file", headers={"Range": header})
    assert answer.status_code == 206
    assert answer.data == BYTES[start:stop]
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/100"
    assert answer.headers["Content-Length"] == str(stop - start)
    assert answer.headers["ETag"] == '"v1"'


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_a_part_that_is_not_there(asked, header):
    answer = asked.get("/file", headers={"Range": header})
    assert (answer.status_code, answer.data) == (416, b"")
    assert answer.headers["Content-Range"] == "bytes */100"
    assert asked.get("/empty", headers={"Range": header}).status_code == 416


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=9-5", "lines=1-2", "bytes=0-1,5-6", "bytes=1--2"],
)
def test_what_is_no_single_part_is_answered_with_the_whole(asked, header):
    answer = asked.get("/file", headers={"Range": header} if header is not None else {})
    assert (answer.status_code, answer.data) == (200, BYTES)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == "100"


def test_a_part_of_a_file_that_has_changed_is_the_whole_of_the_new_one(asked):
    part = {"Range": "bytes=10-19"}
    assert asked.get("/file", headers=part | {"If-Range": '"v1"'}).status_code == 206
    for other in ('"v2"', 'W/"v1"', "Wed, 21 Oct 2026 07:28:00 GMT"):
        assert asked.get("/file", headers=part | {"If-Range": other}).status_code == 200


def test_what_one_has_is_not_sent_again_and_head_sends_nothing(asked):
    assert asked.get("/file", headers={"If-None-Match": '"v1"'}).status_code == 304
    head = asked.head("/file", headers={"Range": "bytes=1-2"})
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", "100")


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 200))
def test_a_part_lies_inside_the_file(first, last, size):
    try:
        found = ranges.part(f"bytes={first}-{last}", size)
    except ranges.Unsatisfiable:
        assert first >= size
        return
    if found is None:
        assert last < first
    else:
        assert 0 <= found[0] < found[1] <= size
        assert found == (first, min(size, last + 1))
