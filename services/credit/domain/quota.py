"""How many distinct firms one credential may ask about in a day. Pure: a tally, and whether more fit into it.

A tally is kept by each process; what others counted comes to it as `stored`. So several processes together may let pass
what each of them takes between two exchanges of their counts, a second's worth, and never more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """The firms that one credential asked about today, as one process knows."""

    seen: set[str] = field(default_factory=set)
    """Asked about through this process."""
    fresh: set[str] = field(default_factory=set)
    """Those of them that are not stored yet."""
    stored: int = 0
    """How many distinct ones all processes had stored when this one last looked."""

    def take(self, codes: Iterable[str], limit: int) -> bool:
        """Count the codes that are new today; False, and nothing is counted, when they do not fit."""
        new = {code for code in codes if code not in self.seen}
        if new and self.stored + len(self.fresh) + len(new) > limit:
            return False
        self.seen |= new
        self.fresh |= new
        return True

    def left(self, limit: int) -> int:
        """How many more distinct firms fit into today, as far as this process knows."""
        return max(0, limit - self.stored - len(self.fresh))

    def note_stored(self, codes: Iterable[str], stored: int) -> None:
        """These codes are stored now, with so many in all."""
        self.fresh -= set(codes)
        self.stored = stored
