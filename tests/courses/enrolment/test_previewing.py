"""Counting in the background what putting a version to use would come to."""

from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from courses.curricula.models import CurriculumVersion
from courses.curricula.rules.tiers import Moving
from courses.enrolment.jobs import assign as work
from courses.enrolment.models import AssignmentChange, CurriculumAssignment, PreviewException, VersionPreview
from courses.enrolment.queries.assign import Fate
from courses.enrolment.rules.moving import Counted, outcomes
from courses.enrolment.services import previewing
from lms.db import db
from lms.errors import NotAllowed
from lms.jobs import Job
from tests.factories import curricula, packs

ADDRESS = "/editor/curricula/gp/2/publish"
STRICTER = curricula.GP.replace(
    "      - {code: year,", "      - {code: cpr-3, kind: technique, technique: cpr, amount: 3}\n      - {code: year,"
)


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_the_parts_say_what_counting_one_by_one_says(drawn):
    fates = [Fate(n, n, begun, ("x",) if excepted else (), ()) for n, (begun, excepted) in enumerate(drawn)]
    counted = Counted()
    for one in fates:
        counted += Counted(1, one.begun, one.excepted, one.begun and one.excepted)
    for moving, found in outcomes(counted).items():
        moves = sum(one.moves(moving) for one in fates)
        excepted = sum(one.asked(moving) and one.excepted for one in fates)
        assert (found.moves, found.excepted, found.stays) == (moves, excepted, len(fates) - moves - excepted)
    assert list(outcomes(counted)) == list(Moving)


@pytest.fixture
def waiting(app, session, world, tmp_path):
    """Everybody follows the first version, one of each county far behind; the second waits."""
    packs.bring(app, curricula.pack(tmp_path))
    with app.app_context():
        work.give(lambda done, total: None)
    session.execute(
        sa.update(CurriculumAssignment)
        .where(CurriculumAssignment.person_id.in_([world.a.doctor, world.b.doctor]))
        .values(begins_on=date(2024, 1, 1), due_on=[date(2024, 7, 1), *[date(2030, 1, 1)] * 4])
    )
    session.commit()
    packs.bring(app, curricula.pack(tmp_path, STRICTER))


@pytest.fixture
def count(app, session):
    """Do the job as the worker does; the steps it told."""

    def run():
        job = session.scalars(sa.select(Job).where(Job.name == previewing.PREVIEW).order_by(Job.requested_at)).all()[-1]
        steps = []
        number = job.arguments["preview_id"]
        with app.app_context():
            work.preview(lambda done, total: steps.append((done, total)), preview_id=number)
        session.execute(sa.update(Job).where(Job.id == job.id).values(state="done"))
        session.commit()
        return steps

    return run


def test_it_is_counted_in_the_background_and_shown_with_the_names_of_ones_own_area(
    page, world, session, waiting, count
):
    page.post("/editor/curricula/gp/2/preview", world.a.editor, expect=303)
    for language in ("zh", "en"):
        assert page.get(ADDRESS, world.a.editor, language=language).select_one("progress.job-bar")
    page.get("/editor/curricula/gp/2/preview/state", world.a.editor)
    assert page.answer.get_json()["state"] == "queued"
    # whoever asks meanwhile is shown the same count
    page.post("/editor/curricula/gp/2/preview", world.b.editor, expect=303)
    assert session.scalar(sa.select(sa.func.count()).select_from(VersionPreview)) == 1
    assert count() == [(4, 4)]
    soup = page.get(ADDRESS, world.a.editor)
    assert [soup.select_one(f"#moves-{way}").text for way in ("everybody", "not_begun", "nobody")] == ["2", "2", "0"]
    assert [soup.select_one(f"#excepted-{way}").text for way in ("everybody", "nobody")] == ["2", "0"]
    assert [row.text for row in soup.select("#excepted .row-title")] == ["王小明"]
    place = soup.select_one("#excepted .row-item .row-detail").text
    assert place.startswith("a")
    assert page.get(ADDRESS, world.b.editor).select_one("#excepted .row-item .row-detail").text.startswith("b")
    assert "where you are an editor" in page.get(ADDRESS, world.a.editor, language="en").select_one("#excepted").text
    assert len(page.get(ADDRESS, world.people["editor"]).select("#excepted .row-item")) == 2
    # nobody moved
    events = session.scalars(sa.select(AssignmentChange.event)).all()
    assert set(events) == {"given"}


def test_a_count_that_ends_while_its_page_is_made_is_shown(page, world, waiting, as_work_ends):
    page.post("/editor/curricula/gp/2/preview", world.a.editor, expect=303)
    with as_work_ends():
        assert page.get(ADDRESS, world.a.editor).select_one("#moves-everybody").text == "2"


def test_counting_again_counts_anew_and_an_older_day_is_said(app, page, world, session, waiting, count):
    page.post("/editor/curricula/gp/2/preview", world.a.editor, expect=303)
    count()
    first = session.scalars(sa.select(VersionPreview)).one()
    # the same job begun once more leaves the same rows
    number = first.id
    with app.app_context():
        work.preview(lambda done, total: None, preview_id=number)
    session.expire_all()
    assert session.scalar(sa.select(sa.func.count()).select_from(PreviewException)) == 2
    session.execute(sa.update(VersionPreview).values(on_day=date(2026, 1, 1)))
    session.execute(sa.update(CurriculumAssignment).values(begins_on=date(2024, 1, 1), due_on=[date(2030, 1, 1)] * 5))
    session.commit()
    for language, words in (("zh", "重新测算"), ("en", "Count again before")):
        assert words in page.get(ADDRESS, world.a.editor, language=language).select_one(".notice-attention").text
    page.post("/editor/curricula/gp/2/preview", world.a.editor, expect=303)
    count()
    assert session.scalars(sa.select(VersionPreview.id)).one() != number
    assert session.scalar(sa.select(sa.func.count()).select_from(PreviewException)) == 0
    assert page.get(ADDRESS, world.a.editor).select_one("#moves-everybody").text == "4"


def test_a_count_that_failed_says_so_and_can_be_begun_again(page, world, session, waiting):
    page.post("/editor/curricula/gp/2/preview", world.a.editor, expect=303)
    session.execute(sa.update(Job).where(Job.name == previewing.PREVIEW).values(state="failed"))
    session.commit()
    for language in ("zh", "en"):
        soup = page.get(ADDRESS, world.a.editor, language=language)
        assert soup.select_one(".notice-danger")
        assert soup.select_one('form[action$="/2/preview"]')
    page.post("/editor/curricula/gp/2/preview", world.a.editor, expect=303)
    assert session.scalar(sa.select(sa.func.count()).where(Job.name == previewing.PREVIEW, Job.state == "queued")) == 1


def test_only_editors_have_it_counted(page, world, session, waiting, as_):
    for who in (world.a.doctor, world.a.manager, world.b.exam_officer):
        page.post("/editor/curricula/gp/2/preview", who, expect=403)
        page.get("/editor/curricula/gp/2/preview/state", who, expect=403)
        with as_(who) as actor, pytest.raises(NotAllowed):
            previewing.request_preview(actor, db.session.scalars(sa.select(CurriculumVersion)).first())
