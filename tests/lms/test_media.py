"""Large files on disk and in an S3-compatible store: the same to whoever keeps and reads them."""

import hashlib
import shutil
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from config import CHECKOUT
from lms.errors import Full, Unavailable
from lms.media import PIECE, Kept, Media

FILM = bytes(range(256)) * 4000


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Another's S3 server on this machine."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(params=["disk", "s3"])
def store(request, tmp_path, monkeypatch) -> Media:
    """A store of each kind."""
    if request.param == "disk":
        return Media(f"file://{tmp_path}/media%20here")
    address = request.getfixturevalue("server")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    _make_bucket(address)
    return Media(f"s3://films/of/lessons?endpoint={address}&region=cn-north-1")


def _make_bucket(address: str) -> None:
    asked = urllib.request.Request(f"{address}/films", method="PUT")
    asked.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request")
    urllib.request.urlopen(asked).close()


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film.webm"
    path.write_bytes(FILM)
    return path


def test_a_file_is_kept_under_its_own_sum_and_read_in_parts(store, film):
    kept = store.keep(film)
    assert kept == store.keep(film)
    assert (kept.name, kept.size) == (hashlib.sha256(FILM).hexdigest(), len(FILM))
    assert store.size(kept.name) == len(FILM)
    for start, stop in ((0, len(FILM)), (0, 1), (PIECE - 3, PIECE + 3), (len(FILM) - 1, len(FILM)), (5, 5)):
        assert b"".join(store.read(kept.name, start, stop)) == FILM[start:stop]


def test_a_large_file_is_read_piece_by_piece(store, film):
    kept = store.keep(film)
    pieces = list(store.read(kept.name, 0, kept.size))
    assert len(pieces) > 1
    assert b"".join(pieces) == FILM


def test_what_is_not_there_is_said_before_the_first_byte(store):
    assert store.size("0" * 64) is None
    with pytest.raises(Unavailable):
        store.read("0" * 64, 0, 10)


def test_a_store_that_cannot_be_reached_loses_nothing(film, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    away = Media("s3://films?endpoint=http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        away.keep(film)
    assert film.read_bytes() == FILM


def test_files_on_disk_are_ours_alone(tmp_path, film):
    Media(f"file://{tmp_path}/deep/media").keep(film)
    assert stat.S_IMODE((tmp_path / "deep" / "media").stat().st_mode) == 0o700


@pytest.mark.parametrize("address", ["", "ftp://host/x", "s3://", "/var/media"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match="media_url"):
        Media(address)


def test_only_this_machine_may_be_spoken_to_without_encryption(monkeypatch):
    seen = []

    def noted(*given, **more):
        seen.append(more["client_options"]["allow_http"])
        return S3Store(*given, **more)

    monkeypatch.setattr("lms.media.S3Store", noted)
    for address in ("http://127.0.0.1:1", "http://s3.example.com", "https://s3.example.com"):
        Media(f"s3://films?endpoint={address}")
    assert seen == [True, False, False]


def test_a_file_comes_piece_by_piece_and_is_whole_under_its_own_sum(store):
    store.take_in("one", 0, FILM[:1000])
    store.take_in("one", 1000, b"another try")
    store.take_in("one", 1000, FILM[1000:])
    store.take_in("two", 0, b"other")
    assert store.places() == {"one", "two"}
    kept = store.keep_stream("one", store.taken_in("one", len(FILM)))
    assert kept == Kept(hashlib.sha256(FILM).hexdigest(), len(FILM))
    assert store.keep_stream("one", [FILM]) == kept
    assert b"".join(store.read(kept.name, 0, kept.size)) == FILM
    store.forget("one")
    assert store.places() == {"two"}
    with pytest.raises(Unavailable):
        list(store.taken_in("two", 6))


def test_a_file_of_the_store_is_read_here_and_there(store, film):
    opened = store.open(store.keep(film).name)
    assert opened.seek(-5, 2) == len(FILM) - 5
    assert opened.read() == FILM[-5:]
    opened.seek(777)
    assert opened.read(10) == FILM[777:787]
    assert opened.tell() == 787


def test_a_disk_that_is_full_says_so_and_keeps_nothing_half(tmp_path):
    asked = """
import resource, sys
from lms.errors import Full
from lms.media import Media
store = Media("file://" + sys.argv[1])
store.take_in("one", 0, b"x" * 1000)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
for act in (lambda: store.take_in("one", 1000, b"x" * 9000), lambda: store.keep_stream("one", [b"x" * 4000] * 9)):
    try:
        act()
    except Full as refused:
        print(refused.status)
print(len(b"".join(store.taken_in("one", 1000))))
"""
    done = subprocess.run([sys.executable, "-c", asked, str(tmp_path)], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.stdout.split() == ["507", "507", "1000"], done.stderr
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["0000000000000000"]


def test_a_file_for_which_there_is_no_room_is_refused_before_it_is_sent(tmp_path):
    store = Media(f"file://{tmp_path}")
    store.make_room(1)
    with pytest.raises(Full):
        store.make_room(shutil.disk_usage(tmp_path).free)
