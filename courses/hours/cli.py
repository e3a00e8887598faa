"""Commands about hours."""

from pathlib import Path

import click

from courses.hours import documents
from courses.hours.formats import statement
from courses.hours.policy import Hours
from courses.hours.rules import hours
from lms import clock
from lms.authz import Actor
from lms.cli import command, fail, group, json_option, say
from lms.db import act_as, db
from lms.people.queries import by_account

of_hours = group("hours", "Hours of theory, simulation and practice.")


@command(of_hours, "statement")
@click.option("--person", "account", required=True, help="Account of the person.")
@click.option("--year", type=click.IntRange(2000, 2200), help="Which year; this one unless said.")
@click.option("--pdf", type=click.Path(path_type=Path), help="Write the PDF there too.")
@json_option
def say_statement(account: str, year: int | None, pdf: Path | None, as_json: bool) -> None:
    """Say what somebody has of a year: sums, credits and every entry behind them."""
    act_as(db.session, Actor.job("command line", Hours.READ))
    person = db.session.scalars(by_account(account)).one_or_none()
    if person is None:
        fail(f"--person {account}: no such account", 2)
    said = statement(person, year or clock.today().year)
    if pdf is not None:
        pdf.write_bytes(documents.pdf(said))
    kinds = ", ".join(f"{kind} {hours(minutes)} h" for kind, minutes in said["minutes"].items())
    credits = f"credits {said['credits']['total']} of {said['credits']['asked']}"
    words = f"{said['year']}: {kinds}; asked {hours(said['target_minutes'])} h; {credits}; {said['sha256']}"
    say(said, as_json=as_json, words=words)
