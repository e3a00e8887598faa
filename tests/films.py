"""Films of the content pack, out of the code that draws them: `python -m tests.films [name …]`.

A film is `content/courses/<course>/films/<name>.js` with `film` (width, height, rate, seconds), `draw(pen, t)` and
`beats()`. It is drawn picture by picture in the tests' Chromium, encoded there (VP9, Opus) and written to
`attachments/<name>.webm`; so the length is exact, and the file has its duration and places to jump to.
"""

import base64
import sys
from pathlib import Path
from typing import Any

from config import CHECKOUT
from tests import browser

COURSES = CHECKOUT / "content" / "courses"
PLACE = "http://127.0.0.1:9"  # nobody answers there: every request is answered here
#: Bits a second of the picture; seconds between two pictures that one can jump to.
BITS, KEY = 36_000, 4
_ENCODE = Path(__file__).with_name("films.js")


def record(source: Path) -> bytes:
    """The film that this file draws, as WebM."""
    with browser.opened() as chrome:
        page = chrome.new_page()
        scripts = {"/film.js": source, "/films.js": _ENCODE, "/mediabunny.mjs": browser.film_writer()}
        page.route("**/*", lambda route: _serve(route, scripts))
        page.goto(f"{PLACE}/")
        made = page.evaluate(
            "async (set) => (await import('/films.js')).encode(await import('/film.js'), set)",
            {"bits": BITS, "key": KEY},
        )
    return base64.b64decode(made)


def _serve(route: Any, scripts: dict[str, Path]) -> None:
    script = scripts.get(route.request.url.removeprefix(PLACE))
    if script is None:
        route.fulfill(content_type="text/html; charset=utf-8", body="<meta charset=utf-8>")
    else:
        route.fulfill(content_type="text/javascript; charset=utf-8", body=script.read_text("utf-8"))


def main() -> None:
    """Record the named films, or all."""
    for source in sorted(COURSES.glob("*/films/*.js")):
        if len(sys.argv) > 1 and source.stem not in sys.argv[1:]:
            continue
        target = source.parents[1] / "attachments" / f"{source.stem}.webm"
        target.write_bytes(record(source))
        sys.stdout.write(f"{target.relative_to(CHECKOUT)}: {target.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
