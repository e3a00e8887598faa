"""Letters to people: by SMTP where an installation names a server, else as files in an outbox folder."""

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
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
#: Answers of a mail server: all is well; from here on trying again will not help.
_FINE, _FOR_GOOD = 250, 500


@dataclass(frozen=True)
class Letter:
    """One message to one person, in plain text."""

    to: str
    subject: str
    text: str
    #: what the letter is called on its way (Message-ID), for a caller who must know it again
    number: str | None = None


class NotTaken(OSError):
    """The server has certainly not taken the letter; later it may."""


class Away(NotTaken):
    """No server could be spoken to at all: other letters will fare no better now."""


class Rejected(NotTaken):
    """The server will never take this letter."""


class Unclear(OSError):
    """The line broke while the letter was handed over: it may have arrived."""


class Post(Protocol):
    """Whatever takes letters."""

    def send(self, letter: Letter) -> None:
        """Hand one letter over, or raise NotTaken or Unclear."""


class Mailer(Post, Protocol):
    """Whatever carries letters."""

    def open(self) -> AbstractContextManager[Post]:
        """For many letters on one way."""


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

    @contextmanager
    def open(self) -> Iterator[Post]:
        """The folder itself."""
        yield self


@dataclass(frozen=True)
class Smtp:
    """A mail server: `smtps://user:password@host:465`, or `smtp://…:587`, which must offer STARTTLS."""

    url: str
    sender: str

    def send(self, letter: Letter) -> None:
        """Hand the letter over, encrypted on the way; a server without TLS is refused."""
        with self.open() as post:
            post.send(letter)

    @contextmanager
    def open(self) -> Iterator[Post]:
        """One connection for many letters."""
        connection = _Connection(self)
        try:
            yield connection
        finally:
            connection.let_go()

    def connect(self, held: ExitStack) -> smtplib.SMTP:
        """Speak to the server, encrypted; it is let go with what is held."""
        at, context = urlsplit(self.url), ssl.create_default_context()
        host = at.hostname or ""
        server = held.enter_context(
            smtplib.SMTP_SSL(host, at.port or 465, timeout=PATIENCE_SECONDS, context=context)
            if at.scheme == "smtps"
            else smtplib.SMTP(host, at.port or 587, timeout=PATIENCE_SECONDS)
        )
        if at.scheme == "smtp":
            server.starttls(context=context)
        if at.username:
            server.login(unquote(at.username), unquote(at.password or ""))
        return server


class _Connection:
    """A line to a mail server, taken up when there is a letter, and again when the server has hung up between two."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp, self._held = smtp, ExitStack()
        self._server: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> None:
        """Hand one letter over."""
        message = _message(letter, self._smtp.sender)
        server = self._ready()
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _reply in refused.recipients.values()]
            raise (Rejected if min(codes) >= _FOR_GOOD else NotTaken)(f"address refused ({codes[0]})") from None
        except smtplib.SMTPSenderRefused as refused:
            raise NotTaken(f"sender refused ({refused.smtp_code})") from None
        except smtplib.SMTPNotSupportedError:
            raise Rejected("address refused") from None
        except smtplib.SMTPResponseException as refused:
            kind = Rejected if refused.smtp_code >= _FOR_GOOD else NotTaken
            raise kind(f"letter refused ({refused.smtp_code})") from None
        except OSError as broken:
            self.let_go()
            raise Unclear(type(broken).__name__) from broken

    def _ready(self) -> smtplib.SMTP:
        """The server, listening: one that has hung up since the last letter is called again."""
        if self._server is not None:
            with suppress(OSError):
                if self._server.noop()[0] == _FINE:
                    return self._server
            self.let_go()
        try:
            self._server = self._smtp.connect(self._held)
        except OSError as away:
            self.let_go()
            raise Away(type(away).__name__) from away
        return self._server

    def let_go(self) -> None:
        """Hang up; a line that is broken already is no fault: what was taken is taken."""
        self._server = None
        with suppress(OSError):
            self._held.close()


def mailer(smtp_url: str | None, sender: str, folder: Path) -> Mailer:
    """What this installation's settings name."""
    return Smtp(smtp_url, sender) if smtp_url else Outbox(folder, sender)


def _message(letter: Letter, sender: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"] = formataddr(("", sender))
    made["To"] = letter.to
    made["Subject"] = letter.subject
    made["Date"] = clock.now()
    domain = sender.rpartition("@")[2] or "localhost"
    made["Message-ID"] = f"<{letter.number}@{domain}>" if letter.number else make_msgid(ids.uuid7().hex, domain=domain)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text)
    return made
