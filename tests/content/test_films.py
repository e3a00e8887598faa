"""Films of the default pack: as long as drawn, light, with captions whose figures stand in the lesson."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from courses.curricula.rules import lengths
from tests.content.test_pack import pack
from tests.films import COURSES

FILMS = sorted(COURSES.glob("*/attachments/*.webm"))
FIGURE = re.compile(r"\d+(?:～\d+)?(?:次|cm|秒)")
TIMES = re.compile(r"^(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})$", re.MULTILINE)


def lesson_of(film: Path):
    [found] = [
        file.value
        for file in pack().files("lesson")
        if file.path.parents[1] == film.parents[1] and film.name in file.value.attachments
    ]
    return found


def test_there_is_a_film():
    assert FILMS


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.stem)
def test_a_film_is_light_and_as_long_as_it_was_drawn(film):
    source = film.parents[1] / "films" / f"{film.stem}.js"
    seconds = int(re.search(r"seconds: (\d+)", source.read_text())[1])
    assert lengths.seconds(film) == seconds
    assert 60 <= seconds <= 90
    assert film.stat().st_size < 900_000


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.stem)
def test_what_a_film_says_can_be_read_and_its_figures_stand_in_the_lesson(film):
    lesson, captions = lesson_of(film), film.with_suffix(".vtt")
    assert captions.name in lesson.attachments
    text = captions.read_text()
    times = [
        tuple(int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in (one[:3], one[3:])) for one in TIMES.findall(text)
    ]
    assert len(times) == text.count("-->") >= 10
    assert all(begin < end <= lengths.seconds(film) for begin, end in times)
    assert all(before[1] <= after[0] for before, after in pairwise(times))
    drawn = "".join(re.findall(r'says: "([^"]*)"', (film.parents[1] / "films" / f"{film.stem}.js").read_text()))
    told, drawn_too = (set(FIGURE.findall(words.replace(" ", ""))) for words in (text, drawn))
    assert {"100～120次", "5～6cm", "10秒"} <= told & drawn_too
    beside = {"110次"}  # the film's own beat, which lies between
    assert {figure for figure in told - beside if figure not in lesson.body.replace(" ", "")} == set()
