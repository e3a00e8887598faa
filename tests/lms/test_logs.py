"""Logs say what happened and nothing about persons."""

import io
import json
import sys

import pytest
import structlog

from lms import logs


def test_a_traceback_carries_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    identity_number = "530302197001010019"
    try:
        raise ValueError("no")
    except ValueError:
        structlog.get_logger("x").exception("fault")
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert identity_number not in written


def test_secrets_are_hidden_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    structlog.get_logger("x").info("signed in", password="hunter2", account="wang")
    written = json.loads(capsys.readouterr().err)
    assert written["password"] == "…"
    assert written["account"] == "wang"


def test_a_stream_that_was_replaced_is_not_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    logs.configure("json")
    monkeypatch.setattr(sys, "stderr", second)
    first.close()
    structlog.get_logger("x").info("still heard")
    assert "still heard" in second.getvalue()
