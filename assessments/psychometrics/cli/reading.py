"""What the commands share: kinds of options, the file they read, the answer."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from assessments.psychometrics import formats
from lms.cli import group, json_option, say
from lms.errors import Invalid

psychometrics = group("psychometrics", "Statistics of tests and cut scores from a CSV file.")
FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


class Exact(click.ParamType[Fraction]):
    """A decimal number, kept exact."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """The number, or wrong usage."""
        if isinstance(value, Fraction):
            return value
        try:
            return formats.number(str(value), "", 0)
        except Invalid as wrong:
            self.fail(str(wrong), param, ctx)


class Levels(click.ParamType[list[int]]):
    """Numbers of items, with commas between them."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        """The numbers, or wrong usage."""
        if isinstance(value, list):
            return value
        words = str(value).split(",")
        if not all(word.strip().isascii() and word.strip().isdigit() and 0 < int(word) <= 100_000 for word in words):
            self.fail(f"{value!r} is not like 5,10,20", param, ctx)
        return [int(word) for word in words]


class Scale(click.ParamType[list[str]]):
    """Categories in their order, with commas between them."""

    name = "categories"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """The categories, or wrong usage."""
        if isinstance(value, list):
            return value
        words = [word.strip() for word in str(value).split(",")]
        if not all(words) or len(set(words)) < len(words):
            self.fail(f"{value!r} is not like fail,borderline,pass", param, ctx)
        return words


EXACT, LEVELS, SCALE = Exact(), Levels(), Scale()


def on_a_file(act: Callable[..., Any]) -> Callable[..., Any]:
    """A command that reads one file and can answer in JSON."""
    return click.argument("file", type=FILE)(json_option(act))


def _plain(value: Any) -> Any:
    """Fractions as numbers, tuples as lists."""
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def answer(outcome: dict[str, Any], as_json: bool) -> None:
    """Print the outcome as JSON or in words."""
    made = _plain(outcome)
    words = "\n".join(f"{key}: {value}" for key, value in made.items() if not isinstance(value, list))
    rows = [f"  {row}" for value in made.values() if isinstance(value, list) for row in value]
    say(made, as_json=as_json, words="\n".join([words, *rows]))
