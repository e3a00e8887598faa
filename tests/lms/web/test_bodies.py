"""JSON that nobody could read or write down is no JSON; everything else is what it says."""

import json

import pytest
from flask import Flask, jsonify, request
from hypothesis import given
from hypothesis import strategies as st

from lms.web.bodies import Bodies
from lms.web.forms import Form, TextField

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
APP = Flask(__name__)


@given(VALUES, st.booleans())
def test_whatever_can_be_kept_is_read_as_it_is(value, escaped):
    text = json.dumps(value, ensure_ascii=escaped)
    if any("\0" in one for one in texts(value)):
        with pytest.raises(ValueError, match="no text"):
            Bodies(APP).loads(text)
    else:
        assert Bodies(APP).loads(text) == value
        assert Bodies(APP).loads(text.encode()) == value


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


@pytest.mark.parametrize(
    "text",
    ['"a\\u0000b"', '{"a": ["\\ud800"]}', '{"\\u0000": 1}', '["\\udfff\\ud800"]', "[" * 100_000, '{"a":' * 100_000],
)
def test_what_nobody_could_read_or_write_down(text):
    for given_ in (text, text.encode()):
        with pytest.raises(ValueError):
            Bodies(APP).loads(given_)


@pytest.mark.parametrize("text", ['"a\\\\u0000b"', '"\\ud83d\\ude00"', '"\\u4e2d"'])
def test_what_only_looks_like_it(text):
    assert Bodies(APP).loads(text) == json.loads(text)


class Asked(Form):
    name = TextField("name")


@pytest.fixture
def page(shown):
    """A page with a form, and one that reads JSON."""

    def form():
        asked = Asked()
        asked.validate_on_submit()
        return jsonify(name=asked.name.data)

    def script():
        return jsonify(request.get_json(silent=True))

    shown.config["WTF_CSRF_ENABLED"] = False
    shown.json = Bodies(shown)
    shown.add_url_rule("/asked", "asked", form, methods=["POST"])
    shown.add_url_rule("/script", "script", script, methods=["POST"])
    return shown.test_client()


@pytest.mark.parametrize(
    "body",
    [b'"x"', b"[1]", b"null", b"1", b"{", b"[" * 100_000, b'{"name": 1}', b'{"name": ["x"]}', b'{"name": null}'],
)
def test_a_form_reads_no_json_of_another_shape(page, body):
    answer = page.post("/asked", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()) == (200, {"name": None})


def test_a_script_may_send_a_form_as_an_object_of_texts(page):
    assert page.post("/asked", json={"name": " x "}).get_json() == {"name": "x"}


def test_a_script_that_sends_no_json_sends_nothing(page):
    for body in (b"[" * 100_000, b'"\\ud800"', b"\xff"):
        answer = page.post("/script", data=body, content_type="application/json")
        assert (answer.status_code, answer.get_json()) == (200, None)
