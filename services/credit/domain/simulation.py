"""What another rule book would make of a population: who moves from which letter to which, and who moves most."""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from services.credit.domain.grade import format_points

LARGEST_MOVERS: Final = 50
Graded = tuple[str, int | None]
"""Letter and score of one firm; an unrated one has no score."""


class Mover(NamedTuple):
    """A firm whose score another book changes; in order of the size of the change, then of the code."""

    size: int
    uscc: str
    before: Graded
    after: Graded


@dataclass(slots=True)
class Simulation:
    """The comparison of two books over the firms taken so far."""

    firms: int = 0
    changed: int = 0
    matrix: Counter[tuple[str, str]] = field(default_factory=Counter)
    _movers: list[tuple[int, tuple[int, ...], Mover]] = field(default_factory=list)

    def take(self, uscc: str, before: Graded, after: Graded) -> None:
        """Compare the two grades of one firm."""
        self.firms += 1
        self.matrix[before[0], after[0]] += 1
        self.changed += before[0] != after[0]
        size = abs((before[1] or 0) - (after[1] or 0))
        if size == 0 and before[0] == after[0]:
            return
        mover = Mover(size, uscc, before, after)
        # the smallest of the largest stands first; of two alike, the later code goes
        entry = (size, tuple(-ord(character) for character in uscc), mover)
        if len(self._movers) < LARGEST_MOVERS:
            heapq.heappush(self._movers, entry)
        else:
            heapq.heappushpop(self._movers, entry)

    def movers(self) -> list[Mover]:
        """The firms that move most, the largest first."""
        return sorted((mover for _, _, mover in self._movers), key=lambda mover: (-mover.size, mover.uscc))

    def told(self) -> dict[str, Any]:
        """The comparison as the interface shows it."""
        return {
            "firms": self.firms,
            "changed": self.changed,
            "matrix": [
                {"from": before, "to": after, "firms": count}
                for (before, after), count in sorted(self.matrix.items())
            ],
            "largest_movers": [
                {"uscc": mover.uscc, "from": _letter(mover.before), "to": _letter(mover.after)}
                for mover in self.movers()
            ],
        }


def _letter(graded: Graded) -> dict[str, str | None]:
    letter, score = graded
    return {"grade": letter, "score": None if score is None else format_points(score)}
