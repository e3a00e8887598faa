"""Commands that work out statistics from a CSV file; importing them makes them."""

from assessments.psychometrics.cli import curves, statistics
from assessments.psychometrics.cli.reading import psychometrics

__all__ = ["curves", "psychometrics", "statistics"]
