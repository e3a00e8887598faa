"""Cases of series (A3/A4): what the case says, which questions stand under it, and in which order."""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from assessments.bank.models import Question, QuestionVersion, SharedStem, SharedStemVersion
from assessments.bank.policy import Bank
from assessments.bank.queries.series import members, newest_of
from assessments.bank.queries.standing import latest_ids, statuses
from assessments.bank.queries.texts import Place, text_of
from assessments.bank.rules.content import case_digest
from assessments.bank.rules.standing import Status
from assessments.bank.services import standing, writing
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell


@service(needs=Bank.EDIT)
def write_case(actor: Actor, on: None, *, code: str, text: str, questions: Sequence[str]) -> SharedStem:
    """A new case with its questions, by their codes, in order; each gets a next version under it, as a draft."""
    if db.session.scalar(sa.select(SharedStem.id).where(SharedStem.code == code)) is not None:
        raise Conflict(_("There is a case %(code)s already. Choose another code.", code=code), field="code")
    case = SharedStem(code=code)
    db.session.add(case)
    db.session.flush()
    _put_under(actor, _say(case, 1, text), questions, {})
    tell(case=code, questions=list(questions))
    return case


@service(needs=Bank.EDIT)
def revise_case(actor: Actor, case: SharedStem, *, base: int, text: str, questions: Sequence[str]) -> None:
    """What a case says from now on, and which questions stand under it in which order.

    Every question gets a next version, as a draft; as long as not all of them are ready, the series is not asked.
    """
    db.session.refresh(case, with_for_update=True)
    newest = newest_of(case)
    if newest.version != base:
        raise Conflict(_("Somebody else has written version %(version)s meanwhile.", version=newest.version))
    there = {one.question.code: one for one in members(newest)}
    if newest.text == text and list(there) == list(questions):
        raise Conflict(_("Nothing is different from version %(version)s.", version=newest.version))
    _put_under(actor, _say(case, newest.version + 1, text), questions, there)
    tell(case=case.code, version=newest.version + 1, questions=list(questions))


@service(needs=Bank.REVIEW)
def review_series(actor: Actor, case: SharedStem) -> int:
    """Review every draft of a series at once; how many these were."""
    return _each(actor, case, Status.DRAFT)


@service(needs=Bank.EDIT)
def ready_series(actor: Actor, case: SharedStem) -> int:
    """Make every reviewed question of a series ready at once; how many these were."""
    return _each(actor, case, Status.REVIEWED)


def _each(actor: Actor, case: SharedStem, status: Status) -> int:
    found = members(newest_of(case))
    stand = statuses([one.id for one in found])
    meant = [one for one in found if stand[one.id] == status]
    if not meant:
        raise Conflict(_("No question of this series is waiting for that."))
    for one in meant:
        if status is Status.DRAFT:
            standing.review(actor, one)
        else:
            standing.make_ready(actor, one)
    return len(meant)


def _say(case: SharedStem, version: int, text: str) -> SharedStemVersion:
    if not text.strip():
        raise Invalid(_("A case says something."), field="text")
    made = SharedStemVersion(shared_stem_id=case.id, version=version, text=text, content_hash=case_digest(text))
    db.session.add(made)
    db.session.flush()
    return made


def _put_under(actor: Actor, said: SharedStemVersion, codes: Sequence[str], there: dict[str, QuestionVersion]) -> None:
    if len(codes) < 2:
        raise Invalid(_("A series has at least two questions."), field="questions")
    found = {one.question.code: one for one in _newest([*codes, *there])}
    missing = [code for code in codes if code not in found]
    if missing:
        raise Invalid(_("There is no question %(codes)s.", codes="、".join(missing)), field="questions")
    banks = {(found[code].question.bank, found[code].question.use) for code in codes}
    if len(banks) > 1:
        raise Invalid(_("All questions of a series stand in one bank."), field="questions")
    elsewhere = [code for code in codes if code not in there and found[code].shared_stem_version_id is not None]
    if elsewhere:
        raise Invalid(_("In another series already: %(codes)s.", codes="、".join(elsewhere)), field="questions")
    places = {code: Place(said, number) for number, code in enumerate(codes, 1)}
    for code in [*codes, *(code for code in there if code not in places)]:
        version = found[code]
        text = replace(text_of(version), place=places.get(code))
        writing.revise(actor, version.question, base=version.version, technique=version.technique, text=text)


def _newest(codes: Sequence[str]) -> Sequence[QuestionVersion]:
    query = sa.select(QuestionVersion).join(Question, Question.id == QuestionVersion.question_id)
    return db.session.scalars(query.where(QuestionVersion.id.in_(latest_ids()), Question.code.in_(codes))).all()
