"""Account names for people who bring none."""

import re
from collections.abc import Iterable

from lms.institutions.rules.pinyin import person_key

_SHORTEST, _LONGEST = 4, 40


def account_base(name: str) -> str:
    """王小明 is wangxiaoming; what cannot be spelt is `user`."""
    letters = re.sub(r"[^a-z]", "", person_key(name).split(" ")[0])
    return letters[:_LONGEST] if len(letters) >= _SHORTEST else f"{letters}user"


def accounts_for(wanted: Iterable[tuple[str | None, str]], taken: set[str]) -> list[str]:
    """For each (own choice, base): the choice, else the base with the first number that is free."""
    used, made = set(taken), []
    next_number: dict[str, int] = {}
    for chosen, base in wanted:
        if chosen:
            made.append(chosen)
            continue
        number = next_number.get(base, 1)
        while (account := base if number == 1 else f"{base}{number}") in used:
            number += 1
        next_number[base] = number + 1
        used.add(account)
        made.append(account)
    return made
