"""What lies in deploy/ fits the application: settings that exist, examples that do not start, one port, one size."""

import re
from pathlib import Path

import pytest

from config import CHECKOUT, Settings, SettingsRefused
from lms.commands import backups

DEPLOY = CHECKOUT / "deploy"
EXAMPLES = sorted((DEPLOY / "environment").glob("*.example"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def _values(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^#?(LMS_\w+)=(.*)$", path.read_text(), re.M))


def _told_to_commands() -> set[str]:
    """Variables of commands that run without the application's settings."""
    return {str(one.envvar) for command in backups.database.commands.values() for one in command.params if one.envvar}


def test_examples_name_only_settings_that_exist() -> None:
    known = {f"LMS_{name.upper()}" for name in Settings.model_fields} | _told_to_commands()
    assert EXAMPLES
    assert {name for path in EXAMPLES for name in _values(path)} <= known


def test_examples_hold_no_secret_and_do_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {name: value for path in EXAMPLES for name, value in _values(path).items()}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused) as refused:
        Settings.load(_env_file=None)
    for name in ("LMS_SECRET_KEY", "LMS_INDEX_KEY", "LMS_DATA_KEYS"):
        assert name in str(refused.value)


def test_every_setting_that_is_needed_stands_in_the_common_example() -> None:
    needed = {f"LMS_{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()}
    assert needed <= set(_values(DEPLOY / "environment" / "common.env.example"))


def test_the_owner_and_the_signer_are_known_to_nobody_else() -> None:
    texts = {path.name: path.read_text() for path in UNITS}
    assert [name for name, text in texts.items() if "/owner.env" in text] == ["clinical-skills-migrate.service"]
    assert [name for name, text in texts.items() if "/signer.env" in text] == ["clinical-skills-signer.service"]
    users = {name: found[0] for name, text in texts.items() if (found := re.findall(r"^User=(\S+)", text, re.M))}
    keepers = [users.pop(name) for name in ("clinical-skills-archive.service", "clinical-skills-backup.service")]
    assert len(users) == len({*users.values(), *keepers} - set(keepers)) == 3


def test_who_keeps_backups_is_told_nothing_of_the_application() -> None:
    for name in ("archive", "backup"):
        text = (DEPLOY / "systemd" / f"clinical-skills-{name}.service").read_text()
        assert re.findall(r"^EnvironmentFile=-?(\S+)", text, re.M) == ["/etc/clinical-skills/backup.env"]
    told = set(_values(DEPLOY / "environment" / "backup.env.example"))
    assert told == {"LMS_BACKUP_SERVER", "LMS_BACKUP_FOLDER", "LMS_BACKUP_PROGRAMS"}


def test_the_proxy_leads_to_the_web_unit_and_takes_what_the_application_takes() -> None:
    nginx = (DEPLOY / "nginx" / "clinical-skills.conf").read_text()
    web = (DEPLOY / "systemd" / "clinical-skills-web.service").read_text()
    bound = re.search(r"--bind (\S+)", web)
    assert bound is not None
    assert f"server {bound[1]};" in nginx
    assert f"client_max_body_size {Settings.model_fields['max_upload_mb'].default}m;" in nginx
    assert "X-Forwarded-For $remote_addr;" in nginx, "what the client sent must not be believed"


def test_operations_tells_of_every_file() -> None:
    told = (CHECKOUT / "docs" / "operations.md").read_text()
    assert [path.stem for path in UNITS if path.stem not in told] == []
    assert [path.name for path in EXAMPLES if path.name not in told] == []
