"""Questions in files, as people bring and take them: a dry run, then all or nothing; twice changes nothing."""

import hashlib
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assessments.bank.formats.document import Entry, plain
from assessments.bank.formats.known import FORMATS, MOST_BYTES, TAKEN, read
from assessments.bank.formats.plans import Defaults, Line, unpack
from assessments.bank.models import Question, QuestionImport, QuestionVersion, SharedStemVersion
from assessments.bank.queries.finding import Sought
from assessments.bank.queries.standing import status_of
from assessments.bank.services import exchange
from lms import clock
from lms.cli import offline_app
from lms.db import db
from lms.errors import Conflict
from lms.jobs import WORK
from lms.web.intake import Taken, take
from tests.assessments.bank.formats.made import one_of_each
from tests.factories import exams as made
from tests.factories.bank import image

DEFAULTS = Defaults(bank="foreign", level="apply", topic="血压", technique="bp-measurement", source="guide")


def taken(data: bytes, name: str = "x.xml") -> Taken:
    return take(io.BytesIO(data), name, kinds=TAKEN, most=MOST_BYTES)


@pytest.fixture
def ground(session: Any) -> None:
    """A technique and a source that rest in the bank already."""
    made.question(session, "there-already")
    session.commit()


def bring(who: Any, data: bytes, name: str = "", **more: Any) -> tuple[QuestionImport, dict[str, int]]:
    sent = exchange.send(who, None, taken=taken(data), name=name, defaults=more.pop("defaults", DEFAULTS))
    plan = exchange.check(who, sent)
    return sent, exchange.apply(who, sent, plan_hash=plan.digest, **more)


def told(entry: Entry) -> dict[str, Any]:
    return plain(entry) | {"digest": entry.content.digest()}


@pytest.mark.parametrize("name", FORMATS)
def test_a_bank_goes_out_comes_in_and_is_the_same(ground, session, world, as_, name: str) -> None:
    first = FORMATS["moodle"].write(one_of_each()).data
    with as_(world.a.editor) as who:
        assert bring(who, first)[1] == {"created": 8, "changed": 0, "unchanged": 0, "refused": 0}
        out = exchange.export(who, None, sought=Sought(bank="htn"), name=name)
        assert [told(one) for one in read(taken(out.data), name).entries] == sorted(
            [told(one) for one in one_of_each()], key=lambda one: one["code"]
        )
        again = bring(who, out.data, name)[1]
    assert again == {"created": 0, "changed": 0, "unchanged": 8, "refused": 0}
    assert session.scalar(sa.select(sa.func.count()).select_from(Question)) == 9


CLOZE = "<question type='cloze'><questiontext><text>{1:SHORTANSWER:=x}</text></questiontext></question>"
GIFT = "::q::Which? {=one ~two}\n\n::p::Other? {=three ~four}\n"


def lines(who: Any, data: bytes, name: str = "", defaults: Defaults = DEFAULTS) -> list[Line]:
    """The dry run of a file."""
    sent = exchange.send(who, None, taken=taken(data), name=name, defaults=defaults)
    exchange.check(who, sent)
    return unpack(sent.plan)[0]


def count(session: Any, model: Any) -> int:
    return int(session.scalar(sa.select(sa.func.count()).select_from(model)))


def test_what_is_imported_is_a_draft_of_whoever_imported_it(ground, session, world, as_) -> None:
    with as_(world.a.editor) as who:
        bring(who, FORMATS["qti30"].write(one_of_each()).data)
    row = QuestionVersion
    rows = session.execute(sa.select(status_of(row), row.origin, row.made_by_id).where(row.origin == "imported")).all()
    assert [tuple(one) for one in rows] == [("draft", "imported", world.a.editor)] * 8
    assert session.scalars(sa.select(row.series_place).where(row.series_place.is_not(None))).all() == [1, 2]
    assert count(session, SharedStemVersion) == 1


def test_a_changed_file_makes_next_versions_and_a_changed_case_a_version_of_it(ground, session, world, as_) -> None:
    first = FORMATS["moodle"].write(one_of_each()).data
    second = first.replace("谁是".encode(), b"").replace("58 岁".encode(), "61 岁".encode())
    with as_(world.a.editor) as who:
        bring(who, first)
        assert {one.outcome for one in lines(who, first)} == {"unchanged"}
        # the words of the case stand before the question, so an edit elsewhere changes the question
        found = {one.code: one.outcome for one in lines(who, second)}
        assert found["htn-single"] == "changed"
        longer = [one if one.series is None else replaced(one) for one in one_of_each()]
        assert bring(who, FORMATS["gift"].write(longer).data, "gift")[1]["changed"] == 2
    assert count(session, SharedStemVersion) == 2
    assert count(session, QuestionVersion) == 1 + 8 + 2


def replaced(entry: Entry) -> Entry:
    return replace(entry, series=replace(entry.series, text="女，61 岁。")) if entry.series else entry


@pytest.mark.parametrize(
    ("defaults", "element", "why"),
    [
        (replace(DEFAULTS, technique="flying"), "technique flying", "no_technique"),
        (replace(DEFAULTS, source="hearsay"), "source hearsay", "no_source"),
        (replace(DEFAULTS, technique=""), "technique", "not_given"),
        (replace(DEFAULTS, level=""), "level", "not_given"),
        (replace(DEFAULTS, topic=""), "topic", "not_given"),
        (replace(DEFAULTS, bank=""), "bank", "no_bank"),
    ],
)
def test_what_the_bank_does_not_know_is_named(ground, session, world, as_, defaults, element: str, why: str) -> None:
    before = count(session, QuestionVersion)
    with as_(world.a.editor) as who:
        for line in lines(who, GIFT.encode(), "gift", defaults):
            assert line.outcome == "refused"
            assert (element, "refused", why) in [tuple(said) for said in line.reports]
        with pytest.raises(Conflict):
            bring(who, GIFT.encode(), "gift", defaults=defaults)
    assert count(session, QuestionVersion) == before


def test_one_refused_question_stops_all_unless_somebody_says_otherwise(ground, session, world, as_) -> None:
    data = FORMATS["moodle"].write(one_of_each()).data.replace(b"</quiz>", CLOZE.encode() + b"</quiz>")
    with as_(world.a.editor) as who:
        with pytest.raises(Conflict):
            bring(who, data)
        assert count(session, Question) == 1
        assert bring(who, data, partly=True)[1] == {"created": 8, "changed": 0, "unchanged": 0, "refused": 1}
    assert count(session, Question) == 9


def test_two_items_with_one_code_and_a_torn_series_are_refused(ground, world, as_) -> None:
    made = one_of_each()
    torn = [*made[2:], made[0], replaced(made[1]), made[3]]
    with as_(world.a.editor) as who:
        found = [
            (one.code, [why for _element, _done, why in one.reports])
            for one in lines(who, FORMATS["moodle"].write(torn).data)
        ]
    refused = {code: why for code, why in found if set(why) & {"twice", "torn_series"}}
    assert refused == {"htn-single": ["torn_series"], "htn-multiple": ["torn_series"], "htn-matching": ["twice"]}


def test_a_new_case_for_only_some_of_its_questions_is_refused(ground, world, as_) -> None:
    with as_(world.a.editor) as who:
        bring(who, FORMATS["moodle"].write(one_of_each()).data)
        (line,) = lines(who, FORMATS["gift"].write([replaced(one_of_each()[0])]).data, "gift")
        assert (line.outcome, line.reports[-1][2]) == ("refused", "torn_series")
        (line,) = lines(who, FORMATS["gift"].write(one_of_each()[:1]).data, "gift")
        assert line.outcome == "unchanged"


def test_a_bank_that_changed_between_check_and_import_is_checked_again(ground, session, world, as_) -> None:
    data = FORMATS["moodle"].write(one_of_each()[2:]).data
    with as_(world.a.editor) as who:
        sent = exchange.send(who, None, taken=taken(data), name="", defaults=DEFAULTS)
        plan = exchange.check(who, sent)
        bring(who, FORMATS["moodle"].write(one_of_each()[2:3]).data)
        with pytest.raises(Conflict, match=r"Check again|重新"):
            exchange.apply(who, sent, plan_hash=plan.digest)
    assert count(session, Question) == 2


def test_a_picture_from_outside_is_drawn_anew_and_one_that_is_none_is_refused(ground, session, world, as_) -> None:
    big = image(600, 400)
    name = hashlib.sha256(big).hexdigest()
    entry = one_of_each()[-1]
    entry = replace(
        entry, content=replace(entry.content, body=entry.content.body | {"picture": name}), pictures={name: big}
    )
    with as_(world.a.editor) as who:
        (line,) = lines(who, FORMATS["qti21"].write([entry]).data)
        assert ("picture", "changed", "picture_redrawn") in [tuple(said) for said in line.reports]
        broken = replace(entry, pictures={name: big[:60]})
        (line,) = lines(who, FORMATS["qti21"].write([broken]).data)
        assert line.outcome == "refused"


def test_old_files_are_thrown_away_and_nobody_else_sees_them(app, ground, session, world, as_) -> None:
    with as_(world.a.editor) as who:
        exchange.send(who, None, taken=taken(GIFT.encode()), name="gift", defaults=DEFAULTS)
    session.execute(sa.update(QuestionImport).values(expires_at=clock.now() - timedelta(minutes=1)))
    session.commit()
    with as_(world.b.editor):
        assert list(db.session.scalars(sa.select(QuestionImport))) == []
    with app.app_context():
        WORK["bank.expire_imports"](None)
    session.expire_all()
    kept = session.scalars(sa.select(QuestionImport)).one()
    assert (kept.state, kept.content, kept.plan) == ("expired", None, None)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_from_sending_to_importing(ground, session, world, page, work_off, language: str) -> None:
    who = world.a.editor
    for other in (world.a.exam_officer, world.a.doctor, world.a.auditor):
        page.get("/bank/import", other, expect=403)
    page.get("/bank/import", who, language=language)
    page.get("/bank/import/template.xlsx", who)
    assert page.answer.data[:2] == b"PK"
    data = FORMATS["moodle"].write(one_of_each()).data.replace(b"</quiz>", CLOZE.encode() + b"</quiz>")
    page.post("/bank/import", who, expect=303, file=(io.BytesIO(data), "a.xml"), bank="htn", level="apply")
    address = page.answer.headers["Location"]
    page.get(address, who, language=language)
    work_off()
    page.get(address, world.b.editor, expect=404)
    page.get(address, world.a.doctor, expect=404)
    shown = page.get(address, who, language=language)
    assert len(shown.select("tbody tr")) == 9
    assert "cloze" in shown.get_text()
    assert len(page.get(f"{address}?only=refused", who).select("tbody tr")) == 1
    page.get(f"{address}?export=csv", who)
    assert "cloze" in page.answer.text
    sent = session.scalars(sa.select(QuestionImport)).one()
    asked = {"sha256": sent.sha256, "plan": sent.plan_hash}
    page.post(f"{address}/apply", who, expect=409, **asked)
    page.post(f"{address}/apply", who, expect=409, **asked | {"plan": "0" * 64, "partly": "yes"})
    page.post(f"{address}/apply", who, expect=303, partly="yes", **asked)
    work_off()
    assert page.get(address, who, language=language).select_one(".notice")
    assert count(session, Question) == 9
    page.get("/bank/import", who, language=language)


def test_a_check_that_ends_while_its_page_is_made_is_shown_whole(ground, world, page, as_work_ends) -> None:
    data = FORMATS["moodle"].write(one_of_each()).data
    who = world.a.editor
    page.post("/bank/import", who, expect=303, file=(io.BytesIO(data), "a.xml"), bank="htn", level="apply")
    with as_work_ends():
        shown = page.get(page.answer.headers["Location"], who)
    assert len(shown.select("tbody tr")) == 8


def test_what_cannot_be_read_is_said_in_the_form(ground, world, page) -> None:
    for data in (b"<quiz><a></quiz>", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, b"a,b\n1,2\n"):
        found = page.post("/bank/import", world.a.editor, expect=422, file=(io.BytesIO(data), "x"))
        assert found.select(".field-error, .form-wrong, .notice"), data


@pytest.mark.parametrize("language", ["zh", "en"])
def test_keys_leave_only_with_who_may_read_them(ground, session, world, page, language: str) -> None:
    shown = page.get("/bank/export?bank=small", world.a.exam_officer, language=language)
    assert len(shown.select('a[href*="/bank/export/"]')) == 6
    page.get("/bank/export?bank=none", world.a.editor, language=language)
    for name in FORMATS:
        page.get(f"/bank/export/{name}?bank=small", world.b.editor)
        assert page.answer.headers["Content-Disposition"].startswith("attachment")
    page.get("/bank/export/docx", world.a.editor, expect=404)
    for other in (world.a.auditor, world.a.doctor, world.a.manager):
        page.get("/bank/export", other, expect=403)
        page.get("/bank/export/moodle", other, expect=403)


def test_the_commands(app, ground, session, world, tmp_path) -> None:
    run = app.test_cli_runner().invoke
    file, bad, out = tmp_path / "a.xml", tmp_path / "b.gift", tmp_path / "out.zip"
    file.write_bytes(FORMATS["moodle"].write(one_of_each()).data)
    bad.write_text("::q::Write {}\n\n::p::Which? {=a ~b}\n")
    checked = run(args=["bank", "check", str(bad)])
    assert checked.exit_code == 1
    assert "essay" in checked.output.splitlines()[0]
    assert run(args=["bank", "check", str(file)]).exit_code == 0
    assert run(args=["bank", "check", str(tmp_path / "none")]).exit_code == 2
    bad.write_text("<quiz>\n<a></quiz>")
    broken = run(args=["bank", "check", str(bad)])
    assert (broken.exit_code, len(broken.output.splitlines())) == (1, 1)
    assert "line 2" in broken.output
    asked = ["bank", "import", str(file), "--as", "a-editor", "--json"]
    told = json.loads(run(args=asked).stdout)
    assert (told["applied"], told["counts"]["created"]) == (False, 8)
    assert json.loads(run(args=[*asked, "--apply"]).stdout)["applied"] is True
    assert json.loads(run(args=[*asked, "--apply"]).stdout)["counts"]["unchanged"] == 8
    assert run(args=[*asked[:3], "--as", "nobody"]).exit_code == 2
    assert run(args=[*asked[:3], "--as", "a-doctor"]).exit_code == 1
    export = ["bank", "export", "--format", "qti21", "--out", str(out), "--bank", "htn", "--as"]
    assert run(args=[*export, "a-auditor"]).exit_code == 1
    assert not out.exists()
    assert run(args=[*export, "a-editor"]).exit_code == 0
    assert len(read(taken(out.read_bytes(), "x.zip"), "qti21").entries) == 8


def test_a_file_is_checked_without_settings_and_database(tmp_path: Path) -> None:
    run = offline_app(["assessments.bank"], "no settings").test_cli_runner().invoke
    (tmp_path / "a.gift").write_text("::q::Write {}\n")
    (tmp_path / "b.xml").write_text("<!DOCTYPE q><quiz/>")
    first, second = (run(args=["bank", "check", str(tmp_path / name)]) for name in ("a.gift", "b.xml"))
    assert (first.exit_code, second.exit_code) == (1, 1)
    assert "essay" in first.output
    assert "DTD" in second.output
    assert run(args=["bank", "export", "--format", "gift"]).exit_code == 2


def test_an_export_needs_no_more_statements_when_it_is_longer(ground, session, world, as_, queries) -> None:
    with as_(world.a.editor) as who:
        bring(who, FORMATS["moodle"].write(one_of_each()).data)
        queries.clear()
        exchange.export(who, None, sought=Sought(bank="htn"), name="gift")
        few = len(queries)
        more = [replace(one, code=f"{one.code}-{at}") for at in range(5) for one in one_of_each() if not one.series]
        bring(who, FORMATS["moodle"].write(more).data)
        queries.clear()
        exchange.export(who, None, sought=Sought(bank="htn"), name="gift")
        assert len(queries) == few
