"""Simulated sittings in which one key is wrong: how often it is caught, and how many sound items are flagged.

`python -m tests.campaigns.wrong_keys --sittings 2000` prints the table of docs/psychometrics.md.

Candidates have an ability from a standard normal. An item has a slope (lognormal; one in twenty hardly tells strong
from weak: 0 to 0.3), a difficulty, and five options. A candidate knows the answer with the two-parameter logistic
probability; who does not know chooses among all five by how attractive each is, and some wrong options draw the
stronger of those who do not know, as good distractors do. One answer in a hundred is left out. The wrong key is another
option of a random item: any, or the one most chosen. Nothing in here knows how the detector thinks.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from assessments.psychometrics.rules.items import reliability
from assessments.psychometrics.rules.keys import Sat, Verdict, suspects
from assessments.psychometrics.rules.responses import responses

OPTIONS = "ABCDE"


@dataclass(frozen=True)
class Scene:
    """What kind of exam is sat."""

    words: str
    candidates: int = 100
    items: int = 60
    slope: float = 0.8
    difficulty: float = -0.6
    options: int = 5
    #: the wrong key is the most chosen of the wrong options
    tempting: bool = False
    #: only right and wrong are known, as in a file of 0 and 1
    blind: bool = False


SCENES = (
    Scene("100 candidates, 60 items"),
    Scene("the same, the most chosen wrong option keyed", tempting=True),
    Scene("the same, only 0 and 1 known", blind=True),
    Scene("60 candidates", candidates=60),
    Scene("200 candidates", candidates=200),
    Scene("a hard exam", difficulty=0.3),
    Scene("an easy exam", difficulty=-1.8),
    Scene("a poor exam (slope 0.5)", slope=0.5),
    Scene("four options", options=4),
    Scene("30 items", items=30),
)


@dataclass(frozen=True)
class Sitting:
    """What was chosen (an option's place, -1 for nothing) and which option is right, item by item."""

    chosen: Any
    right: Any


def sitting(chance: np.random.Generator, scene: Scene) -> Sitting:
    """One sitting with a sound key."""
    n, k, many = scene.candidates, scene.items, scene.options
    ability = chance.normal(size=n)
    slope = np.exp(chance.normal(np.log(scene.slope), 0.35, size=k))
    slope = np.where(chance.random(k) < 0.05, chance.uniform(0, 0.3, k), slope)
    difficulty = chance.normal(scene.difficulty, 1.1, k)
    right = chance.integers(0, many, k)
    knows = chance.random((n, k)) < 1 / (1 + np.exp(-slope * (ability[:, None] - difficulty)))
    pull = np.log(chance.dirichlet(np.full(many, 2.0), size=k))
    lean = chance.normal(0, 0.3, size=(k, many))
    drawn = pull + ability[:, None, None] * lean + chance.gumbel(size=(n, k, many))
    chosen = np.where(knows, right, drawn.argmax(axis=2))
    return Sitting(np.where(chance.random(chosen.shape) < 0.01, -1, chosen), right)


def swapped(chance: np.random.Generator, sat: Sitting, scene: Scene) -> tuple[int, Any]:
    """A key with one wrong entry, and where it is."""
    key, at = sat.right.copy(), int(chance.integers(scene.items))
    counts = np.bincount(sat.chosen[:, at][sat.chosen[:, at] >= 0], minlength=scene.options)
    counts[key[at]] = -1
    others = [option for option in range(scene.options) if option != sat.right[at]]
    key[at] = counts.argmax() if scene.tempting else chance.choice(others)
    return at, key


def judged(sat: Sitting, key: Any, *, blind: bool = False) -> Verdict:
    """What the gate says when the sitting is marked by this key."""
    made = []
    for item, chosen in enumerate(sat.chosen.T):
        full = chosen == key[item]
        if blind:
            answers = [("1",) if one else () for one in full]
        else:
            answers = [() if option < 0 else (OPTIONS[option],) for option in chosen]
        made.append(Sat(item, answers, full.astype(float).tolist()))
    return suspects(made)


@dataclass
class Figures:
    """What a scene came to."""

    sittings: int = 0
    caught: int = 0
    sound: int = 0
    flagged: int = 0
    alpha: float = 0.0
    mean: float = 0.0


def measure(scene: Scene, sittings: int, seed: int = 1) -> Figures:
    """Sit it so many times, each with one wrong key."""
    chance, found = np.random.default_rng(seed), Figures()
    for _ in range(sittings):
        sat = sitting(chance, scene)
        at, key = swapped(chance, sat, scene)
        said = {one.item for one in judged(sat, key, blind=scene.blind).suspects}
        found.sittings += 1
        found.caught += at in said
        found.sound += scene.items - 1
        found.flagged += len(said - {at})
        sound = responses((sat.chosen == sat.right).astype(float))
        found.alpha += (reliability(sound)[0] or 0) / sittings
        found.mean += float(sound.points.mean()) / sittings
    return found


def table(sittings: int) -> Iterator[str]:
    """The table of docs/psychometrics.md."""
    yield "| exam | caught of 100 wrong keys | flagged of 100 sound items | mean | alpha |"
    yield "| --- | --- | --- | --- | --- |"
    for scene in SCENES:
        one = measure(scene, sittings)
        caught, flagged = 100 * one.caught / one.sittings, 100 * one.flagged / one.sound
        yield f"| {scene.words} | {caught:.2f} | {flagged:.2f} | {100 * one.mean:.0f} % | {one.alpha:.2f} |"


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("--sittings", type=int, default=2000)
    for line in table(words.parse_args().sittings):
        print(line, flush=True)  # noqa: T201
