"""Percentages and figures as people read them."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lms.i18n import figure, percent

shares = st.decimals(0, 100, places=3)


@given(shares)
def test_nobody_reads_more_than_they_have(value: Decimal) -> None:
    shown = Decimal(percent(value).removesuffix("%"))
    assert shown <= value < shown + Decimal("0.1")


def test_whole_ones_have_no_fraction() -> None:
    assert [percent(one) for one in (Decimal("59.960"), Decimal(100), "86.50", 0)] == ["59.9%", "100%", "86.5%", "0%"]
    assert [figure(one) for one in (0.0, 40.0, 37.5, Decimal("1.25"))] == ["0", "40", "37.5", "1.2"]
