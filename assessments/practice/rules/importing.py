"""What an import of indicator values would do: row by row created, changed, unchanged or refused, and why."""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from assessments.practice.rules.parts import Definition, Unit

Typed = str | int | float | bool | date | None
#: The columns in the order of the template, with the other heads under which they are found.
COLUMNS: dict[str, tuple[str, ...]] = {
    "account": ("账号", "登录账号", "医师账号", "account"),
    "name": ("姓名", "医师姓名", "医师", "name", "doctor"),
    "indicator": ("指标", "指标名称", "指标编码", "indicator"),
    "period_from": ("期间起", "开始日期", "统计起始日", "from", "period from"),
    "period_until": ("期间止", "结束日期", "统计截止日", "until", "period until"),
    "numerator": ("分子", "达标数", "满意数", "合计", "numerator"),
    "denominator": ("分母", "例数", "总数", "份数", "denominator", "count"),
    "value": ("数值", "结果", "比率", "value"),
    "source": ("来源", "数据来源", "source"),
}
REQUIRED = ("account", "name", "indicator", "period_from", "period_until", "denominator")
DATES = frozenset({"period_from", "period_until"})
#: Years of which figures are taken.
OLDEST = date(2000, 1, 1)
#: A value beside its numerator may have been rounded to one place.
_NEAR = Decimal("0.05")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)
_BY_HEAD = {head: name for name, heads in COLUMNS.items() for head in heads}


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `code` is put into words elsewhere, `column` is a name of COLUMNS."""

    code: str
    column: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One row as it was typed: where it stands, its cells by column, and what the reader found wrong with them."""

    sheet: str
    number: int
    typed: Mapping[str, Typed]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Doctor:
    """Somebody within reach."""

    id: int
    institution_id: int
    name: str


@dataclass(frozen=True)
class Standing:
    """A figure that stands already."""

    id: int
    version: int
    period_from: date
    period_until: date
    numerator: Decimal
    denominator: int
    source: str


@dataclass(frozen=True)
class Known:
    """What must be known to judge an import. `values` by person and indicator."""

    doctors: Mapping[str, Doctor]
    #: by code and by title
    indicators: Mapping[str, tuple[int, str, Definition]]
    values: Mapping[tuple[int, int], Sequence[Standing]]
    today: date


@dataclass(frozen=True)
class Line:
    """One row judged, as it is shown and carried out; `before` is what stands now."""

    sheet: str
    row: int
    name: str
    indicator: str
    period_from: str
    period_until: str
    numerator: str
    denominator: int
    source: str
    outcome: str
    before: str = ""
    person_id: int = 0
    institution_id: int = 0
    indicator_id: int = 0
    supersedes: int = 0
    version: int = 1
    problems: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = ()


@dataclass(frozen=True)
class Plan:
    """A whole import judged."""

    lines: tuple[Line, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome."""
        found = Counter(one.outcome for one in self.lines)
        return {outcome.value: found[outcome] for outcome in Outcome}

    @property
    def digest(self) -> str:
        """A hash of everything it would do, to see whether it would still do the same later."""
        said = json.dumps([asdict(one) for one in self.lines], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def head(text: str) -> str | None:
    """The column that a head of a table means, or None."""
    plain = re.sub(r"[*＊:：]|\(.*\)|（.*）", "", unicodedata.normalize("NFKC", text)).strip().lower()
    return _BY_HEAD.get(plain)


def make(rows: Sequence[Row], known: Known) -> Plan:
    """Judge every row against the others and against what stands."""
    lines = [_line(row, known) for row in rows]
    claims: dict[tuple[int, int], list[Line]] = {}
    for line in lines:
        if not line.problems:
            claims.setdefault((line.person_id, line.indicator_id), []).append(line)
    return Plan(tuple(_against_others(line, claims.get((line.person_id, line.indicator_id), [])) for line in lines))


def _line(row: Row, known: Known) -> Line:
    problems = [*row.problems]
    text = {name: _text(row.typed.get(name)) for name in COLUMNS}
    doctor = known.doctors.get(text["account"].lower())
    indicator = known.indicators.get(text["indicator"].lower())
    problems += _about_names(text, doctor, indicator)
    period = _period(row, known.today, problems)
    definition = indicator[2] if indicator else None
    numerator, denominator = _counted(row, definition, problems)
    made: dict[str, Any] = {
        "sheet": row.sheet, "row": row.number, "name": text["name"][:80], "indicator": text["indicator"][:80],
        "period_from": str(period[0] or text["period_from"])[:20],
        "period_until": str(period[1] or text["period_until"])[:20],
        "numerator": str(numerator), "denominator": denominator, "source": text["source"][:120],
    }  # fmt: skip
    if problems or doctor is None or indicator is None or period[0] is None or period[1] is None:
        said = tuple((one.code, one.column, tuple(sorted(one.said.items()))) for one in problems)
        return Line(**made, outcome=Outcome.REFUSED.value, problems=said)
    made |= {"indicator": indicator[1], "person_id": doctor.id, "institution_id": doctor.institution_id}
    standing = known.values.get((doctor.id, indicator[0]), ())
    return _decided(made | {"indicator_id": indicator[0]}, standing, (period[0], period[1]), numerator)


def _decided(made: dict[str, Any], standing: Sequence[Standing], period: tuple[date, date], numerator: Decimal) -> Line:
    same = next((one for one in standing if (one.period_from, one.period_until) == period), None)
    if same is None:
        across = next((one for one in standing if one.period_from <= period[1] and period[0] <= one.period_until), None)
        if across is not None:
            said = (("from", str(across.period_from)), ("until", str(across.period_until)))
            return Line(**made, outcome=Outcome.REFUSED.value, problems=(("overlaps", "period_from", said),))
        return Line(**made, outcome=Outcome.CREATED.value)
    before = f"{same.numerator.normalize():f} / {same.denominator}"
    if (same.numerator, same.denominator, same.source) == (numerator, made["denominator"], made["source"]):
        return Line(**made, outcome=Outcome.UNCHANGED.value, before=before)
    outcome, version = Outcome.CHANGED.value, same.version + 1
    return Line(**made, outcome=outcome, before=before, supersedes=same.id, version=version)


def _against_others(line: Line, claims: Sequence[Line]) -> Line:
    """A row that speaks of the same days as another row is refused: which of the two is meant nobody knows."""
    others = [
        one for one in claims
        if one is not line and one.period_from <= line.period_until and line.period_from <= one.period_until
    ]  # fmt: skip
    if line.problems or not others:
        return line
    where = "、".join(f"{one.sheet}!{one.row}" for one in others[:3])
    problem = ("double", "period_from", (("where", where),))
    return Line(**asdict(line) | {"outcome": Outcome.REFUSED.value, "problems": (problem,)})


def _text(value: Typed) -> str:
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return "" if value is None else unicodedata.normalize("NFKC", str(value)).strip()


def _about_names(text: Mapping[str, str], doctor: Doctor | None, indicator: object) -> list[Problem]:
    found = [Problem("missing", name) for name in ("account", "name", "indicator") if not text[name]]
    if text["account"] and doctor is None:
        found.append(Problem("unknown_doctor", "account", {"typed": text["account"][:60]}))
    if doctor is not None and text["name"] and doctor.name != text["name"]:
        found.append(Problem("other_name", "name", {"known": doctor.name}))
    if text["indicator"] and indicator is None:
        found.append(Problem("unknown_indicator", "indicator", {"typed": text["indicator"][:60]}))
    if len(text["source"]) > 120:
        found.append(Problem("too_long", "source"))
    return found


def _period(row: Row, today: date, problems: list[Problem]) -> tuple[date | None, date | None]:
    days: list[date | None] = []
    for name in ("period_from", "period_until"):
        value = row.typed.get(name)
        day = value if isinstance(value, date) else None
        if day is None:
            problems.append(Problem("wrong_date" if _text(value) else "missing", name))
        elif not OLDEST <= day <= today:
            problems.append(Problem("impossible_date", name))
            day = None
        days.append(day)
    begins, ends = days
    if begins and ends and ends < begins:
        problems.append(Problem("ends_before", "period_until"))
    return begins, ends


def _counted(row: Row, definition: Definition | None, problems: list[Problem]) -> tuple[Decimal, int]:
    """Numerator and denominator; a value that is given instead of the numerator is multiplied out."""
    denominator = _number(row, "denominator", problems, needed=True)
    if denominator is not None and (denominator != int(denominator) or not 0 < denominator < 10**9):
        problems.append(Problem("no_count", "denominator"))
        denominator = None
    count = int(denominator) if denominator is not None else 0
    numerator, value = _number(row, "numerator", problems), _number(row, "value", problems)
    if numerator is None and value is None:
        if not any(one.column in ("numerator", "value") for one in problems):
            problems.append(Problem("missing", "numerator"))
        return Decimal(0), count
    share = definition is not None and definition.unit is Unit.PERCENT
    whole = Decimal(100 if share else 1)
    if numerator is None:
        numerator = ((value or Decimal(0)) * count / whole).quantize(Decimal("0.0001"))
    elif value is not None and count and abs(whole * numerator / count - value) > _NEAR:
        problems.append(Problem("contradict", "value"))
    if share and count and numerator > count:
        problems.append(Problem("above_whole", "numerator"))
    return numerator, count


def _number(row: Row, name: str, problems: list[Problem], *, needed: bool = False) -> Decimal | None:
    text = _text(row.typed.get(name)).removesuffix("%").strip()
    if not text:
        if needed:
            problems.append(Problem("missing", name))
        return None
    if isinstance(row.typed.get(name), bool) or not _NUMBER.fullmatch(text):
        problems.append(Problem("no_number", name, {"typed": text[:40]}))
        return None
    return Decimal(text)
