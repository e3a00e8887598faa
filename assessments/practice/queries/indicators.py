"""Selects over indicators, what was counted of them, and imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.practice.models import Evaluation, Indicator, IndicatorImport, IndicatorValue, IndicatorVersion
from assessments.practice.rules.importing import Doctor, Known, Standing
from assessments.practice.rules.parts import Counted, Definition, together
from courses.mentoring.queries.matching import holds
from lms import clock
from lms.authz import Role
from lms.db import db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person


@dataclass(frozen=True)
class Sought:
    """What a list of figures is narrowed to."""

    words: str = ""
    indicator: str = ""
    sort: str = "-period"


def newest_versions(codes: Sequence[str] | None = None) -> list[IndicatorVersion]:
    """The newest version of every indicator in use, or of these codes, retired or not."""
    later = orm.aliased(IndicatorVersion)
    newer = sa.exists().where(
        later.indicator_id == IndicatorVersion.indicator_id, later.version > IndicatorVersion.version
    )
    query = sa.select(IndicatorVersion).join(Indicator).where(~newer)
    query = query.where(~Indicator.retired if codes is None else Indicator.code.in_(codes))
    loaded = query.options(orm.contains_eager(IndicatorVersion.indicator))
    return list(db.session.scalars(loaded.order_by(Indicator.kind.desc(), Indicator.code)))


def definitions_of(codes: Sequence[str]) -> dict[str, Definition]:
    """What these indicators count, by code."""
    if not codes:
        return {}
    return {one.indicator.code: Definition.of(one.body) for one in newest_versions(codes)}


def titles_of(codes: Sequence[str]) -> dict[str, IndicatorVersion]:
    """The newest versions of these indicators, by code."""
    return {one.indicator.code: one for one in newest_versions(codes)} if codes else {}


def _standing() -> sa.Select[IndicatorValue]:
    """The figures that nothing supersedes."""
    later = IndicatorValue.__table__.alias()
    return sa.select(IndicatorValue).where(~sa.exists().where(later.c.supersedes_id == IndicatorValue.id))


def values_for(evaluation: Evaluation, codes: Sequence[str]) -> list[IndicatorValue]:
    """The figures of a doctor whose periods lie within the evaluation's, by indicator and period."""
    if not codes:
        return []
    query = (
        _standing()
        .join(Indicator)
        .where(
            IndicatorValue.person_id == evaluation.person_id,
            Indicator.code.in_(codes),
            IndicatorValue.period_from >= evaluation.period_from,
            IndicatorValue.period_until <= evaluation.period_until,
        )
        .options(orm.contains_eager(IndicatorValue.indicator))
        .order_by(Indicator.code, IndicatorValue.period_from)
    )
    return list(db.session.scalars(query))


def counted_for(evaluation: Evaluation, codes: Sequence[str]) -> dict[str, Counted]:
    """What was counted of each indicator over the evaluation's period, several figures together."""
    found: dict[str, list[Counted]] = {}
    for one in values_for(evaluation, codes):
        found.setdefault(one.indicator.code, []).append(Counted(one.numerator, one.denominator))
    return {code: whole for code, some in found.items() if (whole := together(some)) is not None}


def listing(sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """Figures within reach that stand, with indicator, doctor and institution."""
    sorts: Mapping[str, Any] = {
        "doctor": Person.sort_key,
        "indicator": Indicator.code,
        "period": IndicatorValue.period_until,
    }
    query = (
        _standing()
        .add_columns(Person.name, shown_name().label("institution"))
        .join(Indicator, Indicator.id == IndicatorValue.indicator_id)
        .join(Person, Person.id == IndicatorValue.person_id)
        .join(Institution, Institution.id == IndicatorValue.institution_id)
        .options(orm.contains_eager(IndicatorValue.indicator))
    )
    if sought.words:
        texts = (Person.name, Institution.name, Indicator.title)
        query = query.where(sa.or_(*(text.icontains(sought.words, autoescape=True) for text in texts)))
    if sought.indicator:
        query = query.where(Indicator.code == sought.indicator)
    column = sorts.get(sought.sort.removeprefix("-"), IndicatorValue.period_until)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, IndicatorValue.id)


def known(accounts: Sequence[str]) -> Known:
    """Everything that is needed to judge an import about these accounts."""
    query = sa.select(sa.func.lower(Person.account), Person.id, Person.institution_id, Person.name).where(
        holds(Role.DOCTOR), sa.func.lower(Person.account).in_(list(accounts))
    )
    doctors = {account: Doctor(id_, place, name) for account, id_, place, name in db.session.execute(query)}
    indicators: dict[str, tuple[int, str, Definition]] = {}
    for one in newest_versions():
        meant = (one.indicator_id, one.indicator.code, Definition.of(one.body))
        for name in (one.indicator.code, one.indicator.title, one.indicator.title_en):
            indicators[name.lower()] = meant
    return Known(doctors, indicators, _values_of([one.id for one in doctors.values()]), clock.today())


def _values_of(person_ids: Sequence[int]) -> dict[tuple[int, int], list[Standing]]:
    made: dict[tuple[int, int], list[Standing]] = {}
    for one in db.session.scalars(_standing().where(IndicatorValue.person_id.in_(person_ids))):
        made.setdefault((one.person_id, one.indicator_id), []).append(
            Standing(one.id, one.version, one.period_from, one.period_until, one.numerator, one.denominator, one.source)
        )
    return made


def sent_imports() -> list[IndicatorImport]:
    """The imports within reach, the newest first."""
    return list(db.session.scalars(sa.select(IndicatorImport).order_by(IndicatorImport.id.desc()).limit(20)))


def template_people() -> list[tuple[str, str]]:
    """Account and name of the doctors within reach, for the template."""
    query = sa.select(Person.account, Person.name).where(holds(Role.DOCTOR)).order_by(Person.sort_key, Person.id)
    return [(account, name) for account, name in db.session.execute(query.limit(5000))]
