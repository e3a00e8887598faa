"""The words in which the bank says where questions stand and what is wrong with them, field by field."""

from typing import Final

from assessments.bank.rules.content import Fault
from assessments.bank.rules.standing import Origin, Status
from lms.i18n import _l

STATUS: Final = {
    Status.DRAFT: _l("draft"),
    Status.REVIEWED: _l("reviewed"),
    Status.READY: _l("ready"),
    Status.RETIRED: _l("retired"),
}
#: Beside the word, the shape that says the same without colour.
SHAPES: Final = {
    Status.DRAFT: "open",
    Status.REVIEWED: "under_way",
    Status.READY: "done",
    Status.RETIRED: "paused",
}
ORIGINS: Final = {
    Origin.PACK: _l("content pack"),
    Origin.WRITTEN: _l("written here"),
    Origin.IMPORTED: _l("brought in"),
}
#: What is wrong, and the field of the form where it is mended.
FAULTS: Final = {
    Fault.NO_KEY: (_l("Say which answer is right."), "key"),
    Fault.NOT_AN_OPTION: (_l("A right answer is not among the options."), "key"),
    Fault.NOT_ONE: (_l("Exactly one option is right."), "key"),
    Fault.EVERYTHING_RIGHT: (_l("Not every option can be right."), "key"),
    Fault.OPTIONS_REPEAT: (_l("Two options are the same."), "options"),
    Fault.PROMPT_OPEN: (_l("Every prompt needs its right option."), "prompts"),
    Fault.NOT_AN_ORDER: (_l("The right order names every option once."), "key"),
    Fault.NOTHING_ACCEPTED: (
        _l("Give at least one wording that earns everything, each wording once, shares from 0 to 1."),
        "accepted",
    ),
    Fault.NOT_A_NUMBER: (_l("Value and tolerance are plain numbers, the tolerance not below 0."), "value"),
    Fault.UNIT_NOT_OFFERED: (_l("None of the right units is among those to choose from."), "units"),
    Fault.NO_AREA: (_l("Send a picture and give at least one right area in it."), "areas"),
}
