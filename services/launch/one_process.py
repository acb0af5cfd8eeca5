"""Both services in one process behind one address: same code, same contract, same authentication, no network between.

Each request goes to the service that owns its path; `/internal` is not reachable from outside, as behind the proxy of
a larger deployment. The services call each other through their ASGI interfaces.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final
from uuid import uuid4

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from services.credit.app import create_app as create_credit
from services.credit.settings import CreditSettings
from services.exchange.app import create_app as create_exchange
from services.exchange.settings import ExchangeSettings
from services.kernel.clock import Clock, system_clock
from services.kernel.problems import Problem, send_problem

_EXCHANGE_PATHS: Final = (
    "/oauth2/", "/.well-known/", "/v1/batches", "/v1/packages", "/v1/changes", "/v1/snapshots", "/v1/subscriptions", "/v1/catalogue",
    "/v1/grants", "/v1/access-requests", "/v1/access-log", "/v1/supply-quality", "/v1/log/", "/v1/departments",
    "/v1/agencies", "/v1/credentials", "/v1/staff", "/v1/audit", "/admin",
)  # fmt: skip
_NOT_SERVED: Final = "/internal"


class OneProcess:
    """The ASGI application of the embedded deployment."""

    def __init__(
        self, credit: CreditSettings, exchange: ExchangeSettings, *, clock: Clock = system_clock
    ) -> None:
        to_credit, to_exchange = _Link(), _Link()
        self.credit: FastAPI = create_credit(credit, clock=clock, exchange_transport=to_exchange.transport)
        self.exchange: FastAPI = create_exchange(exchange, clock=clock, credit_transport=to_credit.transport)
        to_credit.app, to_exchange.app = self.credit, self.exchange

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the service that owns its path."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path: str = scope["path"]
        if path.startswith(_NOT_SERVED):
            language = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
            await send_problem(
                send, Problem("not_found"), path=path, language=language, request_id=uuid4().hex
            )
            return
        app = self.exchange if path.startswith(_EXCHANGE_PATHS) else self.credit
        await app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.lifespan():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as failure:
            await send({"type": "lifespan.startup.failed", "message": str(failure)})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Start the exchange, then credit, which asks it for the policy at once; stop them the other way round."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.exchange.router.lifespan_context(self.exchange))
            await stack.enter_async_context(self.credit.router.lifespan_context(self.credit))
            yield


class _Link:
    """A transport to an application that is made later than who calls it."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.transport = httpx.ASGITransport(self._call, raise_app_exceptions=False)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is None:
            raise RuntimeError("the service was called before it was made")
        await self.app(scope, receive, send)
