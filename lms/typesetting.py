"""Documents to print and hand in, set by typst in the one font that comes with the product."""

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst


class Typesetter:
    """One template and the compiler kept for it: reading the fonts anew would take longer than ten documents."""

    def __init__(self, template: Path) -> None:
        self._template, self._lock = template, threading.Lock()

    def pdf(self, words: Mapping[str, Any], *, at: datetime | None = None) -> bytes:
        """The PDF (PDF/A-2b, tagged) of these words; with the same `at`, the same words give the same bytes.

        Raises typst.TypstError for what the template or the font cannot do.
        """
        data = json.dumps(words, ensure_ascii=False)
        with self._lock:
            made = self._compiler.compile(format="pdf", sys_inputs={"data": data}, pdf_standards=["a-2b"], timestamp=at)
        if not isinstance(made, bytes):
            raise TypeError("one document was expected")
        return made

    @cached_property
    def _compiler(self) -> typst.Compiler:
        fonts = find_spec("noto_cjk_sans_otc")
        if fonts is None or not fonts.submodule_search_locations:
            raise RuntimeError("the font package noto-cjk-sans-otc is missing")
        return typst.Compiler(
            str(self._template),
            root=str(self._template.parent),
            font_paths=[fonts.submodule_search_locations[0]],
            ignore_system_fonts=True,
        )
