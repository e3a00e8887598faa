"""The policy changes: a draft is edited, checked, tried on everybody, approved by two, and decides everybody again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification import content as packs
from assessments.certification import jobs, models
from assessments.certification.policy import Policies
from assessments.certification.queries import drafting, policies
from assessments.certification.rules import policies as plain
from assessments.certification.rules.policy import content_hash
from assessments.certification.services import policies as adopting
from assessments.results.models import ResultKind
from lms import clock
from lms.authz import Actor
from lms.content.formats import File
from lms.content.lines import Lines
from lms.db import act_as, db
from lms.errors import Conflict, Invalid, NotAllowed, Refused
from lms.institutions.models import Institution
from lms.people.queries import actor_for
from tests.assessments.certification.conftest import FIRST_WAY, Way
from tests.pages import Page

LANGUAGES = ("zh", "en")
#: The fields of a requirement that one leaves empty.
UNSAID = dict.fromkeys(("count", "within_days", "distinct_assessors", "zh", "en"), "")
SILENT: Any = lambda done, total: None  # noqa: E731 - a job that tells nobody how far it is


@dataclass
class Office:
    """Officers of the city at work on the policy, each act in a session of its own."""

    way: Way

    @property
    def first(self) -> int:
        """One officer of the city."""
        return self.way.world.people["certificate_officer"]

    @property
    def second(self) -> int:
        """Another."""
        return self.way.world.people["second_certificate_officer"]

    def do(self, who: int | Actor, act: Callable[[Actor], Any]) -> Any:
        """One act as somebody."""
        with self.way.app.app_context():
            actor = actor_for(who) if isinstance(who, int) else who
            act_as(db.session, actor)
            return act(actor)

    def draft(self) -> int:
        """A draft of the next version."""

        def begin(actor: Actor) -> int:
            city = db.session.get_one(Institution, self.way.world.city)
            source = policies.in_force(db.session, clock.today())
            assert source is not None
            return adopting.draft_policy(actor, city, source=source).id

        return int(self.do(self.first, begin))

    def edit(self, draft: int, change: Callable[[Any], Any], reason: str = "实践考试标准提高") -> None:
        """One edit of the content."""

        def edit(actor: Actor) -> None:
            row = db.session.get_one(models.PolicyDraft, draft)
            content = change(row.content)
            adopting.edit_policy(actor, row, revision=row.revision, content=content, what="test", reason=reason)

        self.do(self.first, edit)

    def count(self, draft: int) -> models.PolicyPreview:
        """Ask for the count, and do what the job does."""

        def ask(actor: Actor) -> int:
            return adopting.preview_policy(actor, db.session.get_one(models.PolicyDraft, draft)).id

        preview = int(self.do(self.first, ask))
        with self.way.app.app_context():
            act_as(db.session, jobs.POLICIES)
            jobs.preview_policy(SILENT, preview_id=preview)
            return db.session.get_one(models.PolicyPreview, preview)

    def propose(self, draft: int) -> models.PolicyProposal:
        """Lay it before the officers."""

        def propose(actor: Actor) -> models.PolicyProposal:
            row = db.session.get_one(models.PolicyDraft, draft)
            made = adopting.propose_policy(actor, row, revision=row.revision)
            db.session.refresh(made)
            return made

        found: models.PolicyProposal = self.do(self.first, propose)
        return found

    def approve(self, officer: int, proposal: models.PolicyProposal, seen: str | None = None) -> None:
        """One officer's approval with a fresh code."""
        code = self.way.code(officer)

        def approve(actor: Actor) -> None:
            row = db.session.get_one(models.PolicyProposal, proposal.id)
            adopting.approve_policy(actor, row, seen=seen or proposal.content_hash.hex(), code=code)

        self.do(officer, approve)

    def ready(self, change: Callable[[Any], Any]) -> int:
        """A draft that can be proposed."""
        draft = self.draft()
        self.edit(draft, change)
        self.count(draft)
        return draft

    def adopted(self, change: Callable[[Any], Any]) -> models.PolicyVersion:
        """All the way into the book."""
        proposal = self.propose(self.ready(change))
        for officer in (self.first, self.second):
            self.approve(officer, proposal)
        return self.newest()

    def newest(self) -> models.PolicyVersion:
        """The newest version in the book."""
        with self.way.app.app_context():
            act_as(db.session, jobs.ACTOR)
            found = policies.newest(db.session)
            assert found is not None
            return found


@pytest.fixture
def office(way: Way) -> Office:
    """Officers of the city, with the introductory policy in force."""
    return Office(way)


def harder(content: Any) -> Any:
    """Star one wants 90 % instead of 60."""
    leaf = plain.node_at(content, (1, 0))
    title = {"zh": "理论考试成绩不低于 90%", "en": "Theory exam at 90 % or more"}
    return plain.replaced(content, (1, 0), leaf | {"min": 90, "title": title})


def easier(content: Any) -> Any:
    """Star two without the evaluation of practice."""
    return plain.removed(content, (2, 2))


def later(content: Any) -> Any:
    """From tomorrow on."""
    return harder(content) | {"valid_from": (clock.today() + timedelta(days=1)).isoformat()}


def test_the_count_says_who_would_move_and_changes_nothing(office: Office) -> None:
    way, a, b = office.way, office.way.world.a, office.way.world.b
    way.result(a.doctor, ResultKind.THEORY_EXAM, 70)
    way.result(b.doctor, ResultKind.THEORY_EXAM, 95)
    way.result(b.second_doctor, ResultKind.THEORY_EXAM, 50)
    draft = office.draft()
    office.edit(draft, harder)
    counted = office.count(draft)
    assert (counted.persons, counted.up, counted.down, counted.ways) == (3, 0, 1, [[1, 0, 1]])
    with way.app.app_context():
        act_as(db.session, actor_for(office.first))
        rows = drafting.moves(db.session, db.session.get_one(models.PolicyPreview, counted.id)).rows
    assert [(row.before, row.after, row.person_id) for row in rows] == [(1, 0, a.doctor)]
    decided = way.decide(a.doctor)
    assert decided is not None
    assert decided.star == 1
    assert office.newest().version == 1


def test_counting_again_counts_the_same(office: Office) -> None:
    office.way.result(office.way.world.a.doctor, ResultKind.THEORY_EXAM, 70)
    draft = office.draft()
    office.edit(draft, harder)
    first = office.count(draft)
    with office.way.app.app_context():
        act_as(db.session, jobs.POLICIES)
        jobs.preview_policy(SILENT, preview_id=first.id)
        query = sa.select(sa.func.count()).select_from(models.PolicyMove)
        assert db.session.scalar(query) == 1


def test_two_officers_put_a_version_into_the_book_and_everybody_is_decided_again(office: Office) -> None:
    way, a, b = office.way, office.way.world.a, office.way.world.b
    for doctor, mark in ((a.doctor, 70), (b.doctor, 95)):
        way.result(doctor, ResultKind.THEORY_EXAM, mark)
    proposal = office.propose(office.ready(harder))
    office.approve(office.first, proposal)
    assert office.newest().version == 1
    with pytest.raises(NotAllowed):
        office.approve(office.first, proposal)
    office.approve(office.second, proposal)
    adopted = office.newest()
    assert (adopted.version, adopted.content_hash) == (2, content_hash(adopted.content))
    assert adopted.content_hash == proposal.content_hash
    with way.app.app_context():
        act_as(db.session, jobs.ACTOR)
        assert drafting.job_of(db.session, drafting.key_of(adopted)) is not None
        jobs.decide_everybody(SILENT)
    with way.app.app_context():
        act_as(db.session, actor_for(office.first))
        version = db.session.get_one(models.PolicyVersion, adopted.id)
        counts = drafting.moved_counts(db.session, version)
        moved = drafting.moved(db.session, version).rows
    assert (counts.persons, counts.up, counts.down) == (2, 0, 1)
    assert [(row.before, row.after, row.person_id) for row in moved] == [(1, 0, a.doctor)]


def test_a_county_sees_only_its_own_moves(office: Office) -> None:
    way, a, b = office.way, office.way.world.a, office.way.world.b
    for doctor in (a.doctor, b.doctor):
        way.result(doctor, ResultKind.THEORY_EXAM, 70)
    adopted = office.adopted(harder)
    with way.app.app_context():
        act_as(db.session, jobs.ACTOR)
        jobs.decide_everybody(SILENT)
    for county in (a, b):
        with way.app.app_context():
            act_as(db.session, actor_for(county.certificate_officer))
            version = db.session.get_one(models.PolicyVersion, adopted.id)
            rows = drafting.moved(db.session, version).rows
            assert [row.person_id for row in rows] == [county.doctor]
            assert drafting.moved_counts(db.session, version).persons == 1


def test_a_version_of_tomorrow_waits_for_its_day_and_begins_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = office.way
    way.result(way.world.a.doctor, ResultKind.THEORY_EXAM, 70)
    adopted = office.adopted(later)

    def begin() -> dict[str, Any]:
        with way.app.app_context():
            act_as(db.session, jobs.POLICIES)
            return jobs.policy_in_force(None)

    assert begin() == {"begun": False}
    decided = way.decide(way.world.a.doctor)
    assert decided is not None
    assert decided.star == 1
    monkeypatch.setattr(clock, "today", lambda: adopted.valid_from)
    assert begin() == {"begun": True}
    assert begin() == {"begun": False}
    decided = way.decide(way.world.a.doctor)
    assert decided is not None
    assert decided.star == 0


def refused(act: Callable[[], object], kind: type[Refused]) -> None:
    with pytest.raises(kind):
        act()


def test_what_is_not_ready_is_not_proposed(office: Office) -> None:
    draft = office.draft()
    office.edit(draft, harder, reason="")
    refused(lambda: office.propose(draft), Invalid)
    office.edit(draft, harder)
    refused(lambda: office.propose(draft), Conflict)  # nobody counted
    office.count(draft)
    office.edit(draft, easier)
    refused(lambda: office.propose(draft), Conflict)  # counted before the last change
    office.edit(draft, lambda content: plain.removed(content, (2, 0)))
    refused(lambda: office.count(draft), Conflict)  # star two without star one
    past = (clock.today() - timedelta(days=1)).isoformat()
    office.edit(draft, lambda content: harder(office.newest().content) | {"valid_from": past, "version": 2})
    office.count(draft)
    refused(lambda: office.propose(draft), Conflict)  # a day that has passed


def test_one_proposal_at_a_time_and_none_on_an_old_version(office: Office) -> None:
    one, other = office.ready(harder), office.ready(easier)
    proposal = office.propose(one)
    refused(lambda: office.propose(other), Conflict)
    office.approve(office.first, proposal)
    office.approve(office.second, proposal)
    refused(lambda: office.propose(other), Conflict)
    assert office.newest().version == 2


def test_an_edit_of_somebody_who_saw_an_older_draft_is_refused(office: Office) -> None:
    draft = office.draft()
    office.edit(draft, harder)

    def stale(actor: Actor) -> None:
        row = db.session.get_one(models.PolicyDraft, draft)
        adopting.edit_policy(actor, row, revision=1, content=row.content, what="test")

    refused(lambda: office.do(office.second, stale), Conflict)


def test_what_was_seen_is_what_is_approved(office: Office) -> None:
    proposal = office.propose(office.ready(harder))
    refused(lambda: office.approve(office.first, proposal, seen="00" * 32), Conflict)


def test_a_proposal_turned_down_opens_its_draft_again(office: Office) -> None:
    draft = office.ready(harder)
    proposal = office.propose(draft)
    refused(lambda: office.edit(draft, easier), Conflict)

    def no(actor: Actor) -> None:
        adopting.turn_down_policy(actor, db.session.get_one(models.PolicyProposal, proposal.id), reason="太严")

    office.do(office.second, no)
    refused(lambda: office.approve(office.first, proposal), Conflict)
    office.edit(draft, easier)
    office.count(draft)
    again = office.propose(draft)
    assert again.version == 2


@pytest.mark.parametrize("who", ["certificate_officer", "auditor", "manager", "doctor"])
def test_a_county_neither_drafts_nor_approves_what_is_everybody_s(office: Office, who: str) -> None:
    way = office.way
    proposal = office.propose(office.ready(harder))
    for county in (way.world.a, way.world.b):
        person = county.people[who]
        with way.app.app_context():
            actor = actor_for(person)
            act_as(db.session, actor)
            city = db.session.get_one(Institution, way.world.city)
            source = policies.in_force(db.session, clock.today())
            assert source is not None
            with pytest.raises(NotAllowed):
                adopting.draft_policy(actor, city, source=source)
            assert db.session.get(models.PolicyProposal, proposal.id) is None
            assert not actor.may(Policies.DECIDE, city)


def test_whoever_oversees_one_of_two_trees_does_not_decide_for_both(office: Office, session: orm.Session) -> None:
    other = Institution(code="530400", name="邻市", kind="city_commission", division_code="530400", path="0")
    session.add(other)
    session.flush()
    other.path = str(other.id)
    session.commit()
    refused(office.draft, NotAllowed)


def test_a_pack_lays_the_first_version_and_offers_the_next_as_a_draft(office: Office) -> None:
    way = office.way
    newer = packs.PolicyFile.model_validate(office.newest().content | {"version": 2})
    file = File(FIRST_WAY, "policies/x.yaml", newer, Lines({}, None))
    for _ in range(2):
        with way.app.app_context():
            act_as(db.session, Actor.job("test"))
            with db.session.begin_nested():
                packs.load(None, [file])  # type: ignore[arg-type]
            db.session.commit()
    assert office.newest().version == 1
    with way.app.app_context():
        act_as(db.session, actor_for(office.first))
        (draft,) = drafting.open_drafts(db.session)
        assert (draft.started_by_id, draft.content["version"]) == (None, 2)


# ---- the pages ---------------------------------------------------------------------------------


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
