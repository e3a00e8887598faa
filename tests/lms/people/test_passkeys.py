"""Passkeys: only under a name, and nothing that no key has made."""

import json

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import orm

from lms.people.models import Passkey
from lms.people.rules import keys
from tests.factories.world import World
from tests.lms.people.conftest import Browser, Give


def test_passkeys_need_a_name(browser: Browser, world: World, give_password: Give) -> None:
    assert keys.site("http://127.0.0.1:8000", "x") is None
    assert keys.site("http://[::1]:8000", "x") is None
    assert keys.site("http://localhost:8000/", "x") == keys.Site("localhost", "http://localhost:8000", "x")
    browser.sign_in(give_password(world.a.doctor))
    assert browser.post("/account/passkeys/question").status_code == 404


@pytest.fixture
def named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same installation, reached by a name."""
    monkeypatch.setitem(app.config, "LMS", app.config["LMS"].model_copy(update={"public_url": "http://localhost:5000"}))


JUNK = st.one_of(
    st.text(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "signature"]), inner
            )
        ),
        max_leaves=12,
    ).map(json.dumps),
    st.binary(max_size=40).map(
        lambda raw: json.dumps(
            {"id": "AAAA", "rawId": "AAAA", "type": "public-key"}
            | {
                "response": dict.fromkeys(
                    ["clientDataJSON", "attestationObject", "authenticatorData", "signature"], raw.hex()
                )
            }
        )
    ),
)


@pytest.mark.usefixtures("named")
@given(JUNK)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_no_key_has_made_is_refused(
    app: Flask, world: World, session: orm.Session, give_password: Give, junk: str
) -> None:
    browser = Browser(app)
    browser.sign_in(give_password(world.a.doctor))
    asked = browser.post("/account/passkeys/question").get_json()
    assert asked["rp"]["id"] == "localhost"
    headers = {"Accept": "application/json"}
    answer = browser.client.post(
        "/account/passkeys", data=junk.encode(), headers=headers, content_type="application/json"
    )
    assert answer.status_code in (400, 422), answer.text
    assert session.scalars(sa.select(Passkey.id)).all() == []
