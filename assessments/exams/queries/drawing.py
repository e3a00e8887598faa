"""What candidates can get of a paper: the lot is drawn by the rules, from what stands here."""

from collections.abc import Mapping, Sequence

from assessments.bank.models import QuestionVersion
from assessments.bank.rules.kinds import Kind
from assessments.exams.models import Exam, PaperItem, PaperVersion
from assessments.exams.queries.exams import items_of
from assessments.exams.rules import papers
from assessments.exams.rules.draws import Below, shuffled

#: Options in an order that says nothing; the two of true or false keep theirs.
_KEPT = frozenset({Kind.TRUE_FALSE})


def deal_of(paper: PaperVersion, items: Sequence[PaperItem]) -> papers.Deal:
    """What can be drawn from this paper."""
    lines = [papers.Line(item.id, item.cell, item.question.shared_stem_version_id) for item in items]
    by_position = {item.position: item.id for item in items}
    forms = [[by_position[position] for position in form] for form in paper.forms or ()]
    return papers.Deal(lines, paper.blueprint or (), forms)


class Dealer:
    """Gives each candidate of one exam their questions and options; reads the paper once, however many there are."""

    def __init__(self, exam: Exam, below: Below) -> None:
        items = items_of(exam.paper_version_id)
        self._deal = deal_of(exam.paper, items)
        self._questions = {item.id: item.question for item in items}
        self._shuffled, self._below = exam.shuffled, below

    @property
    def forms(self) -> int:
        """How many forms there are to give out; 0 where there are none."""
        return self._deal.forms

    def deal(self, form: int | None = None) -> tuple[list[int], dict[str, list[str]]]:
        """One candidate's items in their order, and the options of each in theirs."""
        items = self._deal.drawn(self._below, form)
        if self._shuffled:
            items = self._deal.mixed(items, self._below)
        return items, {str(item): self._options(item) for item in items}

    def _options(self, item: int) -> list[str]:
        question = self._questions[item]
        keys = list(question.option_keys)
        # what is to be put in order never lies in the order in which it was written down
        mixed = question.kind == Kind.ORDERING or (self._shuffled and question.kind not in _KEPT)
        return shuffled(keys, self._below) if mixed else keys


def sheet(
    exam: Exam, items: Sequence[int], options: Mapping[str, Sequence[str]]
) -> list[tuple[PaperItem, QuestionVersion, list[dict[str, str]]]]:
    """The questions of one draw in its order: item, question, options in theirs."""
    there = {item.id: item for item in items_of(exam.paper_version_id)}
    found = []
    for number in items:
        texts = {option["key"]: option for option in there[number].question.options}
        found.append((there[number], there[number].question, [texts[key] for key in options[str(number)]]))
    return found
