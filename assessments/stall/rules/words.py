"""How stalls are spoken of: reasons, ways out, answers and states in the reader's language."""

from collections.abc import Callable
from typing import Any, Final

from assessments.stall.rules.reasons import Code, WayOut
from lms.i18n import _, _l, _n

Numbers = dict[str, Any]

#: Each gets the numbers that were written down when the flag was raised.
_REASONS: Final[dict[Code, Callable[[Numbers], str]]] = {
    Code.LAST_THREE: lambda n: _(
        "The last three marks did not rise: %(marks)s", marks=_(", ").join(str(mark) for mark in n["marks"])
    ),
    Code.PAUSE: lambda n: _("No mark for %(days)s days", **n),
    Code.RARE: lambda n: _n(
        "Only %(num)d mark in %(days)s days", "Only %(num)d marks in %(days)s days", n["count"], days=n["days"]
    ),
    Code.BELOW_BEST: lambda n: _("Now about %(now)s, the best mark was %(best)s", **n),
    Code.NO_NEW_BEST: lambda n: _("No better mark than %(best)s for %(days)s days", **n),
    Code.NOT_YET: lambda n: _("Now about %(now)s, %(wanted)s is mastery", **n),
    Code.UNEVEN: lambda n: _("Marks vary widely: from %(low)s to %(high)s", **n),
    Code.MANY_TRIES: lambda n: _("%(count)s marks, from about %(first)s to %(now)s only", **n),
    Code.NO_GAIN: lambda n: _("%(days)s days ago about %(then)s, now %(now)s", **n),
    Code.BEHIND_OWN: lambda n: _("Other techniques stand at %(theirs)s, this one at %(now)s", **n),
    Code.BEHIND_PEERS: lambda n: _("Colleagues stand at %(theirs)s, this doctor at %(now)s", **n),
    Code.OTHERS_TOO: lambda n: _("The other techniques moved by %(gain)s points in %(days)s days", **n),
    Code.QUIET: lambda n: _n(
        "%(num)d mark in all techniques in %(days)s days",
        "%(num)d marks in all techniques in %(days)s days",
        n["count"],
        days=n["days"],
    ),
    Code.SKILL: lambda n: _("In this technique %(percent)s of 100 doctors stop rising", **n),
    Code.PATTERN: lambda n: _("Of 100 with such marks %(percent)s stop rising; of all it is %(usual)s", **n),
}
_WAYS: Final[dict[WayOut, Callable[[Numbers], str]]] = {
    WayOut.SUPERVISED: lambda n: _("Within %(days)s days one supervised performance with %(target)s or more", **n),
    WayOut.PRACTISE: lambda n: _("Practise at least %(count)s times within %(days)s days", **n),
    WayOut.REGULAR: lambda n: _("Go through the standard together before the next try", **n),
}
#: What one answers, as a button and as a state.
ANSWERS: Final = {
    "accepted": _l("Taken up"),
    "not_a_problem": _l("Not a problem"),
    "handled": _l("Handled"),
}
PLANS: Final = {"call": _l("Call the doctor"), "visit": _l("Visit the doctor"), "assign": _l("Assign practice")}
STATES: Final = {"open": _l("Waits for an answer"), "risen": _l("Marks have risen"), **ANSWERS}
#: Beside the word, the shape that says the same without colour.
SHAPES: Final = {
    "open": "attention",
    "risen": "done",
    "accepted": "under_way",
    "not_a_problem": "stopped",
    "handled": "done",
}


def reason(numbers: Numbers) -> str:
    """One reason as a sentence without a full stop."""
    return _REASONS[Code(numbers["code"])](numbers)


def way_out(numbers: Numbers) -> str:
    """One way out as a sentence without a full stop."""
    return _WAYS[WayOut(numbers["code"])](numbers)
