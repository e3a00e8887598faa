"""Commands about questions in files."""

import sys
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from assessments.bank.formats import known as formats
from assessments.bank.formats.document import Done, Report
from assessments.bank.formats.plans import Defaults, Line, Outcome, Plan, unpack
from assessments.bank.formats.words import DONE, WHY
from assessments.bank.queries.finding import Sought
from assessments.bank.services import exchange as services
from lms.authz import Actor
from lms.cli import command, fail, group, json_option, say
from lms.db import Everything, act_as, db
from lms.people.models import Person
from lms.people.queries import actor_for
from lms.people.rules.accounts import normal
from lms.web.intake import Taken, take

bank = group("bank", "The question bank, and questions in files.")
format_option = click.option(
    "--format",
    "name",
    type=click.Choice(list(formats.FORMATS)),
    default=None,
    help="The format; else it is recognised.",
)


@command(bank, "check", offline=True)
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@json_option
def check(file: Path, name: str | None, as_json: bool) -> None:
    """Name everything in a file of questions that does not fit, one line each; 1 if a question cannot be taken."""
    read = formats.read(_taken(file), name or "")
    said = [(report, report.done is Done.REFUSED) for report in read.all_reports]
    refused = sum(item.entry is None for item in read.items)
    counts = {"questions": len(read.entries), "refused": refused}
    outcome = counts | {"reports": [_plain(report) for report, _refused in said]}
    lines = [f"{report.place}: {report.element}: {DONE[report.done]}: {WHY[report.why]}" for report, _refused in said]
    head = f"{len(read.entries)} questions, {refused} refused"
    say(outcome, as_json=as_json, words="\n".join([*lines, head]))
    if refused or not read.items:
        sys.exit(1)


@command(bank, "import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "account", required=True, help="Account on whose behalf.")
@format_option
@click.option("--apply", "apply_", is_flag=True, help="Import it; without this it is only checked.")
@click.option("--partly", is_flag=True, help="With --apply: leave out what is refused and import the rest.")
@click.option("--bank", "bank_", default="", help="For questions that do not say it: the bank,")
@click.option("--use", default="exam", type=click.Choice(["exam", "practice"]), help="… what they are for,")
@click.option("--topic", default="", help="… the topic,")
@click.option("--level", default="", help="… the cognitive level,")
@click.option("--technique", default="", help="… the technique,")
@click.option("--source", default="", help="… the source,")
@click.option("--passage", default="", help="… and the passage.")
@json_option
def import_(
    *, file: Path, account: str, name: str | None, apply_: bool, partly: bool, bank_: str, as_json: bool, **more: str
) -> None:
    """Check a file of questions, and with --apply import it: all or none. Exit code 1 when questions are refused."""
    actor = _actor(account)
    sent = services.send(actor, None, taken=_taken(file), name=name or "", defaults=Defaults(bank=bank_, **more))
    plan = services.check(actor, sent)
    lines, _about = unpack(sent.plan)
    refused = plan.counts[Outcome.REFUSED]
    applied = apply_ and (partly or not refused)
    if applied:
        services.apply(actor, sent, plan_hash=plan.digest, partly=partly)
    outcome = {
        "applied": applied,
        "sha256": sent.sha256,
        "counts": plan.counts,
        "items": [_shown(line) for line in lines],
    }
    say(outcome, as_json=as_json, words=_words(plan, lines, applied))
    if refused:
        sys.exit(1)


@command(bank, "export")
@click.option("--format", "name", type=click.Choice(list(formats.FORMATS)), required=True)
@click.option("--out", "file", type=click.Path(path_type=Path), required=True, help="The file to write.")
@click.option("--as", "account", required=True, help="Account on whose behalf; it must be one that may read keys.")
@click.option("--bank", "bank_", default="", help="Only this bank,")
@click.option("--topic", default="", help="… this topic,")
@click.option("--kind", default="", help="… this kind,")
@click.option("--technique", default="", help="… this technique.")
@json_option
def export(name: str, file: Path, account: str, bank_: str, as_json: bool, **more: str) -> None:
    """Write questions with their keys to a file, and name what other systems will not see of them."""
    actor = _actor(account)
    written = services.export(actor, None, sought=Sought(bank=bank_, **more), name=name)
    file.write_bytes(written.data)
    lines = [f"{report.name}: {report.element}: {DONE[report.done]}: {WHY[report.why]}" for report in written.reports]
    outcome = {"file": str(file), "reports": [_plain(report) for report in written.reports]}
    say(outcome, as_json=as_json, words="\n".join([*lines, str(file)]))


def _taken(file: Path) -> Taken:
    if not file.is_file():
        fail(f"no such file: {file}", 2)
    with file.open("rb") as opened:
        return take(opened, file.name, kinds=formats.TAKEN, most=formats.MOST_BYTES)


def _actor(account: str) -> Actor:
    found = sa.select(Person.id).where(Person.account == normal(account), Person.active)
    person_id = db.session.scalar(found, execution_options=Everything)
    if person_id is None:
        fail(f"no such account: {account}", 2)
    actor = actor_for(person_id)
    act_as(db.session, actor)
    return actor


def _plain(report: Report) -> dict[str, Any]:
    where = {"where": report.place, "question": report.name, "element": report.element}
    return where | {"done": report.done.value, "code": report.why, "reason": str(WHY[report.why])}


def _shown(line: Line) -> dict[str, Any]:
    said = [{"element": element, "done": done, "code": why} for element, done, why in line.reports]
    return {"where": line.place, "question": line.code, "outcome": line.outcome, "reports": said}


def _words(plan: Plan, lines: list[Line], applied: bool) -> str:
    head = ", ".join(f"{number} {name}" for name, number in plan.counts.items())
    rows = [
        f"{line.place}: {line.code}: {element}: {DONE[Done(done)]}: {WHY[why]}"
        for line in lines
        for element, done, why in line.reports
    ]
    return "\n".join([*rows, f"{'imported' if applied else 'checked only'}: {head}"])
