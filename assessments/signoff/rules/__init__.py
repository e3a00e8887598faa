"""When a sign-off stands, and what marks in their order prove; pure."""

from assessments.signoff.rules.signing import HIGHEST, LOWEST, RULES, Side, agreed_level, differing

__all__ = ["HIGHEST", "LOWEST", "RULES", "Side", "agreed_level", "differing"]
