"""Credit's copy of the access policy: polled from the exchange, used offline, and never used when it is old."""

import asyncio
import time
from typing import Final

import httpx
import msgspec
import structlog

from services.kernel.policy import STALE_AFTER_SECONDS, Policy
from services.kernel.problems import Problem
from services.kernel.service_client import ServiceClient

POLL_SECONDS: Final = 1.0
_RETRY_SECONDS: Final = 0.2
_TIMEOUT_SECONDS: Final = 2.0
log = structlog.get_logger(__name__)


class _Unchanged(msgspec.Struct):
    version: int
    unchanged: bool = False


class PolicyMirror:
    """The last policy that the exchange told, and how long ago."""

    def __init__(self, exchange: ServiceClient) -> None:
        self._exchange = exchange
        self._policy: Policy | None = None
        self._confirmed_at = 0.0

    def current(self) -> Policy:
        """The policy in force.

        Raises:
            Problem: `policy_stale` when the exchange has not confirmed it within four seconds.
        """
        if self._policy is None or time.monotonic() - self._confirmed_at > STALE_AFTER_SECONDS:
            raise Problem("policy_stale", headers={"Retry-After": "1"})
        return self._policy

    async def refresh(self) -> None:
        """Ask once; an answer counts from when the question was put, because it was true then."""
        asked_at = time.monotonic()
        known = {"known": self._policy.version} if self._policy else {}
        answer = await self._exchange.request(
            "GET", "/internal/policy", params=known, timeout=_TIMEOUT_SECONDS
        )
        answer.raise_for_status()
        if not msgspec.json.decode(answer.content, type=_Unchanged).unchanged:
            self._policy = msgspec.json.decode(answer.content, type=Policy)
        self._confirmed_at = asked_at

    async def keep_fresh(self) -> None:
        """Ask every second, for ever; sooner after a failure."""
        while True:
            try:
                await self.refresh()
            except (httpx.HTTPError, msgspec.DecodeError) as failure:
                log.warning("policy_refresh_failed", reason=type(failure).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                await asyncio.sleep(POLL_SECONDS)
