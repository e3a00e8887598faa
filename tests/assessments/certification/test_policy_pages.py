"""The policy changes, as officers do it on the pages."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import orm

from assessments.certification import jobs, models
from assessments.certification.queries import drafting
from assessments.certification.rules import policies as plain
from assessments.results.models import ResultKind
from lms import clock
from lms.db import act_as, db
from lms.people.queries import actor_for
from tests.assessments.certification.office import SILENT, Office, harder
from tests.pages import Page

LANGUAGES = ("zh", "en")
#: The fields of a requirement that one leaves empty.
UNSAID = dict.fromkeys(("count", "within_days", "distinct_assessors", "zh", "en"), "")


def test_a_count_that_ends_while_its_page_is_made_is_shown(
    office: Office, page: Page, as_work_ends: Callable[[], AbstractContextManager[None]]
) -> None:
    office.way.result(office.way.world.a.doctor, ResultKind.THEORY_EXAM, 70)
    draft = f"/policies/drafts/{office.draft()}"
    page.post(f"{draft}/parts/1.0", office.first, expect=303, **UNSAID | {"revision": "1", "min": "90"})
    page.post(f"{draft}/preview", office.first, expect=303)
    with as_work_ends():
        shown = page.get(draft, office.first)
    assert shown.select_one("#preview a[href$='/moves']")


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_a_draft_on_the_pages_to_who_moved(office: Office, page: Page, language: str) -> None:
    way, first = office.way, office.first
    way.result(way.world.a.doctor, ResultKind.THEORY_EXAM, 70)
    book = page.get("/policies", first, language=language)
    (begin,) = [str(form["action"]) for form in book.select("form.act-form") if "drafts" in form["action"]]
    page.post(begin, first, expect=303)
    draft = page.answer.location
    number = int(draft.rsplit("/", 1)[1])
    page.get(draft, first, language=language)
    page.get(f"{draft}/about", first, language=language)
    given = {"zh": "新政策", "en": "New policy", "valid_from": clock.today().isoformat(), "valid_years": "3"}
    given |= {"number": "{division}{year}{serial:06}", "reason": "标准提高", "certainty": "90", "second_look": "y"}
    page.post(f"{draft}/about", first, expect=422, **given | {"revision": "1", "valid_from": "soon"})
    page.post(f"{draft}/about", first, expect=303, **given | {"revision": "1"})
    page.get(f"{draft}/parts/1.0", first, language=language)
    numbers = UNSAID | {"revision": "2"}
    page.post(f"{draft}/parts/1.0", first, expect=422, **numbers | {"min": "ninety"})
    page.post(f"{draft}/parts/1.0", first, expect=303, **numbers | {"min": "90"})
    page.get(f"{draft}/parts/1/add", first, language=language)
    page.get(f"{draft}/parts/1/add/simulation_hours", first, language=language)
    page.get(f"{draft}/parts/2", first, language=language)
    text = page.get(draft, first, language=language).get_text(" ", strip=True)
    assert ("理论考试成绩不低于 90%" if language == "zh" else "Theory exam at 90 % or more") in text
    page.post(f"{draft}/preview", first, expect=303)
    with way.app.app_context():
        act_as(db.session, jobs.POLICIES)
        preview = drafting.preview_of(db.session, db.session.get_one(models.PolicyDraft, number))
        assert preview is not None
        jobs.preview_policy(SILENT, preview_id=preview.id)
    page.get(f"{draft}/preview", first)
    assert page.answer.get_json()["state"] == "queued"  # the work itself was done by hand
    assert "王小明" in page.get(f"{draft}/moves?way=down", first, language=language).get_text()
    assert "王小明" not in page.get(f"{draft}/moves?way=up", first, language=language).get_text()
    page.post(f"{draft}/propose", first, expect=303, revision="3")
    proposal = page.answer.location
    assert "/policies/proposals/" in proposal
    for officer in (first, office.second):
        assert page.get("/", officer, language=language).select(f"a[href='{proposal}']")
        seen = page.get(proposal, officer, language=language).select("input[name=document]")[0]["value"]
        page.post(f"{proposal}/approve", officer, expect=422, **{"a-code": "000000", "document": seen})
        page.post(f"{proposal}/approve", officer, expect=303, **{"a-code": way.code(officer), "document": seen})
    adopted = office.newest()
    assert adopted.version == 2
    with way.app.app_context():
        act_as(db.session, jobs.ACTOR)
        jobs.decide_everybody(SILENT)
    for who in (way.world.a.doctor, way.world.a.certificate_officer, way.world.people["auditor"]):
        page.get(f"/policies/{adopted.id}", who, language=language)
        page.get("/policies", who, language=language)
    assert "王小明" in page.get(f"/policies/{adopted.id}/moved", way.world.a.manager, language=language).get_text()
    assert "王小明" not in page.get(f"/policies/{adopted.id}/moved", way.world.b.manager, language=language).get_text()
    page.get(f"/policies/{adopted.id}/policy.yaml", way.world.a.doctor)


def test_choices_points_and_stars_on_the_pages(office: Office, page: Page) -> None:
    draft, first = office.draft(), office.first
    at = f"/policies/drafts/{draft}"
    page.post(f"{at}/parts/2/gather", first, expect=303, revision="1")
    assert page.answer.location.endswith("/parts/2.3/add")
    page.get(at, first)
    hours = {"revision": "2", "min": "12.5", "zh": "", "en": ""}
    page.post(f"{at}/parts/2.3/add/simulation_hours", first, expect=303, **hours)
    page.post(f"{at}/parts/2.3/add/theory_exam", first, expect=303, **hours | {"revision": "3", "min": "60"})
    page.post(f"{at}/parts/2.3", first, expect=422, revision="4", word="weighted", number="")
    page.post(f"{at}/parts/2.3", first, expect=303, revision="4", word="weighted", number="15")
    page.get(f"{at}/parts/2.3.0", first)
    page.post(f"{at}/parts/2.3.0", first, expect=303, **hours | {"revision": "5", "weight": "20"})
    page.get(at, first)
    page.post(f"{at}/stars", first, expect=303, way="more", revision="6")
    page.get(f"{at}/policy.yaml", first)
    with office.way.app.app_context():
        act_as(db.session, actor_for(first))
        content = db.session.get_one(models.PolicyDraft, draft).content
    assert plain.node_at(content, (2, 3))["weighted"] == 15
    assert plain.weight_at(content, (2, 3, 0)) == 20
    assert plain.node_at(content, (2, 3, 0))["min"] == 12.5
    assert content["stars"][2]["requires"] == {"all": [{"star": 2}]}
    page.post(f"{at}/stars", first, expect=303, way="less", revision="7")
    page.post(f"{at}/parts/2.3/remove", first, expect=303, revision="8")
    page.get(f"{at}/parts/2.3", first, expect=404)
    page.get(f"{at}/parts/2.0", first, expect=404)  # the star below is not edited, and always asked for
    page.post(f"{at}/parts/2.0/remove", first, expect=404, revision="9")
    page.post(f"{at}/discard", first, expect=303)
    page.get(at, first)
    page.post(f"{at}/parts/2.2/remove", first, expect=409, revision="9")
    page.post(f"{at}/take-up", first, expect=303)


def test_drafts_and_proposals_are_out_of_a_county_s_reach(office: Office, page: Page) -> None:
    draft = office.ready(harder)
    proposal = office.propose(draft)
    for county in (office.way.world.a, office.way.world.b):
        for who in ("certificate_officer", "doctor"):
            page.get(f"/policies/drafts/{draft}", county.people[who], expect=404)
            page.get(f"/policies/proposals/{proposal.id}", county.people[who], expect=404)
    exam_officer = office.way.world.people["exam_officer"]
    page.get(f"/policies/drafts/{draft}", exam_officer, expect=403)
    page.get(f"/policies/proposals/{proposal.id}/moves", office.way.world.people["auditor"])
    page.post(f"/policies/proposals/{proposal.id}/turn-down", office.way.world.people["auditor"], expect=403)
    page.get("/policies", None, expect=302)


def test_a_long_list_of_moves_asks_the_database_no_more_than_a_short_one(
    office: Office, page: Page, queries: list[str], session: orm.Session
) -> None:
    way = office.way
    way.result(way.world.a.doctor, ResultKind.THEORY_EXAM, 70)
    draft = office.draft()
    office.edit(draft, harder)
    counted = office.count(draft)
    sizes = []
    for people in ((), (way.world.a, way.world.b)):
        for county in people:
            for name in ("second_doctor", "village_doctor", "examiner", "manager"):
                values = {"person_id": county.people[name], "institution_id": county.township}
                session.add(models.PolicyMove(preview_id=counted.id, before=0, after=1, **values))
        session.commit()
        queries.clear()
        soup = page.get(f"/policies/drafts/{draft}/moves", office.first)
        sizes.append((len(soup.select("tbody tr")), len(queries)))
    assert [rows for rows, _ in sizes] == [1, 9]
    assert sizes[0][1] == sizes[1][1]
