"""The second factor: who must have one, what is reachable before it, and that no code works twice."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from bs4 import BeautifulSoup
from sqlalchemy import orm
from time_machine import Traveller

from lms import clock
from lms.people.models import CodeGenerator, Passkey, RecoveryCode, SignIn
from lms.people.rules import codes
from tests.factories.world import World
from tests.lms.people.conftest import Browser, Give
from tests.pages import Page, check


@pytest.fixture
def at() -> Iterator[Traveller]:
    """A moment that does not move by itself: the middle of a step and of a window of tries."""
    moment = datetime.fromtimestamp(clock.now().timestamp() // 900 * 900 + 15, tz=clock.now().tzinfo)
    with time_machine.travel(moment, tick=False) as traveller:
        yield traveller


def enrol(browser: Browser) -> tuple[str, list[str]]:
    """Set an app up as a person does; its secret and the recovery codes."""
    assert browser.post("/account/second-factor/app").status_code == 303
    page = BeautifulSoup(browser.get("/account/second-factor/app/code").text, "html.parser")
    secret = page.select_one("#secret").get_text().replace(" ", "")  # type: ignore[union-attr]
    answer = browser.post("/account/second-factor/app/code", code=codes.code(secret, clock.now()))
    assert answer.status_code == 200, answer.status_code
    shown = BeautifulSoup(answer.text, "html.parser")
    check(shown, answer)
    return secret, [one.get_text() for one in shown.select(".recovery-codes code")]


def fresh(at: Traveller) -> datetime:
    """A moment later, when the app shows another code."""
    at.shift(timedelta(seconds=60))
    return clock.now()


DECIDING = ["exam_officer", "certificate_officer", "manager", "auditor", "administrator"]


@pytest.mark.parametrize("who", DECIDING)
def test_who_decides_about_others_reaches_nothing_but_enrolment(
    browser: Browser, world: World, give_password: Give, who: str
) -> None:
    answer = browser.sign_in(give_password(world.a.people[who]), next="/account")
    assert answer.location == "/account/second-factor?next=/account"
    assert browser.get(answer.location).status_code == 200
    for closed in ("/", "/account", "/account/recovery-codes", f"/people/{world.a.doctor}/access"):
        away = browser.get(closed)
        assert away.status_code == 302, closed
        assert browser.get(away.location).location.startswith("/account/second-factor"), closed
    for closed in (f"/people/{world.a.doctor}/roles", "/account/sign-ins/end", "/account/recovery-codes"):
        assert browser.post(closed, role="doctor").status_code == 401, closed


@pytest.mark.parametrize("who", ["doctor", "examiner", "editor"])
def test_others_come_in_with_their_password(browser: Browser, world: World, give_password: Give, who: str) -> None:
    assert browser.sign_in(give_password(world.a.people[who])).location == "/"


def test_after_enrolment_the_officer_is_in(browser: Browser, world: World, give_password: Give, at: Traveller) -> None:
    browser.sign_in(give_password(world.a.manager))
    assert not browser.is_in
    _secret, recovery = enrol(browser)
    assert len(set(recovery)) == 10
    assert browser.is_in


def test_the_next_sign_in_asks_for_a_code(browser: Browser, world: World, give_password: Give, at: Traveller) -> None:
    account = give_password(world.a.manager)
    browser.sign_in(account)
    secret, _ = enrol(browser)
    browser.post("/sign-out")
    assert browser.sign_in(account, next="/account").location == "/sign-in/second-factor?next=/account"
    assert not browser.is_in
    page = browser.get("/sign-in/second-factor?next=/account")
    check(BeautifulSoup(page.text, "html.parser"), page)
    answer = browser.post("/sign-in/second-factor?next=/account", code=codes.code(secret, fresh(at)))
    assert browser.get(answer.location).location == "/account"
    assert browser.is_in


@pytest.mark.parametrize("step", ["", "/app"])
def test_a_browser_found_open_changes_no_factor(
    browser: Browser, world: World, give_password: Give, session: orm.Session, step: str
) -> None:
    """Who signed in a while ago signs in once more first; afterwards the way leads back."""
    account = give_password(world.a.doctor)
    browser.sign_in(account)
    assert browser.get("/account/second-factor").status_code == 200
    session.execute(sa.update(SignIn).values(created_at=sa.func.now() - timedelta(minutes=16)))
    session.commit()
    away = browser.get("/account/second-factor") if not step else browser.post("/account/second-factor/app")
    assert away.status_code == 303
    assert away.location.startswith("/sign-in?again=1&next=/account")
    door = browser.get(away.location)
    assert account in door.text
    assert "before you change how you sign in" in door.text
    assert not session.scalar(sa.select(sa.func.count()).select_from(CodeGenerator))
    assert browser.is_in  # nothing else is closed
    assert browser.sign_in(account, next="/account/second-factor").location == "/account/second-factor"
    assert browser.get("/account/second-factor").status_code == 200


def test_before_the_code_no_other_factor_can_be_enrolled(
    browser: Browser, world: World, give_password: Give, at: Traveller
) -> None:
    account = give_password(world.a.manager)
    browser.sign_in(account)
    enrol(browser)
    browser.post("/sign-out")
    browser.sign_in(account)
    assert browser.get("/account/second-factor").status_code == 302
    assert browser.post("/account/second-factor/app").status_code == 401
    assert browser.post("/account/passkeys/question").status_code == 401
    assert browser.post("/account/second-factor/app/remove").status_code == 401
    assert browser.get("/account/password").status_code == 302


def half_in(browser: Browser, account: str) -> tuple[str, list[str]]:
    """Enrolled, signed out, and at the second door."""
    browser.sign_in(account)
    made = enrol(browser)
    browser.post("/sign-out")
    browser.sign_in(account)
    return made


@pytest.mark.parametrize("late", [-30, 0, 30])
def test_a_code_may_be_one_step_early_or_late(
    browser: Browser, world: World, give_password: Give, at: Traveller, late: int
) -> None:
    secret, _ = half_in(browser, give_password(world.a.manager))
    shown = fresh(at) + timedelta(seconds=late)
    assert browser.post("/sign-in/second-factor", code=codes.code(secret, shown)).status_code == 303
    assert browser.is_in


@pytest.mark.parametrize("late", [-60, 60])
def test_but_not_two(browser: Browser, world: World, give_password: Give, at: Traveller, late: int) -> None:
    secret, _ = half_in(browser, give_password(world.a.manager))
    shown = fresh(at) + timedelta(seconds=late + 30)
    assert (
        browser.post("/sign-in/second-factor", code=codes.code(secret, shown + timedelta(seconds=late))).status_code
        == 422
    )
    assert not browser.is_in


def test_no_code_works_twice(
    browser: Browser,
    another: Callable[[], Browser],
    world: World,
    give_password: Give,
    at: Traveller,
) -> None:
    account = give_password(world.a.manager)
    secret, _ = half_in(browser, account)
    seen = codes.code(secret, fresh(at))
    assert browser.post("/sign-in/second-factor", code=seen).status_code == 303
    thief = another()
    thief.sign_in(account)
    assert thief.post("/sign-in/second-factor", code=seen).status_code == 422
    earlier = codes.code(secret, clock.now() - timedelta(seconds=30))
    assert thief.post("/sign-in/second-factor", code=earlier).status_code == 422
    assert not thief.is_in


def test_the_code_that_confirmed_the_app_does_not_open_the_door(
    browser: Browser, world: World, give_password: Give, at: Traveller
) -> None:
    secret, _ = half_in(browser, give_password(world.a.manager))
    assert browser.post("/sign-in/second-factor", code=codes.code(secret, clock.now())).status_code == 422


def test_five_wrong_codes_and_even_the_right_one_waits(
    browser: Browser, world: World, give_password: Give, at: Traveller
) -> None:
    secret, _ = half_in(browser, give_password(world.a.manager))
    right = codes.code(secret, fresh(at))
    wrong = "000000" if right != "000000" else "111111"
    assert [browser.post("/sign-in/second-factor", code=wrong).status_code for _ in range(6)] == [422] * 5 + [429]
    assert browser.post("/sign-in/second-factor", code=right).status_code == 429
    assert not browser.is_in


def test_a_recovery_code_works_once_however_it_is_typed(
    browser: Browser, another: Callable[[], Browser], world: World, give_password: Give, at: Traveller
) -> None:
    account = give_password(world.a.manager)
    _, recovery = half_in(browser, account)
    typed = f" {recovery[3].lower().replace('-', ' - ')}"
    assert browser.post("/sign-in/second-factor", code=typed).status_code == 303
    assert browser.is_in
    thief = another()
    thief.sign_in(account)
    assert thief.post("/sign-in/second-factor", code=recovery[3]).status_code == 422
    assert not thief.is_in


def test_recovery_codes_of_somebody_else_do_not_work(
    browser: Browser, another: Callable[[], Browser], world: World, give_password: Give, at: Traveller
) -> None:
    _, theirs = half_in(another(), give_password(world.b.manager))
    half_in(browser, give_password(world.a.manager))
    assert browser.post("/sign-in/second-factor", code=theirs[0]).status_code == 422


def test_new_recovery_codes_end_the_old_ones(
    browser: Browser, another: Callable[[], Browser], world: World, give_password: Give, at: Traveller
) -> None:
    account = give_password(world.a.doctor)
    browser.sign_in(account)
    _, old = enrol(browser)
    shown = BeautifulSoup(browser.post("/account/recovery-codes").text, "html.parser")
    new = [one.get_text() for one in shown.select(".recovery-codes code")]
    assert set(new).isdisjoint(old)
    second = another()
    second.sign_in(account)
    assert second.post("/sign-in/second-factor", code=old[0]).status_code == 422
    assert second.post("/sign-in/second-factor", code=new[0]).status_code == 303


def test_neither_secret_nor_recovery_codes_can_be_read_in_the_database(
    browser: Browser, world: World, give_password: Give, session: orm.Session, at: Traveller
) -> None:
    browser.sign_in(give_password(world.a.doctor))
    secret, recovery = enrol(browser)
    kept = session.execute(sa.text("SELECT secret FROM code_generator")).scalar_one()
    assert secret.encode() not in bytes(kept)
    assert session.scalars(sa.select(CodeGenerator.secret)).one() == secret
    hashes = {bytes(one) for one in session.scalars(sa.select(RecoveryCode.code_hash))}
    assert all(len(one) == 32 for one in hashes)
    assert not any(code.encode() in one for code in recovery for one in hashes)


def test_a_doctor_may_enrol_and_take_it_away_again(
    browser: Browser, world: World, give_password: Give, at: Traveller
) -> None:
    account = give_password(world.a.doctor)
    browser.sign_in(account)
    enrol(browser)
    page = browser.get("/account")
    check(BeautifulSoup(page.text, "html.parser"), page)
    assert browser.post("/account/second-factor/app/remove").status_code == 303
    browser.post("/sign-out")
    assert browser.sign_in(account).location == "/"


def test_an_officer_keeps_the_last_one(
    browser: Browser, world: World, give_password: Give, session: orm.Session, at: Traveller
) -> None:
    browser.sign_in(give_password(world.a.manager))
    enrol(browser)
    assert browser.post("/account/second-factor/app/remove").status_code == 409
    key = Passkey(
        person_id=world.a.manager,
        institution_id=world.a.commission,
        credential_id=b"k",
        public_key=b"p",
        sign_count=0,
        label="spare",
    )
    session.add(key)
    session.commit()
    assert browser.post("/account/second-factor/app/remove").status_code == 303
    assert browser.post(f"/account/passkeys/{key.id}/remove").status_code == 409


def test_enrolling_elsewhere_makes_other_browsers_prove_it_too(
    browser: Browser, another: Callable[[], Browser], world: World, give_password: Give, at: Traveller
) -> None:
    account = give_password(world.a.doctor)
    other = another()
    other.sign_in(account)
    assert other.is_in
    browser.sign_in(account)
    enrol(browser)
    assert browser.is_in
    assert not other.is_in


def test_the_enrolment_page_in_both_languages(page: Page, world: World) -> None:
    for language in ("zh", "en"):
        page.get("/account/second-factor", world.a.manager, language=language)
        page.get("/account/recovery-codes", world.a.doctor, language=language)


@pytest.mark.usefixtures("at")
def test_a_lost_phone_is_taken_away_by_the_administrator_and_nobody_else(
    browser: Browser, world: World, give_password: Give, page: Page, session: orm.Session
) -> None:
    browser.sign_in(give_password(world.a.exam_officer))
    enrol(browser)
    address = f"/people/{world.a.exam_officer}/second-factor/reset"
    page.post(address, world.a.manager, expect=403, reason="lost")
    page.post(address, world.b.administrator, expect=404, reason="lost")
    page.post(address, world.a.administrator, expect=303)
    assert session.scalars(sa.select(CodeGenerator.id)).all() != []
    page.post(address, world.a.administrator, expect=303, reason="called them, the phone is lost")
    page.post(f"/people/{world.a.administrator}/second-factor/reset", world.a.administrator, expect=403, reason="x")
    assert session.scalars(sa.select(CodeGenerator.id)).all() == []
    assert session.scalars(sa.select(RecoveryCode.id)).all() == []
    assert session.scalars(sa.select(SignIn.ended_why)).all() == ["second_factor_changed"]
