"""Commands that work out statistics of a test: `psychometrics items | angoff | borderline | icc …`."""

from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from assessments.psychometrics import formats
from assessments.psychometrics.cli.reading import EXACT, LEVELS, SCALE, answer, on_a_file, psychometrics
from assessments.psychometrics.rules import agreement, borderline, generalisability, items, keys, standards
from assessments.psychometrics.rules.agreement import Weights
from assessments.psychometrics.rules.borderline import Guard, Regression
from lms.cli import command
from lms.errors import Invalid

#: Keys are looked at candidate by candidate up to this many.
_MOST = 100_000


@command(psychometrics, "items", offline=True)
@on_a_file
def analyse(file: Path, as_json: bool) -> None:
    """Facility, discrimination, reliability: one column per item, a last column freq where rows stand for several."""
    read = formats.points(formats.read(file))
    found = items.analyse(read.points, names=read.items, freq=read.freq)
    rows = [{name: value for name, value in asdict(one).items() if name != "n"} for one in found.items]
    rows = [{name: value for name, value in row.items() if name != "reason" or value is not None} for row in rows]
    outcome = asdict(found) | {"items": rows, "warnings": [*found.warnings, *_doubts(read)]}
    del outcome["percent"]
    answer(outcome, as_json)


def _doubts(read: formats.Points) -> list[str]:
    """What stands out about keys, where every item is right or wrong and there are enough candidates."""
    if any(value not in (0, 1) for row in read.points for value in row):
        return []
    times = [int(count) for count in read.freq] if read.freq else [1] * len(read.points)
    if not keys.ENOUGH <= sum(times) <= _MOST:
        return [f"whether a key is wrong is told from {keys.ENOUGH} to {_MOST} candidates, and not here"]
    rows = [row for row, count in zip(read.points, times, strict=True) for _ in range(count)]
    sat = [
        keys.Sat(name, [("1",) if value else () for value in column], list(column))
        for name, column in zip(read.items, zip(*rows, strict=True), strict=True)
    ]
    return [
        f"item {one.item} goes as a wrong answer does (p {one.p:.2f}, r_ir {one.r or 0:.2f}): look at its key"
        for one in keys.suspects(sat).suspects
    ]


@command(psychometrics, "angoff", offline=True)
@on_a_file
def angoff(file: Path, as_json: bool) -> None:
    """The cut of judges who say which share of borderline candidates gets each item right; the last round counts."""
    rounds = standards.angoff_rounds(formats.estimates(formats.read(file)))
    outcome = _judged(rounds[-1].result)
    if len(rounds) > 1:
        outcome["rounds"] = [{"round": one.round, **_judged(one.result)} for one in rounds]
    answer(outcome, as_json)


@command(psychometrics, "ebel", offline=True)
@on_a_file
def ebel(file: Path, as_json: bool) -> None:
    """The cut of judges who place items by relevance and difficulty: judge,relevance,difficulty,items,proportion."""
    answer(_judged(standards.ebel(formats.ebel(formats.read(file)))), as_json)


def _judged(found: standards.JudgedCut) -> dict[str, Any]:
    outcome = asdict(found)
    if found.judge_se is None:
        outcome["reason"] = "one judge has no error between judges"
    return outcome


@command(psychometrics, "hofstee", offline=True)
@click.option("--cut-min", required=True, type=EXACT, help="The least cut that is acceptable, in points of the scores.")
@click.option("--cut-max", required=True, type=EXACT, help="The greatest.")
@click.option("--fail-min", required=True, type=EXACT, help="The fewest that may fail, in percent.")
@click.option("--fail-max", required=True, type=EXACT, help="The most.")
@on_a_file
def hofstee(file: Path, as_json: bool, **bounds: Fraction) -> None:
    """The compromise between a cut and a share failing that are both acceptable: one column score."""
    if bounds["cut_min"] >= bounds["cut_max"]:
        raise click.UsageError("--cut-min must be below --cut-max")
    if not bounds["fail_min"] < bounds["fail_max"] <= 100:
        raise click.UsageError("--fail-min must be below --fail-max, and both at most 100")
    answer(asdict(standards.hofstee(formats.scores(formats.read(file)), **bounds)), as_json)


@command(psychometrics, "cohen", offline=True)
@click.option("--guess", default="0", show_default=True, type=EXACT, help="What guessing alone scores.")
@click.option("--top-percent", default="95", show_default=True, type=EXACT, help="The percentile of the best.")
@click.option("--multiplier", default="0.6", show_default=True, type=EXACT, help="Which part of the way up is enough.")
@on_a_file
def cohen(file: Path, as_json: bool, guess: Fraction, top_percent: Fraction, multiplier: Fraction) -> None:
    """The cut as a part of what the best reach: one column score."""
    if top_percent > 100 or multiplier > 1:
        raise click.UsageError("--top-percent is at most 100, --multiplier at most 1")
    scores = formats.scores(formats.read(file))
    found = standards.cohen(scores, guess=guess, top_percent=top_percent, multiplier=multiplier)
    doubts = ["the top score is not above guessing: such a cut says nothing"] if found.top_score <= guess else []
    answer(asdict(found) | {"warnings": doubts}, as_json)


@command(psychometrics, "gstudy", offline=True)
@click.option("--design", default="p_by_i", show_default=True, type=click.Choice(["p_by_i"]), help="What is crossed.")
@click.option("--levels", default="5,10,15,20", show_default=True, type=LEVELS, help="Numbers of items to foretell.")
@on_a_file
def gstudy(file: Path, as_json: bool, levels: list[int], design: str) -> None:
    """Where variance comes from, and how long a test must be: persons by items, one column per item."""
    read = formats.points(formats.read(file), weighted=False)
    if min(len(read.points), len(read.items)) < 2:
        raise Invalid("a g-study needs two persons and two items")
    outcome = asdict(generalisability.study(read.points, levels=levels))
    answer({"design": design} | outcome, as_json)


#: So many numbers at most are drawn for a bootstrap.
_MOST_DRAWN = 10**9
GUARDS = {
    Guard.SLOPE: "refused: the score does not rise with the grade, so there is no line to cut by",
    Guard.FEW_GRADES: f"refused: {borderline.LEAST_GRADES} different grades at least must have been given",
    Guard.OUTSIDE: "the borderline grade lies outside the grades that were given: the cut is extrapolated",
    Guard.LOW_FIT: f"r2 is below {borderline.LEAST_FIT}: grades explain less than half of the scores",
    Guard.FEW_CANDIDATES: f"n is below {borderline.ENOUGH}: the cut is unsure; pool sittings, or ask judges (angoff)",
    Guard.NOBODY_BORDERLINE: "nobody has the borderline grade: there is no borderline group",
}


@command(psychometrics, "borderline", offline=True)
@click.option("--borderline", "grade", required=True, type=EXACT, help="The grade that means borderline.")
@click.option("--bootstrap", default=0, type=click.IntRange(0, 100_000), help="Samples for an interval of the cut.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="The same seed, the same samples.")
@on_a_file
def cut_by_grades(file: Path, grade: Fraction, bootstrap: int, seed: int, as_json: bool) -> None:
    """The cut of stations by regression of score on global grade: columns grade, score, and perhaps station."""
    stations = formats.graded(formats.read(file))
    if bootstrap * max(len(one.scores) for one in stations.values()) > _MOST_DRAWN:
        raise Invalid(f"too many candidates for {bootstrap} samples; ask for fewer")
    found = {name: borderline.regress(one.grades, one.scores, grade) for name, one in stations.items()}
    told = {name: _regression(one) for name, one in found.items()}
    for name, one in stations.items():
        if bootstrap and found[name].cut is not None:
            drawn = borderline.bootstrap(one.grades, one.scores, grade, times=bootstrap, seed=seed)
            told[name] |= {"cut_low": drawn.low, "cut_high": drawn.high, "bootstrap": asdict(drawn)}
    if list(told) == [""]:
        answer(told[""], as_json)
    else:
        answer(_stations(found, told), as_json)


def _regression(found: Regression) -> dict[str, Any]:
    outcome: dict[str, Any] = {
        "n": found.n,
        "grades": found.grades,
        "slope": found.slope,
        "intercept": found.intercept,
        "r2": found.r2,
        "cut": found.cut,
        "se_cut": found.se_cut,
        "borderline_group_n": found.group.n,
        "borderline_group_mean": found.group.mean,
        "fails": found.fails,
        "warnings": [GUARDS[guard] for guard in found.guards if not guard.refuses],
    }
    if found.refused:
        outcome["reason"] = "; ".join(GUARDS[guard] for guard in found.refused)
    return outcome


def _stations(found: dict[str, Regression], told: dict[str, dict[str, Any]]) -> dict[str, Any]:
    whole = asdict(borderline.exam([*found.values()]))
    without = [name for name, one in found.items() if one.cut is None]
    if without:
        whole["reason"] = f"no cut at {', '.join(without)}"
    doubts = [f"{name}: {words}" for name, one in told.items() for words in one["warnings"]]
    return {"stations": [{"station": name, **one} for name, one in told.items()], "exam": whole, "warnings": doubts}


@command(psychometrics, "icc", offline=True)
@on_a_file
def correlate(file: Path, as_json: bool) -> None:
    """Intraclass correlations of Shrout and Fleiss: one column per rater, rows are subjects."""
    outcome = asdict(agreement.icc(formats.ratings(formats.read(file))))
    if outcome["reason"] is None:
        del outcome["reason"]
    answer(outcome, as_json)


@command(psychometrics, "kappa", offline=True)
@click.option(
    "--weights",
    default="none",
    show_default=True,
    type=click.Choice([one.value for one in Weights]),
    help="Further apart counts more.",
)
@click.option("--categories", type=SCALE, help="The whole scale in its order, also what nobody used.")
@on_a_file
def agree(file: Path, weights: str, categories: list[str] | None, as_json: bool) -> None:
    """Agreement beyond chance on categories: one column per rater; Cohen for two raters, Fleiss for more."""
    read = formats.judgements(formats.read(file), categories)
    weighted = weights != Weights.NONE
    if weighted and len(read.rows[0]) > 2:
        raise Invalid("weights are for two raters; there are more columns")
    if weighted and not read.ordered:
        raise Invalid("weights need an order: write numbers, or name the scale with --categories")
    if len(read.rows[0]) > 2:
        outcome = asdict(agreement.fleiss(read.rows, categories=read.scale))
    else:
        first, second = zip(*read.rows, strict=True)
        outcome = asdict(agreement.kappa(first, second, categories=read.scale, weights=Weights(weights)))
    if outcome["reason"] is None:
        del outcome["reason"]
    answer(outcome | {"scale": read.scale, "weights": weights, "warnings": _gaps(read, weighted, categories)}, as_json)


def _gaps(read: formats.Judgements, weighted: bool, given: list[str] | None) -> list[str]:
    """Whole numbers that are missing between those used, where distances count."""
    if not weighted or given is not None or any("/" in one for one in read.scale):
        return []
    used = [int(one) for one in read.scale]
    unused = len(range(used[0], used[-1] + 1)) - len(used)
    return ["grades between those used are missing; name the whole scale with --categories"] if unused else []
