"""Logs say what happened and nothing about persons."""

import json

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
