"""The words in which the bank speaks of its questions."""

from assessments.bank.rules.kinds import Kind, Level
from lms.i18n import _l

KINDS = {
    Kind.SINGLE: _l("Single choice"),
    Kind.MULTIPLE: _l("Multiple choice"),
    Kind.TRUE_FALSE: _l("True or false"),
    Kind.MATCHING: _l("Extended matching"),
    Kind.SHORT: _l("Short answer"),
    Kind.NUMERIC: _l("Number"),
    Kind.ORDERING: _l("Ordering"),
    Kind.HOTSPOT: _l("Place in a picture"),
}
LEVELS = {Level.RECALL: _l("Remembering"), Level.APPLY: _l("Applying"), Level.ANALYSE: _l("Analysing")}
#: The columns of the list as a file; the key is not among them.
COLUMNS = (
    _l("Code"),
    _l("Topic"),
    _l("Technique"),
    _l("Question type"),
    _l("Cognitive level"),
    _l("Version"),
    _l("Question"),
    _l("Options"),
    _l("Hash of this version"),
)
