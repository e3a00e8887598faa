"""One account per role with passwords made at random for this installation, in a file only its owner reads."""

import json
from typing import Any

from demo.installation import VAR, DemoRefused, write_private
from demo.screen import note

FILE = VAR / "demo-accounts.json"


def keep(rows: list[dict[str, Any]]) -> None:
    """Remember the accounts: `account, password, role, name, place` second_factor."""
    write_private(FILE, json.dumps(rows, ensure_ascii=False, indent=1))


def rows() -> list[dict[str, Any]]:
    """The accounts that were kept."""
    if not FILE.exists():
        raise DemoRefused("the demo has not been started yet: make demo")
    return list(json.loads(FILE.read_text()))


def show() -> None:
    """Print them as a table."""
    wide = max(len(row["account"]) for row in rows())
    for row in rows():
        second = "  + make code who=" + row["account"] if row["second_factor"] else ""
        note(f"  {row['account']:<{wide}}  {row['password']}  {row['role']}  {row['name']}{second}")
    note("")
