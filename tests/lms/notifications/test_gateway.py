"""Text messages through a gateway over HTTP: what is sent, what each answer means, and what is refused at the start."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from flask import Flask

import config
from lms.mail import Away, NotTaken, Rejected, Unclear
from lms.notifications.formats import texting
from lms.notifications.formats.gateway import Gateway
from lms.notifications.formats.texting import Text, TextFile
from tests.lms.notifications.conftest import NEEDED, Post

TOKEN = "a-token-of-the-gateway"
TEXT = Text("13800000000", "【临床技能】有证书待审批", "0123abcd")


class Exchange:
    """A gateway on this machine: keeps what it was sent, answers what it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answers: list[int] = []
        exchange = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                exchange.heard.append((self.path, dict(self.headers), json.loads(body)))
                status = exchange.answers.pop(0) if exchange.answers else 202
                if status == 0:  # the line breaks after the words have arrived
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(status)
                self.send_header("Location", "http://elsewhere.example/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send?team=1"


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    made = Exchange()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_a_message_is_one_post_that_says_who_we_are(exchange: Exchange) -> None:
    Gateway(exchange.url, TOKEN).send(TEXT)
    ((path, head, body),) = exchange.heard
    assert path == "/send?team=1"
    assert body == {"id": "0123abcd", "to": "13800000000", "text": "【临床技能】有证书待审批"}
    assert head["Authorization"] == f"Bearer {TOKEN}"
    assert head["Idempotency-Key"] == "0123abcd"
    assert TOKEN not in repr(Gateway(exchange.url, TOKEN))


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (429, NotTaken),
        (408, NotTaken),
        (503, NotTaken),
        (400, Rejected),
        (401, Rejected),
        (302, Rejected),
        (0, Unclear),
    ],
)
def test_what_an_answer_means(exchange: Exchange, status: int, means: type[OSError]) -> None:
    exchange.answers = [status]
    with pytest.raises(means) as refused:
        Gateway(exchange.url, TOKEN).send(TEXT)
    assert type(refused.value) is means
    assert len(exchange.heard) == 1, "nothing is repeated, and no redirection followed"


def test_nobody_there_is_away() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Away):
        Gateway(f"http://127.0.0.1:{port}/", TOKEN).send(TEXT)


def test_an_address_that_encrypts_is_asked_so(exchange: Exchange) -> None:
    with pytest.raises(Away):  # it speaks no TLS: nothing was said to it
        Gateway(exchange.url.replace("http://", "https://"), TOKEN).send(TEXT)
    assert exchange.heard == []


def settings(app: Flask, **changed: Any) -> config.Settings:
    given: config.Settings = app.config["LMS"]
    return config.Settings(_env_file=None, **(given.model_dump() | changed))  # type: ignore[call-arg]


def test_the_post_goes_through_the_gateway(
    app: Flask, post: Post, world: Any, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "LMS", settings(app, sms_url=exchange.url, sms_token=TOKEN))
    post.reach(world.a.doctor, phone="13800000000")
    post.tell(world.a.doctor, kind=NEEDED)
    exchange.answers = [503]
    post.send()
    assert len(exchange.heard) == 1
    assert post.states("sms") == ["waiting"]
    post.due_now()
    post.send()
    assert [body["to"] for _, _, body in exchange.heard] == ["13800000000"] * 2
    assert post.states("sms") == ["sent"]


def test_without_a_gateway_only_a_demonstration_has_a_file(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        assert isinstance(texting.carrier(), TextFile)
        monkeypatch.setitem(app.config, "LMS", settings(app, simulated=False))
        assert texting.carrier() is None


@pytest.mark.parametrize(
    "changed",
    [
        {"sms_url": "http://sms.example.cn/send", "sms_token": TOKEN},
        {"sms_url": "https://sms.example.cn/send"},
        {"sms_url": "https://sms.example.cn/send", "sms_token": "short"},
        {"sms_url": "https://user:word@sms.example.cn/", "sms_token": TOKEN},
        {"sms_url": "ftp://sms.example.cn/", "sms_token": TOKEN},
        {"notices_days": 89},
        {"notices_days": -1},
    ],
)
def test_an_unsafe_setting_is_refused(app: Flask, changed: dict[str, Any]) -> None:
    values = app.config["LMS"].model_dump() | changed
    with pytest.raises(config.SettingsRefused, match=r"sms_|SMS|NOTICES|notices"):
        config.Settings.load(_env_file=None, **values)


def test_a_safe_one_is_taken(app: Flask) -> None:
    assert settings(app, sms_url="https://sms.example.cn/v1/send?x=1", sms_token=TOKEN).sms_url
    assert settings(app, notices_days=0).notices_days == 0
