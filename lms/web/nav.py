"""What the shell shows around every page, and the panels of the home page; filled in wiring.py only."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from flask_babel.speaklater import LazyString

from lms.authz import Actor, Permission

Words: TypeAlias = "str | LazyString"
Place = Literal["bottom", "side", "account"]


@dataclass(frozen=True, eq=False)
class Item:
    """One way into the product: where it leads, what it is called (also: for whom), who may go there.

    `bottom` is the doctor's bar (five at most), `side` the desk of officers and administrators,
    `account` the menu behind one's own name. Items of the side that share a `group` stand under it.
    """

    name: str
    label: "Words | Callable[[Actor], Words]"
    endpoint: str
    icon: str
    place: Place
    order: int
    needs: Permission
    group: Words = ""


@dataclass(frozen=True, eq=False)
class About:
    """One more page about a person, offered beside theirs; `endpoint` takes their id."""

    name: str
    label: Words
    endpoint: str
    icon: str
    order: int
    needs: Permission


@dataclass(frozen=True, eq=False)
class Panel:
    """One part of the home page; `render` gives its HTML, or None where it has nothing to say."""

    name: str
    order: int
    needs: Permission
    render: Callable[[Actor], str | None]


@dataclass(frozen=True, eq=False)
class Tool:
    """Something small in the head of every page of whoever is signed in, such as the bell; `render` gives its HTML."""

    name: str
    order: int
    needs: Permission
    render: Callable[[Actor], str]


@dataclass(frozen=True, eq=False)
class Held:
    """What a browser may hold of its owner's work that is not with the centre yet.

    `store` begins the names of the IndexedDB databases, `things` are the object stores in them whose rows count; with
    no `things` it begins the names of lists in local storage. Signing out wipes the browser, so whoever signs out is
    first told how many there are. `kept` stays where a browser serves several people (`SHARED`): there it is sealed
    for its owner.
    """

    store: str
    things: tuple[str, ...]
    label: Words
    kept: bool = False


#: The cookie of a browser that serves several people one after the other, such as an examiners' tablet.
SHARED = "shared_device"
ITEMS: dict[str, Item] = {}
ABOUT: dict[str, About] = {}
HELD: dict[str, Held] = {}
PANELS: dict[str, Panel] = {}
TOOLS: dict[str, Tool] = {}
_names: list[Callable[[Actor], str | None]] = []


def register(item: Item) -> None:
    """Add a way in; wiring the same one again (a second app in one process) changes nothing."""
    known = ITEMS.get(item.name)
    if known is not None and known.endpoint != item.endpoint:
        raise ValueError(f"navigation: {item.name!r} leads to {known.endpoint} already")
    ITEMS[item.name] = item


def items(actor: Actor, place: Place) -> list[Item]:
    """What this actor may enter from this place, in order."""
    here = (item for item in ITEMS.values() if item.place == place and actor.may(item.needs))
    said = (replace(item, label=item.label(actor)) if callable(item.label) else item for item in here)
    return sorted(said, key=lambda item: (item.order, item.name))


def grouped(shown: list[Item]) -> list[tuple[str, list[Item]]]:
    """Items under the words of their group; groups stand where their first item stands."""
    groups: dict[str, list[Item]] = {}
    for item in shown:
        groups.setdefault(str(item.group), []).append(item)
    return list(groups.items())


def current(shown: list[Item], endpoint: str | None, section: str | None = None) -> str | None:
    """The name of the item the reader stands in: said by the page, else its own, else its feature's."""
    names = [item.name for item in shown]
    if section in names:
        return section
    if not endpoint:
        return None
    feature = endpoint.rpartition(".")[0]
    own = [item.name for item in shown if item.endpoint == endpoint]
    kin = [item.name for item in shown if feature and item.endpoint.startswith(feature + ".")]
    return next(iter(own + kin), None)


def add_about(about: About) -> None:
    """Offer a page beside every person's own."""
    ABOUT[about.name] = about


def about(actor: Actor, person: object) -> list[About]:
    """The further pages about this person that the actor may see, in order."""
    return sorted((one for one in ABOUT.values() if actor.may(one.needs, person)), key=lambda one: one.order)


def hold(held: Held) -> None:
    """Say what a browser may hold unsent."""
    HELD[held.store] = held


def add_panel(panel: Panel) -> None:
    """Add a part to the home page."""
    known = PANELS.get(panel.name)
    if known is not None and known.order != panel.order:
        raise ValueError(f"home: there is a panel {panel.name!r} already")
    PANELS[panel.name] = panel


def panels(actor: Actor) -> list[str]:
    """The home page of this actor, part by part; parts without anything to say are left out."""
    may = sorted((p for p in PANELS.values() if actor.may(p.needs)), key=lambda p: (p.order, p.name))
    return [html for panel in may if (html := panel.render(actor))]


def add_tool(tool: Tool) -> None:
    """Put something into the head of every page."""
    TOOLS[tool.name] = tool


def tools(actor: Actor) -> list[str]:
    """What stands in the head of this actor's pages, in order."""
    may = sorted((t for t in TOOLS.values() if actor.signed_in and actor.may(t.needs)), key=lambda t: t.order)
    return [tool.render(actor) for tool in may]


def introduce(name_of: Callable[[Actor], str | None]) -> None:
    """Say how the shell learns what to call whoever is signed in."""
    _names[:] = [name_of]


def name_of(actor: Actor) -> str | None:
    """What the shell calls this actor, if anybody told it."""
    return _names[0](actor) if _names and actor.signed_in else None
