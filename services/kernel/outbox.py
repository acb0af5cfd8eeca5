"""The wire between credit's outbox and the exchange's journal: events rendered once, and their acknowledgement.

Credit renders an event when it is written, without `epoch` and `seq`, which only the journal can give; the exchange
puts those two in front of the same bytes. On the wire an event travels as one JSON line `{"no": …, "event": {…}}`.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final

import msgspec

EVENT_SCHEMA: Final = 1


class EventHeader(msgspec.Struct, frozen=True):
    """What the journal needs to know of an event; `data` stays unread bytes."""

    id: str
    type: str
    uscc: str | None
    enterprise_version: int | None
    provider: str | None
    kind: str | None
    region: str | None
    record_id: str | None
    recorded_at: str


class OutboxLine(msgspec.Struct, frozen=True):
    """One event on its way: its number in credit's outbox, and its bytes."""

    no: int
    event: msgspec.Raw


class Acknowledgement(msgspec.Struct, frozen=True):
    """One event that the journal holds: its outbox number and the `seq` it got in an epoch."""

    no: int
    seq: int


class Acknowledgements(msgspec.Struct, frozen=True):
    """What the relay reports after its commit."""

    epoch: int
    events: list[Acknowledgement]


_decode_line = msgspec.json.Decoder(OutboxLine).decode
_decode_header = msgspec.json.Decoder(EventHeader).decode
_encode = msgspec.json.Encoder().encode


def render_event(
    *,
    type_: str,
    uscc: str | None,
    enterprise_version: int | None,
    provider: str | None,
    kind: str | None,
    region: str | None,
    record_id: str | None,
    record_version: int | None,
    recorded_at: str,
    data: Any,
) -> tuple[str, bytes]:
    """An event's id and bytes. The id is a digest of the content, so that equal ids mean equal events."""
    rest = _encode(
        {
            "type": type_, "schema": EVENT_SCHEMA, "uscc": uscc, "enterprise_version": enterprise_version,
            "provider": provider, "kind": kind, "region": region, "record_id": record_id,
            "record_version": record_version, "recorded_at": recorded_at, "withheld": [], "data": data,
        }
    )  # fmt: skip
    event_id = blake2b(rest, digest_size=16).hexdigest()
    return event_id, b'{"id":"%b",%b' % (event_id.encode(), rest[1:])


def read_lines(body: bytes) -> Iterable[tuple[int, EventHeader, bytes]]:
    """The events of a wire body: number, header, bytes.

    Raises:
        msgspec.DecodeError: a line is not an event.
    """
    for line in body.splitlines():
        read = _decode_line(line)
        event = bytes(read.event)
        yield read.no, _decode_header(event), event


def with_position(event: bytes, *, epoch: int, seq: int) -> bytes:
    """The event as the journal serves it, its place in front."""
    return b'{"epoch":%d,"seq":%d,%b' % (epoch, seq, event[1:])
