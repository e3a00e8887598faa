"""Wrong keys among questions of every kind: options, sets of options, typed answers, answers that scatter."""

import random

import pytest

from assessments.psychometrics.rules.keys import ENOUGH, Sat, suspects


def test_sixty_is_where_it_begins():
    assert not suspects(simulated(59)[0]).can_tell
    assert suspects(simulated(60)[0]).can_tell
    assert ENOUGH == 60
    assert suspects([]).suspects == ()


def simulated(count: int, seed: int = 2):
    """Twenty sound questions with five options, and the abilities behind them (0 to 1)."""
    chance = random.Random(seed)
    able = [chance.random() for _ in range(count)]
    found = []
    for item in range(20):
        answers = [("A",) if chance.random() < 0.25 + 0.7 * one else (chance.choice("BCDE"),) for one in able]
        found.append(Sat(item, answers, [float(answer == ("A",)) for answer in answers]))
    return found, able


def said(extra: Sat, count: int = 120):
    """What is said of one more question beside twenty sound ones."""
    verdict = suspects([*simulated(count)[0], extra])
    assert all(one.item != "x" for one in verdict.suspects[1:]), "if it is there, it comes first"
    return next((one for one in verdict.suspects if one.item == "x"), None)


def answered(give, count: int = 120, *, right):
    """One question: `give(ability, chance)` is the answer, `right` those that earn."""
    chance = random.Random(5)
    answers = [give(one, chance) for one in simulated(count)[1]]
    return Sat("x", answers, [float(answer in right) for answer in answers])


def knows(one, chance, right, wrong):
    return right if chance.random() < 0.25 + 0.7 * one else wrong


def test_a_set_of_options_with_one_too_many_in_the_key():
    def give(one, chance):
        return knows(one, chance, ("A", "C"), chance.choice([("A",), ("A", "B", "C"), ("C",), ("B", "C")]))

    assert said(answered(give, right=[("A", "C")])) is None
    found = said(answered(give, right=[("A", "B", "C")]))
    assert found is not None
    assert found.rival == ("A", "C")
    assert found.rival_p > 0.4 > found.p
    assert found.rival_upper > found.upper


def test_a_typed_answer_that_the_key_forgot():
    def give(one, chance):
        return knows(one, chance, ("心肌梗死",), (f"别的{chance.randrange(40)}",))

    assert said(answered(give, right=[("心肌梗死",)])) is None
    found = said(answered(give, right=[("心梗",), ("别的1",)]))
    assert found is not None
    assert found.rival == ("心肌梗死",)


def test_answers_that_all_differ_leave_the_key_alone_to_be_judged():
    def sound(one, chance):
        return knows(one, chance, ("440,200",), (f"{chance.randrange(1000)},{chance.randrange(1000)}",))

    assert said(answered(sound, right=[("440,200",)])) is None

    def wrong(
        one, chance
    ):  # those who know click somewhere in the right place, each elsewhere; the key is another place
        there = (f"44{chance.randrange(10)},2{chance.randrange(100)}",)
        return knows(one, chance, there, ("90,90",) if chance.random() < 0.3 else (f"{chance.randrange(9)},1",))

    found = said(answered(wrong, right=[("90,90",)]))
    assert found is not None
    assert found.rival is None
    assert found.r < 0


def test_everybody_right_or_nobody_answering_is_no_suspicion():
    assert said(answered(lambda _one, _chance: ("A",), right=[("A",)])) is None
    silent = answered(lambda _one, _chance: (), right=[("A",)])
    assert said(silent) is None or said(silent).rival is None


@pytest.mark.parametrize("points", [1, 5])
def test_what_a_question_earns_changes_nothing(points):
    sat, _able = simulated(120)
    swapped = Sat(0, sat[0].answers, [float(answer == ("B",)) for answer in sat[0].answers])
    weighed = [Sat(one.item, one.answers, one.shares, points) for one in (swapped, *sat[1:])]
    assert [one.item for one in suspects(weighed).suspects] == [0]


def test_who_did_not_have_a_question_says_nothing_about_it():
    sat, _able = simulated(200)
    part = [number % 4 == 0 for number in range(200)]
    answers = [answer if there else None for answer, there in zip(sat[3].answers, part, strict=True)]
    shares = [share if there else None for share, there in zip(sat[3].shares, part, strict=True)]
    verdict = suspects([*sat[:3], Sat(3, answers, shares), *sat[4:]])
    assert verdict.untold == (3,)
    assert verdict.suspects == ()
