"""Cuts set by a method: worked out exactly, kept with reasons, used by one officer before the exam and two after."""

import io
from decimal import Decimal
from fractions import Fraction

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from assessments.exams import formats
from assessments.exams.models import Exam, ExamScore, ScoreRun, Standard, StandardUse, State
from assessments.exams.rules import standards as rules
from assessments.exams.services import marking, sitting, standards
from assessments.psychometrics.rules.standards import EbelCell
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed, TooLarge

shares = st.decimals(0, 1, places=3).map(Fraction)


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=6).flatmap(
        lambda points: st.tuples(
            st.just([Fraction(one) for one in points]),
            st.dictionaries(
                st.text("ab", min_size=1), st.lists(shares, min_size=len(points), max_size=len(points)), min_size=1
            ).filter(lambda judges: len(judges) < 5),
        )
    )
)
def test_angoff_in_percent_keeps_bounds_and_can_be_worked_out_again(asked):
    points, judges = asked
    given_ = rules.Angoff({1: judges, 2: judges})
    found = given_.outcome(rules.Basis(points))
    assert 0 <= found.percent <= 100
    assert [number for number, _one in found.rounds] == [1, 2]
    assert found.percent == sum(percent for _judge, percent in found.judges) / len(found.judges)
    assert rules.given("angoff", given_.plain()).outcome(rules.Basis(points)) == found


def test_points_weigh_and_rounding_is_half_up():
    one = rules.Angoff({1: {"a": [Fraction(1, 2), Fraction(1)]}})
    assert one.outcome(rules.Basis([Fraction(1), Fraction(3)])).percent == Fraction(350, 4)
    assert rules.rounded(Fraction("66.665"), 2) == Decimal("66.67")
    assert rules.moved(Fraction("66.665"), Decimal("3.5"), Decimal(-1)) == Decimal("63.17")
    assert rules.moved(Fraction(99), Decimal("3.5"), Decimal(1)) == Decimal("100.00")
    assert rules.written(Fraction("0.125")) == "0.125"
    assert rules.failing([Fraction(50), Fraction(60)], Decimal("60.00")) == 50
    assert rules.failing([], Decimal(60)) is None
    assert rules.chance_percent([(1, 4), (1, 2), (2, 0)]) == Fraction(75, 4)


@pytest.mark.parametrize(
    ("given_", "scores", "why"),
    [
        (rules.Angoff({1: {"a": [Fraction(1)]}}), [], "questions"),
        (rules.Ebel({"a": [EbelCell("r", "d", 3, Fraction(1))]}), [], "questions"),
        (rules.Cohen(Fraction(25)), [], "scores"),
        (rules.Cohen(Fraction(25)), [Fraction(20)], "guessing"),
        (rules.Cohen(Fraction(25), multiplier=Fraction(2)), [Fraction(80)], "bounds"),
        (rules.Hofstee(*map(Fraction, (50, 60, 5, 25))), [], "scores"),
        (rules.Hofstee(*map(Fraction, (60, 50, 5, 25))), [Fraction(20)], "bounds"),
        (rules.Hofstee(*map(Fraction, (50, 60, 5, 25))), [Fraction(20)], "too_many_fail"),
        (rules.Hofstee(*map(Fraction, (50, 60, 5, 25))), [Fraction(90)], "too_few_fail"),
    ],
)
def test_what_comes_to_no_cut_says_why(given_, scores, why):
    with pytest.raises(rules.NoCut, match=why):
        given_.outcome(rules.Basis([Fraction(1), Fraction(1)], scores))


def judged(*estimates: str) -> rules.Angoff:
    """Two judges who say the same of each of six questions."""
    row = [Fraction(one) for one in estimates]
    return rules.Angoff({1: {"j1": row, "j2": row}})


def setting(office, officer, exam_id, given_, **changed):
    values = {"given": given_, "errors": Decimal(0), "reason": "two judges from the county hospital"} | changed
    return office.do(officer, exam_id, lambda a, e: standards.set_standard(a, e, **values).id)


def use(office, officer, exam_id, standard):
    office.do(officer, exam_id, lambda a, e: standards.use_standard(a, db.session.get_one(Standard, standard)))


def exam(session, exam_id):
    session.expire_all()
    return session.get_one(Exam, exam_id)


SEVENTY = judged(".7", ".7", ".7", ".7", ".7", ".7")


def test_before_the_exam_one_officer_uses_it_and_two_must_approve_again(office, officers, world, session):
    exam_id = office.ready(officers, world.a.commission, world.a.doctor)
    assert exam(session, exam_id).state == State.APPROVED
    made = setting(office, officers[0], exam_id, SEVENTY)
    assert exam(session, exam_id).pass_percent == 60, "kept, not used"
    use(office, officers[0], exam_id, made)
    shown = exam(session, exam_id)
    assert (shown.pass_percent, shown.state, shown.approved_hash) == (70, State.DRAFTED, None)
    office.approve(exam_id, *officers)
    assert exam(session, exam_id).state == State.APPROVED
    kept = session.get_one(Standard, made)
    assert (kept.method, kept.version, kept.pass_percent, kept.judge_error) == ("angoff", 1, 70, 0)
    assert kept.figures["rounds"]["1"]["j1"] == ["0.7"] * 6
    assert session.scalars(sa.select(StandardUse.person_id)).all() == [officers[0]]
    with pytest.raises(Conflict):
        use(office, officers[1], exam_id, made)


def test_what_cannot_be_is_refused_and_nothing_is_kept(office, officers, world, session):
    exam_id = office.draft(officers[1], world.a.commission)
    office.seat(officers[1], exam_id, world.a.exam_officer)
    for wrong in (
        {"reason": ""},
        {"errors": Decimal(1)},
        {"errors": Decimal("3.5")},
        {"given_": judged("1")},
        {"given_": judged("0", "0", "0", "0", "0", "0")},
        {"given_": rules.Cohen(Fraction(25))},
    ):
        with pytest.raises(Invalid):
            setting(office, officers[1], exam_id, **({"given_": SEVENTY} | wrong))
    with pytest.raises(NotAllowed):
        setting(office, world.a.exam_officer, exam_id, SEVENTY)
    assert session.scalar(sa.select(sa.func.count()).select_from(Standard)) == 0


@pytest.fixture
def marked(office, officers, world, session, page, writer):
    """A marked exam: the doctor got one of six right, 1 of 8 points."""
    exam_id = office.ready(officers, world.a.commission, world.a.doctor)
    attempt_id = office.start(world.a.doctor, exam_id)
    item = next(one.id for one in office.items(exam_id) if one.points == 1)
    writer(page, world.a.doctor, attempt_id).choose(item, office.right_answers(exam_id)[item])
    office.do(officers[0], exam_id, lambda a, e: sitting.close(a, e, reason="over"))
    office.do(officers[0], exam_id, marking.mark)
    return exam_id


def run(session):
    return session.scalars(sa.select(ScoreRun).order_by(ScoreRun.version.desc())).first()


def test_after_the_exam_two_officers_use_it_and_it_is_marked_again(office, officers, marked, session):
    before = run(session)
    hashed = before.input_hash
    assert not session.scalars(sa.select(ExamScore.passed)).one()
    made = setting(office, officers[0], marked, rules.Cohen(Fraction(0), multiplier=Fraction("0.8")))
    assert session.get_one(Standard, made).pass_percent == 10
    assert session.get_one(Standard, made).run_id == before.id
    use(office, officers[0], marked, made)
    assert (exam(session, marked).pass_percent, exam(session, marked).state) == (60, State.SCORED), "one is not enough"
    with pytest.raises(Conflict):
        use(office, officers[0], marked, made)
    use(office, officers[1], marked, made)
    shown = exam(session, marked)
    assert (shown.pass_percent, shown.state) == (10, State.CLOSED)
    assert shown.approved_hash is not None
    office.do(officers[0], marked, marking.mark)
    assert exam(session, marked).state == State.SCORED
    again = run(session)
    assert again.version == 2
    assert again.input_hash != hashed, "a page that showed the old cut cannot release the new one"
    assert session.scalars(sa.select(ExamScore.passed).where(ExamScore.run_id == again.id)).one()


def test_back_to_an_earlier_cut_needs_two_officers_too(office, officers, marked, session):
    there = setting(office, officers[0], marked, rules.Cohen(Fraction(0), multiplier=Fraction("0.8")))
    back = setting(office, officers[0], marked, judged(*[".6"] * 6))
    for made in (there, back):
        for officer in officers:
            use(office, officer, marked, made)
    assert exam(session, marked).pass_percent == 60
    office.do(officers[0], marked, marking.mark)
    assert (exam(session, marked).state, run(session).version) == (State.SCORED, 1), "the run that stands"


def test_released_results_keep_their_cut(office, officers, marked, session):
    made = setting(office, officers[0], marked, judged(*[".1"] * 6))
    exam(session, marked).state = State.RELEASED
    session.commit()
    with pytest.raises(Conflict):
        use(office, officers[1], marked, made)
    assert exam(session, marked).pass_percent == 60


LANGUAGES = ["zh", "en"]
TABLE = "judge\t1\t2\t3\t4\t5\t6\nj1\t.7\t.7\t.7\t.7\t.7\t.7\nj2\t.6\t.6\t.6\t.6\t.6\t.9\n"


def pages_of(exam_id, number=1):
    new = [f"standards/new?method={method}" for method in ("angoff", "ebel", "hofstee", "cohen")]
    tables = [f"standards/table?method={method}" for method in ("angoff", "ebel")]
    return [f"/exams/{exam_id}/{side}" for side in ("standards", *new, f"standards/{number}")], [
        f"/exams/{exam_id}/{side}" for side in tables
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_puts_in_a_table_sees_the_cut_and_uses_it(office, officers, world, page, session, language):
    exam_id = office.draft(officers[0], world.a.commission)
    where = f"/exams/{exam_id}/standards"
    assert page.get(where, officers[0], language=language).select(".empty")
    sent = {"figures": TABLE, "reason": "两位专家", "errors_added": "0"}
    page.post(f"{where}/new?method=angoff", officers[0], expect=303, **sent)
    shown = page.get(f"{where}/1", officers[0], language=language)
    words = shown.get_text()
    # j1 5.6 of 8, j2 .6·7 + .9 = 5.1 with the sixth counting once; whichever counts double, each judge stands there
    assert "j1" in words
    assert "j2" in words
    made = session.scalars(sa.select(Standard)).one()
    assert 60 < made.pass_percent < 70
    assert f"{made.pass_percent:f}".rstrip("0").rstrip(".") + "%" in words
    assert shown.select(f'form[action="{where}/1/use"]')
    page.post(f"{where}/1/use", officers[0], expect=303)
    assert exam(session, exam_id).pass_percent == made.pass_percent
    assert not page.get(f"{where}/1", officers[0], language=language).select(f'form[action="{where}/1/use"]')
    for url in pages_of(exam_id)[0]:
        page.get(url, officers[1], language=language)


@pytest.mark.parametrize("method", ["hofstee", "cohen"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_after_marking_a_cut_shows_who_would_fail(office, officers, marked, page, session, method, language):
    where = f"/exams/{marked}/standards"
    form = page.get(f"{where}/new?method={method}", officers[0], language=language)
    fields = {box["name"]: box.get("value", "") for box in form.select("input.form-control")}
    if method == "cohen":
        assert fields["guess"] == "12.50", "four single choices of four options, two of two points that nobody guesses"
        fields["guess"] = "0"
    else:
        fields |= {"cut_min": "5", "cut_max": "60", "fail_min": "0", "fail_max": "90"}
    page.post(f"{where}/new?method={method}", officers[0], expect=303, **fields | {"reason": "考后设定"})
    assert page.get(f"{where}/1", officers[0], language=language).select(".stat")
    page.post(f"{where}/1/use", officers[0], expect=303)
    waits = page.get(f"{where}/1", officers[0], language=language)
    assert not waits.select(f'form[action="{where}/1/use"]'), "the same officer is not the second"
    assert page.get(f"{where}/1", officers[1], language=language).select(f'form[action="{where}/1/use"]')


def test_tables_that_cannot_be_used_are_refused_in_words(office, officers, world, page, session):
    exam_id = office.draft(officers[0], world.a.commission)
    where = f"/exams/{exam_id}/standards/new?method="
    short = "judge,1,2\nj1,.5,.5\n"
    for method, figures in (
        ("angoff", ""),
        ("angoff", "judge,1,2,3,4,5,6\nj1,.7,.7,.7,.7,.7,NaN\n"),
        ("angoff", "judge,1,2,3,4,5,6\nj1,70,70,70,70,70,70\n"),
        ("angoff", short),
        ("angoff", "<script>alert(1)</script>"),
        ("ebel", short),
        ("ebel", "judge,relevance,difficulty,items,proportion\nj1,essential,easy,5,.9\n"),
    ):
        answer = page.post(where + method, officers[0], expect=422, figures=figures, reason="x", errors_added="0")
        assert answer.select_one("[role=alert]").get_text(strip=True)
    page.post(where + "angoff", officers[0], expect=422, figures=TABLE, reason="", errors_added="0")
    page.post(where + "angoff", officers[0], expect=422, figures=TABLE, reason="x", errors_added="NaN")
    page.get(where + "guess", officers[0], expect=404)
    assert session.scalar(sa.select(sa.func.count()).select_from(Standard)) == 0


def test_what_judges_are_called_is_shown_as_text(office, officers, world, page):
    exam_id = office.draft(officers[0], world.a.commission)
    table = TABLE.replace("j1", "<script>alert(1)</script>").replace("j2", "=1+1")
    sent = {"figures": table, "reason": "<b>bold</b>", "errors_added": "0"}
    page.post(f"/exams/{exam_id}/standards/new?method=angoff", officers[0], expect=303, **sent)
    shown = page.get(f"/exams/{exam_id}/standards/1", officers[0])
    assert "<script>alert(1)</script>" in shown.get_text()
    assert not [one for one in shown.select("script") if "alert" in one.get_text()]
    assert "<b>bold</b>" in shown.get_text()


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode("utf-8-sig"),
        TABLE.replace("j1", "专家甲").replace("\t", ",").encode("gb18030"),
        TABLE.translate({ord(one): chr(ord(one) + 0xFEE0) for one in "0123456789."}).encode(),
    ],
)
def test_files_of_spreadsheets_are_read(office, officers, world, page, session, data):
    exam_id = office.draft(officers[0], world.a.commission)
    sent = {"file": (io.BytesIO(data), "judges.csv"), "reason": "x", "errors_added": "0"}
    page.post(f"/exams/{exam_id}/standards/new?method=angoff", officers[0], expect=303, **sent)
    assert 60 < session.scalars(sa.select(Standard.pass_percent)).one() < 70


def test_a_file_that_is_no_table_is_refused(office, officers, world, page, session):
    exam_id = office.draft(officers[0], world.a.commission)
    for data in (b"\x89PNG\r\n\x1a\n\xff\xff\x00", b""):
        sent = {"file": (io.BytesIO(data), "judges.csv"), "reason": "x", "errors_added": "0"}
        page.post(f"/exams/{exam_id}/standards/new?method=angoff", officers[0], expect=422, **sent)
    with pytest.raises(TooLarge):
        formats.decoded(io.BytesIO(b"judge,1\n" + b"j,.5\n" * 300_000), "judges.csv")
    assert session.scalar(sa.select(sa.func.count()).select_from(Standard)) == 0


def test_the_empty_tables_hold_every_question(office, officers, world, page):
    exam_id = office.draft(officers[0], world.a.commission)
    page.get(f"/exams/{exam_id}/standards/table?method=angoff", officers[0])
    assert page.answer.text.removeprefix("\ufeff").splitlines()[0] == "judge,1,2,3,4,5,6"
    page.get(f"/exams/{exam_id}/standards/table?method=ebel", officers[0])
    assert page.answer.text.removeprefix("\ufeff").startswith("judge,relevance,difficulty,items,proportion")


def test_who_may_not(office, officers, world, page):
    exam_id = office.ready(officers, world.a.commission, world.a.doctor)
    setting(office, officers[0], exam_id, SEVENTY)
    shown, tables = pages_of(exam_id)
    for who, expect in ((world.b.exam_officer, 404), (world.a.manager, 403), (world.a.doctor, 403), (None, 302)):
        for url in [*shown, *tables]:
            if who is not world.a.doctor or not url.endswith("/1"):
                page.get(url, who, expect=expect)
        page.post(f"/exams/{exam_id}/standards/1/use", who, expect={world.a.doctor: 404, None: 401}.get(who, expect))
    page.get(f"/exams/{exam_id}/standards/1", world.a.doctor, expect=404)
    other = office.draft(officers[1], world.a.commission)
    page.get(f"/exams/{other}/standards/1", officers[0], expect=404)
    office.seat(officers[1], other, world.a.exam_officer)
    setting(office, officers[1], other, SEVENTY)
    for url in (*pages_of(other)[0], *pages_of(other)[1]):
        page.get(url, world.a.exam_officer, expect=403)
    page.post(f"/exams/{other}/standards/1/use", world.a.exam_officer, expect=403)
