"""Films and sounds of a pack: how long they play, what is refused, where they lie, and hashes that stay."""

import struct

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from courses.curricula.content import LessonFile
from courses.curricula.content.courses import _left_out
from courses.curricula.models import CourseVersion, Lesson, LessonAttachment
from courses.curricula.queries.media import pieces
from courses.curricula.rules import lengths
from tests.factories import packs, sounds

LESSONS = "courses/hypertension/lessons"
FILES = "courses/hypertension/attachments"


def lesson(attachments="", more=""):
    text = packs.LESSON.format(
        code="measure", zh="量准血压", en="Measure", minutes=9, attachments=attachments, body="请坐。"
    )
    return text.replace("minutes: 9", f"minutes: 9\n{more}" if more else "minutes: 9")


@pytest.fixture
def check(tmp_path):
    """The faults of the small pack with this first lesson and these files."""

    def act(text, **files):
        folder = packs.write(tmp_path, {f"{LESSONS}/01-measure.md": text})
        for name, content in files.items():
            (folder / FILES / name.replace("_", ".")).write_bytes(content)
        return " ".join(packs.check(folder))

    return act


def box(kind, body):
    return struct.pack(">I4s", 8 + len(body), kind) + body


def mp4(seconds, *, long=False):
    head = struct.pack(">B3x16xIQ", 1, 600, seconds * 600) if long else struct.pack(">B3x8xII", 0, 600, seconds * 600)
    return box(b"ftyp", b"isom") + box(b"moov", box(b"udta", b"") + box(b"mvhd", head + bytes(80))) + box(b"mdat", b"x")


def webm(seconds):
    def element(name, body):
        return bytes.fromhex(name) + bytes([0x80 | len(body)]) + body

    info = element("2AD7B1", (1_000_000).to_bytes(3)) + element("4489", struct.pack(">d", seconds * 1000))
    return (
        element("1A45DFA3", element("4282", b"webm"))
        + bytes.fromhex("1853806701FFFFFFFFFFFFFF")
        + element("1549A966", info)
    )


@pytest.mark.parametrize(
    ("name", "content", "seconds"),
    [
        ("a.wav", sounds.tone(7), 7),
        ("a.mp4", mp4(61), 61),
        ("a.m4a", mp4(3000, long=True), 3000),
        ("a.webm", webm(34), 34),
        ("a.mp3", b"ID3", None),
        ("a.wav", b"RIFF", None),
        ("a.mp4", box(b"ftyp", b"isom"), None),
        ("a.webm", webm(34)[:30], None),
        ("a.webm", b"", None),
    ],
)
def test_how_long_a_file_plays(tmp_path, name, content, seconds):
    path = tmp_path / name
    path.write_bytes(content)
    assert lengths.seconds(path) == seconds


@given(st.sampled_from([sounds.tone(1), mp4(5), webm(5)]), st.binary(max_size=40), st.integers(0, 60))
def test_whatever_bytes_there_are_a_length_or_none_comes_out(tmp_path_factory, begin, more, cut):
    for suffix in (".wav", ".mp4", ".webm"):
        path = tmp_path_factory.getbasetemp() / f"any{suffix}"
        path.write_bytes(begin[:cut] + more)
        found = lengths.seconds(path)
        assert found is None or 1 <= found <= 86_400


def test_what_is_wrong_with_a_film_is_said(check):
    assert check(lesson("tone.wav"), tone_wav=sounds.tone(3)) == ""
    assert "seconds how long talk.mp3 plays" in check(lesson("talk.mp3"), talk_mp3=b"ID3")
    assert check(lesson("talk.mp3", "seconds: {talk.mp3: 40}"), talk_mp3=b"ID3") == ""
    assert "plays 3 seconds, not 40" in check(lesson("tone.wav", "seconds: {tone.wav: 40}"), tone_wav=sounds.tone(3))
    assert "no film or sound" in check(lesson("card.svg", "seconds: {card.svg: 4}"))
    assert "no film or sound" in check(lesson("", "seconds: {tone.wav: 3}"))
    assert "can be attached" in check(lesson("page.html"), page_html=b"<p>")
    assert "there is no attachments/gone.webm" in check(lesson("gone.webm"))
    assert "nothing to watch" in check(lesson("card.svg", "asks: [watched]"))
    assert "twice" in check(lesson("", "asks: [read, read]"))
    assert "asks" in check(lesson("", "asks: [guess]"))
    assert "asks" in check(lesson("", "asks: []"))


@pytest.mark.parametrize(
    ("attachments", "more", "asks"),
    [
        ("card.svg", "", ["read", "check"]),
        ("tone.wav", "", ["read", "watched", "check"]),
        ("tone.wav", "asks: [read]", ["read"]),
    ],
)
def test_what_is_asked_follows_from_what_there_is(app, session, tmp_path, attachments, more, asks):
    folder = packs.write(tmp_path, {f"{LESSONS}/01-measure.md": lesson(attachments, more)})
    (folder / FILES / "tone.wav").write_bytes(sounds.tone(3))
    packs.bring(app, folder)
    assert session.scalars(sa.select(Lesson).where(Lesson.code == "measure")).one().asks == asks
    assert packs.bring(app, folder)["course"] == {"created": 0, "changed": 0, "unchanged": 1}


def test_sounds_lie_in_the_store_and_pictures_in_the_table(app, session, tmp_path):
    folder = packs.write(tmp_path, {f"{LESSONS}/01-measure.md": lesson("tone.wav, card.svg")})
    (folder / FILES / "tone.wav").write_bytes(sounds.tone(3))
    packs.bring(app, folder)
    found = {one.name: one for one in session.scalars(sa.select(LessonAttachment))}
    tone, card = found["tone.wav"], found["card.svg"]
    assert (tone.content, tone.seconds, tone.plays) == (None, 3, "audio")
    assert (card.stored, card.seconds, card.plays) == (None, None, "")
    assert b"".join(pieces(tone, 0, tone.size)) == sounds.tone(3)
    assert b"".join(pieces(card, 0, card.size)) == packs.SMALL[f"{FILES}/card.svg"].encode()
    assert b"".join(pieces(tone, 40, 50)) == sounds.tone(3)[40:50]
    assert b"".join(pieces(card, 1, 4)) == b"svg"


def test_another_sound_of_the_same_name_is_another_version(app, session, tmp_path):
    folder = packs.write(tmp_path, {f"{LESSONS}/01-measure.md": lesson("tone.wav")})
    for seconds in (3, 4):
        (folder / FILES / "tone.wav").write_bytes(sounds.tone(seconds))
        packs.bring(app, folder)
    assert list(session.scalars(sa.select(CourseVersion.number).order_by(CourseVersion.number))) == [1, 2]


def test_lessons_from_before_there_were_films_keep_their_hashes(app, session, tmp_path):
    packs.bring(app, packs.write(tmp_path))
    known = {
        "measure": "5940215bc077b6988ca57aa34d885a47ff40992fe6b9308ec5c7bc41ebd2d312",
        "diagnose": "0ae4352982b1e339882c0a568230ba209935f5b8303bfb626540b00b7adba604",
    }
    assert {one.code: one.digest.hex() for one in session.scalars(sa.select(Lesson))} == known


def test_only_what_is_left_out_is_not_hashed():
    plain = {"code": "a", "title": {"zh": "一", "en": "one"}, "minutes": 3, "body": "x"}
    check = [{"stem": "?", "options": ["a", "b"], "right": [0], "explanation": "!"}]
    assert _left_out(LessonFile.model_validate(plain | {"self_check": check})) == {"asks", "seconds"}
    assert _left_out(LessonFile.model_validate(plain | {"self_check": check, "asks": ["read"]})) == {"seconds"}
