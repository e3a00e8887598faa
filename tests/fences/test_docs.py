"""What the documents promise to list is listed."""

import re
from collections.abc import Iterator

import click
from flask import Flask

from config import CHECKOUT, FEATURES, Settings
from lms.cli import GROUPS

DOCS = CHECKOUT / "docs"


def test_every_setting_has_its_line() -> None:
    told = set(re.findall(r"^\| `(LMS_\w+)`", (DOCS / "settings.md").read_text(), re.M))
    assert told == {f"LMS_{name.upper()}" for name in Settings.model_fields}


def commands(made: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below, by the words one types."""
    if not isinstance(made, click.Group):
        yield name, made
        return
    for last, one in made.commands.items():
        yield from commands(one, f"{name} {last}")


def test_every_command_has_its_line_and_says_what_it_does(built: Flask) -> None:
    told = (DOCS / "commands.md").read_text()
    all_of_them = dict(one for name, group in GROUPS.items() for one in commands(group, name))
    assert [name for name in all_of_them if f"`{name}" not in told] == []
    assert [name for name, one in all_of_them.items() if not one.help] == []


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
