"""Editing a policy as plain values: places in the tree, changes that leave the old one whole, and what differs.

A draft may be unfinished, so nothing here asks whether it can be read as a policy.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from assessments.certification.rules import titles
from assessments.certification.rules.policy import HIGHEST_STAR

Content = Mapping[str, Any]
Tree = dict[str, Any]
#: The way to a node: the star, then the number of each part on the way down.
Place = tuple[int, ...]
GROUPS: Final = ("all", "any", "at_least", "weighted")
FIRST_WEIGHT: Final = 10


class NoSuchPlace(LookupError):
    """The draft has changed: there is nothing any more where the reader pointed."""


def read_place(text: str) -> Place:
    """A place out of an address: `3.0.2`."""
    parts = text.split(".")
    if len(parts) > 12 or not all(part.isdecimal() and len(part) < 4 for part in parts):
        raise NoSuchPlace(text)
    return tuple(int(part) for part in parts)


def write_place(place: Place) -> str:
    """A place for an address."""
    return ".".join(map(str, place))


def word_of(node: Mapping[str, Any]) -> str:
    """What kind of node it is: all, any, at_least, weighted, star, or a requirement."""
    return next((word for word in (*GROUPS, "star") if word in node), "requirement")


def parts_of(node: Mapping[str, Any]) -> list[Tree]:
    """The parts of a group, without their weights; a requirement has none."""
    word = word_of(node)
    if word == "weighted":
        return [part["requires"] for part in node["of"]]
    return list(node[word] if word in ("all", "any") else node["of"] if word == "at_least" else ())


def node_at(content: Content, place: Place) -> Tree:
    """The node at a place."""
    node = _star(content, place)["requires"]
    for number in place[1:]:
        parts = parts_of(node)
        if number >= len(parts):
            raise NoSuchPlace(write_place(place))
        node = parts[number]
    return node  # type: ignore[no-any-return]


def weight_at(content: Content, place: Place) -> Any:
    """How many points the node at a place gives; None where its group does not count points."""
    if len(place) < 2:
        return None
    above = node_at(content, place[:-1])
    return above["of"][place[-1]]["weight"] if word_of(above) == "weighted" else None


def replaced(content: Content, place: Place, node: Tree, weight: Any = None) -> Tree:
    """The content with another node at a place."""
    made = deepcopy(dict(content))
    if len(place) == 1:
        _star(made, place)["requires"] = node
        return made
    node_at(made, place)
    above = node_at(made, place[:-1])
    entries = _entries(above)
    entries[place[-1]] = _entry(above, node, weight or _weight(entries[place[-1]]))
    return made


def added(content: Content, place: Place, node: Tree, weight: Any = None) -> Tree:
    """The content with one more part in the group at a place."""
    made = deepcopy(dict(content))
    above = node_at(made, place)
    if word_of(above) not in GROUPS:
        raise NoSuchPlace(write_place(place))
    _entries(above).append(_entry(above, node, weight))
    return made


def removed(content: Content, place: Place) -> Tree:
    """The content without the node at a place; a star's own tree cannot be removed, only its parts."""
    made = deepcopy(dict(content))
    if len(place) < 2:
        raise NoSuchPlace(write_place(place))
    node_at(made, place)
    del _entries(node_at(made, place[:-1]))[place[-1]]
    return made


def regrouped(content: Content, place: Place, word: str, number: Any = None, title: Tree | None = None) -> Tree:
    """The content with the same parts held together in another way: all, any, a number of them, or points."""
    old = node_at(content, place)
    parts, weights = parts_of(old), [_weight(entry) for entry in _entries(old)]
    made: Tree = {word: parts} if word in ("all", "any") else {word: number, "of": parts}
    if word == "weighted":
        made["of"] = [{"weight": w or FIRST_WEIGHT, "requires": p} for w, p in zip(weights, parts, strict=True)]
        made |= {"title": title} if title else {}
    return replaced(content, place, deepcopy(made))


def with_star(content: Content) -> Tree:
    """The content with one star more at the top, which so far asks for the one below."""
    made = deepcopy(dict(content))
    number = len(made["stars"]) + 1
    if number > HIGHEST_STAR:
        raise NoSuchPlace(str(number))
    below = {"all": [{"star": number - 1}]}
    title = titles.of_star(number)
    made["stars"].append({"star": number, "title": title, "requires": below})
    return made


def without_star(content: Content) -> Tree:
    """The content without its highest star; one is always left."""
    made = deepcopy(dict(content))
    if len(made["stars"]) < 2:
        raise NoSuchPlace("1")
    highest = max(star["star"] for star in made["stars"])
    made["stars"] = [star for star in made["stars"] if star["star"] != highest]
    return made


def _star(content: Content, place: Place) -> Tree:
    for star in content["stars"]:
        if star["star"] == place[0]:
            return star  # type: ignore[no-any-return]
    raise NoSuchPlace(write_place(place))


def _entries(node: Tree) -> list[Any]:
    word = word_of(node)
    return node[word if word in ("all", "any") else "of"]  # type: ignore[no-any-return]


def _entry(above: Tree, node: Tree, weight: Any) -> Tree:
    return {"weight": weight or FIRST_WEIGHT, "requires": node} if word_of(above) == "weighted" else node


def _weight(entry: Any) -> Any:
    return entry.get("weight") if isinstance(entry, Mapping) else None


# ---- what differs ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was: of a star (None: of the policy itself), before and after."""

    star: int | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def what(self) -> str:
        """Added, removed or changed."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"


_ABOUT: Final = ("title", "valid_from", "certificate", "decision")
#: What tells requirements apart that are otherwise numbers.
_NAME: Final = ("kind", "technique", "level")


def differences(old: Content, new: Content) -> list[Difference]:
    """What a new policy asks otherwise than an old one: the policy's own data first, then star by star."""
    found = [
        Difference(None, {name: old.get(name)}, {name: new.get(name)})
        for name in _ABOUT
        if (old.get(name) or None) != (new.get(name) or None)
    ]
    stars = {number for content in (old, new) for number in _numbers(content)}
    for number in sorted(stars):
        before, after = _lines(old, number), _lines(new, number)
        found += [Difference(number, one, other) for one, other in _matched(before, after)]
    return found


def _numbers(content: Content) -> list[int]:
    return [star["star"] for star in content["stars"]]


def _lines(content: Content, number: int) -> list[Tree]:
    """The nodes of one star, each without its parts."""
    star = next((star for star in content["stars"] if star["star"] == number), None)
    if star is None:
        return []
    return [{"name": star["title"]}, *_flat(star["requires"])]


def _flat(node: Mapping[str, Any], weight: Any = None, *, top: bool = True) -> Iterator[Tree]:
    word = word_of(node)
    extra = {} if weight is None else {"weight": weight}
    if word in GROUPS:
        if not (top and word == "all"):
            kept = {key: value for key, value in node.items() if key not in ("all", "any", "of")}
            yield {"group": word, "parts": len(parts_of(node)), **kept, **extra}
        weights = [part["weight"] for part in node["of"]] if word == "weighted" else [None] * len(parts_of(node))
        for part, share in zip(parts_of(node), weights, strict=True):
            yield from _flat(part, share, top=False)
    else:
        yield {key: value for key, value in node.items() if value is not None and value is not False} | extra


def _matched(before: Sequence[Tree], after: Sequence[Tree]) -> Iterator[tuple[Tree | None, Tree | None]]:
    """Pairs that differ: what is the same drops out, the rest finds its partner by name, then by kind."""
    left, right = list(before), list(after)
    for line in before:
        if line in right:
            right.remove(line)
            left.remove(line)
    for names in (_NAME, _NAME[:2], _NAME[:1]):
        for line in list(left):
            partner = next((one for one in right if _called(one, names) == _called(line, names)), None)
            if partner is not None:
                left.remove(line)
                right.remove(partner)
                yield line, partner
    yield from ((line, None) for line in left)
    yield from ((None, line) for line in right)


def _called(line: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    kind = "name" if "name" in line else "group" if "group" in line else "star" if "star" in line else "kind"
    return (kind, *(line.get(name) for name in names))
