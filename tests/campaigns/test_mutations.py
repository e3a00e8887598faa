"""The campaign of altered certificates, in short; in whole it is campaign_mutations.py."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assessments.certification.rules.document import decoded, encoded
from tests.assessments.certification.conftest import FIRST_WAY, plain
from tests.campaigns import mutations


@pytest.fixture(scope="module")
def genuine() -> mutations.Genuine:
    """One certificate in all its forms."""
    return mutations.made(mutations.star_of(plain(FIRST_WAY)), Ed25519PrivateKey.generate())


def test_nothing_altered_is_believed(genuine: mutations.Genuine, tmp_path: Path) -> None:
    outcome = mutations.run(genuine, 300, seed=1, folder=tmp_path)
    assert outcome.tried.total() == 1200
    assert outcome.believed == []


def test_what_is_genuine_is_believed(genuine: mutations.Genuine) -> None:
    for kind, reader in mutations.READERS.items():
        assert reader(getattr(genuine, kind), genuine), kind


def test_a_careless_reader_is_found_out(
    genuine: mutations.Genuine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that signs for itself whatever it reads; and one that takes any writing of the same bytes."""
    monkeypatch.setitem(mutations.READERS, "file", lambda text, _: bool(text))
    assert mutations.run(genuine, 10, seed=2, folder=tmp_path).believed

    def lenient(text: str, given: mutations.Genuine) -> bool:
        try:
            again = ".".join(encoded(decoded(part.rstrip("="))) for part in text.split("."))
        except ValueError:
            return False
        return mutations.believes_credential(again, given)

    monkeypatch.setitem(mutations.READERS, "file", mutations.believes_file)
    monkeypatch.setitem(mutations.READERS, "credential", lenient)
    assert mutations.run(genuine, 400, seed=3, folder=tmp_path).believed
