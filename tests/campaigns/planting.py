"""A plugin for pytest that changes one module as it is imported; only to show which tests find a fault planted in it.

`LMS_PLANT='{"module": …, "changes": [[before, after], …]}' python -m pytest -p tests.campaigns.planting …`. The file
itself stays as it is, so that whoever else works in the checkout never sees the fault.
"""

import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from hypothesis import Phase, settings


def pytest_configure() -> None:
    """That a fault is found is all that is asked: no time goes into its smallest example."""
    settings.register_profile("found", settings.get_profile("same everywhere"), phases=(Phase.explicit, Phase.generate))
    settings.load_profile("found")


class _Changed(SourceFileLoader):
    """Compiles the module with every change made; each must fit in just one place."""

    def __init__(self, name: str, path: str, changes: Sequence[tuple[str, str]]) -> None:
        super().__init__(name, path)
        self._changes = changes

    def get_code(self, fullname: str) -> CodeType:
        text = importlib.util.decode_source(self.get_data(self.path))
        for before, after in self._changes:
            if text.count(before) != 1:
                raise RuntimeError(f"{fullname}: the fault cannot be planted: {before!r}")
            text = text.replace(before, after)
        return compile(text, self.path, "exec")


class _Finder:
    """Finds the one module that is changed, and leaves every other to Python."""

    def __init__(self, module: str, changes: Sequence[tuple[str, str]]) -> None:
        self._module, self._changes = module, changes

    def find_spec(self, name: str, path: Any, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._module:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = _Changed(name, str(spec.origin), self._changes)
        return spec


_plant = json.loads(os.environ["LMS_PLANT"])
if _plant["module"] in sys.modules:
    raise RuntimeError(f"{_plant['module']} was imported before a fault could be planted in it")
sys.meta_path.insert(0, _Finder(**_plant))
