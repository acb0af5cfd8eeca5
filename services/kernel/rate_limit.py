"""What an answer says of a limit (draft-ietf-httpapi-ratelimit-headers): `RateLimit-Policy`, `RateLimit`, `Retry-After`."""

from typing import Final

SCOPE_KEY: Final = "zhixin.rate_limit"
"""Where a request keeps the headers that its answer will carry."""
RawHeaders = list[tuple[bytes, bytes]]


def policy_of(name: str, quota: int, window: int) -> str:
    """A limit: so many in a window of seconds."""
    return f'"{name}";q={quota};w={window}'


def state_of(name: str, remaining: int, reset: int) -> str:
    """How many are left, and in how many seconds there will be more."""
    return f'"{name}";r={remaining};t={reset}'


def refusal_headers(name: str, quota: int, window: int, wait: int) -> dict[str, str]:
    """The headers of a 429: nothing is left for so many seconds."""
    return {
        "Retry-After": str(wait),
        "RateLimit-Policy": policy_of(name, quota, window),
        "RateLimit": state_of(name, 0, wait),
    }
