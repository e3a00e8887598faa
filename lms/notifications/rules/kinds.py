"""Kinds of matters people are told of, and how each reaches them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from flask_babel.speaklater import LazyString

from lms.authz import Permission
from lms.i18n import _l

Words: TypeAlias = "str | LazyString"
#: What the words of a notice are made of: ids, titles and days; never marks, never reasons, never names of people.
Facts: TypeAlias = Mapping[str, Any]
#: What an event says, as the outbox keeps it.
Payload: TypeAlias = Mapping[str, Any]


class Channel(StrEnum):
    """A way outside the product; the inbox inside it always gets everything."""

    MAIL = "mail"
    SMS = "sms"


class How(StrEnum):
    """How soon something goes out by a channel."""

    NOW = "now"
    DAILY = "daily"
    OFF = "off"


class Group(StrEnum):
    """Parts of the inbox that one can look at alone."""

    CERTIFICATES = "certificates"
    EXAMS = "exams"
    PRACTICE = "practice"
    MENTORING = "mentoring"
    LEARNING = "learning"


GROUPS: dict[Group, LazyString] = {
    Group.CERTIFICATES: _l("Certificates"),
    Group.EXAMS: _l("Exams"),
    Group.PRACTICE: _l("Assessment at work"),
    Group.MENTORING: _l("Mentoring"),
    Group.LEARNING: _l("Learning"),
}


def _nothing_more(_facts: Facts) -> str:
    return ""


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of matter: what is said of it, where it leads, and how it goes out unless somebody chose otherwise.

    `say` is one line, `more` a second one, both made when they are read, in the reader's language. `arguments` are
    the facts that the address needs. What is `needed` cannot be kept from being mailed. Who may not do what it `needs`
    is not asked about it in the settings.
    """

    name: str
    group: Group
    label: Words
    say: Callable[[Facts], str]
    endpoint: str
    arguments: tuple[str, ...] = ()
    more: Callable[[Facts], str] = _nothing_more
    mail: How = How.NOW
    sms: How = How.OFF
    needed: bool = False
    needs: Permission | None = None

    def unless_chosen(self, channel: Channel) -> How:
        """How it goes out by a channel while nobody has chosen otherwise."""
        return self.mail if channel is Channel.MAIL else self.sms

    def choices(self, channel: Channel) -> tuple[How, ...]:
        """What can be chosen for a channel; a day's digest of text messages helps nobody."""
        if channel is Channel.SMS:
            return (How.NOW, How.OFF)
        return (How.NOW, How.DAILY) if self.needed else (How.NOW, How.DAILY, How.OFF)

    def address(self, facts: Facts) -> dict[str, Any]:
        """The arguments of the address it leads to."""
        return {name: facts[name] for name in self.arguments}


@dataclass(frozen=True)
class Told:
    """Whom to tell of which matter: nobody is told twice of the same matter of a kind."""

    person_id: int
    matter: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Heard:
    """That people are told of an event: `find` says who, from the event's payload, as a job that sees everything."""

    event: type
    kind: Kind
    find: Callable[[Payload], Iterable[Told]]

    @property
    def subscriber(self) -> str:
        """The name under which the event is heard once."""
        return f"notify.{self.kind.name}.{self.event.__name__}"
