"""Where a body is cut into pages. Pure: lines in, pages out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

PAGE_ITEMS: Final = 4_000
PAGE_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class PageCut:
    """One page: its number, the place of its first item in the batch, how many items, and their lines."""

    number: int
    first_index: int
    items: int
    body: bytes


def cut(lines: Iterable[bytes]) -> Iterator[PageCut]:
    """Pages of at most `PAGE_ITEMS` items and about `PAGE_BYTES` bytes; blank lines are no items."""
    number = first = size = 0
    held: list[bytes] = []
    for line in lines:
        if not line or line.isspace():
            continue
        held.append(line.rstrip(b"\r\n"))
        size += len(line)
        if len(held) == PAGE_ITEMS or size >= PAGE_BYTES:
            yield PageCut(number, first, len(held), b"\n".join(held) + b"\n")
            number, first, size, held = number + 1, first + len(held), 0, []
    if held:
        yield PageCut(number, first, len(held), b"\n".join(held) + b"\n")
