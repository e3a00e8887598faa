"""What scripts try, and what bad networks do: no minute that was not spent, none lost, none twice, in any order."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
import sqlalchemy as sa

from courses.curricula.models import LessonAttachment
from courses.enrolment.models import (
    LessonCompletion,
    LessonEvent,
    LessonSupplement,
    PlayingPlace,
    WatchedPiece,
)
from courses.enrolment.queries import reading
from courses.hours.models import HoursEntry
from lms import ids
from tests.courses.enrolment.test_learning import hear
from tests.factories import packs, sounds

COURSE = packs.COURSE.replace("[01-measure.md, 02-diagnose.md]", "[01-measure.md, 02-diagnose.md, 03-listen.md]")
LISTEN = packs.LESSON.format(
    code="listen", zh="听柯氏音", en="Listen", minutes=5, attachments="tone.wav, card.svg", body="先听后答。"
)
READ_ONLY = packs.LESSON.format(code="diagnose", zh="怎样诊断", en="Diagnose", minutes=6, attachments="", body="读。")
FILM = 100
RIGHT = ((0, [1]), (1, [2, 0]))


@pytest.fixture(autouse=True)
def begun(app, page, world, tmp_path):
    """A course of three lessons: one with a sound of 100 seconds, one that asks only to be read; two have begun it."""
    changes = {
        "courses/hypertension/course.yaml": COURSE,
        "courses/hypertension/lessons/02-diagnose.md": READ_ONLY.replace("minutes: 6", "minutes: 6\nasks: [read]"),
        "courses/hypertension/lessons/03-listen.md": LISTEN,
    }
    folder = packs.write(tmp_path, changes)
    (folder / "courses/hypertension/attachments/tone.wav").write_bytes(sounds.tone(FILM))
    packs.bring(app, folder)
    for doctor in (world.a.doctor, world.b.doctor):
        page.post("/courses/hypertension/join", doctor, expect=303)


@pytest.fixture
def tone(session):
    return session.scalars(sa.select(LessonAttachment).where(LessonAttachment.name == "tone.wav")).one().id


@pytest.fixture
def downloaded(monkeypatch):
    """Minutes ago that the server heard a lesson was downloaded, by its code: only the database's clock sets times."""
    minutes: dict[str, float] = {}
    happening, first_heard = reading._happening, reading.first_heard

    def shifted(row, lesson):
        made = happening(row, lesson)
        late = timedelta(minutes=minutes.get(lesson.code, 0)) if made.kind == "downloaded" else timedelta(0)
        return replace(made, received_at=made.received_at - late)

    def heard(in_hand):
        late = {one.key: timedelta(minutes=minutes.get(one.lesson.code, 0)) for one in in_hand}
        return {key: at - late[key] for key, at in first_heard(in_hand).items()}

    monkeypatch.setattr(reading, "_happening", shifted)
    monkeypatch.setattr(reading, "first_heard", heard)
    return minutes


@pytest.fixture
def sync(page, world):
    """Send what a device gathered."""

    def act(events, *, who=None, expect=200):
        return page.send("/learning/events", who or world.a.doctor, {"events": list(events)}, expect=expect)

    return act


def event(lesson, kind, ago=0.0, **more):
    return {"id": str(ids.uuid7()), "course": "hypertension", "lesson": lesson, "kind": kind, "ago": ago * 60, **more}


def answers(lesson, ago=0.0):
    return [event(lesson, "self_check", ago, question=question, chosen=chosen) for question, chosen in RIGHT]


def log(lesson, begin, end, *, check=True):
    """What a device tells of a lesson read from so many minutes ago to so many minutes ago."""
    checks = answers(lesson, end) if check else []
    # three seconds more than whole minutes: each row has its own moment of arrival
    begun = [event(lesson, "opened", begin + 0.05), event(lesson, "position", begin, anchor="b2")]
    return [*begun, *checks, event(lesson, "finished", end)]


def played(tone, ago, start, stop, took=None):
    """Seconds of the sound that were played until so many seconds ago."""
    took = (stop - start if took is None else took) * 1000
    return event("listen", "watched", ago / 60, media=tone, **{"from": start * 1000, "to": stop * 1000, "took": took})


def minutes(session):
    """What each lesson was given, those without network in it, by the lesson's code."""
    session.expire_all()
    given = {}
    for one in session.scalars(sa.select(LessonCompletion)):
        more = session.scalars(sa.select(LessonSupplement).where(LessonSupplement.completion_id == one.id)).all()
        whole = one.minutes + sum(extra.minutes for extra in more)
        given[one.lesson.code] = whole, one.offline_minutes + sum(extra.offline_minutes for extra in more)
    return given


# ---- offline, as it should be ----


def test_what_is_read_without_network_after_a_download_counts_and_is_marked(
    sync, downloaded, session, app, page, world
):
    sync([event("measure", "downloaded")])
    downloaded["measure"] = 120
    told = sync(log("measure", 60, 52))
    assert told["stands"]["hypertension/measure"]["complete"]
    assert minutes(session) == {"measure": (8, 8)}
    hear(app, session, "LessonCompleted")
    session.expire_all()
    entry = session.scalars(sa.select(HoursEntry)).one()
    assert (entry.minutes, entry.evidence["offline_minutes"]) == (8, 8)


def test_what_is_read_with_network_is_not_marked(page, world, session, sync, downloaded):
    sync([event("measure", "downloaded")])
    downloaded["measure"] = 30
    sync([*log("measure", 1.9, 0.5), event("measure", "opened", 20)])
    assert minutes(session) == {"measure": (9, 0)}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_arrival_gives_the_same_hours(sync, downloaded, session, order):
    """Two devices, shuffled: no minute lost, none twice; of twelve minutes eight and six are claimed."""
    sync([event(lesson, "downloaded") for lesson in ("measure", "diagnose", "listen")])
    downloaded.update(measure=200, diagnose=200, listen=200)
    batches = [log("measure", 100, 92), log("diagnose", 96, 88), log("listen", 30, 29)]
    for n in order:
        sync(random.Random(n).sample(batches[n], len(batches[n])))
    assert sum(whole for whole, _ in minutes(session).values()) == 12


def test_minutes_a_second_device_tells_late_are_added(sync, downloaded, session, app):
    sync([event("measure", "downloaded")])
    downloaded["measure"] = 300
    sync(log("measure", 6, 2.5))
    assert minutes(session) == {"measure": (3, 3)}
    phone = [event("measure", "opened", 200), event("measure", "position", 195, anchor="b1")]
    sync(phone)
    assert minutes(session) == {"measure": (9, 9)}
    sync([*phone, *log("measure", 290, 280)])
    assert minutes(session) == {"measure": (9, 9)}
    for kind in ("LessonCompleted", "MinutesAdded", "MinutesAdded"):
        hear(app, session, kind)
    session.expire_all()
    assert sum(session.scalars(sa.select(HoursEntry.minutes))) == 9


# ---- what scripts try ----


def test_faster_than_time(sync, session, tone):
    """All said at once, a moment after opening: nothing is complete, and nothing of it was watched but one piece."""
    pieces = [played(tone, 0, n * 10, n * 10 + 10) for n in range(10)]
    told = sync([*log("measure", 0, 0), *log("listen", 0, 0), *pieces])
    assert len(told["acknowledged"]) == 20
    for lesson in ("measure", "listen"):
        assert not told["stands"][f"hypertension/{lesson}"]["complete"]
        assert told["stands"][f"hypertension/{lesson}"]["wait"] > 90
    assert minutes(session) == {}
    assert told["stands"]["hypertension/listen"]["watched"][str(tone)]["percent"] <= 10


def test_two_at_once(sync, downloaded, session):
    sync([event(lesson, "downloaded") for lesson in ("measure", "diagnose")])
    downloaded.update(measure=60, diagnose=60)
    sync([*log("measure", 30, 20), *log("diagnose", 30, 20), *answers("diagnose", 20)])
    assert sum(whole for whole, _ in minutes(session).values()) == 10


def test_two_films_at_once_are_watched_as_one(sync, downloaded, session, tone):
    sync([event("listen", "downloaded")])
    downloaded["listen"] = 60
    one, other = ([played(tone, 1000 - n, n, n + 20) for n in range(at, at + 100, 20)] for at in (0, 0))
    sync(one)
    sync(other)
    verdicts = session.scalars(sa.select(WatchedPiece.verdict)).all()
    assert sorted(verdicts) == ["counts"] * 5 + ["twice"] * 5


def test_replayed(sync, downloaded, session, tone):
    sync([event("measure", "downloaded"), event("listen", "downloaded")])
    downloaded.update(measure=60, listen=60)
    pieces = [played(tone, 1000 - n, n, n + 20) for n in range(0, 100, 20)]
    batch = [*log("measure", 50, 42), *log("listen", 20, 12), *pieces]
    first = sync(batch)
    rows = [session.scalar(sa.select(sa.func.count()).select_from(one)) for one in (LessonEvent, WatchedPiece)]
    given = minutes(session)
    assert given == {"measure": (8, 8), "listen": (5, 5)}
    for chance in range(3):
        again = sync(random.Random(chance).sample(batch, len(batch)))
        assert set(again["acknowledged"]) == set(first["acknowledged"]) == {one["id"] for one in batch}
    assert [session.scalar(sa.select(sa.func.count()).select_from(one)) for one in (LessonEvent, WatchedPiece)] == rows
    assert minutes(session) == given


def test_skipped_parts(sync, downloaded, session, tone):
    sync([event("listen", "downloaded")])
    downloaded["listen"] = 60
    ends = [played(tone, 900, 0, 40), played(tone, 800, 60, 100)]
    told = sync([*log("listen", 20, 10), *ends])["stands"]["hypertension/listen"]
    assert told["watched"][str(tone)] == {
        "seconds": FILM,
        "percent": 80,
        "enough": False,
        "ranges": [[0, 40_000], [60_000, 100_000]],
    }
    assert not told["complete"]
    again = sync([played(tone, 700, 0, 40)])["stands"]["hypertension/listen"]
    assert again["watched"][str(tone)]["percent"] == 80
    done = sync([played(tone, 650, 40, 50)])["stands"]["hypertension/listen"]
    assert (done["watched"][str(tone)]["percent"], done["complete"]) == (90, True)
    assert minutes(session)["listen"][0] == 4  # five minutes less the ten seconds nobody watched, cut


def test_a_forged_log_without_a_download_is_worth_nothing(sync, session):
    told = sync(log("measure", 600, 500))["stands"]["hypertension/measure"]
    assert (told["complete"], told["minutes"]) == (False, 0)
    assert minutes(session) == {}


def test_a_forged_log_is_worth_no_more_than_the_time_since_the_download(sync, downloaded, session):
    sync([event(lesson, "downloaded") for lesson in ("measure", "diagnose")])
    downloaded.update(measure=4, diagnose=4)
    sync([*log("measure", 600, 0), *log("diagnose", 500, 0)])
    given = minutes(session)
    assert set(given) == {"measure", "diagnose"}
    assert sum(whole for whole, _ in given.values()) == 4


def test_a_download_that_is_told_late_proves_nothing(sync, session):
    sync([event("measure", "downloaded", 300), *log("measure", 200, 190)])
    assert minutes(session) == {}


def test_pieces_before_the_download_do_not_count(sync, downloaded, session, tone):
    sync([event("listen", "downloaded")])
    downloaded["listen"] = 2
    sync([played(tone, 1000 - n, n, n + 20) for n in range(0, 100, 20)])
    assert set(session.scalars(sa.select(WatchedPiece.verdict))) == {"before"}


def test_without_network_the_self_check_is_asked_even_where_only_reading_is(sync, downloaded, session):
    sync([event("diagnose", "downloaded")])
    downloaded["diagnose"] = 60
    told = sync(log("diagnose", 30, 20, check=False))["stands"]["hypertension/diagnose"]
    assert (told["offline"], told["asks"], told["complete"], told["minutes"]) == (True, ["read"], False, 0)
    assert minutes(session) == {}
    sync(answers("diagnose", 15))
    assert minutes(session) == {"diagnose": (6, 6)}


def test_with_network_a_lesson_that_asks_reading_needs_no_check(sync, downloaded, session):
    sync([event("diagnose", "downloaded")])
    downloaded["diagnose"] = 60
    sync(
        [event("diagnose", "opened", 1.9), event("diagnose", "position", 1, anchor="b1"), event("diagnose", "finished")]
    )
    assert not minutes(session)  # a third of six minutes has not passed
    sync([event("diagnose", "opened", 40)])
    assert minutes(session) == {"diagnose": (6, 0)}


def test_the_log_of_somebody_else_is_refused(sync, world, session):
    batch = log("measure", 0, 0)
    sync(batch)
    told = sync(batch, who=world.b.doctor)
    assert told["acknowledged"] == []
    assert {one["why"] for one in told["refused"]} == {"unknown"}
    assert set(session.scalars(sa.select(LessonEvent.person_id))) == {world.a.doctor}


# ---- places, refusals, speed ----


def test_one_goes_on_on_another_device_where_one_stopped(page, world, sync, tone, session):
    sync(
        [
            event("listen", "position", ago=1, media=tone, at=61_500),
            event("listen", "position", ago=2, media=tone, at=9_000),
        ]
    )
    assert page.get("/courses/hypertension/lessons/listen", world.a.doctor)
    page.get("/courses/hypertension/lessons/listen/stand", world.a.doctor)
    assert page.answer.get_json()["place"] == {"media": tone, "at": 61_500}
    sync([event("listen", "position", ago=9, media=tone, at=3_000)])
    page.get("/courses/hypertension/lessons/listen/stand", world.a.doctor)
    assert page.answer.get_json()["place"]["at"] == 61_500
    assert session.scalar(sa.select(sa.func.count()).select_from(PlayingPlace)) == 1
    page.get("/courses/hypertension/lessons/listen/stand", world.b.doctor)
    assert page.answer.get_json()["place"] is None


def test_one_that_cannot_be_read_does_not_stop_the_others(sync, tone, session):
    strange = [
        event("measure", "credited"),
        event("measure", "opened", minutes=600),
        event("listen", "watched", media=tone, **{"from": 5000, "to": 5000, "took": 10}),
        event("listen", "watched", media=tone, **{"from": 0, "to": 400_000, "took": 300_000}),
        event("listen", "position", media=tone),
    ]
    unknown = [
        event("measure", "opened") | {"course": "nothing"},
        event("nothing", "opened"),
        event("measure", "position", media=tone, at=5),
        event("listen", "position", media=tone, at=900_000),
        event("listen", "watched", media=tone + 1, **{"from": 0, "to": 9000, "took": 9000}),
    ]
    good = event("measure", "opened")
    told = sync([*strange, *unknown, good])
    assert told["acknowledged"] == [good["id"]]
    said = {one["id"]: one["why"] for one in told["refused"]}
    assert said == {one["id"]: "malformed" for one in strange} | {one["id"]: "unknown" for one in unknown}
    assert session.scalar(sa.select(sa.func.count()).select_from(LessonEvent)) == 1


@pytest.mark.parametrize("body", [None, [], {"events": "x"}, {"events": [1]}, {"events": [{}] * 5001}])
def test_what_no_device_sends_is_refused(page, world, body):
    page.send("/learning/events", world.a.doctor, body, expect=422)


def test_who_may(page, world, sync):
    page.send("/learning/events", None, {"events": []}, expect=401)
    assert sync([], who=world.a.manager) == {"acknowledged": [], "refused": [], "stands": {}}
    page.get("/courses/hypertension/lessons/listen/stand", world.b.manager, expect=404)
    page.get("/courses/hypertension/lessons/listen/stand", None, expect=302)


def test_a_thousand_events_need_no_more_statements_than_ten(sync, queries, tone):
    def batch(size):
        some = [event("measure", "position", n / 60, anchor="b1") for n in range(size)]
        return [*some, *(played(tone, n, 0, 1) for n in range(size)), *log("listen", 0, 0), *log("diagnose", 0, 0)]

    counts = []
    for size in (10, 500):
        queries.clear()
        told = sync(batch(size))
        assert len(told["acknowledged"]) == 2 * size + 10
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_app_cannot_change_what_was_watched(sync, tone, session):
    sync([played(tone, 0, 0, 5)])
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        session.execute(sa.update(WatchedPiece).values(verdict="counts"))


# ---- the files themselves ----


def test_a_sound_is_served_in_parts_behind_the_fence_of_its_lesson(page, world, session, tone, app):
    address = f"/lessons/files/{tone}/tone.wav"
    assert str(tone) in page.get("/courses/hypertension/lessons/listen", world.a.doctor).select_one("audio")["src"]
    page.get(address, world.b.doctor)
    assert page.answer.data == sounds.tone(FILM)
    part = app.test_client().get(address, headers={"Range": "bytes=44-99"})
    assert (part.status_code, part.data) == (206, sounds.tone(FILM)[44:100])
    assert part.mimetype == "audio/wav"
    assert "private" in part.headers["Cache-Control"]
    assert app.test_client().get(address, headers={"Range": "bytes=999999999-"}).status_code == 416
    page.get(address, None, expect=302)
    row = session.get_one(LessonAttachment, tone)
    assert (row.content, row.seconds, row.size) == (None, FILM, len(sounds.tone(FILM)))
