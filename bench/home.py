"""A doctor's home page: how fast it is made, against the floor's page, and how heavy it is on a first visit."""

import re
from collections.abc import Sequence
from urllib.parse import urljoin

import brotli

from bench import arena, clients
from bench.readers import beside_the_floor, signed_in
from bench.report import Row

TITLE = "The doctor's home page"
WORDS = (
    "`GET /` of a doctor who has a course under way and an exam to sit; the floor's page is one query and a fixed "
    "text. Bytes are heads and bodies of the page and of every style sheet, script and picture that it makes a browser "
    "fetch, with `Accept-Encoding: br`."
)
DOCTOR = "doctor"
MOST = 150_000
_IN_PAGE = re.compile(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)"')
_MODULES = re.compile(r'data-module="([^"]+)"')
_IN_SCRIPT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']""")
_IN_STYLE = re.compile(r"""url\(\s*["']?(?!data:)([^"')]+)["']?\s*\)""")


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Alternated runs with 1 and with 16 readers, and the weight."""
    with field.copy() as copy:
        token = copy.sign_in(DOCTOR)[0]
        with arena.both(copy) as (ours, floor):
            rows = beside_the_floor((ours, floor), signed_in("/", token), what="pages", runs=runs)
            weights = weigh(ours, token)
    total = float(sum(weights.values()))
    parts = f"{weights['/'] / 1000:.0f} kB page, {len(weights) - 1} files"
    weight = Row(f"first visit ({parts})", [total / 1000], "kB", target="≤ 150 kB", met=total <= MOST)
    return [*rows, weight]


def weigh(port: int, token: str) -> dict[str, int]:
    """Bytes transferred by address, for a browser that has nothing yet."""
    connection, weights = clients.Connection(port), dict[str, int]()
    waiting = ["/"]
    while waiting:
        address = waiting.pop()
        if address in weights or not address.startswith("/"):
            continue
        answer = connection.ask(clients.get(address, f"session_id={token}", "br"))
        weights[address] = len(answer)
        waiting += [urljoin(address, found) for found in _named(address, answer)]
    return weights


def _named(address: str, answer: bytes) -> Sequence[str]:
    """What a page, script or style sheet makes a browser fetch."""
    head, _, body = answer.partition(b"\r\n\r\n")
    packed = re.search(rb"(?i)\ncontent-encoding: *br", head)
    text = (brotli.decompress(body) if packed else body).decode(errors="replace")
    path = address.partition("?")[0]
    if path.endswith(".js"):
        return _IN_SCRIPT.findall(text)
    if path.endswith(".css"):
        return _IN_STYLE.findall(text)
    if path == "/":
        modules = [one for found in _MODULES.findall(text) for one in found.split()]
        return [*_IN_PAGE.findall(text), *modules]
    return []
