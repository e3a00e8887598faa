"""The kinds of matters people are told of: declared by the features above, filled in their wiring."""

from lms.authz import Actor
from lms.notifications.models import Notice
from lms.notifications.rules.kinds import Group, Kind

KINDS: dict[str, Kind] = {}


def told_of(actor: Actor) -> dict[Group, list[Kind]]:
    """The kinds that may concern somebody by group, in the order of groups and then of wiring."""
    found: dict[Group, list[Kind]] = {}
    for group in Group:
        kinds = [kind for kind in KINDS.values() if kind.group is group and _concerns(kind, actor)]
        if kinds:
            found[group] = kinds
    return found


def _concerns(kind: Kind, actor: Actor) -> bool:
    return kind.needs is None or actor.may(kind.needs)


def names_in(group: str) -> list[str]:
    """The names of a group's kinds."""
    return [kind.name for kind in KINDS.values() if kind.group == group]


def said(notice: Notice) -> tuple[str, str]:
    """Both lines of a notice in the language of the moment.

    A kind that is gone leaves only its name, and one that has learnt to ask for more facts than an old notice has, its
    label: no page of anybody's breaks over what they were told.
    """
    kind = KINDS.get(notice.kind)
    if kind is None:
        return notice.kind, ""
    try:
        return kind.say(notice.facts), kind.more(notice.facts)
    except KeyError:
        return str(kind.label), ""
