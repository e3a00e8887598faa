"""What must be known of the directory to judge a roster, in three statements however long it is."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from lms import clock, vault
from lms.authz import Actor
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import Person, Post, RosterImport
from lms.people.policy import KEEPERS
from lms.people.rules.planning import Directory, Known, place_key
from lms.people.rules.roster import Entry

#: The county in front of a township's name, which its own clerks leave out.
_COUNTY = re.compile(r"^.{1,6}?[县区市](?=.{4,})")
_PEOPLE_LOCK = 7_201_002


def lock_directory() -> None:
    """One import at a time, until the commit: account names are given in order."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_PEOPLE_LOCK)))


def identity_index(number: str) -> bytes:
    """The hash by which a person is found by identity number (column identity_hash)."""
    return vault.current().blind_index(f"identity:{number}")


def licence_index(number: str) -> bytes:
    """The hash by which a person is found by licence number (column licence_hash)."""
    return vault.current().blind_index(f"licence:{number}")


def kept_roots(actor: Actor) -> tuple[str, ...]:
    """Paths of the subtrees whose people this actor keeps."""
    return tuple(sorted({grant.root for grant in actor.grants if grant.role in KEEPERS}))


def kept_institutions(actor: Actor) -> list[Institution]:
    """The open institutions whose people this actor keeps, in the order of codes."""
    roots = kept_roots(actor)
    if not roots:
        return []
    query = sa.select(Institution).where(Institution.path.within(list(roots)), Institution.active)
    return list(db.session.scalars(query.order_by(Institution.code)))


def places(institutions: Iterable[Institution]) -> dict[str, frozenset[int]]:
    """Institutions by code and by every name a clerk may write; a short name only where no full one is the same."""
    full: dict[str, set[int]] = {}
    short: dict[str, set[int]] = {}
    for one in institutions:
        for written in filter(None, (one.code, one.name, one.name_en)):
            full.setdefault(place_key(written), set()).add(one.id)
        without = _COUNTY.sub("", place_key(one.name))
        short.setdefault(without, set()).add(one.id)
    return {key: frozenset(ids) for key, ids in (short | full).items()}


def directory(actor: Actor, entries: Sequence[Entry]) -> Directory:
    """Everything that has to be known to judge these entries."""
    numbers = {identity_index(e.identity_number): e.identity_number for e in entries if e.identity_number}
    licences = {licence_index(e.licence_number): e.licence_number for e in entries if e.licence_number}
    accounts = {e.account for e in entries if e.account}
    by_identity, by_account, by_licence = {}, {}, {}
    roots = kept_roots(actor)
    for row in _people(list(numbers), list(licences), list(accounts)):
        known = _known(row, roots)
        if row.identity_hash in numbers:
            by_identity[numbers[row.identity_hash]] = known
        if row.licence_hash in licences:
            by_licence[licences[row.licence_hash]] = known
        by_account[known.account] = known
    return Directory(places(kept_institutions(actor)), by_identity, by_account, by_licence)


def _people(numbers: list[bytes], licences: list[bytes], accounts: list[str]) -> Sequence[Any]:
    """Whoever has one of these numbers or accounts, wherever they are: both are unique everywhere."""
    today = clock.today()
    at_work = sa.and_(
        Post.person_id == Person.id,
        Post.main,
        Post.begins_on <= today,
        sa.or_(Post.ends_on.is_(None), Post.ends_on > today),
    )
    asked = sa.or_(
        Person.identity_hash == sa.any_(sa.cast(numbers, sa.ARRAY(sa.LargeBinary))),
        Person.licence_hash == sa.any_(sa.cast(licences, sa.ARRAY(sa.LargeBinary))),
        Person.account == sa.any_(sa.cast(accounts, sa.ARRAY(sa.String))),
    )
    query = (
        sa.select(
            Person.id,
            Person.account,
            Person.name,
            Person.category,
            Person.institution_id,
            Person.active,
            Person.identity_number,
            Person.identity_hash,
            Person.licence_number,
            Person.licence_hash,
            Person.phone,
            Person.email,
            Person.practising_since,
            Institution.name.label("institution"),
            Institution.path,
            Post.id.label("post_id"),
            Post.title,
            Post.begins_on,
        )
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(Post, at_work)
        .where(asked)
    )
    return db.session.execute(query, execution_options=Everything).all()


def _known(row: Any, roots: tuple[str, ...]) -> Known:
    inside = any(row.path == root or row.path.startswith(root + ".") for root in roots)
    return Known(
        id=row.id,
        account=row.account,
        name=row.name,
        category=row.category,
        institution_id=row.institution_id,
        institution=row.institution,
        within_reach=inside,
        active=row.active,
        identity_number=row.identity_number,
        licence_number=row.licence_number,
        phone=row.phone,
        email=row.email,
        practising_since=row.practising_since,
        post_id=row.post_id,
        title=row.title or None,
        begins_on=row.begins_on,
    )


def accounts_like(bases: Sequence[str]) -> set[str]:
    """Accounts, anywhere, that are one of these names or one with a number behind it."""
    plain = sa.func.regexp_replace(Person.account, "[0-9]+$", "")
    query = sa.select(Person.account).where(plain == sa.any_(sa.cast(list(bases), sa.ARRAY(sa.String))))
    return set(db.session.scalars(query, execution_options=Everything))


def sent_rosters(limit: int = 50) -> list[RosterImport]:
    """Rosters within reach, newest first, without their contents."""
    query = sa.select(RosterImport).options(
        sa.orm.defer(RosterImport.content), sa.orm.defer(RosterImport.plan), sa.orm.joinedload(RosterImport.institution)
    )
    return list(db.session.scalars(query.order_by(RosterImport.id.desc()).limit(limit)))
