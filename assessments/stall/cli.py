"""Commands: `stall train | evaluate | score`; `evaluate` only reads a file."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from assessments.stall import formats, queries, services
from assessments.stall.policy import WATCHER
from assessments.stall.rules import History, Notes, Parameters, tidy
from assessments.stall.rules.periods import TooShort
from lms import clock
from lms.cli import command, group, json_option, say
from lms.db import act_as, db
from lms.errors import Invalid

stall = group("stall", "The model that notices when a skill stops rising.")
_ASKED = Parameters()


@command(stall, "evaluate", offline=True)
@click.option(
    "--attempts", required=True, type=click.Path(dir_okay=False, path_type=Path), help="CSV: learner,skill,at,score."
)
@click.option("--horizon-days", default=_ASKED.horizon_days, show_default=True, type=click.IntRange(7, 3650))
@click.option("--gain", default=_ASKED.gain, show_default=True, type=click.FloatRange(0, 100))
@click.option("--mastery", default=_ASKED.mastery, show_default=True, type=click.FloatRange(1, 100))
@json_option
def evaluate(attempts: Path, horizon_days: int, gain: float, mastery: float, as_json: bool) -> None:
    """Try the model on later time and unseen learners of a file, beside plain rules."""
    from assessments.stall import model  # noqa: PLC0415 - scikit-learn is loaded by those who need it

    parameters = Parameters(horizon_days=horizon_days, gain=gain, mastery=mastery)
    history, notes = formats.read_attempts(attempts)
    try:
        trial = model.try_out(history, parameters)
    except (TooShort, model.NotEnough) as short:
        raise Invalid(str(short), file=attempts) from None
    outcome: dict[str, Any] = {"file": str(attempts), "read": asdict(notes), "parameters": asdict(parameters)}
    say(outcome | trial.as_json(), as_json=as_json, words="\n".join([*_about(history, notes), *_table(trial)]))


@command(stall, "train")
@json_option
def train(as_json: bool) -> None:
    """Learn from the marks of this installation and keep the model; the nightly work scores with the newest one."""
    act_as(db.session, WATCHER)
    history, notes = _history()
    row = services.train(WATCHER, None, history=history)
    outcome = {
        "model": row.content_hash.hex(),
        "from": row.data_from,
        "until": row.data_until,
        "read": asdict(notes),
        **row.card,
    }
    say(outcome, as_json=as_json, words=f"Model {row.content_hash.hex()[:12]} from {row.card['cases']} cases.")


@command(stall, "score")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many at most.")
@json_option
def score(limit: int, as_json: bool) -> None:
    """Say who would be flagged today, by person and technique (ids); raises no flag."""
    act_as(db.session, WATCHER)
    history, _notes = _history()
    scores = queries.scores(history, clock.today(), queries.newest_model())
    order = sorted(range(len(scores.rows)), key=lambda index: -scores.order[index])[:limit]
    found = []
    for index in order:
        if scores.order[index] > float("-inf"):
            person, technique = history.key(int(scores.rows.pair[index]))
            likely = float(scores.probability[index]) if scores.model else None
            found.append({"person": int(person), "technique": int(technique), "probability": likely})
    by = scores.model.content_hash.hex() if scores.model else "plain rule: there is no model yet"
    lines = [f"person {one['person']}, technique {one['technique']}: {_percent(one['probability'])}" for one in found]
    outcome = {"by": by, "pairs": len(scores.rows), "found": found}
    say(outcome, as_json=as_json, words="\n".join([f"By {by}; {len(scores.rows)} pairs.", *lines]))


def _percent(probability: float | None) -> str:
    return "flagged" if probability is None else f"{100 * probability:.0f} %"


def _history() -> tuple[History, Notes]:
    attempts = queries.attempts(clock.today())
    if not attempts:
        raise Invalid("there are no marks yet")
    return tidy(attempts)


def _about(history: History, notes: Notes) -> list[str]:
    put_right = {
        "times out of order, sorted": notes.out_of_order,
        "lines that stood twice, dropped": notes.exact_duplicates,
        "moments with several marks, their mean taken": notes.conflicting,
    }
    sizes = f"{notes.attempts} attempts of {len(history.learners)} learners in {len(history.skills)} skills"
    return [sizes, *(f"  {words}: {count}" for words, count in put_right.items() if count)]


def _table(trial: Any) -> list[str]:
    lines = [
        f"learned from {trial.taught_rows} cases of {trial.taught_learners} learners, {trial.taught_cutoffs} cutoffs;",
        f"tried on {trial.tried_rows} later cases of {trial.tried_learners} others, {trial.tried_cutoffs} cutoffs; "
        f"{100 * trial.base_rate:.1f} % stalled",
        "",
        f"{'':22}{'AUC':>22}{'average precision':>24}{'Brier':>9}{'ECE':>8}",
    ]
    for name, way in trial.ways.items():
        both = f"{_figure(way.auc):>22}{_figure(way.average_precision):>24}"
        lines.append(f"{name:22}{both}{way.brier:9.4f}{way.calibration_error:8.4f}")
    lines += ["", f"model ahead of the better plain rule by {_figure(trial.ahead)} in average precision", ""]
    lines.append("said     seen     cases (model)")
    lines += [f"{one.said:.3f}    {one.seen:.3f}    {one.rows}" for one in trial.ways["model"].calibration]
    return lines


def _figure(figure: Any) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"
