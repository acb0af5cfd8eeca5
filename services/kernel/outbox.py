"""The wire between credit's outbox and the exchange's journal: events rendered once, and their acknowledgement.

Credit renders an event when it is written, without `epoch` and `seq`, which only the journal can give; the exchange
puts those two in front of the same bytes. On the wire the first line lists runs of events, `[[number, events], …]`; the
events follow, a line each. What one transaction wrote is one run or a few, and the journal takes a run whole.
"""

from collections.abc import Iterable
from hashlib import blake2b
from itertools import islice
from typing import Any, Final

import msgspec

EVENT_SCHEMA: Final = 1


class EventHeader(msgspec.Struct, frozen=True):
    """What the journal needs to know of an event; `data` stays unread bytes."""

    id: str
    type: str
    uscc: str
    enterprise_version: int
    provider: str | None
    kind: str | None
    region: str | None
    record_id: str | None
    recorded_at: str


class Acknowledgement(msgspec.Struct, frozen=True):
    """One run that the journal holds: its number and the `seq` that its first event got in an epoch."""

    no: int
    seq: int


class Rewound(msgspec.Struct):
    """How many runs of events are unsent again, and the highest number of a batch that credit took; 0 where none are."""

    unsent: int
    batch_no: int = 0


class Acknowledgements(msgspec.Struct, frozen=True):
    """What the relay reports after its commit."""

    epoch: int
    runs: list[Acknowledgement]


_decode_runs = msgspec.json.Decoder(list[tuple[int, int]]).decode
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


def render_first_statement(
    *,
    uscc: str,
    enterprise_version: int,
    provider: bytes,
    kind: str,
    region: str,
    record_id: bytes,
    recorded_at: bytes,
    content: bytes,
) -> bytes:
    """The event of a record's first version, as `render_event` renders it, from pieces that are rendered already:
    `provider` is JSON, codes and ids hold nothing that JSON escapes."""
    rest = (
        b'{"type":"record_upserted","schema":%d,"uscc":"%b","enterprise_version":%d,"provider":%b,"kind":"%b",'
        b'"region":"%b","record_id":"%b","record_version":1,"recorded_at":"%b","withheld":[],"data":%b}'
    ) % (
        EVENT_SCHEMA, uscc.encode(), enterprise_version, provider, kind.encode(), region.encode(), record_id,
        recorded_at, content,
    )  # fmt: skip
    return b'{"id":"%b",%b' % (blake2b(rest, digest_size=16).hexdigest().encode(), rest[1:])


Event = tuple[EventHeader, bytes]


def render_runs(runs: Iterable[tuple[int, int]], lines: Iterable[bytes]) -> bytes:
    """The wire body for runs `(number, events)` and their events, a line each, in texts of one or more lines; empty for
    none."""
    listed = list(runs)
    return b"\n".join([_encode(listed), *lines, b""]) if listed else b""


def read_runs(body: bytes) -> list[tuple[int, list[Event]]]:
    """The runs of a wire body: number, and events as header and bytes.

    Raises:
        msgspec.DecodeError: a line is not an event.
        ValueError: there are more or fewer events than the first line says.
    """
    if not body:
        return []
    head, *lines = body[:-1].split(
        b"\n"
    )  # nothing but our line ends: a text in an event may hold others of Unicode's
    runs = _decode_runs(head)
    if sum(count for _, count in runs) != len(lines):
        raise ValueError(f"{len(lines)} events came, the first line says otherwise")
    waiting = iter(lines)
    return [(no, [(_decode_header(line), line) for line in islice(waiting, count)]) for no, count in runs]


def with_position(event: bytes, *, epoch: int, seq: int) -> bytes:
    """The event as the journal serves it, its place in front."""
    return b'{"epoch":%d,"seq":%d,%b' % (epoch, seq, event[1:])
