"""Saving an answer, with sixteen and with sixty-four candidates at once, against the floor."""

from bench import arena, clients, hall
from bench.report import Row

TITLE = "Saving an answer"
WORDS = (
    "`POST /attempts/<uuid>/answers`: session, permission, CSRF and Origin, one statement that decides and inserts, "
    "commit, acknowledgement with proof. So many candidates at once, each sending the next answer when the last is "
    "acknowledged; the clients are threads of one process on the same cores."
)
CANDIDATES = (16, 64)
SECONDS = 4.0
LEAST, AIM = 0.6, 600


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Alternated runs; requests a second and how long one waits."""
    rows = []
    with field.copy() as copy:
        seated = hall.seat(copy, max(CANDIDATES), begun=True)
        with arena.both(copy) as (ours, floor):
            pairs = zip(seated.tokens, seated.attempts, strict=True)
            pens = [clients.Pen.open(ours, *pair) for pair in pairs]
            for number in CANDIDATES:
                rows += _rows(number, _runs(ours, floor, pens[:number], runs))
    return rows


def _runs(ours: int, floor: int, pens: list[clients.Pen], runs: int) -> list[tuple[clients.Load, clients.Load]]:
    own = [_saves(pen, f"/attempts/{pen.attempt_id}/answers") for pen in pens]
    least = [_saves(pen, "/save") for pen in pens]
    clients.run(ours, own, 1.0)
    clients.run(floor, least, 1.0)
    return [(clients.run(ours, own, SECONDS), clients.run(floor, least, SECONDS)) for _ in range(runs)]


def _saves(pen: clients.Pen, path: str) -> clients.Next:
    return lambda: pen.save(path)


def _rows(number: int, pairs: list[tuple[clients.Load, clients.Load]]) -> list[Row]:
    return clients.rows("answers", number, pairs, LEAST, AIM)
