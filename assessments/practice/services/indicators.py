"""Importing figures: sent and judged row by row, then written as a whole or not at all."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from assessments.practice.formats.indicators import read_table
from assessments.practice.models import IndicatorImport, IndicatorValue
from assessments.practice.policy import Practice
from assessments.practice.queries import indicators as queries
from assessments.practice.rules.importing import DATES, Outcome, Plan, Problem, Row, make
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell
from lms.web.intake import Taken


@service(needs=Practice.IMPORT)
def send(actor: Actor, on: None, *, taken: Taken) -> IndicatorImport:
    """Take a table in and say what it would do, row by row; nothing is written yet."""
    table = read_table(taken)
    plan = _plan(table.rows)
    sent = IndicatorImport(
        institution_id=db.session.get_one(Person, actor.person_id).institution_id,
        sent_by_id=actor.person_id,
        file_name=taken.name,
        sha256=bytes.fromhex(taken.sha256),
        typed=[_plain(row) for row in table.rows],
        lines=[asdict(line) for line in plan.lines],
        counts=plan.counts,
        ignored=list(table.ignored),
        plan_hash=plan.digest,
    )
    db.session.add(sent)
    db.session.flush()
    tell(sha256=taken.sha256, **plan.counts)
    return sent


@service(needs=Practice.IMPORT)
def apply(actor: Actor, sent: IndicatorImport, *, plan_hash: str) -> dict[str, int]:
    """Write what was shown, all or nothing, if it would still do the same; counts by outcome."""
    locked = sa.select(IndicatorImport.state).where(IndicatorImport.id == sent.id).with_for_update()
    if db.session.scalar(locked) == "applied":
        raise Conflict(_("This table has been imported already."))
    rows = [_row(one) for one in sent.typed]
    plan = _plan(rows)
    if plan.digest != plan_hash or sent.plan_hash != plan_hash:
        raise Conflict(_("Something has changed since the check. Send the table again."))
    if plan.counts[Outcome.REFUSED.value]:
        raise Conflict(_("Rows are refused; nothing was imported."))
    values = [_value(line, sent.id) for line in plan.lines if line.outcome in (Outcome.CREATED, Outcome.CHANGED)]
    if values:
        db.session.execute(sa.insert(IndicatorValue), values, execution_options=Everything)
    sent.state, sent.applied_at = "applied", clock.now()
    db.session.flush()
    tell(sha256=sent.sha256.hex(), **plan.counts)
    return plan.counts


def _plan(rows: tuple[Row, ...] | list[Row]) -> Plan:
    accounts = {str(row.typed.get("account") or "").strip().lower() for row in rows}
    return make(rows, queries.known(sorted(accounts - {""})))


def _plain(row: Row) -> dict[str, Any]:
    """A row as JSON: days tagged, so that they come back as days."""
    typed = {
        name: {"day": value.isoformat()} if isinstance(value, date) else value for name, value in row.typed.items()
    }
    problems = [[one.code, one.column, dict(one.said)] for one in row.problems]
    return {"sheet": row.sheet, "number": row.number, "typed": typed, "problems": problems}


def _row(plain: Mapping[str, Any]) -> Row:
    typed = {
        name: date.fromisoformat(value["day"]) if name in DATES and isinstance(value, dict) else value
        for name, value in plain["typed"].items()
    }
    problems = tuple(Problem(code, column, said) for code, column, said in plain["problems"])
    return Row(plain["sheet"], plain["number"], typed, problems)


def _value(line: Any, import_id: int) -> dict[str, Any]:
    return {
        "person_id": line.person_id,
        "institution_id": line.institution_id,
        "indicator_id": line.indicator_id,
        "period_from": date.fromisoformat(line.period_from),
        "period_until": date.fromisoformat(line.period_until),
        "numerator": Decimal(line.numerator),
        "denominator": line.denominator,
        "source": line.source,
        "import_id": import_id,
        "version": line.version,
        "supersedes_id": line.supersedes or None,
    }
