"""Loading a pack: all or nothing, the second time nothing, what is in use never changes."""

import pytest
import sqlalchemy as sa

from courses.curricula.models import Course, CoursePublication, CourseVersion, Lesson
from lms.authz import Actor
from lms.content.formats import Kind, kinds, open_pack
from lms.content.models import ContentLoad
from lms.content.policy import Content
from lms.content.services import load
from lms.errors import Invalid, NotAllowed
from lms.search.models import SearchDocument
from lms.techniques.models import Technique
from tests.factories import packs

LESSON = "courses/hypertension/lessons/01-measure.md"


def count(session, model):
    session.expire_all()
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_everything_arrives(app, session, tmp_path):
    tallies = packs.bring(app, packs.write(tmp_path))
    assert tallies["technique"]["created"] == 2
    assert tallies["course"]["created"] == 1
    version = session.scalars(sa.select(CourseVersion)).one()
    assert [lesson.code for lesson in version.lessons] == ["measure", "diagnose"]
    assert [one.technique.code for one in version.teaches] == ["bp"]
    assert version.lessons[0].attachments[0].content.startswith(b"<svg")
    assert version.lessons[0].sources[0]["title"] == "一份指南"


def test_the_second_time_changes_nothing(app, session, tmp_path):
    packs.bring(app, packs.write(tmp_path))
    tables = (Technique, CourseVersion, Lesson, SearchDocument, ContentLoad)
    before = [count(session, model) for model in tables]
    tallies = packs.bring(app, tmp_path)
    assert not any(tally["created"] or tally["changed"] for tally in tallies.values())
    assert before == [
        count(session, model) for model in (Technique, CourseVersion, Lesson, SearchDocument, ContentLoad)
    ]


def test_a_changed_lesson_is_a_new_version_and_the_old_one_stays_as_it_was(app, session, tmp_path):
    packs.bring(app, packs.write(tmp_path))
    old = session.scalars(sa.select(Lesson).where(Lesson.code == "measure")).one().body
    tallies = packs.bring(app, packs.write(tmp_path, {LESSON: packs.SMALL[LESSON].replace("不要聊天", "不要看手机")}))
    assert tallies["course"] == {"created": 0, "changed": 1, "unchanged": 0}
    first, second = session.scalars(sa.select(CourseVersion).order_by(CourseVersion.number))
    assert first.lessons[0].body == old
    assert "不要看手机" in second.lessons[0].body
    assert first.lessons[1].digest == second.lessons[1].digest
    # the changed one waits for an editor
    assert [one.version_id for one in session.scalars(sa.select(CoursePublication))] == [first.id]


def test_a_changed_picture_is_a_new_version_too(app, session, tmp_path):
    packs.bring(app, packs.write(tmp_path))
    packs.bring(app, packs.write(tmp_path, {"courses/hypertension/attachments/card.svg": "<svg/>"}))
    assert count(session, CourseVersion) == 2


def test_the_database_keeps_the_app_from_changing_a_version(app, session, tmp_path):
    packs.bring(app, packs.write(tmp_path))
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        session.execute(sa.update(Lesson).values(body="etwas anderes"))


def test_a_technique_is_updated_in_place(app, session, tmp_path):
    packs.bring(app, packs.write(tmp_path))
    text = packs.TECHNIQUES.replace("把血压量准。", "量得准，写得实。")
    tallies = packs.bring(app, packs.write(tmp_path, {"techniques/gp.yaml": text}))
    assert tallies["technique"] == {"created": 0, "changed": 1, "unchanged": 1}
    assert session.scalars(sa.select(Technique).where(Technique.code == "bp")).one().summary == "量得准，写得实。"


def test_a_faulty_pack_is_not_loaded_at_all(app, session, tmp_path):
    packs.write(tmp_path, {LESSON: packs.SMALL[LESSON].replace("right: [1]", "right: [9]")})
    with pytest.raises(Invalid, match="right: there is no option 9"):
        packs.bring(app, tmp_path)
    assert count(session, Technique) == count(session, Course) == 0


def test_what_goes_wrong_half_way_leaves_nothing(app, session, tmp_path, as_):
    packs.write(tmp_path)
    known = kinds(packs.FEATURES)
    pack = open_pack(tmp_path, known)

    def fail(_pack, _files):
        raise RuntimeError("the disk is full")

    broken = [Kind(k.name, k.pattern, k.schema, fail) if k.name == "course" else k for k in known]
    with as_(Actor.job("content load", Content.LOAD)) as actor, pytest.raises(RuntimeError):
        load(actor, pack, kinds=broken)
    assert count(session, Technique) == 0


def test_no_person_may_load(as_, world, tmp_path):
    pack = open_pack(packs.write(tmp_path), kinds(packs.FEATURES))
    for who in (world.people["administrator"], world.people["editor"], world.a.doctor):
        with as_(who) as actor, pytest.raises(NotAllowed):
            load(actor, pack, kinds=[])


def test_the_command_says_what_changed_and_then_nothing(live, tmp_path):
    # the whole product is wired there, so the default pack is loaded as `make demo` does it
    done = live.flask("content", "load", "content")
    assert "technique:" in done.stdout
    assert live.flask("content", "load", "content").stdout.strip() == "nothing changed"
