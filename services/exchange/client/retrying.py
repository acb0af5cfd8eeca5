"""Whether and when a request is sent again: facts in, a decision out."""

import email.utils
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

ATTEMPTS: Final = 8
_LONGEST_WAIT: Final = 300.0
_BUSY: Final = frozenset({429, 502, 503, 504})


def wait_asked(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that `Retry-After` asks for (RFC 9110, 10.2.3: seconds or a date); None when it says nothing."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_WAIT)
    if not text:
        return None
    try:
        at = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), _LONGEST_WAIT)


def wait_before_retry(
    attempt: int, *, status: int | None, code: str | None = None, asked: float | None = None
) -> float | None:
    """Seconds to wait before another attempt, or None when the answer is final.

    Args:
        attempt: how many attempts were made.
        status: the HTTP status, None when the connection failed.
        code: the problem's code.
        asked: what `Retry-After` asked for.
    """
    if attempt >= ATTEMPTS:
        return None
    if status is None or status in _BUSY or (status == 409 and code == "idempotency_key_in_flight"):
        return asked if asked is not None else min(0.25 * 2 ** (attempt - 1), 20.0)
    return None
