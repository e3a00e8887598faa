"""Commands: a course out into one file, a course in as a draft."""

from pathlib import Path

import click
import sqlalchemy as sa

from courses.authoring.services import packages
from courses.curricula.models import CourseVersion
from courses.curricula.queries import course_by_code, published_ids, version_by_number
from lms.authz import Actor
from lms.cli import command, fail, group, json_option, say
from lms.db import Everything, act_as, db
from lms.people.models import Person
from lms.people.queries import actor_for
from lms.people.rules.accounts import normal

content = group("content", "Check and load packs of content.")
account_option = click.option("--as", "account", required=True, help="Account of the course editor on whose behalf.")


@command(content, "export")
@click.argument("code")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write.")
@click.option("--version", "number", type=int, default=None, help="Which version; else the one in use.")
@account_option
@json_option
def export(*, code: str, out: Path, number: int | None, account: str, as_json: bool) -> None:
    """Write a version of a course to one file; the same version gives the same bytes, here and elsewhere."""
    actor = _actor(account)
    version = _version(code, number)
    made = packages.give_out(actor, version)
    half = out.with_name(f"{out.name}.part")
    try:
        with half.open("wb") as opened:
            opened.writelines(made.pieces())
        half.replace(out)
    finally:
        half.unlink(missing_ok=True)
    outcome = {"course": code, "version": version.number, "file": str(out), "size": made.size}
    say(outcome, as_json=as_json, words=f"{code}, version {version.number}: {made.size} bytes in {out}")


def _version(code: str, number: int | None) -> CourseVersion:
    course = course_by_code(code)
    if course is None:
        fail(f"there is no course {code}")
    if number is None:
        in_use = published_ids([course.id]).get(course.id)
        found = db.session.get(CourseVersion, in_use) if in_use else None
    else:
        found = version_by_number(code, number)
    if found is None:
        fail(f"{code}: there is no such version in use" if number is None else f"{code}: there is no version {number}")
    return found


@command(content, "import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@account_option
@json_option
def import_(*, file: Path, account: str, as_json: bool) -> None:
    """Take a course in as a draft, whole or not at all; another editor reviews it before doctors read it."""
    actor = _actor(account)
    with file.open("rb") as opened:
        draft = packages.take_in(actor, None, file=opened)
    outcome = {"course": draft.code, "draft": draft.id, "lessons": len(draft.lessons), "files": len(draft.files)}
    words = f"{draft.code}: a draft of {len(draft.lessons)} lessons and {len(draft.files)} files"
    say(outcome, as_json=as_json, words=words)


def _actor(account: str) -> Actor:
    query = sa.select(Person.id).where(Person.account == normal(account), Person.active)
    person = db.session.scalar(query, execution_options=Everything)
    if person is None:
        fail(f"there is no active account {account}", 2)
    actor = actor_for(person)
    act_as(db.session, actor)
    return actor
