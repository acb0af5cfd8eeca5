"""The proof that a pull missed nothing: pages join, numbers rise, no event comes twice; pure."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from services.exchange.client.failures import BrokenCoverageError

_REMEMBERED: Final = 1_000_000
"""Ids kept for the check of repetition; rising numbers are checked without a limit."""


class Covers(msgspec.Struct, frozen=True):
    """The numbers that a page speaks for: above `after`, up to `through`, filtered events included."""

    after: int
    through: int


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """The last line of an NDJSON page; without it the page is not whole."""

    control: str
    epoch: int
    covers: Covers
    head: int
    grant_version: int
    next: str
    more: bool


class EventHead(msgspec.Struct, frozen=True, kw_only=True):
    """What the proof needs of an event."""

    id: str
    seq: int
    epoch: int


@dataclass
class Coverage:
    """What has been covered so far, from `start` through `through`; None before the first page."""

    start: int | None = None
    through: int | None = None
    epoch: int = 0
    events: int = 0
    grant_version: int | None = None
    _ids: "OrderedDict[str, None]" = field(default_factory=OrderedDict)

    def accept(self, page: Control, events: list[EventHead]) -> None:
        """Take a page into the proof.

        Raises:
            BrokenCoverageError: it leaves a hole, goes back, or repeats an event; nothing is taken then.
        """
        after, through = page.covers.after, page.covers.through
        if self.through is not None and after != self.through:
            what = "a hole" if after > self.through else "an overlap"
            raise BrokenCoverageError(
                f"{what}: the last page went through {self.through}, this one begins after {after}"
            )
        if through < after or page.head < through:
            raise BrokenCoverageError(
                f"the page claims {after + 1}–{through} of a journal that ends at {page.head}"
            )
        if page.epoch < self.epoch:
            raise BrokenCoverageError(f"the journal went back from epoch {self.epoch} to {page.epoch}")
        if page.more and through == after:
            raise BrokenCoverageError(f"the page says that there is more, but moves nowhere from {after}")
        self._check_events(after, through, page.epoch, events)
        for event in events:
            self._ids[event.id] = None
            if len(self._ids) > _REMEMBERED:
                self._ids.popitem(last=False)
        self.start = after if self.start is None else self.start
        self.through, self.epoch, self.grant_version = through, page.epoch, page.grant_version
        self.events += len(events)

    def _check_events(self, after: int, through: int, epoch: int, events: list[EventHead]) -> None:
        last, seen = after, set[str]()
        for event in events:
            if event.seq <= last:
                raise BrokenCoverageError(f"event {event.id} has number {event.seq} after {last}")
            if event.seq > through:
                raise BrokenCoverageError(
                    f"event {event.id} has number {event.seq} beyond the page's {through}"
                )
            if event.epoch > epoch:
                raise BrokenCoverageError(f"event {event.id} is of epoch {event.epoch}, the page of {epoch}")
            if event.id in seen or event.id in self._ids:
                raise BrokenCoverageError(f"event {event.id} came twice")
            seen.add(event.id)
            last = event.seq

    def statement(self) -> str:
        """What is proven, in one sentence."""
        if self.through is None or self.start is None:
            return "nothing was covered"
        if self.through == self.start:
            return f"nothing new after seq {self.through}, none missed"
        return f"covered seq {self.start + 1}–{self.through}, {self.events} events, none missed"

    def summary(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "covered": {"after": self.start, "through": self.through},
            "events": self.events,
            "epoch": self.epoch,
            "complete": True,
        }
