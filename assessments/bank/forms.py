"""The words in which the bank speaks of its questions."""

from assessments.bank.rules import Kind, Level
from lms.i18n import _l

KINDS = {Kind.SINGLE: _l("Single choice"), Kind.MULTIPLE: _l("Multiple choice")}
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
