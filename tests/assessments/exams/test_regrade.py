"""A wrong key found after the release: the dry run, two officers, new versions beside the old, and nobody unheard."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from assessments.exams.models import AnswerKey, Exam, ExamScore, Regrade, Ruling, ScoreRun
from assessments.exams.queries import regrades, scores
from assessments.exams.queries.exams import last_run
from assessments.exams.rules.second import Second
from assessments.exams.services import marking, regrading, releasing, sitting
from assessments.exams.services.keys import Correction, corrected
from assessments.results.models import Result
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent
from tests.factories import cohorts
from tests.factories.exams import Office

LANGUAGES = ["zh", "en"]
REASON = "第 1 题答案有误，按指南更正"


class Held:
    """A released exam: one had everything right, one everything but the question whose key turns out wrong."""

    def __init__(self, office: Office, officers, world, session) -> None:
        self.office, self.officers, self.session = office, officers, session
        self.exam = office.ready(officers, world.a.commission, pass_percent=Decimal(90))
        key = office.right_answers(self.exam)
        self.item = next(one.id for one in office.items(self.exam) if one.question.kind == "single")
        self.other = next(letter for letter in "ABCD" if [letter] != key[self.item])
        self.right, self.wrong, self.blank = cohorts.persons(session, world, 3)
        answers = {self.right: key, self.wrong: key | {self.item: [self.other]}, self.blank: {}}
        self.attempts = cohorts.sit(session, self.exam, answers)
        self.do(0, lambda a, e: sitting.close(a, e, reason="over"))
        self.do(0, marking.mark)
        self.do(1, lambda a, e: releasing.release(a, e, input_hash=last_run(e).input_hash))

    def do(self, officer, act):
        return self.office.do(self.officers[officer], self.exam, act)

    def corrections(self, ruling=Ruling.CORRECTED, key=None):
        return [Correction(self.item, ruling, [self.other] if ruling == Ruling.CORRECTED and key is None else key)]

    def dry(self, corrections=None):
        def look(_actor, exam):
            found = corrected(exam, exam.key, corrections or self.corrections())
            return regrades.dry_run(exam, last_run(exam), found.key, found.dropped, found.content_hash)

        return self.do(0, look)

    def propose(self, corrections=None, officer=0, reason=REASON):
        corrections = corrections or self.corrections()
        dry = self.dry(corrections).hash
        return self.do(
            officer, lambda a, e: regrading.propose(a, e, corrections=corrections, dry=dry, reason=reason).id
        )

    def on(self, officer, number, act):
        return self.do(officer, lambda a, _e: act(a, db.session.get_one(Regrade, number)))

    def release(self, number, officer=1):
        return self.on(officer, number, lambda a, r: regrading.release_regrade(a, r, dry=r.dry_hash).version)

    def state(self):
        self.session.expire_all()
        return self.session.get_one(Exam, self.exam).state

    def results(self):
        """Every version of every result: person, version, value."""
        self.session.expire_all()
        query = sa.select(Result.person_id, Result.version, Result.value).order_by(Result.person_id, Result.version)
        return [tuple(row) for row in self.session.execute(query)]

    def count(self, what):
        return self.session.scalar(sa.select(sa.func.count()).select_from(what))


@pytest.fixture
def held(office, officers, world, session):
    return Held(office, officers, world, session)


def test_the_dry_run_names_who_changes_and_writes_nothing(held):
    before = [held.count(table) for table in (AnswerKey, ScoreRun, ExamScore, Result, Regrade)]
    dry = held.dry()
    assert [(one.person, one.outcome) for one in dry.changes] == [(held.right, "lost"), (held.wrong, "gained")]
    assert (dry.changes[0].before, dry.changes[0].after) == (Decimal(100), Decimal("87.500"))
    assert dry.counts == {"lost": 1, "gained": 1, "down": 0, "up": 0}
    assert held.dry().hash == dry.hash
    assert [held.count(table) for table in (AnswerKey, ScoreRun, ExamScore, Result, Regrade)] == before


def test_a_dropped_question_only_gives(held):
    dry = held.dry(held.corrections(Ruling.DROPPED))
    assert [(one.person, one.outcome) for one in dry.changes] == [(held.wrong, "gained"), (held.blank, "up")]


def test_two_officers_and_everything_that_was_stays(held):
    first = held.results()
    number = held.propose()
    assert (held.state(), held.results()) == ("released", first)
    with pytest.raises(Conflict):
        held.release(number, officer=0)
    with pytest.raises(Conflict):
        held.on(1, number, lambda a, r: regrading.release_regrade(a, r, dry=b"\0" * 32))
    assert held.release(number) == 2
    assert held.state() == "released"
    found = held.results()
    assert set(first) <= set(found), "nothing is overwritten"
    assert set(found) - set(first) == {(held.right, 2, Decimal("87.500")), (held.wrong, 2, Decimal(100))}
    later = held.session.scalars(sa.select(Result).where(Result.version == 2)).all()
    assert {(row.reason, row.supersedes_id is not None) for row in later} == {(REASON, True)}
    assert held.session.get_one(Exam, held.exam).key.version == 2
    assert held.session.scalars(sa.select(ScoreRun.version).order_by(ScoreRun.id)).all() == [1, 2]
    assert held.count(ExamScore) == 6
    events = list(held.session.scalars(sa.select(OutboxEvent.kind)))
    assert events.count("ExamRegraded") == 1
    with pytest.raises(Conflict):
        held.release(number)


def test_a_withdrawn_regrade_changes_nothing_and_another_may_follow(held):
    number = held.propose()
    with pytest.raises(Conflict):
        held.propose(officer=1)
    with pytest.raises(Invalid):
        held.on(0, number, lambda a, r: regrading.withdraw(a, r, reason=" "))
    held.on(0, number, lambda a, r: regrading.withdraw(a, r, reason="再核对"))
    with pytest.raises(Conflict):
        held.release(number)
    assert held.count(ScoreRun) == 1
    again = held.propose(held.corrections(Ruling.DROPPED))
    assert held.release(again) == 2
    assert held.session.scalars(sa.select(AnswerKey.version).order_by(AnswerKey.id)).all() == [1, 2, 3]


def test_a_second_regrade_supersedes_the_first(held):
    held.release(held.propose())
    held.release(held.propose([Correction(held.item, Ruling.DROPPED)]))
    values = {person: [value for who, _, value in held.results() if who == person] for person in held.attempts}
    assert values[held.right] == [Decimal(100), Decimal("87.500"), Decimal(100)]
    assert values[held.wrong] == [Decimal("87.500"), Decimal(100)]
    assert values[held.blank] == [Decimal(0), Decimal("12.500")]


@pytest.mark.parametrize(("key", "ruling"), [(["Z"], Ruling.CORRECTED), ([], Ruling.CORRECTED), (None, Ruling.STANDS)])
def test_a_key_that_cannot_be_is_not_proposed(held, key, ruling):
    with pytest.raises(Invalid):
        held.do(0, lambda _a, e: corrected(e, e.key, [Correction(held.item, ruling, key)]))


def test_the_same_key_is_no_regrade(held):
    same = [Correction(held.item, Ruling.CORRECTED, held.office.right_answers(held.exam)[held.item])]
    with pytest.raises(Invalid):
        held.dry(same)


def test_no_reason_another_dry_run_or_too_early_is_refused(held, office, officers, world):
    with pytest.raises(Invalid):
        held.propose(reason="  ")
    with pytest.raises(Conflict):
        held.do(0, lambda a, e: regrading.propose(a, e, corrections=held.corrections(), dry=b"\0" * 32, reason="x"))
    early = office.ready(officers, world.a.commission)
    with pytest.raises(Conflict):
        office.do(
            officers[0],
            early,
            lambda a, e: regrading.propose(a, e, corrections=held.corrections(), dry=b"", reason="x"),
        )
    assert held.count(Regrade) == 0


def test_a_second_scorer_that_differs_stops_a_regrade_too(held, monkeypatch):
    number = held.propose()
    monkeypatch.setattr(scores, "second", lambda *_: Second({}, "0.000"))
    with pytest.raises(Conflict):
        held.release(number)
    monkeypatch.undo()
    assert held.count(ScoreRun) == 1


def test_no_candidate_has_a_hand_in_it(held, session, world):
    number = held.propose(officer=1)
    cohorts.sit(session, held.exam, {world.a.exam_officer: {}})
    with pytest.raises(NotAllowed):
        held.release(number, officer=0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_from_dry_run_to_release(held, world, page, language):
    address = f"/exams/{held.exam}/regrade"
    officer, second = held.officers
    assert page.get(f"/exams/{held.exam}/review", officer, language=language).select(f'a[href="{address}"]')
    page.get(address, officer, language=language)
    form = {f"ruling-{held.item}": "corrected", f"key-{held.item}": "Z"}
    assert page.post(address, officer, expect=422).select_one("[role=alert]")
    assert page.post(address, officer, expect=422, **form).select_one("[role=alert]")
    form[f"key-{held.item}"] = held.other.lower()
    dry = page.post(address, officer, expect=200, **form)
    assert "考生000" in dry.select_one("#dry").get_text()
    given = form | {"act": "propose", "hash": dry.select_one("input[name=hash]")["value"]}
    page.post(address, officer, expect=422, **given)
    page.post(address, officer, expect=422, **given | {"reason": REASON, "hash": "00"})
    page.post(address, officer, expect=303, **given | {"reason": REASON})
    (number,) = held.session.scalars(sa.select(Regrade.id))
    one = f"/exams/{held.exam}/regrades/{number}"
    assert page.get(one, officer, language=language).select(f'form[action="{one}/release"]') == []
    shown = page.get(one, second, language=language)
    assert REASON in shown.get_text()
    page.get(f"{one}?export=csv", second)
    assert "考生001" in page.answer.text
    assert page.answer.text.count("\n") == 3
    for url in (address, one):
        page.get(url, world.b.exam_officer, expect=404)
        page.get(url, world.a.manager, expect=403)
    for verb in ("release", "withdraw"):
        page.post(f"{one}/{verb}", world.b.exam_officer, expect=404)
    page.post(f"{one}/withdraw", officer, expect=303)
    hashed = shown.select_one(f'form[action="{one}/release"] input[name=hash]')["value"]
    page.post(f"{one}/release", second, expect=303, hash=hashed)
    after = page.get(one, second, language=language)
    assert after.select(f'form[action="{one}/release"]') == []
    result = page.get(f"/attempts/{held.attempts[held.right]}/result", held.right, language=language)
    assert REASON in result.get_text()
    assert "87.5%" in result.get_text()
    untouched = page.get(f"/attempts/{held.attempts[held.blank]}/result", held.blank, language=language)
    assert REASON not in untouched.get_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_proposed_regrade_is_not_seen_by_candidates(held, page, language):
    held.propose()
    result = page.get(f"/attempts/{held.attempts[held.right]}/result", held.right, language=language)
    assert "100%" in result.get_text()
    assert REASON not in result.get_text()
