"""Commands: check a content pack without anything else, load it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

import config
from lms.authz import Actor
from lms.cli import command, group, json_option, say
from lms.content.formats import Pack, kinds, open_pack
from lms.content.policy import Content
from lms.content.services import load as bring
from lms.db import act_as, db
from lms.search.policy import Search

content = group("content", "Check and load packs of content.")
folder = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))


@command(content, "check", offline=True)
@folder
@json_option
def check(folder: Path, as_json: bool) -> None:
    """Name every fault of a pack with file and line; needs no database and no setting."""
    pack = open_pack(folder, kinds(config.FEATURES))
    _refuse_faulty(pack, as_json)
    counts = {name: len(files) for name, files in pack.read.items()}
    words = f"{pack.about.code} {pack.about.version}: no fault in {sum(counts.values())} files"
    say(
        {"ok": True, "pack": pack.about.code, "version": pack.about.version, "files": counts},
        as_json=as_json,
        words=words,
    )


@command(content, "load")
@folder
@json_option
def load(folder: Path, as_json: bool) -> None:
    """Check a pack and bring the database to it in one transaction; the second time changes nothing."""
    known = kinds(config.FEATURES)
    pack = open_pack(folder, known)
    _refuse_faulty(pack, as_json)
    actor = Actor.job("content load", Content.LOAD, Search.INDEX)
    act_as(db.session, actor)
    tallies = bring(actor, pack, kinds=known)
    outcome: dict[str, Any] = {name: asdict(tally) for name, tally in tallies.items() if name != "pack"}
    changed = {name: tally for name, tally in tallies.items() if tally}
    words = "\n".join(f"{name}: {t.created} new, {t.changed} changed" for name, t in changed.items())
    outcome = {"ok": True, "pack": pack.about.code, "changed": bool(changed), "kinds": outcome}
    say(outcome, as_json=as_json, words=words or "nothing changed")


def _refuse_faulty(pack: Pack, as_json: bool) -> None:
    if pack.faults:
        faults = [asdict(fault) for fault in pack.faults]
        words = "\n".join([*map(str, pack.faults), f"{len(faults)} faults"])
        say({"ok": False, "faults": faults}, as_json=as_json, words=words)
        raise SystemExit(1)
