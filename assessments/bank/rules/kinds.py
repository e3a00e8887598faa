"""The kinds of questions and of thinking they ask for."""

from enum import StrEnum


class Kind(StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    #: extended matching (B-type): one list of options, several prompts, each with one right option
    MATCHING = "matching"
    SHORT = "short"
    NUMERIC = "numeric"
    ORDERING = "ordering"
    HOTSPOT = "hotspot"


#: Answered by choosing options; their key is the list of the right ones.
CHOICES = frozenset({Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE})
#: One right option and no more.
ONE_RIGHT = frozenset({Kind.SINGLE, Kind.TRUE_FALSE})
#: Kinds that show a list of options.
WITH_OPTIONS = CHOICES | {Kind.MATCHING, Kind.ORDERING}


class Level(StrEnum):
    """What answering takes: remembering, applying, or weighing up."""

    RECALL = "recall"
    APPLY = "apply"
    ANALYSE = "analyse"


class Use(StrEnum):
    """What a question is for; what is practised with is never seen in an exam, and the other way round."""

    EXAM = "exam"
    PRACTICE = "practice"
