"""Selects over cases, consultations and their scores."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.simulation.models import CaseAct, CaseFinish, CaseRun, CaseVersion, SimulatedCase
from assessments.simulation.rules import Key, Section
from courses.mentoring.models import Pairing, running
from lms import clock
from lms.db import db
from lms.i18n import pick
from lms.people.models import Person
from lms.search.services import Document
from lms.techniques.models import Technique
from lms.techniques.queries import Related

STATES = ("new", "open", "done")


@dataclass(frozen=True)
class Sought:
    """What a list of cases is narrowed to; empty words do not narrow."""

    words: str = ""
    category: str = ""
    technique: str = ""
    state: str = ""


@dataclass(frozen=True)
class Stand:
    """How far a person is with a case: the run that is open, how often it was ended, the last and best percent."""

    open_run: int | None = None
    tries: int = 0
    last_run: int | None = None
    last: Decimal | None = None
    best: Decimal | None = None


def newest_ids() -> sa.Select[int]:
    """The ids of the newest version of every case."""
    query = sa.select(CaseVersion.id).ext(pg.distinct_on(CaseVersion.case_id))
    return query.order_by(CaseVersion.case_id, CaseVersion.version.desc())


def listing(sought: Sought) -> sa.Select[CaseVersion]:
    """The newest version of each case in use that is looked for, by code, with case and technique, without any key."""
    query = (
        sa.select(CaseVersion)
        .join(SimulatedCase, SimulatedCase.id == CaseVersion.case_id)
        .join(Technique, Technique.id == SimulatedCase.technique_id)
        .where(CaseVersion.id.in_(newest_ids()), ~SimulatedCase.retired)
        .options(orm.contains_eager(CaseVersion.case).contains_eager(SimulatedCase.technique))
    )
    if sought.words:
        named = (SimulatedCase.title, SimulatedCase.title_en, SimulatedCase.code)
        query = query.where(sa.or_(*(column.icontains(sought.words, autoescape=True) for column in named)))
    if sought.category:
        query = query.where(SimulatedCase.categories.contains([sought.category]))
    if sought.technique:
        either = (Technique.code == sought.technique, SimulatedCase.also.contains([sought.technique]))
        query = query.where(sa.or_(*either))
    return query.order_by(SimulatedCase.code)


def for_player(person_id: int, sought: Sought) -> sa.Select[CaseVersion]:
    """The same for somebody who plays: narrowed by how far they are, those for their category first."""
    mine = sa.select(CaseRun.case_id).where(CaseRun.person_id == person_id)
    is_open = SimulatedCase.id.in_(mine.where(CaseRun.handed_in_at.is_(None)))
    is_done = SimulatedCase.id.in_(mine.where(CaseRun.handed_in_at.is_not(None)))
    narrowed = {"open": [is_open], "done": [is_done], "new": [~is_open, ~is_done]}.get(sought.state, [])
    category = sa.select(Person.category).where(Person.id == person_id).scalar_subquery()
    fits = sa.case((category == sa.any_(SimulatedCase.categories), 0), else_=1)
    ordered = listing(sought).where(*narrowed).order_by(None)
    return ordered.order_by(sa.case((is_open, 0), else_=1), fits, SimulatedCase.code)


def stands(person_id: int, case_ids: Sequence[int]) -> dict[int, Stand]:
    """How far a person is with these cases."""
    runs = (
        sa.select(CaseRun.case_id, CaseRun.id, CaseFinish.percent)
        .outerjoin(CaseFinish, CaseFinish.run_id == CaseRun.id)
        .where(CaseRun.person_id == person_id, CaseRun.case_id.in_(case_ids))
        .order_by(CaseRun.case_id, CaseRun.id)
    )
    found: dict[int, list[tuple[int, Decimal | None]]] = {}
    for case_id, run, percent in db.session.execute(runs):
        found.setdefault(case_id, []).append((run, percent))
    return {case_id: _stand(rows) for case_id, rows in found.items()}


def _stand(rows: list[tuple[int, Decimal | None]]) -> Stand:
    ended = [(run, percent) for run, percent in rows if percent is not None]
    last_run, last = ended[-1] if ended else (None, None)
    still_open = next((run for run, percent in rows if percent is None), None)
    return Stand(still_open, len(ended), last_run, last, max((percent for _, percent in ended), default=None))


def techniques() -> list[tuple[str, str]]:
    """The techniques that some case trains first of all, to choose from."""
    used = sa.select(SimulatedCase.technique_id).where(~SimulatedCase.retired)
    query = sa.select(Technique.code, Technique.title, Technique.title_en).where(Technique.id.in_(used))
    return [(code, pick(zh, en)) for code, zh, en in db.session.execute(query.order_by(Technique.title))]


def by_code(code: str) -> CaseVersion | None:
    """The newest version of the case of this code, retired or not."""
    query = (
        sa.select(CaseVersion)
        .join(SimulatedCase, SimulatedCase.id == CaseVersion.case_id)
        .options(orm.contains_eager(CaseVersion.case).joinedload(SimulatedCase.technique))
        .where(SimulatedCase.code == code)
        .order_by(CaseVersion.version.desc())
    )
    return db.session.scalar(query.limit(1))


def newest_version_id(case_id: int) -> int:
    """The version on which a new consultation is played."""
    query = sa.select(CaseVersion.id).where(CaseVersion.case_id == case_id).order_by(CaseVersion.version.desc())
    return db.session.scalars(query.limit(1)).one()


def whole_version(number: int) -> CaseVersion | None:
    """One version with its key and all the others; ask for it only where `Cases.BANK` was checked."""
    if number >= 1 << 63:
        return None
    case = orm.joinedload(CaseVersion.case)
    options = [orm.undefer(CaseVersion.key), case.joinedload(SimulatedCase.technique)]
    return db.session.get(CaseVersion, number, options=[*options, case.selectinload(SimulatedCase.versions)])


def run(id: int) -> CaseRun | None:
    """One consultation within reach, with its case and version, without the key."""
    if id >= 1 << 63:
        return None
    case = orm.joinedload(CaseRun.case).joinedload(SimulatedCase.technique)
    return db.session.get(CaseRun, id, options=[case, orm.joinedload(CaseRun.version)])


def key_data(version_id: int) -> dict[str, Any]:
    """What each act is worth and the expert's way; shown only once a consultation has ended."""
    key: dict[str, Any] = db.session.scalars(sa.select(CaseVersion.key).where(CaseVersion.id == version_id)).one()
    return key


def key_of(version_id: int) -> Key:
    """The same as the rules take it."""
    return Key.of(key_data(version_id))


def sections_of(scene: Mapping[str, Any]) -> dict[str, Section]:
    """To which section each act belongs."""
    return {act["code"]: Section(part["section"]) for part in scene["sections"] for act in part["acts"]}


def open_run(person_id: int, case_id: int) -> CaseRun | None:
    """The consultation that a person has begun on a case and not ended."""
    mine = (CaseRun.person_id == person_id, CaseRun.case_id == case_id, CaseRun.handed_in_at.is_(None))
    return db.session.scalar(sa.select(CaseRun).where(*mine))


def events_of(run: CaseRun) -> list[CaseAct]:
    """Everything that happened, in order."""
    return list(db.session.scalars(sa.select(CaseAct).where(CaseAct.run_id == run.id).order_by(CaseAct.seq)))


def finish_of(run: CaseRun) -> CaseFinish | None:
    """How it was scored; None before its end."""
    return db.session.scalar(sa.select(CaseFinish).where(CaseFinish.run_id == run.id))


def last_credited(person_id: int, case_id: int) -> datetime | None:
    """When this case last earned this person hours."""
    query = (
        sa.select(sa.func.max(CaseFinish.at))
        .join(CaseRun, CaseRun.id == CaseFinish.run_id)
        .where(CaseFinish.person_id == person_id, CaseFinish.credited > 0, CaseRun.case_id == case_id)
    )
    return db.session.scalar(query)


def tries_until(run: CaseRun) -> int:
    """How often this person has ended this case, up to this run: the second time one knows what comes."""
    query = (
        sa.select(sa.func.count())
        .select_from(CaseRun)
        .where(CaseRun.person_id == run.person_id, CaseRun.case_id == run.case_id)
        .where(CaseRun.handed_in_at <= run.handed_in_at)
    )
    return db.session.scalar(query) or 0


def ended(person_id: int, case_id: int | None = None) -> sa.Select[CaseFinish]:
    """A person's ended consultations, newest first, with their cases."""
    query = (
        sa.select(CaseFinish)
        .join(CaseRun, CaseRun.id == CaseFinish.run_id)
        .options(orm.contains_eager(CaseFinish.run).joinedload(CaseRun.case))
        .where(CaseFinish.person_id == person_id)
        .order_by(CaseFinish.at.desc(), CaseFinish.id.desc())
    )
    return query.where(CaseRun.case_id == case_id) if case_id is not None else query


def of_apprentices(mentor_id: int) -> sa.Select[CaseFinish, str]:
    """Ended consultations of those whose mentor somebody is today, newest first, with their names."""
    return (
        sa.select(CaseFinish, Pairing.apprentice_name.label("name"))
        .join(CaseRun, CaseRun.id == CaseFinish.run_id)
        .join(Pairing, Pairing.person_id == CaseFinish.person_id)
        .options(orm.contains_eager(CaseFinish.run).joinedload(CaseRun.case))
        .where(Pairing.mentor_id == mentor_id, running(clock.today()))
        .order_by(CaseFinish.at.desc(), CaseFinish.id.desc())
    )


def doctor_of(run: CaseRun) -> str:
    """The name of whose consultation it is, as their mentor's pair has it; empty where there is none within reach."""
    query = sa.select(Pairing.apprentice_name).where(Pairing.person_id == run.person_id, running(clock.today()))
    return db.session.scalar(query) or ""


def unfinished(person_id: int) -> list[CaseRun]:
    """What a person has begun and not ended, newest first."""
    query = (
        sa.select(CaseRun)
        .options(orm.joinedload(CaseRun.case), orm.joinedload(CaseRun.version))
        .where(CaseRun.person_id == person_id, CaseRun.handed_in_at.is_(None))
    )
    return list(db.session.scalars(query.order_by(CaseRun.id.desc())))


def fitting(person_id: int) -> CaseVersion | None:
    """A case for this person's category that they have never ended."""
    category = sa.select(Person.category).where(Person.id == person_id).scalar_subquery()
    query = for_player(person_id, Sought(state="new")).where(category == sa.any_(SimulatedCase.categories))
    return db.session.scalar(query.limit(1))


def training(technique_id: int) -> list[Related]:
    """Cases that train a technique, for its page."""
    code = sa.select(Technique.code).where(Technique.id == technique_id).scalar_subquery()
    trains = sa.or_(SimulatedCase.technique_id == technique_id, code == sa.any_(SimulatedCase.also))
    query = sa.select(SimulatedCase).where(trains, ~SimulatedCase.retired).order_by(SimulatedCase.code)
    return [
        Related(case.title, case.title_en, "simulation.case", {"code": case.code}) for case in db.session.scalars(query)
    ]


def documents() -> Iterator[Document]:
    """Cases for the index: title and opening; never what can be found or what is right."""
    for version in db.session.scalars(listing(Sought())):
        opening = version.scene["opening"]
        yield Document(
            key=version.case.code,
            title=version.case.title,
            title_en=version.case.title_en,
            heading=f"{version.scene['place']} {opening['who']}",
            body=opening["says"],
            endpoint="simulation.case",
            arguments={"code": version.case.code},
        )
