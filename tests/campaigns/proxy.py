"""A small TCP proxy that does to HTTP what bad networks do: cut, lose, repeat, delay.

`python -m tests.campaigns.proxy LISTEN UPSTREAM SEED [--cut 0.05 --lose 0.05 --double 0.1 --late 0.5]`. A request is
cut (the server has answered, the answer is thrown away and the connection reset), lost (reset before the server sees
it), or doubled: the very same bytes are sent a second time on another connection, up to `late` seconds later, when
newer requests have long been answered.
"""

import argparse
import asyncio
import random
import re
import signal
from contextlib import suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
_LENGTH = re.compile(rb"(?i)\ncontent-length: *(\d+)")
_GONE = (OSError, asyncio.IncompleteReadError, EOFError)


@dataclass
class Weather:
    """How bad the network is."""

    cut: float = 0.05
    lose: float = 0.05
    double: float = 0.1
    late: float = 0.5


@dataclass
class Proxy:
    """One listening address before one server."""

    upstream: int
    weather: Weather
    chance: random.Random
    _again: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client, until either side ends it."""
        there: asyncio.StreamWriter | None = None
        try:
            back, there = await asyncio.open_connection(HOST, self.upstream)
            while request := await message(reader):
                if self.chance.random() < self.weather.lose:
                    break
                there.write(request)
                if self.chance.random() < self.weather.double:
                    self._repeat(request)
                answer = await message(back)
                if not answer or self.chance.random() < self.weather.cut:
                    break
                writer.write(answer)
                await writer.drain()
        except _GONE:
            pass
        finally:
            writer.transport.abort()  # a reset, as from a network: no polite end
            if there is not None:
                there.close()

    def _repeat(self, request: bytes) -> None:
        task = asyncio.create_task(self._send_again(request, self.chance.random() * self.weather.late))
        self._again.add(task)
        task.add_done_callback(self._again.discard)

    async def _send_again(self, request: bytes, later: float) -> None:
        await asyncio.sleep(later)
        with suppress(*_GONE):
            back, there = await asyncio.open_connection(HOST, self.upstream)
            there.write(request)
            await message(back)
            there.close()


async def message(reader: asyncio.StreamReader) -> bytes:
    """One whole HTTP message with a length; nothing when the other side has ended."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    found = _LENGTH.search(head)
    return head + (await reader.readexactly(int(found[1])) if found else b"")


async def _run(listen: int, proxy: Proxy) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = await asyncio.start_server(proxy.serve, HOST, listen)
    async with server:
        await stop.wait()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


def main() -> None:
    """Stand before a server until told to end."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.proxy")
    for name in ("listen", "upstream", "seed"):
        parser.add_argument(name, type=int)
    for name, value in vars(Weather()).items():
        parser.add_argument(f"--{name}", type=float, default=value)
    asked = vars(parser.parse_args())
    listen, upstream, seed = (asked.pop(name) for name in ("listen", "upstream", "seed"))
    asyncio.run(_run(listen, Proxy(upstream, Weather(**asked), random.Random(seed))))


if __name__ == "__main__":
    main()
