"""The list of what every address needs, made from the running application."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from lms.authz import POLICY


@dataclass(frozen=True)
class Policed:
    """One address, what it needs, and who has that."""

    methods: str
    rule: str
    permission: str
    who: tuple[str, ...]
    checked_on: str


def addresses(app: Flask) -> list[Policed]:
    """Every address in order."""
    return sorted(_rows(app), key=lambda row: (row.rule, row.methods))


def _rows(app: Flask) -> Iterator[Policed]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        needs = getattr(view, "needs")  # noqa: B009 - create_app has seen to it
        who = tuple(clause.words for clause in POLICY[needs])
        loads = getattr(view, "loads", None)
        yield Policed(_methods(rule), rule.rule, needs.value, who, "the thing loaded" if loads else "the actor")


def _methods(rule: Rule) -> str:
    return " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def as_markdown(app: Flask) -> str:
    """The committed form, docs/permissions.md."""
    rows = addresses(app)
    lines = [
        "# Permissions · 权限",
        "",
        "Made by `flask --app lms permissions list`; a test compares it with the running application, so that every",
        "change of a right is a line in the diff. A right comes from a role over a subtree or from a named, dated",
        "relation.",
        "",
        "## Who has each permission",
        "",
        "| permission | who |",
        "| --- | --- |",
        *(f"| `{name}` | {'; '.join(c.words for c in clauses)} |" for name, clauses in sorted(POLICY.items())),
        "",
        "## What each address needs",
        "",
        "| method | address | permission | checked on |",
        "| --- | --- | --- | --- |",
        *(f"| {row.methods} | `{row.rule}` | `{row.permission}` | {row.checked_on} |" for row in rows),
        "",
    ]
    return "\n".join(lines)
