"""Structured logs and request identity: one JSON line an event, and an id that ties a caller's question to them."""

import logging
import re
import sys
import time
from typing import Final
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.tracebacks import ExceptionDictTransformer

from services.kernel.rate_limit import SCOPE_KEY

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_ROUTINE: Final = (
    "/internal/policy",
    "/internal/outbox",
    "/internal/access-entries",
    "/healthz",
    "/readyz",
    "/metrics",
)
"""What asks several times a second by itself, and would drown the rest of the log."""
log = structlog.get_logger(__name__)


def configure_logging(level: str = "INFO") -> None:
    """Log as JSON lines on standard error; secrets and bodies are never passed to a logger."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


REQUESTS: Final = Counter(
    "zhixin_requests", "Requests answered, by service and class of status.", ("service", "status")
)
SECONDS: Final = Histogram("zhixin_request_seconds", "Time to answer, by service.", ("service",))


def request_id_of(given: bytes) -> str:
    """The caller's own request id when it is one that may be logged, else a new one."""
    text = given.decode("latin-1")
    return text if _REQUEST_ID.fullmatch(text) else uuid4().hex


class RequestIdentity:
    """Gives every request an id, answers it in `X-Request-Id`, keeps the caller's trace, and logs one line."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request inside its context."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = request_id_of(headers.get(b"x-request-id", b""))
        trace = _TRACEPARENT.fullmatch(headers.get(b"traceparent", b"").decode("latin-1"))
        scope["zhixin.request_id"] = request_id
        started, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
                message["headers"] += scope.get(SCOPE_KEY, ())
            await send(message)

        with structlog.contextvars.bound_contextvars(
            request_id=request_id, service=self._service, **({"trace_id": trace[1]} if trace else {})
        ):
            try:
                await self._app(scope, receive, answer)
            finally:
                seconds = time.perf_counter() - started
                REQUESTS.labels(self._service, f"{status // 100}xx").inc()
                SECONDS.labels(self._service).observe(seconds)
                tell = log.debug if scope["path"].startswith(_ROUTINE) else log.info
                tell(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    ms=round(seconds * 1000, 1),
                )
