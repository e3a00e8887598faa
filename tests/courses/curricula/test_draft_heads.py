"""What a draft of a curriculum is called, what its tiers are called and what it rests on: written on pages."""

import pytest
import sqlalchemy as sa

from courses.curricula.content.tiers import Requirement
from courses.curricula.models import CurriculumDraft, CurriculumVersion
from courses.curricula.queries import tiers as queries
from courses.curricula.rules.tiers import GRAMMAR, Wrong, heads_that_differ, wrong
from courses.curricula.services import tiers as services
from lms.errors import Conflict, NotAllowed
from tests.factories import curricula, packs

DRAFT = "/editor/curricula/gp/draft"
WORK = {"title": "中国高血压防治指南（2024年修订版）", "year": "2024", "where": "中华高血压杂志 2024;32(7):603-700"}


@pytest.fixture
def begun(app, page, world, tmp_path):
    """The small pack with a curriculum, and a draft of it."""
    packs.bring(app, curricula.pack(tmp_path))
    page.post(f"{DRAFT}/begin", world.a.editor, expect=303)


@pytest.fixture
def revision(session, begun):
    """What the page in the editor's hand was made of."""

    def read():
        session.expire_all()
        return str(session.scalars(sa.select(CurriculumDraft.revision)).one())

    return read


def draft(session):
    session.expire_all()
    return session.scalars(sa.select(CurriculumDraft)).one()


def errors(soup):
    return {one.find_parent(class_="field").select_one("[name]")["name"]: one.text.strip()
            for one in soup.select(".field .field-error")}  # fmt: skip


def test_titles_and_works_are_written_and_become_the_version(page, world, session, revision):
    for language in ("zh", "en"):
        soup = page.get(DRAFT, world.a.editor, language=language)
        for way in ("about", "tier?star=1", "source", "source?one=guide"):
            assert soup.select(f'a[href="{DRAFT}/{way}"]'), way
            page.get(f"{DRAFT}/{way}", world.a.editor, language=language)
    page.post(
        f"{DRAFT}/about", world.a.editor, expect=303, revision=revision(), title_zh="新方案", title_en="New plan",
        summary="五层，改过。",
    )  # fmt: skip
    page.post(
        f"{DRAFT}/tier?star=2", world.a.editor, expect=303, revision=revision(), title_zh="上岗", title_en="On duty"
    )
    page.post(f"{DRAFT}/source", world.a.editor, expect=303, revision=revision(), **WORK)
    changed = {"title": "县里的通知", "year": "2025", "where": "卫健委"}
    page.post(f"{DRAFT}/source?one=guide", world.a.editor, expect=303, revision=revision(), **changed)
    assert page.answer.location == f"{DRAFT}#sources"
    assert [(one["code"], one["title"]) for one in draft(session).works] == [
        ("guide", "县里的通知"), ("work-1", WORK["title"]),
    ]  # fmt: skip
    page.post(f"{DRAFT}/take-out-source?one=guide", world.a.editor, expect=303, revision=revision())
    page.post(f"{DRAFT}/finish", world.a.editor, expect=303, revision=revision())
    first, made = session.scalars(sa.select(CurriculumVersion).order_by(CurriculumVersion.number)).all()
    assert (made.title, made.summary, made.tiers[1].title_en) == ("新方案", "五层，改过。", "On duty")
    assert made.sources == [{"code": "work-1", **WORK}]
    assert first.sources != made.sources
    for language, words in (
        ("zh", "名称、用途、各层名称、依据"),
        ("en", "title, what it is for, names of tiers, works"),
    ):
        assert words in page.get("/editor/curricula/gp/2", world.a.editor, language=language).select_one(".notice").text


def test_a_changed_work_alone_is_a_new_version(page, world, session, revision):
    page.post(f"{DRAFT}/finish", world.a.editor, expect=409, revision=revision())
    page.post(f"{DRAFT}/source", world.a.editor, expect=303, revision=revision(), **WORK)
    page.post(f"{DRAFT}/finish", world.a.editor, expect=303, revision=revision())
    assert session.scalar(sa.select(sa.func.max(CurriculumVersion.number))) == 2


def test_mistakes_stand_at_their_field_and_keep_what_was_typed(page, world, session, revision):
    typed = {"title_zh": "", "title_en": "x" * 161, "summary": "五层。"}
    soup = page.post(f"{DRAFT}/about", world.a.editor, expect=422, revision=revision(), **typed)
    assert errors(soup).keys() == {"title_zh", "title_en"}
    assert soup.select_one("textarea[name=summary]").text.strip() == "五层。"
    titles = {"title_zh": " ", "title_en": "A"}
    soup = page.post(f"{DRAFT}/tier?star=1", world.a.editor, expect=422, revision=revision(), **titles)
    assert errors(soup).keys() == {"title_zh"}
    for year, words in (("1899", "1900"), ("去年", "整数")):
        soup = page.post(
            f"{DRAFT}/source", world.a.editor, expect=422, revision=revision(), **(WORK | {"year": year, "title": ""})
        )
        assert errors(soup).keys() == {"title", "year"}
        assert words in errors(soup)["year"]
        assert soup.select_one("input[name=where]")["value"] == WORK["where"]
    assert draft(session).works[0]["code"] == "guide"


ASKED = {"kind": "technique", "code": "cpr-3", "technique": "cpr", "amount": "3"}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"technique": ""}, "technique"),
        ({"course": "hypertension"}, "course"),
        ({"amount": "6"}, "amount"),
        ({"what": "theory"}, "what"),
        ({"kind": "hours", "technique": "", "what": "practical"}, "what"),
        ({"percent": "60"}, "percent"),
        ({"code": "htn"}, "code"),
        ({"code": "Not a code"}, "code"),
    ],
)
def test_what_does_not_fit_a_requirement_is_said_at_its_field(page, world, revision, typed, field):
    soup = page.post(f"{DRAFT}/ask?star=1", world.a.editor, expect=422, revision=revision(), **(ASKED | typed))
    assert errors(soup).keys() == {field}


def test_pages_and_packs_find_the_same_wrong():
    """What a pack may not say, a page may not either: one rule for both, whatever is given."""
    for kind in GRAMMAR:
        for given in ({}, {"course": "c"}, {"technique": "t"}, {"course": "c", "technique": "t"}, {"yearly": True}):
            for what in ("", "theory", "practical"):
                for amount in (None, 1, 6):
                    entry = {"code": "a", "kind": kind, "what": what, "amount": amount, **given}
                    try:
                        Requirement.model_validate(entry, context={})
                        said = None
                    except ValueError as refused:
                        said = str(refused)
                    found = wrong(kind, given, what, amount)
                    assert (found is None) == (said is None), (entry, found, said)
                    assert found is None or f"{found[0]}: " in said
    assert wrong("course", [], "", None) == ("course", Wrong.MISSING)


def test_what_else_differs():
    one = {"title": 1, "summary": 2, "sources": [], "tiers": [{"title": "a", "requirements": [1]}]}
    assert heads_that_differ(one, one | {"tiers": [{"title": "a", "requirements": []}]}) == []
    assert heads_that_differ(one, one | {"summary": 3, "tiers": [{"title": "b"}]}) == ["summary", "tiers"]


def test_whoever_has_an_old_page_is_told_and_overwrites_nothing(page, world, session, revision, as_):
    old = revision()
    page.post(f"{DRAFT}/source", world.a.editor, expect=303, revision=old, **WORK)
    heads = {"title_zh": "甲", "title_en": "A", "summary": "乙"}
    for way, typed in (
        ("about", heads),
        ("tier?star=1", {"title_zh": "甲", "title_en": "A"}),
        ("source", WORK),
        ("source?one=guide", WORK),
    ):
        # twice: the page that says so does not pass for a fresh one
        shown = old
        for _ in range(2):
            soup = page.post(f"{DRAFT}/{way}", world.b.editor, expect=409, revision=shown, **typed)
            assert "已有别人改过" in soup.text
            shown = soup.select_one("input[name=revision]")["value"]
    page.post(f"{DRAFT}/take-out-source?one=guide", world.b.editor, expect=409, revision=old)
    assert len(draft(session).works) == 2
    # what is gone cannot be written, and the last work cannot be taken out
    page.get(f"{DRAFT}/source?one=none", world.a.editor, expect=404)
    page.get(f"{DRAFT}/tier?star=6", world.a.editor, expect=404)
    page.post(f"{DRAFT}/take-out-source?one=guide", world.a.editor, expect=303, revision=revision())
    page.post(f"{DRAFT}/take-out-source?one=work-1", world.a.editor, expect=409, revision=revision())
    with as_(world.a.editor) as actor, pytest.raises(Conflict):
        services.write_source(actor, queries.draft_of("gp"), code="guide", work=WORK, revision=int(revision()))


def test_only_editors_write_heads(page, world, session, revision, as_):
    for who in (world.a.doctor, world.a.manager, world.b.exam_officer):
        for way in ("about", "tier?star=1", "source"):
            page.get(f"{DRAFT}/{way}", who, expect=403)
        page.post(f"{DRAFT}/take-out-source?one=guide", who, expect=403, revision=revision())
        with as_(who) as actor, pytest.raises(NotAllowed):
            services.write_source(actor, queries.draft_of("gp"), code="", work=WORK, revision=1)


def test_a_draft_from_before_works_were_kept_rests_on_those_of_its_version(page, world, session, revision):
    session.execute(sa.update(CurriculumDraft).values(sources=None))
    session.commit()
    assert [one["code"] for one in draft(session).works] == ["guide"]
    assert page.get(DRAFT, world.a.editor).select(f'a[href="{DRAFT}/source?one=guide"]')
