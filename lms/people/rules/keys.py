"""Where passkeys can be used at all."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Site:
    """The site to which passkeys of this installation belong."""

    name: str
    origin: str
    title: str


def site(public_url: str, title: str) -> Site | None:
    """The site people reach at this address; None where it has a number instead of a name.

    Browsers tie passkeys to a name: an address such as 127.0.0.1 cannot have any, `localhost` can.
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Site(host, f"{parts.scheme}://{parts.netloc}", title) if host else None
    return None
