"""What the documents promise to list is listed."""

import re

import click
from flask import Flask

from config import CHECKOUT, FEATURES, Settings
from lms.cli import GROUPS

DOCS = CHECKOUT / "docs"


def test_every_setting_has_its_line() -> None:
    told = set(re.findall(r"^\| `(LMS_\w+)`", (DOCS / "settings.md").read_text(), re.M))
    assert told == {f"LMS_{name.upper()}" for name in Settings.model_fields}


def test_every_command_has_its_line(built: Flask) -> None:
    told = (DOCS / "commands.md").read_text()
    missing = [
        f"{group.name} {name}"
        for group in GROUPS.values()
        if isinstance(group, click.Group)
        for name in group.commands
        if f"`{group.name} {name}" not in told
    ]
    assert missing == []


def test_the_architecture_names_every_feature_and_no_other() -> None:
    tree = (DOCS / "architecture.md").read_text().split("```")[1]
    rooms = tree[tree.index("  ledger ") : tree.index("content/ ")].replace("features of the plumbing", "")
    named = re.findall(r"\b[a-z]+\b(?!/)", rooms)
    assert sorted(named) == sorted(feature.split(".")[1] for feature in FEATURES)


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in [*DOCS.rglob("*.md"), *CHECKOUT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(CHECKOUT)} → {target}")
    assert broken == []
