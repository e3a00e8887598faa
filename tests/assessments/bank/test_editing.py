"""The editor's pages: questions of every kind by form, versions beside each other, sources, cases, and who may."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from assessments.bank import forms
from assessments.bank.models import Picture, Question, QuestionVersion, SharedStemVersion
from assessments.bank.queries.texts import text_of
from assessments.bank.rules import typed
from assessments.bank.rules.compare import pieces
from assessments.bank.rules.content import Content
from assessments.bank.rules.kinds import Kind
from assessments.bank.rules.marking import share
from tests.factories import bank as made
from tests.factories import exams

COMMON = {
    "stem": "怎样答？",
    "explanation": "因为指南这样写。",
    "topic": "题型",
    "level": "apply",
    "technique": "bp-measurement",
    "source": "guide",
    "passage": "第一章",
}
OPTIONS = {f"option_{letter}": f"选项{letter}" for letter in "ABCD"}
TYPED: dict[str, dict[str, Any]] = {
    Kind.SINGLE: OPTIONS | {"key": "B"},
    Kind.MULTIPLE: OPTIONS | {"key": ["A", "C"]},
    Kind.TRUE_FALSE: {"option_A": "对", "option_B": "错", "key": "A"},
    Kind.MATCHING: OPTIONS | {"prompt_1": "头一个人", "right_1": "C", "prompt_2": "第二个人", "right_2": "A"},
    Kind.SHORT: {"accepted": "氨氯地平\nCCB = 1/2"},
    Kind.NUMERIC: {"value": "135", "tolerance": "0.5", "right_units": "mmHg", "units": "mmHg，kPa"},
    Kind.ORDERING: OPTIONS | {"key": "c a d b"},
    Kind.HOTSPOT: {
        "areas": "circle 500 500 100\nrect 0,0,100,80\npolygon 900 0 999 0 999 99",
        "picture": (io.BytesIO(made.image()), "x.png"),
        "alt": "白底上的一个圈",
    },
}


@pytest.fixture
def known(session):
    """A bank with a source and a technique to choose from."""
    version = exams.question(session, "old-1")
    session.commit()
    return version


def sent(kind: str, **changed: Any) -> dict[str, Any]:
    """What somebody types into the form of a kind."""
    data = COMMON | TYPED[kind] | changed
    if kind == Kind.HOTSPOT and "picture" not in changed:
        data["picture"] = (io.BytesIO(made.image()), "x.png")
    return data


def named(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "bank": "written", "use": "exam"} | more


def post(page: Any, url: str, who: int, data: Any = None, *, expect: int = 303) -> Any:
    """Send a form as a browser does, several values of one name and files too."""
    return page.post(url, who, expect=expect, **(data or {}))


def newest(session, code: str) -> QuestionVersion:
    session.expire_all()
    query = sa.select(QuestionVersion).join(Question).where(Question.code == code)
    return session.scalars(query.order_by(QuestionVersion.version.desc())).first()


@pytest.mark.parametrize("kind", list(Kind))
def test_a_question_of_every_kind_is_written_edited_and_shown(session, world, page, known, kind, as_):
    who, code = world.a.editor, f"new-{kind.replace('_', '-')}"
    empty = page.get(f"/bank/new/{kind}", who, language="en" if kind == Kind.SHORT else "zh")
    assert empty.select_one("form [name=stem]")
    post(page, f"/bank/new/{kind}", who, sent(kind) | named(code))
    first = newest(session, code)
    assert first is not None
    with as_(who):
        text = text_of(first)
    assert share(kind, "exact", made.KINDS[kind][2], text.content.key, 4) == 1
    assert share(kind, "exact", made.KINDS[kind][3], text.content.key, 4) == 0
    assert (first.origin, first.made_by_id, first.version) == ("written", who, 1)
    shown = page.get(f"/bank/versions/{first.id}", who)
    assert "草稿" in shown.get_text()

    form = page.get(f"/bank/versions/{first.id}/edit", who)
    again = values(form)
    post(page, f"/bank/versions/{first.id}/edit", who, again, expect=409)
    assert newest(session, code).id == first.id, "nothing was different"
    post(page, f"/bank/versions/{first.id}/edit", who, (again | {"stem": "换一种问法？"}))
    second = newest(session, code)
    assert (second.version, second.stem) == (2, "换一种问法？")
    with as_(who):
        after = text_of(second).content
    assert (after.key, after.body) == (text.content.key, text.content.body), "the form carries the whole question"
    compared = page.get(f"/bank/versions/{second.id}/compare", who)
    assert compared.select_one("del")
    assert compared.select_one("ins")


def values(form: Any) -> dict[str, list[str]]:
    """What a browser would send of a form as it stands."""
    data: dict[str, list[str]] = {}
    for field in form.select("main form input[name], main form textarea[name], main form select[name]"):
        if field.get("type") in ("checkbox", "radio") and field.get("checked") is None:
            continue
        if field.get("type") == "file" or field["name"] == "csrf_token":
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]")
            data.setdefault(field["name"], []).append(str(chosen["value"]) if chosen else "")
        else:
            text = field.get("value", "") if field.name == "input" else field.get_text().lstrip("\n")
            data.setdefault(field["name"], []).append(text)
    return data


@pytest.mark.parametrize(
    ("kind", "changed", "field"),
    [
        (Kind.SINGLE, {"key": ""}, "key"),
        (Kind.SINGLE, {"option_B": "选项A"}, "option_A"),
        (Kind.SINGLE, {"option_B": ""}, "key"),
        (Kind.MULTIPLE, {"key": ["A", "B", "C", "D"]}, "key"),
        (Kind.MATCHING, {"right_2": ""}, "prompt_1"),
        (Kind.ORDERING, {"key": "CAD"}, "key"),
        (Kind.SHORT, {"accepted": "半对 = 1/2"}, "accepted"),
        (Kind.SHORT, {"accepted": "好 = 很多"}, "accepted"),
        (Kind.NUMERIC, {"value": "NaN"}, "value"),
        (Kind.NUMERIC, {"value": "1e309"}, "value"),
        (Kind.NUMERIC, {"units": "kPa"}, "units"),
        (Kind.HOTSPOT, {"areas": "circle 5 5"}, "areas"),
        (Kind.HOTSPOT, {"areas": "circle 500 500 2000"}, "areas"),
        (Kind.HOTSPOT, {"picture": (io.BytesIO(b"<svg onload=alert(1)>"), "x.svg")}, "picture"),
        (Kind.HOTSPOT, {"alt": ""}, "alt"),
        (Kind.SHORT, {"stem": ""}, "stem"),
    ],
)
def test_a_mistake_stands_at_its_field_and_nothing_is_kept(session, world, page, known, kind, changed, field):
    data = sent(kind, **changed) | named("wrong")
    answer = post(page, f"/bank/new/{kind}", world.a.editor, data, expect=422)
    assert newest(session, "wrong") is None
    wrong = [one["href"] for one in answer.select(".notice-danger a")]
    assert wrong == [f"#{field}"]


def test_html_and_script_are_shown_as_text(session, world, page, known):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    data = sent(Kind.SINGLE, stem=evil, option_A=evil, explanation=evil, topic="<b>", passage=evil)
    post(page, "/bank/new/single", world.a.editor, (data | named("evil")))
    version = newest(session, "evil")
    for address in ("", "/preview", "/edit"):
        shown = page.get(f"/bank/versions/{version.id}{address}", world.a.editor)
        assert not shown.select("main img, main script:not([src])")
    assert evil in page.get(f"/bank/versions/{version.id}", world.a.editor).get_text()


def test_a_picture_is_drawn_anew_and_shown_to_who_is_signed_in(app, session, world, page, known):
    hidden = made.image() + b"<?php hidden behind the last byte ?>"
    data = sent(Kind.HOTSPOT, picture=(io.BytesIO(hidden), "../../x.png"))
    post(page, "/bank/new/hotspot", world.a.editor, (data | named("spot")))
    kept = session.scalars(sa.select(Picture).options(sa.orm.undefer(Picture.data))).one()
    assert b"php" not in kept.data
    assert (kept.width, kept.height) == (600, 400)
    page._be(world.b.doctor)
    answer = app.test_client().get(f"/bank/pictures/{kept.digest}")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.data == kept.data
    assert "immutable" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    page.get("/bank/pictures/" + "0" * 64, world.a.doctor, expect=404)
    page.get(f"/bank/pictures/{kept.digest}", None, expect=302)


def test_a_preview_shows_what_was_typed_and_keeps_nothing_but_the_picture(session, world, page, known):
    data = sent(Kind.HOTSPOT, alt="一张图") | named("look")
    shown = post(page, "/bank/new/hotspot", world.a.editor, data | {"preview": "1"}, expect=200)
    assert newest(session, "look") is None
    tried = shown.select_one("[data-kind=hotspot] .spot img")
    assert tried["alt"] == "一张图"
    kept = shown.select_one("input[name=kept]")["value"]
    assert kept in tried["src"]
    again = sent(Kind.HOTSPOT, picture=(io.BytesIO(b""), "")) | named("look")
    wrong = post(page, "/bank/new/hotspot", world.a.editor, again | {"kept": kept, "stem": ""}, expect=422)
    assert wrong.select_one("input[name=kept]")["value"] == kept, "a mistake elsewhere does not lose the picture"
    again = sent(Kind.HOTSPOT, picture=(io.BytesIO(b""), "")) | named("look")
    post(page, "/bank/new/hotspot", world.a.editor, again | {"kept": "0" * 64}, expect=422)
    again = sent(Kind.HOTSPOT, picture=(io.BytesIO(b""), "")) | named("look")
    post(page, "/bank/new/hotspot", world.a.editor, again | {"kept": kept})
    assert newest(session, "look").body["picture"] == kept


def test_review_ready_retire_on_the_page(session, world, page, known):
    post(page, "/bank/new/single", world.a.editor, sent(Kind.SINGLE) | named("walk"))
    at = f"/bank/versions/{newest(session, 'walk').id}"
    post(page, f"{at}/review", world.a.editor, expect=409)
    post(page, f"{at}/ready", world.a.editor, expect=409)
    post(page, f"{at}/review", world.b.exam_officer, {"review-note": "核对过"})
    post(page, f"{at}/ready", world.b.editor)
    shown = page.get(at, world.a.exam_officer)
    assert "核对过" in shown.get_text()
    post(page, f"{at}/retire", world.a.editor, expect=422)
    post(page, f"{at}/retire", world.a.editor, {"retire-reason": "过时"})
    assert not page.get(f"{at}", world.a.editor).select(f'a[href="{at}/edit"]')
    post(page, f"{at}/edit", world.a.editor, sent(Kind.SINGLE, stem="改"), expect=409)
    assert [one.get_text() for one in page.get("/bank?status=retired", world.a.editor).select("tbody .fine")] == [
        "walk"
    ]
    post(page, f"{at}/bring-back", world.a.editor, {"bring-back-reason": "又适用了"})
    assert "可用" in page.get(at, world.a.auditor).get_text()


def test_who_may_write_and_review(session, world, page, known):
    at = f"/bank/versions/{known.id}"
    for place in (world.a, world.b):
        for who in (place.doctor, place.manager, place.auditor, place.exam_officer):
            for address in ("/bank/new", "/bank/new/single", f"{at}/edit", "/bank/cases/new"):
                page.get(address, who, expect=403)
            for verb in ("ready", "retire", "again"):
                post(page, f"{at}/{verb}", who, {"reason": "x"}, expect=403)
        for who in (place.doctor, place.auditor):
            post(page, f"{at}/review", who, expect=403)
            page.get(f"{at}/compare", who, expect=403)
            post(page, "/bank/sources/guide/doubt", who, {"reason": "x"}, expect=403)
        page.get(f"{at}/edit", place.editor)
    page.get("/bank/new/essay", world.a.editor, expect=404)


def test_a_source_lists_all_that_rests_on_it_and_sends_it_back(session, world, page, known):
    made.every_kind(session)
    who = world.a.exam_officer
    assert len(page.get("/bank/sources", who).select("tbody tr")) == 1
    shown = page.get("/bank/sources/guide", who, language="en")
    assert len(shown.select("tbody tr")) == 9
    post(page, "/bank/sources/guide/doubt", who, expect=422)
    post(page, "/bank/sources/guide/doubt", who, {"reason": "2026 版已发布"})
    assert len(page.get("/bank?status=draft", who).select("tbody tr")) == 9
    assert "2026 版已发布" in page.get(f"/bank/versions/{known.id}", who).get_text()
    page.get("/bank/sources/hearsay", who, expect=404)


def test_a_series_is_written_ordered_and_made_ready_as_a_whole(session, world, page, known):
    for code in ("c-1", "c-2", "c-3"):
        post(page, "/bank/new/single", world.a.editor, sent(Kind.SINGLE) | named(code))
    case = {"code": "case-1", "text": "某男，58 岁，头晕三天。"}
    post(page, "/bank/cases/new", world.a.editor, case | {"questions": "c-1"}, expect=422)
    post(page, "/bank/cases/new", world.a.editor, case | {"questions": "c-1\nc-9"}, expect=422)
    post(page, "/bank/cases/new", world.a.editor, case | {"questions": "c-2\nc-1"})
    said = session.scalars(sa.select(SharedStemVersion)).one()
    assert [(newest(session, code).series_place, newest(session, code).version) for code in ("c-2", "c-1")] == [
        (1, 2),
        (2, 2),
    ]
    at = f"/bank/cases/{said.shared_stem_id}"
    post(page, f"{at}/review", world.a.editor, expect=409)
    post(page, f"{at}/review", world.b.editor)
    post(page, f"{at}/ready", world.a.editor)
    assert page.get(at, world.a.auditor).get_text().count("可用") >= 2
    post(page, f"{at}/edit", world.a.editor, {"text": said.text, "questions": "c-2\nc-1"}, expect=409)
    post(page, f"{at}/edit", world.a.editor, {"text": said.text, "questions": "c-3\nc-2"})
    assert [newest(session, code).series_place for code in ("c-1", "c-2", "c-3")] == [None, 2, 1]
    preview = page.get(f"/bank/versions/{newest(session, 'c-3').id}/preview", world.a.editor)
    assert "某男，58 岁" in preview.select_one(".question-case").get_text()
    assert len(page.get("/bank/cases", world.a.editor).select("tbody tr")) == 1
    page.get("/bank/cases/999999", world.a.editor, expect=404)


def test_an_older_version_is_written_again_by_a_button(session, world, page, known):
    post(page, f"/bank/versions/{known.id}/edit", world.a.editor, sent(Kind.SINGLE, stem="改坏了？"))
    post(page, f"/bank/versions/{known.id}/again", world.a.editor)
    again = newest(session, "old-1")
    assert (again.version, again.content_hash) == (3, known.content_hash)


def test_the_list_finds_words_anywhere_english_too_and_counts_who_was_asked(session, world, page, known):
    made.every_kind(session)

    def codes(query: str) -> list[str]:
        return [one.get_text() for one in page.get(f"/bank?{query}", world.a.editor).select("tbody .fine")]

    assert codes("q=第二个人") == ["matching-1"]
    assert len(codes("q=blood PRESSURE")) == 9
    assert codes("q=blood 第二个人") == ["matching-1"]
    assert len(codes("source=guide&status=ready&use=exam")) == 9
    assert codes("use=practice") == []
    assert codes("q=%25_") == []


def test_the_pages_need_no_more_statements_when_the_bank_is_larger(session, world, page, known, queries):
    counts = {}
    for turn in range(2):
        for address in ("/bank", "/bank/sources", "/bank/sources/guide", f"/bank/versions/{known.id}"):
            queries.clear()
            page.get(address, world.a.editor)
            counts.setdefault(address, []).append(len(queries))
        for number in range(30):
            exams.question(session, f"more-{turn}-{number}")
        session.commit()
    assert all(few == many for few, many in counts.values()), counts


@given(st.text(max_size=40), st.text(max_size=40))
def test_nothing_is_lost_between_two_versions(old, new):
    found = pieces(old, new)
    assert "".join(one.text for one in found if one.kind != "new") == old
    assert "".join(one.text for one in found if one.kind != "gone") == new


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_typed_is_what_is_kept(app, kind):
    key, body, _right, _wrong = made.KINDS[kind]
    letters = [name.removeprefix("option_") for name in TYPED[kind] if name.startswith("option_")]
    options = tuple((letter, f"选项{letter}") for letter in letters)
    content = Content(kind, "apply", "t", "x", "s", options, key, "e", "g", "p", body)
    with app.test_request_context():
        form = forms.editor(kind)(formdata=None, data=forms.typed_in(content), meta={"csrf": False})
        again = form.content("", {})
    assert again.digest() == content.digest()


@given(
    st.lists(
        st.tuples(st.text(alphabet="氨氯地平abc 1", min_size=1, max_size=8), st.sampled_from(["1", "1/2", "0.25"]))
    )
)
def test_wordings_are_typed_and_read_back(pairs):
    key = {words.strip(): worth for words, worth in pairs if words.strip()}
    assert typed.accepted(typed.accepted_lines(key)) == key


@given(st.text(max_size=60))
def test_any_text_for_areas_is_areas_or_a_mistake(text):
    try:
        found = typed.areas(text)
    except ValueError:
        return
    assert typed.areas(typed.area_lines(found)) == found
