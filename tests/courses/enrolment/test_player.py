"""A real film of ours in a real browser: what was played is told, and another device goes on where one stopped."""

import shutil

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.browser import axe_source
from tests.factories import packs, sounds
from tests.films import COURSES
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

FILM = COURSES / "cpr-and-shock" / "attachments" / "compressions.webm"
SECONDS = 72
BOTH = packs.LESSON.format(
    code="measure", zh="看按压", en="Watch", minutes=3, attachments="film.webm, film.vtt, short.wav", body="先看后答。"
)
WATCH = packs.LESSON.format(
    code="diagnose", zh="只看片子", en="Film", minutes=3, attachments="film.webm, film.vtt", body="看完就算。"
).replace("self_check:", "asks: [watched]\nself_check:")


@pytest.fixture
def pack(tmp_path):
    """The small pack: a film and a sound in its first lesson, the film alone in its second."""
    lessons = {"01-measure.md": BOTH, "02-diagnose.md": WATCH}
    folder = packs.write(
        tmp_path / "pack", {f"courses/hypertension/lessons/{name}": text for name, text in lessons.items()}
    )
    files = folder / "courses/hypertension/attachments"
    for suffix in (".webm", ".vtt"):
        shutil.copyfile(FILM.with_suffix(suffix), files / f"film{suffix}")
    (files / "short.wav").write_bytes(sounds.tone(4))
    return folder


def rows(site, statement):
    with site.engine().connect() as connection:
        return connection.execute(sa.text(statement)).all()


def lesson(site, page, code="measure", *, begin=False):
    page.goto(f"{site.address}/courses/hypertension{'' if begin else f'/lessons/{code}'}")
    if begin:
        page.get_by_role("button", name="开始学习").click()
        page.wait_for_url("**/lessons/measure")
    page.locator(".lesson[data-ready]").wait_for(state="attached")
    page.locator("[data-kept][data-state=saved]").wait_for()
    page.locator("h1").click()  # a film plays only for somebody who is there
    return page.locator("video")


COME = """(film, at) => new Promise((go, lost) => {
    const end = performance.now() + 90000;
    const look = () => {
        if (film.currentTime >= at) return go();
        if (film.error) return lost(film.error.message);
        if (performance.now() > end) return lost(`it stands at ${film.currentTime}`);
        setTimeout(look, 50);
    };
    look();
})"""
TOLD = """SELECT a.name, p.start_ms, p.stop_ms, p.verdict
    FROM watched_piece p JOIN lesson_attachment a ON a.id = p.attachment_id"""
EARLIER = """
WITH here AS (
  SELECT e.id AS enrolment, e.person_id, e.institution_id, l.id AS lesson, a.id AS film
  FROM enrolment e JOIN lesson l ON l.version_id = e.version_id AND l.code = 'diagnose'
  JOIN lesson_attachment a ON a.lesson_id = l.id AND a.name = 'film.webm'
), opened AS (
  INSERT INTO lesson_event (id, enrolment_id, lesson_id, person_id, institution_id, kind, received_at)
  SELECT gen_random_uuid(), enrolment, lesson, person_id, institution_id, 'opened', now() - interval '10 min' FROM here
)
INSERT INTO watched_piece (id, enrolment_id, lesson_id, attachment_id, person_id, institution_id, start_ms, stop_ms,
  began_at, ended_at, verdict, ago_seconds, received_at)
SELECT gen_random_uuid(), enrolment, lesson, film, person_id, institution_id, 0, 63000,
  now() - interval '8 min', now() - interval '6 min', 'counts', 0, now() - interval '6 min' FROM here
"""


def play(film, at, until):
    film.evaluate("(film, at) => { film.currentTime = at; return film.play() }", at)
    film.evaluate(COME, until)


def test_one_goes_on_on_another_device_and_the_lesson_counts_once_nine_tenths_were_watched(site, line, phone):
    answered = set()
    line.loses = lambda asked, status: "film.webm" in asked.path and answered.add(status) is not None
    page = phone()
    lesson(site, page, begin=True)
    with site.engine().begin() as connection:
        connection.execute(sa.text(EARLIER))
    film = lesson(site, page, "diagnose")
    wait_until(lambda: film.evaluate("film => film.duration") == SECONDS)
    play(film, 40, 44.5)
    # the place is told every four seconds, and is as long on its way as the line takes
    wait_until(lambda: rows(site, "SELECT 1 FROM playing_place WHERE at_ms >= 44000"))
    stopped = film.evaluate("film => film.currentTime")
    page.context.close()  # as when a phone's battery ends: nothing more is sent
    tablet = phone(viewport={"width": 820, "height": 1180})
    there = lesson(site, tablet, "diagnose")
    there.evaluate(COME, 0.5)
    assert abs(there.evaluate("film => film.currentTime") - stopped) <= 5
    assert tablet.locator("[data-complete]").is_hidden()
    play(there, 66, 69.5)
    there.evaluate("film => film.pause()")
    expect(tablet.locator("[data-complete]")).to_be_visible()
    assert answered == {206}
    assert rows(site, "SELECT count(*) FROM lesson_completion") == [(1,)]


def accessible(page, film):
    """Who cannot hear or see it reads what is said."""
    film.evaluate("film => { film.currentTime = 9 }")
    shown = "film => [film.textTracks[0].mode, ...[...film.textTracks[0].activeCues ?? []].map(cue => cue.text)]"
    wait_until(
        lambda: film.evaluate(shown) == ["showing", "快慢：每分钟 100～120 次。现在是每分钟 110 次，一响按一下。"]
    )
    page.get_by_text("字幕全文").click()
    said = page.locator("[data-said] li")
    expect(said).to_have_count(13)
    expect(said.nth(2)).to_contain_text("0:08")
    page.evaluate(axe_source().read_text("utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations', 'incomplete']})")
    assert [one["id"] for one in found["violations"]] == []
    assert "video-caption" not in [one["id"] for one in found["incomplete"]]


def test_what_is_played_counts_and_what_is_jumped_over_does_not(site, phone):
    page = phone()
    film, sound = lesson(site, page, begin=True), page.locator("audio")
    accessible(page, film)
    play(film, 0, 0.2)
    film.evaluate(COME, 1)
    sound.evaluate("film => film.play()")
    assert film.evaluate("film => film.paused")  # one at a time
    sound.evaluate("film => new Promise(go => film.ended ? go() : film.addEventListener('ended', go))")
    film.evaluate("film => film.play()")
    film.evaluate(COME, 2)
    play(film, 60, 61.5)
    film.evaluate("film => film.pause()")
    page.locator("[data-kept][data-state=saved]").wait_for()
    wait_until(lambda: max((stop for _, _, stop, _ in rows(site, TOLD)), default=0) >= 61_000)
    assert {name for name, *_ in rows(site, TOLD)} == {"film.webm", "short.wav"}
    pieces = rows(site, TOLD)
    assert {verdict for *_, verdict in pieces} == {"counts"}
    assert sum(stop - start for name, start, stop, _ in pieces if name == "short.wav") >= 3600
    assert not [one for one in pieces if one.start_ms < 50_000 < one.stop_ms]
