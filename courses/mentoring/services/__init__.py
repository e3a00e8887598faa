"""Verbs of mentoring: offering places, arranging pairs, agreeing, sessions, and history brought in."""

from courses.mentoring.services.agreeing import agree
from courses.mentoring.services.arranging import Terms, amend, end, pair
from courses.mentoring.services.offering import offer, set_policy
from courses.mentoring.services.past import PastPair, PastSession, bring_in, bring_in_pairs
from courses.mentoring.services.proposing import Outcome, accept, decline, propose
from courses.mentoring.services.sessions import Entry, confirm, log, reject, withdraw

__all__ = [
    "Entry",
    "Outcome",
    "PastPair",
    "PastSession",
    "Terms",
    "accept",
    "agree",
    "amend",
    "bring_in",
    "bring_in_pairs",
    "confirm",
    "decline",
    "end",
    "log",
    "offer",
    "pair",
    "propose",
    "reject",
    "set_policy",
    "withdraw",
]
