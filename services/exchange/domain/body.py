"""How a body is cut into pages. Pure: lines in, pages out.

Each enterprise on a page costs credit one cycle of lock, read, grade and write, however many records the page has of
it. A large body names its enterprises again and again, in any order; a window of its lines is therefore arranged by
enterprise before it is cut, and most enterprises stand on one page of it. `places` remembers where the lines stood.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """The most items and bytes of a page, and of the window in which lines are arranged."""

    page_items: int = 4_000
    page_bytes: int = 4 << 20
    window_items: int = 100_000
    window_bytes: int = 48 << 20


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


def cut(lines: Iterable[bytes], identify: Identify, limits: Limits = LIMITS) -> Iterator[PageCut]:
    """The pages of a body; blank lines are no items."""
    number = window = first = 0
    for held in _windows(lines, limits):
        arranged = _arranged(held, identify, limits)
        offset = first
        for positions in arranged or _in_sequence(held, limits):
            places = tuple(first + position for position in positions) if arranged else None
            body = b"\n".join([held[position] for position in positions]) + b"\n"
            yield PageCut(number, window, offset, len(positions), body, places)
            number, offset = number + 1, offset + len(positions)
            window += not arranged
        window += bool(arranged)
        first += len(held)


def _windows(lines: Iterable[bytes], limits: Limits) -> Iterator[list[bytes]]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        if not line or line.isspace():
            continue
        held.append(line.rstrip(b"\r\n"))
        size += len(line)
        if len(held) == limits.window_items or size >= limits.window_bytes:
            yield held
            held, size = [], 0
    if held:
        yield held


def _in_sequence(held: Sequence[bytes], limits: Limits) -> Iterator[Sequence[int]]:
    start = size = 0
    for position, line in enumerate(held, 1):
        size += len(line)
        if position - start == limits.page_items or size >= limits.page_bytes:
            yield range(start, position)
            start, size = position, 0
    if start < len(held):
        yield range(start, len(held))


def _arranged(held: Sequence[bytes], identify: Identify, limits: Limits) -> list[list[int]] | None:
    """Pages of positions, enterprise by enterprise; None where the order of the lines must stay, or may as well."""
    if len(held) <= limits.page_items and sum(map(len, held)) < limits.page_bytes:
        return None
    subjects, known, repeats = [], dict[str, str](), False
    for line in held:
        named = identify(line)
        record, subject = named or ("", "")
        subjects.append(subject)
        if named is None:
            continue
        if record in known:
            # one record under two enterprises: only the order of the lines says which one stays
            if known[record] != subject:
                return None
            repeats = True
        known[record] = subject
    pages, is_split = _pages_of(sorted(range(len(held)), key=subjects.__getitem__), held, subjects, limits)
    return None if repeats and is_split else pages


def _pages_of(
    order: Sequence[int], held: Sequence[bytes], subjects: Sequence[str], limits: Limits
) -> tuple[list[list[int]], bool]:
    """The pages, cut between enterprises; whether one was so large that it had to be split all the same."""
    pages: list[list[int]] = [[]]
    size, is_split = 0, False
    for position in order:
        page = pages[-1]
        if len(page) >= limits.page_items or size >= limits.page_bytes:
            is_new_subject = subjects[position] != subjects[page[-1]]
            is_too_large = len(page) >= 2 * limits.page_items or size >= 2 * limits.page_bytes
            if is_new_subject or is_too_large:
                is_split |= not is_new_subject
                pages.append([])
                size = 0
        pages[-1].append(position)
        size += len(held[position])
    return pages, is_split
