"""Who, where, and the plumbing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["create_app", "uncollected"]
#: How many objects are made, and younger collections run, before Python looks for garbage of each age.
OBJECTS_BETWEEN = (10_000, 20, 20)


def create_app(*given: Any, **named: Any) -> "Flask":
    """Build the application of a process (see lms.app); imported late: one room can be used without the whole house."""
    with uncollected():
        from lms.app import create_app as build  # noqa: PLC0415 - the whole house, only when it is asked for

        return build(*given, **named)


@contextmanager
def uncollected() -> Iterator[None]:
    """What is made inside is never garbage: Python does not look for any meanwhile, nor among it afterwards.

    The modules, tables and pages are some 600,000 objects. Looking through them all takes 0.4 s in the middle of
    somebody's page; and the few thousand objects of a page need not be looked through once per statement.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*OBJECTS_BETWEEN)
        gc.enable()
