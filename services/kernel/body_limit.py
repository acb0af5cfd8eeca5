"""A limit on bodies that are read whole before anybody's right is looked at.

The framework reads a JSON body first and asks who sent it later. Where anybody may knock, as at the login, a body is
therefore cut off here: by the length that it announces, or while it arrives when it announces none.
"""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kernel.problems import Problem, send_problem


class BodyLimit:
    """Refuses bodies over `limit` bytes on the paths that begin with one of `prefixes`."""

    def __init__(self, app: ASGIApp, *, prefixes: tuple[str, ...], limit: int) -> None:
        self._app, self._prefixes, self._limit = app, prefixes, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        announced = headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._limit:
            await send_problem(
                send, Problem("body_too_large", limit=self._limit), path=scope["path"],
                language=headers.get(b"accept-language", b"").decode("latin-1"),
                request_id=scope.get("zhixin.request_id", ""),
            )  # fmt: skip
            return
        taken = 0

        async def take() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._limit:
                raise HTTPException(413)
            return message

        await self._app(scope, take, send)
