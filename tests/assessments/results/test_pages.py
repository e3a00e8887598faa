"""The evidence of a person as a page: whose, narrowed, taken along, each mark with its versions."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from assessments.results.models import Result, ResultKind
from assessments.results.services import Brought
from lms import clock
from lms.techniques.models import Technique
from lms.web import workbooks
from lms.web.intake import Kind

TODAY = clock.today()


@pytest.fixture
def given_marks(record_all, mark, world, session):
    """Marks of every standing, of the doctor of county a."""
    ecg = Technique(code="ecg-12-lead", title="十二导联心电图采集与初判", title_en="12-lead ECG", kind="procedure")
    ecg.core, ecg.categories, ecg.summary, ecg.standard, ecg.sources = True, ["nurse"], "s", "s", []
    session.add(ecg)
    session.commit()
    doctor = world.a.doctor
    marks = [
        mark(doctor, 1, "81.500", technique_id=ecg.id, assessor_id=world.a.examiner),
        mark(doctor, 2, "55", critical_failure=True, valid_until=TODAY - timedelta(days=1)),
        mark(doctor, 3, "64", kind=ResultKind.THEORY_EXAM, on_day=date(2026, 1, 2), standard_error=Decimal("2.1")),
        mark(doctor, 4, "70"),
    ]
    record_all(marks)
    gone = replace(marks[3].evidence, value=None, source={"gone": True}, reason="examined by a relative")
    higher = replace(marks[2].evidence, value=Decimal(66), source={"again": True}, reason="the key was wrong")
    record_all([Brought(doctor, gone), Brought(doctor, higher)])
    session.commit()
    return list(session.scalars(sa.select(Result).where(Result.person_id == doctor).order_by(Result.id)))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_my_evidence_says_what_each_is_worth(page, world, given_marks, language) -> None:
    found = page.get("/evidence", world.a.doctor, language=language)
    words = (
        ["计入", "不再计入", "已更正", "已撤回"]
        if language != "en"
        else ["counts today", "no longer counts", "corrected", "withdrawn"]
    )
    for word in [*words, "81.5 %"]:
        assert word in found.get_text(" ", strip=True)


@pytest.mark.parametrize("who", ["doctor", "exam_officer", "certificate_officer", "manager", "auditor"])
def test_who_may_read(page, world, given_marks, who) -> None:
    page.get(f"/people/{world.a.doctor}/evidence", getattr(world.a, who))
    page.get(f"/people/{world.a.doctor}/evidence", getattr(world.b, who), expect=404)


#: An administrator oversees the place and may still not read; the others do not reach the person at all.
WITHIN = {"administrator": 403}


@pytest.mark.parametrize("who", ["second_doctor", "examiner", "editor", "administrator"])
def test_who_may_not(page, world, given_marks, who) -> None:
    page.get(f"/people/{world.a.doctor}/evidence", getattr(world.a, who), expect=WITHIN.get(who, 404))


@pytest.mark.parametrize(
    ("asked", "sources"),
    [
        ("kind=theory_exam", ["3", "3"]),
        ("standing=counts", ["1", "3"]),
        ("standing=expired", ["2"]),
        ("standing=corrected", ["3", "4"]),
        ("standing=withdrawn", ["4"]),
        ("until=2026-01-02", ["3", "3"]),
        ("since=2026-01-03&standing=counts", ["1"]),
        ("q=心电图", ["1"]),
        ("q=ECG", ["1"]),
        ("q=nothing%25", []),
        ("kind=nonsense&standing=nonsense&since=nonsense", ["1", "2", "3", "3", "4", "4"]),
    ],
)
def test_it_can_be_narrowed_and_taken_along(page, world, given_marks, asked, sources) -> None:
    page.get(f"/evidence?{asked}", world.a.doctor)
    page.get(f"/evidence?{asked}&export=xlsx", world.a.doctor)
    (sheet,) = workbooks.read(page.answer.data, Kind.XLSX, most_rows=100)
    assert sorted(str(row[12]).partition(":")[2] for row in sheet.rows[1:]) == sources


def test_one_mark_shows_its_versions_and_that_its_row_is_what_was_recorded(page, world, given_marks) -> None:
    first, again = [one for one in given_marks if one.source_id == "3"]
    found = page.get(f"/evidence?mark={again.id}", world.a.doctor, language="en")
    for word in ("the key was wrong", "yes, by its hash", again.source_hash.hex(), f"mark={first.id}", "66 %"):
        assert word in str(found).replace("&amp;", "&")
    page.get(f"/evidence?mark={again.id}", world.b.doctor, expect=404)
    page.get("/evidence?mark=999999999", world.a.doctor, expect=404)


def test_the_same_statements_for_ten_marks_and_for_two_hundred(page, world, record_all, mark, queries) -> None:
    def asked() -> int:
        before = len(queries)
        page.get("/evidence", world.a.doctor)
        return len(queries) - before

    record_all([mark(world.a.doctor, n) for n in range(10)])
    asked()
    few = asked()
    record_all([mark(world.a.doctor, n) for n in range(10, 200)])
    assert asked() == few
