"""Account names: one way to write each, so that no two look alike."""

import re
import unicodedata

#: What an account may be made of: nothing that looks like something else, no blanks, no capitals.
PATTERN = r"^[a-z0-9][a-z0-9._@-]{1,63}$"


def normal(typed: str) -> str:
    """The account somebody means: full-width letters, capitals and outer blanks do not matter."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()[:64]


def well_formed(account: str) -> bool:
    """Whether this can be an account at all."""
    return re.fullmatch(PATTERN, account) is not None
