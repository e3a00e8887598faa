"""The post's own books: what is claimed, handed over and settled, letter by letter.

A letter is claimed and committed before it is handed over, and settled after. Whoever dies in between leaves a claim
that nobody repeats: it is called unclear and shown, because nobody is to be told twice. All of it is in the inbox.
"""

from collections.abc import Collection

import sqlalchemy as sa

from lms import clock, ids, jobs
from lms.authz import Actor
from lms.db import db, transaction
from lms.errors import Conflict
from lms.i18n import DEFAULT, _
from lms.mail import Away, NotTaken, Rejected, Unclear
from lms.notifications.formats.letters import Bundle, Line
from lms.notifications.models import Delivery, Preference
from lms.notifications.policy import Notices
from lms.notifications.queries import posting as queries
from lms.notifications.queries.kinds import KINDS
from lms.notifications.queries.reaching import habits_of
from lms.notifications.rules.delivery import State, Why
from lms.notifications.rules.kinds import Channel
from lms.notifications.rules.timing import Habits, again
from lms.notifications.services.telling import SEND
from lms.people.models import Person
from lms.service import service


def claim(channel: Channel) -> Bundle | None:
    """Take everything that is due for the person who waits longest, committed; None: nothing is due."""
    while True:
        with transaction(db.session):
            _one_at_a_time()
            first = queries.first_due([channel])
            if first is None:
                return None
            bundle = _bundled(first.person_id, channel)
        if bundle is not None:
            return bundle


def _one_at_a_time() -> None:
    """Two senders never take parts of one person's letter; held for some milliseconds."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("notifications.claim", 0))))


def _bundled(person_id: int, channel: Channel) -> Bundle | None:
    person, preference = queries.addressee(person_id)
    to = (person.email if channel is Channel.MAIL else person.phone) or ""
    off = queries.switched_off(person_id, channel)
    goes = []
    for delivery in queries.due_of(person_id, channel):
        why = _dropped(delivery, person, to, off)
        if why is None:
            goes.append(delivery)
        else:
            delivery.state, delivery.why = State.DROPPED, why
    if not goes:
        return None
    letter = ids.uuid7()
    for delivery in goes:
        delivery.state, delivery.claimed_at, delivery.letter = State.SENDING, clock.now(), letter
        delivery.tries += 1
    lines = tuple(Line(one.notice.id, one.notice.kind, dict(one.notice.facts), one.notice.told_at) for one in goes)
    return Bundle(person_id, person.name, to, channel, _language(preference), letter, lines)


def _language(preference: Preference | None) -> str:
    return preference.language if preference is not None else DEFAULT


def _dropped(delivery: Delivery, person: Person, to: str, off: Collection[str]) -> Why | None:
    """Why something need not go out any more: what was read inside is not told again outside."""
    if delivery.notice.read_at is not None:
        return Why.READ
    if not person.active:
        return Why.LEFT
    if not to:
        return Why.NO_ADDRESS
    return Why.SWITCHED_OFF if delivery.notice.kind in off or delivery.notice.kind not in KINDS else None


def settle(bundle: Bundle, wrong: Exception | None) -> State:
    """Write down what became of a letter that was claimed here; where its notices stand now."""
    values = {"state": State.SENT, "sent_at": clock.now()} if wrong is None else _after(bundle, wrong)
    update = sa.update(Delivery).where(Delivery.letter == bundle.letter, Delivery.state == State.SENDING)
    with transaction(db.session):
        db.session.execute(update.values(claimed_at=None, **values).execution_options(synchronize_session=False))
    return State(str(values["state"]))


def _after(bundle: Bundle, wrong: Exception) -> dict[str, object]:
    """What a refusal means: the server is away (it counts as no try), another try, or the end."""
    if isinstance(wrong, Away):
        return {"state": State.WAITING, "tries": Delivery.tries - 1, "letter": None}
    if isinstance(wrong, NotTaken) and not isinstance(wrong, Rejected):
        return _once_more(bundle, str(wrong)[:120])
    if isinstance(wrong, Unclear):
        return {"state": State.UNCLEAR, "why": Why.INTERRUPTED}
    if isinstance(wrong, NotTaken):
        return {"state": State.FAILED, "why": str(wrong)[:120]}
    return {"state": State.FAILED, "why": Why.NO_SUCH_ADDRESS if isinstance(wrong, ValueError) else Why.NO_WORDS}


def _once_more(bundle: Bundle, why: str) -> dict[str, object]:
    tries = db.session.scalar(sa.select(sa.func.max(Delivery.tries)).where(Delivery.letter == bundle.letter)) or 1
    _person, preference = queries.addressee(bundle.person_id)
    habits = habits_of(preference) if preference is not None else Habits()
    at = again(clock.now(), tries, habits, clock.zone())
    if at is None:
        return {"state": State.FAILED, "why": why}
    return {"state": State.WAITING, "due_at": at, "why": why, "letter": None}


def give_up_stale() -> int:
    """Call unclear what a dead sender left claimed; how many."""
    with transaction(db.session):
        values = {"state": State.UNCLEAR, "claimed_at": None, "why": Why.INTERRUPTED}
        return int(db.session.execute(queries.stale().values(**values)).rowcount)  # type: ignore[attr-defined]


@service(needs=Notices.RESEND)
def resend(actor: Actor, delivery: Delivery) -> None:
    """Send again what failed or what nobody knows about: the one way in which something can go out twice."""
    db.session.refresh(delivery, with_for_update=True)
    if delivery.state not in queries.TROUBLE:
        raise Conflict(_("This has been sent, or is on its way."))
    delivery.state, delivery.why, delivery.tries, delivery.letter = State.WAITING, "", 0, None
    delivery.due_at = clock.now()
    db.session.flush()
    jobs.request(SEND)
