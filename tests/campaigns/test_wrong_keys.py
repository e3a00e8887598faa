"""The gate against wrong keys, on a few simulated sittings; `make campaigns` sits many (campaign_wrong_keys.py)."""

import numpy as np
import pytest

from tests.campaigns.wrong_keys import SCENES, Scene, judged, measure, sitting


def test_a_wrong_key_is_caught_and_sound_items_are_left_alone():
    found = measure(SCENES[0], 40)
    assert found.caught == found.sittings
    assert found.flagged <= 0.05 * found.sound


def test_with_fewer_than_sixty_it_cannot_tell():
    sat = sitting(np.random.default_rng(3), Scene("few", candidates=59))
    verdict = judged(sat, (sat.right + 1) % 5)
    assert (verdict.can_tell, verdict.suspects, len(verdict.untold)) == (False, (), 60)


def test_a_sound_sitting_marked_by_a_key_of_chance_is_all_suspects():
    sat = sitting(np.random.default_rng(4), Scene("all wrong"))
    assert len(judged(sat, (sat.right + 1) % 5).suspects) > 50


@pytest.mark.parametrize("blind", [False, True])
def test_the_order_of_candidates_and_items_says_nothing(blind):
    chance = np.random.default_rng(5)
    sat = sitting(chance, Scene("any", items=20))
    people, things = chance.permutation(100), chance.permutation(20)
    mixed = type(sat)(sat.chosen[people][:, things], sat.right[things])
    key = sat.right.copy()
    key[3] = (key[3] + 1) % 5
    before = {one.item: round(one.evidence, 9) for one in judged(sat, key, blind=blind).suspects}
    after = {int(things[one.item]): round(one.evidence, 9) for one in judged(mixed, key[things], blind=blind).suspects}
    assert before == after
