"""Commands about institutions."""

from pathlib import Path

import click

from lms.authz import Actor
from lms.cli import command, fail, group, json_option, say
from lms.db import act_as, db
from lms.institutions.formats import read_divisions
from lms.institutions.policy import Institutions
from lms.institutions.services.importing import import_divisions

institutions = group("institutions", "The administrative tree.")


@command(institutions, "import-divisions")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def import_(file: Path, as_json: bool) -> None:
    """Make the institutions of a city from its divisions (CSV: code,name,level,parent_code); safe to repeat."""
    if not file.is_file():
        fail(f"no such file: {file}", 2)
    actor = Actor.job("institutions import-divisions", Institutions.IMPORT)
    act_as(db.session, actor)
    done = import_divisions(actor, None, divisions=read_divisions(file.read_bytes()))
    outcome = {"created": done.created, "kept": done.kept, "differing": list(done.differing)}
    words = f"{done.created} created, {done.kept} already there"
    if done.differing:
        words += f", {len(done.differing)} of them under another name: {', '.join(done.differing)}"
    say(outcome, as_json=as_json, words=words)
