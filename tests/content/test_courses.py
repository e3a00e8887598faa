"""The courses and curricula of the default pack, read as a teacher would: length, source, self-checks."""

import re
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from lms.content.formats import File
from lms.people.models import Category
from lms.web.markup import plain
from tests.content.test_pack import DOSED, LEARNERS, WITHOUT_FIGURES, pack, techniques, values

#: What a Chinese editor counts: characters, marks, and foreign words or figures.
WORD = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef“”‘’—…]|[A-Za-z0-9.%/]+")
SVG = "{http://www.w3.org/2000/svg}"
#: The part of a lesson that sends the doctor off with one thing to do.
LAST = "## 今天就能做的一件事"


def lessons() -> list[File[Any]]:
    """Every lesson of every course."""
    return pack().files("lesson")


def of(course: str) -> list[Any]:
    """The lessons of a course."""
    return [file.value for file in lessons() if file.path.parents[1].name == course]


def courses() -> list[Any]:
    """Every course."""
    return values("course")


def curricula() -> dict[Category, Any]:
    """The curriculum of each category."""
    return {one.category: one for one in values("curriculum")}


def one(file: File[Any]) -> str:
    """A name for a case."""
    return str(file.value.code)


def test_there_are_twelve_courses_and_every_category_has_its_own() -> None:
    assert len(courses()) >= 12
    fitting = Counter(category for course in courses() for category in course.categories)
    assert all(fitting[category] >= 4 for category in LEARNERS), fitting
    wanted = {
        Category.GENERAL_PRACTITIONER: {
            "diabetes-primary-care",
            "cpr-and-shock",
            "ecg-first-reading",
            "chest-xray-reading",
        },
        Category.VILLAGE_DOCTOR: {
            "upper-respiratory-infection",
            "gastroenteritis-rehydration",
            "vaccination-in-village",
            "health-records-and-privacy",
        },
        Category.NURSE: {"basic-nursing", "iv-infusion", "wound-care"},
    }
    for category, codes in wanted.items():
        assert codes <= {course.code for course in courses() if category in course.categories}


@pytest.mark.parametrize("course", courses(), ids=lambda course: course.code)
def test_a_course_is_four_to_seven_lessons_and_names_what_its_lessons_rest_on(course: Any) -> None:
    inside = of(course.code)
    assert 4 <= len(inside) <= 7
    assert set(course.sources) == {source for lesson in inside for source in lesson.sources}
    assert {source for source in course.sources if source != WITHOUT_FIGURES}
    assert course.techniques


@pytest.mark.parametrize("file", lessons(), ids=one)
def test_a_lesson_takes_about_ten_minutes_and_ends_with_something_to_do(file: File[Any]) -> None:
    body = file.value.body
    assert 880 <= len(WORD.findall(body)) <= 2400
    assert 6 <= file.value.minutes <= 12
    assert body.count(LAST) == 1
    assert body.index(LAST) > len(body) * 3 // 4
    assert re.search(r"^## .*一幕$", body, re.MULTILINE), "a scene in which it is used"
    assert re.search(r"^\| --- ", body, re.MULTILINE) or re.search(r"^\d+\. ", body, re.MULTILINE)
    assert not re.search(r"<[a-z/!]", body), "no raw HTML"
    assert "**" not in plain(body), "bold that Markdown does not take for bold"


@pytest.mark.parametrize("file", lessons(), ids=one)
def test_a_figure_in_a_lesson_has_a_source(file: File[Any]) -> None:
    value = file.value
    assert value.sources
    told = "".join(text for check in value.self_check for text in (*check.options, check.explanation))
    if DOSED.search(value.body.split("一幕")[0] + told):
        assert set(value.sources) - {WITHOUT_FIGURES}


@pytest.mark.parametrize("file", lessons(), ids=one)
def test_self_checks_explain_themselves_whatever_the_order_of_their_options(file: File[Any]) -> None:
    checks = file.value.self_check
    assert len(checks) >= 2
    for check in checks:
        assert len(check.explanation) >= 15, check.stem
        assert check.explanation not in check.options
        assert not re.search(r"选项|[A-E]项", check.explanation), "options may stand in another order"
    assert len({check.stem for check in checks}) == len(checks)


def test_neither_place_nor_length_gives_the_right_answer_away() -> None:
    single = [check for file in lessons() for check in file.value.self_check if len(check.right) == 1]
    places = Counter(check.right[0] for check in single)
    assert max(places.values()) <= len(single) / 2
    assert any(len(check.right) > 1 for file in lessons() for check in file.value.self_check)
    longest = [len(check.options[check.right[0]]) == max(len(text) for text in check.options) for check in single]
    assert sum(longest) <= len(longest) / 2


def test_no_two_lessons_ask_the_same_question() -> None:
    asked = Counter(check.stem for file in lessons() for check in file.value.self_check)
    assert [stem for stem, times in asked.items() if times > 1] == []


def pictures() -> list[Path]:
    """Every drawing that belongs to a course."""
    return sorted(path for path in pack().folder.glob("courses/*/attachments/*.svg"))


@pytest.mark.parametrize("path", pictures(), ids=lambda path: path.stem)
def test_a_drawing_says_what_it_shows_and_brings_in_nothing(path: Path) -> None:
    root = ET.parse(path).getroot()
    title, text = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert text is not None
    assert len(text.text or "") >= 20
    assert {item.tag for item in root.iter()} & {f"{SVG}script", f"{SVG}image", f"{SVG}foreignObject"} == set()
    assert "href" not in path.read_text(encoding="utf-8")


def test_every_attachment_is_named_by_a_lesson_of_its_course() -> None:
    for course in courses():
        named = {name for lesson in of(course.code) for name in lesson.attachments}
        there = {path.name for path in pack().folder.glob(f"courses/{course.code}/attachments/*")}
        assert there == named, course.code


@pytest.mark.parametrize("category", LEARNERS)
def test_a_curriculum_asks_what_its_category_can_be_taught(category: Category) -> None:
    curriculum = curricula()[category]
    asked = [requirement for tier in curriculum.tiers for requirement in tier.requirements]
    fitting = {course.code for course in courses() if category in course.categories}
    assert {ask.course for ask in asked if ask.course} == fitting
    known = {entry.code for entry in techniques(category)}
    assert {ask.technique for ask in asked if ask.technique and ask.kind == "technique"} <= known
    assert all(6 <= len(tier.requirements) <= 12 for tier in curriculum.tiers)


@pytest.mark.parametrize("category", LEARNERS)
def test_by_the_fourth_star_every_core_technique_is_done_unsupervised(category: Category) -> None:
    core = {entry.code for entry in techniques(category) if entry.core}
    fourth = {ask.technique for ask in curricula()[category].tiers[3].requirements if ask.amount == 4}
    assert core <= fourth
    rising = [ask for tier in curricula()[category].tiers for ask in tier.requirements if ask.kind == "technique"]
    for technique in {ask.technique for ask in rising}:
        levels = [ask.amount for ask in rising if ask.technique == technique]
        assert levels == sorted(set(levels)), technique


@pytest.mark.parametrize("category", LEARNERS)
def test_new_doctors_go_one_three_x_and_those_in_post_forty_hours_a_year(category: Category) -> None:
    curriculum = curricula()[category]
    new, in_post = curriculum.assign
    assert (new.begins, in_post.begins) == ("joining", "assignment")
    assert (new.months, in_post.joined_until.year + 1) == ([12, 24, 36, 48, 60], new.joined_from.year)
    yearly = [ask for ask in curriculum.tiers[0].requirements if ask.yearly]
    assert [(ask.kind, ask.amount) for ask in yearly] == [("hours", 40)]
