"""How well an agency supplies a kind: what became of its statements, how complete and how timely they are.

Counts alone are kept, day by day, so that figures of any period are sums; shares follow from them when they are read.
"""

from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Self

UNKNOWN: Final = "unknown"
"""The kind of an item from which none can be read."""
_DIGITS: Final = Decimal("0.0001")


@dataclass(slots=True)
class Tally:
    """Counts of statements. `measured` are first versions whose day of the act is known: of them so many `late`, and
    `lag_days` from act to record in all. Of `fillable` members of current statements so many are `filled`."""

    accepted: int = 0
    corrected: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    held: int = 0
    rejected: int = 0
    measured: int = 0
    late: int = 0
    lag_days: int = 0
    filled: int = 0
    fillable: int = 0

    def add(self, other: Self) -> None:
        """Count another tally's counts in."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def received(self) -> int:
        """How many items came that got a verdict; a held one that was released later is both held and accepted."""
        return self.accepted + self.corrected + self.withdrawn + self.unchanged + self.held + self.rejected


COUNTS: Final = tuple(field.name for field in fields(Tally))


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of 1 as decimal text, None where nothing was counted that could have a share."""

    rejected_rate: str | None
    completeness: str | None
    on_time: str | None
    mean_lag_days: str | None


def figures_of(tally: Tally) -> Figures:
    """What a tally says."""
    return Figures(
        rejected_rate=_share(tally.rejected, tally.received),
        completeness=_share(tally.filled, tally.fillable),
        on_time=_share(tally.measured - tally.late, tally.measured),
        mean_lag_days=_share(tally.lag_days, tally.measured),
    )


def _share(part: int, whole: int) -> str | None:
    if not whole:
        return None
    return str((Decimal(part) / Decimal(whole)).quantize(_DIGITS, ROUND_HALF_UP))


def is_overdue(due_on: date | None, today: date) -> bool:
    """Whether a push is overdue against its rhythm; a provider that never pushed owes nothing to a rhythm yet."""
    return due_on is not None and today > due_on
