"""Curricula and people: who follows which version, applying the rules, and putting a version to use."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.curricula.models import Curriculum, CurriculumPublication, CurriculumVersion
from courses.curricula.policy import Curricula
from courses.curricula.queries import tiers
from courses.curricula.queries.tiers import version_by_number
from courses.curricula.rules.tiers import Moving
from courses.enrolment.forms import PublishForm
from courses.enrolment.models.assign import AssignmentException, VersionPreview
from courses.enrolment.queries import assign as queries
from courses.enrolment.queries import listing
from courses.enrolment.rules.moving import Counted, Outcome, outcomes
from courses.enrolment.services import assigning as services
from courses.enrolment.services import previewing
from courses.enrolment.views import pages
from lms import clock
from lms.db import db
from lms.i18n import _
from lms.jobs import Job, asked_for
from lms.web.forms import attempted
from lms.web.pages import actor
from lms.web.progress import as_left_by, stand


@dataclass(frozen=True)
class Given:
    """One curriculum, by version how many follow it, and how many of its category have none."""

    curriculum: Curriculum
    followers: dict[int, int]
    without: int


@pages.page("/editor/curricula/people", needs=Curricula.ASSIGN)
def giving() -> ResponseReturnValue:
    """How many follow which version, and the button that applies the rules now."""
    job = listing.latest_job(services.GIVE)
    given = [Given(one, queries.followers(one.id), queries.without(one.category)) for one in tiers.all_curricula()]
    return render_template("enrolment/giving.html", given=given, holding=tiers.holding_ids(), job=job)


@pages.page("/editor/curricula/people/give", needs=Curricula.ASSIGN, methods=("POST",))
def give() -> ResponseReturnValue:
    """Apply the rules to everybody now."""
    services.request_giving(actor(), None)
    return redirect(url_for("enrolment.giving"), 303)


@pages.page("/editor/curricula/people/state", needs=Curricula.ASSIGN)
def giving_state() -> ResponseReturnValue:
    """How far applying the rules is."""
    return stand(listing.latest_job(services.GIVE), url_for("enrolment.giving"))


@pages.page(
    "/editor/curricula/<code>/<int:number>/preview", needs=Curricula.EDIT, on=version_by_number, methods=("POST",)
)
def preview_version(version: CurriculumVersion) -> ResponseReturnValue:
    """Have counted who would go over; the page shows how far it is."""
    previewing.request_preview(actor(), version)
    return redirect(_to_publish(version), 303)


@pages.page("/editor/curricula/<code>/<int:number>/preview/state", needs=Curricula.EDIT, on=version_by_number)
def preview_state(version: CurriculumVersion) -> ResponseReturnValue:
    """How far counting is."""
    return stand(_counting(listing.preview_of(version.id)), _to_publish(version))


def _to_publish(version: CurriculumVersion) -> str:
    return url_for("enrolment.publish_curriculum", code=version.curriculum.code, number=version.number)


def _counting(preview: VersionPreview | None) -> Job | None:
    return as_left_by(asked_for(listing.preview_key(preview.id)), preview) if preview else None


@pages.page(
    "/editor/curricula/<code>/<int:number>/publish",
    needs=Curricula.EDIT,
    on=version_by_number,
    methods=("GET", "POST"),
)
def publish_curriculum(version: CurriculumVersion) -> ResponseReturnValue:
    """Before a version holds: who would go over, who would stay, and whom it cannot serve."""
    form = PublishForm()
    if form.validate_on_submit() and attempted(
        form, lambda: services.put_to_use(actor(), version, moving=Moving(form.moving.data))
    ):
        made = tiers.publications(version.curriculum_id)[0]
        flash(_("Version %(number)s is in use now.", number=version.number), "done")
        return redirect(url_for("enrolment.exceptions", id=made.id), 303)
    preview = listing.preview_of(version.id)
    job = _counting(preview)
    counted = preview if preview and preview.done_at else None
    return render_template(
        "enrolment/publish.html",
        version=version,
        form=form,
        counted=counted,
        outcomes=_outcomes(counted) if counted else {},
        rows=listing.preview_exceptions(actor(), counted.id, _page()) if counted else None,
        job=job,
        today=clock.today(),
        said=listing.said(version),
        retired=tiers.retired_in([version.content]),
    ), 422 if form.errors else 200


def _outcomes(preview: VersionPreview) -> Mapping[str, Outcome]:
    counted = Counted(preview.people, preview.begun, preview.excepted, preview.begun_excepted)
    return {moving.value: outcome for moving, outcome in outcomes(counted).items()}


def _publication(id: int) -> CurriculumPublication | None:
    return db.session.get(CurriculumPublication, id) if id < 1 << 63 else None


@pages.page("/editor/curricula/publications/<int:id>", needs=Curricula.EDIT, on=_publication)
def exceptions(publication: CurriculumPublication) -> ResponseReturnValue:
    """What a publication came to: who went over, and whom it could not serve."""
    job = asked_for(services.move_key(publication.id))
    rows = listing.exceptions(actor(), publication.id, _page())
    return render_template(
        "enrolment/exceptions.html",
        publication=publication,
        rows=rows,
        total=listing.count_exceptions(publication.id),
        moved=listing.count_moved(publication),
        said=listing.said(publication.version),
        retired=tiers.retired_in([publication.version.content]),
        job=job,
    )


def _page() -> int:
    sent = request.args.get("page", "1")
    return int(sent) if sent.isdecimal() and len(sent) < 7 else 1


@pages.page("/editor/curricula/publications/<int:id>/state", needs=Curricula.EDIT, on=_publication)
def moving_state(publication: CurriculumPublication) -> ResponseReturnValue:
    """How far going over is."""
    job: Job | None = asked_for(services.move_key(publication.id))
    return stand(job, url_for("enrolment.exceptions", id=publication.id))


def _exception(id: int) -> AssignmentException | None:
    return listing.exception(actor(), id)


@pages.page("/editor/curricula/exceptions/<int:id>/settle", needs=Curricula.EDIT, on=_exception, methods=("POST",))
def settle_exception(exception: AssignmentException) -> ResponseReturnValue:
    """Over to the new version all the same, or stay."""
    services.settle_exception(actor(), exception, moved=request.form.get("moved") == "yes")
    return redirect(url_for("enrolment.exceptions", id=exception.publication_id), 303)
