"""Letters to people: by SMTP where an installation names a server, else as files in an outbox folder."""

import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from lms import clock, ids

#: How long a mail server may take to answer; letters are sent by jobs, which are tried again.
PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Letter:
    """One message to one person, in plain text."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Whatever carries letters."""

    def send(self, letter: Letter) -> None:
        """Carry one letter, or raise OSError: the job that asked is then tried again."""


@dataclass(frozen=True)
class Outbox:
    """A folder of .eml files that only their owner reads: for a demonstration, and where no server is named."""

    folder: Path
    sender: str

    def send(self, letter: Letter) -> None:
        """Put the letter into the folder, whole or not at all."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        written, name = _message(letter, self.sender).as_bytes(), ids.uuid7().hex
        unfinished = self.folder / f".{name}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(written)
        unfinished.rename(self.folder / f"{name}.eml")


@dataclass(frozen=True)
class Smtp:
    """A mail server: `smtps://user:password@host:465`, or `smtp://…:587`, which must offer STARTTLS."""

    url: str
    sender: str

    def send(self, letter: Letter) -> None:
        """Hand the letter over, encrypted on the way; a server without TLS is refused."""
        at, context = urlsplit(self.url), ssl.create_default_context()
        host = at.hostname or ""
        with (
            smtplib.SMTP_SSL(host, at.port or 465, timeout=PATIENCE_SECONDS, context=context)
            if at.scheme == "smtps"
            else smtplib.SMTP(host, at.port or 587, timeout=PATIENCE_SECONDS)
        ) as server:
            if at.scheme == "smtp":
                server.starttls(context=context)
            if at.username:
                server.login(unquote(at.username), unquote(at.password or ""))
            server.send_message(_message(letter, self.sender))


def mailer(smtp_url: str | None, sender: str, folder: Path) -> Mailer:
    """What this installation's settings name."""
    return Smtp(smtp_url, sender) if smtp_url else Outbox(folder, sender)


def _message(letter: Letter, sender: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"] = formataddr(("", sender))
    made["To"] = letter.to
    made["Subject"] = letter.subject
    made["Date"] = clock.now()
    made["Message-ID"] = make_msgid(ids.uuid7().hex, domain=sender.rpartition("@")[2] or "localhost")
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text)
    return made
