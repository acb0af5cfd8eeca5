"""What reading the journal needs of a database: the head, a page, and a stream of stored bytes.

One module a database stands behind it. An event was rendered once, when it was numbered; reading relays its bytes.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from services.kernel.policy import Reach
from services.kernel.regions import codes_within


class HeadState(NamedTuple):
    """Where the journal stands, and the last event that is no longer served."""

    epoch: int
    seq: int
    floor: int


class Found(NamedTuple):
    """An event at its place, with what grants look at."""

    seq: int
    body: str
    uscc: str | None
    kind: str
    region: str


class Slice(NamedTuple):
    """Kinds that a caller may pull in the same regions."""

    kinds: Sequence[str]
    regions: Sequence[str]


class Reader(NamedTuple):
    """Who reads, and on which day: what is shared no longer is left to its provider."""

    agency: str
    on: date


class JournalLane(Protocol):
    """The reads of one database."""

    async def open(self) -> None:
        """Connect."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...

    async def head(self) -> HeadState:
        """Where the journal stands."""
        ...

    async def forks(self, epoch: int) -> int | None:
        """The fork after which the epoch that followed `epoch` began; None when it has no successor."""
        ...

    async def page(
        self, after: int, through: int, slices: Sequence[Slice], reader: Reader, limit: int
    ) -> Sequence[Found]:
        """Events in a range that the slices allow and that are shared with the reader, in order."""
        ...

    def stream(
        self, after: int, through: int, slices: Sequence[Slice], reader: Reader
    ) -> AsyncIterator[bytes]:
        """The same as lines, as many bytes at a time as are at hand."""
        ...


def slices_of(reach: Reach, kind: str | None) -> list[Slice]:
    """A reach as the databases can filter by: kinds grouped by equal regions, regions spelled out."""
    grouped: dict[frozenset[str], list[str]] = {}
    for name in sorted(reach.kinds):
        if kind is None or name == kind:
            grouped.setdefault(reach.roots(name), []).append(name)
    return [
        Slice(kinds, sorted(frozenset().union(*(codes_within(root) for root in roots))))
        for roots, kinds in grouped.items()
    ]
