"""A browser's description of itself, and a network address, as little as serves to recognise one's own."""

import ipaddress
import re

_PROGRAMS = (
    ("WeChat", r"MicroMessenger/"),
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|CriOS|HeadlessChrome)/"),
    ("Safari", r"Version/.*Safari/"),
)
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X"),
    ("Linux", r"Linux"),
)


def browser(user_agent: str) -> str:
    """Program and system, such as `Chrome · Android`; empty when neither is known."""
    found = (next((n for n, p in known if re.search(p, user_agent)), "") for known in (_PROGRAMS, _SYSTEMS))
    return " · ".join(filter(None, found))


def shortened(address: str | None) -> str:
    """The network an address lies in (/24, /48 for IPv6): enough to recognise one's own, no trace of a house."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    network = ipaddress.ip_network((known, 24 if known.version == 4 else 48), strict=False)
    return str(network)
