"""Commands: `ledger verify | head | seal | export | prove`, and `ledger check`, which only reads files."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from lms.authz import Actor
from lms.cli import command, group, json_option, say
from lms.db import act_as, db
from lms.errors import Invalid, NotFound
from lms.ledger import formats, queries, services, verifier
from lms.vault import CannotOpen

ACTOR = Actor.job("ledger")
ledger = group("ledger", "The tamper-evident ledger.")
file = click.Path(dir_okay=False, path_type=Path)
words_option = click.option("--words", is_flag=True, help="Show the words too, where not erased.")
witness_option = click.option(
    "--witness",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of heads kept elsewhere (again for more).",
)


def other_witnesses(app: Flask) -> list[str]:
    """The witnesses an installation names besides its file: paths and addresses of object stores, comma between."""
    return [one.strip() for one in app.config["LMS"].ledger_witnesses.split(",") if one.strip()]


@command(ledger, "verify")
@witness_option
@click.option("--restored", is_flag=True, help="The database was restored to an earlier moment: say what was lost.")
@json_option
def verify(witness: tuple[Path, ...], restored: bool, as_json: bool) -> None:
    """Recompute the ledger from its first entry; exit 1 and name the first broken entry if it is."""
    act_as(db.session, ACTOR)
    told = list(dict.fromkeys((str(_kept_heads()), *other_witnesses(current_app))))
    kept = {one: formats.heads_of(one) for one in dict.fromkeys((*told, *map(str, witness)))}
    finding = queries.verify(db.session, [head for heads in kept.values() for head in heads], restored=restored)
    if finding.holds:
        finding = _gap({one: kept[one] for one in told}) or finding
    say(finding.as_json(), as_json=as_json, words=_sentence(finding))
    sys.exit(0 if finding.holds else 1)


def _gap(kept: dict[str, list[queries.Head]]) -> queries.Finding | None:
    """A witness that was told and does not know: its file was cut, emptied or replaced."""
    for name, heads in kept.items():
        size = queries.gap(db.session, heads)
        if size is not None and "://" not in name:
            why = (
                f"the witness {Path(name).name} and the database do not both know the head of {size}, or its signature"
            )
            return queries.Finding(False, index=size - 1, why=why)
    return None


@command(ledger, "head")
@json_option
def head(as_json: bool) -> None:
    """Write the newest head down now, in the database and in the file outside it."""
    act_as(db.session, ACTOR)
    outcome = services.witness_all(db.session, _kept_heads(), other_witnesses(current_app))
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


@command(ledger, "seal")
@json_option
def seal(as_json: bool) -> None:
    """Commit to every row that waits, however late it was written (the job does so once a day)."""
    act_as(db.session, ACTOR)
    rows = services.seal_rows(db.session, whole=True)
    say({"rows": rows}, as_json=as_json, words=f"{rows} rows are committed to.")


@command(ledger, "prove")
@click.argument("index", type=click.IntRange(0, 2**63 - 1), required=False)
@words_option
@click.option("--since", type=click.IntRange(1, 2**63 - 1), help="Prove that the log went on from so many entries.")
@click.option("--until", type=click.IntRange(1, 2**63 - 1), help="With --since: up to so many; else the newest head.")
@click.option("--row", nargs=2, type=(str, int), metavar="TABLE ID", help="Prove one row, and the entry it is in.")
@json_option
def prove(
    index: int | None, *, words: bool, since: int | None, until: int | None, row: tuple[str, int] | None, as_json: bool
) -> None:
    """Print a proof for the stand-alone verifier: of entry INDEX, of one row, or that the log went on."""
    act_as(db.session, ACTOR)
    if (index is not None) + (since is not None) + (row is not None) != 1:
        raise click.UsageError("give either INDEX, --since or --row")
    if since is not None:
        line = _growth(since, until)
    elif row is not None:
        line = _row(*row)
    else:
        line = _entry(index or 0, words=words)
    say(line, as_json=as_json, words=json.dumps(line, ensure_ascii=False, indent=2))


def _entry(index: int, *, words: bool) -> formats.Line:
    proof = queries.proof(db.session, index)
    if not proof.holds:
        raise Invalid("the tree was altered: `ledger verify` says where", entry=index)
    return formats.proof_line(proof, _opened(proof) if words else None)


def _growth(since: int, until: int | None) -> formats.Line:
    growth = queries.growth(db.session, since, until)
    if not growth.holds:
        raise Invalid("the tree was altered: `ledger verify` says where", entry=since)
    return formats.growth_line(growth)


def _row(table: str, number: int) -> formats.Line:
    proof = queries.row_proof(db.session, table, number) if 0 < number < 1 << 63 else None
    if proof is None:
        raise NotFound(
            f"no entry commits to {table} {number}: it waits for the next minute, or is none of those sealed"
        )
    return {**_entry(proof.index, words=True), "row": formats.row_line(proof)}


@command(ledger, "check", offline=True)
@click.argument("path", metavar="FILE", required=False)
@click.option("--proof", metavar="FILE", help="Check this proof instead of an export.")
@click.option("--witness", metavar="FILE", multiple=True, help="A file of heads kept elsewhere.")
@click.option("--key", metavar="HEX", multiple=True, help="A public key that heads must be signed with.")
@json_option
def check(path: str | None, proof: str | None, witness: tuple[str, ...], key: tuple[str, ...], as_json: bool) -> None:
    """Check an exported ledger or a proof, from files alone."""
    arguments = [path] if path else []
    arguments += ["--proof", proof] if proof else []
    arguments += [part for one in witness for part in ("--witness", one)]
    arguments += [part for one in key for part in ("--key", one)]
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
        "{heads} heads here and {witnessed} kept elsewhere agree, {signed} of them signed; "
        "{rows} rows say what they said, {unsealed} wait to be committed to.\nRoot: {root}"
    )
    lost = f"\nLOST since the restore: {finding.lost} entries after {finding.entries}." if finding.lost else ""
    return counts.format(**told) + lost
