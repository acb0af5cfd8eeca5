"""The quick lane for the commonest request, one enterprise's grade: answered before the framework's routing.

It serves `GET /v1/enterprises/{uscc}/grade` without parameters; everything else passes on to the application, whose
route of the same path answers the same bytes (a test compares them). It stands outside the request log as well:
a lookup that succeeds is counted, one that is refused is logged.
"""

from typing import Final

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from services.credit.api.access_table import TABLE
from services.credit.api.dependencies import read_code
from services.credit.api.etag import VARY, etag_of, matches
from services.credit.api.state import CreditState
from services.credit.service.lookup import grade_bytes
from services.kernel.access import AgencyPrincipal, Guard
from services.kernel.clock import shanghai_day
from services.kernel.problems import Problem, send_problem
from services.kernel.rate_limit import RawHeaders
from services.kernel.telemetry import REQUESTS, request_id_of

_START: Final = "/v1/enterprises/"
_END: Final = "/grade"
_ANSWERED: Final = REQUESTS.labels("credit", "2xx")
_REFUSED: Final = REQUESTS.labels("credit", "4xx")
log = structlog.get_logger(__name__)
_RULE: Final = TABLE["GET", "/v1/enterprises/{uscc}/grade"]


class GradeLane:
    """Answers single grade lookups; hands every other request on."""

    def __init__(self, app: ASGIApp, *, state: CreditState, guard: Guard) -> None:
        self._app, self._state, self._guard = app, state, guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or scope["query_string"]
            or not (path := scope["path"]).endswith(_END)
            or not path.startswith(_START)
            or "/" in (code := path[len(_START) : -len(_END)])
        ):
            await self._app(scope, receive, send)
            return
        headers = scope["headers"]
        authorization = [value.decode("latin-1") for name, value in headers if name == b"authorization"]
        given = dict(headers)
        language = given[b"accept-language"].decode("latin-1") if b"accept-language" in given else None
        request_id = request_id_of(given.get(b"x-request-id", b""))
        limits: RawHeaders = []
        try:
            principal = self._guard.admit(_RULE, authorization, scope)
            sound = read_code(code, language)
            if isinstance(principal, AgencyPrincipal):
                limits = self._state.quota.spend(principal.client_id, (sound,))
            body = await self._grade(sound)
        except Problem as problem:
            log.info("lookup_refused", path=path, code=problem.code, request_id=request_id, service="credit")
            _REFUSED.inc()
            await send_problem(
                send, problem, path=path, language=language, request_id=request_id, more=limits
            )
            return
        _ANSWERED.inc()
        await _answer(send, body, given.get(b"if-none-match", b"").decode("latin-1"), request_id, limits)

    async def _grade(self, code: str) -> bytes:
        segments = await self._state.lane.card(code)
        if segments is None:
            raise Problem("not_found")
        credit = self._state.credit
        return grade_bytes(credit, segments, shanghai_day(credit.clock()))


async def _answer(send: Send, body: bytes, if_none_match: str, request_id: str, limits: RawHeaders) -> None:
    etag = etag_of(body)
    is_known = matches(if_none_match, etag)
    headers = [
        (b"etag", etag.encode()),
        (b"cache-control", b"private, no-cache"),
        (b"vary", VARY.encode()),
        (b"x-request-id", request_id.encode()),
        *limits,
    ]
    if not is_known:
        headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 304 if is_known else 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_known else body})
