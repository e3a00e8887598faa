"""How often a question was asked: on papers, in exams, before candidates, whoever held them."""

import pytest

from assessments.bank import queries
from assessments.bank.queries.exposure import Exposure
from tests.factories import exams


@pytest.mark.parametrize("begun", [False, True])
def test_papers_exams_and_candidates_are_counted_across_counties(session, world, as_, begun):
    ids = [version.id for version in exams.bank(session)]
    alone = exams.question(session, "alone", bank="other").id
    office = exams.Office(as_, session)
    for place in (world.a, world.b):
        officers = (place.exam_officer, world.people["exam_officer"])
        exam = office.ready(officers, place.commission, place.doctor, place.second_doctor)
        if begun:
            office.start(place.doctor, exam)
    session.commit()
    with as_(world.a.editor):
        asked = queries.asked([*ids, alone])
    assert {asked[number] for number in ids} == {Exposure(papers=2, exams=2, candidates=2 * begun)}
    assert asked[alone] == Exposure()
    assert queries.asked([]) == {}
