"""Choosing, changing, forgetting and issuing passwords."""

import email
import re
import stat
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import orm

from lms import clock, jobs, mail
from lms.authz import Actor
from lms.db import db
from lms.errors import Invalid, NotAllowed
from lms.people.models import PasswordReset, Person, SignIn
from lms.people.policy import People
from lms.people.rules import strength
from lms.people.rules.strength import Weakness, weakness
from lms.people.services import own_password
from tests.conftest import As
from tests.factories.world import World
from tests.lms.people.conftest import PASSWORD, Browser
from tests.pages import Page, check

Give = Callable[[int], str]
NEW = "春眠不觉晓，处处闻啼鸟"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", Weakness.TOO_SHORT),
        ("九个字不够长的密码", Weakness.TOO_SHORT),
        ("1234567890", Weakness.COMMON),
        ("PASSWORD123", Weakness.COMMON),
        ("１２３４５６７８９０", Weakness.COMMON),
        ("aaaaaaaaaaaa", Weakness.COMMON),
        ("abababababab", Weakness.COMMON),
        ("bcdefghijklm", Weakness.COMMON),
        ("wangxiaoming", Weakness.ONES_OWN),
        ("WangXiaoming12", Weakness.ONES_OWN),
        ("13900001234", Weakness.ONES_OWN),
        ("x" * 201, Weakness.TOO_LONG),
        ("王小明王小明王小明王小明!", Weakness.COMMON),
        ("春眠不觉晓处处闻啼鸟", None),
        ("wangxiaoming likes tea", None),
        ("correct horse battery", None),
    ],
)
def test_which_passwords_are_taken(password: str, why: Weakness | None) -> None:
    assert weakness(password, ("wangxiaoming", "王小明", "13900001234", None)) is why


@given(st.text(max_size=300))
def test_the_rule_has_an_answer_for_everything(password: str) -> None:
    assert weakness(password, ("a-doctor", "王小明", None)) in {None, *Weakness}


def test_what_is_drawn_is_always_taken() -> None:
    assert {weakness(strength.drawn(), ("a-doctor", "王小明")) for _ in range(300)} == {None}


def test_changing_it_signs_out_everywhere_else(
    browser: Browser, another: Callable[[], Browser], world: World, give_password: Give, session: orm.Session
) -> None:
    account = give_password(world.a.doctor)
    elsewhere = another()
    elsewhere.sign_in(account)
    browser.sign_in(account)
    answer = browser.post("/account/password", current=PASSWORD, new=NEW, again=NEW)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert browser.is_in
    assert not elsewhere.is_in
    assert sorted(session.scalars(sa.select(SignIn.ended_why)), key=str) == [None, "password_changed"]
    assert another().sign_in(account).status_code == 422
    assert another().sign_in(account, NEW).status_code == 303


@pytest.mark.parametrize(
    "typed",
    [
        ("wrong password", NEW, NEW),
        (PASSWORD, NEW, NEW + "!"),
        (PASSWORD, "1234567890", "1234567890"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    browser: Browser, world: World, give_password: Give, typed: tuple[str, str, str]
) -> None:
    current, new, again = typed
    browser.sign_in(give_password(world.a.doctor))
    answer = browser.post("/account/password", current=current, new=new, again=again)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    check(page, answer)
    assert page.select(".field-error")
    assert PASSWORD not in answer.text


def test_the_present_password_cannot_be_guessed_in_an_open_session(
    browser: Browser, world: World, give_password: Give
) -> None:
    browser.sign_in(give_password(world.a.doctor))
    with time_machine.travel(clock.now().replace(minute=1), tick=True):
        tried = [browser.post("/account/password", current=f"guess {n} guess", new=NEW, again=NEW) for n in range(11)]
    assert [one.status_code for one in tried] == [422] * 10 + [429]


def test_a_password_chosen_by_somebody_else_is_changed_first(
    browser: Browser, world: World, give_password: Give, session: orm.Session
) -> None:
    account = give_password(world.a.doctor)
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(must_change_password=True))
    session.commit()
    assert browser.sign_in(account, next="/account").location == "/account/password?next=/account"
    page = browser.get("/account/password")
    check(BeautifulSoup(page.text, "html.parser"), page)
    for closed in ("/", "/account", "/account/second-factor", "/people"):
        assert browser.get(closed).status_code == 302, closed
    answer = browser.post("/account/password?next=/account", current=PASSWORD, new=NEW, again=NEW)
    assert browser.get(answer.location).location == "/account"
    assert browser.is_in


def letters(app: Flask) -> list[EmailMessage]:
    """What lies in the outbox folder, newest last."""
    folder: Path = app.config["LMS"].mail_folder
    files = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]


def work(app: Flask, session: orm.Session) -> None:
    """Do the jobs that were asked for, as a worker does."""
    asked = session.scalars(sa.select(jobs.Job).where(jobs.Job.name == "people.send_reset", jobs.Job.state == "queued"))
    for job in asked.all():
        with app.app_context():
            jobs.WORK[job.name](None, **job.arguments)  # type: ignore[arg-type]
        job.state = "done"
    session.commit()


@pytest.fixture
def mailed(app: Flask, session: orm.Session, world: World, give_password: Give) -> str:
    """The account of a doctor with a mail address; the outbox is empty."""
    for file in app.config["LMS"].mail_folder.glob("*.eml"):
        file.unlink()
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(email="wang@clinic.example"))
    session.commit()
    return give_password(world.a.doctor)


def link(app: Flask, session: orm.Session, browser: Browser, account: str) -> str:
    browser.post("/forgotten-password", account=account)
    work(app, session)
    text = letters(app)[-1].get_content()
    found = set(re.findall(r"http://127\.0\.0\.1:5000(/reset-password\?token=[\w-]{43})", text))
    assert len(found) == 1
    return found.pop()


def reset(browser: Browser, address: str, new: str = NEW) -> int:
    page = browser.get(address)
    soup = BeautifulSoup(page.text, "html.parser")
    check(soup, page)
    token = soup.select_one("input[name=token]")["value"]  # type: ignore[index]
    return browser.post("/reset-password", token=str(token), new=new, again=new).status_code


def test_a_letter_brings_a_new_password(
    app: Flask, browser: Browser, another: Callable[[], Browser], session: orm.Session, mailed: str
) -> None:
    there = another()
    there.sign_in(mailed)
    address = link(app, session, browser, mailed)
    assert letters(app)[-1]["To"] == "wang@clinic.example"
    assert reset(browser, address) == 303
    assert not there.is_in
    assert another().sign_in(mailed).status_code == 422
    assert another().sign_in(mailed, NEW).status_code == 303


def test_the_link_does_not_come_from_the_host_header(
    app: Flask, browser: Browser, session: orm.Session, mailed: str
) -> None:
    browser.client.post("/forgotten-password", data={"account": mailed}, headers={"Host": "evil.example"})
    work(app, session)
    text = letters(app)[-1].get_content()
    assert "evil.example" not in text
    assert "http://127.0.0.1:5000/reset-password" in text


def test_the_link_works_once(app: Flask, browser: Browser, session: orm.Session, mailed: str) -> None:
    address = link(app, session, browser, mailed)
    assert reset(browser, address) == 303
    assert reset(browser, address, "another password, quite long") == 422


def test_a_refused_password_does_not_use_up_the_link(
    app: Flask, browser: Browser, session: orm.Session, mailed: str
) -> None:
    address = link(app, session, browser, mailed)
    assert reset(browser, address, "1234567890") == 422
    assert reset(browser, address) == 303


def test_the_link_works_for_half_an_hour(app: Flask, browser: Browser, session: orm.Session, mailed: str) -> None:
    address = link(app, session, browser, mailed)
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        assert reset(browser, address) == 422
    with time_machine.travel(clock.now() + timedelta(minutes=29), tick=True):
        assert reset(browser, address) == 303


def test_a_newer_link_ends_the_older(app: Flask, browser: Browser, session: orm.Session, mailed: str) -> None:
    first = link(app, session, browser, mailed)
    second = link(app, session, browser, mailed)
    assert reset(browser, first) == 422
    assert reset(browser, second) == 303


def test_only_the_hash_of_the_link_is_kept(app: Flask, browser: Browser, session: orm.Session, mailed: str) -> None:
    token = link(app, session, browser, mailed).partition("=")[2]
    kept = session.scalars(sa.select(PasswordReset)).one()
    assert len(kept.token_hash) == 32
    asked = session.execute(sa.text("SELECT arguments::text FROM job WHERE name = 'people.send_reset'")).scalars()
    assert not any(token in text for text in asked)


def test_asking_tells_a_stranger_nothing(
    app: Flask, browser: Browser, session: orm.Session, mailed: str, queries: list[str]
) -> None:
    said, asked = [], []
    for account in (mailed, "a-doctor2", "nobody-here"):
        queries.clear()
        answer = browser.post("/forgotten-password", account=account)
        said.append((answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)))
        asked.append([re.sub(r"sa_savepoint_\d+", "", q) for q in queries])
    assert said[0] == said[1] == said[2]
    assert asked[0] == asked[1] == asked[2]
    work(app, session)
    assert [letter["To"] for letter in letters(app)] == ["wang@clinic.example"]


def test_letters_are_limited_for_all_accounts_alike(browser: Browser, mailed: str) -> None:
    with time_machine.travel(clock.now().replace(minute=1), tick=True):
        for account in (mailed, "nobody-here"):
            tries = [browser.post("/forgotten-password", account=account).status_code for _ in range(4)]
            assert tries == [200, 200, 200, 429]


def test_who_was_let_go_gets_no_letter_and_no_reset(
    app: Flask, browser: Browser, session: orm.Session, mailed: str, world: World
) -> None:
    address = link(app, session, browser, mailed)
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(active=False))
    session.commit()
    assert reset(browser, address) == 422
    browser.post("/forgotten-password", account=mailed)
    work(app, session)
    assert len(letters(app)) == 1


def test_letters_lie_where_only_their_owner_reads(
    app: Flask, browser: Browser, session: orm.Session, mailed: str
) -> None:
    link(app, session, browser, mailed)
    folder: Path = app.config["LMS"].mail_folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_letter_cannot_be_given_other_headers(tmp_path: Path) -> None:
    outbox = mail.mailer(None, "no-reply@skills.example", tmp_path)
    with pytest.raises(ValueError, match="linefeed"):
        outbox.send(mail.Letter("a@b.example\nBcc: c@d.example", "x", "y"))
    assert list(tmp_path.iterdir()) == []


def test_a_named_server_gets_the_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which class speaks to it, with whose name and password, and never without TLS."""
    spoken: list[object] = []

    class Server:
        def __init__(self, host: str, port: int, **options: object) -> None:
            spoken.append((type(self).__name__, host, port, "context" in options))

        def __enter__(self) -> "Server":
            return self

        def __exit__(self, *_: object) -> None:
            spoken.append("closed")

        def starttls(self, *, context: object) -> None:
            spoken.append("starttls")

        def login(self, user: str, password: str) -> None:
            spoken.append(("login", user, password))

        def send_message(self, message: EmailMessage) -> None:
            spoken.append(message["To"])

    class Wrapped(Server):
        pass

    monkeypatch.setattr("smtplib.SMTP", Server)
    monkeypatch.setattr("smtplib.SMTP_SSL", Wrapped)
    letter = mail.Letter("wang@clinic.example", "x", "y")
    mail.mailer("smtp://me:p%40ss@mail.example", "no-reply@skills.example", Path("x")).send(letter)
    mail.mailer("smtps://mail.example:4650", "no-reply@skills.example", Path("x")).send(letter)
    assert spoken == [
        ("Server", "mail.example", 587, False),
        "starttls",
        ("login", "me", "p@ss"),
        "wang@clinic.example",
        "closed",
        ("Wrapped", "mail.example", 4650, True),
        "wang@clinic.example",
        "closed",
    ]


def test_a_manager_issues_a_password_on_paper(
    browser: Browser, page: Page, world: World, app: Flask, session: orm.Session
) -> None:
    shown = page.post(f"/people/{world.a.village_doctor}/password", world.a.manager, expect=200)
    drawn = next(dd.get_text() for dd in shown.select("dd") if re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){2}", dd.text))
    app.extensions["acting"] = None
    assert browser.sign_in("a-village", drawn).location == "/account/password"
    assert not browser.is_in


@pytest.mark.parametrize("who", ["exam_officer", "certificate_officer", "manager", "auditor", "administrator"])
def test_but_never_for_who_decides_about_others(page: Page, world: World, who: str) -> None:
    page.post(f"/people/{world.a.people[who]}/password", world.people["administrator"], expect=403)


def test_nor_for_the_next_county(page: Page, world: World) -> None:
    page.post(f"/people/{world.a.doctor}/password", world.b.manager, expect=404)
    page.post(f"/people/{world.a.doctor}/password", world.a.second_doctor, expect=404)
    page.post(f"/people/{world.a.doctor}/password", world.a.exam_officer, expect=403)


def test_only_who_runs_the_installation_sets_a_password(as_: As, world: World, session: orm.Session) -> None:
    with as_(world.a.manager) as manager, pytest.raises(NotAllowed):
        own_password.set_password(manager, db.session.get_one(Person, world.a.doctor), new=NEW, must_change=False)
    with as_(Actor.job("command line", People.ISSUE_PASSWORD)) as operator:
        person = db.session.get_one(Person, world.a.doctor)
        own_password.set_password(operator, person, new=NEW, must_change=False)
        with pytest.raises(Invalid):
            own_password.set_password(operator, person, new="1234567890", must_change=False)
