"""Commands: `ledger verify | head | export | prove`, and `ledger check`, which only reads files."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import current_app

from lms.authz import Actor
from lms.cli import command, group, json_option, say
from lms.db import act_as, db
from lms.errors import Invalid
from lms.ledger import formats, queries, services, verifier
from lms.vault import CannotOpen

ACTOR = Actor.job("ledger")
ledger = group("ledger", "The tamper-evident ledger.")
file = click.Path(dir_okay=False, path_type=Path)
words_option = click.option("--words", is_flag=True, help="Show the words too, where not erased.")
witness_option = click.option(
    "--witness", multiple=True, type=file, help="A file of heads kept elsewhere (again for more)."
)


@command(ledger, "verify")
@witness_option
@json_option
def verify(witness: tuple[Path, ...], as_json: bool) -> None:
    """Recompute the ledger from its first entry; exit 1 and name the first broken entry if it is."""
    act_as(db.session, ACTOR)
    files = dict.fromkeys((_kept_heads(), *witness))
    finding = queries.verify(db.session, [head for path in files for head in formats.read_heads(path)])
    say(finding.as_json(), as_json=as_json, words=_sentence(finding))
    sys.exit(0 if finding.holds else 1)


@command(ledger, "head")
@json_option
def head(as_json: bool) -> None:
    """Write the newest head down now, in the database and in the file outside it."""
    act_as(db.session, ACTOR)
    outcome = services.witness(db.session, _kept_heads())
    say(outcome, as_json=as_json, words=f"The ledger has {outcome['size']} entries.")


@command(ledger, "export")
@click.argument("path", metavar="FILE", type=file)
@words_option
@json_option
def export(path: Path, words: bool, as_json: bool) -> None:
    """Write the ledger to FILE, for the stand-alone verifier."""
    act_as(db.session, ACTOR)
    size = formats.export(db.session, path, with_words=words)
    say({"entries": size, "file": str(path)}, as_json=as_json, words=f"{size} entries in {path}")


@command(ledger, "prove")
@click.argument("index", type=click.IntRange(0, 2**63 - 1))
@words_option
@json_option
def prove(index: int, words: bool, as_json: bool) -> None:
    """Print the proof that entry INDEX is in the ledger, for the stand-alone verifier."""
    act_as(db.session, ACTOR)
    proof = queries.proof(db.session, index)
    if not proof.holds:
        raise Invalid("the tree was altered: `ledger verify` says where", entry=index)
    line = formats.proof_line(proof, _opened(proof) if words else None)
    say(line, as_json=as_json, words=json.dumps(line, ensure_ascii=False, indent=2))


@command(ledger, "check", offline=True)
@click.argument("path", metavar="FILE", required=False)
@click.option("--proof", metavar="FILE", help="Check this proof instead of an export.")
@click.option("--witness", metavar="FILE", multiple=True, help="A file of heads kept elsewhere.")
@json_option
def check(path: str | None, proof: str | None, witness: tuple[str, ...], as_json: bool) -> None:
    """Check an exported ledger or a proof, from files alone."""
    arguments = [path] if path else []
    arguments += ["--proof", proof] if proof else []
    arguments += [part for one in witness for part in ("--witness", one)]
    sys.exit(verifier.main([*arguments, *(["--json"] if as_json else [])]))


def _kept_heads() -> Path:
    path: Path = current_app.config["LMS"].ledger_witness_path
    return path


def _opened(proof: queries.Proof) -> queries.Opened | None:
    source = queries.SOURCES.get(proof.kind)
    for kept in source(db.session, proof.index, proof.index + 1) if source else ():
        try:
            return queries.open_words(db.session, proof.kind, proof.index, kept.sealed)
        except CannotOpen:
            raise Invalid("its words were altered and do not open", entry=proof.index) from None
    return None


def _sentence(finding: queries.Finding) -> str:
    if not finding.holds:
        kind = f" ({finding.kind})" if finding.kind else ""
        return f"BROKEN at entry {finding.index}{kind}: {finding.why}"
    told: dict[str, Any] = finding.as_json()
    counts = (
        "It holds: {entries} entries, {opened} opened, {erased} erased; "
        "{heads} heads here and {witnessed} kept elsewhere agree.\nRoot: {root}"
    )
    return counts.format(**told)
