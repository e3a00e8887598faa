"""Commands about people."""

import io
import sys
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from lms.authz import Actor
from lms.cli import command, fail, group, json_option, say
from lms.db import Everything, act_as, db
from lms.people.formats.plans import Line, unpack
from lms.people.formats.roster import KINDS
from lms.people.formats.template import template
from lms.people.models import Person
from lms.people.queries import actor_for
from lms.people.rules.accounts import normal
from lms.people.services import roster as services
from lms.web.intake import take

roster = group("roster", "Rosters of people, as clerks keep them.")
MOST_BYTES = 10 << 20


@command(roster, "template", offline=True)
@click.argument("file", type=click.Path(path_type=Path))
def write_template(file: Path) -> None:
    """Write the empty roster to fill in (.xlsx)."""
    with template() as made:
        file.write_bytes(made.read())
    click.echo(str(file))


@command(roster, "import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "account", required=True, help="Account on whose behalf, and within whose reach.")
@click.option("--apply", "apply_", is_flag=True, help="Import it; without this it is only checked.")
@json_option
def import_(file: Path, account: str, apply_: bool, as_json: bool) -> None:
    """Check a roster, and with --apply import it: all rows or none. Exit code 1 when rows are refused."""
    if not file.is_file():
        fail(f"no such file: {file}", 2)
    actor = _actor(account)
    taken = take(io.BytesIO(file.read_bytes()), file.name, kinds=KINDS, most=MOST_BYTES)
    sent = services.send(actor, None, taken=taken)
    plan = services.check(actor, sent)
    shown = unpack(sent.plan)
    applied = apply_ and plan.acceptable
    if applied:
        services.apply(actor, sent, plan_hash=plan.digest)
    outcome = _outcome(plan.counts, shown, applied, taken.sha256)
    say(outcome, as_json=as_json, words=_words(plan.counts, shown, applied))
    if not plan.acceptable:
        sys.exit(1)


def _actor(account: str) -> Actor:
    found = sa.select(Person.id).where(Person.account == normal(account), Person.active)
    person_id = db.session.scalar(found, execution_options=Everything)
    if person_id is None:
        fail(f"no such account: {account}", 2)
    actor = actor_for(person_id)
    act_as(db.session, actor)
    return actor


def _outcome(counts: dict[str, int], shown: list[Line], applied: bool, sha256: str) -> dict[str, Any]:
    refused = [
        {"sheet": line.sheet, "row": line.row, "cell": cell, "code": code, "reason": words}
        for line in shown
        for (cell, code, *_rest), (_cell, words) in zip(line.problems, line.reasons, strict=True)
    ]
    return {"applied": applied, "sha256": sha256, "counts": counts, "refused": refused}


def _words(counts: dict[str, int], shown: list[Line], applied: bool) -> str:
    head = ", ".join(f"{number} {name}" for name, number in counts.items())
    rows = [f"{line.sheet}!{cell}: {words}" for line in shown for cell, words in line.reasons]
    return "\n".join([f"{'imported' if applied else 'checked only'}: {head}", *rows])
