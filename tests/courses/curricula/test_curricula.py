"""Curricula as data: what a pack may say, drafts and versions, and the rules by which they are given."""

import pytest
import sqlalchemy as sa

from courses.curricula.models import AssignmentRule, CurriculumDraft, CurriculumRequirement, CurriculumVersion
from courses.curricula.queries import tiers as queries
from courses.curricula.services import tiers as services
from lms.errors import NotAllowed
from tests.factories import curricula, packs


@pytest.fixture
def loaded(app, tmp_path):
    """The small pack with a curriculum."""
    return packs.bring(app, curricula.pack(tmp_path))


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("after: [htn]}", "after: [bp-5]}", "bp-3 → bp-5 → bp-4 → bp-3"),
        ("after: [htn]}", "after: [none]}", "bp-3 comes after none, which is not there"),
        ("code: bp-4,", "code: bp-3,", "bp-3 stands there twice"),
        ("course: hypertension}", "course: nothing}", "there is no course nothing"),
        ("kind: rotation,", "kind: holidays,", "there is no holidays; known are course"),
        ("kind: rotation, amount: 90", "kind: rotation", "amount: a number from 1"),
        ("amount: 90}", "amount: 90, technique: bp}", "technique: means nothing"),
        ("kind: exam, what: theory", "kind: exam, what: oral", "what: one of theory, practical, practice"),
        ("  - star: 5", "  - star: 4", "one for each star"),
        ("months: [6, 12, 24, 36, 48]", "months: [6, 12, 24, 36, 5]", "a later tier cannot be due earlier"),
    ],
)
def test_faults_of_a_file_are_named(tmp_path, was, becomes, said):
    assert was in curricula.GP
    found = packs.check(curricula.pack(tmp_path, curricula.GP.replace(was, becomes)))
    assert len(found) >= 1
    assert said in "\n".join(found)
    assert all(line.startswith("curricula/gp.yaml:") for line in found)


def test_two_curricula_of_one_category_and_courses_in_a_circle_are_faults(tmp_path):
    other = packs.COURSE.replace("code: hypertension", "code: other").replace("[]", "[hypertension]")
    own = packs.COURSE.replace("prerequisites: []", "prerequisites: [other]")
    changes = {
        "curricula/second.yaml": curricula.GP.replace("code: gp", "code: second"),
        "courses/hypertension/course.yaml": own,
        "courses/other/course.yaml": other,
        "courses/other/lessons/01-measure.md": packs.SMALL["courses/hypertension/lessons/01-measure.md"].replace(
            "code: measure", "code: m2"
        ).replace("[card.svg]", "[]"),
        "courses/other/lessons/02-diagnose.md": packs.SMALL["courses/hypertension/lessons/02-diagnose.md"].replace(
            "code: diagnose", "code: d2"
        ),
    }  # fmt: skip
    found = "\n".join(packs.check(curricula.pack(tmp_path, changes=changes)))
    assert "gp is for general_practitioner already" in found
    assert "they go in a circle: hypertension → other → hypertension" in found


def test_loading_again_changes_nothing_and_a_change_waits(app, session, tmp_path, loaded):
    assert loaded["curriculum"] == {"created": 1, "changed": 0, "unchanged": 0}
    again = packs.bring(app, curricula.pack(tmp_path))
    assert again["curriculum"] == {"created": 0, "changed": 0, "unchanged": 1}
    packs.bring(app, curricula.pack(tmp_path, curricula.GP.replace("amount: 90", "amount: 60")))
    versions = session.scalars(sa.select(CurriculumVersion).order_by(CurriculumVersion.number)).all()
    assert [one.number for one in versions] == [1, 2]
    assert versions[0].digest != versions[1].digest
    assert session.scalar(sa.text("SELECT version_id FROM curriculum_publication")) == versions[0].id
    # the database holds what was written
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(sa.update(CurriculumRequirement).values(amount=1))


def begin(page, world):
    page.post("/editor/curricula/gp/draft/begin", world.a.editor, expect=303)


ASKED = {
    "kind": "technique", "code": "cpr-3", "technique": "cpr", "amount": "3", "course": "", "what": "", "percent": "",
    "months": "", "title_zh": "", "title_en": "",
}  # fmt: skip


def revision(session):
    session.expire_all()
    return str(session.scalars(sa.select(CurriculumDraft.revision)).one())


def test_an_editor_writes_a_version_on_pages(page, world, session, loaded):
    begin(page, world)
    ask = "/editor/curricula/gp/draft/ask?star=1"
    for language in ("zh", "en"):
        page.get("/editor/curricula", world.a.editor, language=language)
        page.get("/editor/curricula/gp", world.a.editor, language=language)
        soup = page.get("/editor/curricula/gp/draft", world.a.editor, language=language)
        ways = [*soup.select("main a.panel-more, main a.row-link"), *soup.select("main form")]
        assert all((one.get("href") or one["action"]).startswith("/editor/curricula/gp/draft") for one in ways)
        page.get(ask, world.a.editor, language=language)
        page.get("/editor/curricula/gp/draft/ask?one=bp-3", world.a.editor, language=language)
    page.post(ask, world.a.editor, expect=303, revision=revision(session), **ASKED)
    # somebody who still has the old page in hand is told
    stale = page.post(ask, world.a.editor, expect=409, revision="1", **(ASKED | {"code": "cpr-4", "amount": "4"}))
    assert "已有别人改过" in stale.text
    circle = page.post(
        "/editor/curricula/gp/draft/ask?one=htn", world.a.editor, expect=422, revision=revision(session),
        **(ASKED | {"kind": "course", "code": "htn", "course": "hypertension", "technique": "", "amount": "",
                    "after": "bp-3"}),
    )  # fmt: skip
    assert "htn → bp-3 → htn" in circle.text
    page.post(ask, world.a.editor, expect=422, revision=revision(session), **(ASKED | {"code": "htn"}))
    page.post("/editor/curricula/gp/draft/shift?one=cpr-3", world.a.editor, expect=303, revision=revision(session))
    page.post("/editor/curricula/gp/draft/take-out?one=year", world.a.editor, expect=303, revision=revision(session))
    about = {"title_zh": "新方案", "title_en": "New plan", "summary": "五层。"}
    page.post("/editor/curricula/gp/draft/about", world.a.editor, expect=303, revision=revision(session), **about)
    page.post("/editor/curricula/gp/draft/finish", world.a.editor, expect=303, revision=revision(session))
    made = session.scalars(sa.select(CurriculumVersion).where(CurriculumVersion.number == 2)).one()
    assert made.title == "新方案"
    assert [one.code for one in made.tiers[0].requirements] == ["htn", "cpr-3", "bp-3"]
    assert made.by_id == world.a.editor
    soup = page.get("/editor/curricula/gp/2", world.a.editor)
    assert "新增要求 1 项" in soup.text
    assert "继续教育" in soup.select_one(".notice").text
    page.get("/editor/curricula/gp/draft", world.a.editor, expect=404)


def test_a_draft_that_says_nothing_new_is_no_version_and_can_be_thrown_away(page, world, session, loaded):
    begin(page, world)
    begin(page, world)
    page.post("/editor/curricula/gp/draft/finish", world.a.editor, expect=409, revision=revision(session))
    page.post("/editor/curricula/gp/draft/drop", world.a.editor, expect=303)
    assert session.scalar(sa.select(sa.func.count()).select_from(CurriculumDraft)) == 0


RULE = {
    "title": "县医院", "title_en": "Hospital", "posts": "主治 住院", "joined_from": "2026-01-01", "joined_until": "",
    "begins": "joining", "months": "1 2 3 4 5", "priority": "5",
}  # fmt: skip


def test_rules_are_for_places_of_ones_own(page, world, session, loaded, as_):
    new = "/editor/curricula/gp/rules/new"
    for language in ("zh", "en"):
        page.get(new, world.a.editor, language=language)
    page.post(new, world.a.editor, expect=303, code="a-hospital", place_id=str(world.a.hospital), **RULE)
    page.post(new, world.a.editor, expect=422, code="a-hospital", place_id=str(world.a.hospital), **RULE)
    page.post(new, world.a.editor, expect=422, code="more", place_id=str(world.b.hospital), **RULE)
    page.post(new, world.a.editor, expect=422, code="more", place_id="0", **RULE)
    wrong = RULE | {"months": "5 4 3 2 1"}
    page.post(new, world.a.editor, expect=422, code="more", place_id=str(world.a.hospital), **wrong)
    rule = session.scalars(sa.select(AssignmentRule).where(AssignmentRule.code == "a-hospital")).one()
    assert (rule.posts, rule.months, rule.place_id) == (["主治", "住院"], [1, 2, 3, 4, 5], world.a.hospital)
    one = "/editor/assignment-rules/a-hospital"
    page.get(one, world.a.editor, language="en")
    page.post(one, world.a.editor, expect=303, place_id=str(world.a.township), **RULE)
    page.get(one, world.b.editor, expect=403)
    page.post(f"{one}/retire", world.b.editor, expect=403)
    page.post(f"{one}/retire", world.a.editor, expect=303)
    session.expire_all()
    assert rule.retired_at is not None
    # what holds everywhere is not for the editor of one county
    page.post("/editor/assignment-rules/gp-new/retire", world.a.editor, expect=403)
    page.post("/editor/assignment-rules/gp-new/retire", world.people["editor"], expect=303)


def test_only_editors_write(page, world, session, loaded, as_):
    begin(page, world)
    for who in (world.a.doctor, world.a.manager, world.a.exam_officer):
        for address in ("", "/gp", "/gp/1", "/gp/draft", "/gp/rules/new"):
            page.get(f"/editor/curricula{address}", who, expect=403)
        page.post("/editor/curricula/gp/draft/drop", who, expect=403)
        with as_(who) as actor, pytest.raises(NotAllowed):
            services.drop_draft(actor, queries.draft_of("gp"))
    page.get("/editor/curricula", None, expect=302)
    for address in ("none", "gp/9", "gp/99999999999999999999"):
        page.get(f"/editor/curricula/{address}", world.a.editor, expect=404)
    page.get("/editor/curricula/gp/draft/ask?star=9", world.a.editor, expect=404)
