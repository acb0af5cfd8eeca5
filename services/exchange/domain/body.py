"""How a body is cut into pages. Pure: lines in, pages out.

Each enterprise on a page costs credit one cycle of lock, read, grade and write, however many records the page has of
it. A large body names its enterprises again and again, in any order; a window of its lines is therefore arranged by
enterprise before it is cut, and most enterprises stand on one page of it. `places` remembers where the lines stood.
Of a window only the places of its lines are held; the lines are read again, page by page.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol


class Source(Protocol):
    """A body that can be read again: lines from a byte on, and the bytes of a line once its place is known."""

    def lines(self, start: int) -> Iterator[bytes]:
        """The lines from a byte on, their ends included."""

    def read(self, start: int, size: int) -> bytes:
        """So many bytes from a byte on."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most items and bytes of a page, and of the window in which lines are arranged."""

    page_items: int = 3_000
    page_bytes: int = 4 << 20
    window_items: int = 200_000
    window_bytes: int = 256 << 20


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class PageCut:
    """One page: its number, the window it belongs to, how many items, their lines, and where these stood in the batch.

    Pages of one window may be taken in any order, windows only one after the other. `places` are the indexes of an
    arranged page's items, rising within each enterprise; None when the items follow each other from `first_index`.
    The pages of an arranged window share its range: `first_index` is then where the page's share of the verdicts
    begins once these are back in the order of the batch.
    """

    number: int
    window: int
    first_index: int
    items: int
    body: bytes
    places: tuple[int, ...] | None = None


Identify = Callable[[bytes], tuple[str, str] | None]
"""What a line is about: which record and which enterprise; None for a line that can't be read."""


@dataclass
class _Window:
    """The lines of a stretch of the body: where each stands, and what it is about."""

    start: int
    end: int
    starts: "array[int]" = field(default_factory=lambda: array("Q"))
    sizes: "array[int]" = field(default_factory=lambda: array("Q"))
    subjects: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """Each name once, however many lines bear it."""
    records: dict[int, str] = field(default_factory=dict)
    """Which enterprise each record is about, by the record's hash: two of one hash only cost the arrangement."""
    repeats: bool = False
    is_tied: bool = False
    """One record stands under two enterprises: only the order of the lines says which one stays."""

    @property
    def size(self) -> int:
        return self.end - self.start

    def add(self, start: int, size: int, named: tuple[str, str] | None) -> None:
        """Note a line."""
        self.starts.append(start)
        self.sizes.append(size)
        record, subject = named or ("", "")
        subject = self.names.setdefault(subject, subject)
        self.subjects.append(subject)
        if named is None:
            return
        seen = len(self.records)
        is_about = self.records.setdefault(hash(record), subject)
        if len(self.records) == seen:
            self.repeats = True
            self.is_tied |= is_about != subject


def cut(source: Source, identify: Identify, limits: Limits = LIMITS) -> Iterator[PageCut]:
    """The pages of a body; blank lines are no items."""
    number = window = first = start = 0
    while (held := _scan(source, start, identify, limits)).sizes:
        arranged = _arranged(held, limits)
        offset = first
        for positions in arranged or _in_sequence(held, limits):
            places = tuple(first + position for position in positions) if arranged else None
            lines = [source.read(held.starts[position], held.sizes[position]) for position in positions]
            body = b"\n".join(lines) + b"\n"
            yield PageCut(number, window, offset, len(positions), body, places)
            number, offset = number + 1, offset + len(positions)
            window += not arranged
        window += bool(arranged)
        first, start = first + len(held.sizes), held.end


def _scan(source: Source, start: int, identify: Identify, limits: Limits) -> _Window:
    held = _Window(start, start)
    for line in source.lines(start):
        item = line.rstrip(b"\r\n")
        if item and not item.isspace():
            held.add(held.end, len(item), identify(item))
        held.end += len(line)
        if len(held.sizes) == limits.window_items or held.size >= limits.window_bytes:
            break
    return held


def _in_sequence(held: _Window, limits: Limits) -> Iterator[Sequence[int]]:
    start = size = 0
    for position, length in enumerate(held.sizes, 1):
        size += length
        if position - start == limits.page_items or size >= limits.page_bytes:
            yield range(start, position)
            start, size = position, 0
    if start < len(held.sizes):
        yield range(start, len(held.sizes))


def _arranged(held: _Window, limits: Limits) -> list[list[int]] | None:
    """Pages of positions, enterprise by enterprise; None where the order of the lines must stay, or may as well."""
    if held.is_tied or (len(held.sizes) <= limits.page_items and held.size < limits.page_bytes):
        return None
    pages, is_split = _pages_of(held, limits)
    return None if held.repeats and is_split else pages


def _pages_of(held: _Window, limits: Limits) -> tuple[list[list[int]], bool]:
    """The pages, cut between enterprises; whether one was so large that it had to be split all the same."""
    subjects = held.subjects
    pages: list[list[int]] = [[]]
    size, is_split = 0, False
    for position in sorted(range(len(subjects)), key=subjects.__getitem__):
        page = pages[-1]
        if len(page) >= limits.page_items or size >= limits.page_bytes:
            is_new_subject = subjects[position] != subjects[page[-1]]
            is_too_large = len(page) >= 2 * limits.page_items or size >= 2 * limits.page_bytes
            if is_new_subject or is_too_large:
                is_split |= not is_new_subject
                pages.append([])
                size = 0
        pages[-1].append(position)
        size += held.sizes[position]
    return pages, is_split


def put_back(pages: Sequence[tuple[Sequence[int], Sequence[str]]]) -> list[list[str]]:
    """What stands for the items of a window's pages (places, and a text each) in the order of the batch again, in shares
    as large as the pages."""
    first = min(min(places) for places, _ in pages)  # no page need begin with it
    ordered = [""] * sum(len(places) for places, _ in pages)
    for places, texts in pages:
        for place, text in zip(places, texts, strict=True):
            ordered[place - first] = text
    shares, start = [], 0
    for places, _ in pages:
        shares.append(ordered[start : start + len(places)])
        start += len(places)
    return shares
