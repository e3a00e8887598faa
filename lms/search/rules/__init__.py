"""How text becomes comparable, how it is cut into tokens, and where in it a word was found. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from lms.search.rules.simplified import SIMPLIFIED

#: Latin words are found by their beginning, from this many letters on.
PREFIX_FROM = 3
LONGEST_WORD = 24
MOST_WORDS = 8
#: Of a sentence that others may be like, so many tokens are compared.
MOST_TOKENS = 40
#: What stands in every question, whatever it is about.
_ASKING = frozenset(["什么", "怎么", "怎样", "如何", "是否", "可以", "哪些", "多少", "为什", "么办", "应该", "需要"])
_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_CHINESE = re.compile(rf"[{_CJK}]")


@dataclass(frozen=True)
class Folded:
    """Text made comparable, and for each of its characters the place it came from."""

    text: str
    places: tuple[int, ...]


def fold(text: str) -> Folded:
    """Full width as half, capitals as small, traditional characters as simplified, any blanks as one.

    Beside a Chinese character blanks are taste, not meaning (`12 导联`, `12导联`): there they are left out.
    """
    made: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in _alike(character):
            if one == " " and (not made or made[-1] == " " or _CHINESE.match(made[-1])):
                continue
            if made and made[-1] == " " and _CHINESE.match(one):
                made.pop()
                places.pop()
            made.append(one)
            places.append(place)
    return Folded("".join(made), tuple(places))


@cache
def _alike(character: str) -> str:
    """One character made comparable; kept, because a text has few different ones and many of each."""
    plain = unicodedata.normalize("NFKC", character).lower()
    return "".join(" " if raw.isspace() else SIMPLIFIED.get(raw, raw) for raw in plain)


def tokens(*texts: str) -> list[str]:
    """All that a text can be found by: Chinese characters and their pairs, words and their beginnings; sorted."""
    return sorted({token for text in texts for run in _runs(text) for token in _indexed(run)})


def sought(question: str) -> list[str]:
    """The words somebody asks for: parted by blanks, made comparable, without what cannot be searched."""
    parts = [fold(part).text for part in unicodedata.normalize("NFKC", question).split()]
    return list(dict.fromkeys(part for part in parts if _RUN.search(part)))[:MOST_WORDS]


def needed(words: Sequence[str]) -> list[str]:
    """Tokens that a text must have to contain all the words."""
    return sorted({token for word in words for run in _RUN.findall(word) for token in _asked(run)})


def _runs(text: str) -> Iterator[str]:
    return (found for found in _RUN.findall(fold(text).text))


def _pairs(run: str) -> Iterator[str]:
    return (run[n : n + 2] for n in range(len(run) - 1))


def _indexed(run: str) -> Iterator[str]:
    if _CHINESE.match(run):
        yield from run
        yield from _pairs(run)
        return
    word = run[:LONGEST_WORD]
    yield word
    yield from (word[:n] for n in range(PREFIX_FROM, len(word)))


def _asked(run: str) -> Iterator[str]:
    if _CHINESE.match(run):
        yield from _pairs(run) if len(run) > 1 else run
    else:
        yield run[:LONGEST_WORD]


def likeness(text: str) -> list[str]:
    """By what a text resembles another: its pairs of Chinese characters and its words, but none that all ask with."""
    runs = list(_runs(text))
    tokens = [
        token
        for run in runs
        for token in (_pairs(run) if _CHINESE.match(run) else [run[:LONGEST_WORD]])
        if len(token) >= (2 if _CHINESE.match(run) else PREFIX_FROM) and token not in _ASKING
    ]
    return list(dict.fromkeys(tokens))[:MOST_TOKENS]


def told_by_tokens(word: str) -> bool:
    """Whether the tokens alone say that a word stands in a text: one or two Chinese characters, or one short word."""
    runs = _RUN.findall(word)
    whole = len(runs) == 1 and runs[0] == word
    return whole and len(word) <= (2 if _CHINESE.match(word) else LONGEST_WORD)


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `hit` where it is what was sought."""

    text: str
    hit: bool


def pieces(text: str, words: Sequence[str]) -> list[Piece]:
    """The text cut at every place where one of the words stands."""
    made: list[Piece] = []
    end = 0
    for start, stop in _spans(text, words):
        if start > end:
            made.append(Piece(text[end:start], False))
        if stop > end:
            made.append(Piece(text[max(start, end) : stop], True))
            end = stop
    if end < len(text):
        made.append(Piece(text[end:], False))
    return made


def snippet(text: str, words: Sequence[str], length: int = 72) -> list[Piece]:
    """The stretch of text around the first of the words, with all of them marked; the beginning where none stands."""
    spans = _spans(text, words)
    begin = max(0, spans[0][0] - length // 3) if spans else 0
    if begin:
        stop = max(text.rfind(mark, begin - 12, spans[0][0]) for mark in "。；\n. ")
        begin = stop + 1 if stop >= 0 else begin
    shown = text[begin : begin + length].strip().replace("\n", " ")
    made = pieces(shown, words)
    if begin:
        made.insert(0, Piece("…", False))
    if begin + length < len(text):
        made.append(Piece("…", False))
    return made


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    folded = fold(text)
    spans = []
    for word in words:
        at = folded.text.find(word)
        while at >= 0:
            spans.append((folded.places[at], folded.places[at + len(word) - 1] + 1))
            at = folded.text.find(word, at + len(word))
    return sorted(spans)
