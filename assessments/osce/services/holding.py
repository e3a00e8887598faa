"""What the verbs beside this file share: a circuit held, a reason looked over, a decision written down."""

from assessments.osce.models import Circuit, CircuitDecision, Decided, State
from assessments.osce.policy import takes_part
from assessments.osce.queries.sheets import Board
from assessments.osce.rules.judging import Cell
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.i18n import _, _n

LONGEST = 1000


def held(actor: Actor, circuit: Circuit, *states: State) -> Circuit:
    """The circuit, held until the end of the transaction, in one of these states; not for whoever takes part in it."""
    db.session.refresh(circuit, with_for_update=True)
    if circuit.state not in states:
        raise Conflict(_("The circuit has gone on since; reload to see how it stands."))
    if takes_part(actor, circuit):
        raise NotAllowed
    return circuit


def given(reason: str) -> str:
    """The reason as it is kept; raises Invalid where there is none, or a book."""
    kept = reason.strip()
    if not kept:
        raise Invalid(_("Say why."), field="reason")
    if len(kept) > LONGEST or "\x00" in kept:
        raise Invalid(_("Say it in %(most)s characters.", most=LONGEST), field="reason")
    return kept


def no_conflicts(board: Board) -> None:
    """Raise Conflict while sheets differ anywhere on the board."""
    different = len(board.of(Cell.DIFFERENT))
    if different:
        words = _n(
            "%(num)d candidate has sheets that differ. Settle it first.",
            "%(num)d candidates have sheets that differ. Settle them first.",
            different,
        )
        raise Conflict(words)


def write_down(actor: Actor, circuit: Circuit, decided: Decided, hashed: bytes, reason: str) -> None:
    """One officer's act on a circuit, over which sheets, and why."""
    if len(reason.strip()) > LONGEST:
        raise Invalid(_("Say it in %(most)s characters.", most=LONGEST), field="reason")
    db.session.add(
        CircuitDecision(
            institution_id=circuit.institution_id,
            circuit_id=circuit.id,
            decided=decided,
            content_hash=hashed,
            reason=reason.strip(),
            person_id=actor.person_id,
        )
    )
    db.session.flush()
