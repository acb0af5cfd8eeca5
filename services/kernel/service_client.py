"""How one service calls the other: HTTP with a service token of its own key, short-lived, naming the actor."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final
from uuid import uuid4

import httpx

from services.kernel.bulk_transport import BulkTransport
from services.kernel.clock import Clock
from services.kernel.tokens import SERVICE_TYPE, KeyRing, SigningKey

LIFETIME_SECONDS: Final = 60
_READ: Final = httpx.ByteStream(b"")


class ServiceClient:
    """A pooled client for the other service's `/internal` routes."""

    def __init__(
        self,
        *,
        name: str,
        peer: str,
        base_url: str,
        key: SigningKey,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._name, self._peer, self._key, self._clock = name, peer, key, clock
        open_client = partial(
            httpx.AsyncClient, base_url=base_url, trust_env=False, timeout=httpx.Timeout(60, connect=5)
        )
        self._http = open_client(transport=transport)
        self._bulk = open_client(transport=transport or BulkTransport())

    async def request(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        actor: str | None = None,
        is_bulk: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109 - handed to the transport, which can tell its phases apart
    ) -> httpx.Response:
        """The other service's answer; `is_bulk` where one of the bodies may have megabytes.

        Raises:
            httpx.HTTPError: it could not be reached, or did not answer in time.
        """
        token = sign_service_token(
            self._key, issuer=self._name, audience=self._peer, actor=actor, now=self._clock()
        )
        answer = await (self._bulk if is_bulk else self._http).request(
            method,
            path,
            content=content,
            params=params,
            headers={"Authorization": f"Bearer {token}", **(headers or {})},
            timeout=timeout if timeout is not None else httpx.USE_CLIENT_DEFAULT,
        )
        answer.stream = (
            _READ  # the client ties an answer and its stream into a ring, which would keep both bodies
        )
        return answer

    async def close(self) -> None:
        """Give back the connections."""
        await self._http.aclose()
        await self._bulk.aclose()


def sign_service_token(
    key: SigningKey, *, issuer: str, audience: str, actor: str | None, now: datetime
) -> str:
    """A service token: a minute long, for one audience, with the agency on whose behalf it acts."""
    issued = int(now.timestamp())
    claims = {
        "iss": issuer,
        "sub": issuer,
        "aud": audience,
        "iat": issued,
        "exp": issued + LIFETIME_SECONDS,
        "jti": uuid4().hex,
    }
    return key.sign(claims | ({"act": {"sub": actor}} if actor else {}), SERVICE_TYPE)


def read_service_token(ring: KeyRing, token: str, *, issuer: str, audience: str, now: datetime) -> str | None:
    """The actor named by the peer's token, or None when it acts for itself.

    Raises:
        TokenError: the token is not a sound one of the peer for this service.
    """
    claims = ring.verify(token, typ=SERVICE_TYPE, issuer=issuer, audience=audience, now=now)
    actor = claims.get("act")
    return str(actor["sub"]) if isinstance(actor, dict) and "sub" in actor else None
