"""`python -m demo.cohort simulate --out FILE.csv [--truth FILE.csv]`."""

from datetime import date, datetime
from pathlib import Path

import click

from demo.cohort import files
from demo.cohort.simulate import simulate as histories


@click.group()
def cohort() -> None:
    """Learners who do not exist, with marks that look as if they did."""


@cohort.command()
@click.option("--learners", default=600, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=530300, show_default=True, type=click.IntRange(0))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day of the two years.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--truth", type=click.Path(dir_okay=False, path_type=Path), help="Where learning really stood still.")
def simulate(learners: int, seed: int, until: datetime, out: Path, truth: Path | None) -> None:
    """Write the marks of two years: learner,skill,at,score."""
    last: date = until.date()
    marks = files.write(histories(learners, seed, last), out, truth)
    click.echo(f"{learners} simulated learners, {marks} marks until {last}")


if __name__ == "__main__":
    cohort()
