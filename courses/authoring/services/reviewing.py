"""From a draft to a version: sent, approved by a second editor over its hash, published. And courses out of use."""

import tempfile
from pathlib import Path

from courses.authoring import formats
from courses.authoring.models import CourseDraft, CourseReview
from courses.authoring.policy import Authoring
from courses.authoring.rules.standing import State, Verdict
from courses.authoring.rules.words import where
from courses.authoring.services.holding import become, flaws, may_become, package_of
from courses.curricula import services as versions
from courses.curricula.content.courses import keep
from courses.curricula.formats.parts import part_of
from courses.curricula.models import CourseVersion
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.media import media
from lms.service import service, tell


@service(needs=Authoring.WRITE)
def send(actor: Actor, draft: CourseDraft) -> None:
    """Ask a second editor; from here on nobody changes it, until it is sent back or taken back."""
    may_become(draft, State.REVIEW)
    if wrong := flaws(draft):
        first = f"{where(wrong[0].at)}: {wrong[0].words}"
        raise Invalid(_("It cannot be sent yet. %(first)s", first=first), problems=wrong)
    digest = formats.digest_of(formats.canonical(package_of(draft)))
    if draft.base is not None and _digest(draft.base) == digest:
        raise Conflict(_("Nothing is different from version %(version)s.", version=draft.base.number))
    become(draft, State.REVIEW, digest=digest)
    tell(course=draft.code, digest=digest.hex())


def _digest(version: CourseVersion) -> bytes:
    return formats.digest_of(formats.of_version(version, part_of))


@service(needs=Authoring.WRITE)
def take_back(actor: Actor, draft: CourseDraft) -> None:
    """Write on; a review that was given does not count any more."""
    may_become(draft, State.WRITING)
    become(draft, State.WRITING, digest=None, reviewed_by_id=None)
    tell(course=draft.code)


@service(needs=Authoring.REVIEW)
def approve(actor: Actor, draft: CourseDraft, *, digest: str, note: str = "") -> None:
    """Say that a course teaches what is right; nobody who wrote in it can say so."""
    _look(actor, draft, digest)
    become(draft, State.APPROVED, reviewed_by_id=actor.person_id)
    _say(actor, draft, Verdict.APPROVED, note)


@service(needs=Authoring.REVIEW)
def give_back(actor: Actor, draft: CourseDraft, *, digest: str, note: str) -> None:
    """Send a draft back to those who write it, with the reason."""
    if not note.strip():
        raise Invalid(_("Say what is to be changed."), field="note")
    _look(actor, draft, digest)
    _say(actor, draft, Verdict.RETURNED, note)
    become(draft, State.WRITING, digest=None, reviewed_by_id=None)


def _look(actor: Actor, draft: CourseDraft, digest: str) -> None:
    """Refuse a word on what was not read, or on what one wrote oneself."""
    db.session.refresh(draft, with_for_update=True)
    if draft.state != State.REVIEW or draft.digest is None or draft.digest.hex() != digest:
        raise Conflict(_("This draft has moved on meanwhile. Look at how it stands now."))
    if actor.person_id in draft.writer_ids:
        raise Conflict(_("You wrote in this draft. Somebody else must review it."))


def _say(actor: Actor, draft: CourseDraft, verdict: Verdict, note: str) -> None:
    assert draft.digest is not None
    row = CourseReview(
        draft_id=draft.id, verdict=verdict, digest=draft.digest, note=note.strip(), by_id=actor.person_id
    )
    db.session.add(row)
    tell(course=draft.code, verdict=verdict.value, digest=draft.digest.hex())


@service(needs=Authoring.PUBLISH)
def publish(actor: Actor, draft: CourseDraft) -> CourseVersion:
    """Make the approved draft the version people begin with; whoever has begun with another stays there."""
    may_become(draft, State.PUBLISHED)
    whole = formats.canonical(package_of(draft))
    if formats.digest_of(whole) != draft.digest:
        raise Conflict(_("The draft is not what was approved. Take it back and send it again."))
    with tempfile.TemporaryDirectory(dir=media().folder) as folder:  # where there is room for films
        version, _fresh = keep(*formats.as_pack(whole, Path(folder)))
    if version.course.retired:
        raise Conflict(_("This course is out of use. Bring it back first."))
    versions.publish(actor, version)
    become(draft, State.PUBLISHED, version_id=version.id)
    tell(course=draft.code, version=version.number)
    return version
