"""The registry of ways in: only what one may, in order, and where one stands."""

from dataclasses import replace

import pytest

from lms import authz
from lms.authz import Actor, ByRole, Grant, Open, Permission, Role
from lms.web import nav
from tests.lms.web.gallery import WAYS


class Desk(Permission):
    """A right for these tests."""

    DECIDE = "test:desk:decide"


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(authz.POLICY, Desk.DECIDE, (ByRole(Role.CERTIFICATE_OFFICER),))


OFFICER = Actor(2, (Grant(Role.CERTIFICATE_OFFICER, "a"),))


def test_only_what_one_may_is_shown(ways: None, policy: None) -> None:
    nav.register(nav.Item("decide", "审定", "desk.decide", "check", "side", 0, Desk.DECIDE))
    assert [i.name for i in nav.items(OFFICER, "side")] == ["decide", "desk", "people"]
    assert [i.name for i in nav.items(Actor.PUBLIC, "side")] == ["desk", "people"]


def test_a_way_may_be_called_otherwise_for_others(ways: None, policy: None) -> None:
    called = {None: "全部", 2: "我的"}
    nav.register(nav.Item("all", lambda who: called[who.person_id], "all", "check", "side", 0, Open.EVERYONE))
    assert [nav.items(who, "side")[0].label for who in (Actor.PUBLIC, OFFICER)] == ["全部", "我的"]


def test_wiring_twice_is_wiring_once(ways: None) -> None:
    nav.register(replace(WAYS[0]))
    assert [i.name for i in nav.items(Actor.PUBLIC, "bottom")] == ["learn", "cases", "exams"]
    with pytest.raises(ValueError, match="learn"):
        nav.register(replace(WAYS[0], endpoint="elsewhere"))


def test_groups_stand_where_their_first_item_stands(ways: None) -> None:
    nav.register(replace(WAYS[3], name="revoked", endpoint="revoked", order=9))
    groups = nav.grouped(nav.items(Actor.PUBLIC, "side"))
    assert [(g, [i.name for i in members]) for g, members in groups] == [
        ("认证", ["desk", "revoked"]),
        ("机构与人员", ["people"]),
    ]


@pytest.mark.parametrize(
    ("endpoint", "section", "here"),
    [
        ("exams.paper", None, "paper"),
        ("exams.attempt", None, "sitting"),
        ("exams.attempt", "paper", "paper"),
        ("exams.attempt", "no such section", "sitting"),
        ("blank", None, None),
        (None, None, None),
    ],
)
def test_where_the_reader_stands(endpoint: str | None, section: str | None, here: str | None) -> None:
    shown = [
        nav.Item("sitting", "", "exams.sitting", "exam", "side", 1, Open.EVERYONE),
        nav.Item("paper", "", "exams.paper", "exam", "side", 2, Open.EVERYONE),
    ]
    assert nav.current(shown, endpoint, section) == here


def test_the_home_page_is_made_of_what_one_may_and_what_has_something_to_say(ways: None, policy: None) -> None:
    nav.add_panel(nav.Panel("late", 9, Open.EVERYONE, lambda _: "late"))
    nav.add_panel(nav.Panel("early", 1, Open.EVERYONE, lambda actor: f"early {actor.person_id}"))
    nav.add_panel(nav.Panel("silent", 2, Open.EVERYONE, lambda _: None))
    nav.add_panel(nav.Panel("desk", 3, Desk.DECIDE, lambda _: "desk"))
    assert nav.panels(Actor(7)) == ["early 7", "late"]
    assert nav.panels(OFFICER) == ["early 2", "desk", "late"]
    with pytest.raises(ValueError, match="late"):
        nav.add_panel(nav.Panel("late", 8, Open.EVERYONE, lambda _: ""))


def test_a_visitor_has_no_name(ways: None) -> None:
    assert nav.name_of(Actor.PUBLIC) is None
    assert nav.name_of(Actor(1)) == "李咏梅"
