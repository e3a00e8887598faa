"""The default content pack: how much of what it holds, and on what it all rests."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import config
from assessments.bank.rules.kinds import Kind
from assessments.stations.rules import Kind as Use
from assessments.stations.rules.skills import Skill
from lms.content.formats import Pack, kinds, open_pack
from lms.people.models import Category
from lms.techniques.content import TechniqueEntry, categories

#: A work that says of itself that it holds no figure.
WITHOUT_FIGURES = "teaching-notes-2026"
DOSED = re.compile(r"\d\s*(mmHg|mmol|mg|ml|mL|cm|kPa|%|℃|IU|次/分|分钟|小时|月龄|岁)")
LEARNERS = (Category.GENERAL_PRACTITIONER, Category.VILLAGE_DOCTOR, Category.NURSE)


@cache
def pack() -> Pack:
    """All of content/."""
    return open_pack(config.CHECKOUT / "content", kinds(config.FEATURES))


def values(kind: str) -> list[Any]:
    """What the files of a kind say."""
    return [file.value for file in pack().files(kind)]


def techniques(category: Category | None = None) -> list[TechniqueEntry]:
    """The techniques of a category, those it shares among them, or all."""
    fitting = categories(pack().files("technique"))
    entries = [entry for file in values("technique") for entry in file.techniques]
    return [entry for entry in entries if category is None or category in fitting[entry.code]]


def questions() -> list[Any]:
    """The questions of all banks."""
    return [question for bank in values("question") for question in bank.questions]


def cited(value: Any) -> Iterator[str]:
    """Every source that plain values name, however deep."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key == "source":
                yield below
            elif key == "sources":
                yield from below
            else:
                yield from cited(below)
    elif isinstance(value, list):
        for below in value:
            yield from cited(below)


def all_cited() -> Counter[str]:
    """How often each source is named outside pack.yaml."""
    named = (cited(file.value.model_dump()) for kind, files in pack().read.items() if kind != "pack" for file in files)
    return Counter(code for codes in named for code in codes)


def test_the_pack_has_no_fault() -> None:
    assert [str(fault) for fault in pack().faults] == []


@pytest.mark.parametrize("category", LEARNERS)
def test_each_category_has_ten_core_techniques_and_more_beside(category: Category) -> None:
    found = Counter(entry.core for entry in techniques(category))
    assert found[True] == 10
    assert found[False] >= 5


def test_a_technique_that_categories_share_is_described_once() -> None:
    shared = Counter(code for code, fitting in categories(pack().files("technique")).items() if len(fitting) > 1)
    assert {"cpr-adult", "bp-measurement", "anaphylaxis-first-response"} <= set(shared)
    titles = Counter(entry.title.zh for entry in techniques())
    assert [title for title, times in titles.items() if times > 1] == []


@pytest.mark.parametrize("entry", techniques(), ids=lambda entry: entry.code)
def test_a_standard_is_numbered_steps_and_a_figure_has_a_source(entry: TechniqueEntry) -> None:
    steps = re.findall(r"^(\d+)\. ", entry.standard, re.MULTILINE)
    assert steps == [str(number + 1) for number in range(len(steps))]
    assert 4 <= len(steps) <= 12
    if DOSED.search(entry.standard):
        assert set(entry.sources) - {WITHOUT_FIGURES}, entry.code


def test_thirty_questions_for_exams_stand_in_three_banks_of_both_types_and_all_levels() -> None:
    banks = {bank.bank: len(bank.questions) for bank in values("question")}
    assert banks == {"hypertension": 15, "village-doctor": 8, "nurse": 7, "core-cases": 9, "core-practice": 30}
    for bank in values("question"):
        if bank.bank.startswith("core-"):
            continue
        assert {question.type for question in bank.questions} == {"single", "multiple"}
        assert {question.level for question in bank.questions} == {"recall", "apply", "analyse"}


def test_there_is_a_question_of_every_kind_to_sit_and_to_practise_and_a_whole_series() -> None:
    banks = {bank.bank: bank for bank in values("question")}
    for bank in ("core-cases", "core-practice"):
        assert {question.type for question in banks[bank].questions} == set(Kind)
    assert {bank.bank for bank in banks.values() if bank.use == "practice"} == {"core-practice"}
    series = [one.series for one in banks["core-cases"].questions if one.series]
    assert [(one.case, one.place) for one in series] == [("cc-diarrhoea", at) for at in (1, 2, 3)]


def test_what_is_practised_with_is_about_the_core_techniques_of_every_category() -> None:
    practice = Counter(one.technique for file in values("question") if file.use == "practice" for one in file.questions)
    for category in LEARNERS:
        core = {entry.code for entry in techniques(category) if entry.core}
        assert sum(practice[code] for code in core) >= 10, category
    assert {
        one.code for one in questions() if one.stem in {other.stem for other in questions() if other is not one}
    } == set()


def test_a_question_fits_its_category_and_rests_on_more_than_notes() -> None:
    for bank, category in (("village-doctor", Category.VILLAGE_DOCTOR), ("nurse", Category.NURSE)):
        known = {entry.code for entry in techniques(category)}
        for question in (one for file in values("question") if file.bank == bank for one in file.questions):
            assert question.technique in known, question.code
    assert [question.code for question in questions() if question.source == WITHOUT_FIGURES] == []


def test_the_right_answer_is_not_to_be_guessed_from_its_place_or_length() -> None:
    single = [question for question in questions() if question.type == "single"]
    places = Counter(next(one.key for one in question.options if one.right) for question in single)
    assert max(places.values()) <= len(single) / 2
    longest = [max(question.options, key=lambda one: len(one.text)).right for question in single]
    assert sum(longest) <= len(longest) / 2


#: Those where the patient is a manikin, a sheet of paper or nobody.
WITHOUT_PATIENT = {
    "auscultation-station",
    "chest-xray-reading-station",
    "diabetes-case-station",
    "ecg-reading-station",
    "ethics-station",
}


def test_there_are_stations_enough_for_a_county_exam_that_an_examiner_can_run() -> None:
    stations = {station.code: station for station in values("station") if station.kind == Use.STATION}
    assert len(stations) == 18
    assert {"bp-measurement-station", "adult-cpr-station", "wound-dressing-station"} <= set(stations)
    assert {station.skill for station in stations.values()} == set(Skill)
    for station in stations.values():
        assert station.candidate
        assert station.examiner
        assert bool(station.patient) == (station.code not in WITHOUT_PATIENT), station.code
        assert station.equipment
        assert station.key_rule is not None or station.code == "ethics-station"
        assert any(item.critical for item in station.items) or station.code == "auscultation-station"
        assert all(item.key for item in station.items if item.critical), station.code
        assert [level.borderline for level in station.rating.levels] == [False, True, False, False, False]
        if DOSED.search(station.examiner + "".join(item.text for item in station.items)):
            assert set(station.sources) - {WITHOUT_FIGURES}, station.code


def test_the_forms_of_the_workplace_end_in_the_entrustment_scale() -> None:
    forms = {form.kind: form for form in values("station") if form.kind != Use.STATION}
    assert {kind: form.code for kind, form in forms.items()} == {
        Use.DOPS: "dops-generic",
        Use.MINI_CEX: "mini-cex",
        Use.CBD: "cbd",
    }
    for form in forms.values():
        assert form.technique is None
        assert [level.code for level in form.rating.levels] == [f"level-{number}" for number in range(1, 6)]
        assert any(item.optional for item in form.items)
        assert "entrustment-scale" in form.sources


def test_the_national_practical_exam_is_the_published_table() -> None:
    exam = next(one for one in values("blueprint") if one.code == "physician-practical-exam")
    assert [[(post.skill, post.marks, post.minutes) for post in part.posts] for part in exam.parts] == [
        [("history", 15, 11), ("case_analysis", 22, 15)],
        [("physical_exam", 20, 13), ("procedure", 20, 11)],
        [("auscultation", 8, None), ("imaging", 6, None), ("ecg", 7, None), ("ethics", 2, None)],
    ]
    assert (exam.total, exam.pass_marks, exam.parts[2].minutes) == (100, 60, 15)


def test_every_post_of_every_blueprint_has_a_station_that_fits_its_time() -> None:
    stations = {station.code: station for station in values("station")}
    for blueprint in values("blueprint"):
        for part in blueprint.parts:
            first = [stations[post.stations[0]] for post in part.posts]
            assert sum(station.minutes for station in first) <= part.minutes, blueprint.code
            for post, station in zip(part.posts, first, strict=True):
                assert station.skill == post.skill
                assert station.minutes <= (post.minutes or part.minutes)


def test_there_are_two_cases() -> None:
    assert len(values("case")) == 2


def test_every_source_is_used_and_says_what_of_it_was_read() -> None:
    register = pack().about.sources
    assert {source.code for source in register} == set(all_cited())
    assert [source.code for source in register if len(source.where) < 8] == []
    assert len({source.title for source in register}) == len(register)


def test_no_course_question_or_case_rests_on_a_text_that_was_not_read() -> None:
    unread = {source.code for source in pack().about.sources if re.search("待对照|推断", source.where)}
    teaching = (value.model_dump() for kind in ("course", "lesson", "question", "case") for value in values(kind))
    assert sorted({code for value in teaching for code in cited(value)} & unread) == []
