"""A course that comes from another installation becomes a draft here; what goes out is what a version says."""

from typing import IO

import sqlalchemy as sa

from courses.authoring import formats
from courses.authoring.models import CourseDraft
from courses.authoring.policy import Authoring
from courses.authoring.rules.words import where
from courses.authoring.services.files import bring, row_of
from courses.authoring.services.holding import add, fill, flaws, package_of
from courses.curricula.formats import package as packages
from courses.curricula.formats.parts import Zip, part_of
from courses.curricula.models import Course, CourseVersion
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, TooLarge
from lms.i18n import _
from lms.service import service, tell


@service(needs=Authoring.WRITE)
def take_in(actor: Actor, on: None, *, file: IO[bytes]) -> CourseDraft:
    """A draft that says what the package says, byte for byte; refused whole, or taken whole.

    A technique or course that is not known here is kept and named as a flaw, to be mended before the review.
    """
    package = packages.unpack(file)
    if broken := formats.broken(package):
        raise Invalid(f"{where(broken[0].at)}: {broken[0].words}", field="file", problems=broken)
    whole = formats.canonical(package)
    if unused := sorted(set(package.files) - set(whole.files)):
        raise Invalid(_("%(file)s does not belong into a course.", file=unused[0]), field="file")
    base = _newest(str(whole.course["code"]))
    if base is not None and formats.digest_of(formats.of_version(base, part_of)) == formats.digest_of(whole):
        raise Conflict(_("Nothing is different from version %(version)s.", version=base.number), field="file")
    files = [row_of(name, part) for name, part in whole.files.items()]
    draft = add(CourseDraft(code=whole.course["code"], base_id=base and base.id, about=dict(whole.course)))
    draft.works = [{**one, "year": str(one["year"])} for one in whole.sources]
    fill(draft, whole.lessons.values())
    draft.files = files
    db.session.flush()
    for one in files:
        if one.stored is not None:
            bring(whole.files[one.name])
    tell(course=draft.code, sha256=formats.digest_of(whole).hex())
    return draft


def _newest(code: str) -> CourseVersion | None:
    query = sa.select(CourseVersion).join(Course, Course.id == CourseVersion.course_id).where(Course.code == code)
    return db.session.scalar(query.order_by(CourseVersion.number.desc()).limit(1))


@service(needs=Authoring.WRITE)
def give_out(actor: Actor, version: CourseVersion) -> Zip:
    """A version as the zip it goes out as."""
    made = packages.pack(formats.of_version(version, part_of))
    _fits(made)
    tell(course=version.course.code, version=version.number)
    return made


@service(needs=Authoring.WRITE)
def give_out_draft(actor: Actor, draft: CourseDraft) -> Zip:
    """A draft without flaws as the zip its version will go out as."""
    if wrong := flaws(draft):
        raise Invalid(f"{where(wrong[0].at)}: {wrong[0].words}", problems=wrong)
    made = packages.pack(formats.canonical(package_of(draft)))
    _fits(made)
    tell(course=draft.code)
    return made


def _fits(made: Zip) -> None:
    if made.size > packages.most():
        raise TooLarge(_("With its films the course is larger than %(size)s MB.", size=packages.most() >> 20))
