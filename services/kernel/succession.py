"""Who stands in an agency's place: what it did went over to others, kind by kind and region by region, from a day on.

Nothing that an agency stated, filed or was asked is rewritten when it ends. Whoever acts for it now follows from the
successions and the day, so that a reform needs no migration of records and cases, and a repeated one changes nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final

import msgspec

from services.kernel import regions

EVERY_KIND: Final = "*"
_DEPTH: Final = {"province": 0, "prefecture": 1, "county": 2}


class SuccessionFact(msgspec.Struct, frozen=True):
    """What a successor took over: some kinds (`*`: every one) in a region, from a day on.

    `is_main` marks the successor to which everything falls that no part names, once the predecessor is over.
    """

    predecessor: str
    successor: str
    kinds: tuple[str, ...]
    region: str
    valid_from: date
    is_main: bool = False

    def covers(self, kind: str, region: str) -> bool:
        """Whether a kind in a region is of this part."""
        return (EVERY_KIND in self.kinds or kind in self.kinds) and regions.within(region, self.region)

    def precision(self, kind: str) -> tuple[bool, int]:
        """How exactly the part names a kind in one of its regions: the more exact one of two prevails."""
        return kind in self.kinds, _DEPTH.get(regions.level_of(self.region) or "", 0)


class Successions:
    """All successions between agencies; `in_force` says whether an agency exists on a day."""

    def __init__(self, facts: Iterable[SuccessionFact], in_force: Callable[[str, date], bool]) -> None:
        self._in_force = in_force
        self._parts: dict[str, list[SuccessionFact]] = {}
        self._from: dict[str, list[SuccessionFact]] = {}
        self._seen: dict[tuple[str, str, str, date], str] = {}
        for fact in facts:
            self._parts.setdefault(fact.predecessor, []).append(fact)
            self._from.setdefault(fact.successor, []).append(fact)

    def heir(self, agency: str, kind: str, region: str, on: date) -> str:
        """Who acts for an agency in matters of a kind in a region: itself while nobody took them over."""
        if agency not in self._parts:
            return agency
        key = (agency, kind, region, on)
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = self._follow(agency, kind, region, on)
        return found

    def _follow(self, agency: str, kind: str, region: str, on: date) -> str:
        passed = {agency}
        while (following := self._next(agency, kind, region, on)) not in passed:
            passed.add(following)
            agency = following
        return agency

    def _next(self, agency: str, kind: str, region: str, on: date) -> str:
        parts = [part for part in self._parts.get(agency, ()) if part.valid_from <= on]
        covering = [part for part in parts if part.covers(kind, region)]
        if covering:
            return max(covering, key=lambda part: part.precision(kind)).successor
        rest = [part.successor for part in parts if part.is_main]
        return rest[0] if rest and not self._in_force(agency, on) else agency

    def predecessors(self, agency: str, on: date) -> list[str]:
        """The agencies of which this one took something over, directly or through others, the nearest first."""
        found: list[str] = []
        waiting = [agency]
        while waiting:
            for part in self._from.get(waiting.pop(0), ()):
                if part.valid_from <= on and part.predecessor not in (agency, *found):
                    found.append(part.predecessor)
                    waiting.append(part.predecessor)
        return found

    def successors(self, agency: str, on: date) -> list[str]:
        """The agencies among which an agency's matters are divided now, the main one first."""
        found: list[str] = []
        waiting, passed = [agency], {agency}
        while waiting:
            current = waiting.pop(0)
            parts = [part for part in self._parts.get(current, ()) if part.valid_from <= on]
            following = dict.fromkeys(
                part.successor for part in sorted(parts, key=lambda part: (not part.is_main, part.successor))
            )
            if current != agency and (self._in_force(current, on) or not following):
                found.append(current)
            elif new := [successor for successor in following if successor not in passed]:
                passed.update(new)
                waiting.extend(new)
        return found


def former_and_present(name: str, successors: Sequence[str]) -> str:
    """How documents name an agency that is over: 原…（现…）."""
    return f"原{name}（现{'、'.join(successors)}）" if successors else f"原{name}"
