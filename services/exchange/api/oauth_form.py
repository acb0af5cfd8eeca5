"""Requests to the token endpoint and its neighbours: the form, the client's proof in it, and errors as OAuth has them.

Nothing is chosen from what is ambiguous: a repeated parameter, two `Authorization` headers, or two ways of proving
the client are refused (RFC 6749, 2.3 and 3.2).
"""

import base64
import binascii
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.exchange.service.clients import AssertionProof, SecretProof
from services.kernel.problems import Problem

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM: Final = "application/x-www-form-urlencoded"
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_LONGEST_FORM: Final = 16 * 1024

ErrorCode = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unsupported_grant_type",
    "invalid_scope",
    "rate_limited",
    "server_error",
    "temporarily_unavailable",
]


class OAuthError(Exception):
    """A refusal in the form of RFC 6749, 5.2; its text is for the programmer of the client."""

    def __init__(
        self,
        error: ErrorCode,
        description: str,
        *,
        status: int = 400,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(description)
        self.error, self.description, self.headers = error, description, dict(headers or {})
        self.status = 401 if error == "invalid_client" else status

    def response(self) -> Response:
        """The refusal as an answer."""
        headers = NO_STORE | self.headers
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="zhixin", charset="UTF-8"'
        body = msgspec.json.encode({"error": self.error, "error_description": self.description})
        return Response(body, self.status, headers, "application/json")


class OAuthRoute(APIRoute):
    """A route whose every error has the form of RFC 6749, those of the dependencies before it included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with its errors translated."""
        handle = super().get_route_handler()

        async def handle_or_refuse(request: Request) -> Response:
            try:
                return await handle(request)
            except OAuthError as refusal:
                return refusal.response()
            except RequestValidationError:
                return OAuthError("invalid_request", "a parameter is not valid").response()
            except Problem as problem:
                return _translated(problem.entry.status, problem.code).response()
            except HTTPException as error:
                return _translated(error.status_code, str(error.detail)).response()

        return handle_or_refuse


def _translated(status: int, reason: str) -> OAuthError:
    if status >= 500:
        return OAuthError(
            "temporarily_unavailable" if status == 503 else "server_error", reason, status=status
        )
    return OAuthError("invalid_request", reason, status=400 if status == 401 else status)


async def read_form(request: Request) -> dict[str, str]:
    """The parameters of a form, each once; one without a value counts as absent (RFC 6749, 3.2).

    Raises:
        OAuthError: `invalid_request`, when the body is no such form, is too long or repeats a parameter.
    """
    declared = request.headers.getlist("content-type")
    media_type, _, _ = (declared[0] if len(declared) == 1 else "").partition(";")
    if media_type.strip().lower() != FORM:
        raise OAuthError("invalid_request", f"send the parameters as {FORM}", status=415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise OAuthError("invalid_request", f"a form has at most {_LONGEST_FORM} bytes", status=413)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:
        raise OAuthError("invalid_request", "the form cannot be read as UTF-8 in percent-encoding") from None
    names = [name for name, _ in pairs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise OAuthError("invalid_request", f"a parameter is repeated: {', '.join(repeated)[:100]}")
    return {name: value for name, value in pairs if value}


def client_proof(authorization: list[str], form: Mapping[str, str]) -> SecretProof | AssertionProof:
    """How the client proves who it is, by exactly one method.

    Raises:
        OAuthError: `invalid_request` for two methods at once or half of one, `invalid_client` for none.
    """
    if len(authorization) > 1:
        raise OAuthError("invalid_request", "two Authorization headers")
    offered = [
        bool(authorization),
        "client_secret" in form,
        bool({"client_assertion", "client_assertion_type"} & form.keys()),
    ]
    if sum(offered) > 1:
        raise OAuthError("invalid_request", "more than one method of client authentication")
    if authorization:
        return _basic(authorization[0], form.get("client_id"))
    if "client_secret" in form:
        if "client_id" not in form:
            raise OAuthError("invalid_request", "client_secret without client_id")
        return SecretProof(form["client_id"], form["client_secret"])
    if "client_assertion" in form:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise OAuthError("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
        return AssertionProof(form["client_assertion"], form.get("client_id"))
    raise OAuthError("invalid_client", "no client authentication")


def _basic(header: str, named: str | None) -> SecretProof:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise OAuthError("invalid_client", "this endpoint takes HTTP Basic, not another scheme")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        client_id, colon, secret = decoded.partition(":")
        # Both halves are form-encoded before they are joined (RFC 6749, 2.3.1), so that either may hold a colon.
        client_id, secret = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        raise OAuthError("invalid_client", "the Authorization header cannot be read") from None
    if not colon:
        raise OAuthError("invalid_client", "the Authorization header cannot be read")
    if named is not None and named != client_id:
        raise OAuthError("invalid_request", "client_id differs from the Authorization header")
    return SecretProof(client_id, secret)
