"""One page asked for by one reader and by sixteen at once, beside the floor's page, in turn."""

from bench import clients
from bench.report import Row

READERS, SECONDS = (1, 16), 3.0


def beside_the_floor(ports: tuple[int, int], ask: clients.Next, *, what: str, runs: int) -> list[Row]:
    """How many of the pages that `ask` asks for a second (`what`), and how long one waits; ports: ours, the floor's."""
    return [row for readers in READERS for row in _by(readers, ports, ask, what=what, runs=runs)]


def signed_in(path: str, token: str) -> clients.Next:
    """Ask for a page as whoever has this session."""
    return lambda: clients.get(path, f"session_id={token}")


def _by(readers: int, ports: tuple[int, int], ask: clients.Next, *, what: str, runs: int) -> list[Row]:
    own: list[clients.Next] = [ask] * readers
    least: list[clients.Next] = [lambda: clients.get("/page")] * readers
    clients.run(ports[0], own, 1.0)
    clients.run(ports[1], least, 1.0)
    pairs = [(clients.run(ports[0], own, SECONDS), clients.run(ports[1], least, SECONDS)) for _ in range(runs)]
    words = f"{readers} reader{'s' if readers > 1 else ''}"
    speeds = [a.per_second for a, _ in pairs], [b.per_second for _, b in pairs]
    waits = [a.p50 for a, _ in pairs], [b.p50 for _, b in pairs]
    return [
        Row(f"{what} a second, {words}", speeds[0], "/s", speeds[1], "floor"),
        Row(f"one waits, {words}, median", waits[0], "ms", waits[1], "floor"),
    ]
