"""Commands that follow results in their order: `psychometrics cusum | lc-cusum | ra-cusum`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import click

from assessments.psychometrics import formats
from assessments.psychometrics.cli.reading import EXACT, answer, on_a_file, psychometrics
from assessments.psychometrics.rules import curves
from lms.cli import command
from lms.errors import Invalid


@contextmanager
def _options() -> Iterator[None]:
    """The file has been looked at: what is refused from here on is how the command was asked."""
    try:
        yield
    except Invalid as wrong:
        raise click.UsageError(str(wrong)) from None


@command(psychometrics, "cusum", offline=True)
@click.option("--p0", required=True, type=EXACT, help="The share of failures that is acceptable.")
@click.option("--p1", required=True, type=EXACT, help="The share of failures that is not.")
@click.option("--alpha", default="0.1", show_default=True, type=EXACT, help="The risk of calling good work bad.")
@click.option("--beta", default="0.1", show_default=True, type=EXACT, help="The risk of calling bad work good.")
@on_a_file
def follow(file: Path, as_json: bool, **shares: Fraction) -> None:
    """Whether failures are too many: one column success, 0 or 1, in the order of time."""
    results = formats.successes(formats.read(file))
    with _options():
        found = curves.cusum(results, **{name: float(share) for name, share in shares.items()})
    answer(asdict(found), as_json)


@command(psychometrics, "lc-cusum", offline=True)
@click.option("--p0", required=True, type=EXACT, help="The share of failures of adequate performance.")
@click.option("--delta", required=True, type=EXACT, help="By how much inadequate performance fails more often.")
@click.option("--h", "limit", default="1.25", show_default=True, type=EXACT, help="How much evidence is enough.")
@on_a_file
def learn(file: Path, as_json: bool, p0: Fraction, delta: Fraction, limit: Fraction) -> None:
    """Whether competence is proved yet: one column success, 0 or 1, in the order of time."""
    results = formats.successes(formats.read(file))
    with _options():
        found = curves.learning_curve(results, p0=float(p0), delta=float(delta), h=float(limit))
    unproved = {"reason": "these results do not prove it"} if found.competent_at is None else {}
    answer(asdict(found) | unproved, as_json)


@command(psychometrics, "ra-cusum", offline=True)
@click.option("--odds-ratio", required=True, type=EXACT, help="How many times the expected odds are looked for.")
@click.option("--h", "limit", default="4.5", show_default=True, type=EXACT, help="How much evidence is a signal.")
@on_a_file
def adjust(file: Path, as_json: bool, odds_ratio: Fraction, limit: Fraction) -> None:
    """Whether patients fare worse, or better, than foretold: columns p (probability) and outcome (1 where it came)."""
    expected, came = formats.foretold(formats.read(file))
    with _options():
        found = curves.risk_adjusted(expected, came, odds_ratio=float(odds_ratio), h=float(limit))
    answer(asdict(found), as_json)
