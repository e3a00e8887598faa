"""Static files: named by content, packed once, kept for ever, and small."""

import gzip

import brotli
import pytest
from bs4 import BeautifulSoup
from flask import Flask, url_for

from lms.web import assets


def address(app: Flask, filename: str, endpoint: str = "static") -> str:
    with app.test_request_context():
        return url_for(endpoint, filename=filename)


@pytest.mark.parametrize(
    ("encoding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("", lambda data: data)]
)
def test_a_file_comes_packed_as_asked_and_is_kept_for_ever(shown: Flask, encoding: str, unpack: object) -> None:
    answer = shown.test_client().get(
        address(shown, "css/base.css"), buffered=True, headers={"Accept-Encoding": encoding}
    )
    assert answer.headers.get("Content-Encoding", "") == encoding
    assert answer.headers["Cache-Control"] == assets.FOR_EVER
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"--paper" in unpack(answer.data)  # type: ignore[operator]


def test_the_framework_comes_packed_too(shown: Flask) -> None:
    where = address(shown, "css/bootstrap.min.css", "bootstrap.static")
    answer = shown.test_client().get(where, buffered=True, headers={"Accept-Encoding": "br"})
    assert "?v=" in where
    assert len(answer.data) < 26_000


@pytest.mark.parametrize("version", ["", "?v=000000000000", "?v="])
def test_another_version_is_not_kept(shown: Flask, version: str) -> None:
    answer = shown.test_client().get(f"/static/lms/css/base.css{version}", buffered=True)
    assert answer.headers["Cache-Control"] == "no-cache"


def test_what_is_known_is_not_sent_again(shown: Flask) -> None:
    client = shown.test_client()
    first = client.get("/static/lms/js/main.js", buffered=True, headers={"Accept-Encoding": "br"})
    again = client.get(
        "/static/lms/js/main.js",
        buffered=True,
        headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]},
    )
    assert again.status_code == 304
    assert again.data == b""
    assert "Content-Encoding" not in again.headers


def test_a_part_of_a_file_is_the_part_that_was_asked_for(shown: Flask) -> None:
    headers = {"Accept-Encoding": "br", "Range": "bytes=0-3"}
    answer = shown.test_client().get("/static/lms/css/base.css", buffered=True, headers=headers)
    assert answer.status_code == 206
    assert answer.data == b"/* T"
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("name", ["css/none.css", "../app.py", "..%2f..%2fconfig.py", "css/../../app.py"])
def test_nothing_else_is_served(shown: Flask, name: str) -> None:
    answer = shown.test_client().get(f"/static/lms/{name}", buffered=True)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_edit_is_another_address(shown: Flask, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "one.css").write_text("a{}")
    shown.static_folder = str(folder)
    before = address(shown, "one.css")
    (folder / "one.css").write_text("a{} ")
    assert address(shown, "one.css") != before


def test_a_doctor_s_home_is_light(shown: Flask) -> None:
    """The page and all it names, cold, as a phone gets it: well under 150 kB, and no behaviour it does not need."""
    client = shown.test_client()
    page = client.get("/gallery", buffered=True, headers={"Accept-Encoding": "gzip, br"})
    soup = BeautifulSoup(page.text, "html.parser")
    named = [t["href"] for t in soup.select("link[href]")] + [t["src"] for t in soup.select("[src]")]
    named += [a for t in soup.select("[data-module]") for a in str(t["data-module"]).split()]
    answers = [
        client.get(str(n), buffered=True, headers={"Accept-Encoding": "br"}) for n in sorted({str(n) for n in named})
    ]
    assert {a.status_code for a in answers} == {200}
    assert len(page.data) + sum(len(a.data) for a in answers) < 75_000
    assert "bootstrap.bundle" not in page.text
    assert "bootstrap.min.js" not in page.text
