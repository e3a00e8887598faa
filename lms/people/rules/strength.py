"""Which passwords are taken: long enough, not one's own name, not one everybody thinks of."""

import secrets
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise

from lms.passwords import LONGEST

SHORTEST = 10
#: What must be left of a password when one's own account, name and numbers are taken out of it.
OF_ITS_OWN = 6
#: A password with fewer different characters is one key held down.
DIFFERENT = 5
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

#: Those that stand at the top of the lists of leaked passwords, here and elsewhere.
_TRIED_FIRST = """
1234567890 0123456789 9876543210 0987654321 12345678910 123456789a a123456789 1234567891 aa123456789
1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc qwertyuiop qwerty12345 qwerty123456 qwer123456 asdfghjkl;
asdf123456 zxcvbnm123 password12 password123 password1234 passw0rd123 admin12345 admin123456
administrator abc1234567 abcd123456 abcdefghij abcd1234567 abc123456789 woaini1314 woaini5201314
woaini1314520 5201314520 52013145201314 1314520520 iloveyou123 letmein1234 welcome123 welcome1234
changeme123 q123456789 w123456789 z123456789 qq123456789 qq12345678 wang123456 zhang123456
li123456789 liu123456789 chen123456 a1234567890 123456123456 123123123123 1234512345 112233445566
11223344556677 147258369147 1472583690 7418529630 159357258456 doctor12345 doctor123456 yisheng123
yisheng123456 yiyuan12345 hospital123 weisheng123 qwe123456789 asd123456789 zxc123456789
qazwsxedcrfv qazwsx12345 qazwsx123456 1qazxsw23edc aini1314520
"""
COMMON = frozenset(_TRIED_FIRST.split())


class Weakness(StrEnum):
    """Why a password is not taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    ONES_OWN = "ones_own"
    COMMON = "common"


def weakness(password: str, own: Iterable[str | None]) -> Weakness | None:
    """Why not this one; `own` are the person's account, name and numbers."""
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        return Weakness.TOO_SHORT
    if len(password) > LONGEST:
        return Weakness.TOO_LONG
    folded = "".join(plain.casefold().split())
    if folded in COMMON or len(set(folded)) < DIFFERENT or _a_run(folded):
        return Weakness.COMMON
    rest = folded
    for word in sorted((w.casefold() for w in own if w and len(w) > 1), key=len, reverse=True):
        rest = rest.replace(word, "")
    return Weakness.ONES_OWN if rest != folded and len(rest) < OF_ITS_OWN else None


def _a_run(text: str) -> bool:
    """Every character follows or precedes the one before it: abcdefghij, 9876543210."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return steps in ({1}, {-1})


def drawn() -> str:
    """A password to be handed over on paper and changed at once: 59 bits in groups of four."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
