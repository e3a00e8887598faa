"""Files come piece by piece and go on where the line broke: tried with another's client (tus-js-client)."""

import base64
import hashlib
import json
import re
import resource
import secrets
import socket
import threading
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from courses.authoring import jobs
from courses.authoring.models import CourseDraft, DraftFile, Upload
from courses.authoring.rules import tus
from courses.authoring.services import packages
from courses.curricula.formats import package as formats
from courses.curricula.queries import current_of
from lms import ids
from lms.authz import Actor
from lms.db import act_as
from lms.media import largest, media
from lms.people.models import Person, SignIn
from lms.people.queries import hash_of
from tests import browser
from tests.courses.authoring.conftest import written
from tests.courses.authoring.test_packages import SVG, change, sound

TUS = {"Tus-Resumable": "1.0.0"}
PATCH = TUS | {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def send(app, page, as_, world):
    """Ask as the editor of county A, and the draft to send to."""
    with as_(world.a.editor) as actor:
        draft = written(actor)
        ids_ = draft.id, draft.lessons[0].id
    page.get("/editor/drafts", world.a.editor)
    client = app.test_client()

    def ask(method, path, data=b"", **headers):
        return client.open(path, method=method, data=data, headers={k.replace("_", "-"): v for k, v in headers.items()})

    ask.draft, ask.lesson = ids_
    ask.address = f"/editor/drafts/{ids_[0]}/uploads"
    return ask


def about(name, lesson=""):
    told = {"filename": name, "lesson": str(lesson)}
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())


def begin(send, name, length):
    answer = send("POST", send.address, **TUS, Upload_Length=str(length), Upload_Metadata=about(name, send.lesson))
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def test_what_is_spoken_is_said(send):
    answer = send("OPTIONS", send.address)
    assert (answer.status_code, answer.headers["Tus-Version"]) == (204, "1.0.0")
    assert answer.headers["Tus-Extension"] == "creation,termination,checksum,expiration"
    assert answer.headers["Tus-Max-Size"] == str(largest())
    refused = send("POST", send.address, Tus_Resumable="0.2", Upload_Length="5")
    assert (refused.status_code, refused.headers["Tus-Version"]) == (412, "1.0.0")


def test_piece_by_piece_and_never_two_at_one_place(send, session):
    data = sound()
    address = begin(send, "呼吸音.wav", len(data))
    assert send("PATCH", address, data[:5000], **PATCH, Upload_Offset="0").headers["Upload-Offset"] == "5000"
    again = send("PATCH", address, data[:5000], **PATCH, Upload_Offset="0")
    assert again.status_code == 409
    head = send("HEAD", address, **TUS)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == ("5000", str(len(data)))
    assert head.headers["Cache-Control"] == "no-store"
    assert send("PATCH", address, data[5000:], **PATCH, Upload_Offset="5000").headers["Upload-Offset"] == str(len(data))
    kept = session.scalars(sa.select(DraftFile)).one()
    assert (kept.name, kept.media_type, kept.size) == ("file.wav", "audio/wav", len(data))
    assert b"".join(media().read(kept.stored, 0, kept.size)) == data
    assert media().places() == set()
    assert send("HEAD", address, **TUS).status_code == 404


def test_a_piece_that_is_not_what_its_sum_says_is_not_kept(send):
    data = sound()
    address = begin(send, "a.wav", len(data))
    wrong = "sha256 " + base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    assert send("PATCH", address, data, **PATCH, Upload_Offset="0", Upload_Checksum=wrong).status_code == 460
    assert send("HEAD", address, **TUS).headers["Upload-Offset"] == "0"
    right = "sha1 " + base64.b64encode(hashlib.sha1(data).digest()).decode()
    assert send("PATCH", address, data, **PATCH, Upload_Offset="0", Upload_Checksum=right).status_code == 204
    unknown = begin(send, "b.wav", 5)
    assert send("PATCH", unknown, b"x", **PATCH, Upload_Offset="0", Upload_Checksum="crc32 AAAA").status_code == 400


def test_what_a_file_is_is_read_from_its_bytes_at_the_first_piece(send, session):
    program = b"MZ" + secrets.token_bytes(9000)
    address = begin(send, "photo.png", len(program))
    refused = send("PATCH", address, program[:5000], **PATCH, Upload_Offset="0")
    assert refused.status_code == 422
    assert "PNG" in refused.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Upload)) == 0
    large = begin(send, "large.pdf", 6 << 20)
    assert send("PATCH", large, b"%PDF-1.7" + b"x" * 5000, **PATCH, Upload_Offset="0").status_code == 413
    picture = begin(send, "picture.exe", len(SVG))
    assert send("PATCH", picture, SVG, **PATCH, Upload_Offset="0").status_code == 204
    assert session.scalars(sa.select(DraftFile.name)).one() == "picture.svg"


def test_what_does_not_fit_the_protocol_is_refused(send):
    for length in ("-1", "x", "", "1e3", str(largest() + 1), "0"):
        answer = send("POST", send.address, **TUS, Upload_Length=length)
        assert answer.status_code in (400, 413, 422), length
    assert send("POST", send.address, **TUS, Upload_Length="5", Upload_Metadata="filename ***").status_code == 400
    address = begin(send, "a.wav", 10)
    assert send("PATCH", address, b"x", **TUS, Content_Type="text/plain", Upload_Offset="0").status_code == 415
    assert send("PATCH", address, b"x", **PATCH).status_code == 400
    assert send("PATCH", address, b"x" * 11, **PATCH, Upload_Offset="0").status_code == 413
    address = begin(send, "a.wav", 10)
    assert send("DELETE", address, **TUS).status_code == 204
    assert send("HEAD", address, **TUS).status_code == 404


def test_an_upload_is_its_senders_alone(send, page, world):
    address = begin(send, "a.wav", 10)
    for who, status in ((world.b.editor, 404), (world.a.doctor, 404), (world.a.manager, 403), (world.b.manager, 404)):
        page.get("/courses", who)
        assert send("HEAD", address, **TUS).status_code == status
        assert send("PATCH", address, b"x", **PATCH, Upload_Offset="0").status_code == status
        assert send("DELETE", address, **TUS).status_code == status
    page.get("/courses", world.a.editor)
    assert send("HEAD", address, **TUS).headers["Upload-Offset"] == "0"


@contextmanager
def disk_full_after(size):
    """No file of this process may become larger than this: what the system says is what a full disk says."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_where_there_is_no_room_it_is_said_and_the_file_goes_on_when_there_is(send, session):
    half = 2 << 20
    data = sound() + b"\x00" * (2 * half - len(sound()))
    address = begin(send, "a.wav", len(data))
    with disk_full_after(1 << 20):
        refused = send("PATCH", address, data[:half], **PATCH, Upload_Offset="0")
        assert (refused.status_code, send("HEAD", address, **TUS).headers["Upload-Offset"]) == (507, "0")
        assert "存放视频的地方满了" in refused.text
    with disk_full_after(3 << 20):
        assert send("PATCH", address, data[:half], **PATCH, Upload_Offset="0").status_code == 204
        # both halves find room, the whole does not: it is as if the second had not come
        assert send("PATCH", address, data[half:], **PATCH, Upload_Offset=str(half)).status_code == 507
        assert send("HEAD", address, **TUS).headers["Upload-Offset"] == str(half)
        assert session.scalar(sa.select(sa.func.count()).select_from(DraftFile)) == 0
    done = send("PATCH", address, data[half:], **PATCH, Upload_Offset=str(half))
    assert done.headers["Upload-Offset"] == str(len(data))
    kept = session.scalars(sa.select(DraftFile)).one()
    assert b"".join(media().read(kept.stored, 0, kept.size)) == data
    assert media().places() == set()


def test_a_file_that_is_too_large_is_refused_before_it_is_sent_with_the_limit(send):
    refused = send("POST", send.address, **TUS, Upload_Length=str(largest() + 1))
    assert (refused.status_code, refused.text) == (413, "文件有 1025 MB，最大只收 1024 MB。")
    refused = send("POST", "/editor/packages/uploads", **TUS, Upload_Length=str(formats.most() + 1))
    assert (refused.status_code, "1120 MB" in refused.text) == (413, True)


def test_a_course_comes_piece_by_piece(send, page, world, as_, session):
    with as_(world.a.editor) as actor:
        sent = packages.give_out(actor, current_of("hypertension")).content
    sent = change(sent, "course.yaml", lambda text: text.replace("高血压入门", "高血压再来"))
    place = "/editor/packages/uploads"
    page.get("/courses", world.a.doctor)
    assert send("POST", place, **TUS, Upload_Length="10").status_code == 403
    page.get("/courses", world.b.editor)
    address = send("POST", place, **TUS, Upload_Length=str(len(sent))).headers["Location"]
    page.get("/courses", world.a.editor)
    assert send("HEAD", address, **TUS).status_code == 404
    page.get("/courses", world.b.editor)
    assert send("OPTIONS", place).headers["Tus-Max-Size"] == str(formats.most())
    send("PATCH", address, sent[:700], **PATCH, Upload_Offset="0")
    done = send("PATCH", address, sent[700:], **PATCH, Upload_Offset="700")
    draft = session.scalars(sa.select(CourseDraft).where(CourseDraft.code == "hypertension")).one()
    assert done.headers["Content-Location"] == f"/editor/drafts/{draft.id}"
    assert draft.about["title"]["zh"] == "高血压再来"
    program = send("POST", place, **TUS, Upload_Length="9000").headers["Location"]
    refused = send("PATCH", program, b"MZ" * 4500, **PATCH, Upload_Offset="0")
    assert (refused.status_code, send("HEAD", program, **TUS).status_code) == (422, 404)
    assert media().places() == set()


def test_captions_are_taken_as_such_and_other_text_is_not(send, session):
    for name, data, status in (("a.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nx", 204), ("b.vtt", b"WEBVTTX\xff", 422)):
        address = begin(send, name, len(data))
        assert send("PATCH", address, data, **PATCH, Upload_Offset="0").status_code == status
    assert session.scalars(sa.select(DraftFile.media_type)).all() == ["text/vtt"]


def test_uploads_that_nobody_goes_on_with_are_forgotten(send, session, app):
    stale = begin(send, "a.wav", 10)
    fresh = begin(send, "b.wav", 10)
    for address in (stale, fresh):
        assert send("PATCH", address, b"RIFF", **PATCH, Upload_Offset="0").status_code == 204
    media().take_in("of-no-upload", 0, b"x")
    assert len(media().places()) == 3
    session.execute(sa.update(Upload).where(Upload.name == "a.wav").values(expires_at=sa.func.now()))
    session.commit()
    with app.app_context():
        jobs.sweep(lambda *_: None)
    session.expire_all()
    assert [str(one) for one in session.scalars(sa.select(Upload.id))] == [fresh.rpartition("/")[2]]
    assert media().places() == {fresh.rpartition("/")[2]}


@pytest.mark.parametrize("text", ["a b c", "name !!!", "a YQ==,a YQ==", ", ,", "ä YQ=="])
def test_metadata_that_is_none(text):
    with pytest.raises(tus.NotTus):
        tus.metadata(text)


class Breaking:
    """A line that is cut in the middle of what is sent, once for each number of bytes named."""

    def __init__(self, port: int, after: list[int]) -> None:
        self._behind, self._after, self.cut = port, after, 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near, _from = self._door.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._behind))
            threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, sending: bool) -> None:
        carried = 0
        try:
            while some := one.recv(16384):
                carried += len(some)
                other.sendall(some)
                if sending and self._after and carried > self._after[0]:
                    self._after.pop(0)
                    self.cut += 1
                    break
        except OSError:
            pass
        for end in (one, other):
            end.close()

    def close(self) -> None:
        """Nobody else comes through."""
        self._door.close()


@pytest.fixture
def editor(live, tmp_path):
    """A live server, a draft in it, and what an editor's browser shows with each request."""
    token = ids.token()
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        person = session.get_one(Person, live.world.a.editor)
        session.add(SignIn(person_id=person.id, institution_id=person.institution_id, token_hash=hash_of(token)))
        session.commit()
    live.web()
    cookies = f"session_id={token}"
    opened = urllib.request.urlopen(
        urllib.request.Request(f"{live.address}/editor/drafts/new", headers={"Cookie": cookies})
    )
    cookies += "".join(f"; {one.split(';')[0]}" for one in opened.headers.get_all("Set-Cookie", []))
    token = re.search(r'name="csrf_token" value="([^"]+)"', opened.read().decode())[1]
    form = urllib.parse.urlencode({"csrf_token": token, "zh": "片", "en": "Film", "code": "film"}).encode()
    urllib.request.urlopen(
        urllib.request.Request(f"{live.address}/editor/drafts/new", form, headers={"Cookie": cookies})
    )
    return {"Cookie": cookies, "X-CSRFToken": token}


def most_memory(parent):
    """The most that the servers behind this process ever held, in bytes."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    held = [re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{one}/status").read_text())[1] for one in children]
    return sum(int(one) << 10 for one in held)


def test_anothers_client_goes_on_where_the_line_broke(live, editor, tmp_path):
    # a film larger than what the server may hold
    film = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + secrets.token_bytes(9 << 20) + bytes(120 << 20)
    (tmp_path / "film.mp4").write_bytes(film)
    before = most_memory(live.processes[-1].pid)
    with live.engine().connect() as connection:
        draft = connection.scalar(sa.text("SELECT id FROM course_draft"))
    line = Breaking(live.port, [5 << 20, 2 << 20])
    script = Path(__file__).with_name("tus.mjs")
    try:
        address = f"http://127.0.0.1:{line.port}/editor/drafts/{draft}/uploads"
        told = json.loads(
            browser.run_script(
                script, address, str(tmp_path / "film.mp4"), json.dumps(editor), '{"filename": "film.mp4"}', "0"
            )
        )
    finally:
        line.close()
    assert line.cut == 2
    assert "url" in told, told
    assert told["retried"] >= 1
    assert max(told["went_on_at"]) > 0, "what arrived before the line broke was kept"
    with live.engine().connect() as connection:
        row = connection.execute(sa.text("SELECT name, size, stored FROM draft_file")).one()
        assert connection.scalar(sa.text("SELECT count(*) FROM upload")) == 0
    assert row == ("film.mp4", len(film), hashlib.sha256(film).hexdigest())
    assert most_memory(live.processes[-1].pid) - before < len(film) // 2


def test_anothers_client_is_told_why_a_file_is_refused(live, editor, tmp_path):
    (tmp_path / "film.mp4").write_bytes(b"MZ" + b"x" * 9000)
    with live.engine().connect() as connection:
        draft = connection.scalar(sa.text("SELECT id FROM course_draft"))
    script, address = Path(__file__).with_name("tus.mjs"), f"{live.address}/editor/drafts/{draft}/uploads"
    told = json.loads(
        browser.run_script(
            script, address, str(tmp_path / "film.mp4"), json.dumps(editor), '{"filename": "film.mp4"}', "5000"
        )
    )
    assert told["error"] == 422
    assert "MP4" in told["why"]
