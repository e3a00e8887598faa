"""The door: who comes in, who does not, and what a stranger can learn at it (nothing)."""

from collections.abc import Callable

from tests.factories.world import World
from tests.lms.people.conftest import Browser


def test_the_right_password_opens_the_door(browser: Browser, world: World, give_password: Callable[[int], str]) -> None:
    account = give_password(world.a.doctor)
    assert not browser.is_in
    answer = browser.sign_in(account)
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.is_in
