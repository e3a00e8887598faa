"""Which stations fill which posts: as many posts as can be, no station twice, nobody out of time."""

from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assessments.stations.rules.fitting import filled, fits, meant_first, overrun, posts_of

OFFERS = st.dictionaries(st.sampled_from("abcde"), st.lists(st.integers(1, 5), max_size=5, unique=True), max_size=5)


@given(OFFERS)
def test_no_station_stands_twice_and_no_post_gets_what_does_not_fit(offer: dict[str, list[int]]) -> None:
    found = filled(offer)
    assert len(set(found.values())) == len(found)
    assert all(station in offer[post] for post, station in found.items())


@given(OFFERS)
def test_as_many_posts_are_filled_as_can_be(offer: dict[str, list[int]]) -> None:
    def most(posts: tuple[str, ...]) -> int:
        """The best of all orders of a greedy choice over all choices: what brute force finds."""
        best = 0

        def go(at: int, taken: frozenset[int], count: int) -> None:
            nonlocal best
            best = max(best, count)
            if at < len(posts):
                go(at + 1, taken, count)
                for station in offer[posts[at]]:
                    if station not in taken:
                        go(at + 1, taken | {station}, count + 1)

        go(0, frozenset(), 0)
        return best

    assert len(filled(offer)) == most(tuple(offer))


def test_what_is_meant_first_comes_first_while_nobody_needs_it() -> None:
    assert filled({"a": [1, 2], "b": [2, 3]}) == {"a": 1, "b": 2}
    assert filled({"a": [1, 2], "b": [1]}) == {"a": 2, "b": 1}
    assert filled({"a": [1], "b": [1]}) == {"a": 1}


def blueprint(*posts: dict[str, Any], minutes: int = 20) -> dict[str, Any]:
    given_posts = [{"title": {"zh": "一", "en": "One"}, "stations": [], "skill": None, "marks": 1} | p for p in posts]
    return {"parts": [{"title": {"zh": "站", "en": "Part"}, "minutes": minutes, "posts": given_posts}]}


def test_a_station_fits_by_name_or_by_skill_and_only_in_time() -> None:
    named, asked = posts_of(
        blueprint(
            {"code": "x", "stations": ["bp", "cpr"], "minutes": 8},
            {"code": "y", "skill": "history", "minutes": None},
        )
    )
    assert fits(named, "bp", None, 8)
    assert not fits(named, "bp", None, 9)
    assert not fits(named, "other", "history", 5)
    assert fits(asked, "other", "history", 20)
    assert not fits(asked, "other", "history", 21)
    assert not fits(asked, "other", None, 5)
    assert [meant_first(named, code) for code in ("bp", "cpr", "other")] == [0, 1, 2]


def test_a_part_that_runs_over_is_named() -> None:
    body = blueprint({"code": "x", "minutes": 12}, {"code": "y", "minutes": None})
    assert overrun(body, {"x": 5, "y": 8}) == []  # the post's own minutes count, not the station's
    assert overrun(body, {"x": 5, "y": 9}) == [0]


def test_the_order_of_an_offer_does_not_lose_a_post() -> None:
    offer = {"a": [1, 2], "b": [1], "c": [2, 3]}
    assert {len(filled({post: offer[post] for post in order})) for order in permutations(offer)} == {3}
