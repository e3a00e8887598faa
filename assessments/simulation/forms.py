"""The words in which parts of a consultation, verdicts and states are shown; and the form that ends one."""

from assessments.simulation.rules import Section, Uncredited, Verdict
from lms.i18n import _l
from lms.web.forms import Form

SECTIONS = {
    Section.ASK: _l("History questions"),
    Section.EXAMINE: _l("Physical examination"),
    Section.TEST: _l("Investigations"),
    Section.DECIDE: _l("Treatment decisions"),
    Section.REFER: _l("Referral decisions"),
}
#: for tabs on a phone
SHORT = {
    Section.ASK: _l("Ask"),
    Section.EXAMINE: _l("Examine"),
    Section.TEST: _l("Tests"),
    Section.DECIDE: _l("Treat"),
    Section.REFER: _l("Refer"),
}
VERDICTS = {
    Verdict.DANGEROUS: _l("dangerous"),
    Verdict.MISSED: _l("left out"),
    Verdict.NEEDLESS: _l("needless"),
    Verdict.RIGHT: _l("rightly done"),
    Verdict.OPTIONAL: _l("may be done"),
}
SHAPES = {
    Verdict.DANGEROUS: "stopped",
    Verdict.MISSED: "attention",
    Verdict.NEEDLESS: "paused",
    Verdict.RIGHT: "done",
    Verdict.OPTIONAL: "open",
}
STATES = {"new": _l("not played yet"), "open": _l("begun, not ended"), "done": _l("ended before")}
UNCREDITED = {Uncredited.RECENTLY: _l("this case has earned you hours within the last 30 days")}


class EndForm(Form):
    """Ending a consultation."""
