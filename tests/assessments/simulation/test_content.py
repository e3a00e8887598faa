"""Cases as data: the default ones are sound, every fault is named with its line, versions never change."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.simulation.models import CaseVersion, SimulatedCase
from assessments.simulation.rules import Key, Section, Worth, score
from config import CHECKOUT
from lms.content.formats import kinds, open_pack
from tests.assessments.simulation.conftest import FEATURES, RENEWAL, Clinic, default_pack, load
from tests.factories import packs

FILE = "cases/bp.yaml"


def section(name: str, *acts: str, more: str = "") -> str:
    lines = "".join(f"      - {{{act}}}\n" for act in acts)
    return f"  {name}:\n{more}    acts:\n{lines}"


def act(code: str, worth: str = "needless", more: str = "") -> str:
    return f"code: {code}, text: 做{code}, found: 结果{code}, worth: {worth}{more}"


CASE = (
    """\
code: bp
title: {zh: 血压高, en: High pressure}
categories: [general_practitioner]
technique: bp
minutes: 10
place: 卫生院
opening:
  who: 男，50 岁
  says: 头晕。
  signs: [{name: 血压, value: 150/95}]
sections:
"""
    + section("ask", act("a1", "needed", ", essential: true"), act("a2", "optional"), act("a3"), act("a4"))
    + section("examine", act("e1", "needed"), act("e2"), act("e3"), act("e4"))
    + section("test", act("t1", "needed"), act("t2"), act("t3"), act("t4"))
    + section("decide", act("d1", "needed"), act("d2", more=", danger: 会出事"), act("d3"), act("d4"))
    + section("refer", act("r1"), act("r2"), act("r3"), act("r4"), more="    nothing_needed: true\n")
    + """\
expert:
  - {act: a1, why: 先问}
  - {act: e1, why: 再查}
  - {act: t1, why: 看结果}
  - {act: d1, why: 处理}
explanation: 就这样。
teaching: [{text: 量准, source: guide}]
sources: [guide]
"""
)


def checked(tmp_path: Path, text: str) -> list[str]:
    packs.write(tmp_path, {FILE: text})
    return [str(fault) for fault in open_pack(tmp_path, kinds((*FEATURES, "courses.curricula"))).faults]


def test_a_sound_case_has_no_fault(tmp_path: Path) -> None:
    assert checked(tmp_path, CASE) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("technique: bp", "technique: ecg", f"{FILE}:4: technique: there is no technique ecg"),
        ("source: guide", "source: book", ": teaching.0.source: there is no source book"),
        ("minutes: 10", "minutes: 100", f"{FILE}:5: minutes"),
        ("code: a2", "code: a1", f"{FILE}:15: a1: this act is there already"),
        ("worth: needed, essential: true", "worth: optional, essential: true", "a1: what is essential is needed"),
        ("worth: needless, danger: 会出事", "worth: optional, danger: 会出事", "d2: what can harm is not optional"),
        ("  - {act: e1, why: 再查}\n", "", "e1 is needed and missing in the expert's way"),
        ("act: e1", "act: zz", "zz: there is no such act"),
        ("act: e1", "act: e2", "e2: the expert does nothing needless"),
        ("  - {act: e1, why: 再查}\n", "  - {act: e1, why: 再}\n  - {act: a1, why: 又}\n", "a1: the expert has done"),
        ("    nothing_needed: true\n", "", "refer: no act is needed; say nothing_needed"),
        (act("r1"), act("r1", "needed"), "refer: it says that nothing is needed"),
        ("technique: bp", "technique: bp\nalso: [bp]", "bp: this is the main technique already"),
        ("worth: needless", "worth: useless", "worth"),
        ("place: 卫生院", "place: 卫生院\nprice: 3", f"{FILE}:7: price: this key is not known"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in CASE
    faults = checked(tmp_path, CASE.replace(old, new, 1))
    assert any(fault.startswith(FILE) and expected in fault for fault in faults), "\n".join(faults)


def test_a_section_without_a_choice_is_refused(tmp_path: Path) -> None:
    poor = CASE.replace(
        section("examine", act("e1", "needed"), act("e2"), act("e3"), act("e4")),
        section("examine", act("e1", "needed"), *(act(f"e{n}", "optional") for n in (2, 3, 4))),
    )
    assert any("examine: nothing is needless" in fault for fault in checked(tmp_path, poor))


def test_the_default_cases_reward_the_expert_and_punish_ordering_everything(clinic: Clinic) -> None:
    pack = default_pack()
    assert [fault for fault in pack.faults if fault.file.startswith("cases/")] == []
    files = pack.files("case")
    assert len(files) >= 2
    for file in files:
        key = Key.of(file.value.body()["key"])
        way = [step.act for step in file.value.expert]
        assert score(key, way).percent == 100
        assert score(key, [one.code for one in key.acts]).percent <= key.danger_cap
        harmless = [one.code for one in key.acts if not one.dangerous]
        assert score(key, harmless).percent < 80, f"{file.name}: ordering everything pays"
        for name, part in file.value.sections.each():
            assert 8 <= len(part.acts) <= 14, f"{file.name}: {name}"
            assert key.of_worth(Worth.NEEDED, Section(name))


def test_what_a_player_may_see_holds_nothing_of_the_key(clinic: Clinic, session: orm.Session) -> None:
    scenes = session.execute(sa.select(SimulatedCase.code, CaseVersion.scene).join(CaseVersion)).all()
    assert len(scenes) == len(default_pack().files("case"))
    for code, scene in scenes:
        key = clinic.key(code)
        for part in scene["sections"]:
            for one in part["acts"]:
                assert set(one) <= {"code", "text", "minutes", "found"}
                assert ("found" in one) is (part["section"] in ("ask", "examine", "test"))
        outcomes = [said["found"] for said in key["acts"].values() if "found" in said]
        assert not any(outcome in str(scene) for outcome in outcomes)


def test_loading_again_changes_nothing_and_other_words_are_a_new_version(
    app: Flask, clinic: Clinic, session: orm.Session, tmp_path: Path
) -> None:
    load(app, default_pack())
    assert set(session.scalars(sa.select(CaseVersion.version))) == {1}
    folder = tmp_path / "content"
    for path in (CHECKOUT / "content").rglob("*.yaml"):
        if path.parts[-2] in ("content", "techniques", "cases"):
            target = folder / path.relative_to(CHECKOUT / "content")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text().replace("照原样再开一个月就行", "照原样再开两个月就行"))
    changed = open_pack(folder, kinds(FEATURES))
    assert [fault for fault in changed.faults if fault.file.startswith("cases/")] == []
    load(app, changed)
    session.expire_all()
    query = sa.select(CaseVersion.version, CaseVersion.content_hash).join(SimulatedCase)
    renewal = session.execute(query.where(SimulatedCase.code == RENEWAL).order_by(CaseVersion.version)).all()
    assert [row.version for row in renewal] == [1, 2]
    assert renewal[0].content_hash != renewal[1].content_hash
