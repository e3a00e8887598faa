"""Every command that is used wrongly refuses in one line, or with click's own usage; none falls over."""

from pathlib import Path

import pytest
from flask import Flask

from tests.factories.world import World

#: Words after `flask --app lms`; FILE is a file of random bytes, NONE is not there, FOLDER is one.
WRONG = [
    "people password nobody --random",
    "people sign-out nobody",
    "people code nobody",
    "people erase --repeat NONE",
    "people erase --repeat FILE",
    "people first-administrator X --name Y --institution nowhere",
    "people first-administrator a-doctor --name Y --institution nowhere",
    "roster import FILE --as nobody",
    "roster import NONE --as a-manager",
    "roster import FOLDER --as a-manager",
    "roster import FILE --as a-manager",
    "roster import FILE --as a-doctor",
    "roster template FOLDER",
    "institutions import-divisions FILE",
    "institutions import-divisions NONE",
    "content load FOLDER",
    "content load NONE",
    "content export nothing --out FILE --as a-editor",
    "content export nothing --out FOLDER --as nobody",
    "content import FILE --as a-editor",
    "content import NONE --as a-editor",
    "hours statement --person nobody",
    "hours statement --person a-doctor --year 0",
    "hours statement --person a-doctor --year 99999",
    "hours statement --person a-doctor --pdf FOLDER",
    "hours statement --person a-doctor --pdf NONE/x.pdf",
    "bank import FILE --as a-editor",
    "bank import FILE --as nobody",
    "bank import NONE --as a-editor",
    "bank export --format csv --out FOLDER --as a-editor",
    "bank export --format csv --out NONE/x.csv --as a-editor",
    "bank export --format nothing --out FILE --as a-editor",
    "bank export --format csv --out FILE --as a-doctor",
    "stars explain nobody",
    "stars evaluate nobody",
    "stars evaluate",
    "stars evaluate a-doctor --everybody",
    "certificates verify NONE",
    "certificates verify FILE",
    "certificates verify FOLDER",
    "certificates verify 00000",
    "certificates verify a.b.c",
    "certificates verify http://x/v/1#eyJ.x",
    "certificates revoke 00000 --as nobody --reason error",
    "certificates revoke 00000 --as a-doctor --reason error",
    "certificates revoke 00000 --as a-certificate-officer --reason nothing",
    "ledger export FOLDER",
    "ledger export NONE/x",
    "ledger prove 99999999",
    "ledger prove -- -1",
    "ledger prove 99999999999999999999999",
    "ledger prove --row nothing 1",
    "ledger prove --row certificate 99999999999999999999",
    "ledger prove --row person 1",
    "ledger prove --since 5 --until 2",
    "ledger prove --since 99999999999999999999",
    "ledger prove",
    "ledger check FILE",
    "ledger verify --witness FILE",
    "ledger verify --witness NONE",
    "ledger verify --witness FOLDER",
    "stall score --limit -1",
    "stall train",
    "stall evaluate --attempts FOLDER",
    "database verify --sample -1",
    "database restore FOLDER --folder NONE --to 2020",
]


@pytest.mark.parametrize("words", WRONG)
def test_it_is_said_in_one_line(app: Flask, world: World, tmp_path: Path, words: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.bin").write_bytes(bytes(range(256)) * 8)
    there = {"FOLDER": "folder", "FILE": "file.bin", "NONE": "none"}
    for name, path in there.items():
        words = words.replace(name, str(tmp_path / path))
    ran = app.test_cli_runner().invoke(args=words.split())
    assert isinstance(ran.exception, SystemExit), repr(ran.exception)
    assert ran.exit_code in (1, 2), ran.output
    said = ran.output.strip().splitlines()
    assert len(said) == 1 or said[0].startswith(("Usage: ", "usage: ")), ran.output
