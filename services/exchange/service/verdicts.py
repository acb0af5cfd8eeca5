"""Verdicts as lines: put back into the order of the batch, and shown inline."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.exchange.context import Exchange
from services.exchange.domain.body import put_back
from services.exchange.store import batches
from services.kernel.memory import after_large_page

_read_places = msgspec.json.Decoder(list[int]).decode


def verdict_lines(verdicts: str) -> list[str]:
    """The verdicts of an NDJSON page. A text in them may hold what Unicode calls the end of a line: JSON does not."""
    return verdicts.split("\n")[:-1]


def with_items(described: dict[str, Any], verdicts: Sequence[str]) -> bytes:
    """A batch with its verdicts inline, in order."""
    return msgspec.json.encode(described)[:-1] + b',"items":[' + ",".join(verdicts).encode() + b"]}"


def put_in_order(exchange: Exchange, batch_id: str, window: int, arranged: dict[int, str]) -> None:
    """Store the verdicts of a window's arranged pages, each page its share in the order of the batch, and forget them
    here; nothing when another worker has done so."""
    with exchange.database.write("exchange.verdicts_ordered") as session:
        numbers, pages = list[int](), list[tuple[list[int], list[str]]]()
        for number, places, stored in batches.arranged_pages(session, batch_id, window):
            numbers.append(number)
            pages.append((_read_places(places), verdict_lines(stored or arranged.pop(number))))
        for number, share in zip(numbers, put_back(pages) if pages else (), strict=True):
            batches.place_verdicts(session, batch_id, number, "\n".join([*share, ""]))
    after_large_page()
