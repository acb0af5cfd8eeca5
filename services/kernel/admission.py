"""Who calls is asked before a body is read.

The framework reads and parses a JSON body first and asks who sent it later; a stranger could so have megabytes parsed. What
carries a body passes here first: by the same table and the same guard, whose check in front of the endpoint stays.
"""

import re
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from services.kernel.access import AccessTable, Authentication, Guard, Rule
from services.kernel.problems import Problem, send_problem

_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OPEN: Final = frozenset({Authentication.NONE, Authentication.CLIENT})
_PART: Final = re.compile(r"\\\{[^}]*\\\}")


class AdmitFirst:
    """Refuses a caller whom the route's rule does not admit, before a byte of the body is taken."""

    def __init__(self, app: ASGIApp, *, table: AccessTable) -> None:
        self._app = app
        self._rules: dict[str, list[tuple[re.Pattern[str], Rule]]] = {}
        for (method, path), rule in table.items():
            if method in _WITH_BODY and rule.authentication not in _OPEN:
                pattern = re.compile(_PART.sub("[^/]+", re.escape(path)))
                self._rules.setdefault(method, []).append((pattern, rule))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        rule = self._rule(scope) if scope["type"] == "http" else None
        if rule is None:
            await self._app(scope, receive, send)
            return
        headers = scope["headers"]
        authorization = [value.decode("latin-1") for name, value in headers if name == b"authorization"]
        guard: Guard = scope["app"].state.guard
        try:
            await run_in_threadpool(guard.admit, rule, authorization, scope)
        except Problem as problem:
            language = dict(headers).get(b"accept-language")
            await send_problem(
                send, problem, path=scope["path"], language=language.decode("latin-1") if language else None,
                request_id=scope.get("zhixin.request_id", ""),
            )  # fmt: skip
            return
        await self._app(scope, receive, send)

    def _rule(self, scope: Scope) -> Rule | None:
        path = scope["path"]
        return next(
            (rule for pattern, rule in self._rules.get(scope["method"], ()) if pattern.fullmatch(path)), None
        )
