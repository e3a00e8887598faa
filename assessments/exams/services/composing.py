"""Papers and keys from the bank, for the verbs that make an exam; called inside their transactions."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.bank.models import QuestionVersion
from assessments.exams.models import AnswerKey, Paper, PaperItem, PaperVersion
from assessments.exams.queries import exams as queries
from assessments.exams.queries import pools
from assessments.exams.rules import papers, scoring
from lms.authz import Actor
from lms.db import db
from lms.errors import Invalid
from lms.i18n import _

_draw = secrets.SystemRandom()
MOST_FORMS = 10


@dataclass(frozen=True)
class Blueprint:
    """What goes on the paper: cells of the bank, or so many of each topic, or the whole bank where nothing is said.

    `points` says what a question of each kind earns where no cell says it. With `forms` above 1 the paper holds so many
    equivalent forms, of which each candidate gets one.
    """

    bank: str
    topics: Mapping[str, int]
    multiple: str
    points: Mapping[str, int]
    cells: Sequence[papers.Cell] = ()
    forms: int = 1
    #: further banks, taken together with the first
    others: Sequence[str] = ()


def compose(actor: Actor, paper: Paper, blueprint: Blueprint) -> PaperVersion:
    """The next version of a paper, drawn from the bank; raises Invalid naming the cell the bank cannot fill."""
    offer = pools.offered([blueprint.bank, *blueprint.others])
    if not offer:
        raise Invalid(_("This bank holds no question."), field="bank")
    cells = [cell for cell in blueprint.cells if cell.count]
    filled = _filled(blueprint, cells, offer)
    chosen = [(offer[at], cell) for at, cell in filled.items]
    if not chosen:
        raise Invalid(_("This bank holds no question."), field="bank")
    points = [cells[cell].points if cells else blueprint.points.get(one.kind, 1) for one, cell in chosen]
    if not all(1 <= one <= 100 for one in points):
        raise Invalid(_("A question earns from 1 to 100 points."), field="points")
    return _written(actor, paper, blueprint.multiple, _Pool(cells, chosen, points, _by_place(filled)))


@dataclass(frozen=True)
class _Pool:
    """What is written down of a paper; `forms` by position."""

    cells: Sequence[papers.Cell]
    chosen: Sequence[tuple[QuestionVersion, int]]
    points: Sequence[int]
    forms: Sequence[Sequence[int]]


def _by_place(filled: papers.Filled) -> list[list[int]]:
    places = {at: place for place, (at, _cell) in enumerate(filled.items, 1)}
    return [sorted(places[at] for at in form) for form in filled.forms]


def _filled(blueprint: Blueprint, cells: Sequence[papers.Cell], offer: Sequence[QuestionVersion]) -> papers.Filled:
    topics = {topic: count for topic, count in blueprint.topics.items() if count}
    if not cells and blueprint.forms > 1:
        raise Invalid(_("Say how many questions of each cell go on every form."), field="forms")
    if not cells and not topics:
        return papers.Filled([(at, 0) for unit in papers.units(pools.seen(offer)) for at in unit.members])
    _check(blueprint, cells)
    wanted = cells or [papers.Cell(topic=topic, count=count) for topic, count in topics.items()]
    facilities = pools.facilities_of({one.id for one in offer}) if blueprint.forms > 1 else {}
    try:
        return papers.fill(wanted, pools.seen(offer, facilities), blueprint.forms, _draw.randrange)
    except papers.Shortage as short:
        raise _short(short, blueprint.forms) from None
    except papers.Overlap as both:
        words = _("“%(first)s” and “%(second)s” ask for the same questions. Tell them apart, or ask for one of them.")
        raise Invalid(
            words % {"first": pools.named(both.first), "second": pools.named(both.second)}, field="cells"
        ) from None


def _check(blueprint: Blueprint, cells: Sequence[papers.Cell]) -> None:
    if not 1 <= blueprint.forms <= MOST_FORMS:
        raise Invalid(_("A paper has from 1 to %(most)s forms.", most=MOST_FORMS), field="forms")
    if any(count < 0 for count in (*blueprint.topics.values(), *(cell.count for cell in cells))):
        raise Invalid(_("A number of questions is not below 0."), field="cells")
    if blueprint.forms > 1 and any(cell.pool is not None for cell in cells):
        raise Invalid(_("Either each candidate draws from a pool, or there are forms; not both."), field="forms")
    for cell in cells:
        if cell.pool is not None and cell.pool < cell.count:
            raise Invalid(
                _("“%(topic)s”: the pool must hold at least the %(count)s questions that each candidate gets.")
                % {"topic": pools.named(cell), "count": cell.count},
                field="cells",
            )


def _short(short: papers.Shortage, forms: int) -> Invalid:
    """The refusal that names the cell."""
    told = {"topic": pools.named(short.cell), "wanted": short.wanted, "there": short.there}
    if short.near:
        words = _("“%(topic)s”: series go whole, so %(wanted)s questions do not fit together; %(near)s would.")
        told["near"] = " / ".join(str(one) for one in short.near)
    elif short.wanted <= short.there:
        words = _("“%(topic)s”: series go whole, and %(wanted)s questions cannot be shared out as wanted.")
    elif forms > 1:
        words = _(
            "“%(topic)s”: %(forms)s forms with different questions need %(wanted)s together, the bank has %(there)s."
        )
        told["forms"] = forms
    else:
        words = _("“%(topic)s”: %(wanted)s questions are asked for, the bank has %(there)s.")
    return Invalid(words % told, field=short.cell.topic, cell=short.cell.plain())


def _written(actor: Actor, paper: Paper, multiple: str, pool: _Pool) -> PaperVersion:
    """Write a paper down, with its hash."""
    blueprint = [cell.plain() for cell in pool.cells]
    cells = [cell if blueprint else None for _one, cell in pool.chosen]
    hashed = papers.paper_hash(
        [(one.content_hash, earns) for (one, _cell), earns in zip(pool.chosen, pool.points, strict=True)],
        multiple,
        blueprint,
        cells,
        pool.forms,
    )
    version = PaperVersion(
        institution_id=paper.institution_id,
        paper_id=paper.id,
        version=queries.versions_of(paper) + 1,
        multiple=multiple,
        blueprint=blueprint or None,
        forms=[list(form) for form in pool.forms] or None,
        content_hash=hashed,
        made_by_id=actor.person_id,
    )
    version.items = [
        PaperItem(position=position, question_version_id=question.id, points=earns, cell=cell)
        for position, ((question, _cell), earns, cell) in enumerate(
            zip(pool.chosen, pool.points, cells, strict=True), 1
        )
    ]
    db.session.add(version)
    db.session.flush()
    return version


def key_of(actor: Actor, version: PaperVersion) -> AnswerKey:
    """The first key to a paper: what its questions hold for right."""
    right = {item.id: item.question.key for item in queries.items_of(version.id, keyed=True)}
    key = AnswerKey(
        institution_id=version.institution_id,
        paper_version_id=version.id,
        version=1,
        keys=scoring.key_plain(right),
        content_hash=papers.key_hash(version.content_hash, right),
        made_by_id=actor.person_id,
    )
    db.session.add(key)
    db.session.flush()
    return key
