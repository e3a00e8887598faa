"""Making, renaming, moving and closing institutions."""

import re

import sqlalchemy as sa

from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.institutions.events import InstitutionMoved
from lms.institutions.models import Change, Institution, InstitutionChange, Kind
from lms.institutions.policy import Institutions
from lms.institutions.queries.annexes import reasons_to_stay
from lms.institutions.queries.tree import lock_tree
from lms.institutions.rules.pinyin import sort_key
from lms.institutions.rules.places import lies_within, may_stand_under
from lms.service import service, tell

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{2,39}")
_MOVE = sa.text(
    """UPDATE institution
          SET path = CAST(:target AS ltree) || subpath(path, nlevel(CAST(:origin AS ltree)) - 1)
        WHERE path <@ CAST(:origin AS ltree)"""
)


@service(needs=Institutions.MANAGE, tells=("kind", "name", "code"))
def create(
    actor: Actor, parent: Institution, *, kind: str, name: str, code: str, name_en: str | None = None
) -> Institution:
    """Add an institution below another."""
    lock_tree()
    _check_open(parent)
    _check_place(kind, parent)
    _check_code(code)
    made = Institution(
        code=code,
        name=_named(name),
        name_en=name_en or None,
        kind=kind,
        division_code=parent.division_code,
        parent_id=parent.id,
        path="new",
        sort_key=sort_key(name),
    )
    db.session.add(made)
    db.session.flush()
    made.path = f"{parent.path}.{made.id}"
    _remember(made, Change.CREATED, after=made.name)
    return made


@service(needs=Institutions.MANAGE, tells=("name",))
def rename(actor: Actor, institution: Institution, *, name: str, name_en: str | None = None) -> None:
    """Give an institution another name; its code stays."""
    before = institution.name
    name = _named(name)
    if (name, name_en or None) == (before, institution.name_en):
        return
    institution.name, institution.name_en, institution.sort_key = name, name_en or None, sort_key(name)
    tell(before=before)
    _remember(institution, Change.RENAMED, before=before, after=name)


@service(needs=Institutions.MANAGE, tells=("reason",))
def move(actor: Actor, institution: Institution, *, below: Institution, reason: str) -> None:
    """Put an institution, with everything below it, under another one."""
    actor.must(Institutions.MANAGE, below)
    lock_tree()
    db.session.refresh(institution)
    db.session.refresh(below)
    if institution.parent_id == below.id:
        raise Invalid(_("It stands there already."), field="below")
    if lies_within(below.path, institution.path):
        raise Invalid(_("An institution cannot be put below itself."), field="below")
    _check_open(below)
    _check_place(institution.kind, below)
    before = db.session.get_one(Institution, institution.parent_id).name if institution.parent_id else ""
    db.session.execute(_MOVE, {"target": below.path, "origin": institution.path})
    institution.parent_id = below.id
    db.session.flush()
    db.session.refresh(institution)
    tell(institution=institution.name, before=before, after=below.name)
    _remember(institution, Change.MOVED, before=before, after=below.name)
    publish(InstitutionMoved(institution.id))


@service(needs=Institutions.MANAGE, tells=("reason",))
def close(actor: Actor, institution: Institution, *, reason: str) -> None:
    """Close an institution in which nobody works any more and below which none is open."""
    lock_tree()
    db.session.refresh(institution)
    if not institution.active:
        raise Conflict(_("It is closed already."))
    open_below = sa.select(sa.func.count()).where(Institution.parent_id == institution.id, Institution.active)
    reasons = [*_below(db.session.scalar(open_below) or 0), *reasons_to_stay(institution.id)]
    if reasons:
        raise Conflict(" ".join(reasons))
    institution.active = False
    _remember(institution, Change.CLOSED, before=reason)


@service(needs=Institutions.MANAGE)
def reopen(actor: Actor, institution: Institution) -> None:
    """Undo a closing."""
    if institution.active:
        raise Conflict(_("It is open already."))
    if institution.parent is not None:
        _check_open(institution.parent)
    institution.active = True
    _remember(institution, Change.REOPENED)


def _below(count: int) -> list[str]:
    return [_("Institutions below it that are still open: %(count)s. Close or move them first.", count=count)] * (
        count > 0
    )


def _check_open(parent: Institution) -> None:
    if not parent.active:
        raise Invalid(_("%(name)s is closed.", name=parent.name), field="below")


def _check_place(kind: str, parent: Institution) -> None:
    if kind not in set(Kind) or not may_stand_under(kind, parent.kind):
        raise Invalid(_("An institution of this kind cannot stand there in the tree."), field="kind")


def _check_code(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise Invalid(_("A code has 3 to 40 letters, digits and hyphens."), field="code")
    if db.session.scalar(sa.select(Institution.id).where(Institution.code == code)):
        raise Conflict(_("The code %(code)s is taken.", code=code), field="code")


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120:
        raise Invalid(_("A name has 1 to 120 characters."), field="name")
    return name


def _remember(institution: Institution, change: Change, before: str = "", after: str = "") -> None:
    db.session.add(
        InstitutionChange(institution_id=institution.id, change=change, before=before[:200], after=after[:200])
    )
