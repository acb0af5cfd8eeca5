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


def put_in_order(exchange: Exchange, batch_id: str) -> None:
    """Give every page its share of the verdicts in the order of the batch, window by window; safe to run again."""
    with exchange.database.read() as session:
        windows = batches.arranged_windows(session, batch_id)
    for window in windows:
        with exchange.database.write("exchange.verdicts_ordered") as session:
            pages = [
                (number, _read_places(stored), verdict_lines(lines))
                for number, stored, lines in batches.arranged_pages(session, batch_id, window)
            ]
            shares = put_back([(places, lines) for _, places, lines in pages])
            for (number, _, _), share in zip(pages, shares, strict=True):
                batches.place_verdicts(session, batch_id, number, "\n".join([*share, ""]))
        del pages, shares
        after_large_page()
