"""The inbox, one notice, the bell and the settings, as people see them."""

from datetime import time

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from lms.db import db
from lms.errors import Invalid, NotAllowed
from lms.notifications.models import Choice, Delivery, Notice, Preference
from lms.notifications.queries.kinds import KINDS
from lms.notifications.rules.kinds import Channel, How
from lms.notifications.rules.timing import Habits
from lms.notifications.services import reading
from lms.notifications.services import settings as services
from lms.people.models import Person
from lms.people.queries import actor_for
from tests.conftest import As
from tests.factories.world import World
from tests.lms.notifications.conftest import DAILY, NEEDED, PLAIN, Post, person_named
from tests.pages import Page

LANGUAGES = ["zh", "en"]


def count(page: Page, who: int) -> str:
    """What the bell shows."""
    found = page.get("/notifications/settings", who).select(".bell-count")
    return found[0].get_text() if found else ""


def test_the_bell_counts_what_is_new(post: Post, world: World, page: Page) -> None:
    assert count(page, world.a.doctor) == ""
    for n in range(101):
        post.tell(world.a.doctor, n=n)
        if n == 1:
            assert count(page, world.a.doctor) == "2"
    assert count(page, world.a.doctor) == "99+"
    assert count(page, world.b.doctor) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_inbox_and_the_way_to_the_matter(post: Post, world: World, page: Page, language: str) -> None:
    doctor = world.a.doctor
    empty = page.get("/notifications", doctor, language=language).get_text()
    assert ("没有未读消息" if language == "zh" else "Nothing new.") in empty
    post.tell(doctor, kind=NEEDED, n="甲")
    post.tell(doctor, kind=PLAIN, n="乙")
    shown = page.get("/notifications", doctor, language=language)
    lines = [one.get_text(strip=True) for one in shown.select(".inbox-open")]
    assert [line[-1] for line in lines] == ["乙", "甲"], "newest first"
    assert "二行" in shown.get_text()
    (second, first) = (str(form["action"]) for form in shown.select(".inbox-row form"))
    page.post(first, doctor, expect=303)
    assert page.answer.location == "/notifications"
    assert len(page.get("/notifications", doctor).select(".inbox-row")) == 1
    assert len(page.get("/notifications?all=1", doctor).select(".inbox-row")) == 2
    page.post(second, doctor, expect=303)
    number = int(second.split("/")[2])
    assert page.answer.location == f"/notifications/{number}", "what leads nowhere shows itself"
    page.post(f"/notifications/{number}/unread", doctor, expect=303)
    assert len(page.get("/notifications", doctor).select(".inbox-row")) == 1


def test_groups_and_pages(post: Post, world: World, page: Page) -> None:
    for n in range(30):
        post.tell(world.a.doctor, n=n)
    post.tell(world.a.doctor, kind=NEEDED)
    assert len(page.get("/notifications", world.a.doctor).select(".inbox-row")) == 25
    assert len(page.get("/notifications?page=2", world.a.doctor).select(".inbox-row")) == 6
    assert len(page.get("/notifications?group=certificates", world.a.doctor).select(".inbox-row")) == 1
    assert len(page.get("/notifications?group=nonsense&page=x", world.a.doctor).select(".inbox-row")) == 25
    page.post("/notifications/read", world.a.doctor, expect=303, group="exams")
    assert len(page.get("/notifications", world.a.doctor).select(".inbox-row")) == 1


def test_marking_all_can_be_taken_back(post: Post, world: World, page: Page) -> None:
    doctor = world.a.doctor
    post.tell(doctor, world.b.doctor, n=1)
    page.post(f"/notifications/{post.notices(doctor)[0].id}/open", doctor, expect=303)
    post.tell(doctor, n=2)
    post.tell(doctor, n=3)
    page.post("/notifications/read", doctor, expect=303)
    shown = page.get(page.answer.location, doctor)
    assert shown.select(".inbox-row") == []
    moment = shown.select_one("input[name=moment]")
    assert moment is not None
    assert len(page.get("/notifications", world.b.doctor).select(".inbox-row")) == 1, "others' stay new"
    page.post("/notifications/read/undo", world.b.doctor, expect=303, moment=moment["value"])
    assert page.get("/notifications", doctor).select(".inbox-row") == [], "nobody else takes it back"
    page.post("/notifications/read/undo", doctor, expect=303, moment=moment["value"])
    assert len(page.get("/notifications", doctor).select(".inbox-row")) == 2, "what was read before stays read"
    page.post("/notifications/read/undo", doctor, expect=303, moment="yesterday")
    page.post("/notifications/read", doctor, expect=303)
    page.post("/notifications/read", doctor, expect=303)


def test_a_notice_is_its_readers_alone(post: Post, world: World, page: Page, as_: As) -> None:
    a = world.a
    post.reach(a.doctor)
    post.tell(a.doctor)
    (notice,) = post.notices(a.doctor)
    address = f"/notifications/{notice.id}"
    text = page.get(address, a.doctor).get_text()
    assert "matter 1" in text
    assert "待发送" in text
    page.get(address, a.doctor, language="en")
    for who in (a.manager, a.administrator, a.auditor, world.people["manager"]):
        page.get(address, who, expect=403)
        page.post(f"{address}/open", who, expect=403)
        page.post(f"{address}/unread", who, expect=403)
    for who in (a.second_doctor, world.b.manager, world.b.doctor, a.examiner):
        page.get(address, who, expect=404)
        page.post(f"{address}/open", who, expect=404)
    page.get(address, expect=302)
    page.get("/notifications/999999999999999999999", a.doctor, expect=404)
    with as_(a.manager) as actor, pytest.raises(NotAllowed):
        reading.open_notice(actor, db.session.get_one(Notice, notice.id))
    assert post.notices(a.doctor)[0].read_at is None


def test_as_many_statements_for_two_as_for_twenty(post: Post, world: World, page: Page, queries: list[str]) -> None:
    counts = []
    for n in range(20):
        post.tell(world.a.doctor, kind=(PLAIN, NEEDED, DAILY)[n % 3], n=n)
        if n in (1, 19):
            queries.clear()
            page.get("/notifications", world.a.doctor)
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_kind_that_is_gone_does_not_break_the_inbox(post: Post, world: World, page: Page) -> None:
    post.tell(world.a.doctor, kind=DAILY)
    kept = KINDS.pop(DAILY.name)
    try:
        assert len(page.get("/notifications", world.a.doctor).select(".inbox-row")) == 1
        page.get(f"/notifications/{post.notices(world.a.doctor)[0].id}", world.a.doctor)
    finally:
        KINDS[DAILY.name] = kept


def sent(page: Page, who: int, **changed: str) -> dict[str, str]:
    """What the form of the settings sends."""
    shown = page.get("/notifications/settings", who)
    said = {str(one["name"]): str(one.get("value", "")) for one in shown.select("main input[name]")}
    for select in shown.select("main select[name]"):
        chosen = select.select_one("option[selected]") or select.select_one("option")
        assert chosen is not None
        said[str(select["name"])] = str(chosen["value"])
    return said | changed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_can_be_chosen(post: Post, app: Flask, world: World, page: Page, language: str) -> None:
    shown = page.get("/notifications/settings", world.a.doctor, language=language)
    names = {str(one["name"]) for one in shown.select("td select")}
    with app.app_context():
        doctor = actor_for(world.a.doctor)
    mine = [kind for kind in KINDS.values() if kind.needs is None or doctor.may(kind.needs)]
    assert len(names) == 2 * len(mine)
    assert "mail-certificates-waiting" not in names, "what only officers are told"
    officer = page.get("/notifications/settings", world.a.certificate_officer, language=language)
    assert officer.select_one("select[name=mail-certificates-waiting]") is not None
    needed = shown.select_one("select[name=mail-test-needed]")
    assert needed is not None
    assert [one["value"] for one in needed.select("option")] == ["now", "daily"]


def test_settings_are_kept_and_followed(post: Post, world: World, page: Page, session: orm.Session) -> None:
    doctor = world.a.doctor
    post.reach(doctor, phone="13900001234")
    changed = {
        "mail-test-plain": "daily", "mail-test-daily": "off", "sms-test-plain": "now", "quiet_from": "12:00",
        "quiet_until": "12:00", "digest_at": "06:30", "language": "en",
    }  # fmt: skip
    page.post("/notifications/settings", doctor, expect=303, **sent(page, doctor, **changed))
    session.expire_all()
    kept = session.scalars(sa.select(Preference)).one()
    assert (kept.digest_at, kept.language) == (time(6, 30), "en")
    assert session.scalar(sa.select(sa.func.count()).select_from(Choice)) == 3, "what is as it was is not kept"
    assert sent(page, doctor)["mail-test-plain"] == "daily"
    for kind in (PLAIN, DAILY):
        post.tell(doctor, kind=kind)
    rows = session.execute(sa.select(Delivery.channel, Delivery.due_at, Notice.kind).join(Notice)).all()
    assert {(row.channel, row.kind) for row in rows} == {("mail", "test.plain"), ("sms", "test.plain")}
    page.post("/notifications/settings", doctor, expect=303, **sent(page, doctor, **{"mail-test-plain": "now"}))
    assert session.scalar(sa.select(sa.func.count()).select_from(Choice)) == 2


def test_what_one_is_not_asked_about_stays_as_it_was(
    post: Post, world: World, page: Page, session: orm.Session
) -> None:
    doctor = world.a.doctor
    place = session.get_one(Person, doctor).institution_id
    session.add(Choice(person_id=doctor, institution_id=place, kind="stall.raised", channel="mail", how="now"))
    session.commit()
    page.post("/notifications/settings", doctor, expect=303, **sent(page, doctor))
    assert session.scalars(sa.select(Choice.kind)).all() == ["stall.raised"]


def test_what_is_new_stands_on_the_home_page(post: Post, world: World, page: Page) -> None:
    assert page.get("/", world.a.doctor).select(".inbox-row") == []
    for n in range(5):
        post.tell(world.a.doctor, n=n)
    rows = page.get("/", world.a.doctor).select(".inbox-row .inbox-open")
    assert [row.get_text(strip=True)[-1] for row in rows] == ["4", "3", "2"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "late"},
        {"digest_at": ""},
        {"mail-test-needed": "off"},
        {"language": "xx"},
        {"sms-test-plain": "daily"},
    ],
)
def test_what_cannot_be_chosen_is_said(
    post: Post, world: World, page: Page, session: orm.Session, wrong: dict[str, str]
) -> None:
    doctor = world.a.doctor
    page.post("/notifications/settings", doctor, expect=422, **sent(page, doctor, **wrong))
    assert session.scalar(sa.select(sa.func.count()).select_from(Preference)) == 0


def test_nobody_chooses_for_another(post: Post, world: World, as_: As) -> None:
    with as_(world.a.manager) as actor, pytest.raises(NotAllowed):
        services.settle(actor, person_named(world.a.doctor), choices={}, habits=Habits(), language="en")
    wrong = {(NEEDED.name, Channel.MAIL): How.OFF}
    with as_(world.a.doctor) as actor, pytest.raises(Invalid):
        services.settle(actor, person_named(world.a.doctor), choices=wrong, habits=Habits(), language="en")
