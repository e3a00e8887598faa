"""The directory of persons: entering and changing people, moving them, letting them go."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from lms import clock
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.institutions.models import Institution
from lms.institutions.rules.pinyin import person_key
from lms.people.events import PeopleChanged
from lms.people.formats.words import problem
from lms.people.models import Person, Post, RoleGrant
from lms.people.policy import People
from lms.people.queries import ending_sign_ins
from lms.people.queries.roster import (
    accounts_like,
    directory,
    identity_index,
    kept_roots,
    licence_index,
    lock_directory,
)
from lms.people.rules.naming import account_base, accounts_for
from lms.people.rules.planning import Decided, Outcome, Plan, make
from lms.people.rules.roster import Entry, Row, Typed, understand
from lms.people.rules.sessions import Ended
from lms.service import service, tell

#: Who learns and is assessed by virtue of the category alone.
LEARNERS = frozenset({"general_practitioner", "village_doctor", "nurse"})
_CHUNK = 1_000
Progress = Callable[[int, int], None]


@service(needs=People.MANAGE)
def enter(actor: Actor, on: None, *, plan: Plan, progress: Progress | None = None) -> list[int]:
    """Carry out a plan: all of it or nothing, set by set; the ids of who is new."""
    if not plan.acceptable:
        raise Conflict(_("Rows are refused; nothing was imported."))
    lock_directory()
    _must_keep(actor, {one.institution_id for one in plan.rows if one.institution_id is not None})
    new = [one for one in plan.rows if one.outcome is Outcome.CREATED]
    changed = [one for one in plan.rows if one.outcome is Outcome.CHANGED]
    try:
        made = _create(actor, new, progress or _silent)
        _change(changed)
    except sa.exc.IntegrityError as clash:
        raise _clash(clash) from None
    tell(**plan.counts)
    _say_changed([*made, *(one.person_id for one in changed if one.person_id is not None)])
    return made


def _say_changed(person_ids: Sequence[int]) -> None:
    """Tell other rooms, some at a time: each of them hears a lot in one transaction."""
    for first in range(0, len(person_ids), _CHUNK):
        publish(PeopleChanged(list(person_ids[first : first + _CHUNK])))


@service(needs=People.MANAGE)
def add(actor: Actor, institution: Institution, *, typed: Mapping[str, Typed]) -> int:
    """Enter one person by form, by the same rules as a roster; raises Invalid that names the field."""
    row = Row("", 0, {**typed, "institution": institution.code})
    entry, problems = understand(row, clock.today())
    plan = make([(entry, problems)], directory(actor, [entry]))
    decided = plan.rows[0]
    if decided.problems:
        wrong = decided.problems[0]
        raise Invalid(" ".join(problem(one) for one in decided.problems), field=wrong.column)
    if decided.outcome is not Outcome.CREATED:
        raise Conflict(_("This person is in the directory already."), field="identity_number")
    made = enter(actor, None, plan=plan)[0]
    tell(person=made)
    return made


@service(needs=People.MANAGE, tells=("since",))
def move(actor: Actor, person: Person, *, to: Institution, since: date, title: str = "") -> None:
    """Give a person another main post from a day on; the old one ends on that day and stays in the history."""
    actor.must(People.MANAGE, to)
    if not to.active:
        raise Invalid(_("%(name)s is closed.", name=to.name), field="to")
    if since > clock.today():
        raise Invalid(_("The day lies in the future. Move people when they move."), field="since")
    current = _current_post(person)
    if current is not None:
        if (current.institution_id, current.title) == (to.id, title):
            raise Invalid(_("That is the post they have."), field="to")
        if since <= current.begins_on:
            began = current.begins_on
            words = _("It must be later than the beginning of the post they have (%(day)s).", day=began)
            raise Invalid(words, field="since")
        current.ends_on = since
        db.session.flush()
    db.session.add(Post(person_id=person.id, institution_id=to.id, begins_on=since, main=True, title=title[:80]))
    _move_learning(actor, person, to, since)
    tell(before=person.institution_id, after=to.id)
    # Not the relationship: it would be read through the fence before the change is written.
    person.institution_id = to.id
    db.session.execute(ending_sign_ins([person.id], Ended.RIGHTS_CHANGED), execution_options=Everything)
    db.session.flush()
    db.session.expire(person, ["institution"])
    _say_changed([person.id])


@service(needs=People.MANAGE, tells=("reason",))
def deactivate(actor: Actor, person: Person, *, reason: str) -> None:
    """Let a person go: no sign-in any more; what they did stays. It can be undone."""
    if person.id == actor.person_id:
        raise Conflict(_("Nobody can deactivate themselves."))
    if not person.active:
        raise Conflict(_("This person is deactivated already."))
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    person.active, person.deactivated_on, person.deactivated_why = False, clock.today(), reason.strip()[:200]
    db.session.execute(ending_sign_ins([person.id], Ended.DEACTIVATED), execution_options=Everything)


@service(needs=People.MANAGE)
def reactivate(actor: Actor, person: Person) -> None:
    """Undo a deactivation; the reason stays in the audit log."""
    if person.active:
        raise Conflict(_("This person is active."))
    if person.erased:
        raise Conflict(_("This person has been erased. It cannot be taken back."))
    person.active, person.deactivated_on, person.deactivated_why = True, None, None
    _say_changed([person.id])


def _silent(done: int, total: int) -> None:
    """Nobody asked how far it is."""


def _must_keep(actor: Actor, institution_ids: set[int]) -> None:
    """Every institution lies where this actor keeps the directory (jobs are held by their permissions)."""
    if actor.sees_everything or not institution_ids:
        return
    inside = sa.select(sa.func.count()).where(
        Institution.id.in_(institution_ids),
        Institution.path.within(list(kept_roots(actor))),
        Institution.active,
    )
    if db.session.scalar(inside) != len(institution_ids):
        raise Conflict(_("The directory has changed since the check. Check again."))


def _clash(clash: sa.exc.IntegrityError) -> Conflict:
    name = getattr(getattr(clash.orig, "diag", None), "constraint_name", "") or ""
    if name == "one_main_post_at_a_time":
        return Conflict(_("A day of entry lies within an earlier post of the same person."))
    return Conflict(_("The directory has changed since the check. Check again."))


def _create(actor: Actor, new: Sequence[Decided], progress: Progress) -> list[int]:
    """Persons, their posts, and the role of those who learn."""
    bases = [account_base(one.entry.name) for one in new]
    taken = accounts_like(sorted(set(bases))) | {one.entry.account for one in new if one.entry.account}
    accounts = accounts_for([(one.entry.account, base) for one, base in zip(new, bases, strict=True)], taken)
    rows = [_person_row(one, account) for one, account in zip(new, accounts, strict=True)]
    # render_nulls: rows with and without a licence go into the same statement
    insert = sa.insert(Person).returning(Person.id, sort_by_parameter_order=True).execution_options(render_nulls=True)
    made: list[int] = []
    for at in range(0, len(rows), _CHUNK):
        made += db.session.scalars(insert, rows[at : at + _CHUNK], execution_options=Everything)
        progress(len(made), len(rows))
    today = clock.today()
    posts = [
        {
            "person_id": id,
            "institution_id": one.institution_id,
            "title": one.entry.title or "",
            "begins_on": one.entry.begins_on or today,
        }
        for id, one in zip(made, new, strict=True)
    ]
    roles = [
        {"person_id": id, "institution_id": one.institution_id, "role": Role.DOCTOR.value, "begins_on": today}
        | {"granted_by_id": actor.person_id}
        for id, one in zip(made, new, strict=True)
        if one.entry.category in LEARNERS
    ]
    for model, table in ((Post, posts), (RoleGrant, roles)):
        if table:
            db.session.execute(sa.insert(model), table, execution_options=Everything)
    return made


def _person_row(one: Decided, account: str) -> dict[str, Any]:
    entry = one.entry
    return {
        "account": account,
        "institution_id": one.institution_id,
        **_name(entry),
        **_identity(entry),
        **_licence(entry),
        "category": entry.category,
        "phone": entry.phone,
        "email": entry.email,
        "practising_since": entry.practising_since,
    }


def _name(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, "sort_key": person_key(entry.name)}


def _identity(entry: Entry) -> dict[str, Any]:
    number = entry.identity_number
    return {"identity_number": number, "identity_hash": identity_index(number)}


def _licence(entry: Entry) -> dict[str, Any]:
    number = entry.licence_number
    return {"licence_number": number, "licence_hash": licence_index(number) if number else None}


#: Columns of a person that go together when one of them changes.
_TOGETHER: dict[str, Callable[[Entry], dict[str, Any]]] = {
    "name": _name,
    "identity_number": _identity,
    "licence_number": _licence,
}
_OF_POST = ("title", "begins_on")


def _change(changed: Sequence[Decided]) -> None:
    """Only what differs, one statement for each set of columns that change together."""
    persons: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    posts: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for one in changed:
        values: dict[str, Any] = {}
        for column in one.changes:
            if column not in _OF_POST:
                together = _TOGETHER.get(column)
                values |= together(one.entry) if together else {column: getattr(one.entry, column)}
        if values:
            persons.setdefault(tuple(values), []).append({"id": one.person_id, **values})
        post = {column: getattr(one.entry, column) for column in _OF_POST if column in one.changes}
        if post and one.post_id is not None:
            posts.setdefault(tuple(post), []).append({"id": one.post_id, **post})
        elif post:
            first = {"begins_on": clock.today(), "person_id": one.person_id, "institution_id": one.institution_id}
            db.session.execute(sa.insert(Post), [first | post], execution_options=Everything)
    for model, sets in ((Person, persons), (Post, posts)):
        for rows in sets.values():
            db.session.execute(sa.update(model), rows, execution_options=Everything)


def _current_post(person: Person) -> Post | None:
    today = clock.today()
    query = sa.select(Post).where(
        Post.person_id == person.id,
        Post.main,
        Post.begins_on <= today,
        sa.or_(Post.ends_on.is_(None), Post.ends_on > today),
    )
    return db.session.scalar(query, execution_options=Everything)


def _move_learning(actor: Actor, person: Person, to: Institution, since: date) -> None:
    """The role of a learner goes along with the post; roles somebody was given by name stay where they are."""
    query = sa.select(RoleGrant).where(
        RoleGrant.person_id == person.id,
        RoleGrant.role == Role.DOCTOR.value,
        RoleGrant.institution_id == person.institution_id,
        sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > since),
    )
    held = db.session.scalars(query, execution_options=Everything).all()
    for one in held:
        one.ends_on = max(since, one.begins_on)
    if held:
        db.session.flush()
        db.session.add(
            RoleGrant(
                person_id=person.id,
                institution_id=to.id,
                role=Role.DOCTOR.value,
                begins_on=since,
                granted_by_id=actor.person_id,
            )
        )
