"""The verbs over curricula: a draft is written, made a version, and holds; and the rules by which it is given."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from courses.curricula.content.tiers import CurriculumBody, newest, write
from courses.curricula.models import (
    AssignmentRule,
    Curriculum,
    CurriculumDraft,
    CurriculumPublication,
    CurriculumVersion,
)
from courses.curricula.policy import Curricula
from courses.curricula.queries import tiers as queries
from courses.curricula.rules.tiers import GRAMMAR, Begins, Moving, Wrong, cycle, wrong
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.institutions.models import Institution
from lms.service import service, tell


@service(needs=Curricula.EDIT)
def begin_draft(actor: Actor, curriculum: Curriculum) -> CurriculumDraft:
    """Open what the newest version says for writing; the draft that is there already, where there is one."""
    found = queries.draft_of(curriculum.code)
    if found is not None:
        return found
    last = newest(curriculum.id)
    if last is None:
        raise Conflict(_("There is no version to begin with."))
    made = CurriculumDraft(
        curriculum_id=curriculum.id, based_on_id=last.id, content=last.content, sources=last.sources,
        revision=1, by_id=actor.person_id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    tell(curriculum=curriculum.code, based_on=last.number)
    return made


@service(needs=Curricula.EDIT)
def write_draft(actor: Actor, draft: CurriculumDraft, *, content: dict[str, Any], revision: int) -> None:
    """Keep what was written; raises Conflict when somebody has written since `revision`, Invalid for what cannot be."""
    _locked(draft, revision)
    body = checked(content, there=queries.named_in([draft.content]))
    draft.content = body.model_dump(mode="json")
    draft.revision, draft.by_id, draft.changed_at = draft.revision + 1, actor.person_id, clock.now()
    tell(curriculum=draft.curriculum.code, revision=draft.revision)


@service(needs=Curricula.EDIT)
def write_source(
    actor: Actor, draft: CurriculumDraft, *, code: str, work: Mapping[str, str] | None, revision: int
) -> None:
    """Keep one work the draft rests on: changed, new where `code` is empty, or (None) no longer named."""
    _locked(draft, revision)
    there = {one["code"]: one for one in draft.works}
    if code and code not in there:
        raise Conflict(_("This work is not named any more. Reload the page."))
    if work is None and len(there) == 1:
        raise Conflict(_("A curriculum rests on one work at least. Name another before you take this one out."))
    if work is None:
        del there[code]
    else:
        name = code or next(free for n in range(1, len(there) + 2) if (free := f"work-{n}") not in there)
        there[name] = {"code": name, "title": work["title"], "year": work["year"], "where": work["where"]}
    draft.sources = list(there.values())
    draft.revision, draft.by_id, draft.changed_at = draft.revision + 1, actor.person_id, clock.now()
    tell(curriculum=draft.curriculum.code, revision=draft.revision, source=code)


@service(needs=Curricula.EDIT)
def drop_draft(actor: Actor, draft: CurriculumDraft) -> None:
    """Throw a draft away; versions stay as they are."""
    tell(curriculum=draft.curriculum.code, revision=draft.revision)
    db.session.delete(draft)


@service(needs=Curricula.EDIT)
def finish_draft(actor: Actor, draft: CurriculumDraft, *, revision: int) -> CurriculumVersion:
    """Make the draft a version that waits to be put to use; raises Conflict where it says what the newest one says."""
    _locked(draft, revision)
    body = checked(draft.content)
    made = write(draft.curriculum, body, draft.works, actor.person_id)
    if made is None:
        raise Conflict(_("Nothing has changed since the newest version."))
    db.session.delete(draft)
    db.session.flush()
    tell(curriculum=draft.curriculum.code, version=made.number, hash=made.digest.hex())
    return made


def _locked(draft: CurriculumDraft, revision: int) -> None:
    db.session.refresh(draft, with_for_update=True)
    if draft.revision != revision:
        raise Conflict(_("Somebody else has written here since you opened this page. Reload it; nothing was changed."))


def checked(content: Mapping[str, Any], *, there: queries.Named | None = None) -> CurriculumBody:
    """The document, in order; raises Invalid in words for people: a circle is named, as is an unknown code.

    What was `there` before may stay while a draft is written, though it has gone out of use meanwhile.
    """
    for tier in content["tiers"]:
        for one in tier["requirements"]:
            if one["kind"] in GRAMMAR:
                _fits_its_kind(one)
    after = {one["code"]: one["after"] for tier in content["tiers"] for one in tier["requirements"]}
    for code, wanted in after.items():
        if unknown := [one for one in wanted if one not in after]:
            words = _("%(code)s comes after %(other)s, which is not there.", code=code, other=unknown[0])
            raise Invalid(words, field="after")
    if circle := cycle(after):
        words = _("What must come first goes in a circle: %(circle)s.", circle=" → ".join(circle))
        raise Invalid(words, field="after")
    if len(after) < sum(len(tier["requirements"]) for tier in content["tiers"]):
        raise Invalid(_("This code is there already."), field="code")
    try:
        body = CurriculumBody.model_validate(content)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        said = f"{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}"
        raise Invalid(_("This cannot be: %(what)s", what=said)) from None
    named, kept = queries.named_in([content]), there or {}
    if unknown := queries.unknown_codes({kind: codes - kept.get(kind, set()) for kind, codes in named.items()}):
        code = unknown[0]
        raise Invalid(
            _("There is no course or technique in use of the code %(code)s. Name another, or take it out.", code=code)
        )
    return body


def _fits_its_kind(one: Mapping[str, Any]) -> None:
    """That a requirement names what its kind asks, and nothing else; raises Invalid that names the field."""
    found = wrong(
        one["kind"], [name for name in ("course", "technique", "percent", "yearly") if one[name]],
        one["what"], one["amount"],
    )  # fmt: skip
    if found is None:
        return
    field, why = found
    words = {
        Wrong.MISSING: _("A requirement of this kind names it."),
        Wrong.STRANGE: _("This means nothing for a requirement of this kind. Leave it empty."),
        Wrong.NOT_OF_THESE: _("Choose one that fits this kind of requirement."),
        Wrong.NOT_IN_RANGE: _("A number from 1 to %(most)s.", most=GRAMMAR[one["kind"]].most),
    }
    raise Invalid(words[why], field=field)


@service(needs=Curricula.EDIT)
def let_hold(actor: Actor, version: CurriculumVersion, *, moving: Moving) -> CurriculumPublication:
    """From now on this version is the one that is given; who goes over to it is seen to by the room above."""
    lock = sa.select(Curriculum.id).where(Curriculum.id == version.curriculum_id).with_for_update()
    db.session.execute(lock)
    if queries.holding_ids().get(version.curriculum_id) == version.id:
        raise Conflict(_("This version is the one in use already."))
    made = CurriculumPublication(
        curriculum_id=version.curriculum_id, version_id=version.id, moving=moving.value, by_id=actor.person_id
    )
    db.session.add(made)
    db.session.flush()
    tell(curriculum=version.curriculum.code, version=version.number, moving=moving.value)
    return made


@dataclass(frozen=True)
class Ruling:
    """What a rule says: whom it fits and how fast it wants them."""

    title: str
    title_en: str
    place_id: int | None
    posts: list[str]
    joined_from: date | None
    joined_until: date | None
    begins: Begins
    months: list[int]
    priority: int


@service(needs=Curricula.RULE)
def add_rule(actor: Actor, curriculum: Curriculum, *, code: str, ruling: Ruling) -> AssignmentRule:
    """A new rule for a curriculum, over places of one's own."""
    _covers(actor, ruling.place_id)
    _possible(ruling)
    if queries.rule_by_code(code) is not None:
        raise Invalid(_("This code is there already."), field="code")
    made = AssignmentRule(code=code, curriculum_id=curriculum.id, **_values(ruling))
    db.session.add(made)
    db.session.flush()
    tell(rule=code, curriculum=curriculum.code)
    return made


@service(needs=Curricula.RULE)
def change_rule(actor: Actor, rule: AssignmentRule, *, ruling: Ruling) -> None:
    """Change whom a rule fits or how fast; days of those it fits are worked out anew when it is applied."""
    _covers(actor, rule.place_id)
    _covers(actor, ruling.place_id)
    _possible(ruling)
    before = {name: getattr(rule, name) for name in asdict(ruling)}
    for name, value in _values(ruling).items():
        setattr(rule, name, value)
    changed = sorted(name for name, value in _values(ruling).items() if before[name] != value)
    tell(rule=rule.code, changed=changed)


@service(needs=Curricula.RULE)
def retire_rule(actor: Actor, rule: AssignmentRule) -> None:
    """Give nothing by this rule any more, or, where it was retired, again; whoever has a curriculum keeps it."""
    _covers(actor, rule.place_id)
    rule.retired_at = None if rule.retired_at else clock.now()
    tell(rule=rule.code, retired=rule.retired_at is not None)


def _values(ruling: Ruling) -> dict[str, Any]:
    return asdict(ruling) | {"begins": ruling.begins.value}


def _covers(actor: Actor, place_id: int | None) -> None:
    """A rule for everywhere is a matter of those who are course editors over the whole tree."""
    wanted = Institution.parent_id.is_(None) if place_id is None else Institution.id == place_id
    for place in db.session.scalars(sa.select(Institution).where(wanted)):
        actor.must(Curricula.RULE, place)


def _possible(ruling: Ruling) -> None:
    if ruling.months != sorted(ruling.months):
        raise Invalid(_("A later tier cannot be due earlier."), field="months")
    if ruling.joined_from and ruling.joined_until and ruling.joined_from > ruling.joined_until:
        raise Invalid(_("The last day lies before the first."), field="joined_until")
