"""Officers who change the star policy, and what they change."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from assessments.certification import jobs, models
from assessments.certification.queries import policies
from assessments.certification.rules import policies as plain
from assessments.certification.services import policies as adopting
from lms import clock
from lms.authz import Actor
from lms.db import act_as, db
from lms.institutions.models import Institution
from lms.people.queries import actor_for

if TYPE_CHECKING:
    from tests.assessments.certification.conftest import Way

SILENT: Any = lambda done, total: None  # noqa: E731 - a job that tells nobody how far it is


@dataclass
class Office:
    """Officers of the city at work on the policy, each act in a session of its own."""

    way: "Way"

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
