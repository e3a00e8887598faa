"""Charts that plotly draws in the browser: its script, what their pages may do more than others, how they look alike.

Colours in a figure are names of tokens, `var(--…)` of css/charts.css: the page's script (js/charts.js) puts in what
they are in light, in dark and on paper.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, make_response

from lms.web import security
from lms.web.pages import Pages

Figure = dict[str, Any]
FONTS: Final = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
#: plotly adds an empty style element and draws pictures from data; nothing else is let in, and on these pages alone.
_WIDER: Final = {"style_src": "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='", "img_src": "blob:"}


def install(app: Flask) -> None:
    """Serve plotly's script to pages that draw."""
    app.register_blueprint(Pages("plotly", __name__, static_folder=_folder(), template_folder=None))


def _folder() -> Path:
    """Where the plotly package keeps its script; the package itself is not loaded for it."""
    found = find_spec("plotly")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("the plotly package is missing")
    return Path(found.submodule_search_locations[0]) / "package_data"


def drawing(page: str) -> Response:
    """A page on which plotly may draw."""
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = security.policy(**_WIDER)
    return answer


def layout(height: int, right: int = 16) -> Figure:
    """What all figures have: paper, fonts, margins, hints, a legend above."""
    return {
        "height": height,
        "autosize": True,
        "margin": {"l": 8, "r": right, "t": 8, "b": 36, "pad": 0},
        "font": {"family": FONTS, "size": 13, "color": "var(--ink)"},
        "paper_bgcolor": "var(--paper)",
        "plot_bgcolor": "var(--paper)",
        "dragmode": False,
        "hoverlabel": {"bgcolor": "var(--ink)", "font": {"color": "var(--paper)", "family": FONTS}},
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"},
    }
