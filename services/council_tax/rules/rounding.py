"""Whole pence from exact sums. The law is silent on pence; the choice is made here, once."""

from fractions import Fraction
from math import floor


def half_up(exact: Fraction) -> int:
    """The nearest whole number, a half upwards: what people do on paper, and the councils' printed examples."""
    return floor(exact + Fraction(1, 2))
