"""The tree: its size, its roots and its proofs, each from O(log n) rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from lms.errors import NotFound
from lms.ledger import models, rules
from lms.ledger.models import LedgerEntry, LedgerHead
from lms.ledger.rules import Frontier, Node, Span


def size(session: orm.Session) -> int:
    """How many entries the log has."""
    return session.scalar(sa.select(sa.func.coalesce(sa.func.max(LedgerEntry.index) + 1, 0))) or 0


def frontier(session: orm.Session) -> Frontier:
    """What is needed in order to append."""
    found = session.execute(peaks()).all()
    kept = tuple(models.node_in(nodes, level) for _, level, nodes in found)
    return Frontier(found[0][0] if found else 0, kept)


def peaks() -> sa.Select[int, int, bytes]:
    """The size of the log and the entries that completed its peaks: one statement, O(log n) rows.

    Each peak is looked up by itself (a LIMIT keeps the planner from turning the look-ups into one
    pass over the whole log, which it likes to do while its statistics are older than the table).
    """
    count = sa.select(sa.func.coalesce(sa.func.max(LedgerEntry.index) + 1, 0).label("n")).cte("log")
    bits = sa.func.generate_series(62, 0, -1).table_valued("bit").render_derived()
    n, bit = count.c.n, sa.cast(bits.c.bit, sa.Integer)
    last = n.bitwise_rshift(bit).bitwise_lshift(bit) - 1
    peak = sa.select(LedgerEntry.nodes).where(LedgerEntry.index == last).limit(1).lateral("peak")
    return (
        sa.select(n, bit, peak.c.nodes)
        .select_from(count)
        .join(bits, n.bitwise_rshift(bit).bitwise_and(1) == 1)
        .join(peak, sa.true())
        .order_by(bit.desc())
    )


def hashes(session: orm.Session, spans: Iterable[Span]) -> list[bytes]:
    """The hashes of some subtrees, in one statement."""
    wanted = list(spans)
    nodes = rules.needed(wanted)
    query = sa.select(LedgerEntry.index, LedgerEntry.nodes).where(LedgerEntry.index.in_({node.last for node in nodes}))
    rows = dict(session.execute(query).all())

    def look_up(node: Node) -> bytes:
        return models.node_in(rows.get(node.last, b""), node.level)

    return [rules.hash_of(span, look_up) for span in wanted]


def root(session: orm.Session, of: int) -> bytes:
    """The root of the first `of` entries."""
    return hashes(session, [Span(0, of)])[0] if of else rules.EMPTY_ROOT


@dataclass(frozen=True)
class Proof:
    """That one entry stands at its place in the log with this root."""

    index: int
    kind: str
    commitment: bytes
    recorded_at: datetime
    size: int
    root: bytes
    path: tuple[bytes, ...]

    @property
    def holds(self) -> bool:
        """Whether the path leads from the entry to the root."""
        leaf = rules.leaf_hash(self.commitment)
        return rules.inclusion_holds(leaf, self.index, self.size, self.path, self.root)


def proof(session: orm.Session, index: int) -> Proof:
    """The proof of one entry in the newest head that knows it, else in the log as it is now."""
    entry = session.get(LedgerEntry, index)
    if entry is None:
        raise NotFound(f"the ledger has no entry {index}")
    head = latest_head(session)
    of = head.size if head and head.size > index else size(session)
    top, *path = hashes(session, [Span(0, of), *rules.inclusion_spans(index, of)])
    lead = head.root if head and head.size == of else top
    return Proof(index, entry.kind, entry.commitment, entry.recorded_at, of, lead, tuple(path))


@dataclass(frozen=True)
class Growth:
    """That the log of `new` entries begins with the log of `old` entries."""

    old: int
    new: int
    old_root: bytes
    new_root: bytes
    path: tuple[bytes, ...]

    @property
    def holds(self) -> bool:
        """Whether the path leads from the old root to the new one."""
        return rules.consistency_holds(self.old, self.new, self.old_root, self.new_root, self.path)


def growth(session: orm.Session, old: int, new: int | None = None) -> Growth:
    """The proof that the log went on from what it was, up to `new` entries or to the newest head."""
    now, head = size(session), latest_head(session)
    until = new if new is not None else head.size if head else now
    if not 0 < old <= until <= now:
        raise NotFound(f"the ledger has {now} entries: it cannot be shown to go on from {old} to {until}")
    first, top, *path = hashes(session, [Span(0, old), Span(0, until), *rules.consistency_spans(old, until)])
    return Growth(old, until, first, top, tuple(path))


def latest_head(session: orm.Session) -> LedgerHead | None:
    """The newest head written down."""
    return session.scalars(sa.select(LedgerHead).order_by(LedgerHead.size.desc()).limit(1)).first()
