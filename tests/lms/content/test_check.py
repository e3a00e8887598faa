"""Checking a pack: every fault, with file and line, and no database."""

import json

import pytest

from tests.factories import packs
from tests.processes import bare_flask

TECHNIQUES, COURSE, LESSON = (
    "techniques/gp.yaml",
    "courses/hypertension/course.yaml",
    "courses/hypertension/lessons/01-measure.md",
)


def changed(name, old, new):
    """One file of the small pack with a text replaced; it must have been there."""
    assert old in packs.SMALL[name]
    return {name: packs.SMALL[name].replace(old, new, 1)}


def test_a_sound_pack_has_no_fault(tmp_path):
    assert packs.check(packs.write(tmp_path)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (changed(TECHNIQUES, "core: true", "core: perhaps"), f"{TECHNIQUES}:6: techniques.0.core"),
        (changed(TECHNIQUES, "    kind: emergency", "    kind: magic"), f"{TECHNIQUES}:14: techniques.1.kind"),
        (changed(TECHNIQUES, "    core: false\n", ""), f"{TECHNIQUES}:12: techniques.1.core: Field required"),
        (
            changed(TECHNIQUES, "core: true", "core: true\n    price: 3"),
            f"{TECHNIQUES}:7: techniques.0.price: this",
        ),
        (changed(TECHNIQUES, "code: cpr", "code: bp"), f"{TECHNIQUES}:12: techniques.1.code: technique bp is there"),
        (changed(TECHNIQUES, "[guide]", "[book]"), f"{TECHNIQUES}:11: techniques.0.sources.0: there is no source book"),
        (changed(TECHNIQUES, "code: bp", "code: B P"), f"{TECHNIQUES}:3: techniques.0.code"),
        (changed(TECHNIQUES, "techniques:", "techniques: [\n"), f"{TECHNIQUES}:"),
        (changed(TECHNIQUES, "core: true", "core: true\n    core: false"), f"{TECHNIQUES}:7: found duplicate key"),
        (changed(COURSE, "[bp]", "[bp, ecg]"), f"{COURSE}:6: techniques.1: there is no technique ecg"),
        (changed(COURSE, "02-diagnose.md", "03-none.md"), f"{COURSE}:9: lessons.1: there is no lessons/03-none.md"),
        (changed(COURSE, ", 02-diagnose.md", ""), f"{COURSE}:9: lessons: lessons/02-diagnose.md is not named"),
        (changed(COURSE, "code: hypertension", "code: other"), f"{COURSE}:1: code: the folder is called"),
        (changed(COURSE, "prerequisites: []", "prerequisites: [hypertension]"), f"{COURSE}:7: prerequisites: a course"),
        (changed(LESSON, "right: [1]", "right: [3]"), f"{LESSON}:8: self_check.0: right: there is no option 3"),
        (changed(LESSON, "right: [0, 2]", "right: [0, 1, 2]"), f"{LESSON}:12: self_check.1: right: not every"),
        (changed(LESSON, "right: [0, 2]", "right: [0, 0]"), f"{LESSON}:12: self_check.1: right: an option is named"),
        (changed(LESSON, "minutes: 9", "minutes: 90"), f"{LESSON}:4: minutes"),
        (changed(LESSON, "card.svg", "none.svg"), f"{LESSON}:6: attachments.0: there is no attachments/none.svg"),
        (changed(LESSON, "card.svg", "../../pack.yaml"), f"{LESSON}:6: attachments.0"),
        ({LESSON: "# no front matter\n"}, f"{LESSON}:1: the file must begin with ---"),
        ({LESSON: packs.SMALL[LESSON].split("## ")[0]}, f"{LESSON}:17: body"),
        ({"techniques/gp.yaml": None}, f"{COURSE}:6: techniques.0: there is no technique bp"),
        ({"notes/todo.txt": "x"}, "notes/todo.txt:1: no feature knows this file"),
    ],
)
def test_a_fault_is_named_with_file_and_line(tmp_path, changes, expected):
    faults = packs.check(packs.write(tmp_path, changes))
    assert any(fault.startswith(expected) for fault in faults), "\n".join(faults)


def test_all_faults_are_named_not_the_first(tmp_path):
    changes = changed(TECHNIQUES, "core: true", "core: perhaps") | changed(LESSON, "right: [1]", "right: [7]")
    changes |= {"pack.yaml": packs.PACK.replace("year: 2025", "year: soon")}
    faults = packs.check(packs.write(tmp_path, changes))
    assert {fault.split(":")[0] for fault in faults} == {TECHNIQUES, LESSON, "pack.yaml"}


def test_a_file_that_is_not_utf8_is_named_with_its_line(tmp_path):
    packs.write(tmp_path)
    (tmp_path / TECHNIQUES).write_bytes("category: nurse\n技术: 1\n".encode("gb18030"))
    assert f"{TECHNIQUES}:2: not UTF-8 text" in packs.check(tmp_path)


def test_the_command_needs_no_database_and_no_setting(tmp_path):
    done = bare_flask("content", "check", str(packs.write(tmp_path)), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"] is True


def test_the_command_exits_with_one_and_names_every_fault(tmp_path):
    packs.write(tmp_path, changed(TECHNIQUES, "core: true", "core: perhaps"))
    done = bare_flask("content", "check", str(tmp_path), "--json")
    assert done.returncode == 1
    assert [(f["file"], f["line"]) for f in json.loads(done.stdout)["faults"]] == [(TECHNIQUES, 6)]
    assert f"{TECHNIQUES}:6:" in bare_flask("content", "check", str(tmp_path)).stdout


def test_a_folder_that_is_no_pack_is_refused_in_one_line(tmp_path):
    done = bare_flask("content", "check", str(tmp_path))
    assert done.returncode == 1
    assert "is not a content pack" in done.stderr


def test_the_default_pack_is_sound():
    done = bare_flask("content", "check", "content")
    assert done.returncode == 0, done.stdout
