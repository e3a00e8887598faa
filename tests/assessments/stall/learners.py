"""A handful of made-up learners: some rise, some stand still from a day on; nothing else is told apart."""

import numpy as np

from assessments.stall.rules import Attempt

SKILLS = ("bp", "cpr", "ecg")


def learners(count: int = 120, seed: int = 7, days: int = 730, every: int = 35) -> list[Attempt]:
    """Marks of two years: skills rise by a few points a month until they stand still, noise on every mark."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        for skill in SKILLS:
            stalls_from = random.uniform(0, 1.6 * days)
            level, speed = random.uniform(45, 60), random.uniform(0.03, 0.06)
            for day in np.arange(random.uniform(0, every), days, every):
                grown = level + speed * min(day, stalls_from) - 0.02 * max(0.0, day - stalls_from)
                mark = float(np.clip(grown + random.normal(0, 3), 0, 100))
                made.append(Attempt(f"L{number:03}", skill, float(round(day)), round(mark, 1)))
    return made
