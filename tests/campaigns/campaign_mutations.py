"""Twelve thousand altered certificates and proofs, shown to three readers: none may be believed."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.assessments.certification.conftest import FIRST_WAY, plain
from tests.campaigns import mutations

EACH, SEEDS = 1000, (11, 12, 13)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_altered_certificate_is_believed(seed: int, tmp_path: Path) -> None:
    genuine = mutations.made(mutations.star_of(plain(FIRST_WAY)), Ed25519PrivateKey.generate())
    outcome = mutations.run(genuine, EACH, seed=seed, folder=tmp_path)
    assert outcome.tried.total() == 4 * EACH
    assert outcome.believed == []
