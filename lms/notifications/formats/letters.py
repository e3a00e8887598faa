"""The words of letters and text messages, in the language of whoever gets them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import force_locale

from lms.i18n import _, _n
from lms.mail import Letter
from lms.notifications.formats.texting import Text
from lms.notifications.queries.kinds import KINDS
from lms.notifications.rules.kinds import Channel

#: So many notices stand in a letter; the rest waits in the inbox.
MOST = 30


@dataclass(frozen=True)
class Line:
    """One notice as it goes into a letter."""

    notice_id: int
    kind: str
    facts: dict[str, Any]
    told_at: datetime


@dataclass(frozen=True)
class Bundle:
    """Everything that goes to one person by one channel now: one letter, however many notices."""

    person_id: int
    name: str
    to: str
    channel: Channel
    language: str
    letter: UUID
    lines: Sequence[Line]


def letter(bundle: Bundle, site: str) -> Letter:
    """A letter; `site` is the address of the installation, from its settings."""
    with force_locale(bundle.language):
        blocks = [_block(line, site) for line in bundle.lines[:MOST]]
        left = len(bundle.lines) - len(blocks)
        if left:
            more = _n("%(num)d more message in your inbox:", "%(num)d more messages in your inbox:", left)
            blocks.append(f"{more}\n{site}/notifications")
        hello = _("Dear %(name)s,", name=bundle.name)
        foot = _("What reaches you by mail, and when, you choose here:")
        text = "\n\n".join([hello, *blocks, f"{foot}\n{site}/notifications/settings"])
        return Letter(bundle.to, _subject(bundle), text + "\n", number=bundle.letter.hex)


def _subject(bundle: Bundle) -> str:
    """What is new in one line; a header has no second one, whatever a title holds."""
    said = _said(bundle.lines[0])[0] if len(bundle.lines) == 1 else _count(bundle)
    return " ".join(f"{_('Clinical Skills')}: {said}".split())


def _count(bundle: Bundle) -> str:
    return str(_n("%(num)d new message", "%(num)d new messages", len(bundle.lines)))


def _said(line: Line) -> tuple[str, str]:
    kind = KINDS[line.kind]
    return kind.say(line.facts), kind.more(line.facts)


def _block(line: Line, site: str) -> str:
    first, second = _said(line)
    return "\n".join(filter(None, (first, second, f"{site}/notifications/{line.notice_id}")))


def text(bundle: Bundle, site: str) -> Text:
    """A text message: one matter, or how many there are; the rest is read inside."""
    with force_locale(bundle.language):
        said = _said(bundle.lines[0])[0] if len(bundle.lines) == 1 else _count(bundle)
        words = _("[%(sender)s] %(said)s Read it: %(address)s", sender=_("Clinical Skills"), said=said, address=site)
        return Text(bundle.to, " ".join(words.split()), bundle.letter.hex)
