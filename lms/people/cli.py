"""Commands about people."""

import io
import sys
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app

from lms import clock
from lms.authz import Actor, Permission
from lms.cli import command, fail, group, json_option, say
from lms.db import Everything, act_as, db
from lms.institutions.models import Institution
from lms.people.formats.plans import Line, unpack
from lms.people.formats.roster import KINDS
from lms.people.formats.template import template
from lms.people.models import Person
from lms.people.policy import People
from lms.people.queries import access, actor_for, by_account
from lms.people.rules import codes
from lms.people.rules.accounts import normal
from lms.people.rules.sessions import Ended
from lms.people.rules.strength import drawn
from lms.people.services import beginning, erasing, own_password, signing_in
from lms.people.services import roster as services
from lms.web.intake import take

people = group("people", "Accounts of people.")
roster = group("roster", "Rosters of people, as clerks keep them.")
MOST_BYTES = 10 << 20
ERASER = Actor.job("erase people", People.ERASE_DUE)


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


@command(people, "first-administrator")
@click.argument("account")
@click.option("--name", required=True, help="The person's name.")
@click.option("--institution", "code", required=True, help="Code of the institution the role reaches down from.")
def first_administrator(account: str, name: str, code: str) -> None:
    """Enter the first system administrator of an installation; prints a password to be changed at the first sign-in."""
    actor = Actor.job("command line", People.BEGIN, People.ISSUE_PASSWORD)
    act_as(db.session, actor)
    place = db.session.scalars(sa.select(Institution).where(Institution.code == code)).one_or_none()
    if place is None:
        fail(f"no such institution: {code}")
    person = beginning.begin(actor, place, account=account, name=name)
    new = drawn()
    own_password.set_password(actor, person, new=new, must_change=True)
    click.echo(new)


@command(people, "password")
@click.argument("account")
@click.option("--random", is_flag=True, help="Draw one and print it; it must be changed at the first sign-in.")
@click.option("--keep", is_flag=True, help="With --random: it need not be changed.")
def password(account: str, random: bool, keep: bool) -> None:
    """Set somebody's password; asks for it twice, unless --random draws one."""
    actor, person = _operator(account, People.ISSUE_PASSWORD)
    new = drawn() if random else click.prompt("New password", hide_input=True, confirmation_prompt=True)
    own_password.set_password(actor, person, new=new, must_change=random and not keep)
    click.echo(new if random else "set; signed out everywhere")


@command(people, "code")
@click.argument("account")
def code(account: str) -> None:
    """Print the present second-factor code of an account; in a simulated installation only."""
    if not current_app.config["LMS"].simulated:
        fail("only a simulated installation (LMS_SIMULATED=true) shows codes", 2)
    _actor, person = _operator(account, People.ISSUE_PASSWORD)
    secret = access.secret_of(person.id)
    if secret is None:
        fail(f"{account}: no app for codes is set up")
    click.echo(codes.code(secret, clock.now()))


@command(people, "sign-out")
@click.argument("account")
def sign_out(account: str) -> None:
    """Sign somebody out everywhere."""
    actor, person = _operator(account, People.END_SIGN_IN)
    signing_in.end_sign_ins(actor, person, why=Ended.BY_ADMINISTRATOR)
    click.echo("signed out everywhere")


def _operator(account: str, *may: Permission) -> tuple[Actor, Person]:
    """Whoever runs the installation, and the person with this account."""
    actor = Actor.job("command line", *may)
    act_as(db.session, actor)
    person = db.session.scalars(by_account(account)).one_or_none()
    if person is None:
        fail(f"no such account: {account}", 2)
    return actor, person


@command(people, "erase")
@click.option("--repeat", type=click.Path(path_type=Path), help="After a restore: erase again whom this file names.")
@click.option(
    "--names", is_flag=True, help="Take the names out of append-only rows too (needs LMS_DATABASE_OWNER_URL)."
)
@json_option
def erase(repeat: Path | None, names: bool, as_json: bool) -> None:
    """Erase whom two people wanted erased and whose day has come; what one person decides alone is not here."""
    act_as(db.session, ERASER)
    settings = current_app.config["LMS"]
    kept = settings.ledger_witness_path.with_name(erasing.REMEMBERED)
    done: dict[str, Any] = {"erased": erasing.erase_all(ERASER, kept)}
    if repeat is not None:
        done["again"] = erasing.repeat(ERASER, None, subjects=erasing.remembered_in(repeat))
    if names:
        owner = settings.database_owner_url
        if not owner:
            fail("the owner's address is needed: LMS_DATABASE_OWNER_URL")
        done["names"] = erasing.erase_names(sa.create_engine(owner, poolclass=sa.NullPool))
    say(done, as_json=as_json, words="\n".join(f"{what}: {number}" for what, number in done.items()))
