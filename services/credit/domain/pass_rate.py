"""A share of passes that says how much it is worth: 3 of 4 and 300 of 400 are not alike. Pure, integers only."""

from math import isqrt
from typing import Final, NamedTuple

_Z: Final = 196
"""1.96 in hundredths: the interval covers 95 of a hundred samples."""


class PassRate(NamedTuple):
    """How many of the checked batches passed; shares in hundredths of a percent, None where nothing was checked.

    `low` and `high` bound the true share (Wilson's interval at 95 %).
    """

    checked: int
    passed: int
    share: int | None
    low: int | None
    high: int | None


def pass_rate(checked: int, passed: int) -> PassRate:
    """The rate of so many batches.

    Raises:
        ValueError: more passed than were checked, or a number is negative.
    """
    if not 0 <= passed <= checked:
        raise ValueError(f"{passed} of {checked} cannot have passed")
    if not checked:
        return PassRate(0, 0, None, None, None)
    # all of it times 10^4 (z² is 3.8416), the root times 10^6, so that no fraction is lost before the last division
    square = _Z * _Z
    middle = passed * 10_000 + square // 2
    root = isqrt(passed * (checked - passed) * 10**12 // checked + square * 10**8 // 4)
    spread = _Z * root // 10_000
    whole = checked * 10_000 + square
    low = max(0, (middle - spread) * 10_000 // whole)
    high = min(10_000, -(-(middle + spread + 1) * 10_000 // whole))  # rounded outwards, as the lower bound is
    share = (passed * 20_000 + checked) // (2 * checked)
    return PassRate(checked, passed, share, low, high)
