"""Some of the tamper campaign; `make campaigns` does all of it (campaign_tampering.py)."""

import json
from collections.abc import Iterator

import pytest

from lms.db import grants
from lms.ledger import formats, verifier
from lms.ledger.queries import Finding, Head
from tests import databases
from tests.campaigns import tampering
from tests.campaigns.tampering import Ground, Outcome


@pytest.fixture(scope="module")
def ground(
    server: databases.Server, template: databases.Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    with tampering.prepared(server, template, tmp_path_factory.mktemp("tamper")) as made:
        yield made


def test_what_nobody_touched_holds(ground: Ground) -> None:
    with ground.connected(grants.OWNER) as connection:
        found = ground.verify(connection)
        entries = connection.exec_driver_sql("SELECT count(*) FROM ledger_entry").scalar()
    assert found.why is None
    assert (found.holds, found.entries, found.unsealed) == (True, entries, 0)
    assert found.rows > 30
    assert found.signed >= 2


def test_the_owner_s_edits_are_found(ground: Ground) -> None:
    """Every twentieth act of the campaign, and all that somebody would really want to do."""
    outcome = Outcome()
    chosen = {act.name: act for act in [*tampering.named(), *tampering.cuts(), *tampering.acts()[::20]]}
    for act in chosen.values():
        ground.do(grants.OWNER, act, outcome)
    assert outcome.unseen == []
    assert outcome.refused == 0
    assert outcome.found > len(chosen) / 2  # some tables are empty here


def test_the_application_s_role_is_refused_or_found(ground: Ground) -> None:
    outcome = Outcome()
    for table in tampering.sealed_tables():
        ground.do(grants.APP, tampering.Act(f"delete: {table.name}", (f'DELETE FROM "{table.name}"',)), outcome)
        first = next(iter(table.columns)).name
        change = f'UPDATE "{table.name}" SET "{first}" = "{first}"'
        ground.do(grants.APP, tampering.Act(f"edit: {table.name}", (change,)), outcome)
    assert (outcome.found, outcome.unseen) == (0, [])
    assert outcome.refused == 2 * len(tampering.sealed_tables())


def test_a_root_file_that_was_replaced_is_found(ground: Ground) -> None:
    honest = formats.read_heads(ground.witness)

    def found(heads: list[Head]) -> Finding:
        with ground.connected(grants.OWNER) as connection:
            return ground.verify(connection, heads)

    last = honest[-1]
    assert found(honest).holds
    assert not found([]).holds
    assert not found([*honest, Head(last.size, b"x" * 32, "file")]).holds
    assert not found([*honest, Head(last.size + 5, last.root, "file")]).holds
    signed = Head(last.size, last.root, "file", last.at, last.key_id, bytes(64))
    assert "signature" in str(found([*honest, signed]).why)


def test_a_fork_is_found(ground: Ground) -> None:
    """The owner cuts the log, and the application goes on from there: as long, and another one."""
    (cut,) = tampering.cuts()
    with ground.connected(grants.OWNER) as connection:
        for statement in cut.statements:
            connection.exec_driver_sql(statement)
        ground.regrow(connection, 3)
        found = ground.verify(connection)
        alone = ground.verify(connection, [])
    assert (found.holds, alone.why) == (False, None)
    assert "do not lead to the head" in str(found.why)


def test_a_copy_with_one_byte_changed_names_the_entry(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = ground.exported(tmp_path_factory.mktemp("copy") / "ledger.jsonl")
    whole = path.read_bytes()
    assert verifier.check_ledger(str(path))["holds"]
    lines = whole.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if b'"commitment"' in line:
            at = sum(map(len, lines[:number])) + line.index(b'"commitment"') + 20
            path.write_bytes(whole[:at] + (b"0" if whole[at : at + 1] != b"0" else b"1") + whole[at + 1 :])
            with pytest.raises(verifier.Broken) as broken:
                verifier.check_ledger(str(path))
            assert broken.value.finding["index"] == json.loads(line)["index"]
