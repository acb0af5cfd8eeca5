"""A version of a record as it is kept and as its event tells it."""

from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

from services.credit.service.source import OWN, Source
from services.credit.service.workspace import instant_text

_encode: Final = msgspec.json.Encoder().encode


def content_of(
    record_id: bytes, version: int, *, provider: bytes, recorded_at: bytes, source: Source, canonical: bytes
) -> bytes:
    """What was stated (`canonical`, JSON), behind whose record it is, which version, and when it was recorded. `provider`
    is JSON."""
    return b'{"record_id":"%b","version":%d,"provider":%b,"recorded_at":"%b",%b%b' % (
        record_id, version, provider, recorded_at, b"" if source is OWN else _told(source), canonical[1:],
    )  # fmt: skip


@lru_cache(maxsize=1_024)
def instant_of(instant: datetime) -> bytes:
    """An instant as content and events write it."""
    return instant_text(instant).encode()


@lru_cache(maxsize=1_024)
def _told(source: Source) -> bytes:
    return _encode(source.told())[1:-1] + b","
