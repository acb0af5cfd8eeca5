"""The legal effect of a decision, and which effect may follow which. Pure.

行政处罚法: what was revoked or found unlawful does not come back; another decision on the offence is another document. What
has become final does not become pending again. That a statement was simply wrong is said by `correct`, which may say anything.
"""

from collections.abc import Mapping
from typing import Final

_REVIEWED: Final = frozenset({"under_review", "suspended", "changed", "revoked", "unlawful"})

FOLLOWING: Final[Mapping[str, frozenset[str]]] = {
    "not_final": _REVIEWED | {"final"},
    "final": _REVIEWED,
    "under_review": _REVIEWED | {"final"},
    "suspended": _REVIEWED | {"final"},
    "changed": _REVIEWED,
    "revoked": frozenset(),
    "unlawful": frozenset(),
}
"""By each effect those that an event upstream may make of it."""


def may_follow(before: str, after: str) -> bool:
    """Whether a decision with an effect may come to have another one; staying as it is is no change."""
    return before == after or after in FOLLOWING[before]
