"""What the hot reads need of a database: one card, many cards, one file — asynchronous, without an ORM.

One module a database stands behind it (`lane_postgres`, `lane_sqlite`). A card always comes from the primary, so that
it reflects every acknowledged push; no process keeps cards.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple, Protocol


class Segments(NamedTuple):
    """A card as stored: two rendered grades and the days for which they hold."""

    uscc: str
    valid_from: date
    next_change_on: date | None
    next_until: date | None
    body: str
    next_body: str | None

    def on(self, day: date) -> str | None:
        """The rendered grade for a day, or None when no rendered segment holds it and it must be computed."""
        if day < self.valid_from:
            return None
        if self.next_change_on is None or day < self.next_change_on:
            return self.body
        if self.next_until is None or day < self.next_until:
            return self.next_body
        return None


class StoredRecord(NamedTuple):
    """A record in a file: its kind and region, by which grants decide, its JSON, and what is shown of its remedies."""

    kind: str
    region: str
    content: str
    remedies: str | None


class FileParts(NamedTuple):
    """What a file is put together from."""

    segments: Segments
    name: str
    region: str
    registered: bool
    former_names: Sequence[str]
    identifiers: Sequence[tuple[str, str]]
    records: Sequence[StoredRecord]
    published_grade: str | None
    """The grade decision in force, as JSON."""


DECISION_IN_FORCE: Final = (
    "SELECT d.shown FROM grade_decision d WHERE d.uscc = {uscc} AND d.valid_from <= {day} AND d.valid_until >= {day}"
    " AND (d.annulled_on IS NULL OR d.annulled_on > {day}) ORDER BY d.valid_from DESC, d.proposed_at DESC, d.id DESC LIMIT 1"
)
"""The same as `domain/grade_decision.py` says (`in_force`)."""


class Lane(Protocol):
    """The hot reads of one database."""

    async def open(self) -> None:
        """Connect."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...

    async def card(self, uscc: str) -> Segments | None:
        """The card of one enterprise under the active rule book."""
        ...

    async def cards(self, codes: Sequence[str]) -> dict[str, Segments]:
        """The cards of the known ones among many enterprises."""
        ...

    async def file(
        self, uscc: str, kinds: Sequence[str], limit: int, *, reader: str, on: date
    ) -> FileParts | None:
        """The parts of one enterprise's file, with its latest records of some kinds that are shared on a day; what is
        shared no longer is left to its provider."""
        ...
