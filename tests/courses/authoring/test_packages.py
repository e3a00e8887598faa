"""A course goes out as one file and comes in again byte for byte; what is no course is refused, and nothing is kept."""

import io
import json
import stat
import wave
import zipfile

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from courses.authoring.models import CourseDraft, DraftFile
from courses.authoring.services import drafting, files, packages, reviewing
from courses.curricula.formats import package as formats
from courses.curricula.models import CourseVersion
from courses.curricula.queries import current_of
from lms.db import db
from lms.errors import Conflict, Invalid, Refused, TooLarge
from lms.media import media
from lms.people.models import Person
from tests.courses.authoring.conftest import published, taken, written
from tests.films import COURSES

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="3"/></svg>'


def sound():
    """A second of silence."""
    made = io.BytesIO()
    with wave.open(made, "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(1)
        opened.setframerate(8000)
        opened.writeframes(b"\x80" * 8000)
    return made.getvalue()


def attach(actor, draft, tmp_path, name, content):
    path = tmp_path / "sent"
    path.write_bytes(content)
    return files.attach(actor, draft, file=path, name=name, lesson=draft.lessons[0])


def whole(as_, world, tmp_path):
    """A draft with a drawing and a sound, as a package; the draft is thrown away then."""
    with as_(world.a.editor) as actor:
        draft = written(actor)
        attach(actor, draft, tmp_path, "伤口.svg", SVG)
        attach(actor, draft, tmp_path, "breath.wav", sound())
        made = packages.give_out_draft(actor, draft).content
        drafting.discard(actor, draft)
    return made


def test_out_in_reviewed_published_and_out_again_is_the_same_bytes(as_, world, second, tmp_path, session):
    sent = whole(as_, world, tmp_path)
    with as_(world.a.editor) as actor:
        draft = packages.take_in(actor, None, file=taken(sent))
        assert packages.give_out_draft(actor, draft).content == sent
        id = draft.id
    version = published(as_, world.a.editor, second, id)
    with as_(second) as actor:
        assert packages.give_out(actor, db.session.get_one(CourseVersion, version)).content == sent
        with pytest.raises(Conflict, match="1"):
            packages.take_in(actor, None, file=taken(sent))
    lesson = session.get_one(CourseVersion, version).lessons[0]
    assert [(one.name, one.media_type, one.seconds) for one in lesson.attachments] == [
        ("file.svg", "image/svg+xml", None),
        ("breath.wav", "audio/wav", 1),
    ]


def test_a_film_goes_out_and_in_without_being_read_whole(as_, world, tmp_path, session):
    film = (COURSES / "cpr-and-shock" / "attachments" / "compressions.webm").read_bytes()
    with as_(world.a.editor) as actor:
        draft = written(actor)
        attach(actor, draft, tmp_path, "film.webm", film)
        assert draft.lessons[0].entry["seconds"] == {"film.webm": 72}
        made = packages.give_out_draft(actor, draft)
        sent, pieces = made.content, list(made.pieces())
        assert (len(sent), sent) == (made.size, ours(sent))
        assert max(map(len, pieces)) < len(film), "piece by piece"
        drafting.discard(actor, draft)
        kept = session.scalars(sa.select(DraftFile.stored)).one()
        damaged = sent.replace(film[5000:5100], bytes(100))
        before = set(stored())
        (media().folder / kept[:2] / kept).unlink()
        with pytest.raises(Invalid):
            packages.take_in(actor, None, file=taken(damaged))
        assert set(stored()) == before - {kept}, "nothing of it is kept"
        again = packages.take_in(actor, None, file=taken(sent))
        assert packages.give_out_draft(actor, again).content == sent
    assert b"".join(media().read(kept, 0, len(film))) == film


def stored():
    """What lies in the store."""
    return [path.name for path in media().folder.rglob("*") if path.is_file()]


def ours(sent):
    """What Python's own zip makes of our entries."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for entry in zipfile.ZipFile(io.BytesIO(sent)).infolist():
            fresh = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            fresh.create_system, fresh.external_attr = 3, 0o100644 << 16
            archive.writestr(fresh, zipfile.ZipFile(io.BytesIO(sent)).read(entry))
    return made.getvalue()


def test_a_course_of_a_pack_goes_out_and_reads_like_its_files(as_, world):
    with as_(world.a.editor) as actor:
        made = packages.give_out(actor, current_of("hypertension")).content
    archive = zipfile.ZipFile(io.BytesIO(made))
    names = ["attachments/card.svg", "course.yaml", "lessons/01-measure.md", "lessons/02-diagnose.md", "sources.yaml"]
    assert archive.namelist() == ["package.json", *names]
    assert archive.read("lessons/02-diagnose.md").decode().startswith('---\ncode: "diagnose"\n')
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_what_is_unknown_here_is_taken_and_named(as_, world):
    strange = change(pack_of(as_, world), "course.yaml", lambda text: text.replace('["bp"]', '["bp", "moxibustion"]'))
    with as_(world.a.editor) as actor:
        draft = packages.take_in(actor, None, file=taken(strange))
        with pytest.raises(Invalid, match="moxibustion"):
            reviewing.send(actor, draft)


def pack_of(as_, world):
    """The package of a draft without files."""
    with as_(world.a.editor) as actor:
        draft = written(actor)
        made = packages.give_out_draft(actor, draft).content
        drafting.discard(actor, draft)
    return made


def parts_of(data):
    archive = zipfile.ZipFile(io.BytesIO(data))
    return {name: archive.read(name) for name in archive.namelist()}


def listed(parts):
    """The parts with a list of their own that is true."""
    about = {"format": formats.NAME, "version": 1, "files": {}}
    about["files"] = {path: formats.hashlib.sha256(content).hexdigest() for path, content in parts.items()}
    return {"package.json": json.dumps(about).encode(), **parts}


def zipped(parts, pack=zipfile.ZIP_STORED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", pack) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def change(data, path, how):
    """The package with one of its texts changed, and a true list."""
    parts = parts_of(data)
    del parts["package.json"]
    parts[path] = how(parts[path].decode()).encode()
    return zipped(listed(parts))


def planted(name):
    def make(parts):
        return zipped(listed(parts | {name: b"x"}))

    return make


def changed(path, before, after):
    def make(parts):
        assert before in parts[path]
        return zipped(listed(parts | {path: parts[path].replace(before, after)}))

    return make


def linked(_parts):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        entry = zipfile.ZipInfo("attachments/a.png")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return made.getvalue()


def lying(parts):
    """A zip whose list says a part is smaller than it is."""
    data = bytearray(zipped(listed(parts | {"attachments/a.svg": b"A" * 9000}), zipfile.ZIP_DEFLATED))
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"attachments/a.svg"))
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


BROKEN = {
    "zip slip": (planted("../../evil.md"), Invalid),
    "slip by backslash": (planted("..\\evil.md"), Invalid),
    "absolute path": (planted("/etc/passwd"), Invalid),
    "drive": (planted("C:/evil.md"), Invalid),
    "link": (linked, Invalid),
    "bomb": (
        lambda parts: zipped(listed(parts | {"attachments/a.svg": b"0" * (30 << 20)}), zipfile.ZIP_DEFLATED),
        TooLarge,
    ),
    "three thousand files": (lambda parts: zipped({f"lessons/{n}.md": b"x" for n in range(3000)}), TooLarge),
    "a lie about a size": (lying, Invalid),
    "a file that is none of a course's": (planted("attachments/deep/a.png"), Invalid),
    "a script": (planted("run.py"), Invalid),
    "a lesson that nobody names": (planted("lessons/99-more.md"), Invalid),
    "a part that is missing": (lambda parts: zipped(listed(parts) | {"course.yaml": b"code: x"}), Invalid),
    "no list": (zipped, Invalid),
    "another format": (
        lambda parts: zipped(parts | {"package.json": b'{"format": "x", "files": {}, "version": 1}'}),
        Invalid,
    ),
    "names that stand for places": (changed("course.yaml", b"prerequisites: []", b"prerequisites: &a []"), Invalid),
    "names in a lesson": (changed("lessons/01-wound-care-1.md", b"minutes: 8", b"minutes: &a 8"), Invalid),
    "a lesson that was changed on its way": (
        lambda parts: zipped(
            listed(parts) | {"lessons/01-wound-care-1.md": parts["lessons/01-wound-care-1.md"] + b"x"}
        ),
        Invalid,
    ),
    "endless depth": (lambda parts: zipped(listed(parts | {"course.yaml": b"a: " + b"[" * 5000})), Invalid),
    "no text": (lambda parts: zipped(listed(parts | {"course.yaml": b"\xff\xfe\x00"})), Invalid),
    "endless text": (lambda parts: zipped(listed(parts | {"course.yaml": b"a: " + b"x" * (300 << 10)})), TooLarge),
    "lists where words belong": (lambda parts: zipped(listed(parts | {"course.yaml": b"lessons: {a: 1}\n"})), Invalid),
    "a file that no lesson shows": (planted("attachments/a.svg"), Invalid),
    "another thing by that name": (
        lambda parts: zipped(
            listed(
                {name: text.replace(b"attachments: []", b'attachments: ["a.png"]') for name, text in parts.items()}
                | {"attachments/a.png": b"x"}
            )
        ),
        Invalid,
    ),
    "no zip": (lambda _parts: b"PK\x03\x04" + b"x" * 100, Invalid),
}


def test_what_is_no_course_is_refused_with_the_reason_and_nothing_is_kept(as_, world, session):
    good = parts_of(pack_of(as_, world))
    del good["package.json"]
    before = session.scalar(sa.select(sa.func.count()).select_from(CourseDraft))
    said = {}
    with as_(world.a.editor) as actor:
        for name, (make, kind) in BROKEN.items():
            try:
                packages.take_in(actor, None, file=taken(make(good)))
                said[name] = "taken"
            except Refused as refused:
                said[name] = "refused" if type(refused) is kind and str(refused) else repr(refused)
    assert set(said.values()) == {"refused"}, said
    assert session.scalar(sa.select(sa.func.count()).select_from(CourseDraft)) == before
    assert session.scalar(sa.select(sa.func.count()).select_from(DraftFile)) == 0


@pytest.mark.parametrize(
    "drawing",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="https://elsewhere.example/x.png"/></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg>',
    ],
)
def test_a_drawing_that_runs_or_asks_is_refused(as_, world, tmp_path, drawing):
    with as_(world.a.editor) as actor:
        draft = written(actor)
        with pytest.raises(Refused):
            attach(actor, draft, tmp_path, "a.svg", drawing)


def test_by_the_page(page, as_, world, session):
    sent = pack_of(as_, world)
    page.post("/editor/packages", world.a.editor, expect=422, file=(io.BytesIO(b"no zip"), "x.zip"))
    page.post("/editor/packages", world.a.editor, expect=303, file=(io.BytesIO(sent), "x.zip"))
    id = session.scalar(sa.select(sa.func.max(CourseDraft.id)))
    page.get(f"/editor/drafts/{id}/package", world.b.editor)
    assert page.answer.data == sent
    page.get("/editor/courses/hypertension/1/package", world.a.doctor, expect=403)
    page.get("/editor/courses/hypertension/1/package", world.b.editor)
    assert page.answer.mimetype == "application/zip"


def test_by_the_command_line(app, as_, world, tmp_path, session):
    account = session.get_one(Person, world.a.editor).account
    run = app.test_cli_runner().invoke
    out = tmp_path / "hypertension.zip"
    ran = run(args=["content", "export", "hypertension", "--out", str(out), "--as", account, "--json"])
    assert json.loads(ran.stdout)["version"] == 1
    (tmp_path / "course.zip").write_bytes(pack_of(as_, world))
    ran = run(args=["content", "import", str(tmp_path / "course.zip"), "--as", account, "--json"])
    assert json.loads(ran.stdout)["lessons"] == 1
    assert run(args=["content", "import", str(out), "--as", account]).exit_code == 1
    assert run(args=["content", "export", "none", "--out", str(out), "--as", account]).exit_code == 1
    assert run(args=["content", "export", "hypertension", "--out", str(out), "--as", "nobody"]).exit_code == 2


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
)
def test_what_is_written_is_read_again(values, body):
    front = {key: value for key, value in values.items() if key not in ("body", "lessons")}
    body = body.replace("\r", "").strip()
    package = formats.Package({"code": "a"}, {"01-a.md": {**front, "list": [{"x": body}], "body": body}})
    text = dict(package.texts())["lessons/01-a.md"].decode()
    assert formats.parse(text, front_matter=True).plain == {**front, "list": [{"x": body}], "body": body}
