"""Settings, typed and read from LMS_* variables, and the order in which features are wired."""

import base64
import binascii
import math
import os
import zlib
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent
ENV_FILE = Path(os.environ.get("LMS_ENV_FILE") or CHECKOUT / "var" / "lms.env")

#: Each is a package with a `wiring.py`; lower rooms first, so that what is registered is there to be used.
FEATURES = (
    "lms.ledger",
    "lms.audit",
    "lms.search",
    "lms.institutions",
    "lms.people",
    "lms.content",
    "lms.techniques",
    "lms.notifications",
    "courses.hours",
    "courses.curricula",
    "courses.enrolment",
    "courses.mentoring",
    "courses.rotations",
    "courses.discussion",
    "courses.authoring",
    "assessments.psychometrics",
    "assessments.results",
    "assessments.stations",
    "assessments.bank",
    "assessments.proficiency",
    "assessments.certification",
    "assessments.exams",
    "assessments.osce",
    "assessments.practice",
    "assessments.simulation",
    "assessments.signoff",
    "assessments.selftest",
    "assessments.workplace",
    "assessments.traces",
    "assessments.stall",
    "assessments.insight",
)


class SettingsRefused(Exception):
    """The installation is not safe to start; the message has one line per reason."""


class Settings(BaseSettings):
    """Everything an installation decides. Each field is explained in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix="LMS_", env_file=ENV_FILE, extra="forbid")

    database_url: str
    database_owner_url: str | None = None
    database_signer_url: str | None = None
    secret_key: str
    data_keys: str
    index_key: str
    public_url: str
    queue_url: str | None = None
    timezone: str = "Asia/Shanghai"
    simulated: bool = False
    smtp_url: str | None = Field(default=None, pattern=r"^smtps?://[^/\s]+$")
    mail_from: str = Field(default="no-reply@localhost", pattern=r"^[^@\s]+@[^@\s]+$")
    mail_folder: Path = CHECKOUT / "var" / "mail"
    sms_url: str | None = Field(default=None, pattern=r"^https?://[^/\s@]+(/[^\s#]*)?$")
    sms_token: str = Field(default="", repr=False)
    notices_days: int = Field(default=730, ge=0, le=36_500)
    media_url: str = f"file://{CHECKOUT / 'var' / 'media'}"
    ledger_witness_path: Path = CHECKOUT / "var" / "ledger-witness.jsonl"
    ledger_witnesses: str = ""
    signing_key_path: Path = CHECKOUT / "var" / "signing"
    policy: str = "first-way"
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    pool_size: int = Field(default=8, ge=1, le=100)
    log_format: str = Field(default="json", pattern="^(json|console)$")
    max_upload_mb: int = Field(default=20, ge=1, le=2000)
    max_film_mb: int = Field(default=1024, ge=1, le=2000)

    @field_validator("secret_key", "index_key")
    @classmethod
    def _strong(cls, value: str) -> str:
        if len(value) < 32 or _entropy(value) < 80:
            raise ValueError("too weak: use at least 32 random characters")
        return value

    @field_validator("data_keys")
    @classmethod
    def _keys(cls, value: str) -> str:
        for part in value.split(","):
            name, _, text = part.strip().partition(":")
            try:
                good = name and len(base64.b64decode(text, validate=True)) == 32
            except binascii.Error:
                good = False
            if not good:
                raise ValueError("give name:base64 of 32 random bytes, comma between keys, current first")
        return value

    @field_validator("database_url", "database_owner_url", "database_signer_url")
    @classmethod
    def _postgres(cls, value: str | None) -> str | None:
        if value and not value.startswith(("postgresql://", "postgresql+psycopg://")):
            raise ValueError("only PostgreSQL is supported (postgresql://…)")
        return value and value.replace("postgresql://", "postgresql+psycopg://", 1)

    @model_validator(mode="after")
    def _encrypted_in_transit(self) -> "Settings":
        if not self.https and urlsplit(self.public_url).hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("public_url: https:// is needed for anything but this machine itself")
        return self

    @model_validator(mode="after")
    def _texts_in_secret(self) -> "Settings":
        if self.sms_url is None:
            return self
        parts = urlsplit(self.sms_url)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("sms_url: https:// is needed for anything but this machine itself")
        if len(self.sms_token) < 16:
            raise ValueError("sms_token: the gateway's token of at least 16 characters is needed beside sms_url")
        return self

    @model_validator(mode="after")
    def _notices_kept_long_enough(self) -> "Settings":
        if 0 < self.notices_days < 90:
            raise ValueError("notices_days: 0 (for ever) or at least 90, else people are told the same again")
        return self

    @property
    def https(self) -> bool:
        """Whether people reach the site over TLS."""
        return self.public_url.startswith("https://")

    @classmethod
    def load(cls, **given: Any) -> "Settings":
        """Read the variables; raises SettingsRefused naming each one that is missing or weak."""
        try:
            return cls(**given)
        except ValidationError as wrong:
            raise SettingsRefused("\n".join(_reason(e) for e in wrong.errors())) from None


def _reason(error: Any) -> str:
    name = "_".join(["LMS", *map(str, error["loc"])]).upper() if error["loc"] else "LMS settings"
    return f"{name}: {error['msg'].removeprefix('Value error, ')}"


def _entropy(text: str) -> float:
    """Estimate in bits: enough to see that a secret was typed and not drawn, repeats a word or counts up."""
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    fresh = min(len(text), len(zlib.compress(text.encode(), 9, -15)))
    return fresh * min(_bits(text), _bits(steps))


def _bits(signs: Sequence[Hashable]) -> float:
    """Shannon's entropy of one sign."""
    return sum(-n / len(signs) * math.log2(n / len(signs)) for n in Counter(signs).values())
