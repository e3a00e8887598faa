"""What became of a station between two versions: texts line by line, the checklist item by item."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Body = Mapping[str, Any]
#: What an item says beside its code.
_FIELDS = ("text", "points", "steps", "critical", "key", "optional")


@dataclass(frozen=True)
class Line:
    """One line of a text: the same on both sides, only on the old one, or only on the new one."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True)
class ItemChange:
    """One item of the checklist that came, went, was put elsewhere or says something else."""

    kind: Literal["gone", "new", "moved", "changed"]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    #: which fields differ, where it is there on both sides
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changes:
    """All that differs between two versions; what is the same on both sides is only named."""

    texts: Mapping[str, Sequence[Line]]
    items: Sequence[ItemChange]
    same: Sequence[str]

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.texts or self.items)


def between(old: Body, new: Body) -> Changes:
    """From one version's body to another's."""
    before, after = plain(old), plain(new)
    texts = {name: lines(before[name], after[name]) for name in before if before[name] != after[name]}
    changed = items(old["items"], new["items"])
    same = [name for name in before if name not in texts] + ([] if changed else ["items"])
    return Changes(texts, changed, same)


def plain(body: Body) -> dict[str, str]:
    """Everything but the checklist as texts, under the names of the body."""
    rule = body["key_rule"]
    return {
        "title": f"{body['title']['zh']}\n{body['title']['en']}",
        "technique": body["technique"] or "",
        "minutes": str(body["minutes"]),
        "candidate": body["candidate"],
        "examiner": body["examiner"],
        "patient": body["patient"],
        "equipment": "\n".join(body["equipment"]),
        "key_rule": f"{rule['at_least']} / {rule['of']} + {rule['with_keys']}" if rule else "",
        "pass_percent": f"{body['pass_percent']} %",
        "levels": "\n".join(_level(one) for one in body["levels"]),
    }


def _level(level: Mapping[str, Any]) -> str:
    return f"{level['title']['zh']} · {level['title']['en']}{' *' if level['borderline'] else ''}"


def lines(old: str, new: str) -> list[Line]:
    """Joined, the same and the gone give the old text, the same and the new the new one."""
    before, after = old.split("\n"), new.split("\n")
    found: list[Line] = []
    for tag, a0, a1, b0, b1 in difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Line("same", text) for text in before[a0:a1]]
        else:
            found += [Line("gone", text) for text in before[a0:a1]]
            found += [Line("new", text) for text in after[b0:b1]]
    return found


def items(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[ItemChange]:
    """Items by their code: first those that went, then the others as they stand now."""
    before, after = {one["code"]: one for one in old}, {one["code"]: one for one in new}
    gone = [ItemChange("gone", one, None) for code, one in before.items() if code not in after]
    moved = _moved([code for code in before if code in after], [code for code in after if code in before])
    found = [_change(before.get(code), one, code in moved) for code, one in after.items()]
    return gone + [one for one in found if one]


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any], moved: bool) -> ItemChange | None:
    if before is None:
        return ItemChange("new", None, after)
    fields = tuple(name for name in _FIELDS if before.get(name, False) != after.get(name, False))
    if fields:
        return ItemChange("changed", before, after, fields)
    return ItemChange("moved", before, after) if moved else None


def _moved(old: list[str], new: list[str]) -> set[str]:
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    stayed = {code for block in matcher.get_matching_blocks() for code in old[block.a : block.a + block.size]}
    return set(new) - stayed
