"""All of the tamper campaign: every field of every table stars rest on, and a file byte by byte (`make campaigns`)."""

import random
from collections.abc import Iterator

import pytest

from lms.db import grants
from lms.ledger import verifier
from tests import databases
from tests.campaigns import tampering
from tests.campaigns.tampering import Ground, Outcome

#: So many single bytes of an exported ledger are changed.
BYTES = 10_000


@pytest.fixture(scope="module")
def ground(
    server: databases.Server, template: databases.Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    with tampering.prepared(server, template, tmp_path_factory.mktemp("tamper")) as made:
        yield made


def done(ground: Ground, role: str, acts: list[tampering.Act]) -> Outcome:
    outcome = Outcome()
    for act in acts:
        ground.do(role, act, outcome)
    return outcome


def test_all_that_the_owner_does_is_found(ground: Ground) -> None:
    acts = tampering.acts()
    outcome = done(ground, grants.OWNER, acts)
    assert (outcome.unseen, outcome.refused) == ([], 0)
    assert outcome.found > 200
    assert outcome.named.total() == outcome.found  # each finding names an entry
    assert outcome.empty & {"result", "star_decision", "certificate", "certificate_change", "signer_key"} == set()


def test_all_that_the_application_s_role_does_is_refused_or_found(ground: Ground) -> None:
    without = [tampering.Act(act.name, act.statements[-1:]) for act in tampering.acts()]
    outcome = done(ground, grants.APP, without)
    assert (outcome.unseen, outcome.found) == ([], 0)
    assert outcome.refused > len(without) / 2


def test_what_the_application_s_role_forges_is_refused_or_found(ground: Ground) -> None:
    acts = list(tampering.forgeries())
    outcome = done(ground, grants.APP, acts)
    assert outcome.unseen == []
    assert outcome.acts > len(acts) / 2


def test_no_byte_of_a_copy_can_be_changed_unseen(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = ground.exported(tmp_path_factory.mktemp("copy") / "ledger.jsonl")
    whole, chance = path.read_bytes(), random.Random(7)
    for _ in range(BYTES):
        at, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
        with pytest.raises((verifier.Broken, verifier.Unreadable)):
            verifier.check_ledger(str(path))
