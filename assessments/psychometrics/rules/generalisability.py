"""Generalisability of a persons × items test: where its variance comes from, and how long a test must be.

Source: Brennan (2001) Generalizability theory, ch. 2, expected mean squares of the crossed p × i design.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Variance:
    """Components for one person, one item, and their interaction with everything else."""

    p: float
    i: float
    pi: float


@dataclass(frozen=True)
class Level:
    """What a test of `n` items would come to: `g` for ranking persons, `phi` against a fixed cut."""

    n: int
    g: float | None
    phi: float | None


@dataclass(frozen=True)
class Study:
    """A g-study of a test as it was, and d-studies of tests as they could be."""

    persons: int
    items: int
    variance: Variance
    g: float | None
    phi: float | None
    d_study: tuple[Level, ...]
    reason: str | None
    warnings: tuple[str, ...]


def study(points: ArrayLike, *, levels: Sequence[int] = (5, 10, 15, 20)) -> Study:
    """Variance components of a crossed p × i test, with G and Φ for as many items as there were and for other lengths.

    σ²(pi) = MS(pi), σ²(p) = (MS(p) − MS(pi))/nᵢ, σ²(i) = (MS(i) − MS(pi))/nₚ, none below 0;
    G = σ²(p)/(σ²(p) + σ²(pi)/n), Φ = σ²(p)/(σ²(p) + (σ²(i) + σ²(pi))/n).
    """
    found = np.asarray(points, dtype=float)
    if found.ndim != 2 or min(found.shape) < 2:
        raise ValueError("a g-study needs two persons and two items")
    n, k = found.shape
    whole, rows, columns = found.mean(), found.mean(axis=1), found.mean(axis=0)
    ms_p = k * float(((rows - whole) ** 2).sum()) / (n - 1)
    ms_i = n * float(((columns - whole) ** 2).sum()) / (k - 1)
    rest = found - rows[:, None] - columns[None, :] + whole
    ms_pi = float((rest**2).sum()) / ((n - 1) * (k - 1))
    raw = {"p": (ms_p - ms_pi) / k, "i": (ms_i - ms_pi) / n}
    negative = [name for name, value in raw.items() if value < -1e-12]
    parts = Variance(p=max(0.0, raw["p"]), i=max(0.0, raw["i"]), pi=ms_pi)
    here = level(parts, k)
    return Study(
        persons=n,
        items=k,
        variance=parts,
        g=here.g,
        phi=here.phi,
        d_study=tuple(level(parts, one) for one in levels),
        reason="nothing varies: there is neither g nor phi" if here.phi is None else None,
        warnings=tuple(f"the estimate of {name} was below 0 and is taken as 0" for name in negative),
    )


def level(parts: Variance, n: int) -> Level:
    """G and Φ of a test of n items; None where nothing varies."""
    relative, absolute = parts.pi / n, (parts.i + parts.pi) / n
    return Level(n, _part(parts.p, relative), _part(parts.p, absolute))


def _part(true: float, error: float) -> float | None:
    return true / (true + error) if true + error > 0 else None
