"""What goes out goes out once; what cannot is tried again, ends, or is called unclear, and all of it is shown."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from lms.authz import Actor
from lms.db import act_as, db
from lms.errors import Conflict, NotAllowed
from lms.mail import Letter
from lms.notifications.formats import letters, texting
from lms.notifications.formats.letters import Bundle, Line
from lms.notifications.models import Choice, Delivery, Notice, Preference
from lms.notifications.queries.kinds import KINDS
from lms.notifications.rules.kinds import Channel
from lms.notifications.services import sending
from lms.people.models import Person
from tests.conftest import As
from tests.factories.post_office import Office, certificate, post_office
from tests.factories.world import World
from tests.lms.notifications.conftest import DAILY, NEEDED, PLAIN, Post
from tests.pages import Page


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate for all."""
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def office(pem: Path, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A mail server that this installation names."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with post_office(pem) as running:
        monkeypatch.setattr(app.config["LMS"], "smtp_url", running.url)
        yield running


def test_a_letter_in_the_readers_language_with_the_way_back(post: Post, world: World) -> None:
    post.reach(world.a.doctor)
    post.tell(world.a.doctor, kind=NEEDED)
    assert post.send() == {"sent": 1}
    (letter,) = post.letters()
    assert (letter["To"], letter["Subject"]) == ("wang@clinic.example", "基层临床技能: needed 1")
    (notice,) = post.notices(world.a.doctor)
    text = letter.get_content().replace("\r\n", "\n")
    assert "王小明，您好：" in text
    assert f"needed 1\n二行\nhttp://127.0.0.1:5000/notifications/{notice.id}\n" in text
    assert "/notifications/settings" in text
    assert post.send() == {}
    assert len(post.letters()) == 1


def test_in_english_for_who_chose_so(post: Post, world: World, session: orm.Session) -> None:
    post.reach(world.a.doctor)
    session.execute(sa.update(Preference).values(language="en"))
    post.tell(world.a.doctor)
    post.send()
    (letter,) = post.letters()
    assert letter["Subject"] == "Clinical Skills: matter 1"
    assert "Dear 王小明," in letter.get_content()


def test_a_digest_is_one_letter(post: Post, world: World) -> None:
    post.reach(world.a.doctor)
    post.reach(world.b.doctor, "li@clinic.example")
    for n in range(40):
        post.tell(world.a.doctor, kind=DAILY, n=n)
    post.tell(world.b.doctor, kind=DAILY)
    assert post.send() == {}
    post.due_now()
    assert post.send() == {"sent": 2}
    first, second = sorted(post.letters(), key=lambda one: str(one["To"]))
    assert (first["To"], first["Subject"]) == ("li@clinic.example", "基层临床技能: daily 1")
    assert second["Subject"] == "基层临床技能: 40 条新消息"
    text = second.get_content()
    assert len(re.findall(r"/notifications/\d+", text)) == letters.MOST
    assert "另有 10 条" in text
    assert post.states() == ["sent"] * 41


def test_what_was_read_inside_is_not_told_outside(post: Post, world: World, session: orm.Session) -> None:
    post.reach(world.a.doctor)
    post.tell(world.a.doctor, kind=DAILY, n=1)
    post.tell(world.a.doctor, kind=DAILY, n=2)
    session.execute(sa.update(Notice).where(Notice.matter == "matter:1").values(read_at=sa.func.now()))
    post.due_now()
    post.send()
    (letter,) = post.letters()
    assert letter["Subject"] == "基层临床技能: daily 2"
    assert post.states() == ["dropped", "sent"]


@pytest.mark.parametrize(
    ("change", "why"),
    [({"active": False}, "left"), ({"email": None}, "no_address"), ({}, "switched_off")],
)
def test_what_changed_meanwhile(post: Post, world: World, session: orm.Session, change: Any, why: str) -> None:
    post.reach(world.a.doctor)
    post.tell(world.a.doctor)
    if change:
        session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(**change))
    else:
        place = session.get_one(Person, world.a.doctor).institution_id
        more = {"kind": PLAIN.name, "channel": "mail", "how": "off"}
        session.add(Choice(person_id=world.a.doctor, institution_id=place, **more))
    assert post.send() == {}
    assert post.letters() == []
    row = session.scalars(sa.select(Delivery)).one()
    assert (row.state, row.why) == ("dropped", why)


def test_every_app_of_a_process_has_a_file_of_its_own(post: Post, tmp_path: Path) -> None:
    other = Flask("elsewhere")
    other.config["LMS"] = post.app.config["LMS"].model_copy(update={"mail_folder": tmp_path / "mail"})
    for app, folder in ((other, tmp_path), (post.app, post.folder.parent)):
        with app.app_context():
            assert texting.carrier() == texting.TextFile(folder / "sms" / "messages.jsonl")


def test_a_text_message_is_a_line_in_a_file(post: Post, world: World) -> None:
    post.reach(world.a.doctor, None, "13900001234")
    post.tell(world.a.doctor, kind=NEEDED)
    post.tell(world.a.doctor, kind=PLAIN)
    post.send()
    (line,) = post.texts()
    said = json.loads(line)
    assert said["to"] == "13900001234"
    assert said["text"] == "【基层临床技能】needed 1。查看：http://127.0.0.1:5000"
    assert (post.folder.with_name("sms") / "messages.jsonl").stat().st_mode & 0o777 == 0o600


def test_over_smtp_with_one_connection(post: Post, world: World, office: Office) -> None:
    for who, address in (
        (world.a.doctor, "a@x.example"),
        (world.b.doctor, "b@x.example"),
        (world.a.examiner, "c@x.example"),
    ):
        post.reach(who, address)
    post.tell(world.a.doctor, world.b.doctor, world.a.examiner)
    assert post.send() == {"sent": 3}
    assert ([one["To"] for one in office.taken], office.calls) == (["a@x.example", "b@x.example", "c@x.example"], 1)


def test_a_server_that_is_away_costs_no_try(post: Post, world: World, office: Office, app: Flask) -> None:
    post.reach(world.a.doctor)
    post.tell(world.a.doctor)
    url, app.config["LMS"].smtp_url = app.config["LMS"].smtp_url, "smtp://localhost:1"
    for _hour in range(9):
        assert post.send() == {"waiting": 1}
    row = post.session.scalars(sa.select(Delivery)).one()
    assert (row.state, row.tries, row.claimed_at) == ("waiting", 0, None)
    app.config["LMS"].smtp_url = url
    assert post.send() == {"sent": 1}
    assert len(office.taken) == 1


def test_what_is_refused_for_now_is_tried_again_and_ends(post: Post, world: World, office: Office) -> None:
    post.reach(world.a.doctor)
    post.tell(world.a.doctor)
    office.refuses["wang@"] = "450 full"
    for _try in range(5):
        assert post.send() == {"waiting": 1}
        assert post.send() == {}, "not before its time"
        post.due_now()
    assert post.send() == {"failed": 1}
    row = post.session.scalars(sa.select(Delivery)).one()
    assert (row.tries, row.why) == (6, "address refused (450)")
    assert office.taken == []


def test_what_is_refused_for_good_ends_at_once_and_holds_nobody_up(post: Post, world: World, office: Office) -> None:
    post.reach(world.a.doctor, "gone@x.example")
    post.reach(world.b.doctor, "here@x.example")
    office.refuses["gone@"] = "550 nobody"
    post.tell(world.a.doctor, world.b.doctor)
    assert post.send() == {"failed": 1, "sent": 1}
    assert [one["To"] for one in office.taken] == ["here@x.example"]


def test_an_address_that_is_none_ends(post: Post, world: World) -> None:
    post.reach(world.a.doctor, "a@x.example\nBcc: b@x.example")
    post.tell(world.a.doctor)
    assert post.send() == {"failed": 1}
    assert post.letters() == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_line_that_breaks_is_unclear_and_not_repeated(post: Post, world: World, office: Office, moment: str) -> None:
    post.reach(world.a.doctor)
    post.tell(world.a.doctor)
    office.hangs_up = moment
    assert post.send() == {"unclear": 1}
    office.hangs_up = ""
    post.due_now()
    assert post.send() == {}
    assert len(office.taken) == (moment == "after")


def test_a_sender_who_dies_leaves_a_claim_nobody_repeats(
    post: Post, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.reach(world.a.doctor)
    post.tell(world.a.doctor)

    def die(_bundle: Bundle, _site: str) -> Letter:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(letters, "letter", die)
        with pytest.raises(KeyboardInterrupt):
            post.send()
    assert post.states() == ["sending"]
    assert post.send() == {}, "it may still be at it"
    post.session.execute(sa.update(Delivery).values(claimed_at=sa.func.now() - sa.text("interval '16 minutes'")))
    assert post.send() == {"unclear": 1}
    assert post.letters() == []


def test_two_senders_share_and_never_double(post: Post, world: World, app: Flask) -> None:
    """The second claims while the first holds its letter: other people's, never a part of the same."""
    for who in (world.a.doctor, world.b.doctor):
        post.reach(who)
        for n in range(3):
            post.tell(who, n=n)
    post.session.commit()
    with app.app_context():
        act_as(db.session, Actor.job("send notices"))
        first, second, third = (sending.claim(Channel.MAIL) for _ in range(3))
    assert first is not None
    assert second is not None
    assert third is None
    assert {first.person_id, second.person_id} == {world.a.doctor, world.b.doctor}
    assert len(first.lines) == len(second.lines) == 3


def test_a_subject_has_one_line_whatever_a_title_holds(app: Flask) -> None:
    line = Line(1, "test.plain", {"n": "a\nBcc: x@y.example"}, datetime.now(UTC))
    bundle = Bundle(1, "王", "a@b.example", Channel.MAIL, "en", UUID(int=7), (line,))
    KINDS[PLAIN.name] = PLAIN
    try:
        with app.app_context():
            assert "\n" not in letters.letter(bundle, "http://x").subject
    finally:
        del KINDS[PLAIN.name]


def failed(post: Post, world: World) -> int:
    """One delivery that failed; its id."""
    post.reach(world.a.doctor, "not an address\n")
    post.tell(world.a.doctor)
    post.send()
    return post.session.scalars(sa.select(Delivery.id)).one()


def test_an_administrator_sees_what_is_stuck_and_sends_it_again(
    post: Post, world: World, page: Page, as_: As, session: orm.Session
) -> None:
    number = failed(post, world)
    shown = page.get("/notifications/post", world.a.administrator)
    assert "王小明" in shown.get_text()
    assert "Failed" not in shown.get_text()
    page.get("/notifications/post", world.a.administrator, language="en")
    assert "王小明" not in page.get("/notifications/post", world.b.administrator).get_text()
    for who in (world.a.doctor, world.a.manager, world.a.auditor):
        page.get("/notifications/post", who, expect=403)
    page.post(f"/notifications/post/{number}/again", world.b.administrator, expect=404)
    page.post(f"/notifications/post/{number}/again", world.a.manager, expect=403)
    page.post(f"/notifications/post/{number}/again", world.a.doctor, expect=403)
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(email="wang@clinic.example"))
    session.commit()
    page.post(f"/notifications/post/{number}/again", world.a.administrator, expect=303)
    assert post.send() == {"sent": 1}
    with as_(world.a.administrator) as actor, pytest.raises(Conflict):
        sending.resend(actor, db.session.get_one(Delivery, number))
    with as_(world.a.manager) as actor, pytest.raises(NotAllowed):
        sending.resend(actor, db.session.get_one(Delivery, number))


def test_nothing_stuck_is_said(page: Page, world: World) -> None:
    assert "没有积压" in page.get("/notifications/post", world.a.administrator).get_text()
