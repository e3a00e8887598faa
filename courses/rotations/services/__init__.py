"""Verbs of rotations: offering places, planning, receiving, saying how it went, recording what is on paper."""

from courses.rotations.services.judging import Found, Practice, attach, confirm_practice, evaluate
from courses.rotations.services.offering import appoint, dismiss, offer_department, set_places, set_policy
from courses.rotations.services.planning import Wish, amend, cancel, plan
from courses.rotations.services.recording import Past, annul, confirm, record, refuse
from courses.rotations.services.running import end, interrupt, start

__all__ = [
    "Found",
    "Past",
    "Practice",
    "Wish",
    "amend",
    "annul",
    "appoint",
    "attach",
    "cancel",
    "confirm",
    "confirm_practice",
    "dismiss",
    "end",
    "evaluate",
    "interrupt",
    "offer_department",
    "plan",
    "record",
    "refuse",
    "set_places",
    "set_policy",
    "start",
]
