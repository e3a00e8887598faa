"""The page of an exam under way, with sixteen and with sixty-four candidates at once, beside the floor's fixed page."""

from bench import arena, clients, hall
from bench.report import Row

TITLE = "The exam's page"
WORDS = (
    "`GET /attempts/<uuid>`: who asks, whose attempt it is, every question in this candidate's own order, the answers "
    "the centre holds, the time left. The floor's page is one query and a fixed text of 3 kB."
)
CANDIDATES = (16, 64)
SECONDS = 4.0
AIM = 240


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Alternated runs; pages a second, how long one waits, how heavy a page is."""
    rows = []
    with field.copy() as copy:
        seated = hall.seat(copy, max(CANDIDATES), begun=True)
        with arena.both(copy) as (ours, floor):
            for token, attempt in zip(seated.tokens, seated.attempts, strict=True):
                pen = clients.Pen.open(ours, token, attempt)
                for item in pen.items[::2]:  # half of it is answered, as in the middle of an exam
                    clients.Connection(ours).ask(pen.save(f"/attempts/{attempt}/answers", item))
            own = [_asks(f"/attempts/{a}", t) for t, a in zip(seated.tokens, seated.attempts, strict=True)]
            least = [_asks("/page", token) for token in seated.tokens]
            for number in CANDIDATES:
                clients.run(ours, own[:number], 1.0)
                clients.run(floor, least[:number], 1.0)
                pairs = [
                    (clients.run(ours, own[:number], SECONDS), clients.run(floor, least[:number], SECONDS))
                    for _ in range(runs)
                ]
                rows += clients.rows("pages", number, pairs, None, AIM)
            weight = len(clients.Connection(ours).ask(own[0]()))
    return [*rows, Row(f"one page of {seated.questions} questions, as it is sent", [weight / 1000], "kB")]


def _asks(path: str, token: str) -> clients.Next:
    request = clients.get(path, f"session_id={token}")
    return lambda: request
