"""The bank: loaded from a pack in versions that stay, and its pages, which show a key only to who may see it."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from assessments.bank import queries
from assessments.bank.models import Question, QuestionVersion
from config import CHECKOUT
from lms.db import db
from tests.factories import exams as made
from tests.factories import packs

QUESTIONS = (CHECKOUT / "content" / "questions" / "hypertension.yaml").read_text("utf-8")
CODES = {"technique": "bp", "source": "guide"}
OURS = re.sub(r"^(\s+(technique|source)): .*$", lambda found: f"{found[1]}: {CODES[found[2]]}", QUESTIONS, flags=re.M)


FEATURES = [*packs.FEATURES, "assessments.bank"]


def bring(app: Flask, folder: Path) -> dict[str, dict[str, int]]:
    """Load the small pack with the features it needs, and the bank."""
    return packs.bring(app, folder, FEATURES)


def check(folder: Path) -> list[str]:
    return packs.check(folder, FEATURES)


def pack(folder: Path, questions: str = OURS) -> Path:
    return packs.write(folder, {"questions/hypertension.yaml": questions})


def count(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_the_fifteen_questions_are_loaded_once(app, session, tmp_path):
    folder = pack(tmp_path)
    assert check(folder) == []
    assert bring(app, folder)["question"] == {"created": 15, "changed": 0, "unchanged": 0}
    assert bring(app, folder)["question"] == {"created": 0, "changed": 0, "unchanged": 15}
    assert (count(session, Question), count(session, QuestionVersion)) == (15, 15)
    keys = session.execute(
        sa.select(Question.code, QuestionVersion.kind, QuestionVersion.key).join(QuestionVersion.question)
    ).all()
    assert {code: right for code, _, right in keys}["htn-q11"] == ["A", "B", "E"]
    assert all(len(right) == 1 for _, kind, right in keys if kind == "single")


def test_an_edit_is_a_new_version_and_the_old_one_stays(app, session, tmp_path):
    bring(app, pack(tmp_path))
    changed = OURS.replace("家庭自测血压的诊断界值是？", "家庭自测血压诊断高血压的界值是？")
    assert bring(app, pack(tmp_path, changed))["question"] == {"created": 0, "changed": 1, "unchanged": 14}
    rows = session.execute(
        sa.select(QuestionVersion.version, QuestionVersion.stem)
        .join(QuestionVersion.question)
        .where(Question.code == "htn-q02")
        .order_by(QuestionVersion.version)
    ).all()
    assert [version for version, _ in rows] == [1, 2]
    assert rows[0].stem == "家庭自测血压的诊断界值是？"
    back = bring(app, pack(tmp_path))["question"]
    assert back["changed"] == 1, "going back is a version too"


def test_the_order_in_which_options_are_written_is_content_the_order_of_the_key_is_not():
    one = made.Content(
        "multiple", "apply", "x", "t", "s", (("A", "a"), ("B", "b"), ("C", "c")), ("A", "B"), "e", "g", "p"
    )
    same = made.Content(**(vars(one) | {"key": ("B", "A")}))
    other = made.Content(**(vars(one) | {"options": (("B", "b"), ("A", "a"), ("C", "c"))}))
    assert one.digest() == same.digest() != other.digest()


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("≥140/90 mmHg, right: true}", "≥140/90 mmHg, right: false}", "no option is right"),
        (
            "同一天相隔一小时量 3 次，都 ≥140/90 mmHg, right: false",
            "同一天相隔一小时量 3 次，都 ≥140/90 mmHg, right: true",
            "exactly one right",
        ),
        ("type: single", "type: essay", "type"),
        ("level: recall", "level: guess", "level"),
        ("technique: bp", "technique: flying", "no technique flying"),
        ("source: guide", "source: hearsay", "no source hearsay"),
        ("code: htn-q02", "code: htn-q01", "there already"),
        ("text: 任意 1 次 ≥160/100 mmHg", "text: 连续两次体检 ≥135/85 mmHg", "two options are the same"),
        ("{key: D, text: 任意 1 次 ≥160/100 mmHg, right: false}", "{key: A, text: 任意, right: false}", "same"),
        ("    explanation: 要点是", "    hint: 要点是", "hint"),
    ],
)
def test_faults_are_named_with_their_line(tmp_path, before, after, fault):
    assert before in OURS
    found = check(pack(tmp_path, OURS.replace(before, after, 1)))
    assert any(fault in line and line.startswith("questions/hypertension.yaml:") for line in found), found


def test_a_multiple_choice_with_one_right_option_is_a_fault(tmp_path):
    one = OURS.replace("{key: C, text: 高血钾, right: true}", "{key: C, text: 高血钾, right: false}")
    one = one.replace("双侧肾动脉狭窄, right: true", "双侧肾动脉狭窄, right: false")
    assert any("two or more" in line for line in check(pack(tmp_path, one)))


def test_the_database_itself_refuses_a_key_that_cannot_be(session):
    for wrong in (["Z"], [], ["A", "B"]):
        version = made.question(session, f"w-{len(wrong)}-{wrong}", right="A")
        row = {c.key: getattr(version, c.key) for c in sa.inspect(QuestionVersion).columns if c.key not in KEPT}
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            session.execute(sa.insert(QuestionVersion).values(row | {"version": 2, "key": wrong}))


KEPT = {"id", "made_at", "key"}


def test_a_version_cannot_be_rewritten(session):
    made.bank(session)
    for statement in ("UPDATE question_version SET stem = 'x'", "DELETE FROM question_version"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), session.begin_nested():
            session.execute(sa.text(statement))


def test_a_key_is_loaded_only_by_name(app, session, world, as_):
    made.bank(session)
    with as_(world.a.editor):
        row = db.session.scalars(queries.listing(queries.Sought())).first()
        with pytest.raises(sa.exc.InvalidRequestError):
            _ = row.key


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_and_who_sees_the_key(session, world, page, language):
    version = made.bank(session)[0]
    for who, sees in ((world.a.editor, True), (world.a.exam_officer, True), (world.a.auditor, False)):
        listed = page.get("/bank", who, language=language)
        assert len(listed.select("tbody tr")) == 6
        shown = page.get(f"/bank/versions/{version.id}", who, language=language)
        assert bool(shown.select(".is-right")) is sees
        assert ("因为指南这样写" in shown.get_text()) is sees
        preview = page.get(f"/bank/versions/{version.id}/preview", who, language=language)
        assert len(preview.select("input[type=radio]")) == 4
        assert "因为指南这样写" not in preview.get_text()
    for who in (world.a.doctor, world.a.manager, world.a.certificate_officer):
        page.get("/bank", who, expect=403)
        page.get(f"/bank/versions/{version.id}", who, expect=403)
    page.get("/bank/versions/999999", world.a.editor, expect=404)


def test_searching_narrowing_sorting(session, world, page):
    made.bank(session)
    who = world.a.editor

    def codes(query):
        found = page.get(f"/bank?{query}", who)
        return [span.get_text() for span in found.select("tbody .fine")]

    assert codes("q=m-1") == ["m-1"]
    assert codes("kind=multiple") == ["m-1", "m-2"]
    assert codes("topic=分级&sort=-code") == ["s-4", "s-3", "m-2"]
    assert codes("level=recall") == []
    assert codes("bank=none") == []
    assert codes("technique=bp-measurement&sort=nonsense") == ["m-1", "m-2", "s-1", "s-2", "s-3", "s-4"]
    assert codes("q=%25") == [], "a percent sign is a percent sign"
    assert codes("page=99") == ["m-1", "m-2", "s-1", "s-2", "s-3", "s-4"]


def test_the_file_has_no_key(session, world, page):
    made.question(session, "f-1", right="B")
    session.commit()
    page.get("/bank?export=csv", world.a.editor)
    text = page.answer.get_data(as_text=True)
    assert "f-1" in text
    assert "因为指南这样写" not in text


def test_the_list_needs_no_more_statements_when_it_is_longer(session, world, page, queries):
    made.bank(session)
    queries.clear()
    page.get("/bank", world.a.editor)
    few = len(queries)
    for number in range(40):
        made.question(session, f"more-{number}", topic=f"t{number}")
    session.commit()
    queries.clear()
    page.get("/bank", world.a.editor)
    assert len(queries) == few


def test_an_older_version_says_so(app, session, world, page, tmp_path):
    bring(app, pack(tmp_path))
    bring(app, pack(tmp_path, OURS.replace("家庭自测血压的诊断界值是？", "改过的题干？")))
    old, new = session.scalars(
        sa.select(QuestionVersion.id)
        .join(QuestionVersion.question)
        .where(Question.code == "htn-q02")
        .order_by(QuestionVersion.version)
    )
    assert page.get(f"/bank/versions/{old}", world.a.editor).select_one(f'.notice a[href="/bank/versions/{new}"]')
    assert not page.get(f"/bank/versions/{new}", world.a.editor).select(".notice a")
