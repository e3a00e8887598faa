"""Two texts side by side: what went and what came, by words, and by single characters where words are not parted."""

import difflib
import re
from dataclasses import dataclass
from typing import Literal

_TOKENS = re.compile(r"[A-Za-z]+|[0-9]+(?:[.,][0-9]+)*|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A stretch of text that is the same, only on the old side, or only on the new one."""

    kind: Literal["same", "gone", "new"]
    text: str


def pieces(old: str, new: str) -> list[Piece]:
    """What became of a text: joined, the same and the gone give the old one, the same and the new the new one."""
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    found: list[Piece] = []
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for _tag, a0, a1, b0, b1 in matcher.get_opcodes():
        if _tag == "equal":
            found.append(Piece("same", "".join(before[a0:a1])))
            continue
        found += [Piece("gone", "".join(before[a0:a1]))] * (a1 > a0)
        found += [Piece("new", "".join(after[b0:b1]))] * (b1 > b0)
    return found
