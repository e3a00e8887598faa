"""The gate against wrong keys on as many sittings as it takes to see one in a hundred (`make campaigns`)."""

import pytest

from tests.campaigns.wrong_keys import SCENES, measure


@pytest.mark.parametrize("scene", SCENES[:2], ids=lambda scene: scene.words)
def test_one_wrong_key_in_a_thousand_sittings(scene):
    found = measure(scene, 1000)
    assert found.caught >= 0.99 * found.sittings
    assert found.flagged <= 0.05 * found.sound
