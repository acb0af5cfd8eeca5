"""Where a score stands among others: the percentile, in whole hundredths."""

from collections.abc import Sequence
from typing import Final

FEWEST_PEERS: Final = 20
"""Among fewer rated firms a percentile says nothing, and shows single firms."""


def percentile(own: int, scores: Sequence[int]) -> int | None:
    """The share of scores below one's own, those equal to it counted by half, in hundredths of a percent rounded half up;
    `scores` holds one's own. None among too few."""
    if len(scores) < FEWEST_PEERS:
        return None
    below, equal = sum(score < own for score in scores), sum(score == own for score in scores)
    return ((2 * below + equal) * 10_000 + len(scores)) // (2 * len(scores))
