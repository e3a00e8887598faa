"""Handing over what is due: every five minutes, and whenever somebody is to be told at once."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app

from config import Settings
from lms import clock, jobs
from lms.authz import Actor
from lms.db import act_as, db
from lms.mail import Away, mailer
from lms.notifications.formats import letters, texting
from lms.notifications.formats.letters import Bundle
from lms.notifications.policy import Notices
from lms.notifications.rules.delivery import State
from lms.notifications.rules.kinds import Channel
from lms.notifications.services import sending
from lms.notifications.services import settings as services
from lms.notifications.services.telling import SEND

#: Letters of one run; what is left goes with the next, so that a run ends.
MOST = 5_000
#: Removes what was told longer ago than the installation keeps it; so many in one transaction.
FORGET: Final = "notifications.forget_old"
AT_ONCE = 5_000


def register() -> None:
    """Say how the job is done (called in wiring)."""
    jobs.register(SEND, send, every=_every_five_minutes)
    jobs.register(FORGET, forget_old, every=jobs.daily(18, 20))


def _every_five_minutes(moment: datetime) -> bool:
    return moment.minute % 5 == 0


def send(_progress: jobs.Progress) -> dict[str, Any]:
    """Hand over what is due by mail and by text message; what became of it."""
    act_as(db.session, Actor.job("send notices", Notices.SEND))
    counts: Counter[str] = Counter()
    given_up = sending.give_up_stale()
    if given_up:
        counts[State.UNCLEAR] = given_up
    settings: Settings = current_app.config["LMS"]
    site = settings.public_url.rstrip("/")
    with ExitStack() as held:
        mail = mailer(settings.smtp_url, settings.mail_from, settings.mail_folder)
        post = held.enter_context(mail.open())
        counts += _all(Channel.MAIL, lambda bundle: post.send(letters.letter(bundle, site)))
    carrier = texting.carrier()
    if carrier is not None:
        counts += _all(Channel.SMS, lambda bundle: carrier.send(letters.text(bundle, site)))
    return dict(counts)


def forget_old(progress: jobs.Progress) -> dict[str, Any]:
    """Remove what people were told longer ago than the installation keeps it; how many messages that were."""
    actor, settings = Actor.job("forget notices", Notices.FORGET), current_app.config["LMS"]
    if not settings.notices_days:
        return {"removed": 0}
    act_as(db.session, actor)
    before, removed = clock.now() - timedelta(days=settings.notices_days), 0
    while gone := services.forget_old(actor, None, before=before, most=AT_ONCE):
        removed += gone
        progress(removed, removed)
    return {"removed": removed}


def _all(channel: Channel, hand_over: Callable[[Bundle], None]) -> Counter[str]:
    """Letter by letter, until nothing is due or nobody answers."""
    counts: Counter[str] = Counter()
    for _number in range(MOST):
        bundle = sending.claim(channel)
        if bundle is None:
            break
        wrong: Exception | None = None
        try:
            hand_over(bundle)
        except (OSError, ValueError, LookupError) as refused:
            wrong = refused
        counts[sending.settle(bundle, wrong)] += 1
        if isinstance(wrong, Away):
            break
    return counts
