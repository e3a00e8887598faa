"""Selects over curricula, their versions and drafts, and the rules by which they are given."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from courses.curricula.models import (
    AssignmentRule,
    Course,
    CourseVersion,
    Curriculum,
    CurriculumDraft,
    CurriculumPublication,
    CurriculumRequirement,
    CurriculumTier,
    CurriculumVersion,
)
from courses.curricula.queries.courses import current_ids, last_ids
from courses.curricula.rules.tiers import GRAMMAR
from lms.authz import Actor, Role
from lms.db import db
from lms.i18n import _, _n, pick
from lms.institutions.models import Institution, Kind
from lms.techniques.models import Technique


def holding() -> sa.Select[int]:
    """Ids of the publications that hold today: the latest of each curriculum."""
    return sa.select(sa.func.max(CurriculumPublication.id)).group_by(CurriculumPublication.curriculum_id)


def holding_ids() -> dict[int, int]:
    """Curriculum → version that holds today."""
    query = sa.select(CurriculumPublication.curriculum_id, CurriculumPublication.version_id)
    return dict(db.session.execute(query.where(CurriculumPublication.id.in_(holding()))).all())


def all_curricula() -> Sequence[Curriculum]:
    """Every curriculum with its versions."""
    query = sa.select(Curriculum).options(orm.selectinload(Curriculum.versions)).order_by(Curriculum.code)
    return db.session.scalars(query).all()


def by_code(code: str) -> Curriculum | None:
    """The curriculum of this code."""
    return db.session.scalar(sa.select(Curriculum).where(Curriculum.code == code))


_WHOLE = orm.selectinload(CurriculumVersion.tiers).selectinload(CurriculumTier.requirements)


def version_by_number(code: str, number: int) -> CurriculumVersion | None:
    """One version with all it asks, holding or not."""
    query = sa.select(CurriculumVersion).join(CurriculumVersion.curriculum).options(_WHOLE)
    query = query.where(Curriculum.code == code, CurriculumVersion.number == number)
    return db.session.scalar(query) if number < 1 << 31 else None


def whole(version_id: int) -> CurriculumVersion:
    """One version with all it asks, by its id."""
    query = sa.select(CurriculumVersion).options(_WHOLE).where(CurriculumVersion.id == version_id)
    return db.session.scalars(query).one()


def draft_of(code: str) -> CurriculumDraft | None:
    """What is being written of a curriculum."""
    return db.session.scalar(sa.select(CurriculumDraft).join(CurriculumDraft.curriculum).where(Curriculum.code == code))


def publications(curriculum_id: int) -> Sequence[CurriculumPublication]:
    """Which versions held, the latest first."""
    query = sa.select(CurriculumPublication).where(CurriculumPublication.curriculum_id == curriculum_id)
    query = query.options(orm.joinedload(CurriculumPublication.version))
    return db.session.scalars(query.order_by(CurriculumPublication.id.desc())).all()


def rules_of(curriculum_id: int) -> Sequence[AssignmentRule]:
    """By which rules a curriculum is given, in the order in which they are asked."""
    query = sa.select(AssignmentRule).where(AssignmentRule.curriculum_id == curriculum_id)
    query = query.options(orm.joinedload(AssignmentRule.place))
    return db.session.scalars(
        query.order_by(AssignmentRule.retired_at.is_not(None), AssignmentRule.priority, AssignmentRule.id)
    ).all()


def rule_by_code(code: str) -> AssignmentRule | None:
    """The rule of this code."""
    return db.session.scalar(sa.select(AssignmentRule).where(AssignmentRule.code == code))


Named = dict[str, set[str]]


def named_in(contents: Sequence[Mapping[str, Any]]) -> Named:
    """The codes of the courses and of the techniques that these documents name."""
    asked = [one for content in contents for tier in content["tiers"] for one in tier["requirements"]]
    return {kind: {one[kind] for one in asked if one[kind]} for kind in ("course", "technique")}


def retired_in(contents: Sequence[dict[str, Any]]) -> set[str]:
    """Codes of courses that these documents name and that are out of use."""
    query = sa.select(Course.code).where(Course.retired, Course.code.in_(named_in(contents)["course"]))
    return set(db.session.scalars(query))


def asking_for_retired() -> set[int]:
    """Ids of curricula whose version in use asks for a course that is out of use."""
    return set(db.session.scalars(_asking(CurriculumPublication.curriculum_id).where(Course.retired)))


def asking_for(course_id: int) -> Sequence[sa.Row[str, str, str]]:
    """Code and titles of the curricula whose version in use asks for a course."""
    query = _asking(Curriculum.code, CurriculumVersion.title, CurriculumVersion.title_en)
    query = query.join(CurriculumVersion, CurriculumVersion.id == CurriculumPublication.version_id)
    query = query.join(Curriculum, Curriculum.id == CurriculumPublication.curriculum_id)
    return db.session.execute(query.where(Course.id == course_id).order_by(Curriculum.code)).all()


def _asking(*columns: Any) -> sa.Select[*tuple[Any, ...]]:
    """Of the versions in use, those that ask for courses, each once."""
    return (
        sa.select(*columns)
        .distinct()
        .select_from(CurriculumPublication)
        .join(CurriculumRequirement, CurriculumRequirement.version_id == CurriculumPublication.version_id)
        .join(Course, Course.id == CurriculumRequirement.course_id)
        .where(CurriculumPublication.id.in_(holding()))
    )


def unknown_codes(named: Named) -> list[str]:
    """Of codes of courses and techniques, those that are not there: no course in use, no technique in use."""
    courses = sa.select(Course.code).join(CourseVersion, CourseVersion.course_id == Course.id)
    techniques = sa.select(Technique.code).where(~Technique.retired, Technique.code.in_(named["technique"]))
    known = set(
        db.session.scalars(courses.where(CourseVersion.id.in_(current_ids()), Course.code.in_(named["course"])))
    )
    return sorted((named["course"] - known) | (named["technique"] - set(db.session.scalars(techniques))))


Names = dict[tuple[str, str], str]


def names_of(contents: Sequence[dict[str, Any]]) -> Names:
    """(kind, code) → title in the reader's language, of what these documents name, whether it is in use or not."""
    wanted = named_in(contents)
    courses = (
        sa.select(Course.code, CourseVersion.title, CourseVersion.title_en)
        .join(CourseVersion, CourseVersion.course_id == Course.id)
        .where(CourseVersion.id.in_(last_ids()), Course.code.in_(wanted["course"]))
    )
    techniques = sa.select(Technique.code, Technique.title, Technique.title_en)
    techniques = techniques.where(Technique.code.in_(wanted["technique"]))
    found: Names = {}
    for kind, query in (("course", courses), ("technique", techniques)):
        found |= {(kind, code): pick(zh, en) for code, zh, en in db.session.execute(query)}
    return found


def words(one: dict[str, Any], names: Names) -> str:
    """A requirement in words: its own title, else made from what its kind asks; `one` as the document says it."""
    if one["title"]:
        return pick(one["title"]["zh"], one["title"]["en"])
    code = one["course"] or one["technique"] or ""
    about = names.get((("course" if one["course"] else "technique"), code), code)
    return _SAID[one["kind"]](one, about, one["amount"] or 1)


def _course(_one: dict[str, Any], about: str, _amount: int) -> str:
    return str(_("Course: %(course)s", course=about))


def _rotation(_one: dict[str, Any], _about: str, amount: int) -> str:
    return str(_n("%(num)d day of rotation", "%(num)d days of rotation", amount))


def _technique(_one: dict[str, Any], about: str, amount: int) -> str:
    return str(_("%(technique)s: level %(level)s", technique=about, level=amount))


def _cases(one: dict[str, Any], about: str, amount: int) -> str:
    percent = one["percent"] or GRAMMAR["cases"].percent
    said = _n(
        "%(num)d simulated case at %(percent)s %%",
        "%(num)d simulated cases at %(percent)s %%",
        amount,
        percent=percent,
    )
    return f"{said} · {about}" if about else said


def _hours(one: dict[str, Any], _about: str, amount: int) -> str:
    kinds = {
        "any": _("learning"),
        "theory": _("theory"),
        "simulation": _("simulation"),
        "practice": _("practice"),
    }
    if one["yearly"]:
        return str(_("%(hours)s hours of %(kind)s a year", hours=amount, kind=kinds[one["what"]]))
    return str(_("%(hours)s hours of %(kind)s", hours=amount, kind=kinds[one["what"]]))


def _exam(one: dict[str, Any], about: str, amount: int) -> str:
    exams = {
        "theory": _("Theory exam"),
        "practical": _("Practical exam"),
        "practice": _("Evaluation of practice"),
    }
    percent = one["percent"] or GRAMMAR["exam"].percent
    said = _("%(exam)s at %(percent)s %%", exam=exams[one["what"]], percent=percent)
    if amount > 1:
        said = _n("%(asked)s, %(num)d time", "%(asked)s, %(num)d times", amount, asked=said)
    return f"{said} · {about}" if about else said


_SAID: dict[str, Callable[[dict[str, Any], str, int], str]] = {
    "course": _course,
    "hours": _hours,
    "rotation": _rotation,
    "technique": _technique,
    "cases": _cases,
    "exam": _exam,
}


def courses_to_name() -> list[tuple[str, str]]:
    """Courses in use, by code and title, for a form."""
    query = (
        sa.select(Course.code, CourseVersion.title, CourseVersion.title_en)
        .join(CourseVersion, CourseVersion.course_id == Course.id)
        .where(CourseVersion.id.in_(current_ids()))
        .order_by(CourseVersion.title.collate("C"))
    )
    return [(code, pick(zh, en)) for code, zh, en in db.session.execute(query)]


def techniques_to_name() -> list[tuple[str, str]]:
    """Techniques in use, by code and title, for a form."""
    query = sa.select(Technique.code, Technique.title, Technique.title_en).where(~Technique.retired)
    return [(code, pick(zh, en)) for code, zh, en in db.session.execute(query.order_by(Technique.title.collate("C")))]


def places(actor: Actor) -> list[tuple[int, str]]:
    """Where this actor may say who gets a curriculum: everywhere for who is an editor at the root, else below."""
    roots = sorted({grant.root for grant in actor.grants if grant.role is Role.COURSE_EDITOR})
    query = sa.select(Institution).where(
        Institution.path.within(roots), Institution.active, Institution.kind != Kind.VILLAGE_CLINIC
    )
    found = db.session.scalars(query.order_by(Institution.path)).all()
    if not found:
        return []
    top = min(one.depth for one in found)
    listed = [(one.id, "　" * (one.depth - top) + pick(one.name, one.name_en)) for one in found]
    return [(0, _("everywhere")), *listed] if top == 1 else listed
