"""How Chinese names are spelt, so that they sort as in a dictionary and are found by their initials."""

from collections.abc import Callable
from functools import cache

#: Place names that are read otherwise than their characters usually are.
_PLACES = {"长底": [["cháng"], ["dǐ"]], "阿都": [["ā"], ["dū"]]}

#: Characters that are read otherwise when they are a family name.
_SURNAMES = {
    "曾": "zeng",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "区": "ou",
    "查": "zha",
    "盖": "ge",
    "朴": "piao",
    "翟": "zhai",
    "尉迟": "yu chi",
    "万俟": "mo qi",
    "缪": "miao",
    "折": "she",
    "乐": "yue",
    "员": "yun",
    "任": "ren",
    "华": "hua",
    "洗": "xian",
    "冼": "xian",
    "覃": "qin",
    "繁": "po",
    "黑": "he",
    "秘": "bi",
    "么": "yao",
    "晟": "cheng",
}
_LIMIT = 190


@cache
def _reading() -> Callable[..., list[str]]:
    import pypinyin  # noqa: PLC0415 - a second of dictionary, for those who spell a name

    pypinyin.load_phrases_dict(_PLACES)
    return pypinyin.lazy_pinyin


def syllables(text: str) -> list[str]:
    """The reading of each character, lower case without tones; other letters stay together."""
    return [part.strip().lower() for part in _reading()(text, v_to_u=False) if part.strip()]


def spelt(text: str) -> str:
    """A place name as it is written in English: 麒麟 is Qilin."""
    return "".join(syllables(text)).capitalize()


def sort_key(text: str) -> str:
    """`yuezhouzhen yzz`: the full reading to sort by, then the initials to search by."""
    return _key(syllables(text))


def person_key(name: str) -> str:
    """The key of a person's name, whose first character is read as a family name."""
    for length in (2, 1):
        reading = _SURNAMES.get(name[:length])
        if reading and len(name) > length:
            return _key([*reading.split(), *syllables(name[length:])])
    return _key(syllables(name))


def _key(parts: list[str]) -> str:
    initials = "".join(word[0] for part in parts for word in part.split())
    return f"{''.join(''.join(part.split()) for part in parts)} {initials}"[:_LIMIT]
