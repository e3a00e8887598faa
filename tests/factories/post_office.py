"""A mail server of one's own: it speaks SMTP over TLS on this machine, takes letters, refuses, and hangs up."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lms import clock


@dataclass
class Office:
    """What a server does with letters, and those it took."""

    taken: list[EmailMessage] = field(default_factory=list)
    #: how often somebody came in
    calls: int = 0
    #: address → the answer to RCPT; the answer to DATA; hang up before or after the letter is taken
    refuses: dict[str, str] = field(default_factory=dict)
    data_answer: str = "250 taken"
    hangs_up: str = ""
    #: letters of one connection, after which the server hangs up politely
    most: int = 1000
    url: str = ""


def certificate(folder: Path) -> Path:
    """A certificate for this machine with its key; whoever names the file as theirs trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "post-office.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


class _Clerk(socketserver.StreamRequestHandler):
    """One conversation."""

    office: Office
    context: ssl.SSLContext
    timeout = 10

    def handle(self) -> None:
        self.office.calls += 1
        self.letters = 0
        self.say("220 localhost")
        while True:
            line = self.rfile.readline().decode().strip()
            if not line or not self.answer(line):
                return

    def finish(self) -> None:
        """Hang up, on the encrypted line too."""
        super().finish()
        self.connection.close()

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def answer(self, line: str) -> bool:
        """Answer one command; False ends the conversation."""
        word = line.split(" ", maxsplit=1)[0].upper()
        if word == "QUIT":
            self.say("221 bye")
            return False
        if word == "STARTTLS":
            self.say("220 go on")
            self.connection = self.context.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
            return True
        if word == "EHLO":
            self.say("250-localhost", "250-STARTTLS", "250 8BITMIME")
        elif word == "RCPT":
            self.say(next((said for who, said in self.office.refuses.items() if who in line), "250 known"))
        elif word == "DATA":
            return self.take()
        else:
            self.say("250 well")
        return True

    def take(self) -> bool:
        """Read a letter; take it, refuse it, or hang up at the worst moment."""
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.office.hangs_up == "before":
            return False
        if self.office.data_answer.startswith("250"):
            message: Any = message_from_bytes(b"".join(lines), policy=default)
            self.office.taken.append(message)
        if self.office.hangs_up == "after":
            return False
        self.say(self.office.data_answer)
        self.letters += 1
        return self.letters < self.office.most


@contextmanager
def post_office(pem: Path, *, wrapped: bool = False) -> Iterator[Office]:
    """A running server; `wrapped` speaks TLS from the first byte (smtps), else after STARTTLS (smtp)."""
    office, context = Office(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    class Clerk(_Clerk):
        pass

    Clerk.office, Clerk.context = office, context

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def get_request(self) -> Any:
            """A caller, behind TLS where the server is wrapped."""
            caller, address = super().get_request()
            return (context.wrap_socket(caller, server_side=True) if wrapped else caller), address

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller who went away is no fault."""

    with Server(("127.0.0.1", 0), Clerk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        office.url = f"{'smtps' if wrapped else 'smtp'}://localhost:{server.server_address[1]}"
        try:
            yield office
        finally:
            server.shutdown()
