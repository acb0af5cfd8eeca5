"""Entity tags: a read that has not changed since the caller's last costs no body (RFC 9110, 13)."""

from hashlib import blake2b

from starlette.responses import Response

from services.kernel.purpose import CASE_HEADER, PURPOSE_HEADER

VARY = f"Authorization, {PURPOSE_HEADER}, {CASE_HEADER}"
"""What an answer depends on besides its address: the caller, and the purpose that it states."""


def etag_of(body: bytes) -> str:
    """A strong tag: a digest of the very bytes, so that a projection for another caller has another tag."""
    return f'"{blake2b(body, digest_size=9).hexdigest()}"'


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether a caller's `If-None-Match` names the tag."""
    if not if_none_match:
        return False
    return if_none_match.strip() == "*" or etag in (
        tag.strip().removeprefix("W/") for tag in if_none_match.split(",")
    )


def answer(if_none_match: str | None, body: bytes) -> Response:
    """The JSON body with its tag, or 304 when the caller has it."""
    etag = etag_of(body)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": VARY}
    if matches(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
