"""A real browser with an authenticator: enrolling a passkey, signing in with it, and signing in again in place."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask, render_template
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from lms import passwords
from lms.people.models import Passkey, Person, SignIn
from tests import browser as chrome
from tests.databases import Live

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
PASSWORD = "瑞雪兆丰年 2026"


@pytest.fixture
def site(live: Live) -> str:
    """The address of a running server that is reached by a name, as passkeys need it."""
    address = f"http://localhost:{live.port}"
    live.environment["LMS_PUBLIC_URL"] = address
    with live.engine().begin() as connection:
        connection.execute(sa.update(Person).values(password_hash=passwords.protect(PASSWORD)))
    live.web()
    return address


@pytest.fixture
def dialog(built: Flask) -> str:
    """What a page includes so that its reader can sign in again in place; made before the browser starts."""
    with built.test_request_context(headers={"Accept-Language": "zh"}):
        return render_template("people/sign_in_again.html")


#: Put the dialog into the page; a script is refused before the dialog's own is there, which the page's starts then.
START = """async (html) => {
    document.body.insertAdjacentHTML("beforeend", html);
    const main = await import(document.querySelector("script[type=module]").src);
    const session = await import("/static/lms/js/session.js");
    addEventListener("signed-in", (event) => { window.heard = event.detail.csrf_token.length > 20; });
    session.signedOut();
    await main.startAll(document);
}"""


@pytest.fixture
def context() -> Iterator[BrowserContext]:
    """One phone, in Chinese."""
    with chrome.opened() as browser:
        yield browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})


def authenticator(context: BrowserContext, page: Page) -> tuple[CDPSession, str]:
    """A key that says yes by itself, as a fingerprint would."""
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]


def sign_in(page: Page, site: str, account: str) -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_label("账号").fill(account)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def test_an_officer_enrols_a_passkey_and_signs_in_with_it(live: Live, site: str, context: BrowserContext) -> None:
    page = context.new_page()
    devtools, key = authenticator(context, page)
    sign_in(page, site, "a-exam_officer")
    expect(page.get_by_role("heading", level=1)).to_have_text("启用二次验证")
    page.get_by_role("button", name="创建通行密钥").click()
    page.get_by_role("button", name="生成恢复码").click()
    expect(page.locator(".recovery-codes code")).to_have_count(10)
    page.get_by_role("link", name="我已保存好").click()
    expect(page).to_have_url(f"{site}/")

    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出登录", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    sign_in(page, site, "a-exam_officer")
    expect(page.get_by_role("heading", level=1)).to_have_text("二次验证")
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page).to_have_url(f"{site}/")
    kept = devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    with live.engine().connect() as connection:
        row = connection.execute(sa.select(Passkey.sign_count, Passkey.last_used_at)).one()
    assert row.sign_count == kept[0]["signCount"]
    assert row.last_used_at is not None


def test_a_key_that_is_not_enrolled_opens_nothing(live: Live, site: str, context: BrowserContext) -> None:
    page = context.new_page()
    devtools, key = authenticator(context, page)
    sign_in(page, site, "a-exam_officer")
    page.get_by_role("button", name="创建通行密钥").click()
    expect(page).to_have_url(re.compile("/account/recovery-codes$"))
    # The same credential id with another private key: what a forged authenticator would offer.
    kept = devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"][0]
    page.goto(f"{site}/account/recovery-codes")
    devtools.send("WebAuthn.clearCredentials", {"authenticatorId": key})
    devtools.send("WebAuthn.addCredential", {"authenticatorId": key, "credential": kept | {"privateKey": _other_key()}})
    context.clear_cookies()
    sign_in(page, site, "a-exam_officer")
    with page.expect_response("**/sign-in/passkey") as answer:
        page.get_by_role("button", name="使用通行密钥").click()
    assert answer.value.status == 422
    expect(page.get_by_role("alert").filter(has_text="密钥未通过验证")).to_be_visible()
    page.goto(f"{site}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("二次验证")


def _other_key() -> str:
    from base64 import b64encode

    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made = ec.generate_private_key(ec.SECP256R1())
    return b64encode(made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()


def test_a_doctor_signs_in_again_without_losing_the_page(
    live: Live, site: str, dialog: str, context: BrowserContext
) -> None:
    """The dialog that an exam includes, put into an ordinary form."""
    page = context.new_page()
    sign_in(page, site, "a-doctor")
    expect(page).to_have_url(f"{site}/")
    page.goto(f"{site}/account/password")
    page.get_by_label("当前密码").fill("half typed")
    with live.engine().begin() as connection:
        connection.execute(sa.update(SignIn).values(last_seen_at=sa.func.now() - sa.text("interval '8 days'")))
    page.evaluate(START, dialog)
    box = page.get_by_role("dialog")
    expect(box.locator("[name=account]")).to_have_value("a-doctor")
    expect(box.locator("[name=account]")).to_have_attribute("readonly", "")
    box.locator("[name=password]").fill("not the password")
    box.get_by_role("button").click()
    expect(box.get_by_role("alert")).to_have_text("账号或密码不正确。")
    box.locator("[name=password]").fill(PASSWORD)
    box.get_by_role("button").click()
    expect(box).to_be_hidden()
    expect(page.get_by_label("当前密码")).to_have_value("half typed")
    assert page.evaluate("window.heard") is True
    page.goto(f"{site}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("我的账号")
