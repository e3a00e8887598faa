"""Contrast, measured from the tokens themselves: text 4.5 to 1, drawings and borders 3 to 1, in light and dark."""

import re

import pytest

from config import CHECKOUT

CSS = (CHECKOUT / "lms/web/static/css/base.css").read_text("utf-8")
TEXT = [
    *[(text, ground) for text in ("ink", "ink-soft") for ground in ("paper", "ground", "sunken")],
    *[(text, ground) for text in ("action", "action-hover") for ground in ("paper", "ground", "sunken")],
    *[("danger", ground) for ground in ("paper", "ground", "danger-soft")],
    ("ink", "action-soft"),
    ("on-action-soft", "action-soft"),
    ("on-danger-soft", "danger-soft"),
    ("on-fill", "fill"),
    ("on-fill", "fill-hover"),
    ("on-fill", "danger-fill"),
    ("on-fill", "danger-fill-hover"),
    ("on-hero", "hero"),
    ("on-hero-soft", "hero"),
    ("paper", "ink"),
]
DRAWN = [
    *[(form, ground) for form in ("line-strong", "gold", "action", "danger") for ground in ("paper", "ground")],
    *[("fill", ground) for ground in ("paper", "ground")],
    *[("danger-fill", ground) for ground in ("paper", "ground")],
    ("hero-gold", "hero"),
]


def tokens(dark: bool) -> dict[str, str]:
    """The colours of one appearance, as they are written in base.css."""
    light, night = re.findall(r":root \{\n\s+(?:color-scheme: light dark;\n)?(.*?)\n\s*\}", CSS, re.S)[:2]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light))
    return found | (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", night)) if dark else {})


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two colours."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("dark", [False, True])
def test_words_can_be_read(dark: bool) -> None:
    colours = tokens(dark)
    weak = {(a, b): round(contrast(colours[a], colours[b]), 2) for a, b in TEXT}
    assert {pair: found for pair, found in weak.items() if found < 4.5} == {}


@pytest.mark.parametrize("dark", [False, True])
def test_shapes_can_be_seen(dark: bool) -> None:
    colours = tokens(dark)
    weak = {(a, b): round(contrast(colours[a], colours[b]), 2) for a, b in DRAWN}
    assert {pair: found for pair, found in weak.items() if found < 3} == {}


def test_every_colour_of_the_light_has_one_of_the_dark() -> None:
    night = re.search(r"prefers-color-scheme: dark\) \{\n\s+:root \{(.*?)\}", CSS, re.S)
    assert night
    assert set(tokens(dark=False)) == set(re.findall(r"--([a-z-]+): #", night[1]))


def test_colours_are_written_once() -> None:
    """Below the tokens nobody names a colour, except the sign (the same in every light) and paper."""
    parts = (CHECKOUT / "lms/web/static/css/parts.css").read_text("utf-8").split("@media print")[0]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^(]*\))", re.sub(r"url\(\"data:[^\"]*\"\)", "", parts)) == []
