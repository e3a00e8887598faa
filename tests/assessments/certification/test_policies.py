"""The policy changes: a draft is edited, checked, tried on everybody, approved by two, and decides everybody again."""

from collections.abc import Callable
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
from lms.jobs import asked_for
from lms.people.queries import actor_for
from tests.assessments.certification.conftest import FIRST_WAY
from tests.assessments.certification.office import SILENT, Office, easier, harder, later


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
        assert asked_for(drafting.key_of(adopted)) is not None
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
