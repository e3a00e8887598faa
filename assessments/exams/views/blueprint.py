"""The table of cells: what the bank has, what was asked for, and which cell was refused."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask import request
from wtforms import Form as AnyForm

from assessments.bank import queries as bank
from assessments.exams.models import PaperVersion
from assessments.exams.queries import pools
from assessments.exams.rules.papers import Cell
from assessments.exams.services.composing import Blueprint
from lms.errors import Invalid, Refused
from lms.i18n import _


class Way(StrEnum):
    """What candidates get of the pool."""

    SAME = "same"
    DRAW = "draw"
    FORMS = "forms"


@dataclass
class Table:
    """The cells of one bank or several, told apart by some sides, and what was typed into them."""

    banks: list[str]
    offer: list[str]
    sides: list[str]
    way: str
    forms: int
    rows: Sequence[pools.Row]
    typed: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    wrong: str = ""

    def name(self, row: pools.Row) -> str:
        """The cell of a row, as the form sends it back."""
        return _name(row.cell.topic, row.cell.level, row.cell.kind)

    def values(self, row: pools.Row) -> tuple[str, str, str]:
        """What stands in the fields of a row: how many each gets, out of how many, points."""
        return self.typed.get(self.name(row), ("", "", "1"))

    @property
    def all(self) -> int:
        """How many questions there are."""
        return sum(row.there for row in self.rows)

    def blueprint(self, multiple: str) -> Blueprint:
        """What was asked for; where nothing was, every question there is."""
        cells = [self._cell(row) for row in self.rows if self.values(row)[0].strip()]
        if not cells:
            cells = [self._whole(row) for row in self.rows]
        forms = self.forms if self.way == Way.FORMS else 1
        return Blueprint(self.banks[0], {}, multiple, {}, cells, forms, self.banks[1:])

    def _cell(self, row: pools.Row) -> Cell:
        count, pool, points = self.values(row)
        drawn = (_whole(pool) if pool.strip() else row.there) if self.way == Way.DRAW else None
        return Cell(row.cell.topic, row.cell.level, row.cell.kind, _whole(count), _whole(points), drawn)

    def _whole(self, row: pools.Row) -> Cell:
        points = _whole(self.values(row)[2])
        return Cell(row.cell.topic, row.cell.level, row.cell.kind, row.there, points)


def _name(topic: str, level: str, kind: str) -> str:
    return json.dumps([topic, level, kind], ensure_ascii=False)


def _whole(text: str) -> int:
    """A whole number as people type it, full-width digits too."""
    if not text.strip().isdecimal() or len(text.strip()) > 6:
        raise Invalid(_("“%(text)s” is not a whole number.", text=text), field="cells")
    return int(text)


def table(paper: PaperVersion | None = None) -> Table:
    """The table as it was asked for by the address and the form, or as the paper that is there was made."""
    offer = [name for name, _words in bank.offer().banks]
    sent = request.values
    chosen = [name for name in offer if name in sent.getlist("bank")] or offer[:1]
    sides = [side for side in pools.SIDES if side in sent.getlist("by")] or ["topic", "kind"]
    typed = _typed()
    way, forms = sent.get("way", Way.SAME), sent.get("forms", "2")
    if paper is not None and paper.blueprint and not sent:
        sides, typed = _kept(paper.blueprint)
        pooled = any("pool" in cell for cell in paper.blueprint)
        way = Way.FORMS if paper.forms else Way.DRAW if pooled else Way.SAME
        forms = str(len(paper.forms or "12"))
    return Table(
        chosen,
        offer,
        sides,
        way if way in set(Way) else Way.SAME,
        int(forms) if forms.strip().isdecimal() and len(forms) < 4 else 0,
        pools.rows(pools.offered(chosen), sides),
        typed,
    )


def _typed() -> dict[str, tuple[str, str, str]]:
    lists = [request.form.getlist(name) for name in ("cell", "count", "pool", "points")]
    if len({len(one) for one in lists}) > 1:
        raise Invalid(_("The table did not arrive whole. Load the page again."))
    return {name: (count, pool, points) for name, count, pool, points in zip(*lists, strict=True)}


def _kept(blueprint: Sequence[Mapping[str, Any]]) -> tuple[list[str], dict[str, tuple[str, str, str]]]:
    sides = [side for side in pools.SIDES if any(cell[side] for cell in blueprint)]
    typed = {
        _name(cell["topic"], cell["level"], cell["kind"]): (
            str(cell["count"]),
            str(cell.get("pool", cell["count"])),
            str(cell["points"]),
        )
        for cell in blueprint
    }
    return sides, typed


def attempted(form: AnyForm, cells: Table, act: Callable[[], object]) -> bool:
    """Do it; a refusal is put on the form, and the cell it names is marked."""
    try:
        act()
    except Refused as refused:
        form.form_errors = [str(refused)]
        cell = refused.where.get("cell")
        if isinstance(cell, Mapping):
            cells.wrong = _name(cell["topic"], cell["level"], cell["kind"])
        return False
    return True
